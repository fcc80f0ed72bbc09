// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Transpositions that move the last dimension: squares of a register's elements
// are read by rows, transposed in registers, and written by columns. A few
// channels (of a picture) are read a register each, and become pixels.

#include "KernelBuilder.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace quantc;

/// Of a row: the shortest registers, which all processors interleave.
static constexpr int64_t kRowBytes = 16;
/// Each more takes as many more shuffles.
static constexpr int64_t kMostChannels = 8;

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
    // A vector of bits is packed, a memref of them is not.
    if (!type.getElementType().isIntOrFloat() ||
        type.getElementType().isInteger(1))
      return false;
    source = input->get();
    transposed = value;
    permutation = map;
    shape = llvm::to_vector(type.getShape());
    rowDim = map.getDimPosition(map.getNumResults() - 1);
    size = kRowBytes * 8 / type.getElementTypeBitWidth();
    if (rowDim == last() || size < 2)
      return false;
    return makesSquares() || makesPixels();
  }

  unsigned last() const { return shape.size() - 1; }

  bool makesSquares() const {
    return shape[rowDim] % size == 0 && shape[last()] % size == 0;
  }

  /// Whether the source's last dimension becomes pixels of few channels that
  /// lie one after the other.
  bool makesPixels() const {
    auto type = cast<MemRefType>(kernel.destination.getType());
    SmallVector<int64_t> strides;
    int64_t offset, channels = shape[last()];
    return rowDim + 1 == last() && channels > 1 && channels <= kMostChannels &&
           succeeded(type.getStridesAndOffset(strides, offset)) &&
           strides[last()] == 1 && strides[rowDim] == channels;
  }

  /// Loops over the result's dimensions from `dim` on, by squares of the two
  /// that are exchanged.
  void emitFrom(unsigned dim, SmallVectorImpl<Value> &indices) {
    if (dim == rowDim && !makesSquares())
      return kernel.tiles(shape[dim], size, [&](Value at, int64_t count) {
        indices[dim] = at;
        emitPixels(indices, count);
      });
    if (dim == shape.size())
      return emitSquare(indices);
    int64_t step = dim == rowDim || dim == last() ? size : 1;
    kernel.loop(0, shape[dim], step, [&](Value at) {
      indices[dim] = at;
      emitFrom(dim + 1, indices);
    });
  }

  /// `count` elements of each of `rows` rows of the source, from the result's
  /// `indices` on.
  SmallVector<Value> readRows(ArrayRef<Value> indices, int64_t rows,
                              int64_t count) {
    SmallVector<Value> read;
    for (int64_t i = 0; i < rows; ++i) {
      SmallVector<Value> at;
      for (unsigned d = 0; d < shape.size(); ++d) {
        unsigned dim = permutation.getDimPosition(d);
        at.push_back(dim == last() ? kernel.add(indices[dim], i)
                                   : indices[dim]);
      }
      read.push_back(evaluator.evaluate(source, at, count));
    }
    return read;
  }

  /// What is made of transposed elements, to `indices` of the result and on.
  void storeRow(Value row, ArrayRef<Value> indices) {
    evaluator.known[transposed] = row;
    int64_t count = cast<VectorType>(row.getType()).getNumElements();
    kernel.store(evaluator.evaluate(kernel.root, indices, count), indices);
    evaluator.known.clear();
  }

  /// `count` pixels from `indices` on; as many registers are written as are
  /// read, so all have `count` elements.
  void emitPixels(SmallVectorImpl<Value> &indices, int64_t count) {
    int64_t channels = shape[last()];
    Value first = indices[rowDim];
    indices[last()] = kernel.index(0);
    SmallVector<Value> rows = readRows(indices, channels, count);
    for (int64_t i = 0; i < channels; ++i) {
      // One channel after the other joins its elements to those before it.
      Value mixed = rows[0];
      for (int64_t channel = 1; channel < channels; ++channel) {
        SmallVector<int64_t> mask;
        for (int64_t element = i * count; element < (i + 1) * count;
             ++element) {
          int64_t pixel = element / channels, of = element % channels;
          if (of > channel)
            mask.push_back(vector::ShuffleOp::kPoisonIndex);
          else if (of == channel)
            mask.push_back(count + pixel);
          else
            mask.push_back(channel == 1 ? pixel : element - i * count);
        }
        mixed = vector::ShuffleOp::create(kernel.builder, kernel.loc, mixed,
                                          rows[channel], mask);
      }
      SmallVector<Value> at = llvm::to_vector(indices);
      at[rowDim] = kernel.add(first, i * count / channels);
      at[last()] = kernel.index(i * count % channels);
      storeRow(mixed, at);
    }
  }

  /// The square from `indices` of the result on.
  void emitSquare(ArrayRef<Value> indices) {
    SmallVector<Value> rows = readRows(indices, size, size);
    rows = kernel.transposeSquare(std::move(rows));
    SmallVector<Value> at(indices);
    for (int64_t i = 0; i < size; ++i) {
      at[rowDim] = kernel.add(indices[rowDim], i);
      storeRow(rows[i], at);
    }
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
