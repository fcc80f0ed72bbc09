// RUN: quant-opt %s --split-input-file --verify-diagnostics --quantc-verify-phase=phase=requantize

// A mixed graph: storage integers and a float island.
func.func @fine(%x: tensor<1x4xi8>) -> tensor<1x4xf32> {
  %0 = tosa.clamp %x {min_val = -3 : i8, max_val = 3 : i8} : (tensor<1x4xi8>) -> tensor<1x4xi8>
  %1 = quantc.dequantize %0 as !quant.uniform<i8:f32, 5.000000e-01> : tensor<1x4xi8> -> tensor<1x4xf32>
  %2 = tosa.exp %1 : (tensor<1x4xf32>) -> tensor<1x4xf32>
  return %2 : tensor<1x4xf32>
}

// -----

func.func @planned(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error@below {{'quantc.fake_quant' op may not leave the phase 'requantize'}}
  %0 = quantc.fake_quant %x as !quant.uniform<i8:f32, 5.000000e-01> : tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

func.func @type(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error@below {{'quantc.quantize' op still has a quantized type}}
  %0 = quantc.quantize %x : tensor<4xf32> -> tensor<4x!quant.uniform<i8:f32, 5.000000e-01>>
  %1 = quantc.dequantize %0 : tensor<4x!quant.uniform<i8:f32, 5.000000e-01>> -> tensor<4xf32>
  return %1 : tensor<4xf32>
}

// -----

func.func @cast(%x: tensor<4x!quant.uniform<i8:f32, 5.000000e-01>>) -> tensor<4xi8> {
  %0 = quant.scast %x : tensor<4x!quant.uniform<i8:f32, 5.000000e-01>> to tensor<4xi8>
  return %0 : tensor<4xi8>
}
// expected-error@-4 {{'func.func' op still has a quantized type}}
