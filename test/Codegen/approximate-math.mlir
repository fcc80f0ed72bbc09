// RUN: quant-opt %s --quantc-approximate-math --split-input-file --verify-diagnostics | FileCheck %s

// Polynomials on fused multiply-adds; nothing that would become a call.
// CHECK-LABEL: @tanh
// CHECK-NOT: math.tanh
// CHECK: math.fma
// CHECK: arith.divf
func.func @tanh(%x: f32) -> f32 {
  %y = math.tanh %x : f32
  return %y : f32
}

// -----

// CHECK-LABEL: @exp
// CHECK-NOT: math.exp
// CHECK: math.fma
func.func @exp(%x: f32) -> f32 {
  %y = math.exp %x : f32
  return %y : f32
}

// -----

// No estimate: a square root and a division are exact everywhere.
// CHECK-LABEL: @rsqrt
// CHECK: %[[ROOT:.*]] = math.sqrt
// CHECK: arith.divf %{{.*}}, %[[ROOT]]
func.func @rsqrt(%x: f32) -> f32 {
  %y = math.rsqrt %x : f32
  return %y : f32
}

// -----

func.func @acosh(%x: f32) -> f32 {
  // expected-error @+1 {{'math.acosh' has no approximation}}
  %y = math.acosh %x : f32
  return %y : f32
}
