// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Quantization/QuantParams.h"
#include "TestUtils.h"
#include <cmath>

using namespace quantc;
using namespace llvm;

static const QuantRange int8Range{-128, 127}, uint8Range{0, 255};

TEST(QuantParams, Validation) {
  EXPECT_EQ(message(validateQuantParams({0.5, -128}, int8Range)), "");
  EXPECT_MESSAGE(validateQuantParams({0.5, 128}, int8Range),
                 "zero point 128 is outside of [-128, 127]");
  EXPECT_MESSAGE(validateQuantParams({0.5, -129}, int8Range),
                 "zero point -129");
  for (double scale : {0.0, -1.0, double(NAN), double(INFINITY)})
    EXPECT_MESSAGE(validateQuantParams({scale, 0}, int8Range),
                   "not finite and positive");
  EXPECT_MESSAGE(validateQuantParams({0.1, 0}, int8Range), "not an f32");
  EXPECT_MESSAGE(validateQuantParams({1e300, 0}, int8Range), "not an f32");
  EXPECT_MESSAGE(validateQuantParams({0x1p-130, 0}, int8Range), "too small");
  EXPECT_EQ(message(validateRange({-8, 7}, true, 4)), "");
  EXPECT_MESSAGE(validateRange({5, 5}, true, 8), "empty");
  EXPECT_MESSAGE(validateRange({1, 5}, true, 8), "lacks zero");
  EXPECT_MESSAGE(validateRange({0, 128}, true, 8), "does not fit int8");
  EXPECT_MESSAGE(validateRange({-1, 5}, false, 8), "does not fit uint8");
}

TEST(QuantParams, Choice) {
  auto choose = [](float min, float max, QuantRange range, QScheme scheme,
                   bool isSigned) {
    return take(chooseQParams({min, max}, range, scheme, isSigned));
  };
  // -127.5 is a tie: half even gives 128.
  EXPECT_EQ(choose(-6, 6, uint8Range, QScheme::Affine, false),
            (QuantParams{12.0f / 255.0f, 128}));
  // The range is stretched to contain zero.
  EXPECT_EQ(choose(2, 4, uint8Range, QScheme::Affine, false),
            (QuantParams{4.0f / 255.0f, 0}));
  EXPECT_EQ(choose(-4, -2, int8Range, QScheme::Affine, true),
            (QuantParams{4.0f / 255.0f, 127}));
  // PyTorch divides by 127.5, TFLite's narrow range by 127.
  EXPECT_EQ(choose(-3, 1, int8Range, QScheme::Symmetric, true),
            (QuantParams{3.0f / 127.5f, 0}));
  EXPECT_EQ(choose(-3, 1, {-127, 127}, QScheme::Symmetric, true),
            (QuantParams{3.0f / 127.0f, 0}));
  EXPECT_EQ(choose(-3, 1, uint8Range, QScheme::Symmetric, false),
            (QuantParams{3.0f / 127.5f, 128}));
  EXPECT_EQ(choose(-3, 1, {0, 127}, QScheme::Symmetric, false).zeroPoint, 63);
  EXPECT_EQ(choose(0, 0, int8Range, QScheme::Affine, true),
            (QuantParams{minChosenScale, -128}));
  EXPECT_MESSAGE(chooseQParams({1, 0}, int8Range, QScheme::Affine, true),
                 "not a range");
  EXPECT_MESSAGE(chooseQParams({0, NAN}, int8Range, QScheme::Affine, true),
                 "not a range");
  EXPECT_MESSAGE(chooseQParams({0, INFINITY}, int8Range, QScheme::Affine, true),
                 "not a range");
  EXPECT_MESSAGE(
      chooseQParams({-3e38f, 3e38f}, int8Range, QScheme::Affine, true),
      "too far apart");
}

TEST(QuantParams, PowersOfTwo) {
  EXPECT_TRUE(isPowerOfTwo(0.25));
  for (double value : {0.0, -2.0, 3.0, double(NAN), double(INFINITY)})
    EXPECT_FALSE(isPowerOfTwo(value));
  EXPECT_EQ(snapToPowerOfTwo({0.25, 17}, uint8Range, QScheme::Affine),
            (QuantParams{0.25, 17}));
  EXPECT_EQ(snapToPowerOfTwo({0.3f, 0}, int8Range, QScheme::Symmetric),
            (QuantParams{0.5, 0}));
  Random random(1);
  for (int i = 0; i < 20000; ++i) {
    FloatRange values{-std::abs(random.symmetric()) * 8,
                      std::abs(random.symmetric()) * 8};
    for (QuantRange range : {int8Range, uint8Range}) {
      bool isSigned = range.min < 0;
      QuantParams chosen =
          take(chooseQParams(values, range, QScheme::Affine, isSigned));
      QuantParams direct = take(
          choosePowerOfTwoQParams(values, range, QScheme::Affine, isSigned));
      QuantParams snapped = snapToPowerOfTwo(chosen, range, QScheme::Affine);
      auto check = [&](QuantParams params, double min, double max) {
        EXPECT_TRUE(isPowerOfTwo(params.scale));
        EXPECT_GE(params.scale, chosen.scale);
        EXPECT_LT(params.scale, 2 * chosen.scale);
        EXPECT_EQ(message(validateQuantParams(params, range)), "");
        // The reals fit, but for half a step of the zero point.
        EXPECT_LE((range.min - params.zeroPoint - 0.501) * params.scale, min);
        EXPECT_GE((range.max - params.zeroPoint + 0.501) * params.scale, max);
      };
      check(direct, values.min, values.max);
      check(snapped, (range.min - chosen.zeroPoint) * chosen.scale,
            (range.max - chosen.zeroPoint) * chosen.scale);
    }
  }
}

static double squaredError(const std::vector<float> &values, QuantParams params,
                           QuantRange range) {
  double sum = 0;
  for (float x : values)
    sum += std::pow(double(x) - fakeQuantizeValue(x, params, range), 2);
  return sum;
}

// Against all powers of two in reach and all zero points.
TEST(QuantParams, PowersOfTwoByError) {
  Random random(5);
  int halved = 0;
  for (int i = 0; i < 60; ++i) {
    QScheme scheme = i % 3 ? QScheme::Affine : QScheme::Symmetric;
    QuantRange range = i % 3 == 1 ? uint8Range : int8Range;
    bool isSigned = range.min < 0;
    // About normal, of any width, off centre, sometimes with an outlier.
    float width = std::exp2(4 * random.symmetric()),
          centre = scheme == QScheme::Affine ? 2 * random.symmetric() : 0;
    std::vector<float> values;
    for (int k = 0; k < 400; ++k) {
      float sum = centre;
      for (int j = 0; j < 6; ++j)
        sum += random.symmetric();
      values.push_back(width * sum);
    }
    if (i % 2)
      values[7] = 8 * width;
    auto [min, max] = std::minmax_element(values.begin(), values.end());
    FloatRange reals{*min, *max};
    QuantParams widest =
        take(choosePowerOfTwoQParams(reals, range, scheme, isSigned));
    QuantParams chosen = take(
        choosePowerOfTwoQParams(reals, values, {}, range, scheme, isSigned));
    EXPECT_TRUE(isPowerOfTwo(chosen.scale));
    EXPECT_EQ(message(validateQuantParams(chosen, range)), "");
    halved += chosen.scale < widest.scale;
    double least = squaredError(values, widest, range);
    for (double scale = widest.scale / 2; scale > widest.scale / 32; scale /= 2)
      for (int64_t zp = range.min; zp <= range.max; ++zp)
        if (scheme == QScheme::Affine || zp == widest.zeroPoint)
          least = std::min(least, squaredError(values, {scale, zp}, range));
    EXPECT_EQ(squaredError(values, chosen, range), least) << i;
  }
  EXPECT_GT(halved, 5);
}

TEST(QuantParams, PowersOfTwoByErrorOfCounts) {
  std::vector<float> values{-1, 0.3f, 0.7f, 1.3f, 40}, counts{3, 9, 2, 7, 1};
  std::vector<float> repeated;
  for (size_t i = 0; i < values.size(); ++i)
    repeated.insert(repeated.end(), counts[i], values[i]);
  auto choose = [](llvm::ArrayRef<float> values, llvm::ArrayRef<float> counts,
                   float max) {
    return take(choosePowerOfTwoQParams({-1, max}, values, counts, int8Range,
                                        QScheme::Affine, true));
  };
  EXPECT_EQ(choose(values, counts, 40), choose(repeated, {}, 40));
  // [-1, 4.1] needs 2^-5. At 2^-6 all but 4.1 still fits, which is clipped to
  // 3: an error that many small values make up for.
  std::vector<float> two{0.01f, 4.1f}, few{1, 1}, many{20000, 1};
  EXPECT_EQ(choose(two, few, 4.1f), (QuantParams{0x1p-5, -96}));
  EXPECT_EQ(choose(two, many, 4.1f).scale, 0x1p-6);
  // What is known to be nowhere is no error anywhere.
  EXPECT_EQ(choose({}, {}, 4.1f), (QuantParams{0x1p-5, -96}));
}

// From the definition, in exact arithmetic where f32 allows it.
TEST(Quantize, ByExample) {
  QuantParams params{0.5, 3};
  auto q = [&](float x, QuantizeRule rule = {}) {
    return quantizeValue(x, params, int8Range, rule);
  };
  EXPECT_EQ(q(1.0f), 5);
  EXPECT_EQ(q(0.25f), 3);  // 0.5 is a tie: to even, 0
  EXPECT_EQ(q(0.75f), 5);  // 1.5: 2
  EXPECT_EQ(q(-0.25f), 3); // -0.5: 0
  EXPECT_EQ(q(1e30f), 127);
  EXPECT_EQ(q(-INFINITY), -128);
  EXPECT_EQ(q(INFINITY), 127);
  EXPECT_EQ(q(NAN), 3);
  // Added before, the odd zero point moves the tie: 3.5 is 4, 4.5 is 4.
  QuantizeRule before{ScalingForm::Reciprocal,
                      ZeroPointPlacement::BeforeRounding};
  EXPECT_EQ(q(0.25f, before), 4);
  EXPECT_EQ(q(0.75f, before), 4);
  EXPECT_EQ(q(NAN, before), 3);
  QuantizeRule away{ScalingForm::Divide, ZeroPointPlacement::AfterRounding,
                    RoundingDirection::HalfAway};
  EXPECT_EQ(q(0.25f, away), 4);
  EXPECT_EQ(q(-0.25f, away), 2);
  QuantizeRule up{ScalingForm::Divide, ZeroPointPlacement::AfterRounding,
                  RoundingDirection::HalfUp};
  EXPECT_EQ(q(0.25f, up), 4);
  EXPECT_EQ(q(-0.25f, up), 3);
  EXPECT_EQ(dequantizeValue(5, params), 1.0f);
  EXPECT_EQ(fakeQuantizeValue(0.8f, params, int8Range), 1.0f);
  // Division and multiplication by the reciprocal differ on some ties.
  params = {0.3f, 0};
  int different = 0;
  for (int k = -100; k < 100; ++k) {
    float x = 0.3f * (k + 0.5f);
    different += q(x) != q(x, {ScalingForm::Divide});
  }
  EXPECT_GT(different, 0);
  EXPECT_LT(different, 100);
}

// PyTorch's fake_quantize kernel, written as it stands there.
static int64_t torchQuantize(float x, float scale, int64_t zeroPoint,
                             int64_t min, int64_t max) {
  float inverse = 1.0f / scale;
  int64_t q = static_cast<int64_t>(zeroPoint + std::nearbyint(x * inverse));
  return std::min(std::max(q, min), max);
}

TEST(Quantize, ArraysAndScalarsAgree) {
  Random random(2);
  std::vector<float> data;
  for (int i = 0; i < 3000; ++i)
    data.push_back(i % 50 == 0   ? NAN
                   : i % 51 == 0 ? INFINITY
                   : i % 7       ? 40 * random.symmetric()
                                 : random.between(-99, 99) / 4.0f);
  std::vector<QuantParams> params{{0.25, 3}, {0.1f, -7}, {0.003f, 127}};
  for (ChannelLayout layout :
       {ChannelLayout{3, 1}, ChannelLayout{3, 10}, ChannelLayout{3, 1000}})
    for (ScalingForm form : {ScalingForm::Reciprocal, ScalingForm::Divide})
      for (ZeroPointPlacement placement : {ZeroPointPlacement::BeforeRounding,
                                           ZeroPointPlacement::AfterRounding})
        for (RoundingDirection direction :
             {RoundingDirection::HalfEven, RoundingDirection::HalfUp,
              RoundingDirection::HalfAway}) {
          QuantizeRule rule{form, placement, direction};
          std::vector<int8_t> q(data.size());
          std::vector<float> back(data.size()), fake(data.size());
          quantize<int8_t>(data, q, params, int8Range, layout, rule);
          dequantize<int8_t>(q, back, params, layout);
          fakeQuantize(data, fake, params, int8Range, layout, rule);
          for (size_t i = 0; i < data.size(); ++i) {
            QuantParams p = params[i / layout.inner % 3];
            // The definition in f32, with the rounding of Rounding.h.
            float v = form == ScalingForm::Divide
                          ? data[i] / float(p.scale)
                          : data[i] * (1.0f / float(p.scale));
            int64_t expected = p.zeroPoint;
            if (!std::isnan(v) &&
                placement == ZeroPointPlacement::BeforeRounding)
              expected = saturate(
                  roundToInt64(v + float(p.zeroPoint), direction), int8Range);
            else if (!std::isnan(v))
              expected = saturate(roundToInt64(v, direction),
                                  {-128 - p.zeroPoint, 127 - p.zeroPoint}) +
                         p.zeroPoint;
            ASSERT_EQ(q[i], expected) << data[i];
            ASSERT_EQ(quantizeValue(data[i], p, int8Range, rule), expected);
            ASSERT_EQ(back[i], (expected - p.zeroPoint) * float(p.scale));
            ASSERT_EQ(fake[i], back[i]);
          }
        }
}

TEST(Quantize, EqualsTorchKernel) {
  Random random(3);
  for (int i = 0; i < 200000; ++i) {
    float scale =
        std::ldexp(1.0f + random.symmetric() / 2, random.between(-10, 4));
    float x = 100 * scale * random.symmetric() * random.symmetric();
    if (i % 5 == 0)
      x = scale * random.between(-600, 600) / 4;
    int64_t zp = random.between(0, 255);
    ASSERT_EQ(quantizeValue(x, {scale, zp}, uint8Range),
              torchQuantize(x, scale, zp, 0, 255))
        << x << " " << scale;
  }
}

TEST(Quantize, Layouts) {
  ChannelLayout layout = ChannelLayout::of({2, 3, 4, 5}, 1);
  EXPECT_EQ(layout.channels, 3);
  EXPECT_EQ(layout.inner, 20);
  // Every storage type holds its ends.
  std::vector<float> ends{-1e9f, 1e9f};
  std::vector<uint16_t> wide(2);
  quantize<uint16_t>(ends, wide, QuantParams{0.5, 100}, {0, 65535});
  EXPECT_EQ(wide, (std::vector<uint16_t>{0, 65535}));
  std::vector<int32_t> words(2);
  quantize<int32_t>(ends, words, QuantParams{0.5, 0}, {-(1 << 20), 1 << 20});
  EXPECT_EQ(words, (std::vector<int32_t>{-(1 << 20), 1 << 20}));
}
