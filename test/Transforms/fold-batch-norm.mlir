// RUN: quant-opt %s --mlir-disable-threading --quantc-fold-batch-norm | FileCheck %s

// The example of the documentation: w' = w · s, b' = b · s + t.
// CHECK-LABEL: func @conv
func.func @conv(%x: tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32> {
  // CHECK-DAG: %[[W:.*]] = "tosa.const"() <{values = dense<{{\[}}[{{\[}}[2.000000e+00, 4.000000e+00]]], [{{\[}}[-1.500000e+00, -2.000000e+00]]]]>
  // CHECK-DAG: %[[B:.*]] = "tosa.const"() <{values = dense<[3.000000e+01, 3.950000e+01]>
  // CHECK: %[[Y:.*]] = tosa.conv2d %{{.*}}, %[[W]], %[[B]]
  // CHECK-NOT: tosa.mul
  // CHECK-NOT: tosa.add
  // CHECK: return %[[Y]]
  %w = "tosa.const"() {values = dense<[[[[1.0, 2.0]]], [[[3.0, 4.0]]]]> : tensor<2x1x1x2xf32>} : () -> tensor<2x1x1x2xf32>
  %b = "tosa.const"() {values = dense<[10.0, 1.0]> : tensor<2xf32>} : () -> tensor<2xf32>
  %zp = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %s = "tosa.const"() {values = dense<[[[[2.0, -0.5]]]]> : tensor<1x1x1x2xf32>} : () -> tensor<1x1x1x2xf32>
  %t = "tosa.const"() {values = dense<[[[[10.0, 40.0]]]]> : tensor<1x1x1x2xf32>} : () -> tensor<1x1x1x2xf32>
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %0 = tosa.conv2d %x, %w, %b, %zp, %zp {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x4x4x2xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x4x2xf32>
  %1 = tosa.mul %0, %s, %shift : (tensor<1x4x4x2xf32>, tensor<1x1x1x2xf32>, tensor<1xi8>) -> tensor<1x4x4x2xf32>
  %2 = tosa.add %t, %1 : (tensor<1x1x1x2xf32>, tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32>
  return %2 : tensor<1x4x4x2xf32>
}

// 5 - 2 · (conv + 3), a chain with scalars: w' = -2 w, b' = 5 - 2 (b + 3). The
// weight of a depthwise convolution is [kh, kw, C, M].
// CHECK-LABEL: func @depthwise
func.func @depthwise(%x: tensor<1x4x4x2xf32>) -> tensor<1x4x4x4xf32> {
  // CHECK-DAG: %[[W:.*]] = "tosa.const"() <{values = dense<{{\[}}[{{\[}}[-2.000000e+00, -4.000000e+00], [-6.000000e+00, -8.000000e+00]]]]>
  // CHECK-DAG: %[[B:.*]] = "tosa.const"() <{values = dense<[-1.000000e+00, -3.000000e+00, -5.000000e+00, -7.000000e+00]>
  // CHECK: %[[Y:.*]] = tosa.depthwise_conv2d %{{.*}}, %[[W]], %[[B]]
  // CHECK-NEXT: return %[[Y]]
  %w = "tosa.const"() {values = dense<[[[[1.0, 2.0], [3.0, 4.0]]]]> : tensor<1x1x2x2xf32>} : () -> tensor<1x1x2x2xf32>
  %b = "tosa.const"() {values = dense<[0.0, 1.0, 2.0, 3.0]> : tensor<4xf32>} : () -> tensor<4xf32>
  %zp = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %three = "tosa.const"() {values = dense<3.0> : tensor<1x1x1x1xf32>} : () -> tensor<1x1x1x1xf32>
  %two = "tosa.const"() {values = dense<2.0> : tensor<1x1x1x4xf32>} : () -> tensor<1x1x1x4xf32>
  %five = "tosa.const"() {values = dense<5.0> : tensor<1x1x1x1xf32>} : () -> tensor<1x1x1x1xf32>
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %0 = tosa.depthwise_conv2d %x, %w, %b, %zp, %zp {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x4x4x2xf32>, tensor<1x1x2x2xf32>, tensor<4xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x4x4xf32>
  %1 = tosa.add %0, %three : (tensor<1x4x4x4xf32>, tensor<1x1x1x1xf32>) -> tensor<1x4x4x4xf32>
  %2 = tosa.mul %two, %1, %shift : (tensor<1x1x1x4xf32>, tensor<1x4x4x4xf32>, tensor<1xi8>) -> tensor<1x4x4x4xf32>
  %3 = tosa.sub %five, %2 : (tensor<1x1x1x1xf32>, tensor<1x4x4x4xf32>) -> tensor<1x4x4x4xf32>
  return %3 : tensor<1x4x4x4xf32>
}

// Blobs are read and written as such.
// CHECK-LABEL: func @blob
func.func @blob(%x: tensor<1x4x4x64xf32>) -> tensor<1x4x4x2xf32> {
  // CHECK: "tosa.const"() <{values = dense_resource<w_1> : tensor<2x1x1x64xf32>}>
  // CHECK-NOT: tosa.mul
  %w = "tosa.const"() {values = dense_resource<w> : tensor<2x1x1x64xf32>} : () -> tensor<2x1x1x64xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %zp = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %s = "tosa.const"() {values = dense<2.0> : tensor<1x1x1x1xf32>} : () -> tensor<1x1x1x1xf32>
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %0 = tosa.conv2d %x, %w, %b, %zp, %zp {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x4x4x64xf32>, tensor<2x1x1x64xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x4x2xf32>
  %1 = tosa.mul %0, %s, %shift : (tensor<1x4x4x2xf32>, tensor<1x1x1x1xf32>, tensor<1xi8>) -> tensor<1x4x4x2xf32>
  return %1 : tensor<1x4x4x2xf32>
}

// What must stay: a convolution that others read, a scale that overflows f32,
// and a constant that differs along the width.
// CHECK-LABEL: func @stays
func.func @stays(%x: tensor<1x1x2x1xf32>) -> (tensor<1x1x2x1xf32>, tensor<1x1x2x1xf32>, tensor<1x1x2x1xf32>, tensor<1x1x2x1xf32>) {
  // CHECK-COUNT-2: tosa.mul
  // CHECK: tosa.add
  %w = "tosa.const"() {values = dense<1.0e30> : tensor<1x1x1x1xf32>} : () -> tensor<1x1x1x1xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %two = "tosa.const"() {values = dense<2.0> : tensor<1x1x1x1xf32>} : () -> tensor<1x1x1x1xf32>
  %large = "tosa.const"() {values = dense<1.0e30> : tensor<1x1x1x1xf32>} : () -> tensor<1x1x1x1xf32>
  %wide = "tosa.const"() {values = dense<[[[[1.0], [2.0]]]]> : tensor<1x1x2x1xf32>} : () -> tensor<1x1x2x1xf32>
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %0 = tosa.conv2d %x, %w, %b, %b, %b {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x1x2x1xf32>, tensor<1x1x1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x2x1xf32>
  %1 = tosa.mul %0, %two, %shift : (tensor<1x1x2x1xf32>, tensor<1x1x1x1xf32>, tensor<1xi8>) -> tensor<1x1x2x1xf32>
  %2 = tosa.conv2d %x, %w, %b, %b, %b {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x1x2x1xf32>, tensor<1x1x1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x2x1xf32>
  %3 = tosa.mul %2, %large, %shift : (tensor<1x1x2x1xf32>, tensor<1x1x1x1xf32>, tensor<1xi8>) -> tensor<1x1x2x1xf32>
  %4 = tosa.conv2d %x, %w, %b, %b, %b {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x1x2x1xf32>, tensor<1x1x1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x2x1xf32>
  %5 = tosa.add %4, %wide : (tensor<1x1x2x1xf32>, tensor<1x1x2x1xf32>) -> tensor<1x1x2x1xf32>
  return %0, %1, %3, %5 : tensor<1x1x2x1xf32>, tensor<1x1x2x1xf32>, tensor<1x1x2x1xf32>, tensor<1x1x2x1xf32>
}

// The blob holds 0.75 = 0x3f400000, and 1.5 = 0x3fc00000 afterwards.
// CHECK: w_1: "0x400000000000C03F0000C03F
{-#
  dialect_resources: {
    builtin: {
      w: "0x400000000000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F0000403F"
    }
  }
#-}
