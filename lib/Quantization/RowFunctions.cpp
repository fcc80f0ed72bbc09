// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Quantization/RowFunctions.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace llvm;
using namespace quantc;

static Error checkLength(int64_t length) {
  if (length >= 1 && length <= maxRowLength)
    return Error::success();
  return createStringError("rows of %lld elements; at most %lld are supported",
                           static_cast<long long>(length),
                           static_cast<long long>(maxRowLength));
}

Expected<IntegerSoftmax> IntegerSoftmax::create(double inputScale,
                                                QuantParams output,
                                                QuantRange range,
                                                int64_t length) {
  if (Error error = checkLength(length))
    return std::move(error);
  if (!(output.scale >= 0x1p-24 && output.scale <= 0x1p24))
    return createStringError(
        "the scale of its result, %g, is out of [2^-24, 2^24]", output.scale);
  IntegerSoftmax softmax;
  for (int d = 0; d < 256; ++d)
    softmax.table.push_back(static_cast<int32_t>(
        std::nearbyint(std::ldexp(std::exp(-d * inputScale), 23))));
  softmax.shift = std::min(62, std::ilogb(output.scale) + 54);
  softmax.numerator = static_cast<int64_t>(
      std::nearbyint(std::ldexp(1.0 / output.scale, softmax.shift)));
  softmax.zeroPoint = static_cast<int32_t>(output.zeroPoint);
  softmax.range = range;
  return softmax;
}

void IntegerSoftmax::apply(ArrayRef<int8_t> in,
                           MutableArrayRef<int8_t> out) const {
  int max = *llvm::max_element(in);
  int64_t sum = 0;
  for (int8_t q : in)
    sum += table[max - q];
  int64_t reciprocal = (numerator + sum / 2) / sum;
  for (auto [q, result] : zip_equal(in, out)) {
    int64_t product = table[max - q] * reciprocal;
    int64_t scaled = (product + (int64_t(1) << (shift - 1))) >> shift;
    result = static_cast<int8_t>(
        std::clamp<int64_t>(scaled + zeroPoint, range.min, range.max));
  }
}

int64_t quantc::reciprocalSquareRoot(int64_t value) {
  // 2.1327 - 1.2187 x, in units of 2^-30.
  int64_t y = 2289969217 - ((value * 1308569174) >> 31);
  for (int step = 0; step < 3; ++step) {
    int64_t square = (y * y) >> 30;
    int64_t product = (value * square) >> 31;
    y = (y * ((int64_t(3) << 30) - product)) >> 31;
  }
  return y;
}

RowFactors quantc::computeRowFactors(int64_t length, int32_t sum,
                                     int32_t squares, int64_t epsilon,
                                     int32_t places) {
  RowFactors factors;
  factors.sum = sum;
  // n² times the variance; the square of a deviation n · q - sum is at most n
  // times that.
  int64_t variance = length * squares - int64_t(sum) * sum;
  int bits = 64 - countl_zero(static_cast<uint64_t>(length * variance));
  factors.narrow = std::max(0, (bits + 1) / 2 - 14);

  uint64_t total = std::max<int64_t>(variance + epsilon, 1);
  int even = countl_zero(total) & ~1;
  int64_t root =
      reciprocalSquareRoot(static_cast<int64_t>((total << even) >> 33));
  factors.factor =
      static_cast<int32_t>(std::min<int64_t>((root + (1 << 14)) >> 15, 65535));
  factors.shift = std::clamp(47 - even / 2 - factors.narrow - places, 1, 31);
  return factors;
}

Expected<IntegerLayerNorm>
IntegerLayerNorm::create(double inputScale, ArrayRef<float> gamma,
                         ArrayRef<float> beta, double epsilon,
                         QuantParams output, QuantRange range) {
  int64_t length = gamma.size();
  if (Error error = checkLength(length))
    return std::move(error);
  auto largest = [&](ArrayRef<float> values) {
    double magnitude = 0;
    for (float value : values)
      magnitude = std::max(magnitude, std::fabs(value / output.scale));
    return magnitude;
  };
  IntegerLayerNorm norm;
  norm.range = range;
  norm.epsilon = static_cast<int64_t>(std::nearbyint(
      std::min(0x1p62, epsilon / (inputScale * inputScale) * length * length)));
  double bound = std::sqrt(static_cast<double>(length));
  if (norm.epsilon)
    bound = std::min(bound, 255.0 * length /
                                std::sqrt(static_cast<double>(norm.epsilon)));
  norm.places =
      std::min(15 - static_cast<int>(std::ceil(std::log2(bound))), 30);

  // |h · gamma| < 2^15.01 · 2^14 and |beta| < 2^30 leave room for their sum.
  double offset = largest(beta) + std::abs(output.zeroPoint) + 1;
  norm.shift = 31;
  auto fits = [&] {
    return std::ldexp(largest(gamma), norm.shift - norm.places) <= 0x1p14 &&
           std::ldexp(offset, norm.shift) < 0x1p30;
  };
  while (norm.shift > 1 && !fits())
    --norm.shift;
  if (!fits())
    return createStringError(
        "its scale or bias is too large for the scale of its result, %g",
        output.scale);

  for (float value : gamma)
    norm.gamma.push_back(static_cast<int32_t>(std::nearbyint(
        std::ldexp(value / output.scale, norm.shift - norm.places))));
  for (float value : beta)
    norm.beta.push_back(
        static_cast<int32_t>(std::nearbyint(
            std::ldexp(value / output.scale + output.zeroPoint, norm.shift))) +
        (1 << (norm.shift - 1)));
  return norm;
}

void IntegerLayerNorm::apply(ArrayRef<int8_t> in,
                             MutableArrayRef<int8_t> out) const {
  int64_t length = gamma.size();
  int32_t sum = 0, squares = 0;
  for (int8_t q : in) {
    sum += q;
    squares += q * q;
  }
  RowFactors factors = computeRowFactors(length, sum, squares, epsilon, places);
  for (int64_t i = 0; i < length; ++i) {
    int32_t deviation = static_cast<int32_t>(length) * in[i] - factors.sum;
    deviation = (deviation + ((1 << factors.narrow) >> 1)) >> factors.narrow;
    int32_t product = deviation * factors.factor;
    int32_t normal = (product + (1 << (factors.shift - 1))) >> factors.shift;
    int32_t result = (normal * gamma[i] + beta[i]) >> shift;
    out[i] =
        static_cast<int8_t>(std::clamp<int64_t>(result, range.min, range.max));
  }
}
