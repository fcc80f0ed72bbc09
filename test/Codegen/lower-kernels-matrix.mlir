// The matrix instruction where K has several steps: forty channels are five, of
// which two at a time are loaded, six pixels × four registers of columns.
// RUN: quant-opt %s --quantc-lower-kernels="triple=aarch64-linux-gnu mattr=+dotprod,+i8mm" --canonicalize --cse | FileCheck %s

// CHECK-LABEL: func.func private @conv
// CHECK-SAME: %[[X:.*]]: memref<1x1x6x40xi8> {llvm.noalias}, %[[OUT:[^:]*]]: memref<1x1x6x16xi32> {llvm.noalias}, %[[W:.*]]: memref<1x5x8x16xi8> {llvm.noalias}
// CHECK: scf.for %{{.*}} = %c0 to %c4 step %c2 iter_args(
// CHECK: %[[R0:.*]] = vector.load %[[X]]{{.*}}, vector<16xi8>
// CHECK: %[[R1:.*]] = vector.load %[[X]]{{.*}}, vector<16xi8>
// CHECK-COUNT-4: vector.load %[[X]]{{.*}}, vector<16xi8>

// A pair of rows, made last for the first step, takes their registers before the
// next pair is made.
// CHECK: %[[B:.*]] = vector.shuffle %[[R0]], %[[R1]] [8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31]
// CHECK: %[[H:.*]]:7 = dot.schedule_barrier(%[[B]], %[[R0]], %[[R1]],
// CHECK: %[[A:.*]] = vector.shuffle %[[H]]#1, %[[H]]#2 [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23]
// CHECK: %[[I:.*]]:6 = dot.schedule_barrier(%[[A]], %[[H]]#0, %[[H]]#3,
// CHECK: vector.shuffle %[[I]]#2, %[[I]]#3 [8,
// CHECK: dot.schedule_barrier({{.*}} : vector<16xi8>, vector<16xi8>, vector<16xi8>, vector<16xi8>, vector<16xi8>){{$}}
// CHECK: dot.schedule_barrier
// CHECK: dot.schedule_barrier
// CHECK: vector.load %[[W]]
// CHECK: dot.schedule_barrier(%{{[^,]*}}, %{{[^,]*}} : vector<16xi8>, vector<16xi8>)

// Of the weights two registers at once: the third waits for the first sums.
// CHECK: vector.load %[[W]]
// CHECK: %[[S:.*]] = dot.matmul %{{.*}}, %[[I]]#0,
// CHECK-COUNT-2: dot.matmul
// CHECK-NEXT: dot.schedule_barrier(%[[S]], {{.*}} : vector<4xi32>, vector<4xi32>, vector<4xi32>)
// CHECK-NEXT: vector.load %[[W]]
// CHECK-COUNT-45: dot.matmul
// CHECK-NOT: dot.matmul
// CHECK: scf.yield

// The fifth step.
// CHECK: vector.load %[[X]]{{.*}}, vector<8xi8>
// CHECK-COUNT-24: dot.matmul
// CHECK-NOT: dot.matmul
func.func private @conv(%x: memref<1x1x6x40xi8>, %w: tensor<16x1x1x40xi8>, %b: tensor<16xi32>, %out: memref<1x1x6x16xi32>) attributes {quantc.kernel} {
  %0 = bufferization.to_tensor %x restrict : memref<1x1x6x40xi8> to tensor<1x1x6x40xi8>
  %e = tensor.empty() : tensor<1x1x6x16xi32>
  %i = linalg.generic {indexing_maps = [affine_map<(n, y, x, c) -> (c)>, affine_map<(n, y, x, c) -> (n, y, x, c)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%b : tensor<16xi32>) outs(%e : tensor<1x1x6x16xi32>) {
  ^bb0(%in: i32, %o: i32):
    linalg.yield %in : i32
  } -> tensor<1x1x6x16xi32>
  %y = linalg.conv_2d_nhwc_fhwc {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%0, %w : tensor<1x1x6x40xi8>, tensor<16x1x1x40xi8>) outs(%i : tensor<1x1x6x16xi32>) -> tensor<1x1x6x16xi32>
  bufferization.materialize_in_destination %y in restrict writable %out : (tensor<1x1x6x16xi32>, memref<1x1x6x16xi32>) -> ()
  return
}
func.func @net(%x: memref<1x1x6x40xi8>, %out: memref<1x1x6x16xi32>, %arena: memref<0xi8>) {
  %w = arith.constant dense<2> : tensor<16x1x1x40xi8>
  %b = arith.constant dense<100> : tensor<16xi32>
  call @conv(%x, %w, %b, %out) : (memref<1x1x6x40xi8>, tensor<16x1x1x40xi8>, tensor<16xi32>, memref<1x1x6x16xi32>) -> ()
  return
}
