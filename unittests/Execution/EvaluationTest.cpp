// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Execution/Evaluation.h"
#include <cmath>
#include <gtest/gtest.h>

using namespace quantc;

TEST(NoiseRatio, Decibels) {
  NoiseRatio ratio;
  EXPECT_TRUE(std::isinf(ratio.getDecibels()));
  // Signal 3² + 4² = 25, noise 0.25: a ratio of 100.
  ratio.add({3.0f}, {3.5f});
  ratio.add({4.0f}, {4.0f});
  EXPECT_DOUBLE_EQ(ratio.getDecibels(), 20.0);
}

TEST(Evaluation, JSONHasNoInfinities) {
  EXPECT_EQ(toJSON(1.5), llvm::json::Value(1.5));
  EXPECT_EQ(toJSON(INFINITY), llvm::json::Value(nullptr));
  EXPECT_EQ(toJSON(NAN), llvm::json::Value(nullptr));
}

TEST(Evaluation, Shares) {
  EvaluationResult result;
  result.samples = 8;
  result.floating = {6, 8};
  result.integer = {5, 7};
  result.agreeing = 4;
  llvm::json::Value value = result.toJSON();
  const llvm::json::Object &object = *value.getAsObject();
  EXPECT_EQ(object.getObject("float")->getNumber("top1"), 0.75);
  EXPECT_EQ(object.getObject("int8")->getNumber("top5"), 0.875);
  EXPECT_EQ(object.getNumber("agreement"), 0.5);
}
