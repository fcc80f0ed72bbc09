// RUN: quant-opt %s --split-input-file --verify-diagnostics --quantc-verify-phase=phase=linalg
// RUN: not quant-opt %s --split-input-file --quantc-verify-phase=phase=kernel 2>&1 | FileCheck %s
// CHECK: 'linalg.generic' op may not leave the phase 'kernel'

// Rounding to an integer is exact; exp is a function of some library.
#id = affine_map<(d0) -> (d0)>
func.func @exact(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%x : tensor<4xf32>) outs(%x : tensor<4xf32>) {
  ^bb0(%a: f32, %b: f32):
    %1 = math.roundeven %a : f32
    linalg.yield %1 : f32
  } -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

#id = affine_map<(d0) -> (d0)>
func.func @library(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%x : tensor<4xf32>) outs(%x : tensor<4xf32>) {
  ^bb0(%a: f32, %b: f32):
    // expected-error@below {{'math.exp' op may not leave the phase 'linalg'}}
    %1 = math.exp %a : f32
    linalg.yield %1 : f32
  } -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

func.func @tosa(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error@below {{'tosa.abs' op may not leave the phase 'linalg'}}
  %0 = tosa.abs %x : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
