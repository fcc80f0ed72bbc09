// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How locations remember the node of the source model: NameLoc(node name) whose
// child is NameLoc(operator type), e.g. loc("stem/conv"("Conv")).

#ifndef QUANTC_DIALECT_QUANTC_IR_NODELOCATION_H
#define QUANTC_DIALECT_QUANTC_IR_NODELOCATION_H

#include "mlir/IR/Location.h"
#include "mlir/IR/Operation.h"

namespace quantc {

/// The location of what is imported from the node `name` of type `opType`.
mlir::Location getNodeLocation(mlir::MLIRContext *context, llvm::StringRef name,
                               llvm::StringRef opType);

/// The node's name, of the first part where locations were fused; empty where
/// the location knows none.
llvm::StringRef getNodeName(mlir::Location loc);

/// The operator type in the source model ("Conv"); empty where unknown.
llvm::StringRef getNodeType(mlir::Location loc);

/// For messages: "node 'stem/conv' (Conv)", or the operation's name.
std::string describeNode(mlir::Operation *op);

} // namespace quantc

#endif // QUANTC_DIALECT_QUANTC_IR_NODELOCATION_H
