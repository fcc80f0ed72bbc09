// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Scale changes on integers (docs/Semantics.md, S11 to S16) and the common
// scale of an addition (S20).

#ifndef QUANTC_QUANTIZATION_REQUANTIZE_H
#define QUANTC_QUANTIZATION_REQUANTIZE_H

#include "quantc/Quantization/QuantParams.h"
#include "llvm/ADT/SmallVector.h"

namespace quantc {

/// The real number multiplier · 2^-shift, in the domain of TOSA's
/// apply_scale_32: 0 ≤ multiplier < 2^31, 2 ≤ shift ≤ 62.
struct FixedPointMultiplier {
  int32_t multiplier = 0;
  int32_t shift = 2;

  bool operator==(const FixedPointMultiplier &other) const {
    return multiplier == other.multiplier && shift == other.shift;
  }

  /// The values that apply_scale_32 accepts at this shift: [-2^(shift-1),
  /// 2^(shift-1)).
  QuantRange domain() const;
  double toDouble() const;
};

/// S16: the fixed-point multiplier nearest to `real`: 31 bits of mantissa,
/// rounded half away (TFLite's QuantizeMultiplier, TOSA's
/// computeMultiplierAndShift). Reals below 2^-32 lose mantissa bits so that the
/// shift stays 62, down to a multiplier of 0. Error unless `real` is finite,
/// positive and less than 2^29.
llvm::Expected<FixedPointMultiplier> computeFixedPointMultiplier(double real);

/// S13, S14: value · multiplier · 2^-shift rounded, in 64 bits, saturated to
/// i32. HalfUp is apply_scale_32, DoubleRound is apply_scale_32 with
/// double_round (gemmlowp's two roundings, inside `domain()`); HalfEven and
/// HalfAway round the exact product once.
int32_t applyFixed(int32_t value, FixedPointMultiplier scale,
                   RoundingDirection direction = RoundingDirection::HalfUp);

/// S15: value · 2^-shift rounded (half up unless said otherwise), in 64 bits.
/// A negative shift is a saturating left shift. -31 ≤ shift ≤ 62.
int32_t applyShift(int32_t value, int32_t shift,
                   RoundingDirection direction = RoundingDirection::HalfUp);

/// S12: clamp(rne(f32(acc) · multiplier), lo - zp, hi - zp) + zp, in f32.
int32_t requantizeF32(int32_t acc, float multiplier, int32_t zeroPoint,
                      int32_t lo, int32_t hi);

/// How a scale change computes; what `#quantc.rounding` and the mode stand for.
struct RequantizeRounding {
  RoundingDomain domain = RoundingDomain::F32;
  RoundingDirection direction = RoundingDirection::HalfEven;
  ScalingForm form = ScalingForm::Reciprocal;
  ZeroPointPlacement zeroPoint = ZeroPointPlacement::AfterRounding;

  /// F32: f32 half even. Fixed and Shift: fixed half up. FixedDouble: fixed,
  /// double round.
  static RequantizeRounding forMode(RequantizeMode mode);
};

/// S11, for the domains F32 and F64: v = T(value) · T(multiplier), or
/// T(value) / T(1/multiplier) with ScalingForm::Divide, in T = f32 or f64; then
/// the zero point is added (after or before the rounding) and the result
/// clamped to `range`.
int64_t requantizeReal(int64_t value, double multiplier,
                       RequantizeRounding rounding, int64_t zeroPoint,
                       QuantRange range);

/// S11: everything one `quantc.requantize` says.
///   apply(v, c) = clamp(scale_c(v - inputZeroPoint) + outputZeroPoint, clamp)
class Requantizer {
public:
  /// One multiplier (input scale / output scale), or one per channel. Error
  /// where a multiplier can't be had in `mode`: see
  /// computeFixedPointMultiplier; Shift wants exact powers of two.
  static llvm::Expected<Requantizer>
  create(RequantizeMode mode, llvm::ArrayRef<double> multipliers,
         int32_t inputZeroPoint, int32_t outputZeroPoint, QuantRange clamp);
  /// The same for any domain × direction, as modules from elsewhere need.
  static llvm::Expected<Requantizer>
  create(RequantizeRounding rounding, llvm::ArrayRef<double> multipliers,
         int32_t inputZeroPoint, int32_t outputZeroPoint, QuantRange clamp);

  /// i8, i16 or i32 in (sign- or zero-extended by the caller), clamp's type
  /// out.
  int32_t apply(int32_t value, int64_t channel = 0) const;

  bool isShift() const { return shiftOnly; }
  RequantizeRounding getRounding() const { return rounding; }
  int32_t getInputZeroPoint() const { return inputZeroPoint; }
  int32_t getOutputZeroPoint() const { return outputZeroPoint; }
  QuantRange getClamp() const { return clamp; }
  /// Per channel or one: the real multipliers, rounded to the domain (f32 for
  /// F32).
  llvm::ArrayRef<double> getMultipliers() const { return multipliers; }
  /// Per channel or one, in the domain Fixed. For Shift the multiplier is 1 and
  /// the shift -28…62 (negative: left).
  llvm::ArrayRef<FixedPointMultiplier> getFixed() const { return fixed; }

private:
  RequantizeRounding rounding;
  bool shiftOnly = false;
  int32_t inputZeroPoint = 0, outputZeroPoint = 0;
  QuantRange clamp{INT32_MIN, INT32_MAX};
  llvm::SmallVector<double, 1> multipliers;
  llvm::SmallVector<FixedPointMultiplier, 1> fixed;
};

/// One side of an addition: parameters and the storage values that can occur.
struct AddOperand {
  QuantParams params;
  QuantRange range;
};

/// S20: real values that are added are first brought to one i32 scale
///   common = max(scales) · 2^-headroom:
///   sum = Σ requantize(q_i - zp_i, operandMultipliers[i])   (i32, no clamp)
///   out = requantize(sum, outputMultiplier) + zp, clamped.
struct AddAlignment {
  double commonScale = 0.0;
  /// The largest h ≤ 20 for which sum stays below 2^29 in magnitude, whatever
  /// the operands.
  int headroom = 0;
  llvm::SmallVector<double, 2> operandMultipliers;
  double outputMultiplier = 0.0;
};

/// As TFLite's ADD, whose headroom is 19 (left shift 20 at twice the larger
/// scale), generalized to any number of operands and width. All multipliers are
/// powers of two if all scales are. Error if there is no operand, or too many
/// and too wide ones for any headroom ≥ 0.
llvm::Expected<AddAlignment> alignScales(llvm::ArrayRef<AddOperand> operands,
                                         double outputScale);

} // namespace quantc

#endif // QUANTC_QUANTIZATION_REQUANTIZE_H
