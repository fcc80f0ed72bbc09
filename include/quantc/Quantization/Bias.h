// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Biases as i32 (docs/Semantics.md, S17).

#ifndef QUANTC_QUANTIZATION_BIAS_H
#define QUANTC_QUANTIZATION_BIAS_H

#include "quantc/Quantization/QuantParams.h"
#include "llvm/ADT/SmallVector.h"

namespace quantc {

/// |bias| ≤ maxBias leaves half of i32 to the products (proved by Proofs.h).
inline constexpr int32_t maxBias = 1 << 30;

struct QuantizedBias {
  llvm::SmallVector<int32_t> values;
  /// As many as were given. Those that had to grow, grew; the weights must be
  /// quantized with these.
  llvm::SmallVector<double> weightScales;
  /// Indices into weightScales of those that grew.
  llvm::SmallVector<int64_t> enlarged;
};

/// S17: bias[c] at the scale inputScale · weightScales[c] (or weightScales[0]),
/// half even, computed in f64. Where |bias| would exceed `maxBias`, the weight
/// scale is enlarged to the next f32 (or the next power of two, if
/// `powerOfTwoScales`) at which it fits. Error for a bias that isn't finite,
/// for scales that aren't finite and positive, and where no f32 scale is large
/// enough.
llvm::Expected<QuantizedBias> quantizeBias(llvm::ArrayRef<float> bias,
                                           double inputScale,
                                           llvm::ArrayRef<double> weightScales,
                                           bool powerOfTwoScales = false);

} // namespace quantc

#endif // QUANTC_QUANTIZATION_BIAS_H
