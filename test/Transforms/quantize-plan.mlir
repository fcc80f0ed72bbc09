// The plan says what became of each operation, and why.
// RUN: quant-opt %s "--quantc-quantize=save-plan=%t.json strict-integer" -o %t.mlir
// RUN: FileCheck %s --check-prefix=PLAN < %t.json

// Given back, it gives the same module, and the same plan.
// RUN: quant-opt %s "--quantc-quantize=plan=%t.json save-plan=%t.again.json" -o %t.again.mlir
// RUN: cmp %t.json %t.again.json && cmp %t.mlir %t.again.mlir

// It may also say otherwise.
// RUN: sed '/"form": "integer"/{N;s/integer",\n *"node": "sum"/float", "reason": "I want it so", "node": "sum"/}' %t.json > %t.other.json
// RUN: quant-opt %s "--quantc-quantize=plan=%t.other.json save-plan=%t.again.json" | FileCheck %s --check-prefix=OTHER
// RUN: FileCheck %s --check-prefix=WANTED < %t.again.json
// RUN: sed 's/f32 half_even/fixed double_round/' %t.json > %t.rounding.json
// RUN: quant-opt %s --quantc-quantize=plan=%t.rounding.json | FileCheck %s --check-prefix=ROUNDING

// PLAN: "nodes": [
// PLAN: "form": "float",
// PLAN-NEXT: "node": "deep",
// PLAN-NEXT: "reason": "its sums may overflow 32 bits in channel 0"
// PLAN: "form": "integer",
// PLAN-NEXT: "node": "sum",
// PLAN-NEXT: "rounding": "f32 half_even"
// PLAN: "form": "float",
// PLAN-NEXT: "node": "pool",
// PLAN-NEXT: "reason": "it averages over fewer elements at the padded rim"
// PLAN: "form": "float",
// PLAN-NEXT: "node": "exp",
// PLAN-NEXT: "reason": "it has no integer form"
// PLAN: "form": "float",
// PLAN-NEXT: "node": "sum#1",
// PLAN-NEXT: "reason": "its result has no quantization parameters"
// PLAN: "form": "float",
// PLAN-NEXT: "node": "affine",
// PLAN-NEXT: "reason": "its weight has a zero point other than 0"
// PLAN: "form": "float",
// PLAN-NEXT: "node": "half",
// PLAN-NEXT: "reason": "its operand 1 isn't quantized per tensor"
// PLAN: "version": 1

// OTHER-LABEL: func.func @net
// OTHER: tosa.add {{.*}} : (tensor<1x2x2x4xf32>
// WANTED: "node": "sum",
// WANTED-NEXT: "reason": "I want it so"

// ROUNDING-LABEL: func.func @net
// ROUNDING: quantc.requantize {{.*}} <fixed, double_round>
// ROUNDING-NOT: <f32, half_even>

func.func @net(%x: tensor<1x1x1x70000xf32>, %y: tensor<1x2x2x4xf32>) -> (tensor<1x1x1x1xf32>, tensor<1x2x2x4xf32>, tensor<1x2x2x1xf32>, tensor<1x2x2x4xf32>) {
  %zp = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %w = "tosa.const"() {values = dense<1.0> : tensor<1x1x1x70000xf32>} : () -> tensor<1x1x1x70000xf32>
  %qx = quantc.fake_quant %x as !quant.uniform<i8:f32, 0.5:-128> : tensor<1x1x1x70000xf32>
  %qw = quantc.fake_quant %w as !quant.uniform<i8<-127:127>:f32, 0.0078125> : tensor<1x1x1x70000xf32>
  // 70000 products of up to 255 · 127 don't fit.
  %0 = tosa.conv2d %qx, %qw, %b, %zp, %zp {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x1x1x70000xf32>, tensor<1x1x1x70000xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x1x1xf32> loc("deep"("Conv"))
  %1 = quantc.fake_quant %0 as !quant.uniform<i8:f32, 0.5:-128> : tensor<1x1x1x1xf32>

  %qy = quantc.fake_quant %y as !quant.uniform<i8:f32, 0.5> : tensor<1x2x2x4xf32>
  %2 = tosa.add %qy, %qy : (tensor<1x2x2x4xf32>, tensor<1x2x2x4xf32>) -> tensor<1x2x2x4xf32> loc("sum"("Add"))
  %3 = quantc.fake_quant %2 as !quant.uniform<i8:f32, 0.7> : tensor<1x2x2x4xf32>
  %4 = tosa.avg_pool2d %3, %zp, %zp {acc_type = f32, kernel = array<i64: 3, 3>, pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 1, 1>} : (tensor<1x2x2x4xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x2x4xf32> loc("pool"("AveragePool"))
  %5 = quantc.fake_quant %4 as !quant.uniform<i8:f32, 0.5> : tensor<1x2x2x4xf32>
  %6 = tosa.exp %5 : (tensor<1x2x2x4xf32>) -> tensor<1x2x2x4xf32> loc("exp"("Exp"))
  %7 = tosa.add %3, %5 : (tensor<1x2x2x4xf32>, tensor<1x2x2x4xf32>) -> tensor<1x2x2x4xf32> loc("sum"("Add"))
  %v = "tosa.const"() {values = dense<1.0> : tensor<1x1x1x4xf32>} : () -> tensor<1x1x1x4xf32>
  %qv = quantc.fake_quant %v as !quant.uniform<i8<-127:127>:f32, 0.0078125:5> : tensor<1x1x1x4xf32>
  %8 = tosa.conv2d %5, %qv, %b, %zp, %zp {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x2x2x4xf32>, tensor<1x1x1x4xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x2x1xf32> loc("affine"("Conv"))
  %9 = quantc.fake_quant %8 as !quant.uniform<i8:f32, 0.5> : tensor<1x2x2x1xf32>
  %10 = tosa.add %5, %7 : (tensor<1x2x2x4xf32>, tensor<1x2x2x4xf32>) -> tensor<1x2x2x4xf32> loc("half"("Add"))
  %11 = quantc.fake_quant %10 as !quant.uniform<i8:f32, 0.5> : tensor<1x2x2x4xf32>
  return %1, %6, %9, %11 : tensor<1x1x1x1xf32>, tensor<1x2x2x4xf32>, tensor<1x2x2x1xf32>, tensor<1x2x2x4xf32>
}
