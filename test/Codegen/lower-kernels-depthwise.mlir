// A depthwise convolution by dot products: rows of the kernel make the group.
// RUN: sed 's/1x4x6x16xi8/1x4x6x16xi16/g' %s | quant-opt --quantc-lower-kernels="triple=x86_64-linux-gnu mcpu=x86-64-v3" --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,PAIRS
// RUN: quant-opt %s --quantc-lower-kernels="triple=x86_64-linux-gnu mcpu=x86-64-v4 mattr=+avx512vnni" --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,BYTES
// RUN: sed 's/x16xi/x32xi/g; s/dense<\[.*> :/dense<1> :/' %s | quant-opt --quantc-lower-kernels="triple=x86_64-linux-gnu mcpu=x86-64-v4 mattr=+avx512vnni" | FileCheck %s --check-prefix=HALF
// RUN: sed 's/x16xi/x32xi/g; s/dense<\[.*> :/dense<1> :/' %s | quant-opt --quantc-lower-kernels="triple=aarch64-linux-gnu mattr=+dotprod" | FileCheck %s --check-prefix=LANES4
// LANES4: @depthwise({{.*}}) attributes {quantc.kernel = "depthwise"
// Without a dot product, or a loop over channels on AArch64, a loop nest.
// RUN: quant-opt %s --quantc-lower-kernels="triple=aarch64-linux-gnu" | FileCheck %s --check-prefix=LOOPS
// RUN: quant-opt %s --quantc-lower-kernels="triple=aarch64-linux-gnu mattr=+dotprod" | FileCheck %s --check-prefix=LOOPS
// LOOPS: @depthwise({{.*}}) attributes {quantc.kernel = "loops"

// PAIRS: memref<4x32xi16>
// Two columns of weights for an output, and for the one below.
// BYTES: memref<4x64xi8>

// CHECK-LABEL: func.func private @depthwise
// CHECK-SAME: %[[X:[^:]*]]: memref<1x4x6x16xi{{8|16}}>
// CHECK-SAME: quantc.kernel = "depthwise"

// Two rows, interleaved in each half.
// PAIRS: %[[R0:.*]] = vector.load %[[X]]{{.*}}, vector<16xi16>
// PAIRS: %[[R1:.*]] = vector.load %[[X]]{{.*}}, vector<16xi16>
// PAIRS: %[[LOW:.*]] = vector.shuffle %[[R0]], %[[R1]] [0, 16, 1, 17, 2, 18, 3, 19, 8, 24, 9, 25, 10, 26, 11, 27]
// PAIRS: %[[HIGH:.*]] = vector.shuffle %[[R0]], %[[R1]] [4, 20, 5, 21, 6, 22, 7, 23, 12, 28, 13, 29, 14, 30, 15, 31]
// PAIRS: dot.accumulate %{{.*}}, %[[LOW]], %{{.*}} : vector<8xi32>, vector<16xi16>
// PAIRS: dot.accumulate %{{.*}}, %[[HIGH]], %{{.*}} : vector<8xi32>, vector<16xi16>
// Sums are there before the next column is read.
// PAIRS: dot.schedule_barrier({{.*}} : vector<8xi32>, vector<8xi32>, vector<8xi32>, vector<8xi32>)
// The channels' own order again; channels 4 to 7 were in the second register,
// as x86 interleaves within 16 bytes.
// PAIRS: vector.shuffle %{{.*}}, %{{.*}} [0, 1, 2, 3, 8, 9, 10, 11, 4, 5, 6, 7, 12, 13, 14, 15]

// As many channels as lanes: a row is a byte of each. LLVM isn't to keep the
// weights of all in registers.
// BYTES: %[[CHANNEL:.*]] = dot.opaque %c0
// BYTES: %[[R0:.*]] = vector.load %[[X]][{{.*}}, %[[CHANNEL]]] : {{.*}}, vector<16xi8>
// The next row, by its distance.
// BYTES: %[[BELOW:.*]] = arith.addi %[[CHANNEL]], %c96
// BYTES: vector.load %[[X]][{{.*}}, %[[BELOW]]] : {{.*}}, vector<16xi8>
// BYTES: arith.extui %[[R0]] : vector<16xi8> to vector<16xi32>
// BYTES: arith.shli {{.*}} : vector<16xi32>
// BYTES: %[[TAPS:.*]] = vector.bitcast {{.*}} : vector<16xi32> to vector<64xi8>
// The first column is a part of the first output alone, and of that below.
// BYTES: %[[SUM:.*]] = dot.accumulate {{.*}}, %[[TAPS]], {{.*}} : vector<16xi32>, vector<64xi8>
// BYTES: %[[SUM2:.*]] = dot.accumulate {{.*}}, %[[TAPS]], {{.*}} : vector<16xi32>, vector<64xi8>
// Each further one finishes an output, and begins the next one.
// BYTES: %[[LAST:.*]]:2 = scf.for {{.*}} iter_args(%[[ABOVE:.*]] = %[[SUM]], %[[BELOW:.*]] = %[[SUM2]])
// BYTES: %[[DONE:.*]] = dot.accumulate %[[ABOVE]]
// BYTES: dot.accumulate %[[BELOW]]
// BYTES: %[[NEXT:.*]] = dot.accumulate
// BYTES: %[[NEXT2:.*]] = dot.accumulate
// BYTES: vector.store %[[DONE]]
// BYTES: scf.yield %[[NEXT]], %[[NEXT2]]
// HALF: vector.shuffle {{.*}} [0, 32, 1, 33, 2, 34, 3, 35, 4, 36, 5, 37, 6, 38, 7, 39, 16, 48
// HALF: dot.accumulate {{.*}} : vector<8xi32>, vector<32xi8>

// PAIRS: vector.store {{.*}} vector<16xi32>

// The weights: rows 1 and 2 of a channel, and of the next; the third row has no
// partner and stands beside a zero.
// PAIRS: weights: "0x{{[0-9A-F]*}}0100020001000200{{[0-9A-F]*}}0300000003000000
// For the output below, the fourth row is the third.
// BYTES: weights: "0x{{[0-9A-F]*}}0102030001020300{{[0-9A-F]*}}0001020300010203

func.func private @depthwise(%x: memref<1x4x6x16xi8>, %w: tensor<3x2x16xi8>, %out: memref<1x2x5x16xi32>) attributes {quantc.kernel} {
  %c0 = arith.constant 0 : i32
  %0 = bufferization.to_tensor %x restrict : memref<1x4x6x16xi8> to tensor<1x4x6x16xi8>
  %e = tensor.empty() : tensor<1x2x5x16xi32>
  %i = linalg.fill ins(%c0 : i32) outs(%e : tensor<1x2x5x16xi32>) -> tensor<1x2x5x16xi32>
  %y = linalg.depthwise_conv_2d_nhwc_hwc {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%0, %w : tensor<1x4x6x16xi8>, tensor<3x2x16xi8>) outs(%i : tensor<1x2x5x16xi32>) -> tensor<1x2x5x16xi32>
  bufferization.materialize_in_destination %y in restrict writable %out : (tensor<1x2x5x16xi32>, memref<1x2x5x16xi32>) -> ()
  return
}
func.func @net(%x: memref<1x4x6x16xi8>, %out: memref<1x2x5x16xi32>, %arena: memref<0xi8>) {
  %w = arith.constant dense<[[[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]], [[2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2], [2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2]], [[3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3], [3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3]]]> : tensor<3x2x16xi8>
  call @depthwise(%x, %w, %out) : (memref<1x4x6x16xi8>, tensor<3x2x16xi8>, memref<1x2x5x16xi32>) -> ()
  return
}
