// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Time, of the whole and per layer.

#ifndef QUANTC_EXECUTION_PROFILING_H
#define QUANTC_EXECUTION_PROFILING_H

#include "quantc/Execution/Inspection.h"
#include "quantc/Execution/Samples.h"

namespace quantc {

struct BenchResult {
  int64_t runs = 0;
  /// Of one run, in seconds.
  double median = 0, minimum = 0;
};

/// Runs with constant inputs (zeros) until `seconds` have passed, at least ten
/// times, after one that isn't counted.
llvm::Expected<BenchResult> bench(const CompiledModel &model,
                                  double seconds = 1.0);

struct KernelTime {
  /// Node of the source model (as far as the code knows), function called.
  std::string node, kernel;
  /// Median over the runs, in seconds, of one run.
  double seconds = 0;
  int64_t macs = 0;
};

struct ProfileResult {
  /// Of a run of the same code.
  BenchResult whole;
  std::vector<KernelTime> kernels;
  /// Multiply-accumulates per second that this machine's core can do with the
  /// instruction the model's code uses; measured. 0 if unknown.
  double peak = 0;

  llvm::json::Value toJSON() const;
};

/// Times every kernel call: `lowered` left the phase `llvm` and gets a time
/// stamp before and after each call from the entry function. `layers` (see
/// inspect) gives the multiply-accumulates of the nodes.
llvm::Expected<ProfileResult> profile(mlir::ModuleOp lowered,
                                      const ModelInterface &interface,
                                      const Compiler &compiler,
                                      llvm::ArrayRef<LayerInfo> layers,
                                      double seconds = 1.0);

} // namespace quantc

#endif // QUANTC_EXECUTION_PROFILING_H
