// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Products of two computed matrices, for each image of a batch: [B, M, K] ·
// [B, K, N]. The right matrix is packed to the stack, whole or by panels; rows
// of the left one are packed as they are needed. Zero points cost sums of
// columns, which packing makes, and of rows (docs/Semantics.md, S24).

#ifndef QUANTC_LIB_CODEGEN_PRODUCT_H
#define QUANTC_LIB_CODEGEN_PRODUCT_H

#include "GemmShape.h"
#include "KernelBuilder.h"

namespace quantc {

/// `value` as a batch of products of computed matrices; null if it is none.
mlir::linalg::LinalgOp getProduct(mlir::Value value);

/// The shape of such a product; none where its operands have no kernel.
std::optional<GemmShape> getProductShape(mlir::linalg::LinalgOp product,
                                         const TargetDescription &target);

/// A product while it is being written. Operands are read through `evaluator`.
class ProductEmitter {
public:
  ProductEmitter(KernelBuilder &kernel, mlir::linalg::LinalgOp product,
                 const GemmShape &shape, PointEvaluator &evaluator);

  /// Columns of the right matrix whose sums stay in registers together.
  struct Panel {
    mlir::Value slot;  ///< where it is packed
    mlir::Value first; ///< its first column
    int64_t vectors;   ///< registers
    int64_t lastWidth; ///< columns in the last of them
  };
  /// Panels of `tile.vectors` registers, and what is left: a narrower panel.
  /// The panel whose last register is cut off comes last, by itself.
  struct Panels {
    int64_t whole, rest, lastWidth;
  };
  Panels panels() const;

  /// Makes room on the stack: for so many panels, and rows of the left matrix
  /// (which floats in memory don't need).
  void allocate(const GemmTile &tile, int64_t slots, bool packsRows);

  void packPanel(mlir::Value image, const Panel &panel);
  /// `count` rows of the left matrix, from row `first` on.
  void packRows(mlir::Value image, mlir::Value first, int64_t count);
  /// Sums of the packed rows [skipped, skipped + count), the first of them row
  /// `first` of the result, and the columns of `panel`: store(sums, indices).
  using StoreFn = llvm::function_ref<void(mlir::Value, int64_t row,
                                          llvm::ArrayRef<mlir::Value>)>;
  void emitTile(mlir::Value image, mlir::Value first, int64_t skipped,
                int64_t count, const Panel &panel, StoreFn store);

  /// Reads `width` elements of row `row` of a block of the left matrix, from
  /// the indices on.
  std::function<mlir::Value(int64_t row, llvm::ArrayRef<mlir::Value> indices,
                            int64_t width)>
      readLeft;
  GemmTile tile{1, 1, 1};
  /// [rows][K]: the packed rows of the left matrix.
  mlir::Value activations;

private:
  using Vectors = llvm::SmallVector<mlir::Value>;

  mlir::Value splat(int64_t value, mlir::Type element, int64_t width);
  mlir::Value zeros(mlir::Type element, int64_t width);
  mlir::Value pad(mlir::Value vector, int64_t width);
  mlir::Value extend(mlir::Value vector, mlir::Type element);
  /// Elements of the right matrix as they are packed, less the zero point where
  /// words are.
  mlir::Value asPacked(mlir::Value vector);
  /// Elements of the groups in a register of packed words, added to `sum`.
  mlir::Value addGroups(mlir::Value sum, mlir::Value words);

  void packColumns(mlir::Value image, mlir::Value slot, int64_t vector,
                   mlir::Value column, int64_t width);
  /// The same where K is the last dimension in memory.
  void packTransposed(mlir::Value image, mlir::Value slot, int64_t vector,
                      mlir::Value column, int64_t width);
  void storePacked(mlir::Value words, mlir::Value slot, mlir::Value step,
                   int64_t vector);
  /// What has to be added to Σ a · b for the zero points' sake, from Σ b.
  void storeStart(mlir::Value slot, int64_t vector, mlir::Value sum);
  Vectors emitStep(mlir::Value image, mlir::Value first, int64_t skipped,
                   int64_t count, const Panel &panel, mlir::Value step,
                   mlir::ValueRange carried);

  KernelBuilder &kernel;
  mlir::OpBuilder &b;
  mlir::Location loc;
  mlir::linalg::LinalgOp product;
  const GemmShape shape;
  PointEvaluator &evaluator;
  mlir::linalg::TransposeOp transposed;
  mlir::Value left, right;
  /// On the stack: [slots][steps][registers][lanes · group], and what columns
  /// start at.
  mlir::Value packed, start;
  mlir::Type packedElement;
  bool bytes;
  int64_t lanes, group, depth, leftZp = 0, rightZp = 0;
  /// -zp of the right matrix · Σ a of each packed row, where it is needed.
  Vectors corrections;
};

} // namespace quantc

#endif // QUANTC_LIB_CODEGEN_PRODUCT_H
