// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef QUANTC_INTERFACES_QUANTIZABLEOPINTERFACE_H
#define QUANTC_INTERFACES_QUANTIZABLEOPINTERFACE_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/OpDefinition.h"
#include "quantc/Dialect/Quantc/IR/Quantc.h"
#include "quantc/Interfaces/FormCosts.h"

namespace quantc {

/// Elements of a tensor of static shape.
inline int64_t countElements(mlir::Value value) {
  return mlir::cast<mlir::RankedTensorType>(value.getType()).getNumElements();
}

inline FormCosts getMovingCosts(mlir::Value value) {
  return costs::move * countElements(value);
}

} // namespace quantc

#include "quantc/Interfaces/QuantizableOpInterface.h.inc"

#endif // QUANTC_INTERFACES_QUANTIZABLEOPINTERFACE_H
