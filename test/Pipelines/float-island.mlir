// A function that has no integer form, between integer operations: a table takes
// its place, so that nothing stays float. What no table can replace is an island,
// and the strict mode names its node.
// RUN: quant-opt %s --split-input-file "--quantc-quantize-pipeline=requantize=fixed strict-integer" --quantc-requantize-pipeline | FileCheck %s
// RUN: not quant-opt %s --split-input-file "--quantc-quantize-pipeline=requantize=fixed strict-integer" --quantc-requantize-pipeline=strict-integer 2>&1 | FileCheck %s --check-prefix=STRICT

// CHECK-LABEL: func.func @table
// CHECK: quantc.rescale
// CHECK-NOT: quantc.dequantize
// CHECK: tosa.table
// CHECK: tosa.max_pool2d
// CHECK: quantc.dequantize
func.func @table(%x: tensor<1x4x4x2xf32>) -> tensor<1x2x2x2xf32> {
  %zero = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %w = "tosa.const"() {values = dense<[[[[0.5, -0.25]]], [[[0.125, 1.0]]]]> : tensor<2x1x1x2xf32>} : () -> tensor<2x1x1x2xf32>
  %b = "tosa.const"() {values = dense<[0.5, -0.5]> : tensor<2xf32>} : () -> tensor<2xf32>
  %0 = quantc.fake_quant %x as !quant.uniform<i8:f32, 0.0078125> : tensor<1x4x4x2xf32>
  %1 = quantc.fake_quant %w as !quant.uniform<i8<-127:127>:f32:0, {0.00390625, 0.0078125}> : tensor<2x1x1x2xf32>
  %2 = tosa.conv2d %0, %1, %b, %zero, %zero {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x4x4x2xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x4x2xf32>
  %3 = quantc.fake_quant %2 as !quant.uniform<i8:f32, 0.015625:3> : tensor<1x4x4x2xf32>
  %4 = tosa.sigmoid %3 : (tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32>
  %5 = quantc.fake_quant %4 as !quant.uniform<i8:f32, 0.00390625:-128> : tensor<1x4x4x2xf32>
  %6 = tosa.max_pool2d %5 {kernel = array<i64: 2, 2>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 2, 2>} : (tensor<1x4x4x2xf32>) -> tensor<1x2x2x2xf32>
  return %6 : tensor<1x2x2x2xf32>
}

// -----

// CHECK-LABEL: func.func @island
// CHECK: tosa.pow
// CHECK: quantc.dequantize
// STRICT: error: {{.*}}node 'gate' (Pow) stays float, which strict integer mode excludes
func.func @island(%x: tensor<1x4xf32>, %y: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %0 = quantc.fake_quant %x as !quant.uniform<i8:f32, 0.0078125> : tensor<1x4xf32>
  %1 = quantc.fake_quant %y as !quant.uniform<i8:f32, 0.0078125> : tensor<1x4xf32>
  %2 = tosa.pow %0, %1 : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32> loc(#gate)
  %3 = quantc.fake_quant %2 as !quant.uniform<i8:f32, 0.00390625:-128> : tensor<1x4xf32>
  return %3 : tensor<1x4xf32>
}
#gate = loc("gate"("Pow"))
