// RUN: quant-opt %s --split-input-file --verify-diagnostics --quantc-verify-phase=phase=fold
// RUN: not quant-opt %s --quantc-verify-phase=phase=folded 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// UNKNOWN: no phase is called 'folded'; there are import, prepare, observe, fold, quantize

func.func @fine(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = quantc.fake_quant %x as !quant.uniform<i8:f32, 5.000000e-01> : tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

func.func @observed(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error@unknown {{'quantc.observe' op may not leave the phase 'fold' (from node 'stem' (Conv))}}
  %0 = quantc.observe %x "x" <kind = minmax, is_signed = true, quant_min = -128, quant_max = 127, qscheme = affine> : tensor<4xf32> loc("stem"("Conv"))
  return %0 : tensor<4xf32>
}

// -----

func.func @dynamic(%x: tensor<4xf32>, %y: tensor<?xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}
// expected-error@-3 {{needs static shapes}}

// -----

func.func @foreign(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error@below {{'index.constant' op may not leave the phase 'fold'}}
  %0 = index.constant 1
  return %x : tensor<4xf32>
}

// -----

// expected-error@below {{needs one public function, which is the model}}
module {
  func.func @first(%x: tensor<4xf32>) -> tensor<4xf32> {
    return %x : tensor<4xf32>
  }
  func.func @second(%x: tensor<4xf32>) -> tensor<4xf32> {
    return %x : tensor<4xf32>
  }
}
