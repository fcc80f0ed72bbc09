// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// External models of QuantizableOpInterface, one file per dialect.

#ifndef QUANTC_INTERFACES_QUANTIZABLEOPS_H
#define QUANTC_INTERFACES_QUANTIZABLEOPS_H

#include "mlir/IR/DialectRegistry.h"

namespace quantc {

void registerTosaQuantizableOpModels(mlir::DialectRegistry &registry);
void registerQuantcQuantizableOpModels(mlir::DialectRegistry &registry);

} // namespace quantc

#endif // QUANTC_INTERFACES_QUANTIZABLEOPS_H
