// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef QUANTC_CODEGEN_PASSES
#define QUANTC_CODEGEN_PASSES

include "mlir/Pass/PassBase.td"

def TargetOptions {
  list<Option> options = [
    Option<"triple", "triple", "std::string", "\"\"", "target triple; the host's without">,
    Option<"cpu", "mcpu", "std::string", "\"\"", "target CPU">,
    Option<"features", "mattr", "std::string", "\"\"", "target features, as for llc">
  ];
}

def FoldZeroPointsPass : Pass<"quantc-fold-zero-points", "::mlir::func::FuncOp"> {
  let summary = "Move the zero points of convolution inputs into the bias";
  let description = [{
    `Σ (x - zp) · w + b = Σ x · w + (b - zp · Σ w)`: afterwards convolutions multiply
    plain bytes. Padding becomes an explicit `tosa.pad` with the zero point, later the
    halo of the producer's buffer. Arithmetic is modulo 2^32, as the accumulator's.

    ```mlir
    // The weights of the channels sum to 6 and -2, %b = [10, 20], %zp = -3.
    %y = tosa.conv2d %x, %w, %b, %zp, %zero {pad = array<i64: 0, 0, 1, 1>, ...}
    // becomes, with %b2 = [28, 14]
    %p = tosa.pad %x, %amounts, %zp : ... -> tensor<1x4x6x1xi8>
    %y = tosa.conv2d %p, %w, %b2, %zero, %zero {pad = array<i64: 0, 0, 0, 0>, ...}
    ```
  }];
  let dependentDialects = ["::mlir::tosa::TosaDialect"];
}

def FoldConstantReshapesPass : Pass<"quantc-fold-constant-reshapes", "::mlir::func::FuncOp"> {
  let summary = "Give reshaped constants their shape";
  let description = [{
    Upstream folds the reshape of a small constant, but not of a resource; afterwards every
    weight is a constant of the shape its consumer takes. The blob is shared.

    ```mlir
    %cst = arith.constant dense_resource<weights> : tensor<2x3x4x1xi8>
    %w = tensor.collapse_shape %cst [[0], [1], [2, 3]] : tensor<2x3x4x1xi8> into tensor<2x3x4xi8>
    // becomes
    %w = arith.constant dense_resource<weights> : tensor<2x3x4xi8>
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
}

def ApproximateMathPass : Pass<"quantc-approximate-math", "::mlir::func::FuncOp"> {
  let summary = "Turn float functions into polynomials";
  let description = [{
    exp, log, erf, tanh and their kin become upstream's polynomials: `arith` and fused
    multiply-adds, which every target computes to the same bits. No call of a mathematics library
    is left, and no estimate instruction, in which processors differ.

    ```mlir
    %y = math.tanh %x : f32
    // becomes
    %a = math.fma %x2, %c6, %c5 : f32
    ...
    %y = arith.divf %p, %q : f32
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
}

def FuseElementwisePass : Pass<"quantc-fuse-elementwise", "::mlir::func::FuncOp"> {
  let summary = "Merge chains of elementwise linalg operations";
  let description = [{
    A single-use elementwise producer is merged into its elementwise consumer, so that a
    bias, a scale change, a clamp and a residual add become one body: the epilogue of the
    operation before them. Inside of it, what is narrowed without loss (`nsw`) and then extended
    isn't narrowed, and zero points that are added and taken away cancel. The bias of a depthwise
    convolution, which upstream adds behind it, is what its sums start at.

    ```mlir
    %a = linalg.generic ... ins(%x, %y) { arith.addi }
    %b = linalg.generic ... ins(%a, %x) { arith.maxsi }
    // becomes
    %b = linalg.generic ... ins(%x, %y) { arith.addi, arith.maxsi }
    ```
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect", "::mlir::affine::AffineDialect"];
}

def BitsToBytesPass : Pass<"quantc-bits-to-bytes", "::mlir::func::FuncOp"> {
  let summary = "Hold truth values as bytes in memory";
  let description = [{
    LLVM packs a vector of bits, but gives each bit of an array a byte: what one kernel
    stores as vectors another couldn't read. So tensors of `i1` become tensors of `i8`, zeros
    and ones, and bodies convert what they read and yield.

    ```mlir
    %c = linalg.generic ... ins(%x : tensor<4xf32>) { %b = arith.cmpf ogt, ...  linalg.yield %b : i1 } -> tensor<4xi1>
    // becomes
    %c = linalg.generic ... ins(%x : tensor<4xf32>) { %b = arith.cmpf ogt, ...  %y = arith.extui %b : i1 to i8 ... } -> tensor<4xi8>
    ```
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect", "::mlir::arith::ArithDialect"];
}

def WidenActivationsPass : Pass<"quantc-widen-activations", "::mlir::func::FuncOp"> {
  let summary = "Keep activations as i16 where the target multiplies pairs of i16";
  let description = [{
    AVX2 and AVX-512 without VNNI have no exact dot product of all bytes: kernels multiply
    pairs of 16-bit numbers (`vpmaddwd`). Splitting bytes into such pairs costs three
    instructions per activation and panel of weights, more than twice the memory. So
    epilogues store what fits a byte as i16 where something multiplies words of it, and
    halos, pools and concats hold it so. Inputs and outputs stay bytes; other targets are
    left alone.

    A dense convolution whose weights, and the clamps before it, prove that `vpmaddubsw` is
    exact (docs/Semantics.md, S19) multiplies bytes, and is marked `quantc.pairs_fit_words`,
    unless what it reads is words for another's sake.

    ```mlir
    %y = linalg.generic ... ins(%acc : tensor<4xi32>) { %s = arith.trunci %r overflow<nsw> : i32 to i8 } -> tensor<4xi8>
    // becomes, with mcpu=x86-64-v3
    %y = linalg.generic ... ins(%acc : tensor<4xi32>) { %s = arith.trunci %r overflow<nsw> : i32 to i16 } -> tensor<4xi16>
    ```
  }];
  let options = TargetOptions.options;
  let dependentDialects = ["::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect", "::mlir::arith::ArithDialect"];
}

def WinogradPass : Pass<"quantc-winograd", "::mlir::func::FuncOp"> {
  let summary = "Form 3×3 convolutions in the Winograd domain where words are multiplied";
  let description = [{
    Where pairs of i16 are multiplied anyway, a dense 3×3 convolution may as well multiply
    transformed activations. With stride 1, F(2×2, 3×3) takes 16 products for four pixels, F(4×4,
    3×3) 36 for sixteen, not 36 and 144. With stride 2, the even rows and columns are a
    convolution by two taps, which F(2×2, 2×2) forms with 9 products, and the others
    take one each: 25 for four pixels, not 36.

    Filters are transformed at compile time, the rows of G multiplied by what makes them
    whole, so all numbers are, and below 2^14. Sums, modulo 2^32, are exactly 4 or 576 = 9 ·
    2^6 times those of the convolution, and the epilogue divides by that: it multiplies by
    the inverse of 9 and shifts. This is done where 4 or 2^6 times the convolution's sums
    are proved to fit (docs/Semantics.md, S19), in the form with the least estimated cost, if
    that is less than the plain form's, of words or, where it is exact, of bytes. With
    stride 2 there is nothing to divide, and nothing to prove.

    Sizes that aren't a multiple of the tile's are padded. Channels have to be a multiple of
    what a register holds, weights and start constant, the batch one; targets that don't
    multiply pairs of i16 are left alone.

    ```mlir
    %acc = linalg.conv_2d_nhwc_fhwc ins(%x, %w) outs(%bias)
    %y = linalg.generic ins(%acc)
    // becomes, with mcpu=x86-64-v3
    %tiles = dot.winograd_input %x {pixels = 2} : tensor<1x10x10x32xi8> -> tensor<16x16x32xi16>
    %sums = linalg.batch_matmul ins(%tiles, %filters : tensor<16x16x32xi16>, tensor<16x32x32xi16>)
    %four = dot.winograd_output %sums {pixels = 2} : tensor<16x16x32xi32> -> tensor<1x8x8x32xi32>
    %y = linalg.generic ins(%four, %start) { arith.shrsi ... arith.addi ... }
    ```
  }];
  let options = TargetOptions.options;
  let dependentDialects = ["::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect", "::mlir::arith::ArithDialect", "::quantc::dot::DotDialect"];
}

def FuseStripsPass : Pass<"quantc-fuse-strips", "::mlir::func::FuncOp"> {
  let summary = "Compute chains of layers by strips of rows that stay in the cache";
  let description = [{
    A tensor that doesn't fit half the second-level cache leaves it between the layer that
    writes it and the layer that reads it. Such a tensor, where all its users are layers that
    need a range of rows for a range of theirs, and these layers don't multiply so much that
    the way to memory is nothing beside it (256 times for an element), is never made whole:
    the chain of layers, from expansion to projection of an inverted residual, say, runs once
    for each strip of the last result's rows. Rows that a strip shares with the one before,
    its halo, are copied from there, not computed again. A strip is as high as windows in what the chain's
    constants leave of the cache allow, two of each; chains of which less than two rows fit
    are cut.

    Strips are written out. Equal ones share kernels, and the arena has room for two windows
    in place of the tensor. Every number is computed as it was before.

    ```mlir
    %a = linalg.generic ... ins(%x) -> tensor<1x14x8x4xf32>
    %y = linalg.depthwise_conv_2d_nhwc_hwc ins(%a, %w) -> tensor<1x12x6x4xf32>
    // becomes
    %x0 = tensor.extract_slice %x[0, 0, 0, 0] [1, 5, 8, 4] [1, 1, 1, 1]
    %a0 = linalg.generic ... ins(%x0) -> tensor<1x5x8x4xf32>
    %y0 = linalg.depthwise_conv_2d_nhwc_hwc ins(%a0, %w) -> tensor<1x3x6x4xf32>
    %kept = tensor.extract_slice %a0[0, 3, 0, 0] [1, 2, 8, 4] [1, 1, 1, 1]
    %x1 = tensor.extract_slice %x[0, 5, 0, 0] [1, 3, 8, 4] [1, 1, 1, 1]
    %new = linalg.generic ... ins(%x1) -> tensor<1x3x8x4xf32>
    %a1 = ... // %kept above %new
    %y1 = linalg.depthwise_conv_2d_nhwc_hwc ins(%a1, %w) -> tensor<1x3x6x4xf32>
    ... // %y: %y0, %y1, %y2 and %y3
    ```
  }];
  let options = TargetOptions.options # [
    Option<"cacheBytes", "cache-bytes", "int64_t", "0",
           "size of the cache that strips stay in; 0: the target's second level">
  ];
  let dependentDialects = ["::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect"];
}

def FuseAttentionPass : Pass<"quantc-fuse-attention", "::mlir::func::FuncOp"> {
  let summary = "Make one kernel of two matrix products and the softmax between them";
  let description = [{
    Scores and weights of an attention, [B, M, N], are larger than all its operands where
    sequences are long, and are written and read several times. Where a head's keys and values,
    packed, fit the stack beside a block of rows, such an attention is to be one kernel, and
    its second product is marked so: for each block of rows, the scores, their softmax and the
    product with the values, all in the first-level cache. The reshapes between the products
    are taken out, with maps that find a head among [B]; transpositions and casts of the
    operands are done where keys and values are packed.

    ```mlir
    %s = linalg.batch_matmul ins(%q, %k)
    %r = tensor.expand_shape %s [[0, 1], [2], [3]] output_shape [2, 3, 4, 8]
    %m = linalg.generic ... ins(%r, %mask) { arith.addf } -> tensor<2x3x4x8xf32>
    %p = quantc.softmax %m : tensor<2x3x4x8xf32>
    %w = tensor.collapse_shape %p [[0, 1], [2], [3]]
    %c = linalg.batch_matmul ins(%w, %v)
    // becomes
    %s = linalg.batch_matmul ins(%q, %k)
    %m = linalg.generic ... ins(%s, %mask) { arith.addf } -> tensor<6x4x8xf32>
    %p = quantc.softmax %m : tensor<6x4x8xf32>
    %c = linalg.batch_matmul {quantc.attention} ins(%p, %v)
    ```
  }];
  let options = TargetOptions.options;
  let dependentDialects = ["::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect"];
}

def OutlineKernelsPass : Pass<"quantc-outline-kernels", "::mlir::ModuleOp"> {
  let summary = "Give each fused computation a function, shared by equal ones";
  let description = [{
    A convolution, pool, reduction or elementwise operation and the epilogue that can be
    computed in its registers become a private function on tensors, its specification;
    layers of the same shape share one. The entry function is left with calls, pads,
    reshapes, slices and constants.

    ```mlir
    %init = linalg.generic ... ins(%b) outs(%empty)            // the bias, broadcast
    %acc = linalg.conv_2d_nhwc_fhwc ins(%x, %w) outs(%init)
    %y = linalg.generic ... ins(%acc) { arith.maxsi }
    // becomes, with all three in the function
    %y = call @conv_2d_nhwc_fhwc_0(%b, %x, %w)
    ```
  }];
  let dependentDialects = ["::mlir::func::FuncDialect"];
}

def PlanMemoryPass : Pass<"quantc-plan-memory", "::mlir::ModuleOp"> {
  let summary = "Place every tensor in one arena";
  let description = [{
    The entry function gets buffers: inputs, outputs and an arena. A pad becomes the halo
    of its operand's buffer, which is refilled on each run; reshapes, slices and concats
    become views; where views disagree a copy kernel is called. Lifetimes decide offsets.
    The module gets `quantc.arena_bytes` and `quantc.arena_align`.

    ```mlir
    func.func @chain(%x: tensor<8x8xi8>) -> tensor<8x8xi8> {
      %a = call @k(%x) : (tensor<8x8xi8>) -> tensor<8x8xi8>
      %b = call @k(%a) : (tensor<8x8xi8>) -> tensor<8x8xi8>
      ...
    // becomes
    func.func @chain(%x: memref<8x8xi8>, %y: memref<8x8xi8>, %arena: memref<192xi8>) {
      %a = memref.view %arena[%c0][] : memref<192xi8> to memref<8x8xi8>
      call @k(%x, %a) : (memref<8x8xi8>, memref<8x8xi8>) -> ()
      %b = memref.view %arena[%c64][] : memref<192xi8> to memref<8x8xi8>
      call @k(%a, %b) : (memref<8x8xi8>, memref<8x8xi8>) -> ()
      ...
    ```
  }];
  let dependentDialects = ["::mlir::memref::MemRefDialect", "::mlir::bufferization::BufferizationDialect"];
}

def LowerKernelsPass : Pass<"quantc-lower-kernels", "::mlir::ModuleOp"> {
  let summary = "Write the loops of each kernel, and pack its weights";
  let description = [{
    Convolutions with dense channels become register-tiled implicit GEMMs on `dot`
    operations (FMA for floats) with packed weights; in depthwise ones the rows of the
    kernel make the groups of the dot product; transpositions that move the last dimension
    go by squares, which are transposed in registers, or make pixels of few channels;
    everything else becomes a loop nest vectorized along its contiguous dimension. The
    epilogue is computed on the accumulators. What neither form covers is left to upstream's
    scalar loops and marked `quantc.fallback`.

    Register tiles are what a tuning file says of the kernel's class on this target, or
    chosen by a cost model; `quantc.shape` and `quantc.tile` tell what it was. Results don't
    depend on them.

    Kernels with enough to do take two more arguments, the number of a part and of all
    parts, and do that part of their work; `quantc.max_parts` is how many are worth it.
    Calls here are of the whole: part 0 of 1.

    ```mlir
    func.func private @conv(%x: memref<1x1x3x4xi16>, %w: tensor<3x1x1x4xi8>, %b: tensor<3xi32>,
                            %out: memref<1x1x3x3xi32>) { linalg.conv_2d_nhwc_fhwc }
    // becomes, with mcpu=x86-64-v3
    func.func private @conv(%x: memref<1x1x3x4xi16>, %out: memref<1x1x3x3xi32>,
                            %w: memref<1x2x1x16xi16>, %start: memref<8xi32>) { ... dot.accumulate ... }
    ```
  }];
  let options = TargetOptions.options # [
    Option<"minPartCycles", "min-part-cycles", "int64_t", "12000",
           "what a thread must at least have to do, as estimated">,
    Option<"tuningFile", "tuning", "std::string", "\"\"",
           "file of tiles that were measured (docs/Tuning.md)">
  ];
  let dependentDialects = ["::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect",
                           "::mlir::arith::ArithDialect", "::mlir::math::MathDialect", "::quantc::dot::DotDialect"];
}

def ParallelizeKernelsPass : Pass<"quantc-parallelize-kernels", "::mlir::ModuleOp"> {
  let summary = "Run the parts of kernels through the caller's parallel_for";
  let description = [{
    A kernel with `quantc.max_parts` gets two companions: `KERNEL_parallel`, which the entry
    calls in its place and which asks `NAME_options` (docs/Overview.md) how many threads there
    are, and `KERNEL_part`, the function that it gives to `parallel_for`. Arguments go there
    on the stack. Without options, the kernel is called for the whole.

    ```mlir
    llvm.call @conv(%x, %y, %c0, %c1)
    // becomes, with the entry's new argument
    llvm.call @conv_parallel(%x, %y, %options)
    ```
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

def EmitEntryPointPass : Pass<"quantc-emit-entry-point", "::mlir::ModuleOp"> {
  let summary = "Add NAME_run, the function that C calls";
  let description = [{
    `int NAME_run(const void *const inputs[], void *const outputs[], void *arena, const void *options)`
    loads the pointers, checks them, and calls the entry function. Returns 0, 1 for a null
    pointer, 2 for an arena that isn't aligned. All other functions become internal.

    ```mlir
    llvm.func @net(%a: !llvm.ptr, %b: !llvm.ptr, %y: !llvm.ptr, %arena: !llvm.ptr)
      attributes {quantc.has_arena, quantc.num_inputs = 2 : i64} { ... }
    // becomes
    llvm.func internal @net(...) { ... }
    llvm.func @net_run(%inputs: !llvm.ptr, %outputs: !llvm.ptr, %arena: !llvm.ptr, %options: !llvm.ptr) -> i32 {
      ... llvm.call @net(%a, %b, %y, %arena) ...
    }
    ```
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

#endif // QUANTC_CODEGEN_PASSES
