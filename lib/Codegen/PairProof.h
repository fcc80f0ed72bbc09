// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef QUANTC_LIB_CODEGEN_PAIRPROOF_H
#define QUANTC_LIB_CODEGEN_PAIRPROOF_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace quantc {

/// Marks a convolution of bytes of which pairsFitWords() is true, and that is
/// to be formed by instructions that rely on it.
constexpr llvm::StringLiteral kPairsFitWordsName = "quantc.pairs_fit_words";

/// Whether every pair of products that a kernel adds, of two neighbours of a
/// run, fits 16 bits for all activations that can be, as the instruction sees
/// them: in [0, 255], or what clamps before leave of it (docs/Semantics.md,
/// S19). Reads constant weights; false where they aren't.
bool pairsFitWords(mlir::linalg::Conv2DNhwcFhwcOp conv);

} // namespace quantc

#endif // QUANTC_LIB_CODEGEN_PAIRPROOF_H
