// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Time, of the whole and per layer.

#ifndef QUANTC_EXECUTION_PROFILING_H
#define QUANTC_EXECUTION_PROFILING_H

#include "quantc/Execution/CompiledModel.h"
#include "quantc/Execution/Inspection.h"
#include "quantc/Execution/Samples.h"

namespace quantc {

struct BenchResult {
  int64_t threads = 1;
  int64_t runs = 0;
  /// Of one run, in seconds.
  double median = 0, minimum = 0;
};

/// Runs with constant inputs (zeros) until `seconds` have passed, at least ten
/// times, for each of the numbers of threads; these take turns, so that a
/// change of the machine's speed concerns all.
llvm::Expected<std::vector<BenchResult>> bench(CompiledModel &model,
                                               llvm::ArrayRef<int64_t> threads,
                                               double seconds = 1.0);

struct KernelTime {
  /// Node of the source model (as far as the code knows), function called.
  std::string node, kernel;
  /// Median over the runs, in seconds, of one run.
  double seconds = 0;
  int64_t macs = 0;
};

/// A model whose code takes the time of every kernel call. Runs are of zeros.
class KernelTimer {
public:
  /// `lowered` left the phase `llvm`; a copy of it gets a time stamp before and
  /// after each call from the entry function.
  static llvm::Expected<KernelTimer> create(mlir::ModuleOp lowered,
                                            const ModelInterface &interface,
                                            const Compiler &compiler);

  void useThreads(std::shared_ptr<ThreadPool> pool) {
    model.useThreads(std::move(pool));
  }
  /// Once without being counted, then until `seconds` have passed and there
  /// were `runs` of them.
  llvm::Error run(double seconds, int64_t runs);

  /// Forgets the runs so far.
  void forget();

  /// Median, minimum and number of all runs so far, of which there must be one.
  BenchResult getWhole(int64_t threads = 1) const;
  size_t getRuns() const { return times.size(); }
  /// The calls in their order, without times.
  llvm::ArrayRef<KernelTime> getCalls() const { return calls; }
  /// The same with medians over the runs from `first` on, of
  /// which there must be one.
  std::vector<KernelTime> getTimes(size_t first = 0) const;

private:
  KernelTimer(CompiledModel model, std::vector<KernelTime> calls,
              uint64_t *stamps);

  CompiledModel model;
  RunBuffers buffers;
  std::vector<KernelTime> calls;
  /// In the loaded code, one for each call.
  uint64_t *stamps;
  /// What they were after each run; what runs took, in seconds.
  std::vector<std::vector<double>> ticks;
  std::vector<double> times;
  /// How long runs took by both clocks.
  double allTicks = 0, allSeconds = 0;
};

struct ProfileResult {
  /// Of a run of the same code.
  BenchResult whole;
  std::vector<KernelTime> kernels;
  /// Multiply-accumulates per second that this machine's cores, one for each
  /// thread, can do with the instruction the model's code uses; measured on
  /// one. 0 if unknown.
  double peak = 0;

  llvm::json::Value toJSON() const;
};

/// Times every kernel call (see KernelTimer), with the threads of `pool`.
/// `layers` (see inspect) gives the multiply-accumulates of the nodes.
llvm::Expected<ProfileResult>
profile(mlir::ModuleOp lowered, const ModelInterface &interface,
        const Compiler &compiler, llvm::ArrayRef<LayerInfo> layers,
        double seconds = 1.0, std::shared_ptr<ThreadPool> pool = {});

} // namespace quantc

#endif // QUANTC_EXECUTION_PROFILING_H
