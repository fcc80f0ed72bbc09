// RUN: quant-opt %s --mlir-disable-threading --quantc-remove-transposes | FileCheck %s

// The example of the documentation; the constant follows the layout.
// CHECK-LABEL: func @elementwise
// CHECK-SAME: %[[X:.*]]: tensor<1x4x5x2xf32>
func.func @elementwise(%x: tensor<1x4x5x2xf32>) -> tensor<1x4x5x2xf32> {
  // CHECK-NOT: tosa.transpose
  // CHECK: %[[B:[0-9]+]] = "tosa.const"() <{values = dense<{{.*}}[1.000000e+00, 2.000000e+00]
  // CHECK: %[[Y:.*]] = tosa.add %[[X]], %[[B]] : (tensor<1x4x5x2xf32>, tensor<1x1x1x2xf32>) -> tensor<1x4x5x2xf32>
  // CHECK: %[[Z:.*]] = tosa.clamp %[[Y]]
  // CHECK: return %[[Z]]
  %bias = "tosa.const"() {values = dense<[[[[1.0]], [[2.0]]]]> : tensor<1x2x1x1xf32>} : () -> tensor<1x2x1x1xf32>
  %0 = tosa.transpose %x {perms = array<i32: 0, 3, 1, 2>} : (tensor<1x4x5x2xf32>) -> tensor<1x2x4x5xf32>
  %1 = tosa.add %0, %bias : (tensor<1x2x4x5xf32>, tensor<1x2x1x1xf32>) -> tensor<1x2x4x5xf32>
  %2 = tosa.clamp %1 {min_val = 0.0 : f32, max_val = 6.0 : f32} : (tensor<1x2x4x5xf32>) -> tensor<1x2x4x5xf32>
  %3 = tosa.transpose %2 {perms = array<i32: 0, 2, 3, 1>} : (tensor<1x2x4x5xf32>) -> tensor<1x4x5x2xf32>
  return %3 : tensor<1x4x5x2xf32>
}

// Axes, starts, sizes and paddings are renamed: channels are axis 1 in NCHW and
// axis 3 in NHWC.
// CHECK-LABEL: func @axes
// CHECK-SAME: %[[X:.*]]: tensor<1x4x5x2xf32>, %[[Y:.*]]: tensor<1x4x5x3xf32>
func.func @axes(%x: tensor<1x4x5x2xf32>, %y: tensor<1x4x5x3xf32>) -> tensor<1x1x8x4xf32> {
  // CHECK-NOT: tosa.transpose
  // CHECK-DAG: %[[START:.*]] = tosa.const_shape {{.*}}dense<[0, 1, 0, 1]>
  // CHECK-DAG: %[[SIZE:.*]] = tosa.const_shape {{.*}}dense<[1, 3, 5, 4]>
  // CHECK-DAG: %[[PADS:.*]] = tosa.const_shape {{.*}}dense<[0, 0, 0, 0, 1, 2, 0, 0]>
  // CHECK: %[[C:.*]] = tosa.concat %[[X]], %[[Y]] {axis = 3 : i32}
  // CHECK: %[[S:.*]] = tosa.slice %[[C]], %[[START]], %[[SIZE]] : {{.*}} -> tensor<1x3x5x4xf32>
  // CHECK: %[[P:.*]] = tosa.pad %[[S]], %[[PADS]], {{.*}} -> tensor<1x3x8x4xf32>
  // CHECK: %[[R:.*]] = tosa.reduce_max %[[P]] {axis = 1 : i32} : (tensor<1x3x8x4xf32>) -> tensor<1x1x8x4xf32>
  // CHECK: return %[[R]]
  %start = tosa.const_shape {values = dense<[0, 1, 1, 0]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %size = tosa.const_shape {values = dense<[1, 4, 3, 5]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %padding = tosa.const_shape {values = dense<[0, 0, 0, 0, 0, 0, 1, 2]> : tensor<8xindex>} : () -> !tosa.shape<8>
  %zero = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %0 = tosa.transpose %x {perms = array<i32: 0, 3, 1, 2>} : (tensor<1x4x5x2xf32>) -> tensor<1x2x4x5xf32>
  %1 = tosa.transpose %y {perms = array<i32: 0, 3, 1, 2>} : (tensor<1x4x5x3xf32>) -> tensor<1x3x4x5xf32>
  %2 = tosa.concat %0, %1 {axis = 1 : i32} : (tensor<1x2x4x5xf32>, tensor<1x3x4x5xf32>) -> tensor<1x5x4x5xf32>
  %3 = tosa.slice %2, %start, %size : (tensor<1x5x4x5xf32>, !tosa.shape<4>, !tosa.shape<4>) -> tensor<1x4x3x5xf32>
  %4 = tosa.pad %3, %padding, %zero : (tensor<1x4x3x5xf32>, !tosa.shape<8>, tensor<1xf32>) -> tensor<1x4x3x8xf32>
  %5 = tosa.reduce_max %4 {axis = 2 : i32} : (tensor<1x4x3x8xf32>) -> tensor<1x4x1x8xf32>
  %6 = tosa.transpose %5 {perms = array<i32: 0, 2, 3, 1>} : (tensor<1x4x1x8xf32>) -> tensor<1x1x8x4xf32>
  return %6 : tensor<1x1x8x4xf32>
}

// An argument in NCHW: one transpose instead of two.
// CHECK-LABEL: func @mixed
// CHECK-SAME: %[[A:.*]]: tensor<1x2x4x5xf32>, %[[X:.*]]: tensor<1x4x5x2xf32>
func.func @mixed(%a: tensor<1x2x4x5xf32>, %x: tensor<1x4x5x2xf32>) -> tensor<1x4x5x2xf32> {
  // CHECK: %[[T:.*]] = tosa.transpose %[[A]] {perms = array<i32: 0, 2, 3, 1>}
  // CHECK-NOT: tosa.transpose
  // CHECK: tosa.add %[[T]], %[[X]]
  %0 = tosa.transpose %x {perms = array<i32: 0, 3, 1, 2>} : (tensor<1x4x5x2xf32>) -> tensor<1x2x4x5xf32>
  %1 = tosa.add %a, %0 : (tensor<1x2x4x5xf32>, tensor<1x2x4x5xf32>) -> tensor<1x2x4x5xf32>
  %2 = tosa.transpose %1 {perms = array<i32: 0, 2, 3, 1>} : (tensor<1x2x4x5xf32>) -> tensor<1x4x5x2xf32>
  return %2 : tensor<1x4x5x2xf32>
}

// Nothing is gained here: one transpose, before or behind.
// CHECK-LABEL: func @stays
func.func @stays(%x: tensor<1x4x5x2xf32>) -> tensor<1x2x4x5xf32> {
  // CHECK: %[[T:.*]] = tosa.transpose
  // CHECK: %[[Y:.*]] = tosa.exp %[[T]]
  // CHECK: return %[[Y]]
  %0 = tosa.transpose %x {perms = array<i32: 0, 3, 1, 2>} : (tensor<1x4x5x2xf32>) -> tensor<1x2x4x5xf32>
  %1 = tosa.exp %0 : (tensor<1x2x4x5xf32>) -> tensor<1x2x4x5xf32>
  return %1 : tensor<1x2x4x5xf32>
}

// CHECK-LABEL: func @unit_dimensions
// CHECK-SAME: %[[X:.*]]: tensor<1x1x4x5xf32>
func.func @unit_dimensions(%x: tensor<1x1x4x5xf32>) -> tensor<1x4x5x1xf32> {
  // CHECK: %[[Y:.*]] = tosa.reshape %[[X]]
  // CHECK-NEXT: return %[[Y]]
  %0 = tosa.transpose %x {perms = array<i32: 0, 2, 3, 1>} : (tensor<1x1x4x5xf32>) -> tensor<1x4x5x1xf32>
  return %0 : tensor<1x4x5x1xf32>
}

// Constants fold, blobs too: the halves of %blob's channels are 1.0 and 2.0.
// CHECK-LABEL: func @constants
func.func @constants() -> (tensor<2x2xf32>, tensor<32x2xf32>, tensor<64x1xf32>) {
  // CHECK-DAG: %[[A:.*]] = "tosa.const"() <{values = dense<{{\[}}[1.000000e+00, 3.000000e+00], [2.000000e+00, 4.000000e+00]]> : tensor<2x2xf32>}>
  // CHECK-DAG: %[[B:.*]] = "tosa.const"() <{values = dense_resource<blob_1> : tensor<32x2xf32>}>
  // CHECK-DAG: %[[C:.*]] = "tosa.const"() <{values = dense_resource<blob> : tensor<64x1xf32>}>
  // CHECK: return %[[A]], %[[B]], %[[C]]
  %a = "tosa.const"() {values = dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>} : () -> tensor<2x2xf32>
  %blob = "tosa.const"() {values = dense_resource<blob> : tensor<2x32xf32>} : () -> tensor<2x32xf32>
  %row = "tosa.const"() {values = dense_resource<blob> : tensor<1x64xf32>} : () -> tensor<1x64xf32>
  %0 = tosa.transpose %a {perms = array<i32: 1, 0>} : (tensor<2x2xf32>) -> tensor<2x2xf32>
  %1 = tosa.transpose %blob {perms = array<i32: 1, 0>} : (tensor<2x32xf32>) -> tensor<32x2xf32>
  %2 = tosa.transpose %row {perms = array<i32: 1, 0>} : (tensor<1x64xf32>) -> tensor<64x1xf32>
  return %0, %1, %2 : tensor<2x2xf32>, tensor<32x2xf32>, tensor<64x1xf32>
}

// A fully connected layer reads a value flattened in the order of NCHW: its
// weight is reordered instead, w'[h, w, c] = w[c, h, w], behind a clamp as well.
// CHECK-LABEL: func @flattened
// CHECK-SAME: %[[X:.*]]: tensor<1x1x2x3xf32>
func.func @flattened(%x: tensor<1x1x2x3xf32>) -> tensor<1x1x1x2xf32> {
  // CHECK-NOT: tosa.transpose
  // CHECK-DAG: %[[W:.*]] = "tosa.const"() <{values = dense<{{\[}}[{{\[}}[0.000000e+00, 2.000000e+00, 4.000000e+00, 1.000000e+00, 3.000000e+00, 5.000000e+00]]], [{{\[}}[1.000000e+01, 1.200000e+01, 1.400000e+01, 1.100000e+01, 1.300000e+01, 1.500000e+01]]]]>
  // CHECK-DAG: %[[C:.*]] = tosa.clamp %[[X]]
  // CHECK-DAG: %[[R:.*]] = tosa.reshape %[[C]]
  // CHECK: tosa.conv2d %[[R]], %[[W]]
  %w = "tosa.const"() {values = dense<[[[[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]]], [[[10.0, 11.0, 12.0, 13.0, 14.0, 15.0]]]]> : tensor<2x1x1x6xf32>} : () -> tensor<2x1x1x6xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %zp = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %shape = tosa.const_shape {values = dense<[1, 1, 1, 6]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %0 = tosa.transpose %x {perms = array<i32: 0, 3, 1, 2>} : (tensor<1x1x2x3xf32>) -> tensor<1x3x1x2xf32>
  %1 = tosa.clamp %0 {min_val = 0.0 : f32, max_val = 6.0 : f32} : (tensor<1x3x1x2xf32>) -> tensor<1x3x1x2xf32>
  %2 = tosa.reshape %1, %shape : (tensor<1x3x1x2xf32>, !tosa.shape<4>) -> tensor<1x1x1x6xf32>
  %3 = tosa.conv2d %2, %w, %b, %zp, %zp {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x1x1x6xf32>, tensor<2x1x1x6xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x1x2xf32>
  return %3 : tensor<1x1x1x2xf32>
}

// A channel shuffle of NCHW, as exporters write it: halves of the channels are
// taken alternately. In NHWC that is a slice of the last dimension, for the
// second half, too, which goes on as NCHW.
// CHECK-LABEL: func @shuffle
// CHECK-SAME: %[[X:.*]]: tensor<1x4x5x6xf32>
func.func @shuffle(%x: tensor<1x4x5x6xf32>) -> (tensor<1x4x5x3xf32>, tensor<1x3x4x5xf32>) {
  // CHECK-DAG: %[[EVEN:.*]] = tosa.const_shape {{.*}}dense<0>
  // CHECK-DAG: %[[ODD:.*]] = tosa.const_shape {{.*}}dense<[0, 0, 0, 1]>
  // CHECK-DAG: %[[G:.*]] = tosa.reshape %[[X]], %{{.*}} -> tensor<4x5x3x2xf32>
  // CHECK-DAG: %[[A:.*]] = tosa.slice %{{.*}}, %[[EVEN]], {{.*}} -> tensor<4x5x3x1xf32>
  // CHECK-DAG: %[[Y:.*]] = tosa.reshape %[[A]], {{.*}} -> tensor<1x4x5x3xf32>
  // CHECK-DAG: %[[B:.*]] = tosa.slice %{{.*}}, %[[ODD]], {{.*}} -> tensor<4x5x3x1xf32>
  // CHECK-DAG: %[[R:.*]] = tosa.reshape %[[B]], {{.*}} -> tensor<1x4x5x3xf32>
  // CHECK: %[[Z:.*]] = tosa.transpose %[[R]] {perms = array<i32: 0, 3, 1, 2>}
  // CHECK-NOT: tosa.transpose
  // CHECK: return %[[Y]], %[[Z]]
  %groups = tosa.const_shape {values = dense<[3, 2, 20]> : tensor<3xindex>} : () -> !tosa.shape<3>
  %halves = tosa.const_shape {values = dense<[2, 1, 3, 4, 5]> : tensor<5xindex>} : () -> !tosa.shape<5>
  %first = tosa.const_shape {values = dense<[0, 0, 0, 0, 0]> : tensor<5xindex>} : () -> !tosa.shape<5>
  %second = tosa.const_shape {values = dense<[1, 0, 0, 0, 0]> : tensor<5xindex>} : () -> !tosa.shape<5>
  %size = tosa.const_shape {values = dense<[1, 1, 3, 4, 5]> : tensor<5xindex>} : () -> !tosa.shape<5>
  %image = tosa.const_shape {values = dense<[1, 3, 4, 5]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %0 = tosa.transpose %x {perms = array<i32: 0, 3, 1, 2>} : (tensor<1x4x5x6xf32>) -> tensor<1x6x4x5xf32>
  %1 = tosa.reshape %0, %groups : (tensor<1x6x4x5xf32>, !tosa.shape<3>) -> tensor<3x2x20xf32>
  %2 = tosa.transpose %1 {perms = array<i32: 1, 0, 2>} : (tensor<3x2x20xf32>) -> tensor<2x3x20xf32>
  %3 = tosa.reshape %2, %halves : (tensor<2x3x20xf32>, !tosa.shape<5>) -> tensor<2x1x3x4x5xf32>
  %4 = tosa.slice %3, %first, %size : (tensor<2x1x3x4x5xf32>, !tosa.shape<5>, !tosa.shape<5>) -> tensor<1x1x3x4x5xf32>
  %5 = tosa.reshape %4, %image : (tensor<1x1x3x4x5xf32>, !tosa.shape<4>) -> tensor<1x3x4x5xf32>
  %6 = tosa.transpose %5 {perms = array<i32: 0, 2, 3, 1>} : (tensor<1x3x4x5xf32>) -> tensor<1x4x5x3xf32>
  %7 = tosa.slice %3, %second, %size : (tensor<2x1x3x4x5xf32>, !tosa.shape<5>, !tosa.shape<5>) -> tensor<1x1x3x4x5xf32>
  %8 = tosa.reshape %7, %image : (tensor<1x1x3x4x5xf32>, !tosa.shape<4>) -> tensor<1x3x4x5xf32>
  return %6, %8 : tensor<1x4x5x3xf32>, tensor<1x3x4x5xf32>
}

// Flattening joins channels with what lies elsewhere: the transpose stays.
// CHECK-LABEL: func @no_view
// CHECK: tosa.transpose
// CHECK: tosa.reshape {{.*}} -> tensor<1x40xf32>
func.func @no_view(%x: tensor<1x4x5x2xf32>) -> tensor<1x40xf32> {
  %flat = tosa.const_shape {values = dense<[1, 40]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %0 = tosa.transpose %x {perms = array<i32: 0, 3, 1, 2>} : (tensor<1x4x5x2xf32>) -> tensor<1x2x4x5xf32>
  %1 = tosa.reshape %0, %flat : (tensor<1x2x4x5xf32>, !tosa.shape<2>) -> tensor<1x40xf32>
  return %1 : tensor<1x40xf32>
}

// Rows stay rows, whatever order they are in; a softmax along another dimension
// keeps its transposes.
// CHECK-LABEL: func @rows
// CHECK-SAME: %[[X:.*]]: tensor<1x4x5x2xf32>
func.func @rows(%x: tensor<1x4x5x2xf32>) -> (tensor<1x2x4x5xf32>, tensor<1x2x4x5xf32>) {
  // CHECK-DAG: %[[S:.*]] = quantc.softmax %[[X]] : tensor<1x4x5x2xf32>
  // CHECK-DAG: %[[A:.*]] = tosa.transpose %[[S]] {perms = array<i32: 0, 3, 1, 2>}
  // CHECK-DAG: %[[T:.*]] = tosa.transpose %[[X]] {perms = array<i32: 0, 3, 1, 2>}
  // CHECK-DAG: %[[B:.*]] = quantc.softmax %[[T]] : tensor<1x2x4x5xf32>
  // CHECK: return %[[A]], %[[B]]
  %0 = tosa.transpose %x {perms = array<i32: 0, 2, 1, 3>} : (tensor<1x4x5x2xf32>) -> tensor<1x5x4x2xf32>
  %1 = quantc.softmax %0 : tensor<1x5x4x2xf32>
  %2 = tosa.transpose %1 {perms = array<i32: 0, 3, 2, 1>} : (tensor<1x5x4x2xf32>) -> tensor<1x2x4x5xf32>
  %3 = tosa.transpose %x {perms = array<i32: 0, 3, 1, 2>} : (tensor<1x4x5x2xf32>) -> tensor<1x2x4x5xf32>
  %4 = quantc.softmax %3 : tensor<1x2x4x5xf32>
  return %2, %4 : tensor<1x2x4x5xf32>, tensor<1x2x4x5xf32>
}

// CHECK: blob_1: "0x400000000000803F000000400000803F00000040
{-#
  dialect_resources: {
    builtin: {
      blob: "0x400000000000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000004000000040000000400000004000000040000000400000004000000040000000400000004000000040000000400000004000000040000000400000004000000040000000400000004000000040000000400000004000000040000000400000004000000040000000400000004000000040000000400000004000000040"
    }
  }
#-}
