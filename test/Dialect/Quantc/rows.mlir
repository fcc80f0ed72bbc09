// Softmax, layer normalization and GELU: the examples of their descriptions,
// their folds, and a line for each rule of their verifiers.
// RUN: quant-opt %s -verify-diagnostics -split-input-file --canonicalize | FileCheck %s
// RUN: quant-opt %s -verify-diagnostics -split-input-file --canonicalize | quant-opt | FileCheck %s --check-prefix=AGAIN

// AGAIN-LABEL: func.func @floats
// AGAIN: quantc.softmax
// AGAIN: quantc.layer_norm
// CHECK-LABEL: func.func @floats
func.func @floats(%x: tensor<12x128x128xf32>, %y: tensor<128x768xf32>, %gamma: tensor<768xf32>, %beta: tensor<768xf32>, %z: tensor<128x3072xf32>) -> (tensor<12x128x128xf32>, tensor<128x768xf32>, tensor<128x3072xf32>, tensor<128x3072xf32>) {
  // CHECK: quantc.softmax %{{.*}} : tensor<12x128x128xf32>
  %0 = quantc.softmax %x : tensor<12x128x128xf32>
  // CHECK: quantc.layer_norm %{{.*}}, %{{.*}}, %{{.*}} {epsilon = 9.99999974E-6 : f32} : tensor<128x768xf32>, tensor<768xf32>
  %1 = quantc.layer_norm %y, %gamma, %beta {epsilon = 1.0e-5 : f32} : tensor<128x768xf32>, tensor<768xf32>
  // CHECK: quantc.gelu %{{.*}} : tensor<128x3072xf32>
  %2 = quantc.gelu %z : tensor<128x3072xf32>
  // CHECK: quantc.gelu %{{.*}} {tanh} : tensor<128x3072xf32>
  %3 = quantc.gelu %z {tanh} : tensor<128x3072xf32>
  return %0, %1, %2, %3 : tensor<12x128x128xf32>, tensor<128x768xf32>, tensor<128x3072xf32>, tensor<128x3072xf32>
}

// -----

// CHECK-LABEL: func.func @integers
func.func @integers(%x: tensor<12x128x128xi8>, %table: tensor<256xi32>, %y: tensor<128x768xi8>, %gamma: tensor<768xi32>, %beta: tensor<768xi32>) -> (tensor<12x128x128xi8>, tensor<128x768xi8>) {
  // CHECK: quantc.integer_softmax %{{.*}}, %{{.*}} {max = 127 : i32, min = -128 : i32, numerator = 18014398509481984 : i64, output_zp = -128 : i32, shift = 46 : i32} : tensor<12x128x128xi8>, tensor<256xi32>
  %0 = quantc.integer_softmax %x, %table {numerator = 18014398509481984 : i64, shift = 46 : i32, output_zp = -128 : i32, min = -128 : i32, max = 127 : i32} : tensor<12x128x128xi8>, tensor<256xi32>
  // CHECK: quantc.integer_layer_norm %{{.*}}, %{{.*}}, %{{.*}} {epsilon = 589 : i64, max = 127 : i32, min = -128 : i32, places = 10 : i32, shift = 18 : i32} : tensor<128x768xi8>, tensor<768xi32>
  %1 = quantc.integer_layer_norm %y, %gamma, %beta {epsilon = 589 : i64, places = 10 : i32, shift = 18 : i32, min = -128 : i32, max = 127 : i32} : tensor<128x768xi8>, tensor<768xi32>
  return %0, %1 : tensor<12x128x128xi8>, tensor<128x768xi8>
}

// -----

// The values at 1 differ in the fourth digit.
// CHECK-LABEL: func.func @fold
// CHECK-DAG: dense<[0.000000e+00, 0.84134{{[0-9]*}}, -0.158655{{[0-9]*}}]>
// CHECK-DAG: dense<8.411920e-01>
// CHECK-NOT: quantc.gelu
func.func @fold() -> (tensor<3xf32>, tensor<1xf32>) {
  %x = "tosa.const"() {values = dense<[0.0, 1.0, -1.0]> : tensor<3xf32>} : () -> tensor<3xf32>
  %y = "tosa.const"() {values = dense<1.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %0 = quantc.gelu %x : tensor<3xf32>
  %1 = quantc.gelu %y {tanh} : tensor<1xf32>
  return %0, %1 : tensor<3xf32>, tensor<1xf32>
}

// -----

func.func @f(%x: tensor<f32>) {
  // expected-error@+1 {{needs a static shape of one dimension or more}}
  %0 = quantc.softmax %x : tensor<f32>
  return
}

// -----

func.func @f(%x: tensor<4x?xf32>) {
  // expected-error@+1 {{needs a static shape of one dimension or more}}
  %0 = quantc.softmax %x : tensor<4x?xf32>
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>, %g: tensor<4xf32>) {
  // expected-error@+1 {{needs gamma and beta of 8 elements, but has 'tensor<4xf32>'}}
  %0 = quantc.layer_norm %x, %g, %g {epsilon = 0.0 : f32} : tensor<4x8xf32>, tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>, %g: tensor<8xf32>) {
  // expected-error@+1 {{needs a finite epsilon >= 0}}
  %0 = quantc.layer_norm %x, %g, %g {epsilon = -1.0 : f32} : tensor<4x8xf32>, tensor<8xf32>
  return
}

// -----

func.func @f(%x: tensor<4x8xi8>, %t: tensor<255xi32>) {
  // expected-error@+1 {{needs a table of 256 elements, but has 'tensor<255xi32>'}}
  %0 = quantc.integer_softmax %x, %t {numerator = 1 : i64, shift = 46 : i32, output_zp = 0 : i32, min = -128 : i32, max = 127 : i32} : tensor<4x8xi8>, tensor<255xi32>
  return
}

// -----

func.func @f(%x: tensor<4x8xi8>, %t: tensor<256xi32>) {
  // expected-error@+1 {{needs a shift of 1 to 62, but has 63}}
  %0 = quantc.integer_softmax %x, %t {numerator = 1 : i64, shift = 63 : i32, output_zp = 0 : i32, min = -128 : i32, max = 127 : i32} : tensor<4x8xi8>, tensor<256xi32>
  return
}

// -----

func.func @f(%x: tensor<4x8xi8>, %t: tensor<256xi32>) {
  // expected-error@+1 {{needs a numerator >= 0}}
  %0 = quantc.integer_softmax %x, %t {numerator = -1 : i64, shift = 46 : i32, output_zp = 0 : i32, min = -128 : i32, max = 127 : i32} : tensor<4x8xi8>, tensor<256xi32>
  return
}

// -----

func.func @f(%x: tensor<4x8xi8>, %t: tensor<256xi32>) {
  // expected-error@+1 {{has bounds that aren't a range of i8: [-129, 127]}}
  %0 = quantc.integer_softmax %x, %t {numerator = 1 : i64, shift = 46 : i32, output_zp = 0 : i32, min = -129 : i32, max = 127 : i32} : tensor<4x8xi8>, tensor<256xi32>
  return
}

// -----

func.func @f(%x: tensor<65537xi8>, %t: tensor<256xi32>) {
  // expected-error@+1 {{has rows of 65537 elements; at most 65536 are supported}}
  %0 = quantc.integer_softmax %x, %t {numerator = 1 : i64, shift = 46 : i32, output_zp = 0 : i32, min = -128 : i32, max = 127 : i32} : tensor<65537xi8>, tensor<256xi32>
  return
}

// -----

func.func @f(%x: tensor<4x8xi8>, %g: tensor<8xi32>) {
  // expected-error@+1 {{needs a shift below 32, but has 32}}
  %0 = quantc.integer_layer_norm %x, %g, %g {epsilon = 0 : i64, places = 13 : i32, shift = 32 : i32, min = -128 : i32, max = 127 : i32} : tensor<4x8xi8>, tensor<8xi32>
  return
}

// -----

func.func @f(%x: tensor<4x8xi8>, %g: tensor<8xi32>) {
  // expected-error@+1 {{needs 0 to 30 places, but has 31}}
  %0 = quantc.integer_layer_norm %x, %g, %g {epsilon = 0 : i64, places = 31 : i32, shift = 20 : i32, min = -128 : i32, max = 127 : i32} : tensor<4x8xi8>, tensor<8xi32>
  return
}

// -----

func.func @f(%x: tensor<4x8xi8>, %g: tensor<8xi32>) {
  // expected-error@+1 {{needs an epsilon of 0 to 2^62, but has -1}}
  %0 = quantc.integer_layer_norm %x, %g, %g {epsilon = -1 : i64, places = 13 : i32, shift = 20 : i32, min = -128 : i32, max = 127 : i32} : tensor<4x8xi8>, tensor<8xi32>
  return
}
