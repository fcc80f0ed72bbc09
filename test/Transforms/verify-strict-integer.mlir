// RUN: quant-opt %s --quantc-verify-strict-integer -verify-diagnostics -split-input-file

// Real numbers at the boundary are allowed.
func.func @strict(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = quantc.quantize %x as !quant.uniform<i8:f32, 0.5> : tensor<4xf32> -> tensor<4xi8>
  %1 = quantc.rescale %0 <fixed, half_up> {input_zp = 0 : i32, output_zp = 3 : i32, min = -128 : i32, max = 127 : i32, shifts = array<i32: 1>} : tensor<4xi8> -> tensor<4xi8>
  %2 = quantc.dequantize %1 as !quant.uniform<i8:f32, 0.5> : tensor<4xi8> -> tensor<4xf32>
  return %2 : tensor<4xf32>
}

// -----

func.func @rounds_in_f32(%x: tensor<4xi8>) -> tensor<4xi8> {
  // expected-error@below {{'quantc.rescale' op of 'quantc.rescale' rounds in f32, which strict integer mode excludes; requantize by fixed, fixed-double or shift}}
  %0 = quantc.rescale %x <f32, half_even> {input_zp = 0 : i32, output_zp = 3 : i32, min = -128 : i32, max = 127 : i32, multipliers = array<f32: 0.25>} : tensor<4xi8> -> tensor<4xi8>
  return %0 : tensor<4xi8>
}

// -----

// Each float operation is named, and the conversions around it.
func.func @island(%x: tensor<4xi8>) -> tensor<4xi8> {
  // expected-error@below {{'quantc.dequantize' op of 'quantc.dequantize' stays float}}
  %0 = quantc.dequantize %x as !quant.uniform<i8:f32, 0.5> : tensor<4xi8> -> tensor<4xf32>
  // expected-error@below {{'tosa.exp' op of 'tosa.exp' stays float, which strict integer mode excludes}}
  %1 = tosa.exp %0 : (tensor<4xf32>) -> tensor<4xf32>
  // expected-error@below {{'quantc.quantize' op of 'quantc.quantize' stays float}}
  %2 = quantc.quantize %1 as !quant.uniform<i8:f32, 0.5> : tensor<4xf32> -> tensor<4xi8>
  return %2 : tensor<4xi8>
}

// -----

// The message names the node.
// RUN: not quant-opt %s --quantc-verify-strict-integer --split-input-file 2>&1 | FileCheck %s
// CHECK: 'tosa.exp' op of node 'head/exp' (Exp) stays float
func.func @node(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error@unknown {{'tosa.exp' op of node 'head/exp' (Exp) stays float}}
  %0 = tosa.exp %x : (tensor<4xf32>) -> tensor<4xf32> loc("head/exp"("Exp"))
  return %0 : tensor<4xf32>
}
