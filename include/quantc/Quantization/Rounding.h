// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Rounding and saturation: the only places where a real number becomes an
// integer (docs/Semantics.md, S2 and S3).

#ifndef QUANTC_QUANTIZATION_ROUNDING_H
#define QUANTC_QUANTIZATION_ROUNDING_H

#include "quantc/Quantization/Enums.h"
#include <cstdint>
#include <limits>

namespace quantc {

/// A closed interval of integers.
struct QuantRange {
  int64_t min = 0;
  int64_t max = 0;

  bool contains(int64_t value) const { return min <= value && value <= max; }
  bool operator==(const QuantRange &other) const {
    return min == other.min && max == other.max;
  }
  bool operator!=(const QuantRange &other) const { return !(*this == other); }

  /// All values of a two's complement or unsigned integer of `bits` ≤ 32 bits.
  static QuantRange storage(bool isSigned, unsigned bits) {
    return isSigned ? QuantRange{-(int64_t(1) << (bits - 1)),
                                 (int64_t(1) << (bits - 1)) - 1}
                    : QuantRange{0, (int64_t(1) << bits) - 1};
  }
};

/// `value` clamped to `range` (S3).
inline int64_t saturate(int64_t value, QuantRange range) {
  return value < range.min ? range.min : value > range.max ? range.max : value;
}

/// `value` clamped to the values of the integer type `T` (S3).
template <typename T> T saturateTo(int64_t value) {
  return static_cast<T>(saturate(
      value, {std::numeric_limits<T>::min(), std::numeric_limits<T>::max()}));
}

/// The integer nearest to `value`, ties by `direction` (S2); saturating to
/// int64, NaN gives 0. DoubleRound has no meaning for one rounding of a real
/// number; it takes the direction of its last step, HalfAway.
int64_t roundToInt64(double value,
                     RoundingDirection direction = RoundingDirection::HalfEven);

/// `value / 2^shift`, rounded (S2). 0 ≤ shift ≤ 62; no intermediate overflows.
/// DoubleRound takes the direction of its last step, HalfAway (gemmlowp's
/// RoundingDivideByPOT); both steps together are `applyFixed`.
int64_t
roundingShiftRight(int64_t value, unsigned shift,
                   RoundingDirection direction = RoundingDirection::HalfUp);

/// `numerator / denominator` rounded (S2), denominator > 0.
/// DoubleRound means HalfAway, as above.
int64_t roundingDivide(int64_t numerator, int64_t denominator,
                       RoundingDirection direction);

} // namespace quantc

#endif // QUANTC_QUANTIZATION_ROUNDING_H
