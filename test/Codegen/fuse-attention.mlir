// Two products and the softmax between them are marked to be one kernel, if keys
// and values fit the stack; reshapes between them go.
// RUN: quant-opt %s --quantc-fuse-attention="triple=x86_64 mcpu=x86-64-v3" --split-input-file | FileCheck %s
// RUN: quant-opt %s --quantc-fuse-attention="triple=x86_64 mcpu=x86-64-v3" --quantc-outline-kernels --split-input-file | FileCheck %s --check-prefix=KERNEL

#id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#column = affine_map<(d0, d1, d2, d3) -> (d0, 0, 0, d3)>

// Of six heads, three belong to each of two batches with masks of their own.
// CHECK-DAG: #[[$ID:.*]] = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
// CHECK-DAG: #[[$MASK:.*]] = affine_map<(d0, d1, d2) -> (d0 floordiv 3, 0, 0, d2)>
// CHECK-LABEL: func.func @masked
// CHECK-SAME: %[[Q:[^ :]*]]: tensor<6x4x5xf32>, %[[K:[^ :]*]]: tensor<6x5x8xf32>, %[[V:[^ :]*]]: tensor<6x8x7xf32>, %[[MASK:[^ :]*]]: tensor<2x1x1x8xf32>
// CHECK-NOT: tensor.expand_shape
// CHECK: %[[S:.*]] = linalg.batch_matmul ins(%[[Q]], %[[K]] :
// CHECK: %[[M:.*]] = linalg.generic {indexing_maps = [#[[$ID]], #[[$MASK]], #[[$ID]]], {{.*}}} ins(%[[S]], %[[MASK]] :
// CHECK: arith.addf
// CHECK: } -> tensor<6x4x8xf32>
// CHECK: %[[P:.*]] = quantc.softmax %[[M]] : tensor<6x4x8xf32>
// CHECK-NOT: tensor.collapse_shape
// CHECK: linalg.batch_matmul {quantc.attention} ins(%[[P]], %[[V]] :
// KERNEL-LABEL: func.func @masked
// KERNEL: %[[C:.*]] = call @attention_0(
// KERNEL-NEXT: return %[[C]]
// KERNEL-LABEL: func.func private @attention_0
// KERNEL: linalg.batch_matmul
// KERNEL: quantc.softmax
// KERNEL: linalg.batch_matmul
// KERNEL-NOT: func.func
func.func @masked(%q: tensor<6x4x5xf32>, %k: tensor<6x5x8xf32>, %v: tensor<6x8x7xf32>, %mask: tensor<2x1x1x8xf32>) -> tensor<6x4x7xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<6x4x8xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<6x4x8xf32>) -> tensor<6x4x8xf32>
  %s = linalg.batch_matmul ins(%q, %k : tensor<6x4x5xf32>, tensor<6x5x8xf32>) outs(%f : tensor<6x4x8xf32>) -> tensor<6x4x8xf32>
  %r = tensor.expand_shape %s [[0, 1], [2], [3]] output_shape [2, 3, 4, 8] : tensor<6x4x8xf32> into tensor<2x3x4x8xf32>
  %d = tensor.empty() : tensor<2x3x4x8xf32>
  %m = linalg.generic {indexing_maps = [#id, #column, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%r, %mask : tensor<2x3x4x8xf32>, tensor<2x1x1x8xf32>) outs(%d : tensor<2x3x4x8xf32>) {
  ^bb0(%x: f32, %y: f32, %out: f32):
    %z = arith.addf %x, %y : f32
    linalg.yield %z : f32
  } -> tensor<2x3x4x8xf32>
  %p = quantc.softmax %m : tensor<2x3x4x8xf32>
  %w = tensor.collapse_shape %p [[0, 1], [2], [3]] : tensor<2x3x4x8xf32> into tensor<6x4x8xf32>
  %g = tensor.empty() : tensor<6x4x7xf32>
  %h = linalg.fill ins(%zero : f32) outs(%g : tensor<6x4x7xf32>) -> tensor<6x4x7xf32>
  %c = linalg.batch_matmul ins(%w, %v : tensor<6x4x8xf32>, tensor<6x8x7xf32>) outs(%h : tensor<6x4x7xf32>) -> tensor<6x4x7xf32>
  return %c : tensor<6x4x7xf32>
}

// -----

#id = affine_map<(d0, d1, d2) -> (d0, d1, d2)>

// Transpositions and casts of the operands go into the kernel; one whose last
// dimension moves can only be of the right ones.
// CHECK-LABEL: func.func @operands
// CHECK: linalg.batch_matmul {quantc.attention}
// KERNEL-LABEL: func.func @operands
// KERNEL-SAME: %[[Q:[^ :]*]]: tensor<2x5x4xf32>, %[[K:[^ :]*]]: tensor<8x2x5xf32>, %[[V:[^ :]*]]: tensor<8x2x7xf32>
// KERNEL: %[[T:.*]] = call @transpose_0(%[[Q]])
// KERNEL: %[[C:.*]] = call @attention_0(%[[K]], %[[V]], %[[T]])
// KERNEL-NEXT: return %[[C]]
func.func @operands(%q: tensor<2x5x4xf32>, %k: tensor<8x2x5xf32>, %v: tensor<8x2x7xf32>) -> tensor<2x4x7xf32> {
  %zero = arith.constant 0.0 : f32
  %qe = tensor.empty() : tensor<2x4x5xf32>
  %qt = linalg.transpose ins(%q : tensor<2x5x4xf32>) outs(%qe : tensor<2x4x5xf32>) permutation = [0, 2, 1]
  %ke = tensor.empty() : tensor<2x5x8xf32>
  %kt = linalg.transpose ins(%k : tensor<8x2x5xf32>) outs(%ke : tensor<2x5x8xf32>) permutation = [1, 2, 0]
  %ve = tensor.empty() : tensor<2x8x7xf32>
  %vt = linalg.transpose ins(%v : tensor<8x2x7xf32>) outs(%ve : tensor<2x8x7xf32>) permutation = [1, 0, 2]
  %e = tensor.empty() : tensor<2x4x8xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %s = linalg.batch_matmul ins(%qt, %kt : tensor<2x4x5xf32>, tensor<2x5x8xf32>) outs(%f : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %p = quantc.softmax %s : tensor<2x4x8xf32>
  %g = tensor.empty() : tensor<2x4x7xf32>
  %h = linalg.fill ins(%zero : f32) outs(%g : tensor<2x4x7xf32>) -> tensor<2x4x7xf32>
  %c = linalg.batch_matmul ins(%p, %vt : tensor<2x4x8xf32>, tensor<2x8x7xf32>) outs(%h : tensor<2x4x7xf32>) -> tensor<2x4x7xf32>
  return %c : tensor<2x4x7xf32>
}

// -----

// Scores that somebody else reads have to be made.
// CHECK-LABEL: func.func @read
// CHECK-NOT: quantc.attention
// KERNEL-LABEL: func.func @read
// KERNEL: call @batch_matmul_0(
// KERNEL: call @softmax_0(
// KERNEL: call @batch_matmul_1(
func.func @read(%q: tensor<1x4x5xf32>, %k: tensor<1x5x8xf32>, %v: tensor<1x8x7xf32>) -> (tensor<1x4x7xf32>, tensor<1x4x8xf32>) {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x4x8xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<1x4x8xf32>) -> tensor<1x4x8xf32>
  %s = linalg.batch_matmul ins(%q, %k : tensor<1x4x5xf32>, tensor<1x5x8xf32>) outs(%f : tensor<1x4x8xf32>) -> tensor<1x4x8xf32>
  %p = quantc.softmax %s : tensor<1x4x8xf32>
  %g = tensor.empty() : tensor<1x4x7xf32>
  %h = linalg.fill ins(%zero : f32) outs(%g : tensor<1x4x7xf32>) -> tensor<1x4x7xf32>
  %c = linalg.batch_matmul ins(%p, %v : tensor<1x4x8xf32>, tensor<1x8x7xf32>) outs(%h : tensor<1x4x7xf32>) -> tensor<1x4x7xf32>
  return %c, %s : tensor<1x4x7xf32>, tensor<1x4x8xf32>
}

// -----

// 1024 keys of 64 numbers, packed, take 256 KiB.
// CHECK-LABEL: func.func @long
// CHECK-NOT: quantc.attention
// KERNEL-LABEL: func.func @long
// KERNEL-NOT: call @attention
func.func @long(%q: tensor<1x4x64xf32>, %k: tensor<1x64x1024xf32>, %v: tensor<1x1024x64xf32>) -> tensor<1x4x64xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x4x1024xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<1x4x1024xf32>) -> tensor<1x4x1024xf32>
  %s = linalg.batch_matmul ins(%q, %k : tensor<1x4x64xf32>, tensor<1x64x1024xf32>) outs(%f : tensor<1x4x1024xf32>) -> tensor<1x4x1024xf32>
  %p = quantc.softmax %s : tensor<1x4x1024xf32>
  %g = tensor.empty() : tensor<1x4x64xf32>
  %h = linalg.fill ins(%zero : f32) outs(%g : tensor<1x4x64xf32>) -> tensor<1x4x64xf32>
  %c = linalg.batch_matmul ins(%p, %v : tensor<1x4x1024xf32>, tensor<1x1024x64xf32>) outs(%h : tensor<1x4x64xf32>) -> tensor<1x4x64xf32>
  return %c : tensor<1x4x64xf32>
}
