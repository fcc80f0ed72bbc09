// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "AccumulatorStart.h"
#include "mlir/IR/Matchers.h"
#include "quantc/Dialect/Quantc/IR/ConstantUtils.h"

using namespace mlir;
using namespace quantc;

FailureOr<AccumulatorStart> AccumulatorStart::get(Value init) {
  AccumulatorStart start;
  if (auto fill = init.getDefiningOp<linalg::FillOp>()) {
    if (!matchPattern(fill.getInputs()[0], m_Constant(&start.splat)))
      return failure();
    return start;
  }
  auto generic = init.getDefiningOp<linalg::GenericOp>();
  if (!generic)
    return failure();
  if (generic.getNumDpsInputs() == 0) {
    if (!matchPattern(generic.getBlock()->getTerminator()->getOperand(0),
                      m_Constant(&start.splat)))
      return failure();
    return start;
  }
  auto channels = dyn_cast<BlockArgument>(generic.getInputs()[0]);
  unsigned rank = generic.getNumLoops();
  AffineMap perChannel =
      AffineMap::get(rank, 0, getAffineDimExpr(rank - 1, init.getContext()));
  if (!channels || generic.getNumDpsInputs() != 1 ||
      generic.getIndexingMapsArray()[0] != perChannel ||
      generic.getBlock()->getOperations().size() != 1)
    return failure();
  start.argument = channels.getArgNumber();
  return start;
}

SmallVector<float> AccumulatorStart::readFloats(CallConstants constants,
                                                int64_t channels) const {
  if (argument)
    return *readElements<float>(constants[*argument]);
  return SmallVector<float>(channels,
                            cast<FloatAttr>(splat).getValueAsDouble());
}

SmallVector<int32_t> AccumulatorStart::readIntegers(CallConstants constants,
                                                    int64_t channels) const {
  if (argument)
    return *readElements<int32_t>(constants[*argument]);
  return SmallVector<int32_t>(channels, cast<IntegerAttr>(splat).getInt());
}
