// Floats whose weights come from memory, and whose panels don't fit the
// first-level cache, are taken by blocks of K: 2048 steps of 24 columns are 8
// blocks of 256, and the sums of 49 pixels wait on the stack. While a tile takes
// a block, it fetches its share of the next: of 14 tiles, two columns for each
// step.
// RUN: quant-opt %s --quantc-lower-kernels="triple=x86_64-linux-gnu mcpu=x86-64-v3" --canonicalize --cse | FileCheck %s
// What fits the second-level cache stays there: then K is one loop.
// RUN: sed 's/512x1x1/48x1x1/g; s/tensor<512xf32>/tensor<48xf32>/g; s/1x7x7x512xf32/1x7x7x48xf32/g' %s | quant-opt --quantc-lower-kernels="triple=x86_64-linux-gnu mcpu=x86-64-v3" --canonicalize --cse | FileCheck %s --check-prefix=FIT

// CHECK-LABEL: func.func private @conv(
// CHECK-SAME: %[[W:[^ :]*]]: memref<22x2048x3x8xf32>
// CHECK: %[[SUMS:.*]] = memref.alloca() {alignment = 64 : i64} : memref<1x7x7x3x8xf32>
// CHECK: scf.for %[[PANEL:.*]] = %{{.*}} to %{{.*}} step %c1 {
// The start of all,
// CHECK: vector.store %{{.*}}, %[[SUMS]]
// blocks, one after the other in the order of K,
// CHECK: scf.for %[[K:.*]] = %c0 to %c2048 step %c256 {
// CHECK: %[[NEXT:.*]] = arith.addi %[[K]], %c256
// CHECK: scf.for %[[X:.*]] = %c0 to %c7 step %c1 {
// CHECK: %[[SHARE:.*]] = arith.muli %[[X]], %c512
// CHECK: vector.load %[[SUMS]]
// CHECK: scf.for %[[STEP:.*]] = %c0 to %c256 step %c4 iter_args
// CHECK: %[[AT:.*]] = arith.muli %[[STEP]], %c2
// CHECK: %[[LINE:.*]] = arith.addi %[[SHARE]], %[[AT]]
// CHECK: memref.prefetch %[[W]][%[[PANEL]], %[[NEXT]], %c0, %[[LINE]]], read, locality<2>, data
// CHECK-COUNT-12: math.fma
// CHECK: dot.schedule_barrier
// CHECK: vector.store %{{.*}}, %[[SUMS]]
// and the results.
// CHECK: vector.load %[[SUMS]]
// CHECK: vector.store %{{.*}}, %arg

// FIT-NOT: memref.alloca
// FIT: scf.for {{.*}} to %c2048 step %c4 iter_args
// FIT-NOT: memref.prefetch {{.*}} locality<2>

func.func private @conv(%x: memref<1x7x7x2048xf32>, %w: tensor<512x1x1x2048xf32>, %b: tensor<512xf32>, %out: memref<1x7x7x512xf32>) attributes {quantc.kernel} {
  %0 = bufferization.to_tensor %x restrict : memref<1x7x7x2048xf32> to tensor<1x7x7x2048xf32>
  %e = tensor.empty() : tensor<1x7x7x512xf32>
  %i = linalg.generic {indexing_maps = [affine_map<(n, y, x, c) -> (c)>, affine_map<(n, y, x, c) -> (n, y, x, c)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%b : tensor<512xf32>) outs(%e : tensor<1x7x7x512xf32>) {
  ^bb0(%in: f32, %o: f32):
    linalg.yield %in : f32
  } -> tensor<1x7x7x512xf32>
  %y = linalg.conv_2d_nhwc_fhwc {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%0, %w : tensor<1x7x7x2048xf32>, tensor<512x1x1x2048xf32>) outs(%i : tensor<1x7x7x512xf32>) -> tensor<1x7x7x512xf32>
  bufferization.materialize_in_destination %y in restrict writable %out : (tensor<1x7x7x512xf32>, memref<1x7x7x512xf32>) -> ()
  return
}
func.func @net(%x: memref<1x7x7x2048xf32>, %out: memref<1x7x7x512xf32>, %arena: memref<0xi8>) {
  %w = arith.constant dense<1.0> : tensor<512x1x1x2048xf32>
  %b = arith.constant dense<0.0> : tensor<512xf32>
  call @conv(%x, %w, %b, %out) : (memref<1x7x7x2048xf32>, tensor<512x1x1x2048xf32>, tensor<512xf32>, memref<1x7x7x512xf32>) -> ()
  return
}
