// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Dialect/Dot/IR/Dot.h"

using namespace mlir;
using namespace quantc::dot;

#include "quantc/Dialect/Dot/IR/DotDialect.cpp.inc"

void DotDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "quantc/Dialect/Dot/IR/DotOps.cpp.inc"
      >();
}

LogicalResult AccumulateOp::verify() {
  VectorType acc = getAcc().getType(), lhs = getLhs().getType();
  int64_t group = lhs.getElementType().isInteger(8) ? 4 : 2;
  if (lhs.getNumElements() != group * acc.getNumElements())
    return emitOpError("needs ")
           << group << " elements of " << lhs.getElementType()
           << " for each of the " << acc.getNumElements() << " lanes";
  if (getLhsOffset() != 0 &&
      !(getLhsOffset() == 128 && lhs.getElementType().isInteger(8)))
    return emitOpError("needs an lhs_offset of 0 or, on bytes, 128");
  if (getPairsFitWords() && getLhsOffset() == 0)
    return emitOpError("pairs_fit_words needs an lhs_offset of 128");
  return success();
}

LogicalResult LookupOp::verify() {
  if (getTable().getType().getShape() != ArrayRef<int64_t>{256})
    return emitOpError("needs a table of 256 bytes");
  return success();
}

LogicalResult ScheduleBarrierOp::inferReturnTypes(
    MLIRContext *, std::optional<Location>, ValueRange values, DictionaryAttr,
    OpaqueProperties, RegionRange, SmallVectorImpl<Type> &types) {
  llvm::append_range(types, values.getTypes());
  return success();
}

/// Whether `image` is one whose tiles, transformed, are `tiles`.
template <typename OpTy>
static LogicalResult verifyWinograd(OpTy op, RankedTensorType image,
                                    RankedTensorType tiles) {
  int64_t pixels = op.getPixels(), stride = op.getStride();
  if ((stride != 1 || pixels != 4) && (stride < 1 || stride > 2 || pixels != 2))
    return op.emitOpError("needs two pixels and a stride of 1 or 2, or four");
  if (image.getRank() != 4 || image.getDimSize(0) != 1 || tiles.getRank() != 3)
    return op.emitOpError("needs one image and three dimensions of tiles");
  int64_t width = stride * pixels + 3 - stride;
  SmallVector<int64_t> expected{width * width, op.getTilesH() * op.getTilesW(),
                                image.getDimSize(3)};
  if (tiles.getShape() != ArrayRef(expected))
    return op.emitOpError("needs tiles of shape ") << expected;
  return success();
}

LogicalResult WinogradInputOp::verify() {
  if (failed(verifyWinograd(*this, getInput().getType(), getType())))
    return failure();
  int64_t stride = getStride(), step = stride * getPixels();
  for (unsigned dim : {1, 2})
    if (countTiles(dim) * step + 3 - stride !=
        getInput().getType().getDimSize(dim))
      return emitOpError("needs an image of whole tiles");
  return success();
}

LogicalResult WinogradOutputOp::verify() {
  return verifyWinograd(*this, getType(), getInput().getType());
}

int64_t WinogradInputOp::countTiles(unsigned dim) {
  int64_t stride = getStride(), step = stride * getPixels();
  return (getInput().getType().getDimSize(dim) - 3 + stride) / step;
}

int64_t WinogradOutputOp::countTiles(unsigned dim) {
  return llvm::divideCeil(getType().getDimSize(dim), getPixels());
}

#define GET_OP_CLASSES
#include "quantc/Dialect/Dot/IR/DotOps.cpp.inc"
