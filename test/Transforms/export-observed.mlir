// RUN: quant-opt %s --quantc-export-observed | FileCheck %s

// Each site becomes a result; the weight's is a constant, observed when the
// calibration is folded.
// CHECK-LABEL: func.func @net
// CHECK-SAME: (%[[X:.*]]: tensor<1x4xf32> {quantc.name = "x"}) -> (tensor<1x4xf32> {quantc.name = "y"},
// CHECK-SAME: tensor<1x4xf32> {quantc.observer = #quantc.observer<kind = histogram, is_signed = true, quant_min = -128, quant_max = 127, qscheme = affine>, quantc.site = "x:input"},
// CHECK-SAME: tensor<1x4xf32> {quantc.observer = #quantc.observer<kind = minmax, is_signed = true, quant_min = -128, quant_max = 127, qscheme = affine>, quantc.site = "sum"})
// CHECK-NEXT: %[[K:.*]] = "tosa.const"
// CHECK-NEXT: %[[S:.*]] = tosa.add %[[X]], %[[K]]
// CHECK-NEXT: return %[[S]], %[[X]], %[[S]]
func.func @net(%x: tensor<1x4xf32> {quantc.name = "x"}) -> (tensor<1x4xf32> {quantc.name = "y"}) {
  %0 = quantc.observe %x "x:input" <kind = histogram, is_signed = true, quant_min = -128, quant_max = 127, qscheme = affine> : tensor<1x4xf32>
  %k = "tosa.const"() {values = dense<[[1.0, 2.0, 3.0, 4.0]]> : tensor<1x4xf32>} : () -> tensor<1x4xf32>
  %1 = quantc.observe %k "sum:constant" <kind = minmax, is_signed = true, quant_min = -128, quant_max = 127, qscheme = affine> : tensor<1x4xf32>
  %2 = tosa.add %0, %1 : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  %3 = quantc.observe %2 "sum" <kind = minmax, is_signed = true, quant_min = -128, quant_max = 127, qscheme = affine> : tensor<1x4xf32>
  return %3 : tensor<1x4xf32>
}
