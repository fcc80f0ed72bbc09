// RUN: quant-opt %s --quantc-requantize-to-shift -verify-diagnostics -split-input-file

// A multiplier of 2^30 is beyond fixed point.
func.func @too_large(%x: tensor<2xi32>) -> tensor<2xi8> {
  %0 = quant.scast %x : tensor<2xi32> to tensor<2x!quant.uniform<i32:f32, 3.0e9>>
  // expected-error@below {{'quantc.requantize' op of 'quantc.requantize' can't be computed: }}
  %1 = quantc.requantize %0 <fixed, double_round> : tensor<2x!quant.uniform<i32:f32, 3.0e9>> -> tensor<2x!quant.uniform<i8:f32, 2.0>>
  %2 = quant.scast %1 : tensor<2x!quant.uniform<i8:f32, 2.0>> to tensor<2xi8>
  return %2 : tensor<2xi8>
}

// -----

func.func @other_dialect(%x: tensor<2xf32>) -> tensor<2xf32> {
  // expected-error@below {{'quant.qcast' op of 'quant.qcast' has a quantized type that can't be lowered}}
  %0 = quant.qcast %x : tensor<2xf32> to tensor<2x!quant.uniform<i8:f32, 2.0>>
  %1 = quant.dcast %0 : tensor<2x!quant.uniform<i8:f32, 2.0>> to tensor<2xf32>
  return %1 : tensor<2xf32>
}
