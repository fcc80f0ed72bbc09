// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The quantc dialect: operations and attributes.

#ifndef QUANTC_DIALECT_QUANTC_IR_QUANTC_H
#define QUANTC_DIALECT_QUANTC_IR_QUANTC_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "quantc/Quantization/Enums.h"

#include "quantc/Dialect/Quantc/IR/QuantcDialect.h.inc"

#define GET_ATTRDEF_CLASSES
#include "quantc/Dialect/Quantc/IR/QuantcAttributes.h.inc"

#define GET_OP_CLASSES
#include "quantc/Dialect/Quantc/IR/QuantcOps.h.inc"

namespace quantc {

/// Whether `op` computes rows (along the last dimension) that depend on all of
/// their elements; such operations have kernels of their own.
inline bool isRowFunction(mlir::Operation *op) {
  return mlir::isa<SoftmaxOp, LayerNormOp, IntegerSoftmaxOp,
                   IntegerLayerNormOp>(op);
}

} // namespace quantc

#endif // QUANTC_DIALECT_QUANTC_IR_QUANTC_H
