// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Quantization/Rounding.h"
#include <cmath>

using namespace quantc;

// The larger neighbour wins if more than half is left over, or just half and
// the tie goes up. `floor` and `isNegative` describe the exact value.
static bool tieGoesUp(int64_t floor, bool isNegative,
                      RoundingDirection direction) {
  switch (direction) {
  case RoundingDirection::HalfUp:
    return true;
  case RoundingDirection::HalfEven:
    return floor & 1;
  case RoundingDirection::HalfAway:
  case RoundingDirection::DoubleRound:
    return !isNegative;
  }
  llvm_unreachable("all directions are handled");
}

int64_t quantc::roundToInt64(double value, RoundingDirection direction) {
  if (std::isnan(value))
    return 0;
  // Towards zero first: unlike the rest above the floor, the rest above that is
  // exact (-0.4999… + 1 isn't).
  double whole = std::trunc(value);
  if (whole >= 0x1p63)
    return std::numeric_limits<int64_t>::max();
  if (whole < -0x1p63)
    return std::numeric_limits<int64_t>::min();
  int64_t result = static_cast<int64_t>(whole);
  double rest = value - whole;
  if (rest < 0)
    return result - (rest < -0.5 ||
                     (rest == -0.5 && !tieGoesUp(result - 1, true, direction)));
  return result +
         (rest > 0.5 || (rest == 0.5 && tieGoesUp(result, false, direction)));
}

int64_t quantc::roundingShiftRight(int64_t value, unsigned shift,
                                   RoundingDirection direction) {
  if (shift == 0)
    return value;
  int64_t floor = value >> shift;
  uint64_t rest = static_cast<uint64_t>(value) & ((uint64_t(1) << shift) - 1);
  uint64_t half = uint64_t(1) << (shift - 1);
  bool up =
      rest > half || (rest == half && tieGoesUp(floor, value < 0, direction));
  return floor + up;
}

int64_t quantc::roundingDivide(int64_t numerator, int64_t denominator,
                               RoundingDirection direction) {
  int64_t floor = numerator / denominator;
  int64_t rest = numerator % denominator;
  if (rest < 0) {
    --floor;
    rest += denominator;
  }
  int64_t toNext = denominator - rest;
  bool up = rest > toNext ||
            (rest == toNext && tieGoesUp(floor, numerator < 0, direction));
  return floor + up;
}
