// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "GemmShape.h"

using namespace mlir;
using namespace quantc;

/// Steps of a loop over K that LLVM rewrites.
static constexpr int64_t kShortLoop = 2;

GemmTile quantc::chooseTile(const GemmShape &shape,
                            const TargetDescription &target) {
  // Splitting the even and odd bytes of an activation costs three operations.
  bool pairs = !shape.isFloat && shape.form == DotForm::Pairs;
  double perDot = pairs ? 4 : 1, perRow = pairs ? 4 : 1, perVector = 1;
  GemmTile best{1, 1, 1};
  double bestCost = std::numeric_limits<double>::infinity();
  for (const RegisterTile &tile :
       shape.isFloat ? target.floatTiles : target.integerTiles) {
    GemmTile candidate;
    candidate.vectors = std::min(tile.vectors, shape.vectors());
    // Fewer columns leave registers for more rows.
    int64_t rows =
        std::max(tile.rows, tile.rows * tile.vectors / candidate.vectors / 2);
    // Of so short a loop LLVM makes one piece with the epilogue, whose
    // constants want registers, too.
    if (shape.steps() <= kShortLoop)
      rows = std::clamp<int64_t>(target.registers / 2 / candidate.vectors, 1,
                                 rows);
    candidate.rowsW = std::min(rows, shape.width);
    candidate.rowsH =
        std::clamp<int64_t>(rows / candidate.rowsW, 1, shape.height);
    auto cost = [&](int64_t rows, int64_t vectors) {
      // Eight dots hide the latency of one.
      return std::max(perDot * rows * vectors, 8.0) + perRow * rows +
             perVector * vectors;
    };
    // Whole tiles and remainders along each direction.
    struct Part {
      int64_t count, size;
    };
    auto split = [](int64_t total, int64_t size) -> std::array<Part, 2> {
      return {Part{total / size, size},
              Part{total % size ? 1 : 0, total % size}};
    };
    double sum = 0;
    for (Part h : split(shape.height, candidate.rowsH))
      for (Part w : split(shape.width, candidate.rowsW))
        for (Part v : split(shape.vectors(), candidate.vectors))
          if (h.count && w.count && v.count)
            sum += double(h.count * w.count * v.count) *
                   cost(h.size * w.size, v.size);
    if (sum < bestCost * 0.999) {
      bestCost = sum;
      best = candidate;
    }
  }
  return best;
}

static int64_t panels(const GemmShape &shape, int64_t vectors) {
  return (shape.vectors() + vectors - 1) / vectors;
}

MemRefType quantc::getPackedType(const GemmShape &shape, int64_t vectors,
                                 MLIRContext *context) {
  Type i8 = IntegerType::get(context, 8), i16 = IntegerType::get(context, 16);
  int64_t count = panels(shape, vectors), steps = shape.steps();
  if (shape.isFloat)
    return MemRefType::get({count, steps, vectors, shape.lanes},
                           Float32Type::get(context));
  switch (shape.form) {
  case DotForm::Bytes:
    return MemRefType::get({count, steps, vectors, shape.lanes * 4}, i8);
  case DotForm::Pairs:
    return MemRefType::get({count, steps, 2 * vectors, shape.lanes * 2}, i16);
  case DotForm::Single:
    return MemRefType::get({count, steps, vectors, shape.lanes}, i16);
  case DotForm::Matrix:
    return MemRefType::get({count, steps, vectors * shape.lanes / 2, 16}, i8);
  }
  llvm_unreachable("covered");
}

/// Calls `place(panel, step, k, column of the panel, value)` for each weight; k
/// counts within the step.
template <typename T, typename PlaceFn>
static void forEachWeight(const GemmShape &shape, int64_t vectors,
                          ArrayRef<T> weights, PlaceFn place) {
  int64_t panelColumns = vectors * shape.lanes;
  int64_t perColumn = shape.runs() * shape.runLength;
  for (int64_t n = 0; n < shape.columns; ++n)
    for (int64_t run = 0; run < shape.runs(); ++run)
      for (int64_t k = 0; k < shape.runLength; ++k)
        place(n / panelColumns, run * shape.stepsPerRun() + k / shape.group,
              k % shape.group, n % panelColumns,
              weights[n * perColumn + run * shape.runLength + k]);
}

SmallVector<int8_t> quantc::packBytes(const GemmShape &shape, int64_t vectors,
                                      ArrayRef<int8_t> weights) {
  int64_t columns = vectors * shape.lanes, steps = shape.steps();
  SmallVector<int8_t> packed(
      panels(shape, vectors) * steps * columns * shape.group, 0);
  forEachWeight(
      shape, vectors, weights,
      [&](int64_t panel, int64_t step, int64_t k, int64_t n, int8_t w) {
        int64_t at = (panel * steps + step) * columns;
        packed[(at + n) * shape.group + k] = w;
      });
  return packed;
}

SmallVector<int16_t> quantc::packWords(const GemmShape &shape, int64_t vectors,
                                       ArrayRef<int8_t> weights) {
  int64_t columns = vectors * shape.lanes, steps = shape.steps();
  SmallVector<int16_t> packed(
      panels(shape, vectors) * steps * columns * shape.group, 0);
  bool pairs = shape.form == DotForm::Pairs;
  forEachWeight(
      shape, vectors, weights,
      [&](int64_t panel, int64_t step, int64_t k, int64_t n, int8_t w) {
        int64_t at = (panel * steps + step) * columns * shape.group;
        // Registers of even elements of the four, then of odd ones.
        int64_t vector = n / shape.lanes, lane = n % shape.lanes;
        int64_t within =
            pairs ? ((k % 2 + 2 * vector) * shape.lanes + lane) * 2 + k / 2 : n;
        packed[at + within] = w;
      });
  return packed;
}

SmallVector<float> quantc::packFloats(const GemmShape &shape, int64_t vectors,
                                      ArrayRef<float> weights) {
  int64_t columns = vectors * shape.lanes, steps = shape.steps();
  SmallVector<float> packed(panels(shape, vectors) * steps * columns, 0);
  forEachWeight(shape, vectors, weights,
                [&](int64_t panel, int64_t step, int64_t, int64_t n, float w) {
                  packed[(panel * steps + step) * columns + n] = w;
                });
  return packed;
}
