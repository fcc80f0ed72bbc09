// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Transpositions that move the last dimension: squares of a register's elements
// are read by rows, transposed in registers, and written by columns.

#include "KernelBuilder.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace quantc;

/// Of a row: the shortest registers, which all processors interleave.
static constexpr int64_t kRowBytes = 16;

namespace {

class TransposeEmitter {
public:
  explicit TransposeEmitter(KernelBuilder &kernel)
      : kernel(kernel), evaluator(kernel) {}

  LogicalResult run() {
    if (!kernel.root || !find(kernel.root) ||
        !PointEvaluator::canEvaluate(source) ||
        !PointEvaluator::canEvaluate(kernel.root, transposed))
      return failure();
    SmallVector<Value> indices(shape.size());
    kernel.divide([&] { emitFrom(0, indices); });
    return success();
  }

private:
  /// Finds the transposition that `value` is computed from, point by point.
  bool find(Value value) {
    auto op = value.getDefiningOp<linalg::LinalgOp>();
    if (!op || op.getNumDpsInputs() != 1 || op->getNumResults() != 1 ||
        op.getNumReductionLoops() > 0 || op.hasIndexSemantics() ||
        !op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isIdentity())
      return false;
    OpOperand *input = op.getDpsInputOperand(0);
    AffineMap map = op.getMatchingIndexingMap(input);
    if (map.isIdentity())
      return isa<TensorType>(input->get().getType()) && find(input->get());
    Operation *yield = op.getBlock()->getTerminator();
    if (!map.isPermutation() || !op.payloadUsesValueFromOperand(input) ||
        yield->getOperand(0) != op.getMatchingBlockArgument(input))
      return false;
    auto type = cast<RankedTensorType>(value.getType());
    if (!type.getElementType().isIntOrFloat())
      return false;
    source = input->get();
    transposed = value;
    permutation = map;
    shape = llvm::to_vector(type.getShape());
    rowDim = map.getDimPosition(map.getNumResults() - 1);
    size = kRowBytes * 8 / type.getElementTypeBitWidth();
    return rowDim != last() && size > 1 && shape[rowDim] % size == 0 &&
           shape[last()] % size == 0;
  }

  unsigned last() const { return shape.size() - 1; }

  /// Loops over the result's dimensions from `dim` on, by squares of the two
  /// that are exchanged.
  void emitFrom(unsigned dim, SmallVectorImpl<Value> &indices) {
    if (dim == shape.size())
      return emitSquare(indices);
    int64_t step = dim == rowDim || dim == last() ? size : 1;
    kernel.loop(0, shape[dim], step, [&](Value at) {
      indices[dim] = at;
      emitFrom(dim + 1, indices);
    });
  }

  /// The square from `indices` of the result on.
  void emitSquare(ArrayRef<Value> indices) {
    SmallVector<Value> rows;
    for (int64_t i = 0; i < size; ++i) {
      SmallVector<Value> at;
      for (unsigned d = 0; d < shape.size(); ++d) {
        unsigned dim = permutation.getDimPosition(d);
        at.push_back(dim == last() ? kernel.add(indices[dim], i)
                                   : indices[dim]);
      }
      rows.push_back(evaluator.evaluate(source, at, size));
    }
    // Interleaving the first half with the second takes the highest bit of a
    // row's number to be the lowest of the column's.
    for (int64_t done = 1; done < size; done *= 2) {
      SmallVector<Value> next;
      for (int64_t i = 0; i < size / 2; ++i)
        for (int64_t half : {0, 1})
          next.push_back(interleave(rows[i], rows[i + size / 2], half));
      rows = next;
    }
    SmallVector<Value> at(indices);
    for (int64_t i = 0; i < size; ++i) {
      at[rowDim] = kernel.add(indices[rowDim], i);
      evaluator.known[transposed] = rows[i];
      kernel.store(evaluator.evaluate(kernel.root, at, size), at);
      evaluator.known.clear();
    }
  }

  /// The low or high halves of two rows, element by element.
  Value interleave(Value a, Value b, int64_t half) {
    SmallVector<int64_t> mask;
    for (int64_t i = half * size / 2; i < (half + 1) * size / 2; ++i)
      llvm::append_values(mask, i, size + i);
    return vector::ShuffleOp::create(kernel.builder, kernel.loc, a, b, mask);
  }

  KernelBuilder &kernel;
  PointEvaluator evaluator;
  Value source, transposed;
  AffineMap permutation;      ///< from the result's dimensions to the source's
  SmallVector<int64_t> shape; ///< of the result
  unsigned rowDim = 0;        ///< of the result: the source's last
  int64_t size = 0;           ///< elements of a row of a square
};

} // namespace

LogicalResult quantc::emitTranspose(KernelBuilder &kernel) {
  return TransposeEmitter(kernel).run();
}
