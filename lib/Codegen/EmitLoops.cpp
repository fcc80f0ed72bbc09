// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A loop nest over the result, vectorized along its last dimension.

#include "KernelBuilder.h"

using namespace mlir;
using namespace quantc;

namespace {

/// What decides the shape of the nest.
struct Traits {
  bool hasReduction = false;
  unsigned widestBits = 8;
};

static void collectTraits(Value value, Traits &traits) {
  auto op = value.getDefiningOp<linalg::LinalgOp>();
  auto widen = [&](Type type) {
    if (type.isIntOrFloat())
      traits.widestBits =
          std::max(traits.widestBits, type.getIntOrFloatBitWidth());
  };
  widen(getElementTypeOrSelf(value.getType()));
  if (!op)
    return;
  traits.hasReduction |= op.getNumReductionLoops() > 0;
  for (Operation &inner : *op.getBlock())
    for (Type type : inner.getResultTypes())
      widen(type);
  for (Value operand : op->getOperands())
    if (isa<TensorType>(operand.getType()))
      collectTraits(operand, traits);
}

/// The first of the trailing dimensions that lie in `memref` as one sequence.
static int64_t firstContiguous(Value memref) {
  auto type = cast<MemRefType>(memref.getType());
  SmallVector<int64_t> strides;
  int64_t offset, dim = std::max<int64_t>(type.getRank() - 1, 0);
  if (failed(type.getStridesAndOffset(strides, offset)))
    return dim;
  while (dim > 0 && strides[dim - 1] == strides[dim] * type.getDimSize(dim))
    --dim;
  return dim;
}

/// The first of the trailing dimensions of `value` along which everything it is
/// computed from is one sequence, so that one loop may run over all of them.
static int64_t firstFlat(Value value, KernelBuilder &kernel) {
  if (Value memref = kernel.getMemRef(value))
    return firstContiguous(memref);
  auto op = value.getDefiningOp<linalg::LinalgOp>();
  int64_t last = cast<RankedTensorType>(value.getType()).getRank() - 1;
  if (!op || op.getNumReductionLoops() > 0 || op.hasIndexSemantics() ||
      !op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isIdentity())
    return last;
  int64_t first = 0;
  for (OpOperand &operand : op->getOpOperands()) {
    if (!isa<TensorType>(operand.get().getType()) ||
        !op.payloadUsesValueFromOperand(&operand))
      continue;
    AffineMap map = op.getMatchingIndexingMap(&operand);
    if (map.isIdentity())
      first = std::max(first, firstFlat(operand.get(), kernel));
    else if (map.getNumResults() > 0)
      return last;
  }
  return first;
}

} // namespace

LogicalResult quantc::emitLoops(KernelBuilder &kernel) {
  if (!kernel.root || !PointEvaluator::canEvaluate(kernel.root))
    return failure();
  // A vector of bits is packed, a memref of them is not.
  for (Type argument : kernel.kernel.getArgumentTypes())
    if (getElementTypeOrSelf(argument).isInteger(1))
      return failure();
  auto type = cast<RankedTensorType>(kernel.root.getType());
  int64_t rank = type.getRank();
  if (rank == 0)
    return failure();
  Traits traits;
  collectTraits(kernel.root, traits);

  // Dimensions from `flat` on are one loop: indices before the last stay zero,
  // and the last one runs on.
  int64_t flat = std::max(firstFlat(kernel.root, kernel),
                          firstContiguous(kernel.destination));
  int64_t size = 1;
  for (int64_t dim = flat; dim < rank; ++dim)
    size *= type.getDimSize(dim);
  int64_t lanes = kernel.target.lanes * 32 / std::min(traits.widestBits, 32u);
  // Two registers at a time hide the latency of a long body.
  if (!traits.hasReduction && size >= 2 * lanes)
    lanes *= 2;

  PointEvaluator evaluator(kernel);
  SmallVector<Value> indices(rank);
  auto compute = [&](int64_t width) {
    kernel.store(evaluator.evaluate(kernel.root, indices, width), indices);
  };
  // In a reduction, the loop along the last spatial dimension is innermost:
  // what depends on channels alone (weights) stays in registers.
  int64_t inner = traits.hasReduction && rank >= 2 ? rank - 2 : -1;
  auto innermost = [&](int64_t width) {
    if (inner < 0)
      return compute(width);
    kernel.loop(0, type.getDimSize(inner), 1, [&](Value iv) {
      indices[inner] = iv;
      compute(width);
    });
  };
  std::function<void(int64_t)> nest = [&](int64_t dim) {
    if (dim == inner)
      return nest(dim + 1);
    if (dim >= flat && dim < rank - 1) {
      indices[dim] = kernel.index(0);
      return nest(dim + 1);
    }
    if (dim < rank - 1)
      return kernel.loop(0, type.getDimSize(dim), 1, [&](Value iv) {
        indices[dim] = iv;
        nest(dim + 1);
      });
    kernel.tiles(size, lanes, [&](Value start, int64_t width) {
      indices[dim] = start;
      innermost(width);
    });
  };
  kernel.divide([&] { nest(0); });
  return success();
}
