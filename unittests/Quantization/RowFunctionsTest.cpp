// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Quantization/RowFunctions.h"
#include "TestUtils.h"
#include <cmath>

using namespace quantc;
using namespace llvm;

static constexpr QuantRange kBytes{-128, 127};

/// Rows as networks have them and as they hardly ever do: noise of a random
/// width around a random centre, in a few of them one outlier.
static SmallVector<int8_t> makeRow(Random &random, int64_t length) {
  int64_t centre = random.between(-128, 127), width = random.between(0, 128);
  SmallVector<int8_t> row(length);
  for (int8_t &q : row)
    q = std::clamp<int64_t>(centre + random.between(-width, width), -128, 127);
  if (random.between(0, 3) == 0)
    row[random.between(0, length - 1)] = random.between(0, 1) ? 127 : -128;
  return row;
}

static double distance(int8_t q, double exact) {
  return std::abs(q - std::clamp(exact, -128.0, 127.0));
}

TEST(IntegerSoftmax, NearTheRealOne) {
  Random random(1);
  double worst = 0;
  for (int i = 0; i < 4000; ++i) {
    int64_t length = i % 100 ? random.between(1, 300) : 65536;
    double scale = std::ldexp(1.0 + random.symmetric() / 2,
                              static_cast<int>(random.between(-9, 0)));
    QuantParams output{1.0 / 256, -128};
    if (i % 3 == 1)
      output = {std::ldexp(1.0, -int(random.between(4, 14))),
                random.between(-128, 127)};
    IntegerSoftmax softmax =
        take(IntegerSoftmax::create(scale, output, kBytes, length));
    SmallVector<int8_t> row = makeRow(random, length), result(length);
    softmax.apply(row, result);
    int max = *llvm::max_element(row);
    double sum = 0;
    for (int8_t q : row)
      sum += std::exp((q - max) * scale);
    for (int64_t k = 0; k < length; ++k) {
      double exact = std::exp((row[k] - max) * scale) / sum / output.scale +
                     output.zeroPoint;
      double error = distance(result[k], exact);
      EXPECT_LE(error, 0.5 + (length + 2) * 0x1p-17);
      worst = std::max(worst, error);
    }
  }
  EXPECT_GT(worst, 0.49);
}

TEST(IntegerSoftmax, ByHand) {
  // Equal values; two of them get a half each, 128 steps of 1/256.
  IntegerSoftmax softmax =
      take(IntegerSoftmax::create(0.5, {1.0 / 256, -128}, kBytes, 2));
  EXPECT_EQ(softmax.table[0], 1 << 23);
  EXPECT_EQ(softmax.numerator, int64_t(1) << 54);
  EXPECT_EQ(softmax.shift, 46);
  SmallVector<int8_t> result(2);
  softmax.apply({-7, -7}, result);
  EXPECT_EQ(result, (SmallVector<int8_t>{0, 0}));
  // What would be 256 saturates.
  softmax.apply({127, -128}, result);
  EXPECT_EQ(result, (SmallVector<int8_t>{127, -128}));
}

TEST(IntegerSoftmax, Mistakes) {
  EXPECT_MESSAGE(IntegerSoftmax::create(1, {1.0, 0}, kBytes, 65537),
                 "65537 elements; at most 65536");
  EXPECT_MESSAGE(IntegerSoftmax::create(1, {0x1p-25, 0}, kBytes, 1),
                 "out of [2^-24, 2^24]");
}

TEST(IntegerLayerNorm, ReciprocalSquareRoot) {
  double worst = 0;
  for (int64_t x = int64_t(1) << 29; x < int64_t(1) << 31; x += 10007) {
    double exact = std::ldexp(1.0 / std::sqrt(std::ldexp(double(x), -31)), 30);
    worst = std::max(worst, std::abs(reciprocalSquareRoot(x) / exact - 1));
  }
  EXPECT_LT(worst, 0x1p-22);
  EXPECT_GT(worst, 0x1p-26);
}

TEST(IntegerLayerNorm, NearTheRealOne) {
  Random random(2);
  double worst = 0;
  for (int i = 0; i < 4000; ++i) {
    int64_t length = i % 200 ? random.between(1, 1000) : 65536;
    double scale = std::ldexp(1.0 + random.symmetric() / 2,
                              static_cast<int>(random.between(-9, 0)));
    double epsilon = i % 2 ? 1e-5 : 1e-12;
    QuantParams output{0.01 + 0.05 * std::abs(random.symmetric()),
                       random.between(-128, 127)};
    SmallVector<float> gamma(length), beta(length);
    for (int64_t k = 0; k < length; ++k) {
      gamma[k] = random.symmetric() * 2;
      beta[k] = random.symmetric();
    }
    IntegerLayerNorm norm = take(
        IntegerLayerNorm::create(scale, gamma, beta, epsilon, output, kBytes));
    SmallVector<int8_t> row = makeRow(random, length), result(length);
    norm.apply(row, result);
    double steps = 1;
    for (float value : gamma)
      steps = std::max(steps, std::abs(value) / output.scale + 1);
    double mean = 0, variance = 0;
    for (int8_t q : row)
      mean += q * scale / length;
    for (int8_t q : row)
      variance += std::pow(q * scale - mean, 2) / length;
    for (int64_t k = 0; k < length; ++k) {
      double normal = (row[k] * scale - mean) / std::sqrt(variance + epsilon);
      double error =
          distance(result[k], (normal * gamma[k] + beta[k]) / output.scale +
                                  output.zeroPoint);
      EXPECT_LE(error, 0.5 + 3 * std::ldexp(steps, -norm.places));
      worst = std::max(worst, error);
    }
  }
  EXPECT_GT(worst, 0.49);
}

TEST(IntegerLayerNorm, ByHand) {
  // Mean 0, variance 1; steps of 1/32 around a zero point of 5.
  IntegerLayerNorm norm = take(IntegerLayerNorm::create(
      1.0, {1, 1, -1, 0}, {0, 0, 0, 1}, 0, {1.0 / 32, 5}, kBytes));
  SmallVector<int8_t> result(4);
  norm.apply({1, -1, 1, -1}, result);
  EXPECT_EQ(result, (SmallVector<int8_t>{37, -27, -27, 37}));
  // A constant row has no deviation, with an epsilon and without.
  norm.apply({-3, -3, -3, -3}, result);
  EXPECT_EQ(result, (SmallVector<int8_t>{5, 5, 5, 37}));
}

TEST(IntegerLayerNorm, EpsilonKeepsSmallDeviationsSmall) {
  // Normalized values are below 0.015; the result's steps are as fine.
  IntegerLayerNorm norm = take(IntegerLayerNorm::create(
      1e-7, {1, 1, 1, 1}, {0, 0, 0, 0}, 1e-5, {5e-5, 0}, kBytes));
  EXPECT_GT(norm.places, 14);
  SmallVector<int8_t> result(4);
  norm.apply({120, 20, -20, -120}, result);
  // 12e-6 / √1e-5 / 5e-5 = 75.9
  EXPECT_EQ(result, (SmallVector<int8_t>{76, 13, -13, -76}));
}

TEST(IntegerLayerNorm, Mistakes) {
  EXPECT_MESSAGE(
      IntegerLayerNorm::create(1, {1.0f}, {1e6f}, 0, {1e-5, 0}, kBytes),
      "too large for the scale of its result");
}
