// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a core can do at most.

#ifndef QUANTC_LIB_EXECUTION_PEAKRATE_H
#define QUANTC_LIB_EXECUTION_PEAKRATE_H

#include "quantc/Execution/Compiler.h"

namespace quantc {

/// Multiply-accumulates per second of a loop of independent dot products of
/// bytes (`dot.accumulate`, lowered for the target as in kernels) or of f32
/// FMAs, all in registers: measured here, the best of several tries.
llvm::Expected<double> measurePeakRate(mlir::MLIRContext *context,
                                       const Compiler &compiler,
                                       bool isInteger);

} // namespace quantc

#endif // QUANTC_LIB_EXECUTION_PEAKRATE_H
