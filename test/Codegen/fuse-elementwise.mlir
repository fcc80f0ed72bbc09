// RUN: quant-opt %s --quantc-fuse-elementwise | FileCheck %s

#id = affine_map<(i) -> (i)>

// CHECK-LABEL: func.func @chain
// CHECK-SAME: %[[X:.*]]: tensor<8xi32>, %[[Y:.*]]: tensor<8xi32>
// CHECK: %[[R:.*]] = linalg.generic {{.*}} ins(%[[X]], %[[Y]] :
// CHECK-NEXT: ^bb0(%[[A:.*]]: i32, %[[B:.*]]: i32, %{{.*}}: i32):
// CHECK-NEXT: %[[S:.*]] = arith.addi %[[A]], %[[B]]
// CHECK-NEXT: %[[M:.*]] = arith.maxsi %[[S]], %[[A]]
// CHECK-NEXT: linalg.yield %[[M]]
// CHECK-NOT: linalg.generic
// CHECK: return %[[R]]
func.func @chain(%x: tensor<8xi32>, %y: tensor<8xi32>) -> tensor<8xi32> {
  %empty = tensor.empty() : tensor<8xi32>
  %a = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]} ins(%x, %y : tensor<8xi32>, tensor<8xi32>) outs(%empty : tensor<8xi32>) {
  ^bb0(%p: i32, %q: i32, %out: i32):
    %s = arith.addi %p, %q : i32
    linalg.yield %s : i32
  } -> tensor<8xi32>
  %b = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]} ins(%a, %x : tensor<8xi32>, tensor<8xi32>) outs(%empty : tensor<8xi32>) {
  ^bb0(%p: i32, %q: i32, %out: i32):
    %m = arith.maxsi %p, %q : i32
    linalg.yield %m : i32
  } -> tensor<8xi32>
  return %b : tensor<8xi32>
}

// What two consumers want is computed once.
// CHECK-LABEL: func.func @twice
// CHECK-COUNT-3: linalg.generic
// CHECK-NOT: linalg.generic
// CHECK: return
func.func @twice(%x: tensor<8xi32>) -> (tensor<8xi32>, tensor<8xi32>) {
  %empty = tensor.empty() : tensor<8xi32>
  %a = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%x : tensor<8xi32>) outs(%empty : tensor<8xi32>) {
  ^bb0(%p: i32, %out: i32):
    %s = arith.muli %p, %p : i32
    linalg.yield %s : i32
  } -> tensor<8xi32>
  %b = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%a : tensor<8xi32>) outs(%empty : tensor<8xi32>) {
  ^bb0(%p: i32, %out: i32):
    %s = arith.addi %p, %p : i32
    linalg.yield %s : i32
  } -> tensor<8xi32>
  %c = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%a : tensor<8xi32>) outs(%empty : tensor<8xi32>) {
  ^bb0(%p: i32, %out: i32):
    %s = arith.subi %out, %p : i32
    linalg.yield %s : i32
  } -> tensor<8xi32>
  return %b, %c : tensor<8xi32>, tensor<8xi32>
}

// A residual addition takes what was rounded to a byte as it was before, and
// clamps it as i32; a zero point that differs, or may have wrapped, stays.
// CHECK-LABEL: func.func @narrowed
// CHECK: ^bb0(%[[I:.*]]: i32, %[[W:.*]]: i16, %{{.*}}: i32):
// CHECK-DAG: %[[M:.*]] = arith.maxsi %[[I]], %c-5_i32 : i32
// CHECK-DAG: %[[A:.*]] = arith.addi %[[M]], %c5_i32 overflow<nsw> : i32
// CHECK-DAG: %[[C:.*]] = arith.subi %[[A]], %c6_i32 : i32
// CHECK-DAG: %[[D:.*]] = arith.addi %[[W]], %c5_i16 : i16
// CHECK-DAG: %[[E:.*]] = arith.extsi %[[D]] : i16 to i32
// CHECK-DAG: %[[F:.*]] = arith.subi %[[E]], %c5_i32 : i32
// CHECK: %[[S:.*]] = arith.addi %[[M]], %[[C]]
// CHECK-NEXT: arith.addi %[[S]], %[[F]]
func.func @narrowed(%x: tensor<8xi32>, %y: tensor<8xi16>) -> tensor<8xi32> {
  %empty = tensor.empty() : tensor<8xi32>
  %a = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]} ins(%x, %y : tensor<8xi32>, tensor<8xi16>) outs(%empty : tensor<8xi32>) {
  ^bb0(%i: i32, %w: i16, %out: i32):
    %c5 = arith.constant 5 : i16
    %low = arith.constant -5 : i16
    %c5_i32 = arith.constant 5 : i32
    %c6_i32 = arith.constant 6 : i32
    %p = arith.trunci %i overflow<nsw> : i32 to i16
    %m = arith.maxsi %p, %low : i16
    %s = arith.addi %m, %c5 overflow<nsw> : i16
    %t = arith.trunci %s overflow<nsw> : i16 to i8
    %e = arith.extsi %t : i8 to i32
    %r = arith.subi %e, %c5_i32 : i32
    %other = arith.subi %e, %c6_i32 : i32
    %wrapped = arith.addi %w, %c5 : i16
    %we = arith.extsi %wrapped : i16 to i32
    %wr = arith.subi %we, %c5_i32 : i32
    %sum = arith.addi %r, %other : i32
    %all = arith.addi %sum, %wr : i32
    linalg.yield %all : i32
  } -> tensor<8xi32>
  return %a : tensor<8xi32>
}

#pixels = affine_map<(n, h, w, c) -> (n, h, w, c)>
#channel = affine_map<(n, h, w, c) -> (c)>

// The sums of a depthwise convolution start at its bias; a number that changes
// from pixel to pixel is still added behind.
// CHECK-LABEL: func.func @bias
// CHECK-DAG: %[[BIAS:.*]] = arith.constant dense<[5, 6, 7]> : tensor<3xi32>
// CHECK: %[[START:.*]] = linalg.generic {{.*}} ins(%[[BIAS]] : tensor<3xi32>)
// CHECK-NEXT: ^bb0(%[[C:.*]]: i32, %{{.*}}: i32):
// CHECK-NEXT: linalg.yield %[[C]]
// CHECK: %[[A:.*]] = linalg.depthwise_conv_2d_nhwc_hwc {{.*}} outs(%[[START]] : tensor<1x2x2x3xi32>)
// CHECK: %[[B:.*]] = linalg.depthwise_conv_2d_nhwc_hwc
// CHECK: arith.addi
// CHECK: return %[[A]]
func.func @bias(%x: tensor<1x2x2x3xi8>, %w: tensor<1x1x3xi8>, %y: tensor<1x2x2x3xi32>) -> (tensor<1x2x2x3xi32>, tensor<1x2x2x3xi32>) {
  %zero = arith.constant 0 : i32
  %b = arith.constant dense<[5, 6, 7]> : tensor<3xi32>
  %e = tensor.empty() : tensor<1x2x2x3xi32>
  %i = linalg.fill ins(%zero : i32) outs(%e : tensor<1x2x2x3xi32>) -> tensor<1x2x2x3xi32>
  %a = linalg.depthwise_conv_2d_nhwc_hwc {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%x, %w : tensor<1x2x2x3xi8>, tensor<1x1x3xi8>) outs(%i : tensor<1x2x2x3xi32>) -> tensor<1x2x2x3xi32>
  %r = linalg.generic {indexing_maps = [#channel, #pixels, #pixels], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%b, %a : tensor<3xi32>, tensor<1x2x2x3xi32>) outs(%e : tensor<1x2x2x3xi32>) {
  ^bb0(%p: i32, %q: i32, %out: i32):
    %s = arith.addi %p, %q : i32
    linalg.yield %s : i32
  } -> tensor<1x2x2x3xi32>
  %c = linalg.depthwise_conv_2d_nhwc_hwc {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%x, %w : tensor<1x2x2x3xi8>, tensor<1x1x3xi8>) outs(%i : tensor<1x2x2x3xi32>) -> tensor<1x2x2x3xi32>
  %t = linalg.generic {indexing_maps = [#pixels, #pixels, #pixels], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%y, %c : tensor<1x2x2x3xi32>, tensor<1x2x2x3xi32>) outs(%e : tensor<1x2x2x3xi32>) {
  ^bb0(%p: i32, %q: i32, %out: i32):
    %s = arith.addi %p, %q : i32
    linalg.yield %s : i32
  } -> tensor<1x2x2x3xi32>
  return %r, %t : tensor<1x2x2x3xi32>, tensor<1x2x2x3xi32>
}
