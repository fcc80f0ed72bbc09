// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef QUANTC_CODEGEN_PASSES
#define QUANTC_CODEGEN_PASSES

include "mlir/Pass/PassBase.td"

def FoldZeroPointsPass : Pass<"quantc-fold-zero-points", "::mlir::func::FuncOp"> {
  let summary = "Move the zero points of convolution inputs into the bias";
  let description = [{
    `Σ (x - zp) · w + b = Σ x · w + (b - zp · Σ w)`: afterwards convolutions multiply
    plain bytes. Padding becomes an explicit `tosa.pad` with the zero point, later the
    halo of the producer's buffer. Arithmetic is modulo 2^32, as the accumulator's.

    ```mlir
    %y = tosa.conv2d %x, %w, %b, %zp, %zero {pad = array<i64: 1, 1, 1, 1>, ...}
    // becomes
    %p = tosa.pad %x, %shape, %zp
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
    %w = tensor.collapse_shape %cst [[0], [1], [2, 3]] : tensor<3x3x8x1xi8> into tensor<3x3x8xi8>
    // becomes
    %w = arith.constant dense_resource<blob> : tensor<3x3x8xi8>
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
    operation before them.

    ```mlir
    %a = linalg.generic ... ins(%x) { arith.addi }
    %b = linalg.generic ... ins(%a) { arith.maxsi }
    // becomes
    %b = linalg.generic ... ins(%x) { arith.addi, arith.maxsi }
    ```
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect", "::mlir::affine::AffineDialect"];
}

def OutlineKernelsPass : Pass<"quantc-outline-kernels", "::mlir::ModuleOp"> {
  let summary = "Give each fused computation a function, shared by equal ones";
  let description = [{
    A convolution, pool, reduction or elementwise operation and the epilogue that can be
    computed in its registers become a private function on tensors, its specification;
    layers of the same shape share one. The entry function is left with calls, pads,
    reshapes, slices and constants.

    ```mlir
    %acc = linalg.conv_2d_nhwc_fhwc ...
    %y = linalg.generic ... ins(%acc)
    // becomes
    %y = call @conv_2d_nhwc_fhwc_0(%x, %w, %b)
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
    %y = call @conv(%x, %w) : (tensor<...>, tensor<...>) -> tensor<...>
    // becomes
    %view = memref.view %arena[%offset][] : memref<...xi8> to memref<...>
    call @conv(%x, %w, %view) : (memref<...>, tensor<...>, memref<...>) -> ()
    ```
  }];
  let dependentDialects = ["::mlir::memref::MemRefDialect", "::mlir::bufferization::BufferizationDialect"];
}

def LowerKernelsPass : Pass<"quantc-lower-kernels", "::mlir::ModuleOp"> {
  let summary = "Write the loops of each kernel, and pack its weights";
  let description = [{
    Convolutions with dense channels become register-tiled implicit GEMMs on `dot`
    operations (FMA for floats) with packed weights; everything else a loop nest
    vectorized along its contiguous dimension. The epilogue is computed on the accumulators.
    What neither form covers is left to upstream's scalar loops and marked
    `quantc.fallback`.

    ```mlir
    func.func private @conv(%x: memref<...>, %w: tensor<...>, %out: memref<...>) { linalg.conv_2d_nhwc_fhwc }
    // becomes
    func.func private @conv(%x: memref<...>, %w: memref<packed>, %out: memref<...>) { scf.for ... dot.accumulate }
    ```
  }];
  let options = [
    Option<"triple", "triple", "std::string", "\"\"", "target triple; the host's without">,
    Option<"cpu", "mcpu", "std::string", "\"\"", "target CPU">,
    Option<"features", "mattr", "std::string", "\"\"", "target features, as for llc">
  ];
  let dependentDialects = ["::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect",
                           "::mlir::arith::ArithDialect", "::quantc::dot::DotDialect"];
}

def EmitEntryPointPass : Pass<"quantc-emit-entry-point", "::mlir::ModuleOp"> {
  let summary = "Add NAME_run, the function that C calls";
  let description = [{
    `int NAME_run(const void *const inputs[], void *const outputs[], void *arena, const void *options)`
    loads the pointers, checks them, and calls the entry function. Returns 0, 1 for a null
    pointer, 2 for an arena that isn't aligned. All other functions become internal.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

#endif // QUANTC_CODEGEN_PASSES
