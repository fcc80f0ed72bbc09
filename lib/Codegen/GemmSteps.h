// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the tile of a GEMM does for some elements of K.

#ifndef QUANTC_LIB_CODEGEN_GEMMSTEPS_H
#define QUANTC_LIB_CODEGEN_GEMMSTEPS_H

#include "PrefetchPanel.h"

namespace quantc {

/// Steps of a tile at `place`, of activations and packed weights in memory.
class GemmSteps {
public:
  GemmSteps(KernelBuilder &kernel, const GemmShape &shape, mlir::Value input,
            mlir::Value weights, const TilePlace &place)
      : kernel(kernel), b(kernel.builder), loc(kernel.loc), shape(shape),
        input(input), weights(weights), place(place) {}

  using Sums = llvm::SmallVector<mlir::Value>;
  /// Where a row's activations for the first step are.
  using AtFn = llvm::function_ref<llvm::SmallVector<mlir::Value>(int64_t row)>;

  /// Adds `count` steps from step `first` of the panel on to the accumulators
  /// `carried`, [row][vector], or [pair][column pair] of the matrix
  /// instruction. Where there are several of integers, one load of each row has
  /// the activations of all.
  Sums emit(AtFn at, mlir::Value first, int64_t count,
            mlir::ValueRange carried);

private:
  using Columns = llvm::ArrayRef<mlir::Value>;

  /// Register `i` of the panel's weights for a step.
  mlir::Value loadWeights(mlir::Value step, int64_t i);
  Sums loadColumns(mlir::Value step);

  void addFloats(AtFn at, int64_t position, Columns columns, Sums &acc);
  /// Of the groups that a row's `activations` have, the one at `position`.
  void addGroup(mlir::Value activations, int64_t position, Columns columns,
                int64_t row, Sums &acc);
  void addSingle(AtFn at, Columns columns, Sums &acc);

  KernelBuilder &kernel;
  mlir::OpBuilder &b;
  mlir::Location loc;
  const GemmShape &shape;
  mlir::Value input, weights;
  const TilePlace &place;
};

} // namespace quantc

#endif // QUANTC_LIB_CODEGEN_GEMMSTEPS_H
