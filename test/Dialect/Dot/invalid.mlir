// RUN: quant-opt %s --split-input-file --verify-diagnostics

func.func @bytes(%acc: vector<16xi32>, %a: vector<32xi8>) {
  // expected-error @+1 {{needs 4 elements of 'i8' for each of the 16 lanes}}
  %0 = dot.accumulate %acc, %a, %a : vector<16xi32>, vector<32xi8>
  return
}

// -----

func.func @words(%acc: vector<8xi32>, %a: vector<32xi16>) {
  // expected-error @+1 {{needs 2 elements of 'i16' for each of the 8 lanes}}
  %0 = dot.accumulate %acc, %a, %a : vector<8xi32>, vector<32xi16>
  return
}

// -----

func.func @offset(%acc: vector<8xi32>, %a: vector<32xi8>) {
  // expected-error @+1 {{needs an lhs_offset of 0 or, on bytes, 128}}
  %0 = dot.accumulate %acc, %a, %a {lhs_offset = 64 : i32} : vector<8xi32>, vector<32xi8>
  return
}

// -----

func.func @pairs_without_offset(%acc: vector<8xi32>, %a: vector<32xi8>) {
  // expected-error @+1 {{pairs_fit_words needs an lhs_offset of 128}}
  %0 = dot.accumulate %acc, %a, %a {pairs_fit_words} : vector<8xi32>, vector<32xi8>
  return
}

// -----

func.func @offset_of_words(%acc: vector<8xi32>, %a: vector<16xi16>) {
  // expected-error @+1 {{needs an lhs_offset of 0 or, on bytes, 128}}
  %0 = dot.accumulate %acc, %a, %a {lhs_offset = 128 : i32} : vector<8xi32>, vector<16xi16>
  return
}

// -----

func.func @element(%acc: vector<8xi32>, %a: vector<16xi32>) {
  // expected-error @+1 {{'dot.accumulate' op operand #1 must be vector of 8-bit signless integer or 16-bit signless integer values of ranks 1}}
  %0 = dot.accumulate %acc, %a, %a : vector<8xi32>, vector<16xi32>
  return
}

// -----

func.func @both_sides(%acc: vector<8xi32>, %a: vector<32xi8>, %b: vector<16xi16>) {
  // expected-error @+1 {{failed to verify that all of {lhs, rhs} have same type}}
  %0 = "dot.accumulate"(%acc, %a, %b) : (vector<8xi32>, vector<32xi8>, vector<16xi16>) -> vector<8xi32>
  return
}

// -----

func.func @block(%acc: vector<8xi32>, %a: vector<16xi8>) {
  // expected-error @+1 {{'dot.matmul' op operand #0 must be vector of 32-bit signless integer values of length 4}}
  %0 = dot.matmul %acc, %a, %a : vector<8xi32>, vector<16xi8>
  return
}

// -----

func.func @rows(%acc: vector<4xi32>, %a: vector<32xi8>) {
  // expected-error @+1 {{'dot.matmul' op operand #1 must be vector of 8-bit signless integer values of length 16}}
  %0 = dot.matmul %acc, %a, %a : vector<4xi32>, vector<32xi8>
  return
}

// -----

func.func @short_table(%table: memref<128xi8>, %x: vector<32xi8>) -> vector<32xi8> {
  // expected-error @+1 {{'dot.lookup' op needs a table of 256 bytes}}
  %r = dot.lookup %table[%x] : memref<128xi8>, vector<32xi8>
  return %r : vector<32xi8>
}

// -----

func.func @winograd_form(%x: tensor<1x17x17x8xi16>) {
  // expected-error @+1 {{needs two pixels and a stride of 1 or 2, or four}}
  %0 = dot.winograd_input %x {pixels = 4, stride = 2} : tensor<1x17x17x8xi16> -> tensor<81x4x8xi16>
  return
}

// -----

func.func @winograd_part(%x: tensor<1x10x11x8xi16>) {
  // expected-error @+1 {{needs an image of whole tiles}}
  %0 = dot.winograd_input %x {pixels = 2} : tensor<1x10x11x8xi16> -> tensor<16x16x8xi16>
  return
}

// -----

func.func @winograd_tiles(%x: tensor<1x9x9x8xi16>) {
  // expected-error @+1 {{needs tiles of shape 25, 4, 8}}
  %0 = dot.winograd_input %x {pixels = 2, stride = 2} : tensor<1x9x9x8xi16> -> tensor<25x9x8xi16>
  return
}

// -----

func.func @winograd_images(%m: tensor<16x32x8xi32>) {
  // expected-error @+1 {{needs one image and three dimensions of tiles}}
  %0 = dot.winograd_output %m {pixels = 2} : tensor<16x32x8xi32> -> tensor<2x8x8x8xi32>
  return
}

// -----

func.func @winograd_output(%m: tensor<36x3x8xi32>) {
  // expected-error @+1 {{needs tiles of shape 36, 4, 8}}
  %0 = dot.winograd_output %m {pixels = 4} : tensor<36x3x8xi32> -> tensor<1x8x5x8xi32>
  return
}
