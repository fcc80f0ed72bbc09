// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The doors of the house: every phase of a compilation has a name, a pipeline
// (Pipelines/Pipelines.h) and a contract on what may leave it.

#ifndef QUANTC_TRANSFORMS_PHASE_H
#define QUANTC_TRANSFORMS_PHASE_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Support/LLVM.h"
#include <optional>

namespace quantc {

/// In the order in which a model passes them.
enum class Phase {
  Import,
  Prepare,
  Observe,
  Fold,
  Quantize,
  Requantize,
  Linalg,
  Kernel,
  Llvm,
  Object
};

/// The name used by --compile-to, e.g. "requantize".
llvm::StringRef stringifyPhase(Phase phase);
std::optional<Phase> symbolizePhase(llvm::StringRef name);

/// Checks the contract of a phase: emits an error at the first operation that
/// may not leave it.
llvm::LogicalResult verifyPhase(mlir::ModuleOp module, Phase phase);

} // namespace quantc

#endif // QUANTC_TRANSFORMS_PHASE_H
