// RUN: quant-opt %s --quantc-winograd=mcpu=x86-64-v3 | FileCheck %s
// Where bytes are multiplied as they are, nothing changes.
// RUN: quant-opt %s --quantc-winograd="mcpu=x86-64-v4 mattr=+avx512vnni" | FileCheck %s --check-prefix=BYTES
// BYTES-NOT: winograd

#id = affine_map<(n, y, x, c) -> (n, y, x, c)>
#last = affine_map<(n, y, x, c) -> (c)>

// Sixteen products for four pixels. The epilogue divides by four, and adds what
// sums started with.
// CHECK-LABEL: func.func @two(
// CHECK-SAME: %[[X:.*]]: tensor<1x10x10x32xi8>)
// CHECK: %[[V:.*]] = dot.winograd_input %[[X]] {pixels = 2 : i64} : tensor<1x10x10x32xi8> -> tensor<16x16x32xi16>
// CHECK: %[[U:.*]] = arith.constant {{.*}} : tensor<16x32x32xi16>
// CHECK: %[[P:.*]] = linalg.batch_matmul ins(%[[V]], %[[U]] : tensor<16x16x32xi16>, tensor<16x32x32xi16>) outs(%{{.*}} : tensor<16x16x32xi32>)
// CHECK: %[[Y:.*]] = dot.winograd_output %[[P]] {pixels = 2 : i64} : tensor<16x16x32xi32> -> tensor<1x8x8x32xi32>
// CHECK: %[[START:.*]] = arith.constant dense<7> : tensor<32xi32>
// CHECK: linalg.generic {{.*}} ins(%[[Y]], %[[START]] :
// CHECK: ^bb0(%[[SUM:.*]]: i32, %[[B:.*]]: i32, %{{.*}}: i8):
// CHECK: %[[C2:.*]] = arith.constant 2 : i32
// CHECK: %[[Q:.*]] = arith.shrsi %[[SUM]], %[[C2]]
// CHECK: %[[T:.*]] = arith.addi %[[Q]], %[[B]]
// CHECK: arith.trunci %[[T]] overflow<nsw> : i32 to i8
func.func @two(%x: tensor<1x10x10x32xi8>) -> tensor<1x8x8x32xi8> {
  %w = arith.constant dense<1> : tensor<32x3x3x32xi8>
  %bias = arith.constant dense<7> : tensor<32xi32>
  %e = tensor.empty() : tensor<1x8x8x32xi32>
  %start = linalg.generic {indexing_maps = [#last, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%bias : tensor<32xi32>) outs(%e : tensor<1x8x8x32xi32>) {
  ^bb0(%in: i32, %out: i32):
    linalg.yield %in : i32
  } -> tensor<1x8x8x32xi32>
  %sums = linalg.conv_2d_nhwc_fhwc {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%x, %w : tensor<1x10x10x32xi8>, tensor<32x3x3x32xi8>) outs(%start : tensor<1x8x8x32xi32>) -> tensor<1x8x8x32xi32>
  %e8 = tensor.empty() : tensor<1x8x8x32xi8>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%sums : tensor<1x8x8x32xi32>) outs(%e8 : tensor<1x8x8x32xi8>) {
  ^bb0(%in: i32, %out: i8):
    %t = arith.trunci %in overflow<nsw> : i32 to i8
    linalg.yield %t : i8
  } -> tensor<1x8x8x32xi8>
  return %y : tensor<1x8x8x32xi8>
}

// Larger images: 36 products for sixteen pixels, and a division by 576 = 9 · 2^6
// modulo 2^32.
// CHECK-LABEL: func.func @four(
// CHECK: dot.winograd_input %{{.*}} {pixels = 4 : i64} : tensor<1x34x34x32xi8> -> tensor<36x64x32xi16>
// CHECK: linalg.batch_matmul ins(%{{.*}} : tensor<36x64x32xi16>, tensor<36x32x32xi16>)
// CHECK: dot.winograd_output %{{.*}} {pixels = 4 : i64} : tensor<36x64x32xi32> -> tensor<1x32x32x32xi32>
// CHECK: %[[INVERSE:.*]] = arith.constant 954437177 : i32
// CHECK: %[[S:.*]] = arith.muli %{{.*}}, %[[INVERSE]]
// CHECK: %[[C6:.*]] = arith.constant 6 : i32
// CHECK: arith.shrsi %[[S]], %[[C6]]
func.func @four(%x: tensor<1x34x34x32xi8>) -> tensor<1x32x32x32xi8> {
  %w = arith.constant dense<1> : tensor<32x3x3x32xi8>
  %bias = arith.constant dense<7> : tensor<32xi32>
  %e = tensor.empty() : tensor<1x32x32x32xi32>
  %start = linalg.generic {indexing_maps = [#last, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%bias : tensor<32xi32>) outs(%e : tensor<1x32x32x32xi32>) {
  ^bb0(%in: i32, %out: i32):
    linalg.yield %in : i32
  } -> tensor<1x32x32x32xi32>
  %sums = linalg.conv_2d_nhwc_fhwc {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%x, %w : tensor<1x34x34x32xi8>, tensor<32x3x3x32xi8>) outs(%start : tensor<1x32x32x32xi32>) -> tensor<1x32x32x32xi32>
  %e8 = tensor.empty() : tensor<1x32x32x32xi8>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%sums : tensor<1x32x32x32xi32>) outs(%e8 : tensor<1x32x32x32xi8>) {
  ^bb0(%in: i32, %out: i8):
    %t = arith.trunci %in overflow<nsw> : i32 to i8
    linalg.yield %t : i8
  } -> tensor<1x32x32x32xi8>
  return %y : tensor<1x32x32x32xi8>
}

// 2^6 times a sum of 9 · 256 · 127 · 128 is no i32.
// CHECK-LABEL: func.func @extreme(
// CHECK: dot.winograd_input %{{.*}} {pixels = 2 : i64}
func.func @extreme(%x: tensor<1x34x34x256xi8>) -> tensor<1x32x32x32xi8> {
  %w = arith.constant dense<127> : tensor<32x3x3x256xi8>
  %bias = arith.constant dense<7> : tensor<32xi32>
  %e = tensor.empty() : tensor<1x32x32x32xi32>
  %start = linalg.generic {indexing_maps = [#last, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%bias : tensor<32xi32>) outs(%e : tensor<1x32x32x32xi32>) {
  ^bb0(%in: i32, %out: i32):
    linalg.yield %in : i32
  } -> tensor<1x32x32x32xi32>
  %sums = linalg.conv_2d_nhwc_fhwc {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%x, %w : tensor<1x34x34x256xi8>, tensor<32x3x3x256xi8>) outs(%start : tensor<1x32x32x32xi32>) -> tensor<1x32x32x32xi32>
  %e8 = tensor.empty() : tensor<1x32x32x32xi8>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%sums : tensor<1x32x32x32xi32>) outs(%e8 : tensor<1x32x32x32xi8>) {
  ^bb0(%in: i32, %out: i8):
    %t = arith.trunci %in overflow<nsw> : i32 to i8
    linalg.yield %t : i8
  } -> tensor<1x32x32x32xi8>
  return %y : tensor<1x32x32x32xi8>
}

// The last tiles reach beyond the image.
// CHECK-LABEL: func.func @odd(
// CHECK: %[[P:.*]] = tensor.pad %{{.*}} low[0, 0, 0, 0] high[0, 1, 0, 0]
// CHECK: dot.winograd_input %[[P]] {pixels = 2 : i64} : tensor<1x10x10x32xi8> -> tensor<16x16x32xi16>
// CHECK: %[[Y:.*]] = dot.winograd_output %{{.*}} -> tensor<1x7x8x32xi32>
// CHECK: linalg.generic {{.*}} ins(%[[Y]],
func.func @odd(%x: tensor<1x9x10x32xi8>) -> tensor<1x7x8x32xi8> {
  %w = arith.constant dense<1> : tensor<32x3x3x32xi8>
  %bias = arith.constant dense<7> : tensor<32xi32>
  %e = tensor.empty() : tensor<1x7x8x32xi32>
  %start = linalg.generic {indexing_maps = [#last, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%bias : tensor<32xi32>) outs(%e : tensor<1x7x8x32xi32>) {
  ^bb0(%in: i32, %out: i32):
    linalg.yield %in : i32
  } -> tensor<1x7x8x32xi32>
  %sums = linalg.conv_2d_nhwc_fhwc {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%x, %w : tensor<1x9x10x32xi8>, tensor<32x3x3x32xi8>) outs(%start : tensor<1x7x8x32xi32>) -> tensor<1x7x8x32xi32>
  %e8 = tensor.empty() : tensor<1x7x8x32xi8>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%sums : tensor<1x7x8x32xi32>) outs(%e8 : tensor<1x7x8x32xi8>) {
  ^bb0(%in: i32, %out: i8):
    %t = arith.trunci %in overflow<nsw> : i32 to i8
    linalg.yield %t : i8
  } -> tensor<1x7x8x32xi8>
  return %y : tensor<1x7x8x32xi8>
}

// With stride 2, 25 products for four pixels, and nothing to divide by. The
// last tiles reach beyond the image.
// CHECK-LABEL: func.func @strided(
// CHECK: %[[P:.*]] = tensor.pad %{{.*}} low[0, 0, 0, 0] high[0, 2, 2, 0]
// CHECK: dot.winograd_input %[[P]] {pixels = 2 : i64, stride = 2 : i64} : tensor<1x21x21x32xi8> -> tensor<25x25x32xi16>
// CHECK: linalg.batch_matmul ins(%{{.*}} : tensor<25x25x32xi16>, tensor<25x32x32xi16>)
// CHECK: %[[Y:.*]] = dot.winograd_output %{{.*}} {pixels = 2 : i64, stride = 2 : i64} : tensor<25x25x32xi32> -> tensor<1x9x9x32xi32>
// CHECK: linalg.generic {{.*}} ins(%[[Y]],
// CHECK: ^bb0(%[[SUM:.*]]: i32, %[[B:.*]]: i32, %{{.*}}: i8):
// CHECK-NEXT: %[[T:.*]] = arith.addi %[[SUM]], %[[B]]
// CHECK-NEXT: arith.trunci %[[T]]
func.func @strided(%x: tensor<1x19x19x32xi8>) -> tensor<1x9x9x32xi8> {
  %w = arith.constant dense<100> : tensor<32x3x3x32xi8>
  %bias = arith.constant dense<7> : tensor<32xi32>
  %e = tensor.empty() : tensor<1x9x9x32xi32>
  %start = linalg.generic {indexing_maps = [#last, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%bias : tensor<32xi32>) outs(%e : tensor<1x9x9x32xi32>) {
  ^bb0(%in: i32, %out: i32):
    linalg.yield %in : i32
  } -> tensor<1x9x9x32xi32>
  %sums = linalg.conv_2d_nhwc_fhwc {strides = dense<2> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%x, %w : tensor<1x19x19x32xi8>, tensor<32x3x3x32xi8>) outs(%start : tensor<1x9x9x32xi32>) -> tensor<1x9x9x32xi32>
  %e8 = tensor.empty() : tensor<1x9x9x32xi8>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%sums : tensor<1x9x9x32xi32>) outs(%e8 : tensor<1x9x9x32xi8>) {
  ^bb0(%in: i32, %out: i8):
    %t = arith.trunci %in overflow<nsw> : i32 to i8
    linalg.yield %t : i8
  } -> tensor<1x9x9x32xi8>
  return %y : tensor<1x9x9x32xi8>
}

// Where vpmaddubsw is proved exact (small weights), the plain form is cheaper.
// CHECK-LABEL: func.func @strided_bytes(
// CHECK-NOT: winograd
// CHECK: return
func.func @strided_bytes(%x: tensor<1x19x19x32xi8>) -> tensor<1x9x9x32xi8> {
  %w = arith.constant dense<1> : tensor<32x3x3x32xi8>
  %bias = arith.constant dense<7> : tensor<32xi32>
  %e = tensor.empty() : tensor<1x9x9x32xi32>
  %start = linalg.generic {indexing_maps = [#last, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%bias : tensor<32xi32>) outs(%e : tensor<1x9x9x32xi32>) {
  ^bb0(%in: i32, %out: i32):
    linalg.yield %in : i32
  } -> tensor<1x9x9x32xi32>
  %sums = linalg.conv_2d_nhwc_fhwc {strides = dense<2> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%x, %w : tensor<1x19x19x32xi8>, tensor<32x3x3x32xi8>) outs(%start : tensor<1x9x9x32xi32>) -> tensor<1x9x9x32xi32>
  %e8 = tensor.empty() : tensor<1x9x9x32xi8>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%sums : tensor<1x9x9x32xi32>) outs(%e8 : tensor<1x9x9x32xi8>) {
  ^bb0(%in: i32, %out: i8):
    %t = arith.trunci %in overflow<nsw> : i32 to i8
    linalg.yield %t : i8
  } -> tensor<1x9x9x32xi8>
  return %y : tensor<1x9x9x32xi8>
}

// Whatever the sums are, they come out as they would.
// CHECK-LABEL: func.func @strided_extreme(
// CHECK: dot.winograd_input
func.func @strided_extreme(%x: tensor<1x37x37x14848xi8>) -> tensor<1x18x18x32xi8> {
  %w = arith.constant dense<127> : tensor<32x3x3x14848xi8>
  %bias = arith.constant dense<7> : tensor<32xi32>
  %e = tensor.empty() : tensor<1x18x18x32xi32>
  %start = linalg.generic {indexing_maps = [#last, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%bias : tensor<32xi32>) outs(%e : tensor<1x18x18x32xi32>) {
  ^bb0(%in: i32, %out: i32):
    linalg.yield %in : i32
  } -> tensor<1x18x18x32xi32>
  %sums = linalg.conv_2d_nhwc_fhwc {strides = dense<2> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%x, %w : tensor<1x37x37x14848xi8>, tensor<32x3x3x14848xi8>) outs(%start : tensor<1x18x18x32xi32>) -> tensor<1x18x18x32xi32>
  %e8 = tensor.empty() : tensor<1x18x18x32xi8>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%sums : tensor<1x18x18x32xi32>) outs(%e8 : tensor<1x18x18x32xi8>) {
  ^bb0(%in: i32, %out: i8):
    %t = arith.trunci %in overflow<nsw> : i32 to i8
    linalg.yield %t : i8
  } -> tensor<1x18x18x32xi8>
  return %y : tensor<1x18x18x32xi8>
}

// Few tiles for the filters to be read for, rows that nobody reads, channels that
// don't fill registers, and sums that are read as they are stay.
// CHECK-LABEL: func.func @strided_small(
// CHECK: linalg.conv_2d_nhwc_fhwc
func.func @strided_small(%x: tensor<1x9x9x32xi8>) -> tensor<1x4x4x32xi8> {
  %w = arith.constant dense<1> : tensor<32x3x3x32xi8>
  %bias = arith.constant dense<7> : tensor<32xi32>
  %e = tensor.empty() : tensor<1x4x4x32xi32>
  %start = linalg.generic {indexing_maps = [#last, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%bias : tensor<32xi32>) outs(%e : tensor<1x4x4x32xi32>) {
  ^bb0(%in: i32, %out: i32):
    linalg.yield %in : i32
  } -> tensor<1x4x4x32xi32>
  %sums = linalg.conv_2d_nhwc_fhwc {strides = dense<2> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%x, %w : tensor<1x9x9x32xi8>, tensor<32x3x3x32xi8>) outs(%start : tensor<1x4x4x32xi32>) -> tensor<1x4x4x32xi32>
  %e8 = tensor.empty() : tensor<1x4x4x32xi8>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%sums : tensor<1x4x4x32xi32>) outs(%e8 : tensor<1x4x4x32xi8>) {
  ^bb0(%in: i32, %out: i8):
    %t = arith.trunci %in overflow<nsw> : i32 to i8
    linalg.yield %t : i8
  } -> tensor<1x4x4x32xi8>
  return %y : tensor<1x4x4x32xi8>
}

// CHECK-LABEL: func.func @strided_unread(
// CHECK: linalg.conv_2d_nhwc_fhwc
func.func @strided_unread(%x: tensor<1x20x20x32xi8>) -> tensor<1x9x9x32xi8> {
  %w = arith.constant dense<1> : tensor<32x3x3x32xi8>
  %bias = arith.constant dense<7> : tensor<32xi32>
  %e = tensor.empty() : tensor<1x9x9x32xi32>
  %start = linalg.generic {indexing_maps = [#last, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%bias : tensor<32xi32>) outs(%e : tensor<1x9x9x32xi32>) {
  ^bb0(%in: i32, %out: i32):
    linalg.yield %in : i32
  } -> tensor<1x9x9x32xi32>
  %sums = linalg.conv_2d_nhwc_fhwc {strides = dense<2> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%x, %w : tensor<1x20x20x32xi8>, tensor<32x3x3x32xi8>) outs(%start : tensor<1x9x9x32xi32>) -> tensor<1x9x9x32xi32>
  %e8 = tensor.empty() : tensor<1x9x9x32xi8>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%sums : tensor<1x9x9x32xi32>) outs(%e8 : tensor<1x9x9x32xi8>) {
  ^bb0(%in: i32, %out: i8):
    %t = arith.trunci %in overflow<nsw> : i32 to i8
    linalg.yield %t : i8
  } -> tensor<1x9x9x32xi8>
  return %y : tensor<1x9x9x32xi8>
}

// CHECK-LABEL: func.func @narrow(
// CHECK: linalg.conv_2d_nhwc_fhwc
func.func @narrow(%x: tensor<1x10x10x24xi8>) -> tensor<1x8x8x32xi8> {
  %w = arith.constant dense<1> : tensor<32x3x3x24xi8>
  %bias = arith.constant dense<7> : tensor<32xi32>
  %e = tensor.empty() : tensor<1x8x8x32xi32>
  %start = linalg.generic {indexing_maps = [#last, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%bias : tensor<32xi32>) outs(%e : tensor<1x8x8x32xi32>) {
  ^bb0(%in: i32, %out: i32):
    linalg.yield %in : i32
  } -> tensor<1x8x8x32xi32>
  %sums = linalg.conv_2d_nhwc_fhwc {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%x, %w : tensor<1x10x10x24xi8>, tensor<32x3x3x24xi8>) outs(%start : tensor<1x8x8x32xi32>) -> tensor<1x8x8x32xi32>
  %e8 = tensor.empty() : tensor<1x8x8x32xi8>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%sums : tensor<1x8x8x32xi32>) outs(%e8 : tensor<1x8x8x32xi8>) {
  ^bb0(%in: i32, %out: i8):
    %t = arith.trunci %in overflow<nsw> : i32 to i8
    linalg.yield %t : i8
  } -> tensor<1x8x8x32xi8>
  return %y : tensor<1x8x8x32xi8>
}

// CHECK-LABEL: func.func @shared(
// CHECK: linalg.conv_2d_nhwc_fhwc
func.func @shared(%x: tensor<1x10x10x32xi8>) -> (tensor<1x8x8x32xi8>, tensor<1x8x8x32xi32>) {
  %w = arith.constant dense<1> : tensor<32x3x3x32xi8>
  %bias = arith.constant dense<7> : tensor<32xi32>
  %e = tensor.empty() : tensor<1x8x8x32xi32>
  %start = linalg.generic {indexing_maps = [#last, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%bias : tensor<32xi32>) outs(%e : tensor<1x8x8x32xi32>) {
  ^bb0(%in: i32, %out: i32):
    linalg.yield %in : i32
  } -> tensor<1x8x8x32xi32>
  %sums = linalg.conv_2d_nhwc_fhwc {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%x, %w : tensor<1x10x10x32xi8>, tensor<32x3x3x32xi8>) outs(%start : tensor<1x8x8x32xi32>) -> tensor<1x8x8x32xi32>
  %e8 = tensor.empty() : tensor<1x8x8x32xi8>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%sums : tensor<1x8x8x32xi32>) outs(%e8 : tensor<1x8x8x32xi8>) {
  ^bb0(%in: i32, %out: i8):
    %t = arith.trunci %in overflow<nsw> : i32 to i8
    linalg.yield %t : i8
  } -> tensor<1x8x8x32xi8>
  return %y, %sums : tensor<1x8x8x32xi8>, tensor<1x8x8x32xi32>
}

// Words that were never bytes.
// CHECK-LABEL: func.func @words(
// CHECK-NOT: dot.winograd
// CHECK: linalg.conv_2d_nhwc_fhwc
func.func @words(%x: tensor<1x10x10x32xi16>) -> tensor<1x8x8x32xi32> {
  %w = arith.constant dense<1> : tensor<32x3x3x32xi8>
  %zero = arith.constant 0 : i32
  %e = tensor.empty() : tensor<1x8x8x32xi32>
  %start = linalg.fill ins(%zero : i32) outs(%e : tensor<1x8x8x32xi32>) -> tensor<1x8x8x32xi32>
  %sums = linalg.conv_2d_nhwc_fhwc ins(%x, %w : tensor<1x10x10x32xi16>, tensor<32x3x3x32xi8>) outs(%start : tensor<1x8x8x32xi32>) -> tensor<1x8x8x32xi32>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%sums : tensor<1x8x8x32xi32>) outs(%e : tensor<1x8x8x32xi32>) {
  ^bb0(%in: i32, %out: i32):
    %t = arith.addi %in, %in : i32
    linalg.yield %t : i32
  } -> tensor<1x8x8x32xi32>
  return %y : tensor<1x8x8x32xi32>
}

// An epilogue that moves what it computes; then one of two convolutions, of
// which the first takes the form.
// CHECK-LABEL: func.func @moved(
// CHECK-NOT: dot.winograd
// CHECK: linalg.conv_2d_nhwc_fhwc {dilations
// CHECK-LABEL: func.func @both(
// CHECK: dot.winograd_output
// CHECK: linalg.conv_2d_nhwc_fhwc {dilations
// CHECK-NOT: dot.winograd
#channels_first = affine_map<(n, y, x, c) -> (n, c, y, x)>
func.func @moved(%x: tensor<1x10x10x32xi8>) -> tensor<1x32x8x8xi32> {
  %w = arith.constant dense<1> : tensor<32x3x3x32xi8>
  %zero = arith.constant 0 : i32
  %e = tensor.empty() : tensor<1x8x8x32xi32>
  %start = linalg.fill ins(%zero : i32) outs(%e : tensor<1x8x8x32xi32>) -> tensor<1x8x8x32xi32>
  %sums = linalg.conv_2d_nhwc_fhwc {dilations = dense<1> : tensor<2xi64>} ins(%x, %w : tensor<1x10x10x32xi8>, tensor<32x3x3x32xi8>) outs(%start : tensor<1x8x8x32xi32>) -> tensor<1x8x8x32xi32>
  %f = tensor.empty() : tensor<1x32x8x8xi32>
  %y = linalg.generic {indexing_maps = [#id, #channels_first], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%sums : tensor<1x8x8x32xi32>) outs(%f : tensor<1x32x8x8xi32>) {
  ^bb0(%in: i32, %out: i32):
    linalg.yield %in : i32
  } -> tensor<1x32x8x8xi32>
  return %y : tensor<1x32x8x8xi32>
}
func.func @both(%x: tensor<1x10x10x32xi8>) -> tensor<1x8x8x32xi32> {
  %v = arith.constant dense<1> : tensor<32x3x3x32xi8>
  %w = arith.constant dense<2> : tensor<32x3x3x32xi8>
  %zero = arith.constant 0 : i32
  %e = tensor.empty() : tensor<1x8x8x32xi32>
  %start = linalg.fill ins(%zero : i32) outs(%e : tensor<1x8x8x32xi32>) -> tensor<1x8x8x32xi32>
  %a = linalg.conv_2d_nhwc_fhwc {dilations = dense<1> : tensor<2xi64>} ins(%x, %v : tensor<1x10x10x32xi8>, tensor<32x3x3x32xi8>) outs(%start : tensor<1x8x8x32xi32>) -> tensor<1x8x8x32xi32>
  %b = linalg.conv_2d_nhwc_fhwc {dilations = dense<1> : tensor<2xi64>} ins(%x, %w : tensor<1x10x10x32xi8>, tensor<32x3x3x32xi8>) outs(%start : tensor<1x8x8x32xi32>) -> tensor<1x8x8x32xi32>
  %y = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%a, %b : tensor<1x8x8x32xi32>, tensor<1x8x8x32xi32>) outs(%e : tensor<1x8x8x32xi32>) {
  ^bb0(%p: i32, %q: i32, %out: i32):
    %s = arith.addi %p, %q : i32
    linalg.yield %s : i32
  } -> tensor<1x8x8x32xi32>
  return %y : tensor<1x8x8x32xi32>
}
