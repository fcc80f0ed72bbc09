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

void collectTraits(Value value, Traits &traits) {
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

  int64_t size = type.getDimSize(rank - 1);
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
    if (dim < rank - 1)
      return kernel.loop(0, type.getDimSize(dim), 1, [&](Value iv) {
        indices[dim] = iv;
        nest(dim + 1);
      });
    int64_t whole = size - size % lanes;
    kernel.loop(0, whole, lanes, [&](Value iv) {
      indices[dim] = iv;
      innermost(lanes);
    });
    if (whole < size) {
      indices[dim] = kernel.index(whole);
      innermost(size - whole);
    }
  };
  nest(0);
  return success();
}
