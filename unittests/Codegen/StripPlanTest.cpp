// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "StripPlan.h"
#include "gtest/gtest.h"

using namespace quantc;

namespace {

/// Rows that are stored, `bytes` each; a pad of one row around them; a 3×3
/// convolution on that with `stride`.
llvm::SmallVector<ChainLink> makeChain(int64_t rows, int64_t stride,
                                       int64_t bytes) {
  ChainLink source, pad, result;
  source.rows = rows;
  source.rowBytes = bytes;
  pad.rows = rows + 2;
  pad.keepsRows = false;
  pad.uses = {{0, {1, 1, 1}}};
  result.rows = (rows + 2 - 3) / stride + 1;
  result.rowBytes = 1; // whole in any case
  result.uses = {{1, {stride, 3, 0}}};
  return {source, pad, result};
}

TEST(StripPlan, EachRowIsComputedOnce) {
  for (int64_t rows : {5, 8, 13})
    for (int64_t stride : {1, 2, 3})
      for (int64_t height = 1; height <= rows; ++height) {
        auto links = makeChain(rows, stride, 10);
        auto strips = planStrips(links, height);
        ASSERT_TRUE(strips);
        llvm::SmallVector<int64_t> times(rows, 0);
        RowRange had;
        int64_t next = 0;
        for (const auto &steps : *strips) {
          EXPECT_EQ(steps[2].window.begin, next);
          next = steps[2].window.end;
          for (int64_t y = steps[0].fresh.begin; y < steps[0].fresh.end; ++y)
            ++times[y];
          // What isn't computed, the strip before has.
          if (steps[0].fresh.begin > steps[0].window.begin) {
            EXPECT_LE(had.begin, steps[0].window.begin);
            EXPECT_GE(had.end, steps[0].fresh.begin);
          }
          had = steps[0].window;
          // All that the results' windows reach, as far as it exists.
          for (int64_t y = steps[2].window.begin; y < steps[2].window.end; ++y)
            for (int64_t k = -1; k <= 1; ++k)
              if (int64_t row = y * stride + k; row >= 0 && row < rows) {
                EXPECT_LE(had.begin, row);
                EXPECT_GT(had.end, row);
              }
        }
        EXPECT_EQ(next, links[2].rows);
        for (int64_t y = 0; y < rows; ++y)
          EXPECT_LE(times[y], 1);
      }
}

TEST(StripPlan, BytesCountTheStripBefore) {
  auto links = makeChain(8, 1, 10);
  // Windows of 3, 4, 4 and 3 rows; all but the first take two over.
  EXPECT_EQ(getStripBytes(links, *planStrips(links, 2)), 80);
  EXPECT_EQ(getStripBytes(links, *planStrips(links, 8)), 80);
}

TEST(StripPlan, HeightFitsAndDivides) {
  auto links = makeChain(24, 1, 10);
  EXPECT_EQ(chooseStripRows(links, 240, 2), 24); // the whole
  // A strip of h has a window of h + 2, twice.
  EXPECT_EQ(chooseStripRows(links, 239, 2), 8); // 9 would fit
  EXPECT_EQ(chooseStripRows(links, 80, 2), 2);
  EXPECT_EQ(chooseStripRows(links, 79, 2), std::nullopt);
  // No number of rows divides 23.
  EXPECT_EQ(chooseStripRows(makeChain(23, 1, 10), 229, 2), 8);
}

TEST(StripPlan, RefusesStripsOfNothing) {
  // A strip that needs halo alone.
  auto links = makeChain(4, 1, 10);
  links[1].uses[0].access.before = 5;
  links[1].rows = 9;
  links[2].rows = 7;
  EXPECT_FALSE(planStrips(links, 1));
}

} // namespace
