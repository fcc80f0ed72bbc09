// An attention as one kernel needs no arena: scores and weights of a block of
// rows are on the stack, with a head's packed keys and values.
// RUN: quant-opt %s --quantc-kernel-pipeline="triple=x86_64 mcpu=x86-64-v3" --split-input-file | FileCheck %s
// RUN: quant-opt %s --quantc-kernel-pipeline="triple=x86_64 mcpu=znver4" --split-input-file | FileCheck %s --check-prefix=VNNI
// RUN: quant-opt %s --quantc-kernel-pipeline="triple=aarch64" --split-input-file | FileCheck %s --check-prefix=SINGLE

#id = affine_map<(d0, d1, d2) -> (d0, d1, d2)>

// Keys become pairs of words by a square of 8 × 8, values by interleaving. A few
// rows of 20 scores become weights where they are; one row of exponentials.
// CHECK: module attributes {quantc.arena_align = {{.*}}, quantc.arena_bytes = 0
// CHECK-LABEL: func.func private @attention_0
// CHECK-SAME: %[[K:[^ :]*]]: memref<20x2x16xi8>
// CHECK-SAME: %[[Q:[^ :]*]]: memref<2x12x16xi8>
// CHECK-SAME: quantc.kernel = "attention"
// CHECK-DAG: memref.alloca() {alignment = 64 : i64} : memref<{{[3-9]}}x20xi8>
// CHECK-DAG: memref.alloca() {alignment = 64 : i64} : memref<20xi32>
// CHECK-DAG: memref.alloca() {alignment = 64 : i64} : memref<{{[1-3]}}x8x{{[1-3]}}x16xi16>
// CHECK-DAG: memref.alloca() {alignment = 64 : i64} : memref<1x10x1x16xi16>
// CHECK: scf.for
// CHECK: vector.load %[[K]]{{.*}} : memref<20x2x16xi8>, vector<16xi8>
// CHECK: vector.bitcast {{.*}} : vector<16xi16> to vector<8xi32>
// CHECK: vector.interleave {{.*}} : vector<8xi16> -> vector<16xi16>
// CHECK: vector.load %[[Q]]
// CHECK: dot.accumulate
// CHECK: arith.divui {{.*}} : i64
// CHECK: dot.accumulate
// CHECK: return
// VNNI-LABEL: func.func private @attention_0
// VNNI-SAME: quantc.kernel = "attention"
// VNNI-DAG: memref.alloca() {alignment = 64 : i64} : memref<{{[12]}}x4x{{[12]}}x64xi8>
// VNNI-DAG: memref.alloca() {alignment = 64 : i64} : memref<1x5x1x64xi8>
// VNNI: vector.bitcast {{.*}} : vector<64xi8> to vector<16xi32>
// SINGLE-LABEL: func.func private @attention_0
// SINGLE-SAME: quantc.kernel = "attention"
// SINGLE: vector.shuffle {{.*}} [0, 4, 1, 5] : vector<4xi16>, vector<4xi16>
func.func @integers(%q: tensor<2x12x16xi8>, %k: tensor<20x2x16xi8>, %v: tensor<2x20x8xi8>) -> tensor<2x12x8xi32> {
  %zero = arith.constant 0 : i32
  %zp = arith.constant -3 : i32
  %t = arith.constant dense<8388608> : tensor<256xi32>
  %ke = tensor.empty() : tensor<2x16x20xi8>
  %kt = linalg.transpose ins(%k : tensor<20x2x16xi8>) outs(%ke : tensor<2x16x20xi8>) permutation = [1, 2, 0]
  %e = tensor.empty() : tensor<2x12x20xi32>
  %f = linalg.fill ins(%zero : i32) outs(%e : tensor<2x12x20xi32>) -> tensor<2x12x20xi32>
  %s = linalg.quantized_batch_matmul ins(%q, %kt, %zp, %zp : tensor<2x12x16xi8>, tensor<2x16x20xi8>, i32, i32) outs(%f : tensor<2x12x20xi32>) -> tensor<2x12x20xi32>
  %b = tensor.empty() : tensor<2x12x20xi8>
  %n = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%s : tensor<2x12x20xi32>) outs(%b : tensor<2x12x20xi8>) {
  ^bb0(%x: i32, %out: i8):
    %y = arith.trunci %x : i32 to i8
    linalg.yield %y : i8
  } -> tensor<2x12x20xi8>
  %p = quantc.integer_softmax %n, %t {numerator = 18014398509481984 : i64, shift = 46 : i32, output_zp = -128 : i32, min = -128 : i32, max = 127 : i32} : tensor<2x12x20xi8>, tensor<256xi32>
  %g = tensor.empty() : tensor<2x12x8xi32>
  %h = linalg.fill ins(%zero : i32) outs(%g : tensor<2x12x8xi32>) -> tensor<2x12x8xi32>
  %c = linalg.quantized_batch_matmul ins(%p, %v, %zp, %zp : tensor<2x12x20xi8>, tensor<2x20x8xi8>, i32, i32) outs(%h : tensor<2x12x8xi32>) -> tensor<2x12x8xi32>
  return %c : tensor<2x12x8xi32>
}

// -----

// The softmax of floats is made in the place of the scores, where the second
// product reads it.
// CHECK: module attributes {quantc.arena_align = {{.*}}, quantc.arena_bytes = 0
// CHECK-LABEL: func.func private @attention_0
// CHECK-SAME: quantc.kernel = "attention"
// CHECK: memref.alloca() {{.*}} : memref<1x8x1x8xf32>
// CHECK-NEXT: memref.alloca() {{.*}} : memref<[[SIZE:[0-9]+]]x16xf32>
// CHECK-NEXT: memref.alloca() {{.*}} : memref<1x16x1x8xf32>
// CHECK-NEXT: %[[ROWS:.*]] = memref.alloca() {{.*}} : memref<[[SIZE]]x8xf32>
// CHECK-NOT: memref.alloca()
// CHECK: vector.store {{.*}}, %[[ROWS]]
// CHECK: arith.divf
// CHECK: memref.load %[[ROWS]]
// CHECK: math.fma
// VNNI-LABEL: func.func private @attention_0
// SINGLE-LABEL: func.func private @attention_0
func.func @floats(%q: tensor<1x12x16xf32>, %k: tensor<1x16x8xf32>, %v: tensor<1x8x8xf32>) -> tensor<1x12x8xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x12x8xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<1x12x8xf32>) -> tensor<1x12x8xf32>
  %s = linalg.batch_matmul ins(%q, %k : tensor<1x12x16xf32>, tensor<1x16x8xf32>) outs(%f : tensor<1x12x8xf32>) -> tensor<1x12x8xf32>
  %p = quantc.softmax %s : tensor<1x12x8xf32>
  %c = linalg.batch_matmul ins(%p, %v : tensor<1x12x8xf32>, tensor<1x8x8xf32>) outs(%f : tensor<1x12x8xf32>) -> tensor<1x12x8xf32>
  return %c : tensor<1x12x8xf32>
}
