// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Quantization/QuantParams.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace quantc;
using namespace llvm;

static Error error(const Twine &message) {
  return createStringError(inconvertibleErrorCode(), message);
}

//===----------------------------------------------------------------------===//
// Choosing and checking parameters
//===----------------------------------------------------------------------===//

Error quantc::validateRange(QuantRange range, bool isSigned, unsigned bits) {
  if (range.min >= range.max)
    return error(formatv("the quantized range [{0}, {1}] is empty", range.min,
                         range.max));
  if (!range.contains(0))
    return error(formatv("the quantized range [{0}, {1}] lacks zero", range.min,
                         range.max));
  QuantRange storage = QuantRange::storage(isSigned, bits);
  if (range.min < storage.min || range.max > storage.max)
    return error(
        formatv("the quantized range [{0}, {1}] does not fit {2}int{3}",
                range.min, range.max, isSigned ? "" : "u", bits));
  return Error::success();
}

Error quantc::validateQuantParams(QuantParams params, QuantRange range) {
  if (!(params.scale > 0) || !std::isfinite(params.scale))
    return error(
        formatv("the scale {0} is not finite and positive", params.scale));
  if (params.scale > std::numeric_limits<float>::max() ||
      static_cast<double>(static_cast<float>(params.scale)) != params.scale)
    return error(formatv("the scale {0:e} is not an f32", params.scale));
  if (params.scale < std::numeric_limits<float>::min())
    return error(formatv("the scale {0:e} is too small for f32", params.scale));
  if (!range.contains(params.zeroPoint))
    return error(formatv("the zero point {0} is outside of [{1}, {2}]",
                         params.zeroPoint, range.min, range.max));
  return Error::success();
}

static int64_t zeroPointFor(double min, double scale, QuantRange range) {
  return saturate(range.min - roundToInt64(min / scale), range);
}

// torch.ao.quantization.observer._calculate_qparams: 128 for quint8 and 2^15
// for uint16 unless the range was narrowed, then the middle rounded down.
static int64_t symmetricZeroPoint(QuantRange range, bool isSigned) {
  if (isSigned)
    return 0;
  for (unsigned bits : {8, 16})
    if (range == QuantRange::storage(false, bits))
      return int64_t(1) << (bits - 1);
  return (range.min + range.max) >> 1;
}

Expected<QuantParams> quantc::chooseQParams(FloatRange values, QuantRange range,
                                            QScheme scheme, bool isSigned) {
  if (!std::isfinite(values.min) || !std::isfinite(values.max) ||
      values.min > values.max)
    return error(formatv("[{0}, {1}] is not a range of finite values",
                         values.min, values.max));
  float min = std::min(values.min, 0.0f), max = std::max(values.max, 0.0f);
  float width = static_cast<float>(range.max - range.min);
  QuantParams params;
  float scale;
  if (scheme == QScheme::Symmetric) {
    scale = std::max(std::max(-min, max) / (width / 2), minChosenScale);
    params.zeroPoint = symmetricZeroPoint(range, isSigned);
  } else {
    scale = std::max((max - min) / width, minChosenScale);
    // PyTorch divides in f32, too: the quotient may be a tie there only.
    params.zeroPoint = saturate(range.min - roundToInt64(min / scale), range);
  }
  if (!std::isfinite(scale))
    return error(
        formatv("the values from {0:e} to {1:e} are too far apart for f32",
                values.min, values.max));
  params.scale = scale;
  return params;
}

static double nextPowerOfTwo(double value) {
  int exponent;
  double mantissa = std::frexp(value, &exponent);
  return std::ldexp(1.0, mantissa == 0.5 ? exponent - 1 : exponent);
}

bool quantc::isPowerOfTwo(double value) {
  int exponent;
  return std::isnormal(value) && std::frexp(value, &exponent) == 0.5;
}

QuantParams quantc::snapToPowerOfTwo(QuantParams params, QuantRange range,
                                     QScheme scheme) {
  QuantParams snapped{nextPowerOfTwo(params.scale), params.zeroPoint};
  if (scheme == QScheme::Affine && snapped != params)
    snapped.zeroPoint = zeroPointFor(
        (range.min - params.zeroPoint) * params.scale, snapped.scale, range);
  return snapped;
}

Expected<QuantParams> quantc::choosePowerOfTwoQParams(FloatRange values,
                                                      QuantRange range,
                                                      QScheme scheme,
                                                      bool isSigned) {
  Expected<QuantParams> params = chooseQParams(values, range, scheme, isSigned);
  if (!params)
    return params;
  QuantParams snapped{nextPowerOfTwo(params->scale), params->zeroPoint};
  if (snapped.scale > std::numeric_limits<float>::max())
    return error(
        formatv("the values from {0:e} to {1:e} are too far apart for f32",
                values.min, values.max));
  if (scheme == QScheme::Affine)
    snapped.zeroPoint =
        zeroPointFor(std::min(values.min, 0.0f), snapped.scale, range);
  return snapped;
}

// Sum of counts · (x - fakeQuantize(x))².
static double squaredError(ArrayRef<float> values, ArrayRef<float> counts,
                           QuantParams params, QuantRange range,
                           MutableArrayRef<float> quantized) {
  fakeQuantize(values, quantized, params, range);
  double sum = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    double difference = double(values[i]) - quantized[i];
    sum += difference * difference * (counts.empty() ? 1.0 : counts[i]);
  }
  return sum;
}

Expected<QuantParams>
quantc::choosePowerOfTwoQParams(FloatRange range, ArrayRef<float> values,
                                ArrayRef<float> counts, QuantRange quantRange,
                                QScheme scheme, bool isSigned) {
  Expected<QuantParams> widest =
      choosePowerOfTwoQParams(range, quantRange, scheme, isSigned);
  if (!widest)
    return widest;
  SmallVector<float, 0> quantized(values.size());
  auto errorOf = [&](QuantParams params) {
    return squaredError(values, counts, params, quantRange, quantized);
  };
  QuantParams best = *widest;
  double leastError = errorOf(best);
  while (best.scale > minChosenScale) {
    QuantParams params{best.scale / 2, best.zeroPoint};
    int64_t last = params.zeroPoint;
    if (scheme == QScheme::Affine) {
      // From no clipping below to none above.
      params.zeroPoint =
          zeroPointFor(std::min(range.min, 0.0f), params.scale, quantRange);
      last = saturate(quantRange.max - roundToInt64(std::max(range.max, 0.0f) /
                                                    params.scale),
                      quantRange);
    }
    double error = errorOf(params);
    while (params.zeroPoint > last) {
      QuantParams next{params.scale, params.zeroPoint - 1};
      double nextError = errorOf(next);
      if (nextError > error)
        break;
      params = next;
      error = nextError;
    }
    if (error >= leastError)
      break;
    best = params;
    leastError = error;
  }
  return best;
}

//===----------------------------------------------------------------------===//
// The maps
//===----------------------------------------------------------------------===//

namespace {

// Parameters in the form that the inner loops want. What is rounded is clamped
// first: the bounds are integers, so the order doesn't matter, and within ±2^21
// adding and taking away 1.5·2^23 rounds half to even in any vector unit.
struct Quantizer {
  float scale, reciprocal, zeroPoint, lo, hi, nan, offset;
  QuantizeRule rule;

  Quantizer(QuantParams params, QuantRange range, QuantizeRule rule)
      : scale(static_cast<float>(params.scale)), reciprocal(1.0f / scale),
        zeroPoint(static_cast<float>(params.zeroPoint)),
        lo(static_cast<float>(range.min)), hi(static_cast<float>(range.max)),
        rule(rule) {
    bool after = rule.zeroPoint == ZeroPointPlacement::AfterRounding;
    offset = after ? zeroPoint : 0.0f; // added after the rounding
    lo -= offset;
    hi -= offset;
    nan = after ? 0.0f : zeroPoint;
  }

  template <ScalingForm form, ZeroPointPlacement placement>
  float clamped(float x) const {
    float v = form == ScalingForm::Reciprocal ? x * reciprocal : x / scale;
    if (placement == ZeroPointPlacement::BeforeRounding)
      v += zeroPoint;
    v = v != v ? nan : v;
    v = v < lo ? lo : v;
    return v > hi ? hi : v;
  }

  template <ScalingForm form, ZeroPointPlacement placement>
  int32_t halfEven(float x) const {
    constexpr float magic = 0x1.8p23f;
    float rounded = (clamped<form, placement>(x) + magic) - magic;
    return static_cast<int32_t>(rounded) + static_cast<int32_t>(offset);
  }

  template <ScalingForm form, ZeroPointPlacement placement>
  int32_t slow(float x) const {
    return static_cast<int32_t>(
               roundToInt64(clamped<form, placement>(x), rule.direction)) +
           static_cast<int32_t>(offset);
  }

  // Calls body(f) with the function for the rule, so that loops branch once.
  template <typename Body> void dispatch(Body body) const {
    using Form = ScalingForm;
    using Placement = ZeroPointPlacement;
    bool reciprocal = rule.form == Form::Reciprocal;
    bool after = rule.zeroPoint == Placement::AfterRounding;
    if (rule.direction == RoundingDirection::HalfEven) {
      if (reciprocal && after)
        body([&](float x) {
          return halfEven<Form::Reciprocal, Placement::AfterRounding>(x);
        });
      else if (reciprocal)
        body([&](float x) {
          return halfEven<Form::Reciprocal, Placement::BeforeRounding>(x);
        });
      else if (after)
        body([&](float x) {
          return halfEven<Form::Divide, Placement::AfterRounding>(x);
        });
      else
        body([&](float x) {
          return halfEven<Form::Divide, Placement::BeforeRounding>(x);
        });
    } else {
      if (reciprocal && after)
        body([&](float x) {
          return slow<Form::Reciprocal, Placement::AfterRounding>(x);
        });
      else if (reciprocal)
        body([&](float x) {
          return slow<Form::Reciprocal, Placement::BeforeRounding>(x);
        });
      else if (after)
        body([&](float x) {
          return slow<Form::Divide, Placement::AfterRounding>(x);
        });
      else
        body([&](float x) {
          return slow<Form::Divide, Placement::BeforeRounding>(x);
        });
    }
  }
};

} // namespace

int64_t quantc::quantizeValue(float x, QuantParams params, QuantRange range,
                              QuantizeRule rule) {
  int64_t result = 0;
  Quantizer(params, range, rule).dispatch([&](auto quantizeOne) {
    result = quantizeOne(x);
  });
  return result;
}

float quantc::dequantizeValue(int64_t q, QuantParams params) {
  return static_cast<float>(q - params.zeroPoint) *
         static_cast<float>(params.scale);
}

float quantc::fakeQuantizeValue(float x, QuantParams params, QuantRange range,
                                QuantizeRule rule) {
  return dequantizeValue(quantizeValue(x, params, range, rule), params);
}

ChannelLayout ChannelLayout::of(ArrayRef<int64_t> shape, int64_t axis) {
  ChannelLayout layout{shape[axis], 1};
  for (int64_t extent : shape.drop_front(axis + 1))
    layout.inner *= extent;
  return layout;
}

// Calls body(begin, end, params) for each run of elements with the same
// parameters.
template <typename Body>
static void forEachRun(int64_t size, ArrayRef<QuantParams> params,
                       ChannelLayout layout, Body body) {
  if (params.size() == 1)
    return body(int64_t(0), size, size_t(0));
  size_t channel = 0;
  for (int64_t begin = 0; begin < size; begin += layout.inner) {
    body(begin, std::min(begin + layout.inner, size), channel);
    channel = channel + 1 == params.size() ? 0 : channel + 1;
  }
}

static SmallVector<Quantizer, 1> makeQuantizers(ArrayRef<QuantParams> params,
                                                QuantRange range,
                                                QuantizeRule rule) {
  SmallVector<Quantizer, 1> quantizers;
  for (QuantParams p : params)
    quantizers.emplace_back(p, range, rule);
  return quantizers;
}

template <typename T>
void quantc::quantize(ArrayRef<float> in, MutableArrayRef<T> out,
                      ArrayRef<QuantParams> params, QuantRange range,
                      ChannelLayout layout, QuantizeRule rule) {
  SmallVector<Quantizer, 1> quantizers = makeQuantizers(params, range, rule);
  forEachRun(in.size(), params, layout,
             [&](int64_t begin, int64_t end, size_t channel) {
               quantizers[channel].dispatch([&](auto quantizeOne) {
                 for (int64_t i = begin; i < end; ++i)
                   out[i] = static_cast<T>(quantizeOne(in[i]));
               });
             });
}

template <typename T>
void quantc::dequantize(ArrayRef<T> in, MutableArrayRef<float> out,
                        ArrayRef<QuantParams> params, ChannelLayout layout) {
  forEachRun(in.size(), params, layout,
             [&](int64_t begin, int64_t end, size_t channel) {
               for (int64_t i = begin; i < end; ++i)
                 out[i] = dequantizeValue(in[i], params[channel]);
             });
}

void quantc::fakeQuantize(ArrayRef<float> in, MutableArrayRef<float> out,
                          ArrayRef<QuantParams> params, QuantRange range,
                          ChannelLayout layout, QuantizeRule rule) {
  SmallVector<Quantizer, 1> quantizers = makeQuantizers(params, range, rule);
  forEachRun(
      in.size(), params, layout,
      [&](int64_t begin, int64_t end, size_t channel) {
        float scale = quantizers[channel].scale;
        int32_t zeroPoint = static_cast<int32_t>(params[channel].zeroPoint);
        quantizers[channel].dispatch([&](auto quantizeOne) {
          for (int64_t i = begin; i < end; ++i)
            out[i] = static_cast<float>(quantizeOne(in[i]) - zeroPoint) * scale;
        });
      });
}

#define QUANTC_INSTANTIATE(T)                                                  \
  template void quantc::quantize<T>(ArrayRef<float>, MutableArrayRef<T>,       \
                                    ArrayRef<QuantParams>, QuantRange,         \
                                    ChannelLayout, QuantizeRule);              \
  template void quantc::dequantize<T>(ArrayRef<T>, MutableArrayRef<float>,     \
                                      ArrayRef<QuantParams>, ChannelLayout);
QUANTC_INSTANTIATE(int8_t)
QUANTC_INSTANTIATE(uint8_t)
QUANTC_INSTANTIATE(int16_t)
QUANTC_INSTANTIATE(uint16_t)
QUANTC_INSTANTIATE(int32_t)
#undef QUANTC_INSTANTIATE
