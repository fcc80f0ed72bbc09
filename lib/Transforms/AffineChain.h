// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Scales and shifts behind a convolution, which its weight and bias take over.

#ifndef QUANTC_LIB_TRANSFORMS_AFFINECHAIN_H
#define QUANTC_LIB_TRANSFORMS_AFFINECHAIN_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace quantc {

enum class AffineKinds {
  /// x + c and x - c: biases.
  Shifts,
  /// Chains with at least one x · c or c - x: batch norms.
  ScalesAndShifts
};

/// Folds the operations behind each convolution that are `kinds` of functions
/// with one constant per channel or for all, seen through reshapes that keep
/// the channels. Computed in f64, rounded to f32 once; left alone where that
/// would overflow.
void foldAffineChains(mlir::func::FuncOp function, AffineKinds kinds);

} // namespace quantc

#endif // QUANTC_LIB_TRANSFORMS_AFFINECHAIN_H
