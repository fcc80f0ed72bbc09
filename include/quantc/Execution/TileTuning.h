// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Register tiles by timing, on the machine that it runs on.

#ifndef QUANTC_EXECUTION_TILETUNING_H
#define QUANTC_EXECUTION_TILETUNING_H

#include "quantc/Execution/Profiling.h"

namespace quantc {

/// What was measured of the kernels of one class, in seconds of a run.
struct TunedKernel {
  KernelClass kernel;
  /// Nodes of the source model.
  std::vector<std::string> nodes;
  /// The cost model's, and the one that was chosen, which may be the same.
  KernelTile byCost, chosen;
  double byCostSeconds = 0, chosenSeconds = 0;
  /// Tiles that were timed.
  int64_t candidates = 0;
};

struct TileTuningResult {
  std::vector<TunedKernel> kernels;
  /// Of runs with the cost model's tiles and with the chosen ones, in turns.
  BenchResult byCost, chosen;

  llvm::json::Value toJSON() const;
};

/// Whether a tile's times, one for each of some rounds, show that it is faster
/// than another, which ran in the same rounds: by 1 % in the median, and at all
/// in every round but one. Of ten rounds, equally fast ones do that once in
/// ninety times.
bool isFaster(llvm::ArrayRef<double> times, llvm::ArrayRef<double> others);

/// Times the tiles that the kernels of a model could have. `module` left
/// `requantize` (in float, `prepare`) and stays as it is; `compiler` has the
/// options of the object to be, for a target that this machine can run.
///
/// The i-th of some objects has the i-th candidate of every class; they run in
/// turns, `seconds` each in all, a class's time being the sum over its calls of
/// the median. Then the fastest tiles, together in one object, have to prove
/// themselves against the cost model's: a class keeps the cost model's unless
/// the other was faster both times, the second time by isFaster().
llvm::Expected<TileTuningResult> tuneTiles(mlir::ModuleOp module,
                                           const Compiler &compiler,
                                           double seconds,
                                           const ProgressFunction &progress);

} // namespace quantc

#endif // QUANTC_EXECUTION_TILETUNING_H
