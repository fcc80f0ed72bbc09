// RUN: quant-opt %s --quantc-fuse-strips="mcpu=x86-64-v3 cache-bytes=1600" --split-input-file | FileCheck %s
// What fits the cache stays whole.
// RUN: quant-opt %s --quantc-fuse-strips="mcpu=x86-64-v3" --split-input-file | FileCheck %s --check-prefix=FITS
// FITS-NOT: tensor.insert_slice
// Strips share kernels, and the arena has windows: of five rows and of the next
// strip's, which takes two over: 1280 bytes. Whole, the tensor has 1792.
// RUN: quant-opt %s --quantc-fuse-strips="mcpu=x86-64-v3 cache-bytes=1600" --quantc-outline-kernels --quantc-plan-memory --split-input-file | FileCheck %s --check-prefix=ARENA

#id = affine_map<(n, y, x, c) -> (n, y, x, c)>

// ARENA: quantc.arena_bytes = 1344
// ARENA-SAME: quantc.arena_lower_bound = 1280
// ARENA-LABEL: func.func @chain
// ARENA: call @elementwise_0(
// ARENA: call @depthwise_conv_2d_nhwc_hwc_0(
// ARENA: call @copy_0(
// ARENA: call @elementwise_1{{[_v0-9]*}}(
// ARENA: call @depthwise_conv_2d_nhwc_hwc_0{{[_v0-9]*}}(
// ARENA: call @copy_0(
// ARENA: call @elementwise_1{{[_v0-9]*}}(
// ARENA: call @depthwise_conv_2d_nhwc_hwc_0{{[_v0-9]*}}(
// ARENA: call @copy_0(
// ARENA: call @elementwise_1{{[_v0-9]*}}(
// ARENA: call @depthwise_conv_2d_nhwc_hwc_0{{[_v0-9]*}}(
// ARENA-NOT: call
// ARENA: return

// Of 14 rows, a strip of three results needs five, and each further one three
// more: two are kept.
// CHECK-LABEL: func.func @chain
// CHECK-SAME: %[[X:.*]]: tensor<1x14x8x4xf32>
// CHECK: %[[WHOLE:.*]] = tensor.empty() : tensor<1x12x6x4xf32>
// CHECK: %[[X0:.*]] = tensor.extract_slice %[[X]][0, 0, 0, 0] [1, 5, 8, 4]
// CHECK: %[[A0:.*]] = linalg.generic {{.*}} ins(%[[X0]] : tensor<1x5x8x4xf32>)
// CHECK: linalg.fill {{.*}} -> tensor<1x3x6x4xf32>
// CHECK: %[[Y0:.*]] = linalg.depthwise_conv_2d_nhwc_hwc {{.*}} ins(%[[A0]], %{{.*}}) {{.*}} -> tensor<1x3x6x4xf32>
// CHECK: %[[R0:.*]] = tensor.insert_slice %[[Y0]] into %[[WHOLE]][0, 0, 0, 0] [1, 3, 6, 4]
// CHECK: %[[PLACE:.*]] = tensor.empty() : tensor<1x5x8x4xf32>
// CHECK: %[[KEPT:.*]] = tensor.extract_slice %[[A0]][0, 3, 0, 0] [1, 2, 8, 4]
// CHECK: %[[OLD:.*]] = tensor.insert_slice %[[KEPT]] into %[[PLACE]][0, 0, 0, 0] [1, 2, 8, 4]
// CHECK: %[[X1:.*]] = tensor.extract_slice %[[X]][0, 5, 0, 0] [1, 3, 8, 4]
// CHECK: %[[NEW:.*]] = linalg.generic {{.*}} ins(%[[X1]] : tensor<1x3x8x4xf32>)
// CHECK: %[[A1:.*]] = tensor.insert_slice %[[NEW]] into %[[OLD]][0, 2, 0, 0] [1, 3, 8, 4]
// CHECK: %[[Y1:.*]] = linalg.depthwise_conv_2d_nhwc_hwc {{.*}} ins(%[[A1]], %{{.*}}) {{.*}} -> tensor<1x3x6x4xf32>
// CHECK: %[[R1:.*]] = tensor.insert_slice %[[Y1]] into %[[R0]][0, 3, 0, 0] [1, 3, 6, 4]
// CHECK: %[[R2:.*]] = tensor.insert_slice %{{.*}} into %[[R1]][0, 6, 0, 0] [1, 3, 6, 4]
// CHECK: tensor.extract_slice %[[X]][0, 11, 0, 0] [1, 3, 8, 4]
// CHECK: %[[R3:.*]] = tensor.insert_slice %{{.*}} into %[[R2]][0, 9, 0, 0] [1, 3, 6, 4]
// CHECK: return %[[R3]]
func.func @chain(%x: tensor<1x14x8x4xf32>) -> tensor<1x12x6x4xf32> {
  %zero = arith.constant 0.0 : f32
  %w = arith.constant dense<0.5> : tensor<3x3x4xf32>
  %e = tensor.empty() : tensor<1x14x8x4xf32>
  %a = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%x : tensor<1x14x8x4xf32>) outs(%e : tensor<1x14x8x4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %s = arith.addf %in, %in : f32
    linalg.yield %s : f32
  } -> tensor<1x14x8x4xf32>
  %e2 = tensor.empty() : tensor<1x12x6x4xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e2 : tensor<1x12x6x4xf32>) -> tensor<1x12x6x4xf32>
  %y = linalg.depthwise_conv_2d_nhwc_hwc {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%a, %w : tensor<1x14x8x4xf32>, tensor<3x3x4xf32>) outs(%i : tensor<1x12x6x4xf32>) -> tensor<1x12x6x4xf32>
  return %y : tensor<1x12x6x4xf32>
}

// -----

#id = affine_map<(n, y, x, c) -> (n, y, x, c)>

// Stride 2 and dilation 2, between pads and with a residual in the epilogue: a
// pad has its upper rows in the first strip only, its lower ones in the last,
// and the residual goes by the rows of the result. The sums are an epilogue's
// and need no place.
// CHECK-LABEL: func.func @strided
// CHECK-SAME: %[[X:.*]]: tensor<1x16x6x4xf32>, %[[R:.*]]: tensor<1x8x3x4xf32>
// CHECK: linalg.generic {{.*}} ins(%{{.*}} : tensor<1x5x6x4xf32>)
// CHECK: tensor.pad %{{.*}} low[0, 2, 2, 0] high[0, 0, 2, 0]
// CHECK: : tensor<1x5x6x4xf32> to tensor<1x7x10x4xf32>
// CHECK: linalg.depthwise_conv_2d_nhwc_hwc {{.*}} -> tensor<1x2x3x4xf32>
// CHECK: tensor.extract_slice %[[R]][0, 0, 0, 0] [1, 2, 3, 4]
// CHECK: tensor.extract_slice %{{.*}}[0, 2, 0, 0] [1, 3, 6, 4]
// CHECK: linalg.generic {{.*}} ins(%{{.*}} : tensor<1x4x6x4xf32>)
// CHECK: tensor.pad %{{.*}} low[0, 0, 2, 0] high[0, 0, 2, 0]
// CHECK: : tensor<1x7x6x4xf32> to tensor<1x7x10x4xf32>
// CHECK: tensor.extract_slice %[[R]][0, 2, 0, 0] [1, 2, 3, 4]
// CHECK: tensor.extract_slice %[[X]][0, 13, 0, 0] [1, 3, 6, 4]
// CHECK: tensor.pad %{{.*}} low[0, 0, 2, 0] high[0, 1, 2, 0]
// CHECK: : tensor<1x6x6x4xf32> to tensor<1x7x10x4xf32>
// CHECK: tensor.extract_slice %[[R]][0, 6, 0, 0] [1, 2, 3, 4]
func.func @strided(%x: tensor<1x16x6x4xf32>, %r: tensor<1x8x3x4xf32>) -> tensor<1x8x3x4xf32> {
  %zero = arith.constant 0.0 : f32
  %w = arith.constant dense<0.5> : tensor<3x3x4xf32>
  %e = tensor.empty() : tensor<1x16x6x4xf32>
  %a = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%x : tensor<1x16x6x4xf32>) outs(%e : tensor<1x16x6x4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %s = arith.addf %in, %in : f32
    linalg.yield %s : f32
  } -> tensor<1x16x6x4xf32>
  %p = tensor.pad %a low[0, 2, 2, 0] high[0, 1, 2, 0] {
  ^bb0(%i0: index, %i1: index, %i2: index, %i3: index):
    tensor.yield %zero : f32
  } : tensor<1x16x6x4xf32> to tensor<1x19x10x4xf32>
  %e2 = tensor.empty() : tensor<1x8x3x4xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e2 : tensor<1x8x3x4xf32>) -> tensor<1x8x3x4xf32>
  %d = linalg.depthwise_conv_2d_nhwc_hwc {strides = dense<2> : tensor<2xi64>, dilations = dense<2> : tensor<2xi64>} ins(%p, %w : tensor<1x19x10x4xf32>, tensor<3x3x4xf32>) outs(%i : tensor<1x8x3x4xf32>) -> tensor<1x8x3x4xf32>
  %y = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%d, %r : tensor<1x8x3x4xf32>, tensor<1x8x3x4xf32>) outs(%e2 : tensor<1x8x3x4xf32>) {
  ^bb0(%in: f32, %other: f32, %out: f32):
    %s = arith.addf %in, %other : f32
    linalg.yield %s : f32
  } -> tensor<1x8x3x4xf32>
  return %y : tensor<1x8x3x4xf32>
}

// -----

#id = affine_map<(n, y, x, c) -> (n, y, x, c)>

// Whole: what is returned as well.
// CHECK-LABEL: func.func @returned
// CHECK-NOT: tensor.insert_slice
func.func @returned(%x: tensor<1x14x14x4xf32>) -> (tensor<1x14x14x4xf32>, tensor<1x12x12x4xf32>) {
  %zero = arith.constant 0.0 : f32
  %w = arith.constant dense<0.5> : tensor<3x3x4xf32>
  %e = tensor.empty() : tensor<1x14x14x4xf32>
  %a = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%x : tensor<1x14x14x4xf32>) outs(%e : tensor<1x14x14x4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %s = arith.addf %in, %in : f32
    linalg.yield %s : f32
  } -> tensor<1x14x14x4xf32>
  %e2 = tensor.empty() : tensor<1x12x12x4xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e2 : tensor<1x12x12x4xf32>) -> tensor<1x12x12x4xf32>
  %y = linalg.depthwise_conv_2d_nhwc_hwc {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%a, %w : tensor<1x14x14x4xf32>, tensor<3x3x4xf32>) outs(%i : tensor<1x12x12x4xf32>) -> tensor<1x12x12x4xf32>
  return %a, %y : tensor<1x14x14x4xf32>, tensor<1x12x12x4xf32>
}

// -----

#id = affine_map<(n, y, x, c) -> (n, y, x, c)>
#turned = affine_map<(n, y, x, c) -> (n, x, y, c)>
#sum = affine_map<(n, y, x, c) -> (n, c)>

// Whole: what is needed by columns, or all at once.
// CHECK-LABEL: func.func @turned
// CHECK-NOT: tensor.insert_slice
func.func @turned(%x: tensor<1x14x14x4xf32>) -> tensor<1x4xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x14x14x4xf32>
  %a = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%x : tensor<1x14x14x4xf32>) outs(%e : tensor<1x14x14x4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %s = arith.addf %in, %in : f32
    linalg.yield %s : f32
  } -> tensor<1x14x14x4xf32>
  %t = linalg.generic {indexing_maps = [#turned, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%a : tensor<1x14x14x4xf32>) outs(%e : tensor<1x14x14x4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %s = arith.mulf %in, %in : f32
    linalg.yield %s : f32
  } -> tensor<1x14x14x4xf32>
  %e2 = tensor.empty() : tensor<1x4xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e2 : tensor<1x4xf32>) -> tensor<1x4xf32>
  %y = linalg.generic {indexing_maps = [#id, #sum], iterator_types = ["parallel", "reduction", "reduction", "parallel"]} ins(%t : tensor<1x14x14x4xf32>) outs(%i : tensor<1x4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %s = arith.addf %in, %out : f32
    linalg.yield %s : f32
  } -> tensor<1x4xf32>
  return %y : tensor<1x4xf32>
}

// -----

#id = affine_map<(n, y, x, c) -> (n, y, x, c)>

// Whole: where not two rows of the result would fit.
// CHECK-LABEL: func.func @wide
// CHECK-NOT: tensor.insert_slice
func.func @wide(%x: tensor<1x4x64x4xf32>) -> tensor<1x2x62x4xf32> {
  %zero = arith.constant 0.0 : f32
  %w = arith.constant dense<0.5> : tensor<3x3x4xf32>
  %e = tensor.empty() : tensor<1x4x64x4xf32>
  %a = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%x : tensor<1x4x64x4xf32>) outs(%e : tensor<1x4x64x4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %s = arith.addf %in, %in : f32
    linalg.yield %s : f32
  } -> tensor<1x4x64x4xf32>
  %e2 = tensor.empty() : tensor<1x2x62x4xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e2 : tensor<1x2x62x4xf32>) -> tensor<1x2x62x4xf32>
  %y = linalg.depthwise_conv_2d_nhwc_hwc {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%a, %w : tensor<1x4x64x4xf32>, tensor<3x3x4xf32>) outs(%i : tensor<1x2x62x4xf32>) -> tensor<1x2x62x4xf32>
  return %y : tensor<1x2x62x4xf32>
}
