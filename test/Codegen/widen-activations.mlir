// RUN: quant-opt %s --quantc-widen-activations=mcpu=x86-64-v3 --canonicalize --split-input-file | FileCheck %s
// Where bytes are multiplied as they are, nothing changes.
// RUN: quant-opt %s --quantc-widen-activations="mcpu=x86-64-v4 mattr=+avx512vnni" --canonicalize --split-input-file | FileCheck %s --check-prefix=BYTES
// BYTES-NOT: i16

#id = affine_map<(n, y, x, c) -> (n, y, x, c)>

// An epilogue stores words; the padding, the pool and the convolution behind it
// read them; what is returned is bytes.
// CHECK-LABEL: func.func @chain
// CHECK-SAME: tensor<1x4x4x2xi32>
// CHECK: %[[Y:.*]] = linalg.generic {{.*}} outs(%{{.*}} : tensor<1x4x4x2xi16>)
// CHECK: arith.trunci %{{.*}} overflow<nsw> : i32 to i16
// CHECK: %[[P:.*]] = tensor.pad %[[Y]] low[0, 0, 0, 0] high[0, 1, 1, 0]
// CHECK: tensor.yield %c-128_i16
// CHECK: linalg.pooling_nhwc_max {{.*}} ins(%[[P]], %{{.*}} : tensor<1x5x5x2xi16>, {{.*}}) outs({{.*}} : tensor<1x4x4x2xi16>)
// CHECK: linalg.conv_2d_nhwc_fhwc {{.*}} ins(%{{.*}}, %{{.*}} : tensor<1x4x4x2xi16>, tensor<3x1x1x2xi8>) outs({{.*}} : tensor<1x4x4x3xi32>)
// CHECK: linalg.generic {{.*}} outs(%{{.*}} : tensor<1x4x4x3xi8>)
// CHECK: arith.trunci %{{.*}} overflow<nsw> : i32 to i8
func.func @chain(%acc: tensor<1x4x4x2xi32>) -> tensor<1x4x4x3xi8> {
  %c0_i32 = arith.constant 0 : i32
  %low = arith.constant -128 : i8
  %e = tensor.empty() : tensor<1x4x4x2xi8>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%acc : tensor<1x4x4x2xi32>) outs(%e : tensor<1x4x4x2xi8>) {
  ^bb0(%in: i32, %out: i8):
    %t = arith.trunci %in overflow<nsw> : i32 to i8
    linalg.yield %t : i8
  } -> tensor<1x4x4x2xi8>
  %p = tensor.pad %y low[0, 0, 0, 0] high[0, 1, 1, 0] {
  ^bb0(%a: index, %b: index, %c: index, %d: index):
    tensor.yield %low : i8
  } : tensor<1x4x4x2xi8> to tensor<1x5x5x2xi8>
  %window = tensor.empty() : tensor<2x2xi8>
  %start = linalg.fill ins(%low : i8) outs(%e : tensor<1x4x4x2xi8>) -> tensor<1x4x4x2xi8>
  %m = linalg.pooling_nhwc_max {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%p, %window : tensor<1x5x5x2xi8>, tensor<2x2xi8>) outs(%start : tensor<1x4x4x2xi8>) -> tensor<1x4x4x2xi8>
  %w = arith.constant dense<100> : tensor<3x1x1x2xi8>
  %e2 = tensor.empty() : tensor<1x4x4x3xi32>
  %zero = linalg.fill ins(%c0_i32 : i32) outs(%e2 : tensor<1x4x4x3xi32>) -> tensor<1x4x4x3xi32>
  %s = linalg.conv_2d_nhwc_fhwc {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%m, %w : tensor<1x4x4x2xi8>, tensor<3x1x1x2xi8>) outs(%zero : tensor<1x4x4x3xi32>) -> tensor<1x4x4x3xi32>
  %e3 = tensor.empty() : tensor<1x4x4x3xi8>
  %z = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<1x4x4x3xi32>) outs(%e3 : tensor<1x4x4x3xi8>) {
  ^bb0(%in: i32, %out: i8):
    %t = arith.trunci %in overflow<nsw> : i32 to i8
    linalg.yield %t : i8
  } -> tensor<1x4x4x3xi8>
  return %z : tensor<1x4x4x3xi8>
}

// -----

#id = affine_map<(n, y, x, c) -> (n, y, x, c)>

// An input is widened by a pass of its own. A sum extends words as it did bytes;
// what can't be known to fit is truncated to a byte first.
// CHECK-LABEL: func.func @input
// CHECK-SAME: %[[X:.*]]: tensor<1x4x4x2xi8>
// CHECK: %[[WIDE:.*]] = linalg.generic {{.*}} ins(%[[X]] : tensor<1x4x4x2xi8>) outs(%{{.*}} : tensor<1x4x4x2xi16>)
// CHECK: arith.extsi %{{.*}} : i8 to i16
// CHECK: linalg.conv_2d_nhwc_fhwc {{.*}} ins(%[[WIDE]],
// CHECK: %[[S:.*]] = linalg.generic {{.*}} outs(%{{.*}} : tensor<1x4x4x2xi16>)
// CHECK: %[[B:.*]] = arith.trunci %{{.*}} : i32 to i8
// CHECK: arith.extsi %[[B]] : i8 to i16
// CHECK: linalg.generic {{.*}} ins(%[[S]], %[[S]] : tensor<1x4x4x2xi16>, tensor<1x4x4x2xi16>)
// CHECK: arith.extsi %{{.*}} : i16 to i32
// CHECK: linalg.conv_2d_nhwc_fhwc {{.*}} ins(%[[S]],
func.func @input(%x: tensor<1x4x4x2xi8>) -> (tensor<1x4x4x2xi32>, tensor<1x4x4x2xi32>) {
  %c0_i32 = arith.constant 0 : i32
  %w = arith.constant dense<100> : tensor<2x1x1x2xi8>
  %e = tensor.empty() : tensor<1x4x4x2xi32>
  %zero = linalg.fill ins(%c0_i32 : i32) outs(%e : tensor<1x4x4x2xi32>) -> tensor<1x4x4x2xi32>
  %s = linalg.conv_2d_nhwc_fhwc {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%x, %w : tensor<1x4x4x2xi8>, tensor<2x1x1x2xi8>) outs(%zero : tensor<1x4x4x2xi32>) -> tensor<1x4x4x2xi32>
  %e2 = tensor.empty() : tensor<1x4x4x2xi8>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<1x4x4x2xi32>) outs(%e2 : tensor<1x4x4x2xi8>) {
  ^bb0(%in: i32, %out: i8):
    %t = arith.trunci %in : i32 to i8
    linalg.yield %t : i8
  } -> tensor<1x4x4x2xi8>
  %z = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%y, %y : tensor<1x4x4x2xi8>, tensor<1x4x4x2xi8>) outs(%e : tensor<1x4x4x2xi32>) {
  ^bb0(%a: i8, %b: i8, %out: i32):
    %0 = arith.extsi %a : i8 to i32
    %1 = arith.extsi %b : i8 to i32
    %2 = arith.addi %0, %1 : i32
    linalg.yield %2 : i32
  } -> tensor<1x4x4x2xi32>
  %t = linalg.conv_2d_nhwc_fhwc {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%y, %w : tensor<1x4x4x2xi8>, tensor<2x1x1x2xi8>) outs(%zero : tensor<1x4x4x2xi32>) -> tensor<1x4x4x2xi32>
  return %z, %t : tensor<1x4x4x2xi32>, tensor<1x4x4x2xi32>
}

// -----

#id = affine_map<(n, y, x, c) -> (n, y, x, c)>

// With weights of which no two neighbours add up to more than 128, vpmaddubsw is
// exact: the convolution is marked, and what it reads stays bytes.
// CHECK-LABEL: func.func @proved
// CHECK: %[[Y:.*]] = linalg.generic {{.*}} outs(%{{.*}} : tensor<1x4x4x2xi8>)
// CHECK: linalg.conv_2d_nhwc_fhwc {{{.*}}quantc.pairs_fit_words{{.*}}} ins(%[[Y]], %{{.*}} : tensor<1x4x4x2xi8>, tensor<2x1x1x2xi8>)
// CHECK-NOT: i16
// CHECK: return
func.func @proved(%acc: tensor<1x4x4x2xi32>) -> tensor<1x4x4x2xi32> {
  %c0_i32 = arith.constant 0 : i32
  %e = tensor.empty() : tensor<1x4x4x2xi8>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%acc : tensor<1x4x4x2xi32>) outs(%e : tensor<1x4x4x2xi8>) {
  ^bb0(%in: i32, %out: i8):
    %t = arith.trunci %in overflow<nsw> : i32 to i8
    linalg.yield %t : i8
  } -> tensor<1x4x4x2xi8>
  %w = arith.constant dense<[[[[127, 1]]], [[[-128, 127]]]]> : tensor<2x1x1x2xi8>
  %e2 = tensor.empty() : tensor<1x4x4x2xi32>
  %zero = linalg.fill ins(%c0_i32 : i32) outs(%e2 : tensor<1x4x4x2xi32>) -> tensor<1x4x4x2xi32>
  %s = linalg.conv_2d_nhwc_fhwc {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%y, %w : tensor<1x4x4x2xi8>, tensor<2x1x1x2xi8>) outs(%zero : tensor<1x4x4x2xi32>) -> tensor<1x4x4x2xi32>
  return %s : tensor<1x4x4x2xi32>
}

// -----

#id = affine_map<(n, y, x, c) -> (n, y, x, c)>

// One more is too much. And what somebody else wants as words is read as such.
// CHECK-LABEL: func.func @shared
// CHECK: %[[Y:.*]] = linalg.generic {{.*}} outs(%{{.*}} : tensor<1x4x4x2xi16>)
// CHECK-NOT: quantc.pairs_fit_words
// CHECK: linalg.conv_2d_nhwc_fhwc {{.*}} ins(%[[Y]], %{{.*}} : tensor<1x4x4x2xi16>, tensor<2x1x1x2xi8>)
// CHECK: linalg.conv_2d_nhwc_fhwc {{.*}} ins(%[[Y]], %{{.*}} : tensor<1x4x4x2xi16>, tensor<2x1x1x2xi8>)
func.func @shared(%acc: tensor<1x4x4x2xi32>) -> (tensor<1x4x4x2xi32>, tensor<1x4x4x2xi32>) {
  %c0_i32 = arith.constant 0 : i32
  %e = tensor.empty() : tensor<1x4x4x2xi8>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%acc : tensor<1x4x4x2xi32>) outs(%e : tensor<1x4x4x2xi8>) {
  ^bb0(%in: i32, %out: i8):
    %t = arith.trunci %in overflow<nsw> : i32 to i8
    linalg.yield %t : i8
  } -> tensor<1x4x4x2xi8>
  %v = arith.constant dense<[[[[127, 2]]], [[[1, 1]]]]> : tensor<2x1x1x2xi8>
  %w = arith.constant dense<1> : tensor<2x1x1x2xi8>
  %e2 = tensor.empty() : tensor<1x4x4x2xi32>
  %zero = linalg.fill ins(%c0_i32 : i32) outs(%e2 : tensor<1x4x4x2xi32>) -> tensor<1x4x4x2xi32>
  %s = linalg.conv_2d_nhwc_fhwc {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%y, %v : tensor<1x4x4x2xi8>, tensor<2x1x1x2xi8>) outs(%zero : tensor<1x4x4x2xi32>) -> tensor<1x4x4x2xi32>
  %t = linalg.conv_2d_nhwc_fhwc {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%y, %w : tensor<1x4x4x2xi8>, tensor<2x1x1x2xi8>) outs(%zero : tensor<1x4x4x2xi32>) -> tensor<1x4x4x2xi32>
  return %s, %t : tensor<1x4x4x2xi32>, tensor<1x4x4x2xi32>
}

// -----

#id = affine_map<(n, y, x, c) -> (n, y, x, c)>
#across = affine_map<(n, y, x, c) -> (n, x, y, c)>

// What moves elements of words for somebody who wants bytes gives bytes.
// CHECK-LABEL: func.func @moved
// CHECK: %[[Y:.*]] = linalg.generic {{.*}} outs(%{{.*}} : tensor<1x4x4x2xi16>)
// CHECK: linalg.generic {{.*}} ins(%[[Y]] : tensor<1x4x4x2xi16>) outs(%{{.*}} : tensor<1x4x4x2xi8>)
// CHECK: %[[B:.*]] = arith.trunci %{{.*}} overflow<nsw> : i16 to i8
// CHECK: linalg.yield %[[B]] : i8
// CHECK: linalg.conv_2d_nhwc_fhwc {{.*}} ins(%[[Y]],
func.func @moved(%acc: tensor<1x4x4x2xi32>) -> (tensor<1x4x4x2xi8>, tensor<1x4x4x2xi32>) {
  %c0_i32 = arith.constant 0 : i32
  %e = tensor.empty() : tensor<1x4x4x2xi8>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%acc : tensor<1x4x4x2xi32>) outs(%e : tensor<1x4x4x2xi8>) {
  ^bb0(%in: i32, %out: i8):
    %t = arith.trunci %in overflow<nsw> : i32 to i8
    linalg.yield %t : i8
  } -> tensor<1x4x4x2xi8>
  %z = linalg.generic {indexing_maps = [#across, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%y : tensor<1x4x4x2xi8>) outs(%e : tensor<1x4x4x2xi8>) {
  ^bb0(%in: i8, %out: i8):
    linalg.yield %in : i8
  } -> tensor<1x4x4x2xi8>
  %w = arith.constant dense<100> : tensor<2x1x1x2xi8>
  %e2 = tensor.empty() : tensor<1x4x4x2xi32>
  %zero = linalg.fill ins(%c0_i32 : i32) outs(%e2 : tensor<1x4x4x2xi32>) -> tensor<1x4x4x2xi32>
  %s = linalg.conv_2d_nhwc_fhwc {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%y, %w : tensor<1x4x4x2xi8>, tensor<2x1x1x2xi8>) outs(%zero : tensor<1x4x4x2xi32>) -> tensor<1x4x4x2xi32>
  return %z, %s : tensor<1x4x4x2xi8>, tensor<1x4x4x2xi32>
}

// -----

#id = affine_map<(n, y, x, c) -> (n, y, x, c)>

// Nor do any two products where activations are clamped to 7 bits, here to 0 …
// 127 above a zero point of -128, and padded with that.
// CHECK-LABEL: func.func @clamped
// CHECK: linalg.conv_2d_nhwc_fhwc {{{.*}}quantc.pairs_fit_words{{.*}}} ins(%{{.*}}, %{{.*}} : tensor<1x4x4x2xi8>, tensor<2x1x1x2xi8>)
// CHECK-NOT: quantc.pairs_fit_words
func.func @clamped(%acc: tensor<1x4x4x2xi32>) -> (tensor<1x4x4x2xi32>, tensor<1x4x4x2xi32>) {
  %c0_i32 = arith.constant 0 : i32
  %c127_i32 = arith.constant 127 : i32
  %c129_i32 = arith.constant 129 : i32
  %zp = arith.constant -128 : i32
  %low = arith.constant -128 : i8
  %e = tensor.empty() : tensor<1x4x3x2xi8>
  %part = tensor.extract_slice %acc[0, 0, 0, 0] [1, 4, 3, 2] [1, 1, 1, 1] : tensor<1x4x4x2xi32> to tensor<1x4x3x2xi32>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%part : tensor<1x4x3x2xi32>) outs(%e : tensor<1x4x3x2xi8>) {
  ^bb0(%in: i32, %out: i8):
    %0 = arith.maxsi %in, %c0_i32 : i32
    %1 = arith.minsi %0, %c127_i32 : i32
    %2 = arith.addi %1, %zp : i32
    %t = arith.trunci %2 overflow<nsw> : i32 to i8
    linalg.yield %t : i8
  } -> tensor<1x4x3x2xi8>
  %p = tensor.pad %y low[0, 0, 0, 0] high[0, 0, 1, 0] {
  ^bb0(%a: index, %b: index, %c: index, %d: index):
    tensor.yield %low : i8
  } : tensor<1x4x3x2xi8> to tensor<1x4x4x2xi8>
  // Up to 128 would do; 129 times -256 is too much.
  %z = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%part : tensor<1x4x3x2xi32>) outs(%e : tensor<1x4x3x2xi8>) {
  ^bb0(%in: i32, %out: i8):
    %0 = arith.maxsi %in, %c0_i32 : i32
    %1 = arith.minsi %0, %c129_i32 : i32
    %2 = arith.addi %1, %zp : i32
    %t = arith.trunci %2 overflow<nsw> : i32 to i8
    linalg.yield %t : i8
  } -> tensor<1x4x3x2xi8>
  %q = tensor.pad %z low[0, 0, 0, 0] high[0, 0, 1, 0] {
  ^bb0(%a: index, %b: index, %c: index, %d: index):
    tensor.yield %low : i8
  } : tensor<1x4x3x2xi8> to tensor<1x4x4x2xi8>
  %w = arith.constant dense<[[[[127, 127]]], [[[-128, -128]]]]> : tensor<2x1x1x2xi8>
  %e2 = tensor.empty() : tensor<1x4x4x2xi32>
  %zero = linalg.fill ins(%c0_i32 : i32) outs(%e2 : tensor<1x4x4x2xi32>) -> tensor<1x4x4x2xi32>
  %s = linalg.conv_2d_nhwc_fhwc {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%p, %w : tensor<1x4x4x2xi8>, tensor<2x1x1x2xi8>) outs(%zero : tensor<1x4x4x2xi32>) -> tensor<1x4x4x2xi32>
  %t = linalg.conv_2d_nhwc_fhwc {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%q, %w : tensor<1x4x4x2xi8>, tensor<2x1x1x2xi8>) outs(%zero : tensor<1x4x4x2xi32>) -> tensor<1x4x4x2xi32>
  return %s, %t : tensor<1x4x4x2xi32>, tensor<1x4x4x2xi32>
}
