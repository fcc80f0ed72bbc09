// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "GemmShape.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace quantc;

namespace {

/// A convolution of 3 × 2 taps with distinct weights.
GemmShape makeShape(DotForm form, int64_t group, int64_t lanes, int64_t columns,
                    int64_t channels, bool rowRuns) {
  GemmShape shape;
  shape.batch = 1;
  shape.height = 5;
  shape.width = 7;
  shape.columns = columns;
  shape.kernelHeight = 3;
  shape.kernelWidth = 2;
  shape.channels = channels;
  shape.strideH = shape.strideW = shape.dilationH = shape.dilationW = 1;
  shape.rowRuns = rowRuns;
  shape.runLength = channels * (rowRuns ? shape.kernelWidth : 1);
  shape.form = form;
  shape.group = group;
  shape.lanes = lanes;
  return shape;
}

std::vector<int8_t> makeWeights(const GemmShape &shape) {
  std::vector<int8_t> weights(shape.columns * shape.runs() * shape.runLength);
  for (auto [i, w] : llvm::enumerate(weights))
    w = int8_t(i * 37 % 251 - 125);
  return weights;
}

/// Whether `at(panel, step, k of the step, column of the panel)` is the weight
/// of that K and column, and zero beyond the ends.
template <typename AtFn>
void checkLayout(const GemmShape &shape, int64_t vectors,
                 ArrayRef<int8_t> weights, AtFn at) {
  int64_t perPanel = vectors * shape.lanes;
  int64_t panels = (shape.vectors() + vectors - 1) / vectors;
  for (int64_t panel = 0; panel < panels; ++panel)
    for (int64_t step = 0; step < shape.steps(); ++step)
      for (int64_t k = 0; k < shape.group; ++k)
        for (int64_t n = 0; n < perPanel; ++n) {
          int64_t run = step / shape.stepsPerRun();
          int64_t inRun = step % shape.stepsPerRun() * shape.group + k;
          int64_t column = panel * perPanel + n;
          int expected = 0;
          if (column < shape.columns && inRun < shape.runLength)
            expected = weights[(column * shape.runs() + run) * shape.runLength +
                               inRun];
          ASSERT_EQ(int(at(panel, step, k, n)), expected)
              << panel << ' ' << step << ' ' << k << ' ' << n;
        }
}

/// Odd channels; columns that end within a register and within a panel.
struct Case {
  int64_t columns, channels, vectors;
  bool rowRuns;
};
constexpr Case kCases[] = {{3, 4, 1, false},
                           {19, 5, 2, false},
                           {33, 3, 3, true},
                           {8, 1, 1, true},
                           {40, 8, 2, false}};

TEST(GemmShape, Steps) {
  GemmShape shape = makeShape(DotForm::Bytes, 4, 8, 19, 5, true);
  EXPECT_EQ(shape.runs(), 3);
  EXPECT_EQ(shape.stepsPerRun(), 3); // 10 elements
  EXPECT_EQ(shape.steps(), 9);
  EXPECT_EQ(shape.vectors(), 3);
  shape = makeShape(DotForm::Bytes, 4, 8, 16, 5, false);
  EXPECT_EQ(shape.runs(), 6);
  EXPECT_EQ(shape.stepsPerRun(), 2);
  EXPECT_EQ(shape.vectors(), 2);
}

TEST(GemmShape, PackedBytes) {
  for (const Case &c : kCases) {
    GemmShape shape =
        makeShape(DotForm::Bytes, 4, 16, c.columns, c.channels, c.rowRuns);
    auto weights = makeWeights(shape);
    auto packed = packBytes(shape, c.vectors, weights);
    checkLayout(
        shape, c.vectors, weights,
        [&](int64_t panel, int64_t step, int64_t k, int64_t n) {
          return packed[((panel * shape.steps() + step) * c.vectors * 16 + n) *
                            4 +
                        k];
        });
  }
}

TEST(GemmShape, PackedMatrix) {
  for (const Case &c : kCases) {
    GemmShape shape =
        makeShape(DotForm::Matrix, 8, 4, c.columns, c.channels, c.rowRuns);
    auto weights = makeWeights(shape);
    auto packed = packBytes(shape, c.vectors, weights);
    // A register holds two columns of eight.
    checkLayout(
        shape, c.vectors, weights,
        [&](int64_t panel, int64_t step, int64_t k, int64_t n) {
          int64_t registers = c.vectors * 2;
          return packed[((panel * shape.steps() + step) * registers + n / 2) *
                            16 +
                        n % 2 * 8 + k];
        });
  }
}

TEST(GemmShape, PackedPairs) {
  for (const Case &c : kCases) {
    GemmShape shape =
        makeShape(DotForm::Pairs, 2, 8, c.columns, c.channels, c.rowRuns);
    auto weights = makeWeights(shape);
    auto packed = packBytes(shape, c.vectors, weights);
    checkLayout(shape, c.vectors, weights,
                [&](int64_t panel, int64_t step, int64_t k, int64_t n) {
                  int64_t first =
                      (panel * shape.steps() + step) * c.vectors * 8;
                  return packed[(first + n) * 2 + k];
                });
  }
}

TEST(GemmShape, PackedSingle) {
  for (const Case &c : kCases) {
    GemmShape shape =
        makeShape(DotForm::Single, 1, 4, c.columns, c.channels, c.rowRuns);
    auto weights = makeWeights(shape);
    auto packed = packWords(shape, c.vectors, weights);
    checkLayout(
        shape, c.vectors, weights,
        [&](int64_t panel, int64_t step, int64_t, int64_t n) {
          return packed[(panel * shape.steps() + step) * c.vectors * 4 + n];
        });
  }
}

TEST(GemmShape, PackedFloats) {
  for (const Case &c : kCases) {
    GemmShape shape =
        makeShape(DotForm::Bytes, 1, 8, c.columns, c.channels, c.rowRuns);
    shape.isFloat = true;
    auto weights = makeWeights(shape);
    std::vector<float> floats(weights.begin(), weights.end());
    auto packed = packFloats(shape, c.vectors, floats);
    checkLayout(
        shape, c.vectors, weights,
        [&](int64_t panel, int64_t step, int64_t, int64_t n) {
          return packed[(panel * shape.steps() + step) * c.vectors * 8 + n];
        });
  }
}

/// The type says as much as there is.
TEST(GemmShape, PackedTypes) {
  MLIRContext context;
  for (const TargetDescription &target : getTargetDescriptions()) {
    GemmShape shape =
        makeShape(target.dotForm, target.kGroup(), target.lanes, 19, 5, true);
    auto weights = makeWeights(shape);
    int64_t elements = getPackedType(shape, 2, &context).getNumElements();
    bool isWords = target.dotForm == DotForm::Single;
    EXPECT_EQ(elements, int64_t(isWords ? packWords(shape, 2, weights).size()
                                        : packBytes(shape, 2, weights).size()))
        << target.name.str();
  }
}

/// A tile never has more rows or columns than the result, nor more accumulators
/// than the largest of the table.
TEST(GemmShape, TilesFit) {
  for (const TargetDescription &target : getTargetDescriptions())
    for (bool isFloat : {false, true})
      for (int64_t height : {1, 3, 14, 56})
        for (int64_t width : {1, 5, 7, 56})
          for (int64_t columns : {1, 8, 10, 33, 64, 1000}) {
            GemmShape shape =
                makeShape(target.dotForm, isFloat ? 1 : target.kGroup(),
                          target.lanes, columns, 16, true);
            shape.isFloat = isFloat;
            shape.height = height;
            shape.width = width;
            GemmTile tile = chooseTile(shape, target);
            EXPECT_GE(tile.rowsH * tile.rowsW * tile.vectors, 1);
            EXPECT_LE(tile.rowsH, height);
            EXPECT_LE(tile.rowsW, width);
            EXPECT_LE(tile.vectors, shape.vectors());
            int64_t most = 0;
            for (RegisterTile t :
                 isFloat ? target.floatTiles : target.integerTiles)
              most = std::max(most, t.rows * t.vectors);
            EXPECT_LE(tile.rowsH * tile.rowsW * tile.vectors, most)
                << target.name.str();
          }
}

/// Rows of the matrix instruction go in pairs: of 7 × 7 pixels six at a time,
/// with remainders in both directions, not four of a row and three. Twenty
/// columns are five registers, of which four pixels fit.
TEST(GemmShape, MatrixTiles) {
  const TargetDescription &target =
      **selectTarget("aarch64-linux-gnu", "neoverse-v2", "");
  auto choose = [&](int64_t size, int64_t columns) {
    GemmShape shape = makeShape(DotForm::Matrix, 8, 4, columns, 64, true);
    shape.height = shape.width = size;
    GemmTile tile = chooseTile(shape, target);
    return std::pair(tile.rowsH * tile.rowsW, tile.vectors);
  };
  EXPECT_EQ(choose(56, 64), std::pair(int64_t(6), int64_t(4)));
  EXPECT_EQ(choose(7, 512), std::pair(int64_t(6), int64_t(4)));
  EXPECT_EQ(choose(56, 20), std::pair(int64_t(4), int64_t(5)));
}

} // namespace
