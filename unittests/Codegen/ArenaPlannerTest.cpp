// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "ArenaPlanner.h"
#include "llvm/ADT/SmallVector.h"
#include "gtest/gtest.h"
#include <numeric>
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

/// The best that any order of placing gives. An optimal plan is among them: its
/// own order from the bottom up.
int64_t optimum(std::vector<ArenaBuffer> buffers) {
  std::vector<size_t> order(buffers.size());
  std::iota(order.begin(), order.end(), 0);
  int64_t best = std::numeric_limits<int64_t>::max();
  do {
    int64_t size = 0;
    for (size_t i = 0; i < order.size(); ++i) {
      ArenaBuffer &at = buffers[order[i]];
      at.offset = 0;
      for (bool moved = true; moved;) {
        moved = false;
        for (size_t j = 0; j < i; ++j) {
          const ArenaBuffer &other = buffers[order[j]];
          if (other.last < at.first || at.last < other.first ||
              other.offset + other.bytes <= at.offset ||
              at.offset + at.bytes <= other.offset)
            continue;
          at.offset = other.offset + other.bytes;
          moved = true;
        }
      }
      size = std::max(size, at.offset + at.bytes);
    }
    best = std::min(best, size);
  } while (std::next_permutation(order.begin(), order.end()));
  return best;
}

/// Seven buffers in any arrangement: mostly the optimum, never far from it.
TEST(ArenaPlanner, SmallPlansAreNearlyOptimal) {
  std::mt19937 random(2);
  int optimal = 0;
  constexpr int rounds = 100;
  for (int round = 0; round < rounds; ++round) {
    std::vector<ArenaBuffer> buffers(7);
    for (ArenaBuffer &b : buffers) {
      int64_t first = random() % 8;
      b = buffer(arenaAlign * (1 + random() % 50), first, first + random() % 5);
    }
    int64_t best = optimum(buffers), size = planArena(buffers);
    EXPECT_GE(size, best);
    EXPECT_LE(size, best * 11 / 10) << "round " << round;
    optimal += size == best;
  }
  EXPECT_GE(optimal, rounds * 9 / 10);
}

/// A network's buffers: each step writes one and reads the one before, blocks
/// of random depth keep their input for a residual, branches run side by side
/// until they are joined. Sizes shrink as the resolution does.
std::vector<ArenaBuffer> makeNetwork(std::mt19937 &random) {
  std::vector<ArenaBuffer> buffers;
  int64_t step = 0, pixels = 56 * 56, channels = 16;
  auto add = [&](int64_t bytes) {
    buffers.push_back(buffer(bytes, step, step + 1));
    ++step;
    return buffers.size() - 1;
  };
  for (int block = 0; block < 12; ++block) {
    int64_t halo = 4 * 56 + 4;
    size_t input = add(pixels * channels);
    int64_t wider = channels * (1 + random() % 6);
    switch (random() % 3) {
    case 0: // an inverted residual
      add((pixels + halo) * wider);
      add(pixels * wider);
      buffers[input].last = step;
      break;
    case 1: { // branches, joined
      llvm::SmallVector<size_t> ends;
      for (unsigned branch = 0, e = 2 + random() % 3; branch < e; ++branch) {
        buffers[input].last = step;
        add((pixels + halo) * (channels / 2));
        ends.push_back(add(pixels * (8 + random() % channels)));
      }
      for (size_t end : ends)
        buffers[end].last = step;
      break;
    }
    default: // a chain
      for (unsigned layer = 0, e = 1 + random() % 4; layer < e; ++layer)
        add((pixels + halo) * (8 + random() % wider));
    }
    if (random() % 3 == 0 && pixels > 49) {
      pixels /= 4;
      channels *= 2;
    }
  }
  return buffers;
}

TEST(ArenaPlanner, NetworksAreWithinTenPercentOfTheBound) {
  std::mt19937 random(3);
  for (int round = 0; round < 200; ++round) {
    std::vector<ArenaBuffer> buffers = makeNetwork(random);
    int64_t bound = arenaLowerBound(buffers);
    EXPECT_LE(planArena(buffers), bound * 11 / 10) << "round " << round;
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
