// x86 packs registers to bytes within each 16 bytes. Columns lie in the lanes
// that end in order so: of two registers, the first has columns 0 to 3, 8 to 11,
// 16 to 19 and 24 to 27; multipliers and the start have the same order.
// RUN: quant-opt %s --quantc-lower-kernels="triple=x86_64-linux-gnu mcpu=x86-64-v4 mattr=+avx512vnni" --canonicalize --cse | FileCheck %s

// A multiplier is its column's number; the start takes back 128 weights.
// CHECK: memref<32xf32> = dense<[0.000000e+00, 1.000000e+00, 2.000000e+00, 3.000000e+00, 8.000000e+00,
// CHECK: memref<32xi32> = dense<[0, -128, -256, -384, -1024,

// CHECK: func.func private @gemm({{.*}}, %[[OUT:.*]]: memref<1x1x2x32xi8>{{.*}}, %[[M:[^ ]*]]: memref<32xf32>
// CHECK: %[[SCALE:.*]] = vector.load %[[M]]{{.*}} vector<32xf32>
// CHECK: %[[F:.*]] = arith.sitofp %{{.*}} : vector<32xi32>
// CHECK: %[[P:.*]] = arith.mulf %[[F]], %[[SCALE]]
// CHECK: %[[I:.*]] = arith.fptosi %[[P]] : vector<32xf32> to vector<32xi8>
// CHECK: %[[R:.*]] = vector.shuffle %[[I]], %[[I]] [0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7,
// CHECK: vector.store %[[R]], %[[OUT]]

// Weights are their column's number.
// CHECK: weights: "0x{{[0-9A-F]*}}0000000001000000020000000300000008000000090000000A0000000B00000010000000

#pixels = affine_map<(n, h, w, c) -> (n, h, w, c)>
#channel = affine_map<(n, h, w, c) -> (c)>
func.func private @gemm(%x: memref<1x1x2x1xi8>, %w: tensor<32x1x1x1xi8>, %m: tensor<32xf32>, %out: memref<1x1x2x32xi8>) attributes {quantc.kernel} {
  %c0 = arith.constant 0 : i32
  %0 = bufferization.to_tensor %x restrict : memref<1x1x2x1xi8> to tensor<1x1x2x1xi8>
  %e = tensor.empty() : tensor<1x1x2x32xi32>
  %i = linalg.fill ins(%c0 : i32) outs(%e : tensor<1x1x2x32xi32>) -> tensor<1x1x2x32xi32>
  %y = linalg.conv_2d_nhwc_fhwc {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%0, %w : tensor<1x1x2x1xi8>, tensor<32x1x1x1xi8>) outs(%i : tensor<1x1x2x32xi32>) -> tensor<1x1x2x32xi32>
  %f = tensor.empty() : tensor<1x1x2x32xi8>
  %r = linalg.generic {indexing_maps = [#pixels, #channel, #pixels], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%y, %m : tensor<1x1x2x32xi32>, tensor<32xf32>) outs(%f : tensor<1x1x2x32xi8>) {
  ^bb0(%a: i32, %b: f32, %o: i8):
    %1 = arith.sitofp %a : i32 to f32
    %2 = arith.mulf %1, %b : f32
    %3 = arith.fptosi %2 : f32 to i8
    linalg.yield %3 : i8
  } -> tensor<1x1x2x32xi8>
  bufferization.materialize_in_destination %r in restrict writable %out : (tensor<1x1x2x32xi8>, memref<1x1x2x32xi8>) -> ()
  return
}
func.func @net(%x: memref<1x1x2x1xi8>, %out: memref<1x1x2x32xi8>, %arena: memref<0xi8>) {
  %w = arith.constant dense<[[[[0]]], [[[1]]], [[[2]]], [[[3]]], [[[4]]], [[[5]]], [[[6]]], [[[7]]], [[[8]]], [[[9]]], [[[10]]], [[[11]]], [[[12]]], [[[13]]], [[[14]]], [[[15]]], [[[16]]], [[[17]]], [[[18]]], [[[19]]], [[[20]]], [[[21]]], [[[22]]], [[[23]]], [[[24]]], [[[25]]], [[[26]]], [[[27]]], [[[28]]], [[[29]]], [[[30]]], [[[31]]]]> : tensor<32x1x1x1xi8>
  %m = arith.constant dense<[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0, 17.0, 18.0, 19.0, 20.0, 21.0, 22.0, 23.0, 24.0, 25.0, 26.0, 27.0, 28.0, 29.0, 30.0, 31.0]> : tensor<32xf32>
  call @gemm(%x, %w, %m, %out) : (memref<1x1x2x1xi8>, tensor<32x1x1x1xi8>, tensor<32xf32>, memref<1x1x2x32xi8>) -> ()
  return
}
