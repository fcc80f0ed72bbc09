// Softmax and layer normalization in integers, straight to their results' parameters.
// RUN: quant-opt %s --quantc-quantize=strict-integer --split-input-file | FileCheck %s

// 1 / s = 256 gives 2^(46 + 8).
// CHECK-LABEL: func.func @softmax
// CHECK: %[[TABLE:.*]] = "tosa.const"() <{values = dense_resource<exponentials> : tensor<256xi32>}>
// CHECK: %[[Y:.*]] = quantc.integer_softmax %{{.*}}, %[[TABLE]] {max = 127 : i32, min = -128 : i32, numerator = 18014398509481984 : i64, output_zp = -128 : i32, shift = 46 : i32} : tensor<2x8xi8>, tensor<256xi32>
// CHECK: quant.scast %[[Y]] : tensor<2x8xi8> to tensor<2x8x!quant.uniform<i8:f32, 3.906250e-03:-128>>
func.func @softmax(%x: tensor<2x8xf32>) -> tensor<2x8xf32> {
  %0 = quantc.fake_quant %x as !quant.uniform<i8:f32, 0.5:3> : tensor<2x8xf32>
  %1 = quantc.softmax %0 : tensor<2x8xf32>
  %2 = quantc.fake_quant %1 as !quant.uniform<i8:f32, 3.90625e-3:-128> : tensor<2x8xf32>
  return %2 : tensor<2x8xf32>
}

// -----

// A scale of a billionth isn't one that 32 bits reach.
// CHECK-LABEL: func.func @too_fine
// CHECK: quantc.softmax
func.func @too_fine(%x: tensor<2x8xf32>) -> tensor<2x8xf32> {
  %0 = quantc.fake_quant %x as !quant.uniform<i8:f32, 0.5:3> : tensor<2x8xf32>
  %1 = quantc.softmax %0 : tensor<2x8xf32>
  %2 = quantc.fake_quant %1 as !quant.uniform<i8:f32, 1.0e-9:-128> : tensor<2x8xf32>
  return %2 : tensor<2x8xf32>
}

// -----

// Mean 0 and variance 1: 2 and -4 steps of 1/2 with 15 - 1 places; epsilon is
// 0.25 · 16 / 0.25; 2^14 is the largest of gamma.
// CHECK-LABEL: func.func @layer_norm
// CHECK-DAG: %[[GAMMA:.*]] = "tosa.const"() <{values = dense<[8192, 4096, -16384, 0]> : tensor<4xi32>}>
// CHECK-DAG: %[[BETA:.*]] = "tosa.const"() <{values = dense<[{{.*}}]> : tensor<4xi32>}>
// CHECK: quantc.integer_layer_norm %{{.*}}, %[[GAMMA]], %[[BETA]] {epsilon = 16 : i64, max = 127 : i32, min = -128 : i32, places = 14 : i32, shift = 26 : i32} : tensor<1x4xi8>, tensor<4xi32>
func.func @layer_norm(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %gamma = "tosa.const"() {values = dense<[1.0, 0.5, -2.0, 0.0]> : tensor<4xf32>} : () -> tensor<4xf32>
  %beta = "tosa.const"() {values = dense<[0.0, 1.0, 0.0, 0.5]> : tensor<4xf32>} : () -> tensor<4xf32>
  %0 = quantc.fake_quant %x as !quant.uniform<i8:f32, 0.5:3> : tensor<1x4xf32>
  %1 = quantc.layer_norm %0, %gamma, %beta {epsilon = 0.25 : f32} : tensor<1x4xf32>, tensor<4xf32>
  %2 = quantc.fake_quant %1 as !quant.uniform<i8:f32, 0.5:-1> : tensor<1x4xf32>
  return %2 : tensor<1x4xf32>
}

// -----

// A scale that isn't constant has no place in it.
// CHECK-LABEL: func.func @computed_scale
// CHECK: quantc.layer_norm
func.func @computed_scale(%x: tensor<1x4xf32>, %gamma: tensor<4xf32>) -> tensor<1x4xf32> {
  %0 = quantc.fake_quant %x as !quant.uniform<i8:f32, 0.5:3> : tensor<1x4xf32>
  %1 = quantc.layer_norm %0, %gamma, %gamma {epsilon = 0.25 : f32} : tensor<1x4xf32>, tensor<4xf32>
  %2 = quantc.fake_quant %1 as !quant.uniform<i8:f32, 0.5:-1> : tensor<1x4xf32>
  return %2 : tensor<1x4xf32>
}
