// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef QUANTC_DIALECT_DOT_IR_DOTOPS
#define QUANTC_DIALECT_DOT_IR_DOTOPS

include "mlir/IR/OpBase.td"
include "mlir/IR/DialectBase.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Dot_Dialect : Dialect {
  let name = "dot";
  let cppNamespace = "::quantc::dot";
  let summary = "Instructions of integer kernels, target-neutral";
  let description = [{
    The instructions that make integer kernels fast, as operations on vectors that say
    what they compute and not which chip does it. One schedule serves every target;
    `--quantc-convert-dot-to-llvm` chooses the instruction.

    On tensors, the transforms round products in the Winograd domain, exact on integers.
  }];
}

class Dot_Op<string mnemonic, list<Trait> traits = []> : Op<Dot_Dialect, mnemonic, traits # [Pure]>;

def Dot_AccumulateOp : Dot_Op<"accumulate", [AllTypesMatch<["acc", "result"]>, AllTypesMatch<["lhs", "rhs"]>]> {
  let summary = "add the dot products of K-groups to i32 lanes";
  let description = [{
    `result[i] = acc[i] + Σ_k (lhs[g·i + k] + lhs_offset) · rhs[g·i + k]`, k < g, exact in
    i32 (never saturating): g is the number of operand elements per lane, 4 for i8 and 2 for i16.
    `lhs_offset` is 0 or, for targets whose instruction multiplies unsigned by signed
    bytes, 128: the caller subtracts 128 · Σ rhs elsewhere (in the bias).
    `pairs_fit_words` says that the sum of each pair of products in a group of four, with
    `lhs_offset`, is proved to fit 16 bits (docs/Semantics.md, S19), as `vpmaddubsw` demands.

    ```mlir
    %r = dot.accumulate %acc, %a, %b {lhs_offset = 128} : vector<16xi32>, vector<64xi8>
    %s = dot.accumulate %sum, %c, %d {lhs_offset = 128, pairs_fit_words} : vector<8xi32>, vector<32xi8>
    ```
  }];
  let arguments = (ins VectorOfRankAndType<[1], [I32]>:$acc, VectorOfRankAndType<[1], [I8, I16]>:$lhs,
    VectorOfRankAndType<[1], [I8, I16]>:$rhs, DefaultValuedAttr<I32Attr, "0">:$lhs_offset,
    UnitAttr:$pairs_fit_words);
  let results = (outs VectorOfRankAndType<[1], [I32]>:$result);
  let assemblyFormat = "$acc `,` $lhs `,` $rhs attr-dict `:` type($acc) `,` type($lhs)";
  let hasVerifier = 1;
}

def Dot_MatmulOp : Dot_Op<"matmul", [AllTypesMatch<["acc", "result"]>, AllTypesMatch<["lhs", "rhs"]>]> {
  let summary = "add a 2×8 by 8×2 product of bytes to a 2×2 block of i32";
  let description = [{
    The matrix form (Arm's `smmla`): `lhs` holds two rows of eight bytes, `rhs` two columns of
    eight, `acc` the block [r0c0, r0c1, r1c0, r1c1].

    ```mlir
    %r = dot.matmul %acc, %a, %b : vector<4xi32>, vector<16xi8>
    ```
  }];
  let arguments = (ins VectorOfLengthAndType<[4], [I32]>:$acc, VectorOfLengthAndType<[16], [I8]>:$lhs,
    VectorOfLengthAndType<[16], [I8]>:$rhs);
  let results = (outs VectorOfLengthAndType<[4], [I32]>:$result);
  let assemblyFormat = "$acc `,` $lhs `,` $rhs attr-dict `:` type($acc) `,` type($lhs)";
}

def Dot_LookupOp : Op<Dot_Dialect, "lookup", [AllTypesMatch<["indices", "result"]>]> {
  let summary = "look bytes up in a table of 256";
  let description = [{
    `result[i] = table[indices[i] + 128]`.

    ```mlir
    %r = dot.lookup %table[%x] : memref<256xi8>, vector<32xi8>
    ```
  }];
  let arguments = (ins Arg<StaticShapeMemRefOf<[I8]>, "", [MemRead]>:$table, VectorOfRankAndType<[1], [I8]>:$indices);
  let results = (outs VectorOfRankAndType<[1], [I8]>:$result);
  let assemblyFormat = "$table `[` $indices `]` attr-dict `:` type($table) `,` type($indices)";
  let hasVerifier = 1;
}

def Dot_OpaqueOp : Op<Dot_Dialect, "opaque", [MemoryEffects<[MemWrite]>]> {
  let summary = "an index that LLVM doesn't know";
  let description = [{
    The operand. What a loop reads at such an index is read in the loop: LLVM would move constants
    out of it, even more of them than there are registers for, and then read them from the stack.

    ```mlir
    %channel = dot.opaque %first
    ```
  }];
  let arguments = (ins Index:$input);
  let results = (outs Index:$output);
  let assemblyFormat = "$input attr-dict";
}

def Dot_ScheduleBarrierOp : Op<Dot_Dialect, "schedule_barrier",
    [DeclareOpInterfaceMethods<InferTypeOpInterface>, MemoryEffects<[MemWrite]>]> {
  let summary = "keep what follows behind what precedes";
  let description = [{
    Holds the order in which a kernel forms products and adds them against LLVM's passes that
    would shorten live ranges. Where both share execution units that is worth about 7 % of the
    speed (Zen 3: 82 instead of 77 GMAC/s). No instruction comes of it.

    ```mlir
    %p = dot.accumulate %zero, %a, %b : vector<8xi32>, vector<16xi16>
    %q = dot.accumulate %zero, %a, %c : vector<8xi32>, vector<16xi16>
    dot.schedule_barrier
    %r = arith.addi %acc, %p : vector<8xi32>
    ```

    Values that are handed through are computed before anything is loaded, or handed on, behind
    it. So a kernel that needs every register says which of them are free when.

    ```mlir
    %w = vector.load %weights[%k] : memref<64xi8>, vector<16xi8>
    %p = dot.matmul %acc, %a, %w : vector<4xi32>, vector<16xi8>
    %q = dot.schedule_barrier(%p : vector<4xi32>)
    %x = vector.load %weights[%l] : memref<64xi8>, vector<16xi8>
    ```
  }];
  let arguments = (ins Variadic<VectorOfNonZeroRankOf<[AnyType]>>:$values);
  let results = (outs Variadic<VectorOfNonZeroRankOf<[AnyType]>>:$results);
  let builders = [OpBuilder<(ins), [{ build($_builder, $_state, ValueRange()); }]>];
  let assemblyFormat = "(`(` $values^ `:` type($values) `)`)? attr-dict";
}

//===--- Winograd domain --------------------------------------------------===//

class Dot_WinogradOp<string mnemonic> : Dot_Op<mnemonic> {
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
  code declarations = [{
    /// How many tiles lie below each other, and beside each other.
    int64_t getTilesH() { return countTiles(1); }
    int64_t getTilesW() { return countTiles(2); }

  private:
    int64_t countTiles(unsigned dim);
  }];
  let extraClassDeclaration = declarations;
}

def Dot_WinogradInputOp : Dot_WinogradOp<"winograd_input"> {
  let summary = "tiles of an image, ready to be multiplied by filters";
  let description = [{
    `Bᵀ d B` of each tile d of an image, [1, H, W, C], of bytes or words that hold them: what a 3×3 convolution with `stride`
    reads for `pixels` × `pixels` results. Tiles are n = `stride` · `pixels` + 3 − `stride` wide and
    overlap; `H` and `W` are those of whole tiles. The result is [n², tiles, C], its positions in the
    order of the form's products. Tiles of the last row come first, then rows without their last
    tile, then those from top to bottom.

    ```mlir
    %v = dot.winograd_input %x {pixels = 2} : tensor<1x10x10x32xi8> -> tensor<16x16x32xi16>
    ```
  }];
  let arguments = (ins StaticShapeTensorOf<[I8, I16]>:$input, I64Attr:$pixels, DefaultValuedAttr<I64Attr, "1">:$stride);
  let results = (outs StaticShapeTensorOf<[I16]>:$result);
}

def Dot_WinogradOutputOp : Dot_WinogradOp<"winograd_output"> {
  let summary = "pixels of an image from products of tiles";
  let description = [{
    `Aᵀ m A` of each tile's products, [n², tiles, C], modulo 2^32, as an image [1, H, W, C]. What
    tiles have beyond it is dropped. Of `--quantc-winograd`'s forms, this is a multiple
    of the convolution's sums: S² times them.

    ```mlir
    %y = dot.winograd_output %m {pixels = 2} : tensor<16x16x32xi32> -> tensor<1x8x7x32xi32>
    ```
  }];
  let arguments = (ins StaticShapeTensorOf<[I32]>:$input, I64Attr:$pixels, DefaultValuedAttr<I64Attr, "1">:$stride);
  let results = (outs StaticShapeTensorOf<[I32]>:$result);
}

#endif // QUANTC_DIALECT_DOT_IR_DOTOPS
