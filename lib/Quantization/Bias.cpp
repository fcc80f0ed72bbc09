// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Quantization/Bias.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace quantc;
using namespace llvm;

static Error error(const Twine &message) {
  return createStringError(inconvertibleErrorCode(), message);
}

static bool fits(float bias, double inputScale, double weightScale) {
  return std::nearbyint(std::abs(bias) / (inputScale * weightScale)) <= maxBias;
}

// The smallest f32 (power of two) at which the bias fits.
static double enlarge(float bias, double inputScale, bool powerOfTwo) {
  double needed = std::abs(bias) / (inputScale * maxBias);
  if (powerOfTwo) {
    int exponent;
    std::frexp(needed, &exponent);
    double scale = std::ldexp(1.0, exponent - 1);
    return fits(bias, inputScale, scale) ? scale : 2 * scale;
  }
  float scale = static_cast<float>(needed);
  while (!fits(bias, inputScale, scale))
    scale = std::nextafter(scale, std::numeric_limits<float>::infinity());
  return scale;
}

Expected<QuantizedBias> quantc::quantizeBias(ArrayRef<float> bias,
                                             double inputScale,
                                             ArrayRef<double> weightScales,
                                             bool powerOfTwoScales) {
  if (!(inputScale > 0) || !std::isfinite(inputScale))
    return error(formatv("the input scale {0:e} is not finite and positive",
                         inputScale));
  if (weightScales.size() != 1 && weightScales.size() != bias.size())
    return error(formatv("{0} biases do not go with {1} weight scales",
                         bias.size(), weightScales.size()));
  QuantizedBias result;
  result.weightScales.assign(weightScales.begin(), weightScales.end());
  for (auto [channel, scale] : enumerate(weightScales))
    if (!(scale > 0) || !std::isfinite(scale))
      return error(formatv(
          "the weight scale {0:e} of channel {1} is not finite and positive",
          scale, channel));
  auto scaleIndex = [&](size_t channel) {
    return weightScales.size() == 1 ? 0 : channel;
  };
  for (auto [channel, value] : enumerate(bias)) {
    if (!std::isfinite(value))
      return error(formatv("the bias of channel {0} is {1}", channel, value));
    size_t index = scaleIndex(channel);
    double &scale = result.weightScales[index];
    if (fits(value, inputScale, scale))
      continue;
    scale = enlarge(value, inputScale, powerOfTwoScales);
    if (!(scale <= std::numeric_limits<float>::max()))
      return error(formatv("the bias {0:e} of channel {1} needs a weight scale "
                           "beyond f32 at the "
                           "input scale {2:e}",
                           value, channel, inputScale));
    if (result.enlarged.empty() ||
        result.enlarged.back() != static_cast<int64_t>(index))
      result.enlarged.push_back(index);
  }
  for (auto [channel, value] : enumerate(bias))
    result.values.push_back(static_cast<int32_t>(std::nearbyint(
        value / (inputScale * result.weightScales[scaleIndex(channel)]))));
  return result;
}
