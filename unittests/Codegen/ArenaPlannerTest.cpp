// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "ArenaPlanner.h"
#include "gtest/gtest.h"
#include <random>

using namespace quantc;

namespace {

ArenaBuffer buffer(int64_t bytes, int64_t first, int64_t last) {
  ArenaBuffer result;
  result.bytes = bytes;
  result.first = first;
  result.last = last;
  return result;
}

TEST(ArenaPlanner, ReusesWhatIsDead) {
  ArenaBuffer buffers[] = {buffer(100, 0, 1), buffer(60, 1, 2),
                           buffer(100, 2, 3)};
  // 100 bytes take two lines, 60 one.
  EXPECT_EQ(planArena(buffers), 192);
  EXPECT_EQ(arenaLowerBound(buffers), 192);
  EXPECT_EQ(buffers[0].offset, buffers[2].offset);
}

TEST(ArenaPlanner, AStepBelongsToBoth) {
  // The operand is still read at the step that writes the result.
  ArenaBuffer buffers[] = {buffer(64, 0, 1), buffer(64, 1, 2)};
  EXPECT_EQ(planArena(buffers), 128);
  EXPECT_NE(buffers[0].offset, buffers[1].offset);
}

TEST(ArenaPlanner, NothingNeedsNothing) { EXPECT_EQ(arenaLowerBound({}), 0); }

/// Any plan: aligned, inside of the arena, disjoint where both are alive.
TEST(ArenaPlanner, PlansAreSound) {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    std::vector<ArenaBuffer> buffers(1 + random() % 30);
    int64_t sum = 0;
    for (ArenaBuffer &b : buffers) {
      int64_t first = random() % 40;
      b = buffer(1 + random() % 5000, first, first + random() % 10);
      sum += (b.bytes + arenaAlign - 1) / arenaAlign * arenaAlign;
    }
    int64_t size = planArena(buffers);
    EXPECT_GE(size, arenaLowerBound(buffers));
    EXPECT_LE(size, sum);
    for (const ArenaBuffer &a : buffers) {
      EXPECT_EQ(a.offset % arenaAlign, 0);
      EXPECT_GE(a.offset, 0);
      EXPECT_LE(a.offset + a.bytes, size);
      for (const ArenaBuffer &b : buffers) {
        if (&a == &b || a.last < b.first || b.last < a.first)
          continue;
        EXPECT_TRUE(a.offset + a.bytes <= b.offset ||
                    b.offset + b.bytes <= a.offset);
      }
    }
  }
}

TEST(ArenaPlanner, TheSameEachTime) {
  ArenaBuffer a[] = {buffer(64, 0, 3), buffer(64, 1, 2), buffer(64, 2, 5),
                     buffer(64, 4, 6)};
  ArenaBuffer b[] = {a[0], a[1], a[2], a[3]};
  EXPECT_EQ(planArena(a), planArena(b));
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(a[i].offset, b[i].offset);
}

} // namespace
