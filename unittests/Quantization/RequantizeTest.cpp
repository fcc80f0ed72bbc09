// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Rounding and requantization against an oracle that shares no code with them:
// exact rationals in 128 (or more) bits, written from the definitions.

#include "quantc/Quantization/Requantize.h"
#include "TestUtils.h"
#include "llvm/ADT/APInt.h"
#include <cmath>

using namespace quantc;
using namespace llvm;

namespace {

constexpr RoundingDirection allDirections[] = {RoundingDirection::HalfEven,
                                               RoundingDirection::HalfUp,
                                               RoundingDirection::HalfAway};
constexpr unsigned width = 512;
using Int = __int128;

APInt wide(Int value) {
  uint64_t words[2] = {static_cast<uint64_t>(value),
                       static_cast<uint64_t>(value >> 64)};
  return APInt(128, words).sext(width);
}

// The definition: of the integers nearest to numerator/denominator, the even
// one, the larger one, or the one farther from zero.
APInt nearest(const APInt &numerator, const APInt &denominator,
              RoundingDirection direction) {
  APInt floor = numerator.sdiv(denominator);
  if (numerator.isNegative() && floor * denominator != numerator)
    --floor;
  APInt below = numerator - floor * denominator, above = denominator - below;
  if (below.ult(above))
    return floor;
  if (above.ult(below))
    return floor + 1;
  switch (direction) {
  case RoundingDirection::HalfEven:
    return floor[0] ? floor + 1 : floor;
  case RoundingDirection::HalfUp:
    return floor + 1;
  default:
    return numerator.isNegative() ? floor : floor + 1;
  }
}

APInt clampTo(const APInt &value, int64_t lo, int64_t hi) {
  if (value.slt(wide(lo)))
    return wide(lo);
  return value.sgt(wide(hi)) ? wide(hi) : value;
}

int64_t nearestInt64(const APInt &numerator, const APInt &denominator,
                     RoundingDirection direction) {
  return clampTo(nearest(numerator, denominator, direction), INT64_MIN,
                 INT64_MAX)
      .getSExtValue();
}

// A finite double (float) as mantissa · 2^exponent.
struct Binary {
  int64_t mantissa;
  int exponent;
};
Binary decompose(double value) {
  int exponent;
  double mantissa = std::frexp(value, &exponent);
  return {static_cast<int64_t>(std::ldexp(mantissa, 53)), exponent - 53};
}

// mantissa · 2^exponent rounded to `bits` of mantissa, half even, as IEEE does
// (within the exponent range), from integers alone.
struct Rounded {
  APInt mantissa;
  int exponent;
};
Rounded roundTo(unsigned bits, APInt mantissa, int exponent) {
  unsigned size = mantissa.abs().getActiveBits();
  if (size <= bits)
    return {mantissa, exponent};
  unsigned drop = size - bits;
  return {
      nearest(mantissa, APInt(width, 1) << drop, RoundingDirection::HalfEven),
      exponent + static_cast<int>(drop)};
}

int64_t toInteger(const Rounded &value, RoundingDirection direction) {
  if (value.exponent >= 0)
    return clampTo(value.mantissa << std::min(value.exponent, 200), INT64_MIN,
                   INT64_MAX)
        .getSExtValue();
  return nearestInt64(value.mantissa,
                      APInt(width, 1) << std::min(-value.exponent, 400),
                      direction);
}

// f32(value) · f32(multiplier), rounded to f32, then to an integer.
int64_t oracleReal(unsigned bits, int64_t value, double multiplier,
                   RoundingDirection direction) {
  Binary m = decompose(multiplier);
  Rounded a = roundTo(bits, wide(value), 0),
          b = roundTo(bits, wide(m.mantissa), m.exponent);
  return toInteger(
      roundTo(bits, a.mantissa * b.mantissa, a.exponent + b.exponent),
      direction);
}

// gemmlowp, as TFLite calls it: left shift, SaturatingRoundingDoublingHighMul,
// RoundingDivideByPOT.
int32_t oracleTFLite(int32_t value, int32_t multiplier, int tfliteShift) {
  int left = std::max(tfliteShift, 0), right = std::max(-tfliteShift, 0);
  Int ab = static_cast<Int>(value) * (Int(1) << left) * multiplier;
  Int nudge = ab >= 0 ? (Int(1) << 30) : 1 - (Int(1) << 30);
  Int high = (ab + nudge) / (Int(1) << 31); // truncating
  Int mask = (Int(1) << right) - 1, remainder = high & mask;
  Int threshold = (mask >> 1) + (high < 0);
  return static_cast<int32_t>((high >> right) + (remainder > threshold));
}

const int32_t boundaryValues[] = {INT32_MIN,
                                  INT32_MIN + 1,
                                  -(1 << 30) - 1,
                                  -(1 << 30),
                                  -(1 << 30) + 1,
                                  -65537,
                                  -65536,
                                  -32769,
                                  -32768,
                                  -256,
                                  -255,
                                  -129,
                                  -128,
                                  -127,
                                  -3,
                                  -2,
                                  -1,
                                  0,
                                  1,
                                  2,
                                  3,
                                  127,
                                  128,
                                  255,
                                  256,
                                  32767,
                                  32768,
                                  65535,
                                  65536,
                                  (1 << 24) - 1,
                                  1 << 24,
                                  (1 << 24) + 1,
                                  (1 << 24) + 2,
                                  (1 << 24) + 3,
                                  (1 << 30) - 1,
                                  1 << 30,
                                  (1 << 30) + 1,
                                  INT32_MAX - 1,
                                  INT32_MAX};

// Random i32 of every magnitude.
int32_t anyInt32(Random &random) {
  return static_cast<int32_t>(static_cast<int32_t>(random.next()) >>
                              random.between(0, 31));
}
int32_t anyMultiplier(Random &random) {
  return random.between(1 << 30, INT32_MAX);
}

} // namespace

TEST(Rounding, RealToInteger) {
  Random random(1);
  for (RoundingDirection direction : allDirections) {
    auto check = [&](double value) {
      Binary b = decompose(value);
      EXPECT_EQ(roundToInt64(value, direction),
                toInteger({wide(b.mantissa), b.exponent}, direction))
          << value << " " << stringifyRoundingDirection(direction).str();
    };
    for (int i = -20; i <= 20; ++i)
      for (double delta : {0.0, 0.25, 0.5, 0.75})
        check(i + delta);
    for (double value :
         {0x1.fffffffffffffp-2, -0x1.fffffffffffffp-2, 0x1p52 + 0.5,
          0x1p51 + 0.5, -0x1p51 - 0.5, 0x1p53 + 2, 0x1p62, 0x1p63, -0x1p63,
          0x1p64, -0x1p64, 1e300, -1e300, 4.9e-324, -4.9e-324})
      check(value);
    for (int i = 0; i < 50000; ++i) {
      check(std::ldexp(static_cast<double>(static_cast<int64_t>(random.next())),
                       static_cast<int>(random.between(-70, 2))));
      check(static_cast<double>(random.between(-100000, 100000)) / 2);
    }
    EXPECT_EQ(roundToInt64(NAN, direction), 0);
    EXPECT_EQ(roundToInt64(INFINITY, direction), INT64_MAX);
    EXPECT_EQ(roundToInt64(-INFINITY, direction), INT64_MIN);
  }
  EXPECT_EQ(roundToInt64(-2.5, RoundingDirection::DoubleRound), -3);
}

TEST(Rounding, ShiftsAndQuotients) {
  Random random(2);
  for (RoundingDirection direction : allDirections) {
    auto check = [&](int64_t value, unsigned shift) {
      EXPECT_EQ(roundingShiftRight(value, shift, direction),
                nearestInt64(wide(value), APInt(width, 1) << shift, direction))
          << value << " >> " << shift;
    };
    for (unsigned shift = 0; shift <= 62; ++shift) {
      for (int64_t value :
           {INT64_MIN, INT64_MIN + 1, INT64_MAX - 1, INT64_MAX, int64_t(0)})
        check(value, shift);
      for (int64_t k = -9; k <= 9; ++k)
        for (int64_t delta : {-1, 0, 1}) // around multiples of a half
          if (shift)
            check(static_cast<int64_t>(k * (Int(1) << (shift - 1)) + delta),
                  shift);
      for (int i = 0; i < 500; ++i)
        check(static_cast<int64_t>(random.next()) >> random.between(0, 63),
              shift);
    }
    for (int64_t denominator = 1; denominator <= 64; ++denominator)
      for (int64_t numerator = -300; numerator <= 300; ++numerator)
        EXPECT_EQ(roundingDivide(numerator, denominator, direction),
                  nearestInt64(wide(numerator), wide(denominator), direction))
            << numerator << " / " << denominator;
    for (int64_t numerator : {INT64_MIN, INT64_MIN + 1, INT64_MAX})
      for (int64_t denominator :
           {int64_t(1), int64_t(2), int64_t(3), INT64_MAX - 1, INT64_MAX})
        EXPECT_EQ(roundingDivide(numerator, denominator, direction),
                  nearestInt64(wide(numerator), wide(denominator), direction))
            << numerator << " / " << denominator;
  }
  EXPECT_EQ(saturateTo<int8_t>(128), 127);
  EXPECT_EQ(saturateTo<uint8_t>(-1), 0);
  EXPECT_EQ(saturateTo<int32_t>(INT64_MIN), INT32_MIN);
}

TEST(Requantize, MultiplierDecomposition) {
  auto check = [](double real) {
    FixedPointMultiplier fixed = take(computeFixedPointMultiplier(real));
    EXPECT_GE(fixed.shift, 2);
    EXPECT_LE(fixed.shift, 62);
    EXPECT_EQ(fixed.toDouble(), std::ldexp(fixed.multiplier, -fixed.shift));
    // The nearest of the 31-bit numbers with this exponent, ties away.
    Binary b = decompose(real);
    APInt scaled = wide(b.mantissa);
    int exponent = b.exponent + fixed.shift;
    if (real >= 0x1p-32) {
      APInt expected = exponent >= 0
                           ? scaled << exponent
                           : nearest(scaled, APInt(width, 1) << -exponent,
                                     RoundingDirection::HalfAway);
      EXPECT_EQ(expected, wide(fixed.multiplier)) << real;
      EXPECT_GE(fixed.multiplier, 1 << 30) << real;
    } else {
      EXPECT_EQ(fixed.shift, 62);
      EXPECT_LE(std::abs(fixed.toDouble() - real), 0x1p-62);
    }
  };
  for (double real :
       {0x1p-32, 0x1p-31, 0.5, 1.0, 0x1.fffffffep-1, 0x1.fffffffdp-1,
        0x1.fffffffdfp-1, 0x1.ffffffffffffp-1, 0x1.fffffffffp27, 0x1p28,
        0x1p-33, 0x1p-62, 0x1p-63, 1e-30})
    check(real);
  Random random(3);
  for (int i = 0; i < 100000; ++i)
    check(std::ldexp(1.0 + static_cast<double>(random.next() >> 12) * 0x1p-52,
                     static_cast<int>(random.between(-40, 27))));
  EXPECT_EQ(take(computeFixedPointMultiplier(1.0)),
            (FixedPointMultiplier{1 << 30, 30}));
  EXPECT_EQ(take(computeFixedPointMultiplier(1e-30)).multiplier, 0);
  for (double real : {0.0, -1.0, double(NAN), double(INFINITY)})
    EXPECT_MESSAGE(computeFixedPointMultiplier(real),
                   "not finite and positive");
  EXPECT_MESSAGE(computeFixedPointMultiplier(0x1p29),
                 "too large for fixed point");
  EXPECT_MESSAGE(computeFixedPointMultiplier(0x1.fffffffffp28),
                 "too large for fixed point");
}

TEST(Requantize, FixedPointSingleRounding) {
  Random random(4);
  for (RoundingDirection direction : allDirections) {
    auto check = [&](int32_t value, FixedPointMultiplier scale) {
      int64_t exact =
          clampTo(nearest(wide(static_cast<Int>(value) * scale.multiplier),
                          APInt(width, 1) << scale.shift, direction),
                  INT32_MIN, INT32_MAX)
              .getSExtValue();
      ASSERT_EQ(applyFixed(value, scale, direction), exact)
          << value << " * " << scale.multiplier << " >> " << scale.shift;
    };
    for (int32_t value : boundaryValues)
      for (int32_t shift = 2; shift <= 62; ++shift)
        for (int32_t multiplier : {0, 1, (1 << 30) - 1, 1 << 30, (1 << 30) + 1,
                                   INT32_MAX - 1, INT32_MAX})
          check(value, {multiplier, shift});
    for (int i = 0; i < 1000000; ++i)
      check(anyInt32(random), {anyMultiplier(random),
                               static_cast<int32_t>(random.between(2, 62))});
    // Ties: value · 2^30 has a fraction of just a half.
    for (int i = 0; i < 100000; ++i) {
      int32_t shift = random.between(31, 60);
      check(static_cast<int32_t>(random.next()) >> random.between(0, 31),
            {1 << 30, shift});
    }
  }
}

TEST(Requantize, FixedPointDoubleRounding) {
  Random random(5);
  auto check = [&](int32_t value, FixedPointMultiplier scale) {
    // apply_scale_32 of the TOSA specification.
    Int round = Int(1) << (scale.shift - 1);
    if (scale.shift > 31)
      round += value >= 0 ? (Int(1) << 30) : -(Int(1) << 30);
    Int tosa =
        (static_cast<Int>(value) * scale.multiplier + round) >> scale.shift;
    tosa = std::min<Int>(std::max<Int>(tosa, INT32_MIN), INT32_MAX);
    int32_t found = applyFixed(value, scale, RoundingDirection::DoubleRound);
    ASSERT_EQ(found, static_cast<int32_t>(tosa))
        << value << " * " << scale.multiplier << " >> " << scale.shift;
    // Inside TOSA's domain, with a normalized multiplier, it is gemmlowp.
    if (scale.domain().contains(value) && scale.multiplier >= 1 << 30)
      ASSERT_EQ(found, oracleTFLite(value, scale.multiplier, 31 - scale.shift))
          << value << " * " << scale.multiplier << " >> " << scale.shift;
  };
  for (int32_t value : boundaryValues)
    for (int32_t shift = 2; shift <= 62; ++shift)
      for (int32_t multiplier : {0, 1, (1 << 30) - 1, 1 << 30, (1 << 30) + 1,
                                 INT32_MAX - 1, INT32_MAX})
        check(value, {multiplier, shift});
  for (int i = 0; i < 1000000; ++i)
    check(anyInt32(random),
          {anyMultiplier(random), static_cast<int32_t>(random.between(2, 62))});
  for (int i = 0; i < 200000; ++i)
    check(anyInt32(random),
          {1 << 30, static_cast<int32_t>(random.between(31, 60))});
  // It does differ from the single rounding.
  FixedPointMultiplier scale{1 << 30, 33};
  EXPECT_EQ(applyFixed(-4, scale, RoundingDirection::HalfUp), 0);
  EXPECT_EQ(applyFixed(-4, scale, RoundingDirection::DoubleRound), -1);
}

TEST(Requantize, Shift) {
  Random random(6);
  for (RoundingDirection direction : allDirections) {
    auto check = [&](int32_t value, int32_t shift) {
      APInt numerator = shift < 0 ? wide(value) << -shift : wide(value);
      APInt denominator =
          shift < 0 ? APInt(width, 1) : APInt(width, 1) << shift;
      ASSERT_EQ(applyShift(value, shift, direction),
                clampTo(nearest(numerator, denominator, direction), INT32_MIN,
                        INT32_MAX)
                    .getSExtValue())
          << value << " >> " << shift;
    };
    for (int32_t shift = -31; shift <= 62; ++shift) {
      for (int32_t value : boundaryValues)
        check(value, shift);
      for (int i = 0; i < 12000; ++i)
        check(anyInt32(random), shift);
    }
  }
  // Shifts are fixed-point multiplications by powers of two.
  for (int i = 0; i < 100000; ++i) {
    int32_t value = anyInt32(random), shift = random.between(-28, 32);
    ASSERT_EQ(applyShift(value, shift),
              applyFixed(value, {1 << 30, shift + 30}));
  }
}

TEST(Requantize, F32) {
  Random random(7);
  auto check = [&](int32_t acc, float multiplier, int32_t zp, int32_t lo,
                   int32_t hi) {
    Int rounded = oracleReal(24, acc, multiplier, RoundingDirection::HalfEven);
    int64_t expected = static_cast<int64_t>(
        std::min<Int>(std::max<Int>(rounded + zp, lo), hi));
    ASSERT_EQ(requantizeF32(acc, multiplier, zp, lo, hi), expected)
        << acc << " * " << multiplier << " + " << zp;
  };
  auto anyScale = [&] {
    return std::ldexp(1.0f + static_cast<float>(random.next() >> 41) * 0x1p-23f,
                      static_cast<int>(random.between(-40, 10)));
  };
  for (int32_t value : boundaryValues)
    for (float multiplier : {1.0f, 0.5f, 0.25f, 0x1.fffffep-1f, 0x1.000002p-1f,
                             0x1p-31f, 0x1p-32f, 3.0f, 0x1p20f})
      for (int32_t zp : {-128, -1, 0, 1, 127})
        check(value, multiplier, zp, -128, 127);
  for (int i = 0; i < 500000; ++i) {
    int32_t value = anyInt32(random);
    float scale = anyScale();
    check(value, scale, random.between(-128, 127), -128, 127);
    check(value, scale, 0, INT32_MIN, INT32_MAX);
  }
  for (int i = 0; i < 200000; ++i) // ties, odd and even zero points
    check(random.between(-300, 300), 0.5f, random.between(0, 255), 0, 255);
}

TEST(Requantize, AnyDomainAndDirection) {
  Random random(8);
  for (RoundingDomain domain : {RoundingDomain::F32, RoundingDomain::F64})
    for (RoundingDirection direction : allDirections)
      for (int i = 0; i < 60000; ++i) {
        unsigned bits = domain == RoundingDomain::F32 ? 24 : 53;
        int32_t value = anyInt32(random);
        double multiplier =
            i % 3 == 0 ? 0.5
                       : std::ldexp(1.0 + (random.next() >> 12) * 0x1p-52,
                                    random.between(-30, 3));
        int64_t zp = random.between(-128, 127);
        RequantizeRounding rounding{domain, direction};
        Int exact = Int(oracleReal(bits, value, multiplier, direction)) + zp;
        ASSERT_EQ(requantizeReal(value, multiplier, rounding, zp, {-128, 127}),
                  static_cast<int64_t>(
                      std::min<Int>(std::max<Int>(exact, -128), 127)));
      }
  // By example. 5/2 + 1: even(2.5) + 1 = 3, even(3.5) = 4.
  RequantizeRounding rounding;
  EXPECT_EQ(requantizeReal(5, 0.5, rounding, 1, {-128, 127}), 3);
  rounding.zeroPoint = ZeroPointPlacement::BeforeRounding;
  EXPECT_EQ(requantizeReal(5, 0.5, rounding, 1, {-128, 127}), 4);
  // 5 · f32(0.1) is 0.5 + 7e-9, which is 0.5 in f32, but not in f64.
  rounding = {RoundingDomain::F64, RoundingDirection::HalfEven};
  EXPECT_EQ(requantizeReal(5, 0.1f, rounding, 0, {-128, 127}), 1);
  EXPECT_EQ(requantizeReal(5, 0.1f, RequantizeRounding(), 0, {-128, 127}), 0);
  // 15 / 10 is a tie in f32; 15 · f32(0.1) rounds to one, too; 25 · 0.3f isn't.
  rounding = {RoundingDomain::F32, RoundingDirection::HalfAway,
              ScalingForm::Divide};
  EXPECT_EQ(requantizeReal(15, 0.1, rounding, 0, {-128, 127}), 2);
}

TEST(Requantizer, ModesAndChannels) {
  double multipliers[] = {0.5, 0.25, 0.125};
  for (RequantizeMode mode :
       {RequantizeMode::F32, RequantizeMode::Fixed, RequantizeMode::FixedDouble,
        RequantizeMode::Shift}) {
    Requantizer requantizer =
        take(Requantizer::create(mode, multipliers, 7, -3, {-128, 127}));
    EXPECT_EQ(requantizer.isShift(), mode == RequantizeMode::Shift);
    EXPECT_EQ(requantizer.apply(107, 0), 47);
    EXPECT_EQ(requantizer.apply(107, 1), 22);
    EXPECT_EQ(requantizer.apply(INT32_MAX, 2), 127);
    EXPECT_EQ(requantizer.apply(INT32_MIN, 2), -128);
    // 2.5: even 2, up 3, up 3 (double: 2^30 more, still a tie), up 3.
    EXPECT_EQ(requantizer.apply(12, 0), mode == RequantizeMode::F32 ? -1 : 0);
    EXPECT_EQ(requantizer.getMultipliers(), ArrayRef(multipliers));
  }
}

TEST(Requantizer, AgreesWithItsParts) {
  Random random(9);
  for (int i = 0; i < 50000; ++i) {
    double real = std::ldexp(1.0 + (random.next() >> 12) * 0x1p-52,
                             random.between(-20, 0));
    int32_t value = anyInt32(random) / 2, zp = random.between(-128, 127);
    int32_t center = random.between(-128, 127);
    auto of = [&](RequantizeMode mode) {
      return take(Requantizer::create(mode, real, center, zp, {-128, 127}))
          .apply(value);
    };
    FixedPointMultiplier fixed = take(computeFixedPointMultiplier(real));
    auto clamped = [&](int64_t v) { return saturate(v + zp, {-128, 127}); };
    EXPECT_EQ(of(RequantizeMode::F32),
              requantizeF32(value - center, real, zp, -128, 127));
    EXPECT_EQ(of(RequantizeMode::Fixed),
              clamped(applyFixed(value - center, fixed)));
    EXPECT_EQ(of(RequantizeMode::FixedDouble),
              clamped(applyFixed(value - center, fixed,
                                 RoundingDirection::DoubleRound)));
  }
}

TEST(Requantizer, RefusesWhatItCannotDo) {
  auto create = [](RequantizeMode mode, double real,
                   QuantRange clamp = {-128, 127}) {
    return Requantizer::create(mode, real, 0, 0, clamp);
  };
  EXPECT_MESSAGE(create(RequantizeMode::Shift, 0.3), "not a power of two");
  EXPECT_MESSAGE(create(RequantizeMode::Fixed, 0x1p30),
                 "too large for fixed point");
  EXPECT_MESSAGE(create(RequantizeMode::F32, 0.0),
                 "not finite and positive in f32");
  EXPECT_MESSAGE(create(RequantizeMode::F32, 1e-60),
                 "not finite and positive in f32");
  EXPECT_MESSAGE(create(RequantizeMode::F32, NAN),
                 "not finite and positive in f32");
  EXPECT_MESSAGE(create(RequantizeMode::F32, 1.0, {5, 4}),
                 "not a range of i32");
  EXPECT_MESSAGE(create(RequantizeMode::F32, 1.0, {0, int64_t(1) << 40}),
                 "not a range of i32");
  EXPECT_MESSAGE(Requantizer::create(RequantizeMode::F32, {}, 0, 0, {0, 1}),
                 "needs a multiplier");
  RequantizeRounding rounding{RoundingDomain::F32,
                              RoundingDirection::DoubleRound};
  EXPECT_MESSAGE(Requantizer::create(rounding, 1.0, 0, 0, {0, 1}),
                 "fixed point only");
  rounding = {RoundingDomain::Fixed, RoundingDirection::HalfUp,
              ScalingForm::Divide};
  EXPECT_MESSAGE(Requantizer::create(rounding, 1.0, 0, 0, {0, 1}),
                 "fixed-point arithmetic");
}

// The bounds that alignScales promises, at the extremes of all operands, in
// every mode; and that the sum is as good as the scales allow.
TEST(AlignScales, NothingOverflows) {
  Random random(10);
  for (int i = 0; i < 20000; ++i) {
    RequantizeMode mode = static_cast<RequantizeMode>(i % 4);
    std::vector<AddOperand> operands;
    int64_t count = random.between(1, 9);
    unsigned bits = random.between(0, 3) ? 8 : 16;
    for (int64_t k = 0; k < count; ++k) {
      QuantRange range = QuantRange::storage(random.next() & 1, bits);
      double scale =
          mode == RequantizeMode::Shift
              ? std::ldexp(1.0, random.between(-12, 3))
              : static_cast<float>(std::ldexp(1.0 + random.symmetric() / 2,
                                              random.between(-12, 3)));
      operands.push_back(
          {{scale, random.between(range.min, range.max)}, range});
    }
    AddAlignment alignment =
        take(alignScales(operands, operands[0].params.scale));
    EXPECT_LE(alignment.headroom, 20);
    int64_t top = 0, bottom = 0;
    for (auto [operand, multiplier] :
         zip_equal(operands, alignment.operandMultipliers)) {
      int32_t zp = operand.params.zeroPoint;
      Requantizer requantizer = take(
          Requantizer::create(mode, multiplier, zp, 0, {INT32_MIN, INT32_MAX}));
      if (!requantizer.getFixed().empty() && !requantizer.isShift()) {
        QuantRange domain = requantizer.getFixed()[0].domain();
        EXPECT_TRUE(domain.contains(operand.range.min - zp)) << multiplier;
        EXPECT_TRUE(domain.contains(operand.range.max - zp)) << multiplier;
      }
      int32_t high = requantizer.apply(operand.range.max),
              low = requantizer.apply(operand.range.min);
      top += high;
      bottom += low;
      // The common scale resolves each operand to a thousandth of the largest
      // step.
      double exact = (operand.range.max - zp) * operand.params.scale /
                     alignment.commonScale;
      double half = mode == RequantizeMode::FixedDouble ? 0.75 : 0.5;
      EXPECT_LE(std::abs(high - exact), half + std::abs(exact) * 0x1p-23);
    }
    EXPECT_LT(top, 1 << 29);
    EXPECT_GT(bottom, -(1 << 29));
    if (bits == 8 && count == 2)
      EXPECT_EQ(alignment.headroom, 20); // one more than TFLite
    EXPECT_EQ(message(Requantizer::create(mode, alignment.outputMultiplier, 0,
                                          0, {-128, 127})),
              "");
  }
  EXPECT_MESSAGE(alignScales({}, 1.0), "needs an operand");
  std::vector<AddOperand> many(1 << 14, AddOperand{{1.0, 0}, {-32768, 32767}});
  EXPECT_MESSAGE(alignScales(many, 1.0), "may overflow i32");
}
