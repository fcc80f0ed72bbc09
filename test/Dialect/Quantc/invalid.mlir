// One line per rule of the verifiers.
// RUN: quant-opt %s -verify-diagnostics -split-input-file

// observe
func.func @f(%x: tensor<4xf32>) {
  // expected-error@+1 {{'quantc.observe' op needs the name of a site}}
  %0 = quantc.observe %x "" <kind = minmax, is_signed = true, quant_min = -128, quant_max = 127, qscheme = affine> : tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error@+1 {{'quantc.observe' op observes channels along axis 1, but the tensor has rank 1}}
  %0 = quantc.observe %x "x" <kind = per_channel_minmax, is_signed = true, quant_min = -128, quant_max = 127, qscheme = affine, axis = 1> : tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf64>) {
  // expected-error@+1 {{'quantc.observe' op operand #0 must be ranked tensor of 32-bit float values}}
  %0 = quantc.observe %x "x" <kind = minmax, is_signed = true, quant_min = -128, quant_max = 127, qscheme = affine> : tensor<4xf64>
  return
}

// -----

// fake_quant
func.func @f(%x: tensor<4xf32>) {
  // expected-error@+1 {{'quantc.fake_quant' op needs parameters: as !quant.uniform<...>, or the operands scale and zero_point with quant_min and quant_max}}
  %0 = quantc.fake_quant %x : tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>, %s: tensor<4xf32>, %z: tensor<4xi32>) {
  // expected-error@+1 {{'quantc.fake_quant' op has its parameters twice, by 'as' and by operands}}
  %0 = quantc.fake_quant %x scale %s : tensor<4xf32> zero_point %z : tensor<4xi32> as !quant.uniform<i8:f32, 0.5> : tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error@+1 {{'quantc.fake_quant' op has its parameters twice, by 'as' and by operands}}
  %0 = quantc.fake_quant %x as !quant.uniform<i8:f32, 0.5> {quant_min = -128 : i64, quant_max = 127 : i64} : tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>, %s: tensor<4xf32>, %z: tensor<4xi32>) {
  // expected-error@+1 {{'quantc.fake_quant' op needs parameters:}}
  %0 = quantc.fake_quant %x scale %s : tensor<4xf32> zero_point %z : tensor<4xi32> {axis = 0 : i64} : tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>, %s: tensor<4xf32>, %z: tensor<4xi32>) {
  // expected-error@+1 {{'quantc.fake_quant' op needs quant_min < quant_max, but has 5 and 5}}
  %0 = quantc.fake_quant %x scale %s : tensor<4xf32> zero_point %z : tensor<4xi32> {axis = 0 : i64, quant_min = 5 : i64, quant_max = 5 : i64} : tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>, %s: tensor<4xf32>, %z: tensor<4xi32>) {
  // expected-error@+1 {{'quantc.fake_quant' op needs an axis for 4 scales}}
  %0 = quantc.fake_quant %x scale %s : tensor<4xf32> zero_point %z : tensor<4xi32> {quant_min = -128 : i64, quant_max = 127 : i64} : tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>, %s: tensor<4xf32>, %z: tensor<4xi32>) {
  // expected-error@+1 {{'quantc.fake_quant' op needs a storage range within [-2^20, 2^20], but has [-128, 1048577]}}
  %0 = quantc.fake_quant %x scale %s : tensor<4xf32> zero_point %z : tensor<4xi32> {axis = 0 : i64, quant_min = -128 : i64, quant_max = 1048577 : i64} : tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>, %s: tensor<4xf32>, %z: tensor<4xi32>) {
  // expected-error@+1 {{'quantc.fake_quant' op is quantized along axis 1, but the tensor has rank 1}}
  %0 = quantc.fake_quant %x scale %s : tensor<4xf32> zero_point %z : tensor<4xi32> {axis = 1 : i64, quant_min = -128 : i64, quant_max = 127 : i64} : tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4x3xf32>, %s: tensor<4xf32>, %z: tensor<4xi32>) {
  // expected-error@+1 {{'quantc.fake_quant' op has 4 scales, but dimension 1 of the tensor has 3 elements}}
  %0 = quantc.fake_quant %x scale %s : tensor<4xf32> zero_point %z : tensor<4xi32> {axis = 1 : i64, quant_min = -128 : i64, quant_max = 127 : i64} : tensor<4x3xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>, %s: tensor<4xf32>, %z: tensor<1xi32>) {
  // expected-error@+1 {{'quantc.fake_quant' op needs as many zero points as scales}}
  %0 = quantc.fake_quant %x scale %s : tensor<4xf32> zero_point %z : tensor<1xi32> {axis = 0 : i64, quant_min = -128 : i64, quant_max = 127 : i64} : tensor<4xf32>
  return
}

// -----

// The parameters of every operation.
func.func @f(%x: tensor<4xf32>) {
  // expected-error@+1 {{'quantc.fake_quant' op needs !quant.uniform parameters, but has 'i8'}}
  %0 = quantc.fake_quant %x as i8 : tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error@+1 {{'quantc.fake_quant' op needs !quant.uniform parameters, but has 'tensor<4x!quant.uniform<i8:f32, 5.000000e-01>>'}}
  %0 = quantc.fake_quant %x as tensor<4x!quant.uniform<i8:f32, 0.5>> : tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error@+1 {{'quantc.fake_quant' op has the zero point 128 outside of its storage range [-128, 127]}}
  %0 = quantc.fake_quant %x as !quant.uniform<i8:f32, 0.5:128> : tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error@+1 {{'quantc.fake_quant' op has the zero point -128 outside of its storage range [-127, 127]}}
  %0 = quantc.fake_quant %x as !quant.uniform<i8<-127:127>:f32, 0.5:-128> : tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error@+1 {{'quantc.fake_quant' op needs signed storage of 8, 16 or 32 bits, but has '!quant.uniform<u8:f32, 5.000000e-01:3>'}}
  %0 = quantc.fake_quant %x as !quant.uniform<u8:f32, 0.5:3> : tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error@+1 {{'quantc.fake_quant' op needs signed storage of 8, 16 or 32 bits, but has '!quant.uniform<i4:f32, 5.000000e-01:3>'}}
  %0 = quantc.fake_quant %x as !quant.uniform<i4:f32, 0.5:3> : tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error@+1 {{'quantc.fake_quant' op needs f32 as the expressed type, but has '!quant.uniform<i8:f16, 5.000000e-01:3>'}}
  %0 = quantc.fake_quant %x as !quant.uniform<i8:f16, 0.5:3> : tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error@+1 {{'quantc.fake_quant' op has a scale that isn't a positive normal f32: 1.000000e-40}}
  %0 = quantc.fake_quant %x as !quant.uniform<i8:f32, 1.0e-40> : tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error@+1 {{'quantc.fake_quant' op is quantized along axis 1, but the tensor has rank 1}}
  %0 = quantc.fake_quant %x as !quant.uniform<i8:f32:1, {0.5}> : tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error@+1 {{'quantc.fake_quant' op has 3 scales, but dimension 0 of the tensor has 4 elements}}
  %0 = quantc.fake_quant %x as !quant.uniform<i8:f32:0, {0.5, 0.5, 0.5}> : tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error@+1 {{'quantc.fake_quant' op has the zero point 200 outside of its storage range [-128, 127]}}
  %0 = quantc.fake_quant %x as !quant.uniform<i8:f32:0, {0.5, 0.5:200, 0.5, 0.5}> : tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error@+1 {{'quantc.fake_quant' op needs a storage range within [-2^20, 2^20], but has [-2147483648, 2147483647]}}
  %0 = quantc.fake_quant %x as !quant.uniform<i32:f32, 0.5> : tensor<4xf32>
  return
}

// -----

// quantize
func.func @f(%x: tensor<4xf32>) {
  // expected-error@+1 {{'quantc.quantize' op needs a storage range within [-2^20, 2^20], but has [-2147483648, 2147483647]}}
  %0 = quantc.quantize %x as !quant.uniform<i32:f32, 0.5> : tensor<4xf32> -> tensor<4xi32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error@+1 {{'quantc.quantize' op needs the parameters of storage integers: as !quant.uniform<...>}}
  %0 = quantc.quantize %x : tensor<4xf32> -> tensor<4xi8>
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error@+1 {{'quantc.quantize' op has its parameters twice, by a quantized type and by 'as'}}
  %0 = quantc.quantize %x as !quant.uniform<i8:f32, 0.5> : tensor<4xf32> -> tensor<4x!quant.uniform<i8:f32, 0.5>>
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error@+1 {{'quantc.quantize' op has parameters for 'i8' storage, but a tensor of 'i16'}}
  %0 = quantc.quantize %x as !quant.uniform<i8:f32, 0.5> : tensor<4xf32> -> tensor<4xi16>
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error@+1 {{'quantc.quantize' op has the zero point 200 outside}}
  %0 = quantc.quantize %x as !quant.uniform<i8:f32, 0.5:200> : tensor<4xf32> -> tensor<4xi8>
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error@+1 {{'quantc.quantize' op has the zero point 200 outside}}
  %0 = quantc.quantize %x : tensor<4xf32> -> tensor<4x!quant.uniform<i8:f32, 0.5:200>>
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error@+1 {{'quantc.quantize' op failed to verify that all of {input, output} have same shape}}
  %0 = quantc.quantize %x as !quant.uniform<i8:f32, 0.5> : tensor<4xf32> -> tensor<3xi8>
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error@+1 {{'quantc.quantize' op result #0 must be}}
  %0 = quantc.quantize %x as !quant.uniform<i8:f32, 0.5> : tensor<4xf32> -> tensor<4xi4>
  return
}

// -----

// dequantize
func.func @f(%x: tensor<4xi8>) {
  // expected-error@+1 {{'quantc.dequantize' op needs the parameters of storage integers: as !quant.uniform<...>}}
  %0 = quantc.dequantize %x : tensor<4xi8> -> tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4x!quant.uniform<i8:f32, 0.5>>) {
  // expected-error@+1 {{'quantc.dequantize' op has its parameters twice, by a quantized type and by 'as'}}
  %0 = quantc.dequantize %x as !quant.uniform<i8:f32, 0.5> : tensor<4x!quant.uniform<i8:f32, 0.5>> -> tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4xi16>) {
  // expected-error@+1 {{'quantc.dequantize' op has parameters for 'i8' storage, but a tensor of 'i16'}}
  %0 = quantc.dequantize %x as !quant.uniform<i8:f32, 0.5> : tensor<4xi16> -> tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4xi8>) {
  // expected-error@+1 {{'quantc.dequantize' op failed to verify that all of {input, output} have same shape}}
  %0 = quantc.dequantize %x as !quant.uniform<i8:f32, 0.5> : tensor<4xi8> -> tensor<4x1xf32>
  return
}

// -----

// requantize
func.func @f(%x: tensor<4x2x!quant.uniform<i32:f32, 0.5>>) {
  // expected-error@+1 {{'quantc.requantize' op needs the rounding <f32, half_even>, <fixed, half_up> or <fixed, double_round>, but has <f64, half_even>}}
  %0 = quantc.requantize %x <f64, half_even> : tensor<4x2x!quant.uniform<i32:f32, 0.5>> -> tensor<4x2x!quant.uniform<i8:f32, 0.5:3>>
  return
}

// -----

func.func @f(%x: tensor<4x2x!quant.uniform<i32:f32, 0.5>>) {
  // expected-error@+1 {{'quantc.requantize' op needs the rounding <f32, half_even>, <fixed, half_up> or <fixed, double_round>, but has <f32, half_up>}}
  %0 = quantc.requantize %x <f32, half_up> : tensor<4x2x!quant.uniform<i32:f32, 0.5>> -> tensor<4x2x!quant.uniform<i8:f32, 0.5:3>>
  return
}

// -----

func.func @f(%x: tensor<4x2x!quant.uniform<i32:f32, 0.5>>) {
  // expected-error@+1 {{'quantc.requantize' op failed to verify that all of {input, output} have same shape}}
  %0 = quantc.requantize %x <f32, half_even> : tensor<4x2x!quant.uniform<i32:f32, 0.5>> -> tensor<2x4x!quant.uniform<i8:f32, 0.5:3>>
  return
}

// -----

func.func @f(%x: tensor<4x2x!quant.uniform<i32:f32, 0.5>>) {
  // expected-error@+1 {{'quantc.requantize' op needs a result that is quantized per tensor}}
  %0 = quantc.requantize %x <f32, half_even> : tensor<4x2x!quant.uniform<i32:f32, 0.5>> -> tensor<4x2x!quant.uniform<i8:f32:1, {0.5, 0.5}>>
  return
}

// -----

func.func @f(%x: tensor<4x2x!quant.uniform<i32:f32:0, {0.5, 0.5, 0.5, 0.5}>>) {
  // expected-error@+1 {{'quantc.requantize' op needs channels along the last axis, but has them along axis 0}}
  %0 = quantc.requantize %x <f32, half_even> : tensor<4x2x!quant.uniform<i32:f32:0, {0.5, 0.5, 0.5, 0.5}>> -> tensor<4x2x!quant.uniform<i8:f32, 0.5:3>>
  return
}

// -----

func.func @f(%x: tensor<4x2x!quant.uniform<i32:f32:1, {0.5:1, 0.5:2}>>) {
  // expected-error@+1 {{'quantc.requantize' op needs one zero point for all channels}}
  %0 = quantc.requantize %x <f32, half_even> : tensor<4x2x!quant.uniform<i32:f32:1, {0.5:1, 0.5:2}>> -> tensor<4x2x!quant.uniform<i8:f32, 0.5:3>>
  return
}

// -----

func.func @f(%x: tensor<4x2x!quant.uniform<i32:f32:1, {0.5, 0.5, 0.5}>>) {
  // expected-error@+1 {{'quantc.requantize' op has 3 scales, but dimension 1 of the tensor has 2 elements}}
  %0 = quantc.requantize %x <f32, half_even> : tensor<4x2x!quant.uniform<i32:f32:1, {0.5, 0.5, 0.5}>> -> tensor<4x2x!quant.uniform<i8:f32, 0.5:3>>
  return
}

// -----

func.func @f(%x: tensor<4x2x!quant.uniform<i32:f32, 0.5>>) {
  // expected-error@+1 {{'quantc.requantize' op has the zero point 128 outside}}
  %0 = quantc.requantize %x <f32, half_even> : tensor<4x2x!quant.uniform<i32:f32, 0.5>> -> tensor<4x2x!quant.uniform<i8:f32, 0.5:128>>
  return
}

// -----

func.func @f(%x: tensor<4xi32>) {
  // expected-error@+1 {{'quantc.requantize' op operand #0 must be ranked tensor of uniform quantized type values}}
  %0 = quantc.requantize %x <f32, half_even> : tensor<4xi32> -> tensor<4x!quant.uniform<i8:f32, 0.5:3>>
  return
}

// -----

// rescale
func.func @f(%x: tensor<4x2xi32>) {
  // expected-error@+1 {{'quantc.rescale' op needs the rounding <f32, half_even>, <fixed, half_up> or <fixed, double_round>, but has <f64, half_even>}}
  %0 = quantc.rescale %x <f64, half_even> {input_zp = 0 : i32, output_zp = 0 : i32, min = -128 : i32, max = 127 : i32, multipliers = array<f32: 0.5>} : tensor<4x2xi32> -> tensor<4x2xi8>
  return
}

// -----

func.func @f(%x: tensor<4x2xi32>) {
  // expected-error@+1 {{'quantc.rescale' op in f32 needs multipliers, and nothing else}}
  %0 = quantc.rescale %x <f32, half_even> {input_zp = 0 : i32, output_zp = 0 : i32, min = -128 : i32, max = 127 : i32} : tensor<4x2xi32> -> tensor<4x2xi8>
  return
}

// -----

func.func @f(%x: tensor<4x2xi32>) {
  // expected-error@+1 {{'quantc.rescale' op in f32 needs multipliers, and nothing else}}
  %0 = quantc.rescale %x <f32, half_even> {input_zp = 0 : i32, output_zp = 0 : i32, min = -128 : i32, max = 127 : i32, multipliers = array<f32: 0.5>, shifts = array<i32: 34>} : tensor<4x2xi32> -> tensor<4x2xi8>
  return
}

// -----

func.func @f(%x: tensor<4x2xi32>) {
  // expected-error@+1 {{'quantc.rescale' op in f32 needs multipliers, and nothing else}}
  %0 = quantc.rescale %x <f32, half_even> {input_zp = 0 : i32, output_zp = 0 : i32, min = -128 : i32, max = 127 : i32, multipliers = array<f32: 0.5>, fixed_multipliers = array<i32: 5>} : tensor<4x2xi32> -> tensor<4x2xi8>
  return
}

// -----

func.func @f(%x: tensor<4x2xi32>) {
  // expected-error@+1 {{'quantc.rescale' op needs finite positive multipliers, but has 0.000000e+00}}
  %0 = quantc.rescale %x <f32, half_even> {input_zp = 0 : i32, output_zp = 0 : i32, min = -128 : i32, max = 127 : i32, multipliers = array<f32: 0.0>} : tensor<4x2xi32> -> tensor<4x2xi8>
  return
}

// -----

func.func @f(%x: tensor<4x2xi32>) {
  // expected-error@+1 {{'quantc.rescale' op needs finite positive multipliers, but has INF}}
  %0 = quantc.rescale %x <f32, half_even> {input_zp = 0 : i32, output_zp = 0 : i32, min = -128 : i32, max = 127 : i32, multipliers = array<f32: 0x7F800000>} : tensor<4x2xi32> -> tensor<4x2xi8>
  return
}

// -----

func.func @f(%x: tensor<4x2xi32>) {
  // expected-error@+1 {{'quantc.rescale' op needs one of multipliers, or one per channel of the last axis (2), but has 3}}
  %0 = quantc.rescale %x <f32, half_even> {input_zp = 0 : i32, output_zp = 0 : i32, min = -128 : i32, max = 127 : i32, multipliers = array<f32: 0.5, 0.5, 0.5>} : tensor<4x2xi32> -> tensor<4x2xi8>
  return
}

// -----

func.func @f(%x: tensor<4x2xi32>) {
  // expected-error@+1 {{'quantc.rescale' op needs one of multipliers, or one per channel of the last axis (2), but has 0}}
  %0 = quantc.rescale %x <f32, half_even> {input_zp = 0 : i32, output_zp = 0 : i32, min = -128 : i32, max = 127 : i32, multipliers = array<f32>} : tensor<4x2xi32> -> tensor<4x2xi8>
  return
}

// -----

func.func @f(%x: tensor<4x2xi32>) {
  // expected-error@+1 {{'quantc.rescale' op in fixed point needs shifts, with or without fixed_multipliers}}
  %0 = quantc.rescale %x <fixed, half_up> {input_zp = 0 : i32, output_zp = 0 : i32, min = -128 : i32, max = 127 : i32} : tensor<4x2xi32> -> tensor<4x2xi8>
  return
}

// -----

func.func @f(%x: tensor<4x2xi32>) {
  // expected-error@+1 {{'quantc.rescale' op in fixed point needs shifts, with or without fixed_multipliers}}
  %0 = quantc.rescale %x <fixed, half_up> {input_zp = 0 : i32, output_zp = 0 : i32, min = -128 : i32, max = 127 : i32, fixed_multipliers = array<i32: 5>} : tensor<4x2xi32> -> tensor<4x2xi8>
  return
}

// -----

func.func @f(%x: tensor<4x2xi32>) {
  // expected-error@+1 {{'quantc.rescale' op in fixed point needs shifts, with or without fixed_multipliers}}
  %0 = quantc.rescale %x <fixed, half_up> {input_zp = 0 : i32, output_zp = 0 : i32, min = -128 : i32, max = 127 : i32, multipliers = array<f32: 0.5>, shifts = array<i32: 34>} : tensor<4x2xi32> -> tensor<4x2xi8>
  return
}

// -----

func.func @f(%x: tensor<4x2xi32>) {
  // expected-error@+1 {{'quantc.rescale' op needs one of shifts, or one per channel of the last axis (2), but has 4}}
  %0 = quantc.rescale %x <fixed, half_up> {input_zp = 0 : i32, output_zp = 0 : i32, min = -128 : i32, max = 127 : i32, shifts = array<i32: 1, 2, 3, 4>} : tensor<4x2xi32> -> tensor<4x2xi8>
  return
}

// -----

func.func @f(%x: tensor<4x2xi32>) {
  // expected-error@+1 {{'quantc.rescale' op by shifts alone needs the rounding half_up}}
  %0 = quantc.rescale %x <fixed, double_round> {input_zp = 0 : i32, output_zp = 0 : i32, min = -128 : i32, max = 127 : i32, shifts = array<i32: 34>} : tensor<4x2xi32> -> tensor<4x2xi8>
  return
}

// -----

func.func @f(%x: tensor<4x2xi32>) {
  // expected-error@+1 {{'quantc.rescale' op needs shifts in [-28, 62], but has 63}}
  %0 = quantc.rescale %x <fixed, half_up> {input_zp = 0 : i32, output_zp = 0 : i32, min = -128 : i32, max = 127 : i32, shifts = array<i32: 63>} : tensor<4x2xi32> -> tensor<4x2xi8>
  return
}

// -----

func.func @f(%x: tensor<4x2xi32>) {
  // expected-error@+1 {{'quantc.rescale' op needs shifts in [-28, 62], but has -29}}
  %0 = quantc.rescale %x <fixed, half_up> {input_zp = 0 : i32, output_zp = 0 : i32, min = -128 : i32, max = 127 : i32, shifts = array<i32: -29>} : tensor<4x2xi32> -> tensor<4x2xi8>
  return
}

// -----

func.func @f(%x: tensor<4x2xi32>) {
  // expected-error@+1 {{'quantc.rescale' op needs shifts in [2, 62], but has 1}}
  %0 = quantc.rescale %x <fixed, half_up> {input_zp = 0 : i32, output_zp = 0 : i32, min = -128 : i32, max = 127 : i32, fixed_multipliers = array<i32: 5>, shifts = array<i32: 1>} : tensor<4x2xi32> -> tensor<4x2xi8>
  return
}

// -----

func.func @f(%x: tensor<4x2xi32>) {
  // expected-error@+1 {{'quantc.rescale' op needs shifts in [2, 62], but has 63}}
  %0 = quantc.rescale %x <fixed, double_round> {input_zp = 0 : i32, output_zp = 0 : i32, min = -128 : i32, max = 127 : i32, fixed_multipliers = array<i32: 5>, shifts = array<i32: 63>} : tensor<4x2xi32> -> tensor<4x2xi8>
  return
}

// -----

func.func @f(%x: tensor<4x2xi32>) {
  // expected-error@+1 {{'quantc.rescale' op needs as many shifts as fixed_multipliers}}
  %0 = quantc.rescale %x <fixed, half_up> {input_zp = 0 : i32, output_zp = 0 : i32, min = -128 : i32, max = 127 : i32, fixed_multipliers = array<i32: 5>, shifts = array<i32: 34, 34>} : tensor<4x2xi32> -> tensor<4x2xi8>
  return
}

// -----

func.func @f(%x: tensor<4x2xi32>) {
  // expected-error@+1 {{'quantc.rescale' op needs fixed_multipliers >= 0, but has -1}}
  %0 = quantc.rescale %x <fixed, half_up> {input_zp = 0 : i32, output_zp = 0 : i32, min = -128 : i32, max = 127 : i32, fixed_multipliers = array<i32: -1>, shifts = array<i32: 34>} : tensor<4x2xi32> -> tensor<4x2xi8>
  return
}

// -----

func.func @f(%x: tensor<4x2xi8>) {
  // expected-error@+1 {{'quantc.rescale' op has an input_zp outside of the input's type: 1000}}
  %0 = quantc.rescale %x <f32, half_even> {input_zp = 1000 : i32, output_zp = 0 : i32, min = -128 : i32, max = 127 : i32, multipliers = array<f32: 0.5>} : tensor<4x2xi8> -> tensor<4x2xi8>
  return
}

// -----

func.func @f(%x: tensor<4x2xi32>) {
  // expected-error@+1 {{'quantc.rescale' op has an output_zp outside of the result's type: 128}}
  %0 = quantc.rescale %x <f32, half_even> {input_zp = 0 : i32, output_zp = 128 : i32, min = -128 : i32, max = 127 : i32, multipliers = array<f32: 0.5>} : tensor<4x2xi32> -> tensor<4x2xi8>
  return
}

// -----

func.func @f(%x: tensor<4x2xi32>) {
  // expected-error@+1 {{'quantc.rescale' op needs min <= max, but has 5 and 4}}
  %0 = quantc.rescale %x <f32, half_even> {input_zp = 0 : i32, output_zp = 0 : i32, min = 5 : i32, max = 4 : i32, multipliers = array<f32: 0.5>} : tensor<4x2xi32> -> tensor<4x2xi8>
  return
}

// -----

func.func @f(%x: tensor<4x2xi32>) {
  // expected-error@+1 {{'quantc.rescale' op has bounds outside of the result's type: [-128, 255]}}
  %0 = quantc.rescale %x <f32, half_even> {input_zp = 0 : i32, output_zp = 0 : i32, min = -128 : i32, max = 255 : i32, multipliers = array<f32: 0.5>} : tensor<4x2xi32> -> tensor<4x2xi8>
  return
}

// -----

func.func @f(%x: tensor<4x2xi32>) {
  // expected-error@+1 {{'quantc.rescale' op failed to verify that all of {input, output} have same shape}}
  %0 = quantc.rescale %x <f32, half_even> {input_zp = 0 : i32, output_zp = 0 : i32, min = -128 : i32, max = 127 : i32, multipliers = array<f32: 0.5>} : tensor<4x2xi32> -> tensor<2x4xi8>
  return
}

// -----

// grouped_conv2d
func.func @f(%x: tensor<1x8x8x4xi8>, %w: tensor<6x3x3x2xi8>, %b: tensor<6xf32>) {
  // expected-error@+1 {{'quantc.grouped_conv2d' op needs f32 throughout, or i8 input and weight with i32 bias and result}}
  %0 = quantc.grouped_conv2d %x, %w, %b {pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, groups = 2 : i64} : (tensor<1x8x8x4xi8>, tensor<6x3x3x2xi8>, tensor<6xf32>) -> tensor<1x8x8x6xf32>
  return
}

// -----

func.func @f(%x: tensor<1x8x8x4xf32>, %w: tensor<6x3x3x2xf32>, %b: tensor<6xi32>) {
  // expected-error@+1 {{'quantc.grouped_conv2d' op needs f32 throughout, or i8 input and weight with i32 bias and result}}
  %0 = quantc.grouped_conv2d %x, %w, %b {pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, groups = 2 : i64} : (tensor<1x8x8x4xf32>, tensor<6x3x3x2xf32>, tensor<6xi32>) -> tensor<1x8x8x6xi32>
  return
}

// -----

func.func @f(%x: tensor<1x8x8x4xf32>, %w: tensor<6x3x3x2xf32>, %b: tensor<6xf32>) {
  // expected-error@+1 {{'quantc.grouped_conv2d' op has an input_zp for real values}}
  %0 = quantc.grouped_conv2d %x, %w, %b {pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, groups = 2 : i64, input_zp = 3 : i32} : (tensor<1x8x8x4xf32>, tensor<6x3x3x2xf32>, tensor<6xf32>) -> tensor<1x8x8x6xf32>
  return
}

// -----

func.func @f(%x: tensor<1x8x8x4xi8>, %w: tensor<6x3x3x2xi8>, %b: tensor<6xi32>) {
  // expected-error@+1 {{'quantc.grouped_conv2d' op has an input_zp outside of i8: 128}}
  %0 = quantc.grouped_conv2d %x, %w, %b {pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, groups = 2 : i64, input_zp = 128 : i32} : (tensor<1x8x8x4xi8>, tensor<6x3x3x2xi8>, tensor<6xi32>) -> tensor<1x8x8x6xi32>
  return
}

// -----

func.func @f(%x: tensor<1x8x8x4xf32>, %w: tensor<6x3x3x2xf32>, %b: tensor<6xf32>) {
  // expected-error@+1 {{'quantc.grouped_conv2d' op needs 4 values of pad, 2 of stride and 2 of dilation}}
  %0 = quantc.grouped_conv2d %x, %w, %b {pad = array<i64: 1, 1>, stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, groups = 2 : i64} : (tensor<1x8x8x4xf32>, tensor<6x3x3x2xf32>, tensor<6xf32>) -> tensor<1x8x8x6xf32>
  return
}

// -----

func.func @f(%x: tensor<1x8x8x4xf32>, %w: tensor<6x3x3x2xf32>, %b: tensor<6xf32>) {
  // expected-error@+1 {{'quantc.grouped_conv2d' op needs 4 values of pad, 2 of stride and 2 of dilation}}
  %0 = quantc.grouped_conv2d %x, %w, %b {pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 1>, dilation = array<i64: 1, 1>, groups = 2 : i64} : (tensor<1x8x8x4xf32>, tensor<6x3x3x2xf32>, tensor<6xf32>) -> tensor<1x8x8x6xf32>
  return
}

// -----

func.func @f(%x: tensor<1x8x8x4xf32>, %w: tensor<6x3x3x2xf32>, %b: tensor<6xf32>) {
  // expected-error@+1 {{'quantc.grouped_conv2d' op needs pad >= 0, stride >= 1 and dilation >= 1}}
  %0 = quantc.grouped_conv2d %x, %w, %b {pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 0, 1>, dilation = array<i64: 1, 1>, groups = 2 : i64} : (tensor<1x8x8x4xf32>, tensor<6x3x3x2xf32>, tensor<6xf32>) -> tensor<1x8x8x6xf32>
  return
}

// -----

func.func @f(%x: tensor<1x8x8x4xf32>, %w: tensor<6x3x3x2xf32>, %b: tensor<6xf32>) {
  // expected-error@+1 {{'quantc.grouped_conv2d' op needs pad >= 0, stride >= 1 and dilation >= 1}}
  %0 = quantc.grouped_conv2d %x, %w, %b {pad = array<i64: 1, 1, -1, 1>, stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, groups = 2 : i64} : (tensor<1x8x8x4xf32>, tensor<6x3x3x2xf32>, tensor<6xf32>) -> tensor<1x8x8x6xf32>
  return
}

// -----

func.func @f(%x: tensor<1x?x8x4xf32>, %w: tensor<6x3x3x2xf32>, %b: tensor<6xf32>) {
  // expected-error@+1 {{'quantc.grouped_conv2d' op needs static shapes}}
  %0 = quantc.grouped_conv2d %x, %w, %b {pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, groups = 2 : i64} : (tensor<1x?x8x4xf32>, tensor<6x3x3x2xf32>, tensor<6xf32>) -> tensor<1x8x8x6xf32>
  return
}

// -----

func.func @f(%x: tensor<1x8x8x4xf32>, %w: tensor<6x3x3x2xf32>, %b: tensor<6xf32>) {
  // expected-error@+1 {{'quantc.grouped_conv2d' op can't cut 4 input and 6 output channels into 3 groups}}
  %0 = quantc.grouped_conv2d %x, %w, %b {pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, groups = 3 : i64} : (tensor<1x8x8x4xf32>, tensor<6x3x3x2xf32>, tensor<6xf32>) -> tensor<1x8x8x6xf32>
  return
}

// -----

func.func @f(%x: tensor<1x8x8x4xf32>, %w: tensor<6x3x3x2xf32>, %b: tensor<6xf32>) {
  // expected-error@+1 {{'quantc.grouped_conv2d' op can't cut 4 input and 6 output channels into 4 groups}}
  %0 = quantc.grouped_conv2d %x, %w, %b {pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, groups = 4 : i64} : (tensor<1x8x8x4xf32>, tensor<6x3x3x2xf32>, tensor<6xf32>) -> tensor<1x8x8x6xf32>
  return
}

// -----

func.func @f(%x: tensor<1x8x8x4xf32>, %w: tensor<6x3x3x2xf32>, %b: tensor<6xf32>) {
  // expected-error@+1 {{'quantc.grouped_conv2d' op can't cut 4 input and 6 output channels into 0 groups}}
  %0 = quantc.grouped_conv2d %x, %w, %b {pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, groups = 0 : i64} : (tensor<1x8x8x4xf32>, tensor<6x3x3x2xf32>, tensor<6xf32>) -> tensor<1x8x8x6xf32>
  return
}

// -----

func.func @f(%x: tensor<1x8x8x4xf32>, %w: tensor<6x3x3x1xf32>, %b: tensor<6xf32>) {
  // expected-error@+1 {{'quantc.grouped_conv2d' op needs a weight with 2 input channels, but has 1}}
  %0 = quantc.grouped_conv2d %x, %w, %b {pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, groups = 2 : i64} : (tensor<1x8x8x4xf32>, tensor<6x3x3x1xf32>, tensor<6xf32>) -> tensor<1x8x8x6xf32>
  return
}

// -----

func.func @f(%x: tensor<1x8x8x4xf32>, %w: tensor<6x3x3x2xf32>, %b: tensor<1xf32>) {
  // expected-error@+1 {{'quantc.grouped_conv2d' op needs a bias of 6 elements, but has 1}}
  %0 = quantc.grouped_conv2d %x, %w, %b {pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, groups = 2 : i64} : (tensor<1x8x8x4xf32>, tensor<6x3x3x2xf32>, tensor<1xf32>) -> tensor<1x8x8x6xf32>
  return
}

// -----

func.func @f(%x: tensor<1x8x8x4xf32>, %w: tensor<6x3x3x2xf32>, %b: tensor<6xf32>) {
  // expected-error@+1 {{'quantc.grouped_conv2d' op doesn't fit exactly in dimension 1: 7 steps of stride 2}}
  %0 = quantc.grouped_conv2d %x, %w, %b {pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 2, 1>, dilation = array<i64: 1, 1>, groups = 2 : i64} : (tensor<1x8x8x4xf32>, tensor<6x3x3x2xf32>, tensor<6xf32>) -> tensor<1x8x8x6xf32>
  return
}

// -----

func.func @f(%x: tensor<1x8x1x4xf32>, %w: tensor<6x3x3x2xf32>, %b: tensor<6xf32>) {
  // expected-error@+1 {{'quantc.grouped_conv2d' op doesn't fit exactly in dimension 2: -1 steps of stride 1}}
  %0 = quantc.grouped_conv2d %x, %w, %b {pad = array<i64: 1, 1, 0, 1>, stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, groups = 2 : i64} : (tensor<1x8x1x4xf32>, tensor<6x3x3x2xf32>, tensor<6xf32>) -> tensor<1x8x8x6xf32>
  return
}

// -----

func.func @f(%x: tensor<1x8x8x4xf32>, %w: tensor<6x3x3x2xf32>, %b: tensor<6xf32>) {
  // expected-error@+1 {{'quantc.grouped_conv2d' op gives 'tensor<1x8x8x6xf32>', not 'tensor<1x8x7x6xf32>'}}
  %0 = quantc.grouped_conv2d %x, %w, %b {pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, groups = 2 : i64} : (tensor<1x8x8x4xf32>, tensor<6x3x3x2xf32>, tensor<6xf32>) -> tensor<1x8x7x6xf32>
  return
}

// -----

// attributes
// expected-error@+1 {{needs quant_min < quant_max, but has 5 and 5}}
module attributes {quantc.a = #quantc.observer<kind = minmax, is_signed = true, quant_min = 5, quant_max = 5, qscheme = affine>} {}

// -----

// expected-error@+1 {{needs an axis >= 0, but has -1}}
module attributes {quantc.a = #quantc.observer<kind = minmax, is_signed = true, quant_min = -128, quant_max = 127, qscheme = affine, axis = -1>} {}

// -----

// expected-error@+1 {{needs an averaging_constant in (0, 1]}}
module attributes {quantc.a = #quantc.observer<kind = minmax, is_signed = true, quant_min = -128, quant_max = 127, qscheme = affine, averaging_constant = 0.0>} {}

// -----

// expected-error@+1 {{needs an averaging_constant in (0, 1]}}
module attributes {quantc.a = #quantc.observer<kind = minmax, is_signed = true, quant_min = -128, quant_max = 127, qscheme = affine, averaging_constant = 1.5>} {}

// -----

// expected-error@+1 {{needs at least one bin, but has 0}}
module attributes {quantc.a = #quantc.observer<kind = minmax, is_signed = true, quant_min = -128, quant_max = 127, qscheme = affine, bins = 0>} {}

// -----

// expected-error@+1 {{double_round is fixed-point arithmetic}}
module attributes {quantc.a = #quantc.rounding<f32, double_round>} {}

// -----

// Upstream sees to scales that are no positive numbers.
// expected-error@+1 {{scale 0.000000e+00 out of expressed type range}}
func.func private @f(tensor<4x!quant.uniform<i8:f32, 0.0>>)

// -----

// expected-error@+1 {{scale -5.000000e-01 out of expressed type range}}
func.func private @f(tensor<4x!quant.uniform<i8:f32, -0.5>>)

// -----

// expected-error@+1 {{scale INF out of expressed type range}}
func.func private @f(tensor<4x!quant.uniform<i8:f32, 0x7FF0000000000000>>)
