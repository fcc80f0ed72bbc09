// RUN: quant-opt %s --quantc-requantize-to-shift --split-input-file | FileCheck %s

// f32: the multiplier is input scale / output scale, computed in f64 and rounded
// once: 0.005 / 0.02 and 0.0025 / 0.02.
// CHECK-LABEL: func.func @f32
// CHECK-SAME: (%[[X:.*]]: tensor<2x2xi32>)
// CHECK-NEXT: %[[Y:.*]] = quantc.rescale %[[X]] <f32, half_even> {input_zp = 0 : i32, max = 127 : i32, min = -127 : i32, multipliers = array<f32: 2.500000e-01, 1.250000e-01>, output_zp = -100 : i32} : tensor<2x2xi32> -> tensor<2x2xi8>
// CHECK-NEXT: return %[[Y]]
func.func @f32(%x: tensor<2x2xi32>) -> tensor<2x2xi8> {
  %0 = quant.scast %x : tensor<2x2xi32> to tensor<2x2x!quant.uniform<i32:f32:1, {0.005, 0.0025}>>
  %1 = quantc.requantize %0 <f32, half_even> : tensor<2x2x!quant.uniform<i32:f32:1, {0.005, 0.0025}>> -> tensor<2x2x!quant.uniform<i8<-127:127>:f32, 0.02:-100>>
  %2 = quant.scast %1 : tensor<2x2x!quant.uniform<i8<-127:127>:f32, 0.02:-100>> to tensor<2x2xi8>
  return %2 : tensor<2x2xi8>
}

// -----

// fixed: 0.3 / 0.7 = 1840700270 · 2^-32.
// CHECK-LABEL: func.func @fixed
// CHECK: quantc.rescale %arg0 <fixed, half_up> {fixed_multipliers = array<i32: 1840700270>, input_zp = 3 : i32, max = 127 : i32, min = -128 : i32, output_zp = -100 : i32, shifts = array<i32: 32>}
// CHECK: quantc.rescale %arg0 <fixed, double_round> {fixed_multipliers = array<i32: 1840700270>, input_zp = 3 : i32, max = 127 : i32, min = -128 : i32, output_zp = -100 : i32, shifts = array<i32: 32>}
func.func @fixed(%x: tensor<2xi8>) -> (tensor<2xi8>, tensor<2xi8>) {
  %0 = quant.scast %x : tensor<2xi8> to tensor<2x!quant.uniform<i8:f32, 0.3:3>>
  %1 = quantc.requantize %0 <fixed, half_up> : tensor<2x!quant.uniform<i8:f32, 0.3:3>> -> tensor<2x!quant.uniform<i8:f32, 0.7:-100>>
  %2 = quantc.requantize %0 <fixed, double_round> : tensor<2x!quant.uniform<i8:f32, 0.3:3>> -> tensor<2x!quant.uniform<i8:f32, 0.7:-100>>
  %3 = quant.scast %1 : tensor<2x!quant.uniform<i8:f32, 0.7:-100>> to tensor<2xi8>
  %4 = quant.scast %2 : tensor<2x!quant.uniform<i8:f32, 0.7:-100>> to tensor<2xi8>
  return %3, %4 : tensor<2xi8>, tensor<2xi8>
}

// -----

// Powers of two are shifts alone, to the right or to the left. Rounded half up,
// they do just what the multipliers would.
// CHECK-LABEL: func.func @shift
// CHECK: quantc.rescale %arg0 <fixed, half_up> {input_zp = 0 : i32, max = 127 : i32, min = -128 : i32, output_zp = 0 : i32, shifts = array<i32: 3, 4>}
// CHECK: quantc.rescale %{{.*}} <fixed, half_up> {input_zp = 0 : i32, max = 2147483647 : i32, min = -2147483648 : i32, output_zp = 0 : i32, shifts = array<i32: -5>}
func.func @shift(%x: tensor<2x2xi32>) -> tensor<2x2xi32> {
  %0 = quant.scast %x : tensor<2x2xi32> to tensor<2x2x!quant.uniform<i32:f32:1, {0.125, 0.0625}>>
  %1 = quantc.requantize %0 <fixed, half_up> : tensor<2x2x!quant.uniform<i32:f32:1, {0.125, 0.0625}>> -> tensor<2x2x!quant.uniform<i8:f32, 1.0>>
  %2 = quantc.requantize %1 <fixed, half_up> : tensor<2x2x!quant.uniform<i8:f32, 1.0>> -> tensor<2x2x!quant.uniform<i32:f32, 0.03125>>
  %3 = quant.scast %2 : tensor<2x2x!quant.uniform<i32:f32, 0.03125>> to tensor<2x2xi32>
  return %3 : tensor<2x2xi32>
}

// -----

// Real numbers enter and leave with their parameters beside the storage.
// CHECK-LABEL: func.func @boundary
// CHECK-NEXT: %[[Q:.*]] = quantc.quantize %arg0 as !quant.uniform<i8:f32, 5.000000e-01:3> {scaling = #quantc<scaling divide>} : tensor<4xf32> -> tensor<4xi8>
// CHECK-NEXT: %[[R:.*]] = tosa.reverse %[[Q]]
// CHECK-NEXT: %[[D:.*]] = quantc.dequantize %[[R]] as !quant.uniform<i8:f32, 5.000000e-01:3> : tensor<4xi8> -> tensor<4xf32>
// CHECK-NEXT: return %[[D]]
func.func @boundary(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = quantc.quantize %x {scaling = #quantc<scaling divide>} : tensor<4xf32> -> tensor<4x!quant.uniform<i8:f32, 0.5:3>>
  %1 = quant.scast %0 : tensor<4x!quant.uniform<i8:f32, 0.5:3>> to tensor<4xi8>
  %2 = tosa.reverse %1 {axis = 0 : i32} : (tensor<4xi8>) -> tensor<4xi8>
  %3 = quant.scast %2 : tensor<4xi8> to tensor<4x!quant.uniform<i8:f32, 0.5:3>>
  %4 = quantc.dequantize %3 : tensor<4x!quant.uniform<i8:f32, 0.5:3>> -> tensor<4xf32>
  return %4 : tensor<4xf32>
}

// -----

// A clamp behind becomes the bounds, but not where others read the value, too.
// CHECK-LABEL: func.func @clamp
// CHECK-NEXT: %[[A:.*]] = quantc.rescale %arg0 {{.*}}max = 50 : i32, min = -100 : i32
// CHECK-NEXT: %[[B:.*]] = quantc.rescale %arg1 {{.*}}max = 127 : i32, min = -128 : i32
// CHECK-NEXT: %[[C:.*]] = tosa.clamp %[[B]]
// CHECK-NEXT: return %[[A]], %[[B]], %[[C]]
func.func @clamp(%x: tensor<4xi32>, %y: tensor<4xi32>) -> (tensor<4xi8>, tensor<4xi8>, tensor<4xi8>) {
  %0 = quantc.rescale %x <f32, half_even> {input_zp = 0 : i32, output_zp = 3 : i32, min = -128 : i32, max = 50 : i32, multipliers = array<f32: 0.25>} : tensor<4xi32> -> tensor<4xi8>
  %1 = tosa.clamp %0 {min_val = -100 : i8, max_val = 100 : i8} : (tensor<4xi8>) -> tensor<4xi8>
  %2 = quantc.rescale %y <f32, half_even> {input_zp = 0 : i32, output_zp = 3 : i32, min = -128 : i32, max = 127 : i32, multipliers = array<f32: 0.25>} : tensor<4xi32> -> tensor<4xi8>
  %3 = tosa.clamp %2 {min_val = -100 : i8, max_val = 100 : i8} : (tensor<4xi8>) -> tensor<4xi8>
  return %1, %2, %3 : tensor<4xi8>, tensor<4xi8>, tensor<4xi8>
}

// -----

// Bounds that don't meet: every value is the clamp's nearer end.
// CHECK-LABEL: func.func @clamp_apart
// CHECK-NEXT: quantc.rescale %arg0 {{.*}}max = 60 : i32, min = 60 : i32
func.func @clamp_apart(%x: tensor<4xi32>) -> tensor<4xi8> {
  %0 = quantc.rescale %x <f32, half_even> {input_zp = 0 : i32, output_zp = 3 : i32, min = -128 : i32, max = 50 : i32, multipliers = array<f32: 0.25>} : tensor<4xi32> -> tensor<4xi8>
  %1 = tosa.clamp %0 {min_val = 60 : i8, max_val = 100 : i8} : (tensor<4xi8>) -> tensor<4xi8>
  return %1 : tensor<4xi8>
}
