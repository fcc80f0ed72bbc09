// What costs more in integers than in float with its conversions stays float.
// RUN: quant-opt %s --quantc-quantize=save-plan=%t.json -o %t.mlir
// RUN: FileCheck %s < %t.mlir
// RUN: FileCheck %s --check-prefix=PLAN < %t.json
// The plan, given back, gives the same module.
// RUN: quant-opt %s "--quantc-quantize=plan=%t.json save-plan=%t.again.json" -o %t.again.mlir && cmp %t.mlir %t.again.mlir
// RUN: cmp %t.json %t.again.json
// RUN: quant-opt %s --quantc-quantize=strict-integer | FileCheck %s --check-prefix=STRICT
// RUN: quant-opt %s "--quantc-quantize=strict-integer save-plan=%t.strict.json" -o /dev/null
// RUN: quant-opt %s "--quantc-quantize=plan=%t.strict.json" | FileCheck %s --check-prefix=STRICT

// PLAN: "node": "alone",
// PLAN-NEXT: "reason": "its integer form, with its conversions, costs an estimated 0.655 us more"

// An addition between what is real: 1024 elements, of which each would be
// quantized twice, added in integers and dequantized. Nothing is rounded.
// CHECK-LABEL: func.func @alone
// CHECK-NEXT: %[[S:.*]] = tosa.add %arg0, %arg1 : (tensor<1x4x4x64xf32>, {{.*}}
// CHECK-NEXT: return %[[S]]
// STRICT-LABEL: func.func @alone
// STRICT: tosa.add {{.*}} : (tensor<1x4x4x64xi32>
func.func @alone(%x: tensor<1x4x4x64xf32>, %y: tensor<1x4x4x64xf32>) -> tensor<1x4x4x64xf32> {
  %0 = quantc.fake_quant %x as !quant.uniform<i8:f32, 0.5> : tensor<1x4x4x64xf32>
  %1 = quantc.fake_quant %y as !quant.uniform<i8:f32, 0.25> : tensor<1x4x4x64xf32>
  %2 = tosa.add %0, %1 : (tensor<1x4x4x64xf32>, tensor<1x4x4x64xf32>) -> tensor<1x4x4x64xf32> loc("alone"("Add"))
  %3 = quantc.fake_quant %2 as !quant.uniform<i8:f32, 0.5> : tensor<1x4x4x64xf32>
  return %3 : tensor<1x4x4x64xf32>
}

// The same addition between convolutions is integer, and they are: 64
// products for each element quantized.
// CHECK-LABEL: func.func @between
// CHECK: quantc.quantize %arg0
// CHECK: tosa.conv2d {{.*}}acc_type = i32
// CHECK: tosa.add {{.*}} : (tensor<1x4x4x64xi32>
// CHECK: tosa.conv2d {{.*}}acc_type = i32
// CHECK: quantc.dequantize
// CHECK-NEXT: return
func.func @between(%x: tensor<1x4x4x64xf32>) -> tensor<1x4x4x64xf32> {
  %zp = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %w = "tosa.const"() {values = dense<1.0> : tensor<64x1x1x64xf32>} : () -> tensor<64x1x1x64xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<64xf32>} : () -> tensor<64xf32>
  %qw = quantc.fake_quant %w as !quant.uniform<i8<-127:127>:f32, 0.0078125> : tensor<64x1x1x64xf32>
  %0 = quantc.fake_quant %x as !quant.uniform<i8:f32, 0.5> : tensor<1x4x4x64xf32>
  %1 = tosa.conv2d %0, %qw, %b, %zp, %zp {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x4x4x64xf32>, tensor<64x1x1x64xf32>, tensor<64xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x4x64xf32>
  %2 = quantc.fake_quant %1 as !quant.uniform<i8:f32, 0.5> : tensor<1x4x4x64xf32>
  %3 = tosa.add %0, %2 : (tensor<1x4x4x64xf32>, tensor<1x4x4x64xf32>) -> tensor<1x4x4x64xf32>
  %4 = quantc.fake_quant %3 as !quant.uniform<i8:f32, 0.5> : tensor<1x4x4x64xf32>
  %5 = tosa.conv2d %4, %qw, %b, %zp, %zp {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x4x4x64xf32>, tensor<64x1x1x64xf32>, tensor<64xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x4x64xf32>
  %6 = quantc.fake_quant %5 as !quant.uniform<i8:f32, 0.5> : tensor<1x4x4x64xf32>
  return %6 : tensor<1x4x4x64xf32>
}

// A softmax behind which all is real: cheaper in float; the convolution before
// it stays integer, and what it gives is dequantized once, behind the reshape.
// CHECK-LABEL: func.func @softmax
// CHECK: tosa.conv2d {{.*}}acc_type = i32
// CHECK: %[[D:.*]] = quantc.dequantize {{.*}} -> tensor<16x64xf32>
// CHECK-NEXT: %[[S:.*]] = quantc.softmax %[[D]]
// CHECK-NEXT: return %[[S]]
// STRICT-LABEL: func.func @softmax
// STRICT: quantc.integer_softmax
func.func @softmax(%x: tensor<1x4x4x64xf32>) -> tensor<16x64xf32> {
  %zp = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %w = "tosa.const"() {values = dense<1.0> : tensor<64x1x1x64xf32>} : () -> tensor<64x1x1x64xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<64xf32>} : () -> tensor<64xf32>
  %shape = tosa.const_shape {values = dense<[16, 64]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %qw = quantc.fake_quant %w as !quant.uniform<i8<-127:127>:f32, 0.0078125> : tensor<64x1x1x64xf32>
  %0 = quantc.fake_quant %x as !quant.uniform<i8:f32, 0.5> : tensor<1x4x4x64xf32>
  %1 = tosa.conv2d %0, %qw, %b, %zp, %zp {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x4x4x64xf32>, tensor<64x1x1x64xf32>, tensor<64xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x4x64xf32>
  %2 = quantc.fake_quant %1 as !quant.uniform<i8:f32, 0.125> : tensor<1x4x4x64xf32>
  %3 = tosa.reshape %2, %shape : (tensor<1x4x4x64xf32>, !tosa.shape<2>) -> tensor<16x64xf32>
  %4 = quantc.softmax %3 : tensor<16x64xf32>
  %5 = quantc.fake_quant %4 as !quant.uniform<i8:f32, 0.00390625:-128> : tensor<16x64xf32>
  return %5 : tensor<16x64xf32>
}

// What float operations move is quantized behind: half of it is read.
// CHECK-LABEL: func.func @moved
// CHECK: tosa.add {{.*}} : (tensor<1x4x4x64xf32>
// CHECK: tosa.slice {{.*}} -> tensor<1x2x4x64xf32>
// CHECK: quantc.quantize {{.*}} : tensor<1x2x4x64xf32>
// CHECK: tosa.conv2d {{.*}}acc_type = i32
func.func @moved(%x: tensor<1x4x4x64xf32>, %y: tensor<1x4x4x64xf32>) -> (tensor<1x2x4x64xf32>, tensor<1x4x4x64xf32>) {
  %zp = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %w = "tosa.const"() {values = dense<1.0> : tensor<64x1x1x64xf32>} : () -> tensor<64x1x1x64xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<64xf32>} : () -> tensor<64xf32>
  %start = tosa.const_shape {values = dense<0> : tensor<4xindex>} : () -> !tosa.shape<4>
  %size = tosa.const_shape {values = dense<[1, 2, 4, 64]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %qw = quantc.fake_quant %w as !quant.uniform<i8<-127:127>:f32, 0.0078125> : tensor<64x1x1x64xf32>
  %0 = quantc.fake_quant %x as !quant.uniform<i8:f32, 0.5> : tensor<1x4x4x64xf32>
  %1 = quantc.fake_quant %y as !quant.uniform<i8:f32, 0.5> : tensor<1x4x4x64xf32>
  %2 = tosa.add %0, %1 : (tensor<1x4x4x64xf32>, tensor<1x4x4x64xf32>) -> tensor<1x4x4x64xf32>
  %3 = quantc.fake_quant %2 as !quant.uniform<i8:f32, 0.5> : tensor<1x4x4x64xf32>
  %4 = tosa.slice %3, %start, %size : (tensor<1x4x4x64xf32>, !tosa.shape<4>, !tosa.shape<4>) -> tensor<1x2x4x64xf32>
  %5 = tosa.conv2d %4, %qw, %b, %zp, %zp {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x2x4x64xf32>, tensor<64x1x1x64xf32>, tensor<64xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x4x64xf32>
  %6 = quantc.fake_quant %5 as !quant.uniform<i8:f32, 0.5> : tensor<1x2x4x64xf32>
  return %6, %3 : tensor<1x2x4x64xf32>, tensor<1x4x4x64xf32>
}

// Without shapes there are no costs, and no integer form.
// PLAN: "node": "unknown",
// PLAN-NEXT: "reason": "the shapes of its operands aren't known"
func.func @unknown(%x: tensor<?x4x4x8xf32>) -> tensor<1x4x4x8xf32> {
  %start = tosa.const_shape {values = dense<0> : tensor<4xindex>} : () -> !tosa.shape<4>
  %size = tosa.const_shape {values = dense<[1, 4, 4, 8]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %0 = quantc.fake_quant %x as !quant.uniform<i8:f32, 0.5> : tensor<?x4x4x8xf32>
  %1 = tosa.slice %0, %start, %size : (tensor<?x4x4x8xf32>, !tosa.shape<4>, !tosa.shape<4>) -> tensor<1x4x4x8xf32> loc("unknown"("Slice"))
  %2 = quantc.fake_quant %1 as !quant.uniform<i8:f32, 0.5> : tensor<1x4x4x8xf32>
  return %2 : tensor<1x4x4x8xf32>
}
