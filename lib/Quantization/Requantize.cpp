// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Quantization/Requantize.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace quantc;
using namespace llvm;

static Error error(const Twine &message) {
  return createStringError(inconvertibleErrorCode(), message);
}

//===----------------------------------------------------------------------===//
// Fixed point
//===----------------------------------------------------------------------===//

QuantRange FixedPointMultiplier::domain() const {
  int64_t bound = int64_t(1) << std::min(shift - 1, 31);
  return {-bound, bound - 1};
}

double FixedPointMultiplier::toDouble() const {
  return std::ldexp(multiplier, -shift);
}

Expected<FixedPointMultiplier>
quantc::computeFixedPointMultiplier(double real) {
  if (!std::isfinite(real) || !(real > 0))
    return error(
        formatv("the scale ratio {0:e} is not finite and positive", real));
  int exponent;
  // The mantissa is in [0.5, 1): 31 bits, of which the first is one.
  int64_t mantissa = roundToInt64(std::ldexp(std::frexp(real, &exponent), 31),
                                  RoundingDirection::HalfAway);
  if (mantissa == int64_t(1) << 31) {
    mantissa >>= 1;
    ++exponent;
  }
  int shift = 31 - exponent;
  if (shift < 2)
    return error(formatv(
        "the scale ratio {0:e} is too large for fixed point (2^29 or more)",
        real));
  if (shift > 62) {
    mantissa >>= std::min(31, shift - 62);
    shift = 62;
  }
  return FixedPointMultiplier{static_cast<int32_t>(mantissa), shift};
}

int32_t quantc::applyFixed(int32_t value, FixedPointMultiplier scale,
                           RoundingDirection direction) {
  // |product| ≤ 2^62 and |round| < 2^62: nothing overflows.
  int64_t product = static_cast<int64_t>(value) * scale.multiplier;
  if (direction != RoundingDirection::DoubleRound)
    return saturateTo<int32_t>(
        roundingShiftRight(product, scale.shift, direction));
  int64_t round = int64_t(1) << (scale.shift - 1);
  if (scale.shift > 31)
    round += value >= 0 ? int64_t(1) << 30 : -(int64_t(1) << 30);
  return saturateTo<int32_t>((product + round) >> scale.shift);
}

int32_t quantc::applyShift(int32_t value, int32_t shift,
                           RoundingDirection direction) {
  if (shift < 0)
    return saturateTo<int32_t>(static_cast<int64_t>(value) *
                               (int64_t(1) << -shift));
  return static_cast<int32_t>(roundingShiftRight(value, shift, direction));
}

//===----------------------------------------------------------------------===//
// Floating point
//===----------------------------------------------------------------------===//

int32_t quantc::requantizeF32(int32_t acc, float multiplier, int32_t zeroPoint,
                              int32_t lo, int32_t hi) {
  float scaled = static_cast<float>(acc) * multiplier;
  int64_t zp = zeroPoint;
  return static_cast<int32_t>(
      saturate(roundToInt64(scaled), {lo - zp, hi - zp}) + zp);
}

template <typename T>
static int64_t requantizeIn(int64_t value, double multiplier,
                            RequantizeRounding rounding, int64_t zeroPoint,
                            QuantRange range) {
  T v = rounding.form == ScalingForm::Divide
            ? static_cast<T>(value) / static_cast<T>(1.0 / multiplier)
            : static_cast<T>(value) * static_cast<T>(multiplier);
  if (rounding.zeroPoint == ZeroPointPlacement::BeforeRounding)
    return saturate(
        roundToInt64(v + static_cast<T>(zeroPoint), rounding.direction), range);
  QuantRange shifted{range.min - zeroPoint, range.max - zeroPoint};
  return saturate(roundToInt64(v, rounding.direction), shifted) + zeroPoint;
}

int64_t quantc::requantizeReal(int64_t value, double multiplier,
                               RequantizeRounding rounding, int64_t zeroPoint,
                               QuantRange range) {
  return rounding.domain == RoundingDomain::F64
             ? requantizeIn<double>(value, multiplier, rounding, zeroPoint,
                                    range)
             : requantizeIn<float>(value, multiplier, rounding, zeroPoint,
                                   range);
}

//===----------------------------------------------------------------------===//
// Requantizer
//===----------------------------------------------------------------------===//

RequantizeRounding RequantizeRounding::forMode(RequantizeMode mode) {
  switch (mode) {
  case RequantizeMode::F32:
    return {RoundingDomain::F32, RoundingDirection::HalfEven};
  case RequantizeMode::Fixed:
  case RequantizeMode::Shift:
    return {RoundingDomain::Fixed, RoundingDirection::HalfUp};
  case RequantizeMode::FixedDouble:
    return {RoundingDomain::Fixed, RoundingDirection::DoubleRound};
  }
  llvm_unreachable("all modes are handled");
}

Expected<Requantizer> Requantizer::create(RequantizeRounding rounding,
                                          ArrayRef<double> multipliers,
                                          int32_t inputZeroPoint,
                                          int32_t outputZeroPoint,
                                          QuantRange clamp) {
  Requantizer result;
  result.rounding = rounding;
  result.inputZeroPoint = inputZeroPoint;
  result.outputZeroPoint = outputZeroPoint;
  result.clamp = clamp;
  if (multipliers.empty())
    return error("a scale change needs a multiplier");
  if (clamp.min > clamp.max || clamp.min < INT32_MIN || clamp.max > INT32_MAX)
    return error(formatv("[{0}, {1}] is not a range of i32 values", clamp.min,
                         clamp.max));
  bool isFixed = rounding.domain == RoundingDomain::Fixed;
  if (isFixed && (rounding.form != ScalingForm::Reciprocal ||
                  rounding.zeroPoint != ZeroPointPlacement::AfterRounding))
    return error("fixed-point arithmetic multiplies, and adds the zero point "
                 "after rounding");
  if (!isFixed && rounding.direction == RoundingDirection::DoubleRound)
    return error("double rounding exists in fixed point only");
  for (double real : multipliers) {
    if (isFixed) {
      Expected<FixedPointMultiplier> fixed = computeFixedPointMultiplier(real);
      if (!fixed)
        return fixed.takeError();
      result.fixed.push_back(*fixed);
      result.multipliers.push_back(fixed->toDouble());
      continue;
    }
    bool isF32 = rounding.domain == RoundingDomain::F32;
    double rounded = isF32 ? static_cast<float>(real) : real;
    double reciprocal = isF32 ? static_cast<float>(1.0 / real) : 1.0 / real;
    if (!(rounded > 0) || !std::isfinite(rounded) || !std::isfinite(reciprocal))
      return error(
          formatv("the scale ratio {0:e} is not finite and positive in {1}",
                  real, stringifyRoundingDomain(rounding.domain)));
    // A quotient needs the ratio itself, whose reciprocal is rounded.
    result.multipliers.push_back(
        rounding.form == ScalingForm::Divide ? real : rounded);
  }
  return result;
}

Expected<Requantizer> Requantizer::create(RequantizeMode mode,
                                          ArrayRef<double> multipliers,
                                          int32_t inputZeroPoint,
                                          int32_t outputZeroPoint,
                                          QuantRange clamp) {
  Expected<Requantizer> result =
      create(RequantizeRounding::forMode(mode), multipliers, inputZeroPoint,
             outputZeroPoint, clamp);
  if (!result || mode != RequantizeMode::Shift)
    return result;
  result->shiftOnly = true;
  for (auto [real, fixed] : zip_equal(multipliers, result->fixed)) {
    if (!isPowerOfTwo(real))
      return error(formatv("the scale ratio {0:e} is not a power of two: the "
                           "scales must be snapped "
                           "to powers of two when the calibration is folded",
                           real));
    // What is beyond 62 is zero at 62 already.
    fixed = {1, std::min(-std::ilogb(real), 62)};
  }
  return result;
}

int32_t Requantizer::apply(int32_t value, int64_t channel) const {
  size_t index = multipliers.size() == 1 ? 0 : channel;
  int64_t centered = static_cast<int64_t>(value) - inputZeroPoint;
  if (rounding.domain != RoundingDomain::Fixed)
    return static_cast<int32_t>(requantizeReal(
        centered, multipliers[index], rounding, outputZeroPoint, clamp));
  int32_t operand = saturateTo<int32_t>(centered);
  int64_t scaled =
      shiftOnly ? applyShift(operand, fixed[index].shift, rounding.direction)
                : applyFixed(operand, fixed[index], rounding.direction);
  return static_cast<int32_t>(saturate(scaled + outputZeroPoint, clamp));
}

//===----------------------------------------------------------------------===//
// Addition
//===----------------------------------------------------------------------===//

Expected<AddAlignment> quantc::alignScales(ArrayRef<AddOperand> operands,
                                           double outputScale) {
  if (operands.empty())
    return error("an addition needs an operand");
  double largest = 0;
  for (const AddOperand &operand : operands)
    largest = std::max(largest, operand.params.scale);
  // The sum in units of `largest`, a little more than it can be, because
  // multipliers and products are rounded: f32 is off by 2^-23 at most.
  double reach = 0;
  for (const AddOperand &operand : operands) {
    int64_t zp = operand.params.zeroPoint;
    double extreme = std::max(std::abs(operand.range.min - zp),
                              std::abs(operand.range.max - zp));
    reach += extreme * (operand.params.scale / largest) * (1 + 0x1p-22);
  }
  constexpr double limit = 0x1p29;
  AddAlignment result;
  for (result.headroom = 20; result.headroom >= 0; --result.headroom)
    if (std::ldexp(reach, result.headroom) + operands.size() < limit)
      break;
  if (result.headroom < 0)
    return error(
        formatv("the sum of {0} operands may overflow i32", operands.size()));
  result.commonScale = std::ldexp(largest, -result.headroom);
  for (const AddOperand &operand : operands)
    result.operandMultipliers.push_back(operand.params.scale /
                                        result.commonScale);
  result.outputMultiplier = result.commonScale / outputScale;
  return result;
}
