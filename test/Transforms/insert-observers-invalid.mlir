// RUN: not quant-opt %s --quantc-insert-observers=qconfig=%t.nowhere 2>&1 | FileCheck %s --check-prefix=NOFILE
// RUN: not quant-opt %s --quantc-insert-observers=qconfig=%s 2>&1 | FileCheck %s --check-prefix=NOJSON
// NOFILE: error: {{.*}}.nowhere: No such file or directory
// NOJSON: error: {{.*}}insert-observers-invalid.mlir: not valid JSON
func.func @f(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  return %x : tensor<1x4xf32>
}
