// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The passes of this room; see Passes.td.

#ifndef QUANTC_CODEGEN_PASSES_H
#define QUANTC_CODEGEN_PASSES_H

#include "mlir/Pass/Pass.h"

namespace quantc {
class Tuning;

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "quantc/Codegen/Passes.h.inc"

/// The same with what a tuning file would say.
std::unique_ptr<mlir::Pass>
createLowerKernelsPass(const LowerKernelsPassOptions &options,
                       std::shared_ptr<const Tuning> tuning);
} // namespace quantc

#endif // QUANTC_CODEGEN_PASSES_H
