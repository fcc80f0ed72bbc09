// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The passes of this room; see Passes.td.

#ifndef QUANTC_CONVERSION_PASSES_H
#define QUANTC_CONVERSION_PASSES_H

#include "mlir/Pass/Pass.h"

namespace quantc {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "quantc/Conversion/Passes.h.inc"
} // namespace quantc

#endif // QUANTC_CONVERSION_PASSES_H
