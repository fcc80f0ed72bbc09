// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef QUANTC_LIB_CODEGEN_PASSTARGET_H
#define QUANTC_LIB_CODEGEN_PASSTARGET_H

#include "mlir/IR/Operation.h"
#include "quantc/Codegen/TargetDescription.h"

namespace quantc {

/// What a pass's options say to compile for; null, with an error at `op`, where
/// that isn't known.
inline const TargetDescription *selectTargetFor(mlir::Operation *op,
                                                llvm::StringRef triple,
                                                llvm::StringRef cpu,
                                                llvm::StringRef features) {
  if (auto target = selectTarget(triple, cpu, features))
    return *target;
  else
    op->emitError(llvm::toString(target.takeError()));
  return nullptr;
}

} // namespace quantc

#endif // QUANTC_LIB_CODEGEN_PASSTARGET_H
