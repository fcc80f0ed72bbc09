// Filters that don't stay in the second-level cache (16 · 128 · 160 words) are
// fetched a position ahead; those of 64 columns stay.
// RUN: quant-opt %s --quantc-kernel-pipeline="triple=x86_64-linux-gnu mcpu=x86-64-v3" | FileCheck %s
// RUN: sed 's/x160x/x64x/g; s/<160x/<64x/g' %s | quant-opt --quantc-kernel-pipeline="triple=x86_64-linux-gnu mcpu=x86-64-v3" | FileCheck %s --check-prefix=STAY

// CHECK-LABEL: func.func private @batch_matmul_0(
// CHECK-SAME: %[[FILTERS:[^ :]*]]: memref<10x16x64x32xi16>
// CHECK: scf.for %[[I:.*]] = %c0 to %c4
// CHECK: scf.for %[[J:.*]] = %c0 to %c4
// CHECK: %[[ROW:.*]] = arith.muli %[[I]], %c4
// CHECK: %[[POSITION:.*]] = arith.addi %[[ROW]], %[[J]]
// CHECK: %[[AHEAD:.*]] = arith.addi %[[POSITION]], %c1
// CHECK: %[[NEXT:.*]] = arith.minui %[[AHEAD]], %c15
// CHECK: scf.for %[[STEP:.*]] = %c0 to %c64
// CHECK: vector.load %[[FILTERS]][%[[PANEL:.*]], %[[POSITION]], %[[STEP]], %c0]
// CHECK: memref.prefetch %[[FILTERS]][%[[PANEL]], %[[NEXT]], %[[STEP]], %c0], read, locality<2>, data
// CHECK: dot.accumulate
// STAY: memref<4x16x64x32xi16>
// STAY-NOT: memref.prefetch

#id = affine_map<(n, y, x, c) -> (n, y, x, c)>
func.func @net(%x: tensor<1x10x10x128xi8> {quantc.name = "x"}) -> (tensor<1x8x8x160xi8> {quantc.name = "y"}) {
  %w = arith.constant dense<100> : tensor<160x3x3x128xi8>
  %zero = arith.constant 0 : i32
  %e = tensor.empty() : tensor<1x8x8x160xi32>
  %start = linalg.fill ins(%zero : i32) outs(%e : tensor<1x8x8x160xi32>) -> tensor<1x8x8x160xi32>
  %sums = linalg.conv_2d_nhwc_fhwc {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%x, %w : tensor<1x10x10x128xi8>, tensor<160x3x3x128xi8>) outs(%start : tensor<1x8x8x160xi32>) -> tensor<1x8x8x160xi32>
  %e8 = tensor.empty() : tensor<1x8x8x160xi8>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%sums : tensor<1x8x8x160xi32>) outs(%e8 : tensor<1x8x8x160xi8>) {
  ^bb0(%in: i32, %out: i8):
    %t = arith.trunci %in : i32 to i8
    linalg.yield %t : i8
  } -> tensor<1x8x8x160xi8>
  return %y : tensor<1x8x8x160xi8>
}
