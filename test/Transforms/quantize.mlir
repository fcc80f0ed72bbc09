// One operation at a time.
// RUN: quant-opt %s --quantc-quantize=strict-integer --canonicalize --split-input-file | FileCheck %s

// The activation that the convolution alone feeds makes it round once: to the
// type behind the clamp, whose bounds are quantized: 0 → -100, 1 → -50.
// CHECK-LABEL: func.func @clamp
// CHECK: %[[X:.*]] = quantc.quantize
// CHECK: %[[XS:.*]] = quant.scast %[[X]]
// CHECK: %[[S:.*]] = tosa.conv2d %[[XS]]
// CHECK-NEXT: %[[Q:.*]] = quant.scast %[[S]] : tensor<1x2x2x2xi32> to tensor<1x2x2x2x!quant.uniform<i32:f32:3, {5.000000e-03,2.500000e-03}>>
// CHECK-NEXT: %[[R:.*]] = quantc.requantize %[[Q]] <f32, half_even> : {{.*}} -> tensor<1x2x2x2x!quant.uniform<i8:f32, 2.000000e-02:-100>>
// CHECK-NEXT: %[[RS:.*]] = quant.scast %[[R]]
// CHECK-NEXT: %[[C:.*]] = tosa.clamp %[[RS]] {max_val = -50 : i8, min_val = -100 : i8}
// CHECK-NEXT: %[[CQ:.*]] = quant.scast %[[C]]
// CHECK-NEXT: quantc.dequantize %[[CQ]]
func.func @clamp(%x: tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32> {
  %zp = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %w = "tosa.const"() {values = dense<0.5> : tensor<2x1x1x2xf32>} : () -> tensor<2x1x1x2xf32>
  %b = "tosa.const"() {values = dense<0.5> : tensor<2xf32>} : () -> tensor<2xf32>
  %0 = quantc.fake_quant %x as !quant.uniform<i8:f32, 0.5> : tensor<1x2x2x2xf32>
  %1 = quantc.fake_quant %w as !quant.uniform<i8<-127:127>:f32:0, {0.01, 0.005}> : tensor<2x1x1x2xf32>
  %2 = tosa.conv2d %0, %1, %b, %zp, %zp {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x2x2x2xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x2x2xf32>
  %3 = tosa.clamp %2 {min_val = 0.0 : f32, max_val = 1.0 : f32} : (tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  %4 = quantc.fake_quant %3 as !quant.uniform<i8:f32, 0.02:-100> : tensor<1x2x2x2xf32>
  return %4 : tensor<1x2x2x2xf32>
}

// -----

// A depthwise multiplier: channels c · M + m share the scale of c. A bias of
// one element is everyone's.
// CHECK-LABEL: func.func @depthwise_multiplier
// CHECK: "tosa.const"() <{values = dense<[100, 100, 200, 200]> : tensor<4xi32>}>
// CHECK: tosa.depthwise_conv2d
// CHECK: !quant.uniform<i32:f32:3, {5.000000e-03,5.000000e-03,2.500000e-03,2.500000e-03}>
func.func @depthwise_multiplier(%x: tensor<1x2x2x2xf32>) -> tensor<1x2x2x4xf32> {
  %zp = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %w = "tosa.const"() {values = dense<0.5> : tensor<1x1x2x2xf32>} : () -> tensor<1x1x2x2xf32>
  %b = "tosa.const"() {values = dense<0.5> : tensor<1xf32>} : () -> tensor<1xf32>
  %0 = quantc.fake_quant %x as !quant.uniform<i8:f32, 0.5> : tensor<1x2x2x2xf32>
  %1 = quantc.fake_quant %w as !quant.uniform<i8<-127:127>:f32:2, {0.01, 0.005}> : tensor<1x1x2x2xf32>
  %2 = tosa.depthwise_conv2d %0, %1, %b, %zp, %zp {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x2x2x2xf32>, tensor<1x1x2x2xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x2x4xf32>
  %3 = quantc.fake_quant %2 as !quant.uniform<i8:f32, 0.02:-100> : tensor<1x2x2x4xf32>
  return %3 : tensor<1x2x2x4xf32>
}

// -----

// A bias that is too large for i32 enlarges the scale of its channel's weight
// until it stays below 2^30: 1e8 / (0.5 · 2^30) = 0.186.
// CHECK-LABEL: func.func @large_bias
// CHECK-DAG: "tosa.const"() <{values = dense<{{\[}}[{{\[}}[50, 50]]], [{{\[}}[3, 3]]]]> : tensor<2x1x1x2xi8>}>
// CHECK-DAG: "tosa.const"() <{values = dense<[100, 1073741{{[0-9]*}}]> : tensor<2xi32>}>
// CHECK: !quant.uniform<i32:f32:3, {5.000000e-03,0.09313225{{[0-9]*}}}>
func.func @large_bias(%x: tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32> {
  %zp = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %w = "tosa.const"() {values = dense<0.5> : tensor<2x1x1x2xf32>} : () -> tensor<2x1x1x2xf32>
  %b = "tosa.const"() {values = dense<[0.5, 1.0e8]> : tensor<2xf32>} : () -> tensor<2xf32>
  %0 = quantc.fake_quant %x as !quant.uniform<i8:f32, 0.5> : tensor<1x2x2x2xf32>
  %1 = quantc.fake_quant %w as !quant.uniform<i8<-127:127>:f32:0, {0.01, 0.005}> : tensor<2x1x1x2xf32>
  %2 = tosa.conv2d %0, %1, %b, %zp, %zp {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x2x2x2xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x2x2xf32>
  %3 = quantc.fake_quant %2 as !quant.uniform<i8:f32, 0.02:-100> : tensor<1x2x2x2xf32>
  return %3 : tensor<1x2x2x2xf32>
}

// -----

// CHECK-LABEL: func.func @grouped
// CHECK: quantc.grouped_conv2d {{.*}}groups = 2 : i64, input_zp = 7 : i32{{.*}} : (tensor<1x2x2x4xi8>, tensor<2x1x1x2xi8>, tensor<2xi32>) -> tensor<1x2x2x2xi32>
// CHECK-NEXT: quant.scast %{{.*}} : tensor<1x2x2x2xi32> to tensor<1x2x2x2x!quant.uniform<i32:f32:3, {5.000000e-03,2.500000e-03}>>
// CHECK-NEXT: quantc.requantize
func.func @grouped(%x: tensor<1x2x2x4xf32>) -> tensor<1x2x2x2xf32> {
  %w = "tosa.const"() {values = dense<0.5> : tensor<2x1x1x2xf32>} : () -> tensor<2x1x1x2xf32>
  %b = "tosa.const"() {values = dense<0.5> : tensor<2xf32>} : () -> tensor<2xf32>
  %0 = quantc.fake_quant %x as !quant.uniform<i8:f32, 0.5:7> : tensor<1x2x2x4xf32>
  %1 = quantc.fake_quant %w as !quant.uniform<i8<-127:127>:f32:0, {0.01, 0.005}> : tensor<2x1x1x2xf32>
  %2 = quantc.grouped_conv2d %0, %1, %b {pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, groups = 2 : i64} : (tensor<1x2x2x4xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>) -> tensor<1x2x2x2xf32>
  %3 = quantc.fake_quant %2 as !quant.uniform<i8:f32, 0.02:-100> : tensor<1x2x2x2xf32>
  return %3 : tensor<1x2x2x2xf32>
}

// -----

// Both sides of a product lose their zero points, exactly.
// CHECK-LABEL: func.func @mul
// CHECK: %[[A:.*]] = quantc.requantize %{{.*}} : tensor<2x4x!quant.uniform<i8:f32, 5.000000e-01:3>> -> tensor<2x4x!quant.uniform<i32:f32, 5.000000e-01>>
// CHECK: %[[B:.*]] = quantc.requantize %{{.*}} : tensor<1x4x!quant.uniform<i8:f32, 2.500000e-01:-128>> -> tensor<1x4x!quant.uniform<i32:f32, 2.500000e-01>>
// CHECK: tosa.mul {{.*}} : (tensor<2x4xi32>, tensor<1x4xi32>, tensor<1xi8>) -> tensor<2x4xi32>
// CHECK-NEXT: quant.scast {{.*}} to tensor<2x4x!quant.uniform<i32:f32, 1.250000e-01>>
func.func @mul(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %k = "tosa.const"() {values = dense<[[0.0, 0.25, 0.5, 60.0]]> : tensor<1x4xf32>} : () -> tensor<1x4xf32>
  %0 = quantc.fake_quant %x as !quant.uniform<i8:f32, 0.5:3> : tensor<2x4xf32>
  %1 = quantc.fake_quant %k as !quant.uniform<i8:f32, 0.25:-128> : tensor<1x4xf32>
  %2 = tosa.mul %0, %1, %shift : (tensor<2x4xf32>, tensor<1x4xf32>, tensor<1xi8>) -> tensor<2x4xf32>
  %3 = quantc.fake_quant %2 as !quant.uniform<i8:f32, 2.0:-100> : tensor<2x4xf32>
  return %3 : tensor<2x4xf32>
}

// -----

// CHECK-LABEL: func.func @sub
// CHECK: %[[A:.*]] = quant.scast %{{.*}} : tensor<2x4x!quant.uniform<i32:f32, 4.76837158203125E-7>> to tensor<2x4xi32>
// CHECK: %[[B:.*]] = quant.scast %{{.*}} : tensor<2x4x!quant.uniform<i32:f32, 4.76837158203125E-7>> to tensor<2x4xi32>
// CHECK: tosa.sub %[[A]], %[[B]] : (tensor<2x4xi32>, tensor<2x4xi32>) -> tensor<2x4xi32>
func.func @sub(%x: tensor<2x4xf32>, %y: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %0 = quantc.fake_quant %x as !quant.uniform<i8:f32, 0.5:3> : tensor<2x4xf32>
  %1 = quantc.fake_quant %y as !quant.uniform<i8:f32, 0.25:-128> : tensor<2x4xf32>
  %2 = tosa.sub %0, %1 : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %3 = quantc.fake_quant %2 as !quant.uniform<i8:f32, 2.0:-100> : tensor<2x4xf32>
  return %3 : tensor<2x4xf32>
}

// -----

// CHECK-LABEL: func.func @matmul
// CHECK-DAG: %[[ZA:.*]] = "tosa.const"() <{values = dense<3> : tensor<1xi8>}>
// CHECK-DAG: %[[ZB:.*]] = "tosa.const"() <{values = dense<-128> : tensor<1xi8>}>
// CHECK: tosa.matmul %{{.*}}, %{{.*}}, %[[ZA]], %[[ZB]] : (tensor<1x2x4xi8>, tensor<1x4x3xi8>, tensor<1xi8>, tensor<1xi8>) -> tensor<1x2x3xi32>
// CHECK-NEXT: quant.scast {{.*}} to tensor<1x2x3x!quant.uniform<i32:f32, 1.250000e-01>>
func.func @matmul(%x: tensor<1x2x4xf32>, %y: tensor<1x4x3xf32>) -> tensor<1x2x3xf32> {
  %zp = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %0 = quantc.fake_quant %x as !quant.uniform<i8:f32, 0.5:3> : tensor<1x2x4xf32>
  %1 = quantc.fake_quant %y as !quant.uniform<i8:f32, 0.25:-128> : tensor<1x4x3xf32>
  %2 = tosa.matmul %0, %1, %zp, %zp : (tensor<1x2x4xf32>, tensor<1x4x3xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x3xf32>
  %3 = quantc.fake_quant %2 as !quant.uniform<i8:f32, 2.0:-100> : tensor<1x2x3xf32>
  return %3 : tensor<1x2x3xf32>
}

// -----

// The sum of 4 elements has 4 times their zero point.
// CHECK-LABEL: func.func @reduce_sum
// CHECK: %[[W:.*]] = tosa.cast %{{.*}} : (tensor<2x4xi8>) -> tensor<2x4xi32>
// CHECK-NEXT: tosa.reduce_sum %[[W]] {axis = 1 : i32} : (tensor<2x4xi32>) -> tensor<2x1xi32>
// CHECK-NEXT: quant.scast {{.*}} to tensor<2x1x!quant.uniform<i32:f32, 5.000000e-01:12>>
func.func @reduce_sum(%x: tensor<2x4xf32>) -> tensor<2x1xf32> {
  %0 = quantc.fake_quant %x as !quant.uniform<i8:f32, 0.5:3> : tensor<2x4xf32>
  %1 = tosa.reduce_sum %0 {axis = 1 : i32} : (tensor<2x4xf32>) -> tensor<2x1xf32>
  %2 = quantc.fake_quant %1 as !quant.uniform<i8:f32, 2.0:-100> : tensor<2x1xf32>
  return %2 : tensor<2x1xf32>
}

// -----

// Moves stay on bytes, and give their operand's type on; padding with zero is
// padding with the zero point.
// CHECK-LABEL: func.func @moves
// CHECK: %[[PAD:.*]] = "tosa.const"() <{values = dense<3> : tensor<1xi8>}>
// CHECK: %[[P:.*]] = tosa.pad %{{.*}}, %{{.*}}, %[[PAD]] : (tensor<3x4xi8>, !tosa.shape<4>, tensor<1xi8>) -> tensor<3x6xi8>
// CHECK-NEXT: %[[S:.*]] = tosa.slice %[[P]], {{.*}} -> tensor<2x6xi8>
// CHECK-NEXT: %[[T:.*]] = tosa.transpose %[[S]] {{.*}} -> tensor<6x2xi8>
// CHECK-NEXT: %[[M:.*]] = tosa.reduce_max %[[T]] {{.*}} -> tensor<1x2xi8>
// CHECK-NEXT: %[[Q:.*]] = quant.scast %[[M]] : tensor<1x2xi8> to tensor<1x2x!quant.uniform<i8:f32, 5.000000e-01:3>>
// CHECK-NEXT: quantc.dequantize %[[Q]]
func.func @moves(%x: tensor<3x4xf32>) -> tensor<1x2xf32> {
  %zero = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %padding = tosa.const_shape {values = dense<[0, 0, 1, 1]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %start = tosa.const_shape {values = dense<[0, 0]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %size = tosa.const_shape {values = dense<[2, 6]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %0 = quantc.fake_quant %x as !quant.uniform<i8:f32, 0.5:3> : tensor<3x4xf32>
  %1 = tosa.pad %0, %padding, %zero : (tensor<3x4xf32>, !tosa.shape<4>, tensor<1xf32>) -> tensor<3x6xf32>
  %2 = tosa.slice %1, %start, %size : (tensor<3x6xf32>, !tosa.shape<2>, !tosa.shape<2>) -> tensor<2x6xf32>
  %3 = tosa.transpose %2 {perms = array<i32: 1, 0>} : (tensor<2x6xf32>) -> tensor<6x2xf32>
  %4 = tosa.reduce_max %3 {axis = 0 : i32} : (tensor<6x2xf32>) -> tensor<1x2xf32>
  return %4 : tensor<1x2xf32>
}

// -----

// A type of its own behind a move: changed there, where the values are fewer.
// CHECK-LABEL: func.func @moved_to_another_type
// CHECK: %[[M:.*]] = tosa.reduce_max
// CHECK-NEXT: %[[Q:.*]] = quant.scast %[[M]]
// CHECK-NEXT: quantc.requantize %[[Q]] {{.*}} : tensor<1x4x!quant.uniform<i8:f32, 5.000000e-01:3>> -> tensor<1x4x!quant.uniform<i8:f32, 2.000000e+00:-100>>
func.func @moved_to_another_type(%x: tensor<2x4xf32>) -> tensor<1x4xf32> {
  %0 = quantc.fake_quant %x as !quant.uniform<i8:f32, 0.5:3> : tensor<2x4xf32>
  %1 = tosa.reduce_max %0 {axis = 0 : i32} : (tensor<2x4xf32>) -> tensor<1x4xf32>
  %2 = quantc.fake_quant %1 as !quant.uniform<i8:f32, 2.0:-100> : tensor<1x4xf32>
  return %2 : tensor<1x4xf32>
}

// -----

// Operands of a concat have the type of its result: the sum is made with it
// (behind the reshape), the input is requantized, the constant quantized.
// CHECK-LABEL: func.func @concat
// CHECK: %[[K:.*]] = "tosa.const"() <{values = dense<{{\[}}[-99, -98], [-100, 127]]> : tensor<2x2xi8>}>
// CHECK: tosa.add
// CHECK: %[[A:.*]] = quantc.requantize %{{.*}} -> tensor<1x4x!quant.uniform<i8:f32, 2.000000e+00:-100>>
// CHECK-NEXT: %[[AS:.*]] = quant.scast %[[A]]
// CHECK-NEXT: %[[R:.*]] = tosa.reshape %[[AS]]
// CHECK: %[[X:.*]] = quantc.requantize %{{.*}} : tensor<2x2x!quant.uniform<i8:f32, 5.000000e-01:3>> -> tensor<2x2x!quant.uniform<i8:f32, 2.000000e+00:-100>>
// CHECK-NEXT: %[[XS:.*]] = quant.scast %[[X]]
// CHECK-NEXT: tosa.concat %[[R]], %[[XS]], %[[K]] {axis = 0 : i32} : (tensor<2x2xi8>, tensor<2x2xi8>, tensor<2x2xi8>) -> tensor<6x2xi8>
func.func @concat(%x: tensor<1x4xf32>, %y: tensor<2x2xf32>) -> tensor<6x2xf32> {
  %shape = tosa.const_shape {values = dense<[2, 2]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %k = "tosa.const"() {values = dense<[[2.0, 4.0], [0.0, 1000.0]]> : tensor<2x2xf32>} : () -> tensor<2x2xf32>
  %0 = quantc.fake_quant %x as !quant.uniform<i8:f32, 0.5:3> : tensor<1x4xf32>
  %1 = quantc.fake_quant %y as !quant.uniform<i8:f32, 0.5:3> : tensor<2x2xf32>
  %2 = tosa.add %0, %0 : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  %3 = tosa.reshape %2, %shape : (tensor<1x4xf32>, !tosa.shape<2>) -> tensor<2x2xf32>
  %4 = tosa.concat %3, %1, %k {axis = 0 : i32} : (tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<6x2xf32>
  %5 = quantc.fake_quant %4 as !quant.uniform<i8:f32, 2.0:-100> : tensor<6x2xf32>
  return %5 : tensor<6x2xf32>
}

// -----

// An island: exp has no integer form. It reads what the model is given as it
// is; what it computes is rounded as its fake quantization says.
// CHECK-LABEL: func.func @island
// CHECK: %[[E:.*]] = tosa.exp %arg0
// CHECK-NEXT: %[[QE:.*]] = quantc.quantize %[[E]]
// CHECK-NEXT: %[[DE:.*]] = quantc.dequantize %[[QE]]
// CHECK-NEXT: return %[[DE]]
func.func @island(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %0 = quantc.fake_quant %x as !quant.uniform<i8:f32, 0.5:3> : tensor<2x4xf32>
  %1 = tosa.exp %0 : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %2 = quantc.fake_quant %1 as !quant.uniform<i8:f32, 2.0:-100> : tensor<2x4xf32>
  return %2 : tensor<2x4xf32>
}

// -----

// The convolution's result has no parameters, so it stays float; its weight
// stays what fake quantization made of it: 0.3 is 0.25 at scale 0.25.
// CHECK-LABEL: func.func @float_weight
// CHECK: %[[W:.*]] = "tosa.const"() <{values = dense<2.500000e-01> : tensor<2x1x1x2xf32>}>
// CHECK: tosa.conv2d %{{.*}}, %[[W]], {{.*}}acc_type = f32
func.func @float_weight(%x: tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32> {
  %zp = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %w = "tosa.const"() {values = dense<0.3> : tensor<2x1x1x2xf32>} : () -> tensor<2x1x1x2xf32>
  %b = "tosa.const"() {values = dense<0.5> : tensor<2xf32>} : () -> tensor<2xf32>
  %0 = quantc.fake_quant %x as !quant.uniform<i8:f32, 0.5> : tensor<1x2x2x2xf32>
  %1 = quantc.fake_quant %w as !quant.uniform<i8<-127:127>:f32:0, {0.25, 0.25}> : tensor<2x1x1x2xf32>
  %2 = tosa.conv2d %0, %1, %b, %zp, %zp {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x2x2x2xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x2x2xf32>
  return %2 : tensor<1x2x2x2xf32>
}

// -----

// The nearest elements keep their scale; an interpolation is a sum at 1/16 of
// it, whose zero point is 16 times that of the elements.
// CHECK-LABEL: func.func @resize
// CHECK: %[[X:.*]] = quantc.quantize %{{.*}} : tensor<1x2x2x2xf32> -> tensor<1x2x2x2x!quant.uniform<i8:f32, 5.000000e-01:7>>
// CHECK: %[[XS:.*]] = quant.scast %[[X]]
// CHECK: %[[N:.*]] = tosa.resize %[[XS]], {{.*}} {mode = NEAREST_NEIGHBOR} : (tensor<1x2x2x2xi8>, {{.*}}) -> tensor<1x4x4x2xi8>
// CHECK: %[[B:.*]] = tosa.resize %[[N]], {{.*}} {mode = BILINEAR} : (tensor<1x4x4x2xi8>, {{.*}}) -> tensor<1x8x8x2xi32>
// CHECK: %[[Q:.*]] = quant.scast %[[B]] : tensor<1x8x8x2xi32> to tensor<1x8x8x2x!quant.uniform<i32:f32, 3.125000e-02:112>>
// CHECK: quantc.requantize %[[Q]] {{.*}} -> tensor<1x8x8x2x!quant.uniform<i8:f32, 2.500000e-01>>
func.func @resize(%x: tensor<1x2x2x2xf32>) -> tensor<1x8x8x2xf32> {
  %double = tosa.const_shape {values = dense<[2, 1, 2, 1]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %middles = tosa.const_shape {values = dense<[4, 2, 4, 2]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %minus = tosa.const_shape {values = dense<[-1, -1]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %zero = tosa.const_shape {values = dense<[0, 0]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %one = tosa.const_shape {values = dense<[1, 1]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %0 = quantc.fake_quant %x as !quant.uniform<i8:f32, 0.5:7> : tensor<1x2x2x2xf32>
  %1 = tosa.resize %0, %double, %minus, %zero {mode = NEAREST_NEIGHBOR} : (tensor<1x2x2x2xf32>, !tosa.shape<4>, !tosa.shape<2>, !tosa.shape<2>) -> tensor<1x4x4x2xf32>
  %2 = tosa.resize %1, %middles, %minus, %one {mode = BILINEAR} : (tensor<1x4x4x2xf32>, !tosa.shape<4>, !tosa.shape<2>, !tosa.shape<2>) -> tensor<1x8x8x2xf32>
  %3 = quantc.fake_quant %2 as !quant.uniform<i8:f32, 0.25> : tensor<1x8x8x2xf32>
  return %3 : tensor<1x8x8x2xf32>
}

// -----

// A concat of which one operand is real: quantized before, as it would be
// behind. So the sigmoid can become a table.
// CHECK-LABEL: func.func @concat_with_real
// CHECK: %[[X:.*]] = quantc.quantize
// CHECK: %[[Y:.*]] = quantc.quantize {{.*}} {scaling = #quantc<scaling divide>} : tensor<1x2xf32> -> tensor<1x2x!quant.uniform<i8:f32, 5.000000e-01:7>>
// CHECK-DAG: %[[XS:.*]] = quant.scast %[[X]]
// CHECK-DAG: %[[YS:.*]] = quant.scast %[[Y]]
// CHECK: tosa.concat %[[XS]], %[[YS]] {axis = 1 : i32} : (tensor<1x2xi8>, tensor<1x2xi8>) -> tensor<1x4xi8>
func.func @concat_with_real(%x: tensor<1x2xf32>, %y: tensor<1x2xf32>) -> tensor<1x4xf32> {
  %0 = quantc.fake_quant %x as !quant.uniform<i8:f32, 0.5:7> : tensor<1x2xf32>
  %1 = tosa.sigmoid %y : (tensor<1x2xf32>) -> tensor<1x2xf32>
  %2 = tosa.concat %0, %1 {axis = 1 : i32} : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x4xf32>
  %3 = quantc.fake_quant %2 as !quant.uniform<i8:f32, 0.5:7> {scaling = #quantc<scaling divide>} : tensor<1x4xf32>
  return %3 : tensor<1x4xf32>
}
