// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "quantc/Dialect/Quantc/IR/Quantc.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace quantc;

#include "quantc/Dialect/Quantc/IR/QuantcDialect.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "quantc/Dialect/Quantc/IR/QuantcAttributes.cpp.inc"

void QuantcDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "quantc/Dialect/Quantc/IR/QuantcAttributes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "quantc/Dialect/Quantc/IR/QuantcOps.cpp.inc"
      >();
}

LogicalResult ObserverAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                   ObserverKind kind, bool isSigned,
                                   int64_t quantMin, int64_t quantMax,
                                   QScheme qscheme, bool reduceRange,
                                   int64_t axis, APFloat averagingConstant,
                                   int64_t bins) {
  if (quantMin >= quantMax)
    return emitError() << "needs quant_min < quant_max, but has " << quantMin
                       << " and " << quantMax;
  if (axis < 0)
    return emitError() << "needs an axis >= 0, but has " << axis;
  double constant = averagingConstant.convertToDouble();
  if (!(constant > 0.0 && constant <= 1.0))
    return emitError() << "needs an averaging_constant in (0, 1]";
  if (bins < 1)
    return emitError() << "needs at least one bin, but has " << bins;
  return success();
}

LogicalResult RoundingAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                   RoundingDomain domain,
                                   RoundingDirection direction) {
  if (direction == RoundingDirection::DoubleRound &&
      domain != RoundingDomain::Fixed)
    return emitError() << "double_round is fixed-point arithmetic";
  return success();
}
