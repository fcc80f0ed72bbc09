// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The dot dialect: dot-product instructions, target-neutral.

#ifndef QUANTC_DIALECT_DOT_IR_DOT_H
#define QUANTC_DIALECT_DOT_IR_DOT_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "quantc/Dialect/Dot/IR/DotDialect.h.inc"

#define GET_OP_CLASSES
#include "quantc/Dialect/Dot/IR/DotOps.h.inc"

#endif // QUANTC_DIALECT_DOT_IR_DOT_H
