// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef QUANTC_LIB_TRANSFORMS_TABLEFUNCTIONS_H
#define QUANTC_LIB_TRANSFORMS_TABLEFUNCTIONS_H

#include "mlir/IR/Operation.h"

namespace quantc {

/// The operand that `op` is a function of, element by element, the others being
/// constants of one value: between integers a table (FuseTables) does what it
/// does. Null where it is no such function.
mlir::Value getTableOperand(mlir::Operation *op);

} // namespace quantc

#endif // QUANTC_LIB_TRANSFORMS_TABLEFUNCTIONS_H
