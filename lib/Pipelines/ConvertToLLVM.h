// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef QUANTC_LIB_PIPELINES_CONVERTTOLLVM_H
#define QUANTC_LIB_PIPELINES_CONVERTTOLLVM_H

#include "mlir/Pass/PassManager.h"

namespace quantc {

/// Upstream's passes from scf, math, arith and memref to the LLVM dialect;
/// memrefs become bare pointers.
void addConversionsToLLVM(mlir::OpPassManager &pm);

} // namespace quantc

#endif // QUANTC_LIB_PIPELINES_CONVERTTOLLVM_H
