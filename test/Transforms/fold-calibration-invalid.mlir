// RUN: not quant-opt %s --quantc-fold-calibration 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: not quant-opt %s --quantc-fold-calibration=table=%t.nowhere 2>&1 | FileCheck %s --check-prefix=NOFILE
// RUN: not quant-opt %s --quantc-fold-calibration=table=%S/Inputs/fold-calibration.qcal 2>&1 | FileCheck %s --check-prefix=FOREIGN
// RUN: not quant-opt %s --quantc-fold-calibration=table=%S/Inputs/fold-calibration-missing.qcal 2>&1 | FileCheck %s --check-prefix=MISSING
// RUN: sed 's/"y"/"x"/; s/dense<1.0>/dense<0x7FC00000>/' %s | not quant-opt --quantc-fold-calibration=table=%S/Inputs/fold-calibration-nan.qcal 2>&1 | FileCheck %s --check-prefix=NAN

// NONE: error: no calibration table: give one with 'table='
// NOFILE: error: {{.*}}.nowhere: No such file or directory
// FOREIGN: error: {{.*}}fold-calibration.qcal: the calibration table belongs to another module
// MISSING: error: {{.*}}'quantc.observe' op of node 'sum' (Add) at site 'y' can't be folded: the calibration table lacks it; calibrate this model again
// NAN: error: 'quantc.observe' op of 'quantc.observe' at site 'x:weight' can't be folded: {{.*}}NaN
func.func @net(%x: tensor<1x4xf32>) -> (tensor<1x4xf32>, tensor<4xf32>) {
  %0 = quantc.observe %x "y" <kind = minmax, is_signed = true, quant_min = -128, quant_max = 127, qscheme = affine> : tensor<1x4xf32> loc("sum"("Add"))
  %w = "tosa.const"() {values = dense<1.0> : tensor<4xf32>} : () -> tensor<4xf32>
  %1 = quantc.observe %w "x:weight" <kind = minmax, is_signed = true, quant_min = -127, quant_max = 127, qscheme = symmetric> : tensor<4xf32>
  return %0, %1 : tensor<1x4xf32>, tensor<4xf32>
}
