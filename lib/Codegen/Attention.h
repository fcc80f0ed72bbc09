// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Attention: a product, a softmax of its rows, and the product of that and a
// third matrix, with elementwise operations between them.

#ifndef QUANTC_LIB_CODEGEN_ATTENTION_H
#define QUANTC_LIB_CODEGEN_ATTENTION_H

#include "GemmShape.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace quantc {

/// A product that, with all before it, is to be one kernel.
constexpr llvm::StringLiteral kAttentionName = "quantc.attention";

struct Attention {
  /// The two products: [B, M, K] · [B, K, N] and [B, M, N] · [B, N, C].
  mlir::linalg::LinalgOp scores, context;
  mlir::Operation *softmax;
  /// What leads from the scores to the softmax, and from there to the context,
  /// consumers first: elementwise operations and reshapes of leading
  /// dimensions.
  llvm::SmallVector<mlir::Operation *> before, after;

  /// The attention that ends in `context`, if nobody else reads what lies
  /// between.
  static std::optional<Attention> find(mlir::linalg::LinalgOp context);

  /// Whether `before` and `after` keep to [B, M, N].
  bool hasNoReshapes() const;
  /// Transpositions and casts of operands of the products that can be done
  /// where these read them.
  llvm::SmallVector<mlir::linalg::LinalgOp> getOperandProducers() const;
};

/// The transposition behind the right operand of a product, with casts behind
/// itself, that makes K the last dimension in memory; null if there is none.
mlir::linalg::TransposeOp getTransposedOperand(mlir::Value operand);

/// How an attention becomes one kernel: a head's keys and values are packed to
/// the stack, and blocks of rows stream past them.
struct AttentionPlan {
  GemmShape scores, context;
  /// With as many rows as a block.
  GemmTile scoresTile, contextTile;
};

/// No plan, where products have no kernel or the stack is too small.
std::optional<AttentionPlan> planAttention(const Attention &attention,
                                           const TargetDescription &target);

} // namespace quantc

#endif // QUANTC_LIB_CODEGEN_ATTENTION_H
