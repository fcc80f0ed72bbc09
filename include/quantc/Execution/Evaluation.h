// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How good a quantized model is: accuracy against labels, and its outputs
// against those of the float model.

#ifndef QUANTC_EXECUTION_EVALUATION_H
#define QUANTC_EXECUTION_EVALUATION_H

#include "quantc/Execution/Samples.h"
#include "llvm/Support/JSON.h"

namespace quantc {

/// Σ reference² / Σ (reference − value)², in f64, gathered over many arrays.
class NoiseRatio {
public:
  void add(llvm::ArrayRef<float> reference, llvm::ArrayRef<float> values);
  /// 10·log10 of the ratio; +∞ without noise.
  double getDecibels() const;

private:
  double signal = 0, noise = 0;
};

/// A number, or null for what JSON has none for: infinities, NaN.
llvm::json::Value toJSON(double value);

/// Runs a model over all samples. Outputs of several runs are concatenated
/// along the first dimension.
llvm::Expected<std::vector<Array>> runModel(const CompiledModel &model,
                                            const SampleReader &samples,
                                            ProgressFunction progress = {});

/// Of a classifier, in shares of 1. Ties go to the lower class.
struct Accuracy {
  int64_t top1 = 0, top5 = 0;
};

struct EvaluationResult {
  int64_t samples = 0;
  Accuracy floating, integer;
  /// Samples to which both models give the same class.
  int64_t agreeing = 0;
  /// Of the integer model's first output, against the float model's.
  NoiseRatio noise;

  llvm::json::Value toJSON() const;
};

/// Runs both models, of the same inputs and f32 outputs, over the samples; the
/// first output has one row of scores per sample. `labels` has one class per
/// sample.
llvm::Expected<EvaluationResult> evaluate(const CompiledModel &floating,
                                          const CompiledModel &integer,
                                          const SampleReader &samples,
                                          llvm::ArrayRef<int64_t> labels,
                                          ProgressFunction progress = {});

} // namespace quantc

#endif // QUANTC_EXECUTION_EVALUATION_H
