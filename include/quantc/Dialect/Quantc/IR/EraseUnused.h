// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef QUANTC_DIALECT_QUANTC_IR_ERASEUNUSED_H
#define QUANTC_DIALECT_QUANTC_IR_ERASEUNUSED_H

#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/SetVector.h"

namespace quantc {

/// Erases `op`, if nothing reads it, and what was computed for it alone.
inline void eraseUnused(mlir::Operation *op) {
  llvm::SetVector<mlir::Operation *> candidates;
  candidates.insert(op);
  while (!candidates.empty()) {
    mlir::Operation *candidate = candidates.pop_back_val();
    if (!mlir::isOpTriviallyDead(candidate))
      continue;
    for (mlir::Value operand : candidate->getOperands())
      if (mlir::Operation *def = operand.getDefiningOp())
        candidates.insert(def);
    candidate->erase();
  }
}

} // namespace quantc

#endif // QUANTC_DIALECT_QUANTC_IR_ERASEUNUSED_H
