// A small residual net from the door of `fold` to that of `requantize`, in each
// mode.
// RUN: quant-opt %s --quantc-quantize=strict-integer --canonicalize | FileCheck %s --check-prefix=QUANT
// RUN: quant-opt %s --quantc-quantize=strict-integer --quantc-requantize-to-shift --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,F32
// RUN: quant-opt %s "--quantc-quantize=requantize=fixed strict-integer" --quantc-requantize-to-shift --canonicalize --cse --quantc-verify-strict-integer | FileCheck %s --check-prefixes=CHECK,FIXED
// RUN: quant-opt %s "--quantc-quantize=requantize=fixed-double integer-io strict-integer" --quantc-requantize-to-shift --canonicalize --cse --quantc-verify-strict-integer | FileCheck %s --check-prefixes=INTEGER

// Weights are constants, one zero point each; sums are i32 until a requantize.
// QUANT-LABEL: func.func @net
// QUANT: %[[X:.*]] = quantc.quantize %arg0 : tensor<1x8x8x2xf32> -> tensor<1x8x8x2x!quant.uniform<i8:f32, 7.812500e-03:-128>>
// QUANT: %[[XS:.*]] = quant.scast %[[X]]
// QUANT: %[[C:.*]] = tosa.conv2d %[[XS]], {{.*}} -> tensor<1x8x8x4xi32>
// QUANT: %[[S:.*]] = quant.scast %[[C]] : tensor<1x8x8x4xi32> to tensor<1x8x8x4x!quant.uniform<i32:f32:3, {3.0517578125E-5,6.103515625E-5,6.103515625E-5,3.0517578125E-5}>>
// QUANT: quantc.requantize %[[S]] <f32, half_even> : {{.*}} -> tensor<1x8x8x4x!quant.uniform<i8:f32, 1.562500e-02:-128>>
// QUANT-NOT: quantc.fake_quant

// CHECK-LABEL: func.func @net
// CHECK: %[[X:.*]] = quantc.quantize %arg0 as !quant.uniform<i8:f32, 7.812500e-03:-128> : tensor<1x8x8x2xf32> -> tensor<1x8x8x2xi8>
// CHECK: %[[C0:.*]] = tosa.conv2d %[[X]],
// The clamp at 6 lies beyond what i8 holds at this scale, that at 0 is the end of the range.
// F32: %[[R0:.*]] = quantc.rescale %[[C0]] <f32, half_even> {input_zp = 0 : i32, max = 127 : i32, min = -128 : i32, multipliers = array<f32: 0.001953125, 3.906250e-03, 3.906250e-03, 0.001953125>, output_zp = -128 : i32} : tensor<1x8x8x4xi32> -> tensor<1x8x8x4xi8>
// FIXED: %[[R0:.*]] = quantc.rescale %[[C0]] <fixed, half_up> {input_zp = 0 : i32, max = 127 : i32, min = -128 : i32, output_zp = -128 : i32, shifts = array<i32: 9, 8, 8, 9>}
// CHECK-NEXT: %[[P:.*]] = tosa.max_pool2d %[[R0]]
// CHECK-NEXT: %[[C1:.*]] = tosa.depthwise_conv2d %[[P]]
// CHECK-NEXT: %[[R1:.*]] = quantc.rescale %[[C1]]
// Both sides of the addition come to 2^-20 of the larger scale.
// F32-NEXT: %[[A:.*]] = quantc.rescale %[[R1]] <f32, half_even> {input_zp = 3 : i32, max = 2147483647 : i32, min = -2147483648 : i32, multipliers = array<f32: 0x49800000>, output_zp = 0 : i32} : tensor<1x4x4x4xi8> -> tensor<1x4x4x4xi32>
// FIXED-NEXT: %[[A:.*]] = quantc.rescale %[[R1]] {{.*}}shifts = array<i32: -20>
// F32-NEXT: %[[B:.*]] = quantc.rescale %[[P]] {{.*}}multipliers = array<f32: 2.621440e+05>
// FIXED-NEXT: %[[B:.*]] = quantc.rescale %[[P]] {{.*}}shifts = array<i32: -18>
// CHECK-NEXT: %[[SUM:.*]] = tosa.add %[[A]], %[[B]] : (tensor<1x4x4x4xi32>, tensor<1x4x4x4xi32>) -> tensor<1x4x4x4xi32>
// F32-NEXT: %[[ADDED:.*]] = quantc.rescale %[[SUM]] {{.*}}multipliers = array<f32: 8.51494917E-7>
// FIXED-NEXT: %[[ADDED:.*]] = quantc.rescale %[[SUM]] {{.*}}fixed_multipliers = array<i32: 1917396114>{{.*}}shifts = array<i32: 51>
// The average is a sum by a convolution with ones; 1/16 is part of the multiplier.
// CHECK-NEXT: tosa.depthwise_conv2d %[[ADDED]], {{.*}} (tensor<1x4x4x4xi8>, tensor<4x4x4x1xi8>, tensor<4xi32>, tensor<1xi8>, tensor<1xi8>) -> tensor<1x1x1x4xi32>
// F32-NEXT: quantc.rescale {{.*}}multipliers = array<f32: 0.0874999985>
// CHECK: tosa.conv2d
// CHECK-NEXT: %[[R:.*]] = quantc.rescale
// CHECK-NEXT: %[[FLAT:.*]] = tosa.reshape %[[R]]
// CHECK-NEXT: quantc.dequantize %[[FLAT]] as !quant.uniform<i8:f32, 1.000000e-01:7> : tensor<1x5xi8> -> tensor<1x5xf32>

// INTEGER-LABEL: func.func @net
// INTEGER-SAME: (%[[X:.*]]: tensor<1x8x8x2xi8> {quantc.name = "image", quantc.params = !quant.uniform<i8:f32, 7.812500e-03:-128>})
// INTEGER-SAME: -> (tensor<1x5xi8> {quantc.name = "scores", quantc.params = !quant.uniform<i8:f32, 1.000000e-01:7>})
// INTEGER: %[[C0:.*]] = tosa.conv2d %[[X]],
// INTEGER-NEXT: quantc.rescale %[[C0]] <fixed, double_round> {fixed_multipliers = array<i32: 1073741824, 1073741824, 1073741824, 1073741824>, {{.*}}shifts = array<i32: 39, 38, 38, 39>}
// INTEGER-NOT: f32
// INTEGER: return %{{.*}} : tensor<1x5xi8>

func.func @net(%image: tensor<1x8x8x2xf32> {quantc.name = "image"}) -> (tensor<1x5xf32> {quantc.name = "scores"}) {
  %zero = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %x = quantc.fake_quant %image as !quant.uniform<i8:f32, 0.0078125:-128> : tensor<1x8x8x2xf32>

  // A convolution with its activation, parameters behind both.
  %w0 = "tosa.const"() {values = dense<[[[[0.5, -0.25]]], [[[0.125, 1.0]]], [[[-1.0, 0.75]]], [[[0.5, 0.5]]]]> : tensor<4x1x1x2xf32>} : () -> tensor<4x1x1x2xf32>
  %b0 = "tosa.const"() {values = dense<[0.5, -0.5, 0.25, 0.0]> : tensor<4xf32>} : () -> tensor<4xf32>
  %q0 = quantc.fake_quant %w0 as !quant.uniform<i8<-127:127>:f32:0, {0.00390625, 0.0078125, 0.0078125, 0.00390625}> : tensor<4x1x1x2xf32>
  %c0 = tosa.conv2d %x, %q0, %b0, %zero, %zero {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x8x8x2xf32>, tensor<4x1x1x2xf32>, tensor<4xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x8x8x4xf32> loc(#conv0)
  %r0 = tosa.clamp %c0 {min_val = 0.0 : f32, max_val = 6.0 : f32} : (tensor<1x8x8x4xf32>) -> tensor<1x8x8x4xf32> loc(#relu0)
  %f0 = quantc.fake_quant %r0 as !quant.uniform<i8:f32, 0.015625:-128> : tensor<1x8x8x4xf32>

  %p0 = tosa.max_pool2d %f0 {kernel = array<i64: 2, 2>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 2, 2>} : (tensor<1x8x8x4xf32>) -> tensor<1x4x4x4xf32> loc(#pool0)

  // A depthwise convolution without activation, added to what it reads.
  %w1 = "tosa.const"() {values = dense<0.5> : tensor<3x3x4x1xf32>} : () -> tensor<3x3x4x1xf32>
  %b1 = "tosa.const"() {values = dense<0.0> : tensor<4xf32>} : () -> tensor<4xf32>
  %q1 = quantc.fake_quant %w1 as !quant.uniform<i8<-127:127>:f32:2, {0.00390625, 0.00390625, 0.00390625, 0.00390625}> : tensor<3x3x4x1xf32>
  %c1 = tosa.depthwise_conv2d %p0, %q1, %b1, %zero, %zero {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 1, 1>} : (tensor<1x4x4x4xf32>, tensor<3x3x4x1xf32>, tensor<4xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x4x4xf32> loc(#conv1)
  %f1 = quantc.fake_quant %c1 as !quant.uniform<i8:f32, 0.0625:3> : tensor<1x4x4x4xf32>
  %a = tosa.add %f1, %p0 : (tensor<1x4x4x4xf32>, tensor<1x4x4x4xf32>) -> tensor<1x4x4x4xf32> loc(#add)
  %ra = tosa.clamp %a {min_val = 0.0 : f32, max_val = 3.40282347E+38 : f32} : (tensor<1x4x4x4xf32>) -> tensor<1x4x4x4xf32> loc(#relu1)
  %fa = quantc.fake_quant %ra as !quant.uniform<i8:f32, 0.07:-128> : tensor<1x4x4x4xf32>

  // The average over 16 elements, then a fully connected layer.
  %g = tosa.avg_pool2d %fa, %zero, %zero {acc_type = f32, kernel = array<i64: 4, 4>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 4, 4>} : (tensor<1x4x4x4xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x1x4xf32> loc(#gap)
  %fg = quantc.fake_quant %g as !quant.uniform<i8:f32, 0.05:-128> : tensor<1x1x1x4xf32>
  %w2 = "tosa.const"() {values = dense<0.25> : tensor<5x1x1x4xf32>} : () -> tensor<5x1x1x4xf32>
  %b2 = "tosa.const"() {values = dense<0.1> : tensor<5xf32>} : () -> tensor<5xf32>
  %q2 = quantc.fake_quant %w2 as !quant.uniform<i8<-127:127>:f32, 0.002> : tensor<5x1x1x4xf32>
  %c2 = tosa.conv2d %fg, %q2, %b2, %zero, %zero {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x1x1x4xf32>, tensor<5x1x1x4xf32>, tensor<5xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x1x5xf32> loc(#fc)
  %f2 = quantc.fake_quant %c2 as !quant.uniform<i8:f32, 0.1:7> : tensor<1x1x1x5xf32>
  %shape = tosa.const_shape {values = dense<[1, 5]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %s = tosa.reshape %f2, %shape : (tensor<1x1x1x5xf32>, !tosa.shape<2>) -> tensor<1x5xf32> loc(#flat)
  return %s : tensor<1x5xf32>
}
#conv0 = loc("conv0"("Conv"))
#relu0 = loc("relu0"("Relu"))
#pool0 = loc("pool0"("MaxPool"))
#conv1 = loc("conv1"("Conv"))
#add = loc("add"("Add"))
#relu1 = loc("relu1"("Relu"))
#gap = loc("gap"("GlobalAveragePool"))
#fc = loc("fc"("Gemm"))
#flat = loc("flat"("Flatten"))
