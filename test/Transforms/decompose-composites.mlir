// RUN: quant-opt %s --quantc-decompose-composites | FileCheck %s

// The example of the documentation: the weights are cut at compile time.
// CHECK-LABEL: func @float
// CHECK-SAME: %[[X:.*]]: tensor<1x4x4x4xf32>
func.func @float(%x: tensor<1x4x4x4xf32>) -> tensor<1x4x4x2xf32> {
  // CHECK-NOT: quantc.grouped_conv2d
  // CHECK: %[[START0:.*]] = tosa.const_shape {{.*}}dense<0>
  // CHECK: %[[SIZE0:.*]] = tosa.const_shape {{.*}}dense<[1, 4, 4, 2]>
  // CHECK: %[[X0:.*]] = tosa.slice %[[X]], %[[START0]], %[[SIZE0]]
  // CHECK: %[[W0:.*]] = "tosa.const"() <{values = dense<{{.*}}1.000000e+00, 2.000000e+00{{.*}}> : tensor<1x1x1x2xf32>
  // CHECK: %[[B0:.*]] = "tosa.const"() <{values = dense<5.000000e+00> : tensor<1xf32>
  // CHECK: %[[Y0:.*]] = tosa.conv2d %[[X0]], %[[W0]], %[[B0]], {{.*}}acc_type = f32{{.*}} -> tensor<1x4x4x1xf32>
  // CHECK: %[[START1:.*]] = tosa.const_shape {{.*}}dense<[0, 0, 0, 2]>
  // CHECK: %[[X1:.*]] = tosa.slice %[[X]], %[[START1]]
  // CHECK: %[[W1:.*]] = "tosa.const"() <{values = dense<{{.*}}3.000000e+00, 4.000000e+00{{.*}}> : tensor<1x1x1x2xf32>
  // CHECK: %[[B1:.*]] = "tosa.const"() <{values = dense<6.000000e+00> : tensor<1xf32>
  // CHECK: %[[Y1:.*]] = tosa.conv2d %[[X1]], %[[W1]], %[[B1]]
  // CHECK: %[[Y:.*]] = tosa.concat %[[Y0]], %[[Y1]] {axis = 3 : i32}
  // CHECK: return %[[Y]]
  %w = "tosa.const"() {values = dense<[[[[1.0, 2.0]]], [[[3.0, 4.0]]]]> : tensor<2x1x1x2xf32>} : () -> tensor<2x1x1x2xf32>
  %b = "tosa.const"() {values = dense<[5.0, 6.0]> : tensor<2xf32>} : () -> tensor<2xf32>
  %0 = quantc.grouped_conv2d %x, %w, %b {pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, groups = 2 : i64} : (tensor<1x4x4x4xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>) -> tensor<1x4x4x2xf32>
  return %0 : tensor<1x4x4x2xf32>
}

// The integer form keeps its zero point; weights that aren't constant are cut
// at run time.
// CHECK-LABEL: func @integer
// CHECK-SAME: %[[X:[a-z0-9]*]]: tensor<1x4x4x4xi8>, %[[W:[a-z0-9]*]]: tensor<4x3x3x2xi8>, %[[B:[a-z0-9]*]]: tensor<4xi32>
func.func @integer(%x: tensor<1x4x4x4xi8>, %w: tensor<4x3x3x2xi8>, %b: tensor<4xi32>) -> tensor<1x4x4x4xi32> {
  // CHECK: %[[ZP:.*]] = "tosa.const"() <{values = dense<-5> : tensor<1xi8>}>
  // CHECK: %[[X1:.*]] = tosa.slice %[[X]]
  // CHECK: %[[W1:.*]] = tosa.slice %[[W]], {{.*}} -> tensor<2x3x3x2xi8>
  // CHECK: %[[B1:.*]] = tosa.slice %[[B]], {{.*}} -> tensor<2xi32>
  // CHECK: tosa.conv2d %[[X1]], %[[W1]], %[[B1]], %[[ZP]], {{.*}}acc_type = i32, {{.*}}pad = array<i64: 1, 1, 1, 1>{{.*}} -> tensor<1x4x4x2xi32>
  // CHECK: tosa.conv2d
  // CHECK: tosa.concat {{.*}} -> tensor<1x4x4x4xi32>
  %0 = quantc.grouped_conv2d %x, %w, %b {pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, groups = 2 : i64, input_zp = -5 : i32} : (tensor<1x4x4x4xi8>, tensor<4x3x3x2xi8>, tensor<4xi32>) -> tensor<1x4x4x4xi32>
  return %0 : tensor<1x4x4x4xi32>
}
