// RUN: quant-opt %s --quantc-lower-copies | FileCheck %s

// CHECK-LABEL: func @copy
// CHECK-SAME: %[[A:.*]]: memref<4xi8>, %[[B:.*]]: memref<4xi8, strided<[2]>>
func.func @copy(%a: memref<4xi8>, %b: memref<4xi8, strided<[2]>>) {
  // CHECK: linalg.copy ins(%[[A]] : memref<4xi8>) outs(%[[B]] : memref<4xi8, strided<[2]>>)
  // CHECK-NOT: memref.copy
  memref.copy %a, %b : memref<4xi8> to memref<4xi8, strided<[2]>>
  return
}
