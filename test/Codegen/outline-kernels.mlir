// RUN: quant-opt %s --quantc-outline-kernels --split-input-file | FileCheck %s

#id = affine_map<(n, y, x, c) -> (n, y, x, c)>
#column = affine_map<(n, y, x, c) -> (c)>

// Two layers of one shape share a kernel, with different weights; a third that
// clamps elsewhere doesn't. Bias and clamp are inside.
// CHECK-LABEL: func.func @share
// CHECK-SAME: %[[X:[^:]*]]: tensor<1x4x4x2xi32>, %[[W:[^:]*]]: tensor<2x1x1x2xi32>, %[[V:[^:]*]]: tensor<2x1x1x2xi32>
// CHECK-DAG: %[[B:.*]] = arith.constant dense<[1, 2]>
// CHECK-DAG: %[[C:.*]] = arith.constant dense<[3, 4]>
// CHECK: %[[Y:.*]] = call @[[CONV:conv_2d_nhwc_fhwc_[0-9]]](%[[B]], %[[X]], %[[W]])
// CHECK-NEXT: %[[Z:.*]] = call @[[CONV]](%[[C]], %[[Y]], %[[V]])
// CHECK-NEXT: %[[U:.*]] = call @[[OTHER:conv_2d_nhwc_fhwc_[0-9]]](%[[B]], %[[Z]], %[[W]])
// CHECK-NEXT: return %[[U]]
// CHECK: func.func private @[[CONV]](%[[BIAS:.*]]: tensor<2xi32>, %{{.*}}: tensor<1x4x4x2xi32>, %{{.*}}: tensor<2x1x1x2xi32>) -> tensor<1x4x4x2xi32> attributes {quantc.kernel}
// CHECK: linalg.generic {{.*}} ins(%[[BIAS]] :
// CHECK: linalg.conv_2d_nhwc_fhwc
// CHECK: linalg.generic
// CHECK: arith.maxsi
// CHECK: func.func private @[[OTHER]]
// CHECK: linalg.conv_2d_nhwc_fhwc
// CHECK-NOT: func.func
func.func @share(%x: tensor<1x4x4x2xi32>, %w: tensor<2x1x1x2xi32>, %v: tensor<2x1x1x2xi32>) -> tensor<1x4x4x2xi32> {
  %zero = arith.constant 0 : i32
  %ten = arith.constant 10 : i32
  %b = arith.constant dense<[1, 2]> : tensor<2xi32>
  %c = arith.constant dense<[3, 4]> : tensor<2xi32>
  %empty = tensor.empty() : tensor<1x4x4x2xi32>
  %i0 = linalg.generic {indexing_maps = [#column, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%b : tensor<2xi32>) outs(%empty : tensor<1x4x4x2xi32>) {
  ^bb0(%in: i32, %out: i32):
    linalg.yield %in : i32
  } -> tensor<1x4x4x2xi32>
  %a0 = linalg.conv_2d_nhwc_fhwc {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%x, %w : tensor<1x4x4x2xi32>, tensor<2x1x1x2xi32>) outs(%i0 : tensor<1x4x4x2xi32>) -> tensor<1x4x4x2xi32>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%a0 : tensor<1x4x4x2xi32>) outs(%empty : tensor<1x4x4x2xi32>) {
  ^bb0(%in: i32, %out: i32):
    %m = arith.maxsi %in, %zero : i32
    linalg.yield %m : i32
  } -> tensor<1x4x4x2xi32>
  %i1 = linalg.generic {indexing_maps = [#column, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%c : tensor<2xi32>) outs(%empty : tensor<1x4x4x2xi32>) {
  ^bb0(%in: i32, %out: i32):
    linalg.yield %in : i32
  } -> tensor<1x4x4x2xi32>
  %a1 = linalg.conv_2d_nhwc_fhwc {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%y, %v : tensor<1x4x4x2xi32>, tensor<2x1x1x2xi32>) outs(%i1 : tensor<1x4x4x2xi32>) -> tensor<1x4x4x2xi32>
  %z = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%a1 : tensor<1x4x4x2xi32>) outs(%empty : tensor<1x4x4x2xi32>) {
  ^bb0(%in: i32, %out: i32):
    %m = arith.maxsi %in, %zero : i32
    linalg.yield %m : i32
  } -> tensor<1x4x4x2xi32>
  %a2 = linalg.conv_2d_nhwc_fhwc {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%z, %w : tensor<1x4x4x2xi32>, tensor<2x1x1x2xi32>) outs(%i0 : tensor<1x4x4x2xi32>) -> tensor<1x4x4x2xi32>
  %u = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%a2 : tensor<1x4x4x2xi32>) outs(%empty : tensor<1x4x4x2xi32>) {
  ^bb0(%in: i32, %out: i32):
    %m = arith.maxsi %in, %ten : i32
    linalg.yield %m : i32
  } -> tensor<1x4x4x2xi32>
  return %u : tensor<1x4x4x2xi32>
}

// -----

#id = affine_map<(y, x) -> (y, x)>
#row = affine_map<(y, x) -> (y)>

// An elementwise operation claims one producer, if nobody else wants it; a sum's
// start is a fill inside. The broadcast of a sum is no epilogue.
// CHECK-LABEL: func.func @reductions
// CHECK: %[[S:.*]] = call @[[SUM:generic_[0-9]]](%arg0) : (tensor<4x8xf32>) -> tensor<4xf32>
// CHECK-NEXT: %[[Y:.*]] = call @elementwise_0(%arg0, %[[S]])
// CHECK-NEXT: return %[[Y]], %[[S]]
// CHECK: func.func private @[[SUM]]
// CHECK: linalg.fill
// CHECK: linalg.generic
// CHECK-SAME: "reduction"
func.func @reductions(%x: tensor<4x8xf32>) -> (tensor<4x8xf32>, tensor<4xf32>) {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4xf32>
  %start = linalg.fill ins(%zero : f32) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  %s = linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]} ins(%x : tensor<4x8xf32>) outs(%start : tensor<4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %a = arith.addf %out, %in : f32
    linalg.yield %a : f32
  } -> tensor<4xf32>
  %e2 = tensor.empty() : tensor<4x8xf32>
  %y = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]} ins(%x, %s : tensor<4x8xf32>, tensor<4xf32>) outs(%e2 : tensor<4x8xf32>) {
  ^bb0(%in: f32, %sum: f32, %out: f32):
    %q = arith.divf %in, %sum : f32
    linalg.yield %q : f32
  } -> tensor<4x8xf32>
  return %y, %s : tensor<4x8xf32>, tensor<4xf32>
}

// -----

// A model may have the name that a kernel would get.
// CHECK-LABEL: func.func @elementwise_0
// CHECK: call @elementwise_1(
// CHECK: func.func private @elementwise_1(
#id = affine_map<(i) -> (i)>
func.func @elementwise_0(%x: tensor<8xi32>) -> tensor<8xi32> {
  %e = tensor.empty() : tensor<8xi32>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%x : tensor<8xi32>) outs(%e : tensor<8xi32>) {
  ^bb0(%in: i32, %out: i32):
    %a = arith.addi %in, %in : i32
    linalg.yield %a : i32
  } -> tensor<8xi32>
  return %y : tensor<8xi32>
}

// -----

// What turns a whole tensor into integers or back stays a function of its own, by
// name. A scale per channel that is a float doesn't count.
// CHECK-LABEL: func.func @edges
// CHECK: call @quantize_0(
// CHECK: call @elementwise_0(
// CHECK: call @dequantize_0(
// CHECK: func.func private @quantize_0(
// CHECK: func.func private @elementwise_0(
// CHECK: func.func private @dequantize_0(
#id2 = affine_map<(y, x) -> (y, x)>
#transposed = affine_map<(y, x) -> (x, y)>
#channel = affine_map<(y, x) -> (x)>
func.func @edges(%x: tensor<8x4xf32>, %scales: tensor<8xf32>) -> tensor<4x8xf32> {
  %e = tensor.empty() : tensor<4x8xi8>
  %q = linalg.generic {indexing_maps = [#transposed, #id2], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<8x4xf32>) outs(%e : tensor<4x8xi8>) {
  ^bb0(%in: f32, %out: i8):
    %i = arith.fptosi %in : f32 to i8
    linalg.yield %i : i8
  } -> tensor<4x8xi8>
  %m = linalg.generic {indexing_maps = [#id2, #channel, #id2], iterator_types = ["parallel", "parallel"]} ins(%q, %scales : tensor<4x8xi8>, tensor<8xf32>) outs(%e : tensor<4x8xi8>) {
  ^bb0(%in: i8, %scale: f32, %out: i8):
    %f = arith.sitofp %in : i8 to f32
    %p = arith.mulf %f, %scale : f32
    %i = arith.fptosi %p : f32 to i8
    linalg.yield %i : i8
  } -> tensor<4x8xi8>
  %e2 = tensor.empty() : tensor<4x8xf32>
  %y = linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%m : tensor<4x8xi8>) outs(%e2 : tensor<4x8xf32>) {
  ^bb0(%in: i8, %out: f32):
    %f = arith.sitofp %in : i8 to f32
    linalg.yield %f : f32
  } -> tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// -----

// An attribute that doesn't keep what it promises.
// CHECK-LABEL: func.func @no_attention
// CHECK: call @batch_matmul_0(
func.func @no_attention(%q: tensor<2x4x8xf32>, %k: tensor<2x8x4xf32>) -> tensor<2x4x4xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2x4x4xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<2x4x4xf32>) -> tensor<2x4x4xf32>
  %s = linalg.batch_matmul {quantc.attention} ins(%q, %k : tensor<2x4x8xf32>, tensor<2x8x4xf32>) outs(%i : tensor<2x4x4xf32>) -> tensor<2x4x4xf32>
  return %s : tensor<2x4x4xf32>
}

// -----

#id = affine_map<(n, y, x, c) -> (n, y, x, c)>

// Of two convolutions with one epilogue, it goes with the one that has no kernel
// without it.
// CHECK-LABEL: func.func @two_sums
// CHECK: %[[PLAIN:.*]] = call @conv_2d_nhwc_fhwc_0(
// CHECK: %[[Y:.*]] = call @batch_matmul_0(%{{.*}}%[[PLAIN]]
// CHECK: return %[[Y]]
// CHECK: func.func private @batch_matmul_0(
// CHECK: dot.winograd_output
// CHECK: linalg.generic
func.func @two_sums(%x: tensor<1x2x2x32xi16>, %w: tensor<32x1x1x32xi8>, %tiles: tensor<16x1x32xi16>, %filters: tensor<16x32x32xi16>) -> tensor<1x2x2x32xi32> {
  %zero = arith.constant 0 : i32
  %e = tensor.empty() : tensor<1x2x2x32xi32>
  %i = linalg.fill ins(%zero : i32) outs(%e : tensor<1x2x2x32xi32>) -> tensor<1x2x2x32xi32>
  %a = linalg.conv_2d_nhwc_fhwc ins(%x, %w : tensor<1x2x2x32xi16>, tensor<32x1x1x32xi8>) outs(%i : tensor<1x2x2x32xi32>) -> tensor<1x2x2x32xi32>
  %e16 = tensor.empty() : tensor<16x1x32xi32>
  %i16 = linalg.fill ins(%zero : i32) outs(%e16 : tensor<16x1x32xi32>) -> tensor<16x1x32xi32>
  %p = linalg.batch_matmul ins(%tiles, %filters : tensor<16x1x32xi16>, tensor<16x32x32xi16>) outs(%i16 : tensor<16x1x32xi32>) -> tensor<16x1x32xi32>
  %b = dot.winograd_output %p {pixels = 2 : i64} : tensor<16x1x32xi32> -> tensor<1x2x2x32xi32>
  %y = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%a, %b : tensor<1x2x2x32xi32>, tensor<1x2x2x32xi32>) outs(%e : tensor<1x2x2x32xi32>) {
  ^bb0(%u: i32, %v: i32, %o: i32):
    %s = arith.addi %u, %v : i32
    linalg.yield %s : i32
  } -> tensor<1x2x2x32xi32>
  return %y : tensor<1x2x2x32xi32>
}
