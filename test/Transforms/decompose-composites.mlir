// RUN: quant-opt %s --quantc-decompose-composites | FileCheck %s
// RUN: quant-opt %s --quantc-decompose-composites=keep-rows | FileCheck %s --check-prefix=KEPT

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

// CHECK-LABEL: func @softmax
// CHECK-SAME: %[[X:.*]]: tensor<2x4xf32>
// KEPT-LABEL: func @softmax
// KEPT: quantc.softmax
func.func @softmax(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  // CHECK: %[[MAX:.*]] = tosa.reduce_max %[[X]] {axis = 1 : i32}
  // CHECK: %[[D:.*]] = tosa.sub %[[X]], %[[MAX]]
  // CHECK: %[[E:.*]] = tosa.exp %[[D]]
  // CHECK: %[[S:.*]] = tosa.reduce_sum %[[E]] {axis = 1 : i32}
  // CHECK: %[[R:.*]] = tosa.reciprocal %[[S]]
  // CHECK: tosa.mul %[[E]], %[[R]]
  %0 = quantc.softmax %x : tensor<2x4xf32>
  return %0 : tensor<2x4xf32>
}

// CHECK-LABEL: func @layer_norm
// CHECK-SAME: %[[X:.*]]: tensor<2x4xf32>, %[[G:.*]]: tensor<4xf32>, %[[B:.*]]: tensor<4xf32>
// KEPT-LABEL: func @layer_norm
// KEPT: quantc.layer_norm
func.func @layer_norm(%x: tensor<2x4xf32>, %g: tensor<4xf32>, %b: tensor<4xf32>) -> tensor<2x4xf32> {
  // CHECK: dense<2.500000e-01>
  // CHECK: %[[S:.*]] = tosa.reduce_sum %[[X]] {axis = 1 : i32}
  // CHECK: %[[D:.*]] = tosa.sub %[[X]], %{{.*}}
  // CHECK: %[[SQUARE:.*]] = tosa.mul %[[D]], %[[D]]
  // CHECK: tosa.reduce_sum %[[SQUARE]] {axis = 1 : i32}
  // CHECK: %[[R:.*]] = tosa.rsqrt
  // CHECK: %[[N:.*]] = tosa.mul %[[D]], %[[R]]
  // CHECK: %[[G2:.*]] = tosa.reshape %[[G]], {{.*}} -> tensor<1x4xf32>
  // CHECK: %[[Y:.*]] = tosa.mul %[[N]], %[[G2]]
  // CHECK: %[[B2:.*]] = tosa.reshape %[[B]], {{.*}} -> tensor<1x4xf32>
  // CHECK: tosa.add %[[Y]], %[[B2]]
  %0 = quantc.layer_norm %x, %g, %b {epsilon = 1.0e-5 : f32} : tensor<2x4xf32>, tensor<4xf32>
  return %0 : tensor<2x4xf32>
}

// GELU has no kernel of its own.
// CHECK-LABEL: func @gelu
// KEPT-LABEL: func @gelu
// KEPT-NOT: quantc.gelu
func.func @gelu(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  // CHECK: tosa.erf
  %0 = quantc.gelu %x : tensor<4xf32>
  // CHECK: tosa.sigmoid
  %1 = quantc.gelu %x {tanh} : tensor<4xf32>
  return %0, %1 : tensor<4xf32>, tensor<4xf32>
}
