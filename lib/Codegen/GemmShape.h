// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A dense convolution as an implicit GEMM: sizes, the layout of its packed
// weights, and the register tile.

#ifndef QUANTC_LIB_CODEGEN_GEMMSHAPE_H
#define QUANTC_LIB_CODEGEN_GEMMSHAPE_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "quantc/Codegen/Tuning.h"

namespace quantc {

/// Output pixels are the rows, output channels the columns. K is cut into runs:
/// stretches of input that lie contiguously.
struct GemmShape {
  bool isFloat = false;
  int64_t batch, height, width, columns; ///< of the output
  int64_t kernelHeight, kernelWidth, channels;
  int64_t strideH, strideW, dilationH, dilationW;
  bool rowRuns;      ///< one run per kernel row instead of per tap
  int64_t runLength; ///< elements
  DotForm form;      ///< of integers
  int64_t group;     ///< elements of K in a step
  int64_t lanes;     ///< columns in a register
  /// Groups of a row's activations that one load takes (TargetDescription.h).
  int64_t groupsPerLoad = 1;
  /// Whether the epilogue works with both words of its products
  /// (KernelBuilder::wordsOfProducts).
  bool needsBothWords = false;
  /// Where each column lies among those of its panel and the ones before; empty
  /// where they are in order.
  llvm::SmallVector<int64_t> places;

  int64_t runs() const {
    return rowRuns ? kernelHeight : kernelHeight * kernelWidth;
  }
  /// Whether rows are multiplied in pairs.
  bool isMatrix() const { return !isFloat && form == DotForm::Matrix; }
  int64_t stepsPerRun() const { return (runLength + group - 1) / group; }
  int64_t steps() const { return runs() * stepsPerRun(); }
  int64_t vectors() const { return (columns + lanes - 1) / lanes; }
  /// Whether a run has no loop: LLVM makes one of two steps into something
  /// worse.
  bool writesOutRun() const { return stepsPerRun() <= 2; }
  /// Calls `body(panels, their registers, columns in the last one)`: panels
  /// whose last register is cut off come last, by themselves.
  void forEachPanelSize(
      int64_t registers,
      llvm::function_ref<void(int64_t, int64_t, int64_t)> body) const;
};

/// A tile with its rows as a block of `rowsH` × `rowsW` output pixels.
struct GemmTile {
  int64_t rowsH, rowsW, vectors;
};

/// The cheapest tile by the target's table, counting dots and adds, the
/// preparation of an activation, weight loads, and how results become bytes.
GemmTile chooseTile(const GemmShape &shape, const TargetDescription &target);

/// What a tuning file calls it, but for the element types.
KernelClass getClass(KernelForm form, const GemmShape &shape);

/// How many of `vectors` registers from `v` on become narrow results together:
/// a power of two. The last register may be cut off; then it is alone.
int64_t getRegistersAtOnce(int64_t v, int64_t vectors, bool isCut);

/// Which of their columns the lanes of `count` registers have that are packed
/// within each 16 bytes: then bytes are in order without further shuffles.
llvm::SmallVector<int64_t> getLaneOrder(const GemmShape &shape, int64_t count);
/// The column of each lane of all panels of `vectors` registers where narrow
/// results are packed like that.
llvm::SmallVector<int64_t> getColumnOrder(const GemmShape &shape,
                                          int64_t vectors);

/// What a tile costs over the whole output: for steps of K vector operations,
/// or cycles of the matrix instruction.
double getCost(const GemmShape &shape, const GemmTile &tile,
               const TargetDescription &target);

/// Where the input doesn't stay in the second-level cache from panel to panel,
/// but all weights do: how many tiles (of one row of pixels, else rows of
/// tiles) should take all panels before the next ones; else 0. The bytes are an
/// element's.
int64_t getTilesOfStrip(const GemmShape &shape, const GemmTile &tile,
                        int64_t inputBytes, int64_t weightBytes,
                        int64_t resultBytes);

/// What a matrix product of computed operands may pack to the stack, in bytes:
/// a panel of the right one, and rows of the left one.
constexpr int64_t kMaxPackedBytes = 32 * 1024, kMaxRowBytes = 16 * 1024;
/// As much of the tile as leaves packed operands small enough; no registers or
/// no rows, where not even one is.
GemmTile fitStack(const GemmShape &shape, const GemmTile &tile);

/// Type and contents of the packed weights for panels of `vectors` registers;
/// `weights` is row-major [N][KH][KW][C].
mlir::MemRefType getPackedType(const GemmShape &shape, int64_t vectors,
                               mlir::MLIRContext *context);
llvm::SmallVector<int8_t> packBytes(const GemmShape &shape, int64_t vectors,
                                    llvm::ArrayRef<int8_t> weights);
llvm::SmallVector<int16_t> packWords(const GemmShape &shape, int64_t vectors,
                                     llvm::ArrayRef<int8_t> weights);
llvm::SmallVector<float> packFloats(const GemmShape &shape, int64_t vectors,
                                    llvm::ArrayRef<float> weights);

} // namespace quantc

#endif // QUANTC_LIB_CODEGEN_GEMMSHAPE_H
