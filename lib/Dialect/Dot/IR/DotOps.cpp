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

#define GET_OP_CLASSES
#include "quantc/Dialect/Dot/IR/DotOps.cpp.inc"
