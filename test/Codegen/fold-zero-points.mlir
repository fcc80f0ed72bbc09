// RUN: quant-opt %s --quantc-fold-zero-points | FileCheck %s

// b - zp · Σ w: [10 - (-3)·6, 20 - (-3)·(-2)]; the padding is a pad with the
// zero point.
// CHECK-LABEL: func.func @conv
// CHECK-SAME: %[[X:.*]]: tensor<1x4x4x1xi8>
// CHECK-DAG: %[[W:.*]] = "tosa.const"() <{values = dense<{{.*}}> : tensor<2x1x3x1xi8>
// CHECK-DAG: %[[BIAS:.*]] = "tosa.const"() <{values = dense<[28, 14]> : tensor<2xi32>
// CHECK-DAG: %[[ZP:.*]] = "tosa.const"() <{values = dense<-3> : tensor<1xi8>
// CHECK-DAG: %[[ZERO:.*]] = "tosa.const"() <{values = dense<0> : tensor<1xi8>
// CHECK-DAG: %[[AMOUNTS:.*]] = tosa.const_shape {values = dense<[0, 0, 0, 0, 1, 1, 0, 0]>
// CHECK: %[[P:.*]] = tosa.pad %[[X]], %[[AMOUNTS]], %[[ZP]] : {{.*}} -> tensor<1x4x6x1xi8>
// CHECK: tosa.conv2d %[[P]], %[[W]], %[[BIAS]], %[[ZERO]], %{{.*}}pad = array<i64: 0, 0, 0, 0>
func.func @conv(%x: tensor<1x4x4x1xi8>) -> tensor<1x4x4x2xi32> {
  %w = "tosa.const"() {values = dense<[[[[1], [2], [3]]], [[[-5], [2], [1]]]]> : tensor<2x1x3x1xi8>} : () -> tensor<2x1x3x1xi8>
  %b = "tosa.const"() {values = dense<[10, 20]> : tensor<2xi32>} : () -> tensor<2xi32>
  %zp = "tosa.const"() {values = dense<-3> : tensor<1xi8>} : () -> tensor<1xi8>
  %zero = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %y = tosa.conv2d %x, %w, %b, %zp, %zero {acc_type = i32, pad = array<i64: 0, 0, 1, 1>, stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>} : (tensor<1x4x4x1xi8>, tensor<2x1x3x1xi8>, tensor<2xi32>, tensor<1xi8>, tensor<1xi8>) -> tensor<1x4x4x2xi32>
  return %y : tensor<1x4x4x2xi32>
}

// One bias for all channels, and a depthwise layout: channel c, multiplier m is
// column 2c + m. Sums over the taps are 6, 8, 10, 12.
// CHECK-LABEL: func.func @depthwise
// CHECK-NOT: tosa.pad
// CHECK-DAG: %[[BIAS:.*]] = "tosa.const"() <{values = dense<[-59, -79, -99, -119]> : tensor<4xi32>
// CHECK: tosa.depthwise_conv2d %arg0, %{{.*}}, %[[BIAS]],
func.func @depthwise(%x: tensor<1x1x3x2xi8>) -> tensor<1x1x2x4xi32> {
  %w = "tosa.const"() {values = dense<[[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]]> : tensor<1x2x2x2xi8>} : () -> tensor<1x2x2x2xi8>
  %b = "tosa.const"() {values = dense<1> : tensor<1xi32>} : () -> tensor<1xi32>
  %zp = "tosa.const"() {values = dense<10> : tensor<1xi8>} : () -> tensor<1xi8>
  %zero = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %y = tosa.depthwise_conv2d %x, %w, %b, %zp, %zero {acc_type = i32, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>} : (tensor<1x1x3x2xi8>, tensor<1x2x2x2xi8>, tensor<1xi32>, tensor<1xi8>, tensor<1xi8>) -> tensor<1x1x2x4xi32>
  return %y : tensor<1x1x2x4xi32>
}

// Modulo 2^32, as the accumulator: -2147483648 - 1·1 wraps.
// CHECK-LABEL: func.func @wraps
// CHECK: "tosa.const"() <{values = dense<2147483647> : tensor<1xi32>
func.func @wraps(%x: tensor<1x1x1x1xi8>) -> tensor<1x1x1x1xi32> {
  %w = "tosa.const"() {values = dense<1> : tensor<1x1x1x1xi8>} : () -> tensor<1x1x1x1xi8>
  %b = "tosa.const"() {values = dense<-2147483648> : tensor<1xi32>} : () -> tensor<1xi32>
  %zp = "tosa.const"() {values = dense<1> : tensor<1xi8>} : () -> tensor<1xi8>
  %zero = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %y = tosa.conv2d %x, %w, %b, %zp, %zero {acc_type = i32, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>} : (tensor<1x1x1x1xi8>, tensor<1x1x1x1xi8>, tensor<1xi32>, tensor<1xi8>, tensor<1xi8>) -> tensor<1x1x1x1xi32>
  return %y : tensor<1x1x1x1xi32>
}

// Floats have no zero point.
// CHECK-LABEL: func.func @float
// CHECK-NOT: tosa.pad
// CHECK: tosa.conv2d {{.*}}pad = array<i64: 0, 0, 1, 1>
func.func @float(%x: tensor<1x4x4x1xf32>, %w: tensor<2x1x3x1xf32>, %b: tensor<2xf32>) -> tensor<1x4x4x2xf32> {
  %zero = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %y = tosa.conv2d %x, %w, %b, %zero, %zero {acc_type = f32, pad = array<i64: 0, 0, 1, 1>, stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>} : (tensor<1x4x4x1xf32>, tensor<2x1x3x1xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x4x2xf32>
  return %y : tensor<1x4x4x2xf32>
}
