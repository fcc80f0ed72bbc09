// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef QUANTC_INTERFACES_DECOMPOSABLEOPINTERFACE_H
#define QUANTC_INTERFACES_DECOMPOSABLEOPINTERFACE_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/IR/OpDefinition.h"

#include "quantc/Interfaces/DecomposableOpInterface.h.inc"

namespace quantc {

/// External models for the composites of the quantc dialect.
void registerQuantcDecomposableOpModels(mlir::DialectRegistry &registry);

} // namespace quantc

#endif // QUANTC_INTERFACES_DECOMPOSABLEOPINTERFACE_H
