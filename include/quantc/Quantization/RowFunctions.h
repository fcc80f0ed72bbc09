// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Softmax and layer normalization of rows of 8-bit values, in integers alone
// (docs/Semantics.md, S33 and S34).

#ifndef QUANTC_QUANTIZATION_ROWFUNCTIONS_H
#define QUANTC_QUANTIZATION_ROWFUNCTIONS_H

#include "quantc/Quantization/QuantParams.h"
#include "llvm/ADT/SmallVector.h"

namespace quantc {

/// The longest row: its sum of squares fits 31 bits.
inline constexpr int64_t maxRowLength = 1 << 16;

/// S33. With d = max(row) - q and e = table[d]:
///   r = (numerator + ⌊Σe / 2⌋) / Σe, rounded down
///   result = clamp(((e · r + 2^(shift-1)) >> shift) + zeroPoint)
/// The result is within 1/2 + (n + 2) · 2^-17 steps of the real one.
struct IntegerSoftmax {
  /// rne(2^23 · exp(-d · scale)), d = 0 … 255. Sums are wider than 32 bits.
  llvm::SmallVector<int32_t> table;
  /// 2^shift / output scale, at most 2^54, so that r is at most 2^31.
  int64_t numerator = 0;
  int32_t shift = 0;
  int32_t zeroPoint = 0;
  QuantRange range{-128, 127};

  /// For rows of `length`. Error where it exceeds `maxRowLength`, or the
  /// output's scale isn't in [2^-24, 2^24].
  static llvm::Expected<IntegerSoftmax> create(double inputScale,
                                               QuantParams output,
                                               QuantRange range,
                                               int64_t length);
  /// One row. `in` and `out` have the same size.
  void apply(llvm::ArrayRef<int8_t> in,
             llvm::MutableArrayRef<int8_t> out) const;
};

/// ⌊2^30 / √x⌉ up to 2^-22 of it, for x = value / 2^31 in [1/4, 1): three
/// steps of Newton's method, y ← y · (3 - x · y²) / 2, from a line that is off
/// by 8.6 % at most. All in 64 bits, rounded down.
int64_t reciprocalSquareRoot(int64_t value);

/// What a row's mean and variance give to each of its elements.
struct RowFactors {
  int32_t sum;    ///< Σ q
  int32_t narrow; ///< bits to take from n · q - sum, so that 15 are left
  int32_t factor; ///< 16 bits, times the deviation
  int32_t shift;  ///< 1 … 31, leaves the binary places of IntegerLayerNorm
};

/// S34. `squares` is Σ q², `epsilon` and `places` are those of
/// IntegerLayerNorm.
RowFactors computeRowFactors(int64_t length, int32_t sum, int32_t squares,
                             int64_t epsilon, int32_t places);

/// S34. With the factors of the row, for each q:
///   d = (n · q - sum + ⌊2^narrow / 2⌋) >> narrow
///   h = (d · factor + 2^(t-1)) >> t, t the row's shift
///   result = clamp((h · gamma[i] + beta[i]) >> shift)
/// The result is within 1/2 + 3 · 2^-places · (max |gamma| / output scale + 1)
/// steps of the real one; places are 10 for rows of 768.
struct IntegerLayerNorm {
  /// gamma and beta in units of the output's scale with as many binary places
  /// as 32 bits allow; the zero point and a half for rounding are in beta.
  llvm::SmallVector<int32_t> gamma, beta;
  /// n² · epsilon / (input scale)², at most 2^62.
  int64_t epsilon = 0;
  /// Binary places of normalized values in 16 bits. Their magnitude is below
  /// √n and, for the sake of epsilon, below 255 n / √epsilon.
  int32_t places = 0;
  /// Places of h · gamma, at least 1.
  int32_t shift = 0;
  QuantRange range{-128, 127};

  /// Rows have the length of `gamma` and `beta`. Error where it exceeds
  /// `maxRowLength`, or gamma or beta are too large for the output's scale.
  static llvm::Expected<IntegerLayerNorm>
  create(double inputScale, llvm::ArrayRef<float> gamma,
         llvm::ArrayRef<float> beta, double epsilon, QuantParams output,
         QuantRange range);
  /// One row. `in` and `out` have the size of `gamma`.
  void apply(llvm::ArrayRef<int8_t> in,
             llvm::MutableArrayRef<int8_t> out) const;
};

} // namespace quantc

#endif // QUANTC_QUANTIZATION_ROWFUNCTIONS_H
