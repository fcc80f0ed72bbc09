// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Chains of transposes, reshapes and slices, seen as one strided view.

#ifndef QUANTC_LIB_TRANSFORMS_MOVEMENTCHAIN_H
#define QUANTC_LIB_TRANSFORMS_MOVEMENTCHAIN_H

#include "mlir/IR/PatternMatch.h"

namespace quantc {

/// Whether transposing an operand of this shape keeps all elements in place, as
/// only dimensions of size 1 pass each other: then it is a reshape.
bool keepsOrder(llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<int32_t> perms);

/// The elements that transposes move between a value that is stored in another
/// layout (transposing what is stored, of shape `stored`, by `layout` gives the
/// value) and what `user`, a reshape or slice that reads it, is needed for,
/// once the chains of movements there have been simplified.
int64_t getChainCost(llvm::ArrayRef<int64_t> stored,
                     llvm::ArrayRef<int32_t> layout, mlir::Operation *user);

/// Adds the pattern that makes a chain of transposes, reshapes and slices one
/// reshape, slice, reshape and transpose, where it then has fewer transposes,
/// or its last one later.
void populateMovementChainPatterns(mlir::RewritePatternSet &patterns);

} // namespace quantc

#endif // QUANTC_LIB_TRANSFORMS_MOVEMENTCHAIN_H
