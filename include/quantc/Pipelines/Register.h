// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// All dialects, passes and pipelines that quantc's tools know.

#ifndef QUANTC_PIPELINES_REGISTER_H
#define QUANTC_PIPELINES_REGISTER_H

#include "mlir/IR/DialectRegistry.h"

namespace quantc {

/// quantc's dialects, upstream's, and the external models between them.
void registerAllDialects(mlir::DialectRegistry &registry);

/// quantc's passes and phase pipelines, and upstream's passes.
void registerAllPasses();

} // namespace quantc

#endif // QUANTC_PIPELINES_REGISTER_H
