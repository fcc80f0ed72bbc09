// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef QUANTC_CONVERSION_PASSES
#define QUANTC_CONVERSION_PASSES

include "mlir/Pass/PassBase.td"

def ConvertQuantcToLinalgPass : Pass<"quantc-convert-to-linalg", "::mlir::func::FuncOp"> {
  let summary = "Turn scale changes on storage integers into linalg with arith";
  let description = [{
    `quantc.rescale`, and `quantize`/`dequantize` in their storage form, become
    elementwise `linalg.generic`s whose bodies are the rules of docs/Semantics.md in
    `arith`. The reference path and the kernels share this one lowering. The functions of rows,
    of integers and of floats, become one `linalg.generic` for each pass over the row, unless
    `keep-rows` leaves them to kernels of their own.

    ```mlir
    %r = quantc.rescale %x <f32, half_even> {multipliers = array<f32: 0.5>, input_zp = 0 : i32,
           output_zp = 3 : i32, min = -128 : i32, max = 127 : i32} : tensor<4xi32> -> tensor<4xi8>
    // becomes
    %r = linalg.generic ... {
      %f = arith.sitofp %in : i32 to f32
      %m = arith.mulf %f, %cst : f32
      ... clamp to [-131, 124], round half even by adding 1.5 · 2^23, take its bits, add 3 ...
    }
    ```
  }];
  let options = [
    Option<"keepRows", "keep-rows", "bool", "false", "leave functions of rows as they are">
  ];
  let dependentDialects = ["::mlir::linalg::LinalgDialect", "::mlir::arith::ArithDialect",
                           "::mlir::tensor::TensorDialect"];
}

def ConvertSamplingToLinalgPass : Pass<"quantc-convert-sampling-to-linalg", "::mlir::func::FuncOp"> {
  let summary = "Turn resizes and slices with a step into linalg that reads whole vectors";
  let description = [{
    What reads elements at fixed places has them in tables or in its indexing map, where
    the kernel room finds channels side by side:
    * `tosa.resize` becomes a `linalg.generic` with a table of rows and one of columns
      (bilinear: two of each, and their weights);
    * `tosa.slice` of one element of a short last dimension (half of a channel shuffle)
      becomes one whose map has a constant.

    The reference keeps upstream's lowering of both, but where upstream rounds positions that
    are interpolated at (`only-rounded`): for integers, those before the first element go
    towards zero, where TOSA says down; for floats they are quotients in f32, where S35 has a
    ratio of whole numbers.

    ```mlir
    %y = tosa.resize %x, %scale, %offset, %border {mode = NEAREST_NEIGHBOR} : (tensor<1x2x2x8xi8>, ...) -> tensor<1x4x4x8xi8>
    ```
    becomes
    ```mlir
    %rows = arith.constant dense<[0, 0, 1, 1]> : tensor<4xi32>
    %y = linalg.generic ... ins(%rows, %columns : tensor<4xi32>, tensor<4xi32>) {
    ^bb0(%row: i32, %column: i32, %out: i8):
      ...
      %read = tensor.extract %x[%n, %i, %j, %c] : tensor<1x2x2x8xi8>
      linalg.yield %read : i8
    }
    ```
  }];
  let options = [
    Option<"onlyRounded", "only-rounded", "bool", "false",
           "those interpolations alone whose positions upstream's lowering rounds">
  ];
  let dependentDialects = ["::mlir::linalg::LinalgDialect", "::mlir::arith::ArithDialect",
                           "::mlir::tensor::TensorDialect"];
}

def ConvertFloatsToRulesPass : Pass<"quantc-convert-floats-to-rules", "::mlir::func::FuncOp"> {
  let summary = "Write float arithmetic out as docs/Semantics.md has it, for the reference";
  let description = [{
    Products that are summed become fused multiply-adds; exp, erf and tanh become the formulas
    of S32; what other functions there are becomes upstream's polynomials. Upstream's lowering
    and plain loops then give the bits that kernels give, whose own code for this
    (`--quantc-approximate-math`) has no part in it.

    ```mlir
    %y = linalg.batch_matmul ins(%a, %b : tensor<1x2x3xf32>, tensor<1x3x2xf32>) outs(%zero : tensor<1x2x2xf32>)
    // becomes
    %y = linalg.generic ... {
      %sum = math.fma %in, %in_0, %out : f32
      linalg.yield %sum : f32
    }
    ```
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect", "::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect", "::mlir::vector::VectorDialect"];
}

def ConvertDotToLLVMPass : Pass<"quantc-convert-dot-to-llvm", "::mlir::ModuleOp"> {
  let summary = "Choose instructions for the dot dialect";
  let description = [{
    Lowers the `dot` dialect by what the target's feature string offers:

    | operation | x86-64 | AArch64 |
    |---|---|---|
    | `accumulate` of bytes | `vpdpbusd` (lhs_offset 128) | `sdot` |
    | `accumulate` of i16 pairs | `vpmaddwd` + add | – |
    | `matmul` | – | `smmla` |
    | `lookup` | `vpermi2b`, or `vpshufb` where there are 32 bytes | `tbl`, `tbx` |
    | `schedule_barrier`, `opaque` | empty inline assembly | the same |
    | the rest | widening multiply and add; loads | the same |

    On x86-64 it also lowers `arith.mulsi_extended` of i32 vectors, which fixed
    point multipliers need: as products of the even and of the odd lanes
    (`vpmuldq`), of which the upper words are put together again; and `math.roundeven` with
    `arith.fptosi` behind it (`vcvtps2dq`), for which AArch64 has `fcvtns`. With AVX-512 the clamps and the zero
    point by which vectors of i32 become bytes are instructions that saturate (`vpackssdw`, `vpaddsw`, `vpacksswb`).

    ```mlir
    %r = dot.accumulate %acc, %a, %b : vector<8xi32>, vector<16xi16>
    // becomes, with +avx2
    %p = llvm.call_intrinsic "llvm.x86.avx2.pmadd.wd"(%a, %b)
    %r = arith.addi %acc, %p : vector<8xi32>
    ```
  }];
  let options = [
    Option<"features", "features", "std::string", "\"\"", "comma-separated target features, as for llc (+avx512vnni,...)">
  ];
  let dependentDialects = ["::mlir::memref::MemRefDialect", "::mlir::LLVM::LLVMDialect", "::mlir::arith::ArithDialect", "::mlir::vector::VectorDialect"];
}

#endif // QUANTC_CONVERSION_PASSES
