// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where the quantization noise comes from.

#ifndef QUANTC_EXECUTION_COMPARISON_H
#define QUANTC_EXECUTION_COMPARISON_H

#include "quantc/Execution/Evaluation.h"

namespace quantc {

/// Which fake quantizations are active.
enum class CompareScope { All, Weights, Activations };

struct SiteNoise {
  std::string site;
  bool isWeight = false;
  /// Of the site's own rounding: its float values against the same, rounded by
  /// its parameters. None where the scope leaves it out.
  std::optional<NoiseRatio> alone;
  /// Of all the rounding up to and including the site: its values in the float
  /// model against those in the fake-quantized model. For weights as `alone`;
  /// none for an output of integers.
  std::optional<NoiseRatio> cumulative;
};

struct ComparisonResult {
  int64_t samples = 0;
  /// Sites in the order of the model, then its outputs.
  std::vector<SiteNoise> sites, outputs;

  llvm::json::Value toJSON() const;
};

/// `observed` left `observe`, `folded` is the same after `fold`; neither is
/// changed. Both run in float over the samples, the second with its fake
/// quantizations, which is what the integer model computes up to rounding.
llvm::Expected<ComparisonResult>
compare(mlir::ModuleOp observed, mlir::ModuleOp folded,
        const Compiler &compiler, llvm::ArrayRef<std::string> data,
        CompareScope scope, ProgressFunction progress = {});

} // namespace quantc

#endif // QUANTC_EXECUTION_COMPARISON_H
