// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Execution/TileTuning.h"
#include <gtest/gtest.h>
#include <random>

using namespace quantc;

TEST(TileTuning, GainInAllRoundsButOne) {
  std::vector<double> others(10, 1.0), times(10, 0.97);
  EXPECT_TRUE(isFaster(times, others));
  // A round that something else disturbed.
  times[3] = 2.0;
  EXPECT_TRUE(isFaster(times, others));
  times[7] = 1.001;
  EXPECT_FALSE(isFaster(times, others));
}

TEST(TileTuning, GainOfTheMedian) {
  std::vector<double> others(10, 1.0);
  EXPECT_FALSE(isFaster(std::vector<double>(10, 0.995), others));
  EXPECT_FALSE(isFaster(others, others));
  // Much in a few rounds isn't much in the median.
  std::vector<double> times(10, 0.995);
  times[0] = times[1] = times[2] = 0.5;
  EXPECT_FALSE(isFaster(times, others));
}

TEST(TileTuning, RoundsAreCompared) {
  // A machine that becomes slower: both become so.
  std::vector<double> times, others;
  for (int round = 0; round < 10; ++round) {
    others.push_back(1.0 + 0.5 * round);
    times.push_back(0.95 * others.back());
  }
  EXPECT_TRUE(isFaster(times, others));
}

TEST(TileTuning, NoiseRarelyPasses) {
  std::mt19937 random;
  std::lognormal_distribution<double> noise(0.0, 0.2);
  int passed = 0;
  constexpr int trials = 2000;
  for (int trial = 0; trial < trials; ++trial) {
    std::vector<double> times, others;
    for (int round = 0; round < 10; ++round) {
      times.push_back(noise(random));
      others.push_back(noise(random));
    }
    passed += isFaster(times, others);
  }
  EXPECT_LT(passed, trials / 50);
}
