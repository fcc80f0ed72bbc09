// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a tile of the matrix instruction does for some elements of K.

#ifndef QUANTC_LIB_CODEGEN_MATRIXSTEPS_H
#define QUANTC_LIB_CODEGEN_MATRIXSTEPS_H

#include "GemmShape.h"
#include "KernelBuilder.h"

namespace quantc {

/// Adds `count` steps of K to a tile's accumulators, [pair of rows][pair of
/// columns]. loadRow(i) loads row i's activations of all these steps,
/// loadBlock(i) a step's weights of two columns: all of the first step, then
/// all of the next.
void emitMatrixSteps(KernelBuilder &kernel, const GemmShape &shape,
                     RegisterTile tile, int64_t count,
                     llvm::function_ref<mlir::Value(int64_t)> loadRow,
                     llvm::function_ref<mlir::Value(int64_t)> loadBlock,
                     llvm::MutableArrayRef<mlir::Value> acc);

} // namespace quantc

#endif // QUANTC_LIB_CODEGEN_MATRIXSTEPS_H
