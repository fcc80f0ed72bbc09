// RUN: quant-opt %s --quantc-fold-pads | FileCheck %s

// The example of the documentation. Each reader takes its own padding along,
// added to what it has.
// CHECK-LABEL: func @conv
// CHECK-SAME: %[[X:[a-z0-9]*]]: tensor<1x4x4x2xf32>
func.func @conv(%x: tensor<1x4x4x2xf32>, %w: tensor<4x3x3x2xf32>, %g: tensor<4x3x3x1xf32>, %d: tensor<3x3x2x2xf32>, %b: tensor<4xf32>) -> (tensor<1x5x6x4xf32>, tensor<1x5x8x4xf32>, tensor<1x5x6x4xf32>) {
  // CHECK-NOT: tosa.pad
  // CHECK: tosa.conv2d %[[X]], {{.*}}pad = array<i64: 1, 2, 1, 3>
  // CHECK: quantc.grouped_conv2d %[[X]], {{.*}}pad = array<i64: 1, 2, 2, 4>
  // CHECK: tosa.depthwise_conv2d %[[X]], {{.*}}pad = array<i64: 1, 2, 1, 3>
  %zero = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %padding = tosa.const_shape {values = dense<[0, 0, 1, 2, 1, 3, 0, 0]> : tensor<8xindex>} : () -> !tosa.shape<8>
  %0 = tosa.pad %x, %padding, %zero : (tensor<1x4x4x2xf32>, !tosa.shape<8>, tensor<1xf32>) -> tensor<1x7x8x2xf32>
  %1 = tosa.conv2d %0, %w, %b, %zero, %zero {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x7x8x2xf32>, tensor<4x3x3x2xf32>, tensor<4xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x5x6x4xf32>
  %2 = quantc.grouped_conv2d %0, %g, %b {pad = array<i64: 0, 0, 1, 1>, stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, groups = 2 : i64} : (tensor<1x7x8x2xf32>, tensor<4x3x3x1xf32>, tensor<4xf32>) -> tensor<1x5x8x4xf32>
  %3 = tosa.depthwise_conv2d %0, %d, %b, %zero, %zero {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x7x8x2xf32>, tensor<3x3x2x2xf32>, tensor<4xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x5x6x4xf32>
  return %1, %2, %3 : tensor<1x5x6x4xf32>, tensor<1x5x8x4xf32>, tensor<1x5x6x4xf32>
}

// Behind a ReLU, zero never wins over an element; a quantized convolution pads
// with its zero point.
// CHECK-LABEL: func @allowed
func.func @allowed(%x: tensor<1x4x4x2xf32>, %q: tensor<1x4x4x2xi8>, %w: tensor<4x3x3x2xi8>, %b: tensor<4xi32>) -> (tensor<1x5x5x2xf32>, tensor<1x4x4x4xi32>) {
  // CHECK-NOT: tosa.pad
  // CHECK: tosa.max_pool2d {{.*}}pad = array<i64: 1, 1, 1, 1>
  // CHECK: tosa.conv2d {{.*}}pad = array<i64: 1, 1, 1, 1>
  %zero = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %three = "tosa.const"() {values = dense<3> : tensor<1xi8>} : () -> tensor<1xi8>
  %wzp = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %padding = tosa.const_shape {values = dense<[0, 0, 1, 1, 1, 1, 0, 0]> : tensor<8xindex>} : () -> !tosa.shape<8>
  %0 = tosa.clamp %x {min_val = 0.0 : f32, max_val = 6.0 : f32} : (tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32>
  %1 = tosa.pad %0, %padding, %zero : (tensor<1x4x4x2xf32>, !tosa.shape<8>, tensor<1xf32>) -> tensor<1x6x6x2xf32>
  %2 = tosa.max_pool2d %1 {kernel = array<i64: 2, 2>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x6x6x2xf32>) -> tensor<1x5x5x2xf32>
  %3 = tosa.pad %q, %padding, %three : (tensor<1x4x4x2xi8>, !tosa.shape<8>, tensor<1xi8>) -> tensor<1x6x6x2xi8>
  %4 = tosa.conv2d %3, %w, %b, %three, %wzp {acc_type = i32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x6x6x2xi8>, tensor<4x3x3x2xi8>, tensor<4xi32>, tensor<1xi8>, tensor<1xi8>) -> tensor<1x4x4x4xi32>
  return %2, %4 : tensor<1x5x5x2xf32>, tensor<1x4x4x4xi32>
}

// Zero wins over negative elements; a window of padding alone; an average pool
// counts what an explicit padding holds; channels; another value.
// CHECK-LABEL: func @stays
func.func @stays(%x: tensor<1x4x4x2xf32>, %w: tensor<2x1x1x4xf32>, %v: tensor<2x1x1x2xf32>, %b: tensor<2xf32>) -> (tensor<1x5x5x2xf32>, tensor<1x6x6x2xf32>, tensor<1x5x5x2xf32>, tensor<1x4x4x2xf32>, tensor<1x6x6x2xf32>) {
  // CHECK: %[[P0:.*]] = tosa.pad
  // CHECK: tosa.max_pool2d %[[P0]]
  // CHECK: %[[P1:.*]] = tosa.pad
  // CHECK: tosa.max_pool2d %[[P1]]
  // CHECK: tosa.avg_pool2d %[[P0]]
  // CHECK: %[[P2:.*]] = tosa.pad
  // CHECK: tosa.conv2d %[[P2]]
  // CHECK: %[[P3:.*]] = tosa.pad
  // CHECK: tosa.conv2d %[[P3]]
  %zero = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %one = "tosa.const"() {values = dense<1.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %padding = tosa.const_shape {values = dense<[0, 0, 1, 1, 1, 1, 0, 0]> : tensor<8xindex>} : () -> !tosa.shape<8>
  %channels = tosa.const_shape {values = dense<[0, 0, 0, 0, 0, 0, 1, 1]> : tensor<8xindex>} : () -> !tosa.shape<8>
  %0 = tosa.pad %x, %padding, %zero : (tensor<1x4x4x2xf32>, !tosa.shape<8>, tensor<1xf32>) -> tensor<1x6x6x2xf32>
  %1 = tosa.max_pool2d %0 {kernel = array<i64: 2, 2>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x6x6x2xf32>) -> tensor<1x5x5x2xf32>
  %2 = tosa.clamp %x {min_val = 0.0 : f32, max_val = 6.0 : f32} : (tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32>
  %3 = tosa.pad %2, %padding, %zero : (tensor<1x4x4x2xf32>, !tosa.shape<8>, tensor<1xf32>) -> tensor<1x6x6x2xf32>
  %4 = tosa.max_pool2d %3 {kernel = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x6x6x2xf32>) -> tensor<1x6x6x2xf32>
  %5 = tosa.avg_pool2d %0, %zero, %zero {acc_type = f32, kernel = array<i64: 2, 2>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x6x6x2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x5x5x2xf32>
  %6 = tosa.pad %x, %channels, %zero : (tensor<1x4x4x2xf32>, !tosa.shape<8>, tensor<1xf32>) -> tensor<1x4x4x4xf32>
  %7 = tosa.conv2d %6, %w, %b, %zero, %zero {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x4x4x4xf32>, tensor<2x1x1x4xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x4x2xf32>
  %8 = tosa.pad %x, %padding, %one : (tensor<1x4x4x2xf32>, !tosa.shape<8>, tensor<1xf32>) -> tensor<1x6x6x2xf32>
  %9 = tosa.conv2d %8, %v, %b, %zero, %zero {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x6x6x2xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x6x6x2xf32>
  return %1, %4, %5, %7, %9 : tensor<1x5x5x2xf32>, tensor<1x6x6x2xf32>, tensor<1x5x5x2xf32>, tensor<1x4x4x2xf32>, tensor<1x6x6x2xf32>
}
