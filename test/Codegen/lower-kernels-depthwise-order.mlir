// The epilogue of a depthwise convolution takes lanes as interleaving leaves
// them, a block's fourth registers by fourth registers, and its constants have
// that order; the bytes are put in order at last.
// RUN: quant-opt %s --quantc-lower-kernels="triple=x86_64-linux-gnu mcpu=x86-64-v4 mattr=+avx512vnni" --canonicalize --cse | FileCheck %s

// CHECK: func.func private @depthwise({{.*}}, %[[OUT:.*]]: memref<1x2x2x64xi8>{{.*}}, %[[M:[^ ]*]]: memref<64xf32>
// CHECK: %[[SCALE:.*]] = vector.load %[[M]]{{.*}} vector<64xf32>
// CHECK-NEXT: %[[F:.*]] = arith.sitofp %{{.*}} : vector<64xi32>
// CHECK-NEXT: %[[P:.*]] = arith.mulf %[[F]], %[[SCALE]]
// CHECK-NEXT: %[[I:.*]] = arith.fptosi %[[P]] : vector<64xf32> to vector<64xi8>
// CHECK-NEXT: %[[R:.*]] = vector.shuffle %[[I]], %[[I]] [0, 1, 2, 3, 16, 17, 18, 19,
// CHECK-NEXT: vector.store %[[R]], %[[OUT]]

// Each multiplier is its channel's number: 0 to 3, 16 to 19, 32 to 35, 48 to 51,
// 4 to 7.
// CHECK: ordered: "0x40000000000000000000803F00000040000040400000804100008841000090410000984100000042000004420000084200000C4200004042000044420000484200004C42000080400000A0400000C0400000E040

#pixels = affine_map<(n, h, w, c) -> (n, h, w, c)>
#channel = affine_map<(n, h, w, c) -> (c)>
func.func private @depthwise(%x: memref<1x4x4x64xi8>, %w: tensor<3x3x64xi8>, %m: tensor<64xf32>, %out: memref<1x2x2x64xi8>) attributes {quantc.kernel} {
  %c0 = arith.constant 0 : i32
  %0 = bufferization.to_tensor %x restrict : memref<1x4x4x64xi8> to tensor<1x4x4x64xi8>
  %e = tensor.empty() : tensor<1x2x2x64xi32>
  %i = linalg.fill ins(%c0 : i32) outs(%e : tensor<1x2x2x64xi32>) -> tensor<1x2x2x64xi32>
  %y = linalg.depthwise_conv_2d_nhwc_hwc {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%0, %w : tensor<1x4x4x64xi8>, tensor<3x3x64xi8>) outs(%i : tensor<1x2x2x64xi32>) -> tensor<1x2x2x64xi32>
  %f = tensor.empty() : tensor<1x2x2x64xi8>
  %r = linalg.generic {indexing_maps = [#pixels, #channel, #pixels], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%y, %m : tensor<1x2x2x64xi32>, tensor<64xf32>) outs(%f : tensor<1x2x2x64xi8>) {
  ^bb0(%a: i32, %b: f32, %o: i8):
    %1 = arith.sitofp %a : i32 to f32
    %2 = arith.mulf %1, %b : f32
    %3 = arith.fptosi %2 : f32 to i8
    linalg.yield %3 : i8
  } -> tensor<1x2x2x64xi8>
  bufferization.materialize_in_destination %r in restrict writable %out : (tensor<1x2x2x64xi8>, memref<1x2x2x64xi8>) -> ()
  return
}
func.func @net(%x: memref<1x4x4x64xi8>, %out: memref<1x2x2x64xi8>, %arena: memref<0xi8>) {
  %w = arith.constant dense<1> : tensor<3x3x64xi8>
  %m = arith.constant dense<[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0, 17.0, 18.0, 19.0, 20.0, 21.0, 22.0, 23.0, 24.0, 25.0, 26.0, 27.0, 28.0, 29.0, 30.0, 31.0, 32.0, 33.0, 34.0, 35.0, 36.0, 37.0, 38.0, 39.0, 40.0, 41.0, 42.0, 43.0, 44.0, 45.0, 46.0, 47.0, 48.0, 49.0, 50.0, 51.0, 52.0, 53.0, 54.0, 55.0, 56.0, 57.0, 58.0, 59.0, 60.0, 61.0, 62.0, 63.0]> : tensor<64xf32>
  call @depthwise(%x, %w, %m, %out) : (memref<1x4x4x64xi8>, tensor<3x3x64xi8>, tensor<64xf32>, memref<1x2x2x64xi8>) -> ()
  return
}
