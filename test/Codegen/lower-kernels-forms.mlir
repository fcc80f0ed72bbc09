// The forms of a dense convolution, one for each kind of processor: how the
// weights of three columns and four channels are packed, what starts the
// columns, and what an inner step does. Columns beyond the third aren't stored.
// On x86 without VNNI activations are i16.
// RUN: sed 's/1x1x3x4xi8/1x1x3x4xi16/g' %s | quant-opt --quantc-lower-kernels="mcpu=x86-64-v3" --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,PAIRS
// Unless pairs of products are proved to fit words.
// RUN: sed 's/conv_2d_nhwc_fhwc {/conv_2d_nhwc_fhwc {quantc.pairs_fit_words, /' %s | quant-opt --quantc-lower-kernels="mcpu=x86-64-v3" --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,PROVED
// RUN: quant-opt %s --quantc-lower-kernels="mcpu=x86-64-v4 mattr=+avx512vnni" --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,OFFSET
// RUN: quant-opt %s --quantc-lower-kernels="triple=aarch64-linux-gnu" --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,SINGLE
// RUN: quant-opt %s --quantc-lower-kernels="triple=aarch64-linux-gnu mattr=+dotprod" --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,BYTES
// RUN: quant-opt %s --quantc-lower-kernels="triple=aarch64-linux-gnu mattr=+dotprod,+i8mm" --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,MATRIX
// RUN: not quant-opt %s --quantc-lower-kernels="mcpu=x86-64" 2>&1 | FileCheck %s --check-prefix=OLD
// RUN: not quant-opt %s --quantc-lower-kernels="triple=riscv64-linux-gnu" 2>&1 | FileCheck %s --check-prefix=RISCV

// OLD: error: CPU 'x86-64' lacks what quantc's kernels need
// RISCV: error: unsupported target 'riscv64-unknown-linux-gnu': quantc compiles for x86_64 and aarch64

// Pairs of i16, a step after the other.
// PAIRS: memref.global "private" constant @{{.*}} : memref<8xi32> = dense<[100, 200, 300, 0, 0, 0, 0, 0]> {alignment = 64 : i64}
// PAIRS: memref<1x2x1x16xi8> = dense<{{\[\[\[\[}}1, 2, 5, 6, -1, -2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]], {{\[\[}}3, 4, 7, 8, -3, -4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]]]]>
// The instruction adds 128 to each activation: 100 - 128 · 10 and so on.
// OFFSET: memref<16xi32> = dense<[-1180, -3128, 1580, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]>
// PROVED: memref<8xi32> = dense<[-1180, -3128, 1580, 0, 0, 0, 0, 0]>
// PROVED: memref<1x1x1x32xi8> = dense<{{\[\[\[\[}}1, 2, 3, 4, 5, 6, 7, 8, -1, -2, -3, -4, 0, 0,
// SINGLE: memref<4xi32> = dense<[100, 200, 300, 0]>
// SINGLE: memref<1x4x1x4xi16> = dense<{{\[\[\[\[}}1, 5, -1, 0]], {{\[\[}}2, 6, -2, 0]], {{\[\[}}3, 7, -3, 0]], {{\[\[}}4, 8, -4, 0]]]]>
// BYTES: memref<1x1x1x16xi8> = dense<{{\[\[\[\[}}1, 2, 3, 4, 5, 6, 7, 8, -1, -2, -3, -4, 0, 0, 0, 0]]]]>
// Two columns by eight bytes.
// MATRIX: memref<1x1x2x16xi8> = dense<{{\[\[\[\[}}1, 2, 3, 4, 0, 0, 0, 0, 5, 6, 7, 8, 0, 0, 0, 0], [-1, -2, -3, -4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]]]]>

// CHECK-LABEL: func.func private @conv
// CHECK-SAME: %[[X:.*]]: memref<1x1x3x4xi{{8|16}}> {llvm.noalias}, %[[OUT:.*]]: memref<1x1x3x3xi32> {llvm.noalias}, %[[W:.*]]: memref<{{.*}}> {llvm.noalias}, %[[START:.*]]: memref<{{.*}}xi32> {llvm.noalias}) attributes {quantc.kernel = "gemm"
// CHECK: %[[S:.*]] = vector.load %[[START]]

// PAIRS: %[[LOADED:.*]] = vector.load %[[W]]{{.*}}, vector<16xi8>
// PAIRS: %[[WORDS:.*]] = arith.extsi %[[LOADED]] : vector<16xi8> to vector<16xi16>
// PAIRS: vector.load %[[X]]{{.*}}, vector<2xi16>
// PAIRS: vector.broadcast %{{.*}} : i32 to vector<8xi32>
// PAIRS: %[[A:.*]] = dot.accumulate %[[S]], %{{.*}}, %[[WORDS]] : vector<8xi32>, vector<16xi16>
// PAIRS-COUNT-2: dot.accumulate %[[S]]
// PAIRS: dot.accumulate %[[A]], %{{.*}} : vector<8xi32>, vector<16xi16>

// OFFSET-COUNT-3: dot.accumulate %[[S]], %{{.*}} {lhs_offset = 128 : i32} : vector<16xi32>, vector<64xi8>

// PROVED-COUNT-3: dot.accumulate %[[S]], %{{.*}} {lhs_offset = 128 : i32, pairs_fit_words} : vector<8xi32>, vector<32xi8>

// SINGLE: scf.for %[[K:.*]] = %{{.*}} to %{{.*}} step %{{.*}} iter_args(%[[A0:.*]] = %[[S]], %[[A1:.*]] = %[[S]], %[[A2:.*]] = %[[S]])
// SINGLE: memref.load %[[X]]{{\[}}%{{.*}}, %{{.*}}, %{{.*}}, %[[K]]]
// SINGLE: %[[P:.*]] = arith.muli {{.*}} : vector<4xi32>
// SINGLE: arith.addi %[[A0]], %[[P]]

// BYTES-COUNT-3: dot.accumulate %[[S]], %{{.*}} : vector<4xi32>, vector<16xi8>

// The third row has no neighbour and is its own. Weights of two columns at a
// time pass the pairs. (Without a loop over K, in any order.)
// MATRIX: %[[LEFT:.*]] = vector.shuffle %[[S]], %[[S]] [0, 1, 0, 1]
// MATRIX: %[[RIGHT:.*]] = vector.shuffle %[[S]], %[[S]] [2, 3, 2, 3]
// MATRIX: %[[R0:.*]] = vector.load %[[X]]{{.*}}, vector<8xi8>
// MATRIX: %[[R1:.*]] = vector.load %[[X]]{{.*}}, vector<8xi8>
// MATRIX: %[[R2:.*]] = vector.load %[[X]]{{.*}}, vector<8xi8>
// MATRIX: %[[PAIR:.*]] = vector.shuffle %[[R0]], %[[R1]] [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]
// MATRIX: %[[LAST:.*]] = vector.shuffle %[[R2]], %[[R2]]
// MATRIX: %[[W0:.*]] = vector.load %[[W]]
// MATRIX: %[[W1:.*]] = vector.load %[[W]]
// MATRIX: %[[L:.*]] = dot.matmul %[[LEFT]], %[[PAIR]], %[[W0]]
// MATRIX: dot.matmul %[[LEFT]], %[[LAST]], %[[W0]]
// MATRIX: %[[R:.*]] = dot.matmul %[[RIGHT]], %[[PAIR]], %[[W1]]
// MATRIX-NOT: dot.schedule_barrier
// MATRIX: vector.shuffle %[[L]], %[[R]] [0, 1, 4, 5]
// MATRIX: %[[HELD:.*]]:4 = dot.schedule_barrier(%[[L]], %[[R]],
// MATRIX: vector.shuffle %[[HELD]]#0, %[[HELD]]#1 [2, 3, 6, 7]

// CHECK: vector.store %{{.*}}, %[[OUT]]{{.*}}, vector<3xi32>
// CHECK-LABEL: func.func @net
// CHECK: call @conv(%arg0, %arg1, %{{.*}}, %{{.*}})

func.func private @conv(%x: memref<1x1x3x4xi8>, %w: tensor<3x1x1x4xi8>, %b: tensor<3xi32>, %out: memref<1x1x3x3xi32>) attributes {quantc.kernel} {
  %0 = bufferization.to_tensor %x restrict : memref<1x1x3x4xi8> to tensor<1x1x3x4xi8>
  %e = tensor.empty() : tensor<1x1x3x3xi32>
  %i = linalg.generic {indexing_maps = [affine_map<(n, y, x, c) -> (c)>, affine_map<(n, y, x, c) -> (n, y, x, c)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%b : tensor<3xi32>) outs(%e : tensor<1x1x3x3xi32>) {
  ^bb0(%in: i32, %o: i32):
    linalg.yield %in : i32
  } -> tensor<1x1x3x3xi32>
  %y = linalg.conv_2d_nhwc_fhwc {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%0, %w : tensor<1x1x3x4xi8>, tensor<3x1x1x4xi8>) outs(%i : tensor<1x1x3x3xi32>) -> tensor<1x1x3x3xi32>
  bufferization.materialize_in_destination %y in restrict writable %out : (tensor<1x1x3x3xi32>, memref<1x1x3x3xi32>) -> ()
  return
}
func.func @net(%x: memref<1x1x3x4xi8>, %out: memref<1x1x3x3xi32>, %arena: memref<0xi8>) {
  %w = arith.constant dense<[[[[1, 2, 3, 4]]], [[[5, 6, 7, 8]]], [[[-1, -2, -3, -4]]]]> : tensor<3x1x1x4xi8>
  %b = arith.constant dense<[100, 200, 300]> : tensor<3xi32>
  call @conv(%x, %w, %b, %out) : (memref<1x1x3x4xi8>, tensor<3x1x1x4xi8>, tensor<3xi32>, memref<1x1x3x3xi32>) -> ()
  return
}
