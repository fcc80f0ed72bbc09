// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What an operation costs in integers and in float. The plan that rests on it
// is the same for every machine, so these are no machine's times: each figure
// of an integer form is that of the processors it suits best, so that nothing
// stays float that is faster in integers anywhere.

#ifndef QUANTC_INTERFACES_FORMCOSTS_H
#define QUANTC_INTERFACES_FORMCOSTS_H

#include <cstdint>

namespace quantc {

/// In picoseconds of one core.
struct FormCosts {
  int64_t integer, floating;

  FormCosts operator*(int64_t count) const {
    return {integer * count, floating * count};
  }
  FormCosts operator+(FormCosts other) const {
    return {integer + other.integer, floating + other.floating};
  }
};

/// Per element; the sources are in docs/rationale/Plan.md.
namespace costs {
/// f32 → i8 and back, each a pass of its own.
inline constexpr int64_t quantize = 200, dequantize = 70;
/// One multiply-add: of dense sums (8-bit dot products have four times the
/// rate of float), of depthwise ones, and what stands behind each sum.
inline constexpr FormCosts multiplyAdd{5, 20}, depthwise{20, 60}, sum{60, 60};
/// Per weight, which is read at least once.
inline constexpr FormCosts weight{9, 35};
/// Per result: sums and products of two tensors; tables and functions.
inline constexpr FormCosts elementwise{330, 160}, lookup{335, 500};
/// Per element of a row.
inline constexpr FormCosts softmax{750, 640}, layerNorm{267, 211};
/// Per element that is read: sums, and maxima.
inline constexpr FormCosts average{196, 340}, maximum{13, 110};
/// Per element that is written: bytes, and four times as many.
inline constexpr FormCosts move{15, 60};
} // namespace costs

} // namespace quantc

#endif // QUANTC_INTERFACES_FORMCOSTS_H
