// RUN: quant-opt %s --quantc-lower-kernels=mcpu=x86-64-v3 | FileCheck %s --check-prefixes=CHECK,COST
// RUN: quant-opt %s --quantc-lower-kernels="mcpu=x86-64-v3 tuning=%S/Inputs/tuning.json" | FileCheck %s --check-prefixes=CHECK,TUNED
// The file's entry for another target says nothing here; without one, the cost
// model's tile.
// RUN: quant-opt %s --quantc-lower-kernels="mcpu=x86-64-v4 tuning=%S/Inputs/tuning.json" | FileCheck %s --check-prefix=WIDE
// RUN: not quant-opt %s --quantc-lower-kernels="mcpu=x86-64-v3 tuning=%S/Inputs/none.json" 2>&1 | FileCheck %s --check-prefix=MISSING
// MISSING: error: can't read tuning file '{{.*}}none.json'

// 15 pixels of 4 × 5 and 3 registers: two rows of a column at a time, sums of
// 2 × 3 registers, instead of 1 × 3.
// CHECK-LABEL: func.func private @conv(
// COST-SAME: quantc.shape = {channels = 8 : i64, dilation = array<i64: 1, 1>, form = "gemm", input = "i16", output = array<i64: 1, 4, 5, 20>, result = "i32", stride = array<i64: 1, 1>, window = array<i64: 3, 3>}
// COST-SAME: quantc.tile = array<i64: 1, 3, 3>
// COST-COUNT-9: dot.accumulate
// COST-NOT: dot.accumulate
// COST: scf.yield
// TUNED-SAME: quantc.tile = array<i64: 2, 1, 3>
// TUNED-COUNT-6: dot.accumulate
// TUNED-NOT: dot.accumulate
// TUNED: scf.yield
// WIDE: func.func private @conv(
// WIDE-SAME: quantc.tile = array<i64: 1, 1, 1>
func.func private @conv(%x: memref<1x6x7x8xi16>, %w: tensor<20x3x3x8xi8>, %out: memref<1x4x5x20xi32>) attributes {quantc.kernel} {
  %zero = arith.constant 0 : i32
  %0 = bufferization.to_tensor %x restrict : memref<1x6x7x8xi16> to tensor<1x6x7x8xi16>
  %e = tensor.empty() : tensor<1x4x5x20xi32>
  %i = linalg.fill ins(%zero : i32) outs(%e : tensor<1x4x5x20xi32>) -> tensor<1x4x5x20xi32>
  %y = linalg.conv_2d_nhwc_fhwc {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%0, %w : tensor<1x6x7x8xi16>, tensor<20x3x3x8xi8>) outs(%i : tensor<1x4x5x20xi32>) -> tensor<1x4x5x20xi32>
  bufferization.materialize_in_destination %y in restrict writable %out : (tensor<1x4x5x20xi32>, memref<1x4x5x20xi32>) -> ()
  return
}

// CHECK-LABEL: func.func private @depthwise(
// COST-SAME: quantc.tile = array<i64: 1, {{[4-8]}}, 1>
// TUNED-SAME: quantc.tile = array<i64: 1, 2, 1>
// TUNED-COUNT-6: math.fma
// TUNED-NOT: math.fma
// TUNED: return
// WIDE: func.func private @depthwise(
// WIDE-SAME: quantc.tile = array<i64: 1, {{[4-8]}}, 1>
func.func private @depthwise(%x: memref<1x1x10x8xf32>, %w: tensor<1x3x8xf32>, %out: memref<1x1x8x8xf32>) attributes {quantc.kernel} {
  %zero = arith.constant 0.0 : f32
  %0 = bufferization.to_tensor %x restrict : memref<1x1x10x8xf32> to tensor<1x1x10x8xf32>
  %e = tensor.empty() : tensor<1x1x8x8xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<1x1x8x8xf32>) -> tensor<1x1x8x8xf32>
  %y = linalg.depthwise_conv_2d_nhwc_hwc {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%0, %w : tensor<1x1x10x8xf32>, tensor<1x3x8xf32>) outs(%i : tensor<1x1x8x8xf32>) -> tensor<1x1x8x8xf32>
  bufferization.materialize_in_destination %y in restrict writable %out : (tensor<1x1x8x8xf32>, memref<1x1x8x8xf32>) -> ()
  return
}

// CHECK-LABEL: func.func private @matmul(
// COST-SAME: quantc.tile = array<i64: 1, {{[0-9]+}}, 2>
// TUNED-SAME: quantc.tile = array<i64: 1, 4, 1>
// TUNED: memref.alloca() {{.*}} : memref<1x5x1x8xf32>
func.func private @matmul(%x: memref<1x12x5xf32>, %y: memref<1x5x16xf32>, %out: memref<1x12x16xf32>) attributes {quantc.kernel} {
  %zero = arith.constant 0.0 : f32
  %0 = bufferization.to_tensor %x restrict : memref<1x12x5xf32> to tensor<1x12x5xf32>
  %1 = bufferization.to_tensor %y restrict : memref<1x5x16xf32> to tensor<1x5x16xf32>
  %e = tensor.empty() : tensor<1x12x16xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<1x12x16xf32>) -> tensor<1x12x16xf32>
  %z = linalg.batch_matmul ins(%0, %1 : tensor<1x12x5xf32>, tensor<1x5x16xf32>) outs(%i : tensor<1x12x16xf32>) -> tensor<1x12x16xf32>
  bufferization.materialize_in_destination %z in restrict writable %out : (tensor<1x12x16xf32>, memref<1x12x16xf32>) -> ()
  return
}

func.func @net(%x: memref<1x6x7x8xi16>, %out: memref<1x4x5x20xi32>, %a: memref<1x1x10x8xf32>, %b: memref<1x1x8x8xf32>,
               %c: memref<1x12x5xf32>, %d: memref<1x5x16xf32>, %e: memref<1x12x16xf32>) {
  %w = arith.constant dense<2> : tensor<20x3x3x8xi8>
  %v = arith.constant dense<2.0> : tensor<1x3x8xf32>
  call @conv(%x, %w, %out) : (memref<1x6x7x8xi16>, tensor<20x3x3x8xi8>, memref<1x4x5x20xi32>) -> ()
  call @depthwise(%a, %v, %b) : (memref<1x1x10x8xf32>, tensor<1x3x8xf32>, memref<1x1x8x8xf32>) -> ()
  call @matmul(%c, %d, %e) : (memref<1x12x5xf32>, memref<1x5x16xf32>, memref<1x12x16xf32>) -> ()
  return
}
