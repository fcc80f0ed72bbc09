// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Arrays from files, bound to the inputs of a model.

#ifndef QUANTC_EXECUTION_SAMPLES_H
#define QUANTC_EXECUTION_SAMPLES_H

#include "quantc/Execution/ArrayFile.h"
#include "quantc/Execution/CompiledModel.h"

namespace quantc {

/// A stream of samples. A model whose first dimension is B takes B samples a
/// run; an array for its input has the shape [N, …] with N a multiple of B and
/// the rest as in the model (dimensions of size 1 may be left out). Elements
/// have the model's type; where that is f32, integers of up to 16 bits are
/// converted, which is exact. Nothing else is.
class SampleReader {
public:
  /// Each of `arguments` is "[NAME=]FILE" with FILE a `.npy`, or a `.npz` whose
  /// members are named after inputs. NAME may be left out if the model has one
  /// input. Several files for one input follow each other.
  static llvm::Expected<SampleReader>
  open(llvm::ArrayRef<std::string> arguments, const ModelInterface &interface);

  int64_t getRunCount() const { return runs; }
  /// Samples of one run, the B above.
  int64_t getBatch() const { return batch; }
  int64_t getSampleCount() const { return runs * batch; }

  /// Fills the inputs of run `run`. Error, naming file and sample, where a
  /// value is NaN or infinite.
  llvm::Error read(int64_t run, RunBuffers &buffers) const;

private:
  struct Input {
    TensorInterface tensor;
    std::vector<ArrayReader> arrays;
  };
  llvm::Error add(Input &input, ArrayReader array);

  std::vector<Input> inputs;
  int64_t batch = 1;
  int64_t runs = 0;
};

/// Splits "name=path" (the name may be empty or absent).
std::pair<llvm::StringRef, llvm::StringRef>
splitBinding(llvm::StringRef argument);

} // namespace quantc

#endif // QUANTC_EXECUTION_SAMPLES_H
