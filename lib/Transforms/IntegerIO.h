// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Storage integers as arguments and results of a quantized model.

#ifndef QUANTC_LIB_TRANSFORMS_INTEGERIO_H
#define QUANTC_LIB_TRANSFORMS_INTEGERIO_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace quantc {

/// The quantized value that `value` is the real one of; null where there is
/// none.
mlir::Value getQuantizedValue(mlir::Value value);

/// Makes the arguments and results of `func` storage integers, with their
/// parameters as attributes. An error, which names it, where one is read or
/// made by what stays float. What quantized and dequantized them is dead then.
llvm::LogicalResult makeIntegerIO(mlir::func::FuncOp func);

} // namespace quantc

#endif // QUANTC_LIB_TRANSFORMS_INTEGERIO_H
