// RUN: quant-opt %s --canonicalize -split-input-file | FileCheck %s

// quantize(dequantize(q)) = q; the reverse stays.
// CHECK-LABEL: func.func @quantize_dequantize
// CHECK-SAME: (%[[Q:.*]]: tensor<4x!quant.uniform<i8:f32, 1.000000e-01:3>>, %[[S:.*]]: tensor<4xi8>, %[[X:.*]]: tensor<4xf32>)
func.func @quantize_dequantize(%q: tensor<4x!quant.uniform<i8:f32, 0.1:3>>, %s: tensor<4xi8>, %x: tensor<4xf32>) -> (tensor<4x!quant.uniform<i8:f32, 0.1:3>>, tensor<4xi8>, tensor<4xf32>) {
  %0 = quantc.dequantize %q : tensor<4x!quant.uniform<i8:f32, 0.1:3>> -> tensor<4xf32>
  %1 = quantc.quantize %0 : tensor<4xf32> -> tensor<4x!quant.uniform<i8:f32, 0.1:3>>
  %2 = quantc.dequantize %s as !quant.uniform<i8:f32, 0.1:3> : tensor<4xi8> -> tensor<4xf32>
  %3 = quantc.quantize %2 as !quant.uniform<i8:f32, 0.1:3> : tensor<4xf32> -> tensor<4xi8>
  // CHECK-NEXT: %[[QX:.*]] = quantc.quantize %[[X]]
  // CHECK-NEXT: %[[DX:.*]] = quantc.dequantize %[[QX]]
  %4 = quantc.quantize %x : tensor<4xf32> -> tensor<4x!quant.uniform<i8:f32, 0.1:3>>
  %5 = quantc.dequantize %4 : tensor<4x!quant.uniform<i8:f32, 0.1:3>> -> tensor<4xf32>
  // CHECK-NEXT: return %[[Q]], %[[S]], %[[DX]]
  return %1, %3, %5 : tensor<4x!quant.uniform<i8:f32, 0.1:3>>, tensor<4xi8>, tensor<4xf32>
}

// -----

// Other parameters: a change of scale.
// CHECK-LABEL: func.func @quantize_dequantize_other
// CHECK-NEXT: quantc.dequantize
// CHECK-NEXT: quantc.quantize
func.func @quantize_dequantize_other(%s: tensor<4xi8>) -> tensor<4xi8> {
  %0 = quantc.dequantize %s as !quant.uniform<i8:f32, 0.1:3> : tensor<4xi8> -> tensor<4xf32>
  %1 = quantc.quantize %0 as !quant.uniform<i8:f32, 0.1:4> : tensor<4xf32> -> tensor<4xi8>
  return %1 : tensor<4xi8>
}

// -----

// Ties go to even before the zero point is added, or the zero point takes part:
// 0.25 / 0.5 = 0.5 becomes 0 + 3, but 0.5 + 3 becomes 4. Ends saturate.
// CHECK-LABEL: func.func @quantize_constant
// CHECK-DAG: %[[AFTER:.*]] = "tosa.const"() <{values = dense<[3, 5, -128, 127]> : tensor<4xi8>}>
// CHECK-DAG: %[[BEFORE:.*]] = "tosa.const"() <{values = dense<[4, 4, -128, 127]> : tensor<4xi8>}>
// CHECK: return %[[AFTER]], %[[BEFORE]]
func.func @quantize_constant() -> (tensor<4xi8>, tensor<4xi8>) {
  %x = "tosa.const"() {values = dense<[0.25, 0.75, -1000.0, 0x7F800000]> : tensor<4xf32>} : () -> tensor<4xf32>
  %0 = quantc.quantize %x as !quant.uniform<i8:f32, 0.5:3> : tensor<4xf32> -> tensor<4xi8>
  %1 = quantc.quantize %x as !quant.uniform<i8:f32, 0.5:3> {zero_point_placement = #quantc<zero_point before_rounding>} : tensor<4xf32> -> tensor<4xi8>
  return %0, %1 : tensor<4xi8>, tensor<4xi8>
}

// -----

// CHECK-LABEL: func.func @quantize_per_axis
// CHECK: dense<{{\[}}[2, 1], [4, 2]]> : tensor<2x2xi8>
func.func @quantize_per_axis() -> tensor<2x2xi8> {
  %x = "tosa.const"() {values = dense<[[1.0, 1.0], [2.0, 2.0]]> : tensor<2x2xf32>} : () -> tensor<2x2xf32>
  %0 = quantc.quantize %x as !quant.uniform<i8:f32:1, {0.5, 1.0}> : tensor<2x2xf32> -> tensor<2x2xi8>
  return %0 : tensor<2x2xi8>
}

// -----

// Blobs, too.
// CHECK-LABEL: func.func @quantize_resource
// CHECK: dense_resource<weight{{.*}}> : tensor<64xi8>
// CHECK: weight{{.*}}: "0x40000000020202
func.func @quantize_resource() -> tensor<64xi8> {
  %x = "tosa.const"() {values = dense_resource<weight> : tensor<64xf32>} : () -> tensor<64xf32>
  %0 = quantc.quantize %x as !quant.uniform<i8:f32, 0.5> : tensor<64xf32> -> tensor<64xi8>
  return %0 : tensor<64xi8>
}
{-#
  dialect_resources: {
    builtin: {
      weight: "0x400000000000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F"
    }
  }
#-}

// -----

// CHECK-LABEL: func.func @requantize_same
// CHECK-SAME: (%[[Q:.*]]: tensor<4x!quant
// CHECK-NEXT: return %[[Q]]
func.func @requantize_same(%q: tensor<4x!quant.uniform<i8:f32, 0.1:3>>) -> tensor<4x!quant.uniform<i8:f32, 0.1:3>> {
  %0 = quantc.requantize %q <f32, half_even> : tensor<4x!quant.uniform<i8:f32, 0.1:3>> -> tensor<4x!quant.uniform<i8:f32, 0.1:3>>
  return %0 : tensor<4x!quant.uniform<i8:f32, 0.1:3>>
}

// -----

// CHECK-LABEL: func.func @rescale_identity
// CHECK-SAME: (%[[X:.*]]: tensor<4xi8>)
// CHECK-NEXT: return %[[X]], %[[X]], %[[X]]
func.func @rescale_identity(%x: tensor<4xi8>) -> (tensor<4xi8>, tensor<4xi8>, tensor<4xi8>) {
  %0 = quantc.rescale %x <f32, half_even> {input_zp = 3 : i32, output_zp = 3 : i32, min = -128 : i32, max = 127 : i32, multipliers = array<f32: 1.0>} : tensor<4xi8> -> tensor<4xi8>
  %1 = quantc.rescale %x <fixed, half_up> {input_zp = 3 : i32, output_zp = 3 : i32, min = -128 : i32, max = 127 : i32, shifts = array<i32: 0>} : tensor<4xi8> -> tensor<4xi8>
  %2 = quantc.rescale %x <fixed, double_round> {input_zp = 3 : i32, output_zp = 3 : i32, min = -128 : i32, max = 127 : i32, fixed_multipliers = array<i32: 1073741824>, shifts = array<i32: 30>} : tensor<4xi8> -> tensor<4xi8>
  return %0, %1, %2 : tensor<4xi8>, tensor<4xi8>, tensor<4xi8>
}

// -----

// Bounds, zero points, and f32 for 32 bits change values.
// CHECK-LABEL: func.func @rescale_not_identity
// CHECK-COUNT-3: quantc.rescale
func.func @rescale_not_identity(%x: tensor<4xi8>, %y: tensor<4xi32>) -> (tensor<4xi8>, tensor<4xi8>, tensor<4xi32>) {
  %0 = quantc.rescale %x <f32, half_even> {input_zp = 3 : i32, output_zp = 3 : i32, min = -127 : i32, max = 127 : i32, multipliers = array<f32: 1.0>} : tensor<4xi8> -> tensor<4xi8>
  %1 = quantc.rescale %x <fixed, half_up> {input_zp = 3 : i32, output_zp = 2 : i32, min = -128 : i32, max = 127 : i32, shifts = array<i32: 0>} : tensor<4xi8> -> tensor<4xi8>
  %2 = quantc.rescale %y <f32, half_even> {input_zp = 0 : i32, output_zp = 0 : i32, min = -2147483648 : i32, max = 2147483647 : i32, multipliers = array<f32: 1.0>} : tensor<4xi32> -> tensor<4xi32>
  return %0, %1, %2 : tensor<4xi8>, tensor<4xi8>, tensor<4xi32>
}

// -----

// 5 · 0.5 = 2.5 goes to 2 (even), to 3 (up); -2.5 to -2 either way.
// CHECK-LABEL: func.func @rescale_constant
// CHECK-DAG: %[[EVEN:.*]] = "tosa.const"() <{values = dense<[2, -2, 127, -100]> : tensor<4xi8>}>
// CHECK-DAG: %[[UP:.*]] = "tosa.const"() <{values = dense<[3, -2, 127, -100]> : tensor<4xi8>}>
// CHECK: return %[[EVEN]], %[[UP]]
func.func @rescale_constant() -> (tensor<4xi8>, tensor<4xi8>) {
  %x = "tosa.const"() {values = dense<[5, -5, 2147483647, -2147483648]> : tensor<4xi32>} : () -> tensor<4xi32>
  %0 = quantc.rescale %x <f32, half_even> {input_zp = 0 : i32, output_zp = 0 : i32, min = -100 : i32, max = 127 : i32, multipliers = array<f32: 0.5>} : tensor<4xi32> -> tensor<4xi8>
  %1 = quantc.rescale %x <fixed, half_up> {input_zp = 0 : i32, output_zp = 0 : i32, min = -100 : i32, max = 127 : i32, shifts = array<i32: 1>} : tensor<4xi32> -> tensor<4xi8>
  return %0, %1 : tensor<4xi8>, tensor<4xi8>
}

// -----

// A multiplier per channel of the last axis; double rounding takes 0.75 → 1.
// CHECK-LABEL: func.func @rescale_channels
// CHECK-DAG: dense<{{\[}}[11, 9], [12, 8]]> : tensor<2x2xi8>
// CHECK-DAG: dense<1> : tensor<100xi8>
func.func @rescale_channels() -> (tensor<2x2xi8>, tensor<100xi8>) {
  %x = "tosa.const"() {values = dense<[[1, -1], [2, -2]]> : tensor<2x2xi32>} : () -> tensor<2x2xi32>
  %0 = quantc.rescale %x <f32, half_even> {input_zp = 0 : i32, output_zp = 10 : i32, min = -128 : i32, max = 127 : i32, multipliers = array<f32: 1.0, 1.25>} : tensor<2x2xi32> -> tensor<2x2xi8>
  %y = "tosa.const"() {values = dense<3> : tensor<100xi32>} : () -> tensor<100xi32>
  %1 = quantc.rescale %y <fixed, double_round> {input_zp = 0 : i32, output_zp = 0 : i32, min = -128 : i32, max = 127 : i32, fixed_multipliers = array<i32: 1073741824>, shifts = array<i32: 32>} : tensor<100xi32> -> tensor<100xi8>
  return %0, %1 : tensor<2x2xi8>, tensor<100xi8>
}
