// The examples of the operations' descriptions, and their other forms.
// RUN: quant-opt %s | FileCheck %s
// RUN: quant-opt %s | quant-opt | FileCheck %s
// RUN: quant-opt %s -mlir-print-op-generic | quant-opt | FileCheck %s

// CHECK-LABEL: func.func @observe
func.func @observe(%x: tensor<1x8x8x4xf32>) -> tensor<1x8x8x4xf32> {
  // CHECK: quantc.observe %{{.*}} "stem/relu" <kind = histogram, is_signed = true, quant_min = -128, quant_max = 127, qscheme = affine> : tensor<1x8x8x4xf32>
  %0 = quantc.observe %x "stem/relu" <kind = histogram, is_signed = true, quant_min = -128, quant_max = 127, qscheme = affine> : tensor<1x8x8x4xf32>
  return %0 : tensor<1x8x8x4xf32>
}

// CHECK-LABEL: func.func @fake_quant
func.func @fake_quant(%x: tensor<2x3xf32>, %scale: tensor<3xf32>, %zp: tensor<3xi32>, %s1: tensor<1xf32>, %z1: tensor<1xi32>) {
  // CHECK: quantc.fake_quant %{{.*}} as !quant.uniform<i8:f32, 5.000000e-01:3> : tensor<2x3xf32>
  %0 = quantc.fake_quant %x as !quant.uniform<i8:f32, 0.5:3> : tensor<2x3xf32>
  // CHECK: quantc.fake_quant %{{.*}} scale %{{.*}} : tensor<3xf32> zero_point %{{.*}} : tensor<3xi32> {axis = 1 : i64, quant_max = 127 : i64, quant_min = -128 : i64} : tensor<2x3xf32>
  %1 = quantc.fake_quant %x scale %scale : tensor<3xf32> zero_point %zp : tensor<3xi32> {axis = 1 : i64, quant_min = -128 : i64, quant_max = 127 : i64} : tensor<2x3xf32>
  // CHECK: quantc.fake_quant %{{.*}} scale %{{.*}} : tensor<1xf32> zero_point %{{.*}} : tensor<1xi32> {quant_max = 127 : i64, quant_min = -128 : i64} : tensor<2x3xf32>
  %2 = quantc.fake_quant %x scale %s1 : tensor<1xf32> zero_point %z1 : tensor<1xi32> {quant_min = -128 : i64, quant_max = 127 : i64} : tensor<2x3xf32>
  // CHECK: quantc.fake_quant %{{.*}} as !quant.uniform<i8<-127:127>:f32:0, {5.000000e-01,2.500000e-01}> {scaling = #quantc<scaling divide>, zero_point_placement = #quantc<zero_point before_rounding>} : tensor<2x3xf32>
  %3 = quantc.fake_quant %x as !quant.uniform<i8<-127:127>:f32:0, {0.5, 0.25}> {scaling = #quantc<scaling divide>, zero_point_placement = #quantc<zero_point before_rounding>} : tensor<2x3xf32>
  return
}

// CHECK-LABEL: func.func @quantize
func.func @quantize(%x: tensor<2x3xf32>) -> (tensor<2x3x!quant.uniform<i8:f32, 0.5:3>>, tensor<2x3xi8>, tensor<2x3xi16>) {
  // CHECK: quantc.quantize %{{.*}} : tensor<2x3xf32> -> tensor<2x3x!quant.uniform<i8:f32, 5.000000e-01:3>>
  %0 = quantc.quantize %x : tensor<2x3xf32> -> tensor<2x3x!quant.uniform<i8:f32, 0.5:3>>
  // CHECK: quantc.quantize %{{.*}} as !quant.uniform<i8:f32, 5.000000e-01:3> : tensor<2x3xf32> -> tensor<2x3xi8>
  %1 = quantc.quantize %x as !quant.uniform<i8:f32, 0.5:3> : tensor<2x3xf32> -> tensor<2x3xi8>
  // CHECK: quantc.quantize %{{.*}} as !quant.uniform<i16:f32, 5.000000e-01:-30000> {scaling = #quantc<scaling divide>} : tensor<2x3xf32> -> tensor<2x3xi16>
  %2 = quantc.quantize %x as !quant.uniform<i16:f32, 0.5:-30000> {scaling = #quantc<scaling divide>} : tensor<2x3xf32> -> tensor<2x3xi16>
  return %0, %1, %2 : tensor<2x3x!quant.uniform<i8:f32, 0.5:3>>, tensor<2x3xi8>, tensor<2x3xi16>
}

// CHECK-LABEL: func.func @dequantize
func.func @dequantize(%q: tensor<2x3x!quant.uniform<i8:f32, 0.5:3>>, %s: tensor<2x3xi8>) -> (tensor<2x3xf32>, tensor<2x3xf32>) {
  // CHECK: quantc.dequantize %{{.*}} : tensor<2x3x!quant.uniform<i8:f32, 5.000000e-01:3>> -> tensor<2x3xf32>
  %0 = quantc.dequantize %q : tensor<2x3x!quant.uniform<i8:f32, 0.5:3>> -> tensor<2x3xf32>
  // CHECK: quantc.dequantize %{{.*}} as !quant.uniform<i8:f32, 5.000000e-01:3> : tensor<2x3xi8> -> tensor<2x3xf32>
  %1 = quantc.dequantize %s as !quant.uniform<i8:f32, 0.5:3> : tensor<2x3xi8> -> tensor<2x3xf32>
  return %0, %1 : tensor<2x3xf32>, tensor<2x3xf32>
}

// CHECK-LABEL: func.func @requantize
func.func @requantize(%q: tensor<2x3x!quant.uniform<i32:f32:1, {0.5, 0.25, 0.5}>>) -> (tensor<2x3x!quant.uniform<i8:f32, 2.0:3>>, tensor<2x3x!quant.uniform<i8:f32, 2.0:3>>) {
  // CHECK: quantc.requantize %{{.*}} <f32, half_even> : tensor<2x3x!quant.uniform<i32:f32:1, {5.000000e-01,2.500000e-01,5.000000e-01}>> -> tensor<2x3x!quant.uniform<i8:f32, 2.000000e+00:3>>
  %0 = quantc.requantize %q <f32, half_even> : tensor<2x3x!quant.uniform<i32:f32:1, {0.5, 0.25, 0.5}>> -> tensor<2x3x!quant.uniform<i8:f32, 2.0:3>>
  // CHECK: quantc.requantize %{{.*}} <fixed, double_round>
  %1 = quantc.requantize %q <fixed, double_round> : tensor<2x3x!quant.uniform<i32:f32:1, {0.5, 0.25, 0.5}>> -> tensor<2x3x!quant.uniform<i8:f32, 2.0:3>>
  return %0, %1 : tensor<2x3x!quant.uniform<i8:f32, 2.0:3>>, tensor<2x3x!quant.uniform<i8:f32, 2.0:3>>
}

// CHECK-LABEL: func.func @rescale
func.func @rescale(%x: tensor<2x3xi32>) -> (tensor<2x3xi8>, tensor<2x3xi8>, tensor<2x3xi8>, tensor<2x3xi16>) {
  // CHECK: quantc.rescale %{{.*}} <f32, half_even> {input_zp = 0 : i32, max = 127 : i32, min = -128 : i32, multipliers = array<f32: 2.500000e-01, 1.250000e-01, 2.500000e-01>, output_zp = 3 : i32} : tensor<2x3xi32> -> tensor<2x3xi8>
  %0 = quantc.rescale %x <f32, half_even> {input_zp = 0 : i32, output_zp = 3 : i32, min = -128 : i32, max = 127 : i32, multipliers = array<f32: 0.25, 0.125, 0.25>} : tensor<2x3xi32> -> tensor<2x3xi8>
  // CHECK: quantc.rescale %{{.*}} <fixed, half_up> {fixed_multipliers = array<i32: 1717986918>, input_zp = 0 : i32, max = 127 : i32, min = -128 : i32, output_zp = 3 : i32, shifts = array<i32: 34>}
  %1 = quantc.rescale %x <fixed, half_up> {input_zp = 0 : i32, output_zp = 3 : i32, min = -128 : i32, max = 127 : i32, fixed_multipliers = array<i32: 1717986918>, shifts = array<i32: 34>} : tensor<2x3xi32> -> tensor<2x3xi8>
  // CHECK: quantc.rescale %{{.*}} <fixed, half_up> {input_zp = 0 : i32, max = 127 : i32, min = 3 : i32, output_zp = 3 : i32, shifts = array<i32: 4>}
  %2 = quantc.rescale %x <fixed, half_up> {input_zp = 0 : i32, output_zp = 3 : i32, min = 3 : i32, max = 127 : i32, shifts = array<i32: 4>} : tensor<2x3xi32> -> tensor<2x3xi8>
  // CHECK: quantc.rescale %{{.*}} <fixed, double_round> {{.*}} : tensor<2x3xi32> -> tensor<2x3xi16>
  %3 = quantc.rescale %x <fixed, double_round> {input_zp = -5 : i32, output_zp = 300 : i32, min = -32768 : i32, max = 32767 : i32, fixed_multipliers = array<i32: 1, 2, 3>, shifts = array<i32: 2, 62, 31>} : tensor<2x3xi32> -> tensor<2x3xi16>
  return %0, %1, %2, %3 : tensor<2x3xi8>, tensor<2x3xi8>, tensor<2x3xi8>, tensor<2x3xi16>
}

// CHECK-LABEL: func.func @grouped_conv2d
func.func @grouped_conv2d(%x: tensor<1x8x8x4xf32>, %w: tensor<6x3x3x2xf32>, %b: tensor<6xf32>) -> tensor<1x8x8x6xf32> {
  // CHECK: quantc.grouped_conv2d %{{.*}}, %{{.*}}, %{{.*}} {dilation = array<i64: 1, 1>, groups = 2 : i64, pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 1, 1>} : (tensor<1x8x8x4xf32>, tensor<6x3x3x2xf32>, tensor<6xf32>) -> tensor<1x8x8x6xf32>
  %0 = quantc.grouped_conv2d %x, %w, %b {pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, groups = 2 : i64} : (tensor<1x8x8x4xf32>, tensor<6x3x3x2xf32>, tensor<6xf32>) -> tensor<1x8x8x6xf32>
  return %0 : tensor<1x8x8x6xf32>
}

// Dilation 2 reaches over 5 rows, stride 2 fits 4 times into 11 with padding.
// CHECK-LABEL: func.func @grouped_conv2d_integer
func.func @grouped_conv2d_integer(%x: tensor<1x11x9x4xi8>, %w: tensor<4x3x3x1xi8>, %b: tensor<4xi32>) -> tensor<1x4x5x4xi32> {
  // CHECK: quantc.grouped_conv2d {{.*}}groups = 4 : i64, input_zp = -7 : i32
  %0 = quantc.grouped_conv2d %x, %w, %b {pad = array<i64: 0, 0, 2, 2>, stride = array<i64: 2, 2>, dilation = array<i64: 2, 2>, groups = 4 : i64, input_zp = -7 : i32} : (tensor<1x11x9x4xi8>, tensor<4x3x3x1xi8>, tensor<4xi32>) -> tensor<1x4x5x4xi32>
  return %0 : tensor<1x4x5x4xi32>
}
