// RUN: quant-opt %s --quantc-fuse-epilogues | FileCheck %s

// The example of the documentation, with a reshape behind the pool.
// CHECK-LABEL: func @hoist
func.func @hoist(%x: tensor<1x4x4x2xf32>, %w: tensor<2x1x1x2xf32>, %b: tensor<2xf32>) -> tensor<1x8xf32> {
  // CHECK: %[[C:.*]] = tosa.conv2d
  // CHECK: %[[A:.*]] = tosa.clamp %[[C]] {max_val = 6.000000e+00 : f32, min_val = 0.000000e+00 : f32} : (tensor<1x4x4x2xf32>)
  // CHECK: %[[P:.*]] = tosa.max_pool2d %[[A]]
  // CHECK: %[[R:.*]] = tosa.reshape %[[P]]
  // CHECK: return %[[R]]
  %zp = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %shape = tosa.const_shape {values = dense<[1, 8]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %0 = tosa.conv2d %x, %w, %b, %zp, %zp {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x4x4x2xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x4x2xf32>
  %1 = tosa.max_pool2d %0 {kernel = array<i64: 2, 2>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 2, 2>} : (tensor<1x4x4x2xf32>) -> tensor<1x2x2x2xf32>
  %2 = tosa.reshape %1, %shape : (tensor<1x2x2x2xf32>, !tosa.shape<2>) -> tensor<1x8xf32>
  %3 = tosa.clamp %2 {min_val = 0.0 : f32, max_val = 6.0 : f32} : (tensor<1x8xf32>) -> tensor<1x8xf32>
  return %3 : tensor<1x8xf32>
}

// The bias of a fully connected layer comes after the reshape. Its weight stays.
// CHECK-LABEL: func @bias
func.func @bias(%x: tensor<1x1x1x4xf32>) -> tensor<1x2xf32> {
  // CHECK-DAG: %[[W:.*]] = "tosa.const"() <{values = dense<{{\[}}[{{\[}}[1.000000e+00, 2.000000e+00]]], [{{\[}}[3.000000e+00, 4.000000e+00]]]]>
  // CHECK-DAG: %[[B:.*]] = "tosa.const"() <{values = dense<[8.000000e+00, 1.000000e+01]>
  // CHECK: %[[Y:.*]] = quantc.grouped_conv2d %{{.*}}, %[[W]], %[[B]]
  // CHECK: %[[R:.*]] = tosa.reshape %[[Y]]
  // CHECK-NEXT: return %[[R]]
  %w = "tosa.const"() {values = dense<[[[[1.0, 2.0]]], [[[3.0, 4.0]]]]> : tensor<2x1x1x2xf32>} : () -> tensor<2x1x1x2xf32>
  %b = "tosa.const"() {values = dense<[1.0, 2.0]> : tensor<2xf32>} : () -> tensor<2xf32>
  %t = "tosa.const"() {values = dense<[[7.0, 8.0]]> : tensor<1x2xf32>} : () -> tensor<1x2xf32>
  %shape = tosa.const_shape {values = dense<[1, 2]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %0 = quantc.grouped_conv2d %x, %w, %b {pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, groups = 2 : i64} : (tensor<1x1x1x4xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>) -> tensor<1x1x1x2xf32>
  %1 = tosa.reshape %0, %shape : (tensor<1x1x1x2xf32>, !tosa.shape<2>) -> tensor<1x2xf32>
  %2 = tosa.add %1, %t : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  return %2 : tensor<1x2xf32>
}

// min(max(x, -1), 4), then clamp to [0, 6]; disjoint clamps give a constant;
// integers compare as such.
// CHECK-LABEL: func @merge
// CHECK-SAME: %[[X:.*]]: tensor<2x4xf32>, %[[I:.*]]: tensor<2x4xi8>
func.func @merge(%x: tensor<2x4xf32>, %i: tensor<2x4xi8>) -> (tensor<2x4xf32>, tensor<2x4xf32>, tensor<2x4xi8>) {
  // CHECK-DAG: %[[A:.*]] = tosa.clamp %[[X]] {max_val = 4.000000e+00 : f32, min_val = 0.000000e+00 : f32}
  // CHECK-DAG: %[[B:.*]] = tosa.clamp %[[X]] {max_val = 2.000000e+00 : f32, min_val = 2.000000e+00 : f32}
  // CHECK-DAG: %[[C:.*]] = tosa.clamp %[[I]] {max_val = 5 : i8, min_val = -3 : i8}
  // CHECK: return %[[A]], %[[B]], %[[C]]
  %lo = "tosa.const"() {values = dense<-1.0> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %hi = "tosa.const"() {values = dense<4.0> : tensor<2x4xf32>} : () -> tensor<2x4xf32>
  %0 = tosa.maximum %x, %lo : (tensor<2x4xf32>, tensor<1x1xf32>) -> tensor<2x4xf32>
  %1 = tosa.minimum %hi, %0 : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %2 = tosa.clamp %1 {min_val = 0.0 : f32, max_val = 6.0 : f32} : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %3 = tosa.clamp %x {min_val = 0.0 : f32, max_val = 1.0 : f32} : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %4 = tosa.clamp %3 {min_val = 2.0 : f32, max_val = 3.0 : f32} : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %5 = tosa.clamp %i {min_val = -3 : i8, max_val = 100 : i8} : (tensor<2x4xi8>) -> tensor<2x4xi8>
  %6 = tosa.clamp %5 {min_val = -100 : i8, max_val = 5 : i8} : (tensor<2x4xi8>) -> tensor<2x4xi8>
  return %2, %4, %6 : tensor<2x4xf32>, tensor<2x4xf32>, tensor<2x4xi8>
}

// The pool is read by others, too; the other constant isn't the same everywhere.
// CHECK-LABEL: func @stays
func.func @stays(%x: tensor<1x4x4x2xf32>) -> (tensor<1x2x2x2xf32>, tensor<1x2x2x2xf32>, tensor<1x4x4x2xf32>) {
  // CHECK: %[[P:.*]] = tosa.max_pool2d
  // CHECK: tosa.clamp %[[P]]
  // CHECK: tosa.maximum
  %c = "tosa.const"() {values = dense<[[[[0.0, 1.0]]]]> : tensor<1x1x1x2xf32>} : () -> tensor<1x1x1x2xf32>
  %0 = tosa.add %x, %x : (tensor<1x4x4x2xf32>, tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32>
  %1 = tosa.max_pool2d %0 {kernel = array<i64: 2, 2>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 2, 2>} : (tensor<1x4x4x2xf32>) -> tensor<1x2x2x2xf32>
  %2 = tosa.clamp %1 {min_val = 0.0 : f32, max_val = 6.0 : f32} : (tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  %3 = tosa.maximum %x, %c : (tensor<1x4x4x2xf32>, tensor<1x1x1x2xf32>) -> tensor<1x4x4x2xf32>
  return %1, %2, %3 : tensor<1x2x2x2xf32>, tensor<1x2x2x2xf32>, tensor<1x4x4x2xf32>
}
