// Weights that don't fit the second-level cache come from memory: each tile of
// rows fetches a share of the panel that comes next, so that the first tile of
// that one needn't wait. Of 128 rows in tiles of 6, 22 share 384 steps of two.
// RUN: quant-opt %s --quantc-lower-kernels="triple=x86_64-linux-gnu mcpu=x86-64-v3" --canonicalize --cse | FileCheck %s
// With 256 columns all fit, and stay.
// RUN: sed 's/768x1x1/256x1x1/g; s/tensor<768xi32>/tensor<256xi32>/g; s/1x1x128x768xi32/1x1x128x256xi32/g' %s | quant-opt --quantc-lower-kernels="triple=x86_64-linux-gnu mcpu=x86-64-v3" | FileCheck %s --check-prefix=FIT
// FIT: quantc.kernel = "gemm"
// FIT-NOT: memref.prefetch

// CHECK-LABEL: func.func private @conv(
// CHECK-SAME: %[[W:[^ :]*]]: memref<48x384x2x16xi8>
// CHECK: scf.for %[[PANEL:.*]] = {{.*}} step %c1 {
// CHECK: scf.for %[[ROW:.*]] = {{.*}} step %c6 {
// CHECK-DAG: %[[TILE:.*]] = arith.divui %[[ROW]], %c6
// CHECK-DAG: %[[NEXT:.*]] = arith.addi %[[PANEL]], %c1
// CHECK-DAG: %[[LAST:.*]] = arith.minui %[[NEXT]], %c47
// CHECK-DAG: %[[FIRST:.*]] = arith.muli %[[TILE]], %c18
// CHECK: scf.for %[[I:.*]] = %c0 to %c18 step %c2
// CHECK: %[[STEP:.*]] = arith.addi %[[FIRST]], %[[I]]
// CHECK: %[[IN:.*]] = arith.minui %[[STEP]], %c383
// CHECK: memref.prefetch %[[W]][%[[LAST]], %[[IN]], %c0, %c0], read, locality<2>, data
// CHECK: dot.accumulate

func.func private @conv(%x: memref<1x1x128x768xi16>, %w: tensor<768x1x1x768xi8>, %b: tensor<768xi32>, %out: memref<1x1x128x768xi32>) attributes {quantc.kernel} {
  %0 = bufferization.to_tensor %x restrict : memref<1x1x128x768xi16> to tensor<1x1x128x768xi16>
  %e = tensor.empty() : tensor<1x1x128x768xi32>
  %i = linalg.generic {indexing_maps = [affine_map<(n, y, x, c) -> (c)>, affine_map<(n, y, x, c) -> (n, y, x, c)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%b : tensor<768xi32>) outs(%e : tensor<1x1x128x768xi32>) {
  ^bb0(%in: i32, %o: i32):
    linalg.yield %in : i32
  } -> tensor<1x1x128x768xi32>
  %y = linalg.conv_2d_nhwc_fhwc {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%0, %w : tensor<1x1x128x768xi16>, tensor<768x1x1x768xi8>) outs(%i : tensor<1x1x128x768xi32>) -> tensor<1x1x128x768xi32>
  bufferization.materialize_in_destination %y in restrict writable %out : (tensor<1x1x128x768xi32>, memref<1x1x128x768xi32>) -> ()
  return
}
func.func @net(%x: memref<1x1x128x768xi16>, %out: memref<1x1x128x768xi32>, %arena: memref<0xi8>) {
  %w = arith.constant dense<1> : tensor<768x1x1x768xi8>
  %b = arith.constant dense<0> : tensor<768xi32>
  call @conv(%x, %w, %b, %out) : (memref<1x1x128x768xi16>, tensor<768x1x1x768xi8>, tensor<768xi32>, memref<1x1x128x768xi32>) -> ()
  return
}
