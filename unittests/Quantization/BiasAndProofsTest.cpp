// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "TestUtils.h"
#include "quantc/Quantization/Bias.h"
#include "quantc/Quantization/Proofs.h"
#include <cmath>

using namespace quantc;
using namespace llvm;

TEST(Bias, HalfEvenAtTheProductOfScales) {
  QuantizedBias bias =
      take(quantizeBias({1.0f, -0.125f, 0.375f, 0.0f}, 0.5, 0.5));
  EXPECT_EQ(bias.values,
            (SmallVector<int32_t>{4, 0, 2, 0})); // -0.5 and 1.5 are ties
  EXPECT_TRUE(bias.enlarged.empty());
  bias = take(quantizeBias({1.0f, 1.0f}, 0.5, {0.5, 0.25}));
  EXPECT_EQ(bias.values, (SmallVector<int32_t>{4, 8}));
}

TEST(Bias, WeightScalesGrowWhereItDoesNotFit) {
  Random random(1);
  for (int i = 0; i < 20000; ++i) {
    bool powers = i & 1;
    double input =
        powers
            ? 0x1p-20
            : static_cast<float>(std::ldexp(1.0 + random.symmetric() / 2, -20));
    double weight = std::ldexp(1.0, random.between(-30, -18));
    float value = random.symmetric() * 100;
    QuantizedBias bias = take(quantizeBias({value}, input, weight, powers));
    double scale = bias.weightScales[0];
    EXPECT_LE(std::abs(bias.values[0]), maxBias);
    // As near as i32 comes.
    EXPECT_LE(std::abs(bias.values[0] * input * scale - value),
              0.5000001 * input * scale);
    EXPECT_EQ(bias.enlarged.empty(), scale == weight);
    if (scale == weight)
      continue;
    // The next smaller scale would not have done.
    EXPECT_GT(scale, weight);
    EXPECT_EQ(static_cast<float>(scale), scale);
    double smaller =
        powers ? scale / 2 : std::nextafter(static_cast<float>(scale), 0.0f);
    EXPECT_GT(std::nearbyint(std::abs(value) / (input * smaller)), maxBias);
  }
  // One scale for all channels grows for the largest bias; the others go along.
  QuantizedBias bias = take(quantizeBias({1.0f, 8.0f, 0.5f}, 0x1p-15, 0x1p-20));
  EXPECT_EQ(bias.weightScales, (SmallVector<double>{0x1p-12}));
  EXPECT_EQ(bias.values, (SmallVector<int32_t>{1 << 27, 1 << 30, 1 << 26}));
  EXPECT_EQ(bias.enlarged, (SmallVector<int64_t>{0}));
}

TEST(Bias, Mistakes) {
  EXPECT_MESSAGE(quantizeBias({1.0f, NAN}, 1, 1), "bias of channel 1");
  EXPECT_MESSAGE(quantizeBias({1.0f}, 0, 1), "input scale");
  EXPECT_MESSAGE(quantizeBias({1.0f}, 1, -1.0), "weight scale");
  EXPECT_MESSAGE(quantizeBias({1.0f}, 1, {1.0, 2.0}),
                 "1 biases do not go with 2 weight scales");
  EXPECT_MESSAGE(quantizeBias({3e38f}, 1e-12, 1.0), "beyond f32");
}

// All activations, one by one.
TEST(Proofs, BoundsAreReached) {
  Random random(2);
  for (int i = 0; i < 500; ++i) {
    std::vector<int8_t> weights(random.between(0, 4));
    for (int8_t &weight : weights)
      weight = random.between(-128, 127);
    int64_t lo = random.between(-3, 3), hi = lo + random.between(0, 3),
            bias = random.between(-9, 9);
    int64_t min = INT64_MAX, max = INT64_MIN, count = 1;
    for (size_t k = 0; k < weights.size(); ++k)
      count *= hi - lo + 1;
    for (int64_t code = 0; code < count; ++code) {
      int64_t sum = bias, rest = code;
      for (int8_t weight : weights) {
        sum += weight * (lo + rest % (hi - lo + 1));
        rest /= hi - lo + 1;
      }
      min = std::min(min, sum);
      max = std::max(max, sum);
    }
    EXPECT_EQ(accumulatorBounds(weights, {lo, hi}, bias),
              (QuantRange{min, max}));
  }
}

TEST(Proofs, AccumulatorsThatFitAndOneThatDoesNot) {
  // 127 · 255 = 32385 products of full size: 66311 fit, one more doesn't.
  std::vector<int8_t> weights(66311, 127);
  EXPECT_TRUE(fitsInt32(accumulatorBounds(weights, {0, 255})));
  EXPECT_EQ(accumulatorBounds(weights, {0, 255}),
            (QuantRange{0, int64_t(66311) * 32385}));
  weights.push_back(127);
  EXPECT_FALSE(fitsInt32(accumulatorBounds(weights, {0, 255})));
  EXPECT_TRUE(fitsInt32(accumulatorBounds(weights, {0, 254})));
  EXPECT_TRUE(fitsInt32(accumulatorBounds({}, {0, 255}, INT32_MAX)));
  EXPECT_FALSE(fitsInt32(accumulatorBounds({1}, {0, 1}, INT32_MAX)));
  EXPECT_FALSE(fitsInt32(accumulatorBounds({-1}, {0, 1}, INT32_MIN)));
  EXPECT_TRUE(fitsInt32(accumulatorBounds({-1}, {-1, 0}, INT32_MIN)));
}

TEST(Proofs, SixteenBitSaturation) {
  // (64 + 64) · 255 = 32640 fits, (65 + 64) · 255 = 32895 doesn't.
  EXPECT_TRUE(productSumsFitInt16({64, 64, 64, 64}, {0, 255}));
  EXPECT_FALSE(productSumsFitInt16({64, 64, 64, 65}, {0, 255}));
  // The pairs matter, not the sum; opposite signs don't help, for either
  // activation may be zero.
  EXPECT_TRUE(productSumsFitInt16({127, 1, 127, 1}, {0, 255}));
  EXPECT_FALSE(productSumsFitInt16({127, 127, 1, 1}, {0, 255}));
  EXPECT_TRUE(productSumsFitInt16({-64, -64}, {0, 255}));
  EXPECT_FALSE(productSumsFitInt16({-65, -64}, {0, 255}));
  EXPECT_TRUE(productSumsFitInt16({-128, 127}, {0, 255}));
  // -128 · 255 - 128 is i16's end, one more activation passes it.
  EXPECT_TRUE(productSumsFitInt16({-128, -128}, {0, 128}));
  EXPECT_FALSE(productSumsFitInt16({-128, -128}, {0, 129}));
  EXPECT_TRUE(
      productSumsFitInt16({127, 127}, {0, 127})); // what reduce_range is for
  // An odd one at the end stands alone; groups may be longer.
  EXPECT_TRUE(productSumsFitInt16({1, 1, 127}, {0, 255}));
  EXPECT_FALSE(productSumsFitInt16({64, 64, 64, 64}, {0, 255}, 4));
  // Rows are paired separately.
  EXPECT_TRUE(allProductSumsFitInt16({1, 2, 100, 100, 2, 1}, 3, {0, 255}));
  EXPECT_FALSE(allProductSumsFitInt16({1, 2, 100, 100, 2, 1}, 6, {0, 255}));
  EXPECT_FALSE(allProductSumsFitInt16({1, 1, 127, 127}, 2, {0, 255}));
}
