// With stride 2, 25 products make nine sums, of four, two or one product. Of 4 × 5
// tiles those of the last column come last: pixels outside are all that the
// second sums of a row would be for.
// RUN: quant-opt %s --quantc-kernel-pipeline="triple=x86_64-linux-gnu mcpu=x86-64-v3" | FileCheck %s

// CHECK-LABEL: func.func private @batch_matmul_0(
// CHECK-SAME: memref<25x20x128xi16
// CHECK-SAME: %[[FILTERS:[^ :]*]]: memref<4x25x64x32xi16>
// CHECK: %[[SUMS:.*]] = memref.alloca() {alignment = 64 : i64} : memref<9x20x16xi32>
// Rows 0 and 1 of sums, the first of each: 20 tiles in fives, positions 0 to 3 and 10 to 13.
// CHECK: scf.for %[[I:.*]] = %c0 to %c2
// CHECK: %[[FIRST:.*]] = arith.muli %[[I]], %c10
// CHECK: %[[SUM:.*]] = arith.muli %[[I]], %c3
// CHECK: scf.for %[[TILE:.*]] = %c0 to %c20 step %c5
// CHECK: scf.for %[[NUMBER:.*]] = %c0 to %c4 step %c1
// CHECK: %[[POSITION:.*]] = arith.addi %[[FIRST]], %[[NUMBER]]
// CHECK: scf.for %{{.*}} = %c0 to %c64
// CHECK: vector.load %[[FILTERS]][%{{.*}}, %[[POSITION]],
// CHECK: dot.accumulate
// CHECK: vector.store %{{.*}}, %[[SUMS]][%[[SUM]], %[[TILE]], %c0]
// The second: 16 tiles, positions from 4 on.
// CHECK: scf.for %{{.*}} = %c0 to %c2
// CHECK: %[[SECOND:.*]] = arith.addi %{{.*}}, %c4
// CHECK: scf.for %{{.*}} = %c0 to %c12 step %c6
// CHECK: scf.for %[[NUMBER:.*]] = %c0 to %c4 step %c1
// CHECK: arith.addi %[[SECOND]], %[[NUMBER]]
// CHECK: scf.for %{{.*}} = %c0 to %c64
// The third, two products each, and those of the last row of sums.
// CHECK: scf.for %{{.*}} = %c0 to %c2
// CHECK: %[[THIRD:.*]] = arith.addi %{{.*}}, %c8
// CHECK: scf.for %{{.*}} = %c0 to %c20 step %c5
// CHECK: scf.for %[[NUMBER:.*]] = %c0 to %c2 step %c1
// CHECK: arith.addi %[[THIRD]], %[[NUMBER]]

#id = affine_map<(n, y, x, c) -> (n, y, x, c)>
func.func @net(%x: tensor<1x17x19x128xi8> {quantc.name = "x"}) -> (tensor<1x8x9x64xi8> {quantc.name = "y"}) {
  %w = arith.constant dense<100> : tensor<64x3x3x128xi8>
  %zero = arith.constant 0 : i32
  %e = tensor.empty() : tensor<1x8x9x64xi32>
  %start = linalg.fill ins(%zero : i32) outs(%e : tensor<1x8x9x64xi32>) -> tensor<1x8x9x64xi32>
  %sums = linalg.conv_2d_nhwc_fhwc {strides = dense<2> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%x, %w : tensor<1x17x19x128xi8>, tensor<64x3x3x128xi8>) outs(%start : tensor<1x8x9x64xi32>) -> tensor<1x8x9x64xi32>
  %e8 = tensor.empty() : tensor<1x8x9x64xi8>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%sums : tensor<1x8x9x64xi32>) outs(%e8 : tensor<1x8x9x64xi8>) {
  ^bb0(%in: i32, %out: i8):
    %t = arith.trunci %in : i32 to i8
    linalg.yield %t : i8
  } -> tensor<1x8x9x64xi8>
  return %y : tensor<1x8x9x64xi8>
}
