// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "GemmShape.h"

using namespace mlir;
using namespace quantc;

/// The tiles of the target's table as they fit the shape.
static SmallVector<RegisterTile> candidates(const GemmShape &shape,
                                            const TargetDescription &target) {
  SmallVector<RegisterTile> result;
  for (const RegisterTile &tile :
       shape.isFloat ? target.floatTiles : target.integerTiles) {
    int64_t most = std::min(tile.vectors, shape.vectors());
    // Fewer columns leave registers for more rows.
    auto rowsFor = [&](int64_t vectors) {
      return std::max(tile.rows, tile.rows * tile.vectors / vectors / 2);
    };
    if (shape.steps() > 2) {
      // Steps that are written out have more loads in flight.
      int64_t rows = rowsFor(most);
      if (shape.writesOutRun())
        rows = std::clamp<int64_t>(target.registers / 2 / most, 1, rows);
      result.push_back({rows, most});
      continue;
    }
    // Without any loop over K, the weights, the start and the multipliers of
    // all columns stay in registers, too, and the constants of the epilogue.
    int64_t weights =
        target.dotForm == DotForm::Matrix && !shape.isFloat ? 2 : 1;
    int64_t perColumn = weights * (shape.steps() + 1) + 1, constants = 8;
    for (int64_t vectors = most; vectors > 0; --vectors) {
      int64_t rows = (target.registers - constants) / vectors - perColumn;
      if (rows > 0)
        result.push_back({std::min(rows, rowsFor(vectors)), vectors});
    }
  }
  return result;
}

double quantc::getCost(const GemmShape &shape, const GemmTile &tile,
                       const TargetDescription &target) {
  bool pairs = !shape.isFloat && shape.form == DotForm::Pairs;
  double perDot = pairs ? 2 : 1, perRow = 1, perVector = 1;
  // Whole tiles and remainders along each direction.
  struct Part {
    int64_t count, size;
  };
  auto split = [](int64_t total, int64_t size) -> std::array<Part, 2> {
    return {Part{total / size, size}, Part{total % size ? 1 : 0, total % size}};
  };
  double sum = 0;
  for (Part h : split(shape.height, tile.rowsH))
    for (Part w : split(shape.width, tile.rowsW))
      for (Part v : split(shape.vectors(), tile.vectors)) {
        double rows = h.size * w.size;
        // Eight dots hide the latency of one.
        sum += double(h.count * w.count * v.count) *
               (std::max(perDot * rows * v.size, 8.0) + perRow * rows +
                perVector * v.size);
      }
  return sum;
}

GemmTile quantc::chooseTile(const GemmShape &shape,
                            const TargetDescription &target) {
  GemmTile best{1, 1, 1};
  double bestCost = std::numeric_limits<double>::infinity();
  for (const RegisterTile &tile : candidates(shape, target)) {
    // As wide as may be, or in equal parts.
    int64_t widest = std::min(tile.rows, shape.width);
    int64_t parts = llvm::divideCeil(shape.width, widest);
    for (int64_t rowsW :
         {widest, int64_t(llvm::divideCeil(shape.width, parts))}) {
      int64_t rowsH = std::clamp<int64_t>(tile.rows / rowsW, 1, shape.height);
      GemmTile candidate{rowsH, rowsW, tile.vectors};
      double sum = getCost(shape, candidate, target);
      if (sum < bestCost * 0.999) {
        bestCost = sum;
        best = candidate;
      }
    }
  }
  return best;
}

KernelClass quantc::getClass(KernelForm form, const GemmShape &shape) {
  KernelClass about;
  about.form = form;
  about.output = {shape.batch, shape.height, shape.width, shape.columns};
  about.window = {shape.kernelHeight, shape.kernelWidth};
  about.stride = {shape.strideH, shape.strideW};
  about.dilation = {shape.dilationH, shape.dilationW};
  about.channels = shape.channels;
  return about;
}

GemmTile quantc::fitStack(const GemmShape &shape, const GemmTile &tile) {
  int64_t elementBytes = shape.isFloat                  ? 4
                         : shape.form == DotForm::Bytes ? 1
                                                        : 2;
  int64_t rowBytes = shape.steps() * shape.group * elementBytes;
  // Rows of floats aren't packed.
  int64_t rows = shape.isFloat ? tile.rowsW : kMaxPackedBytes / rowBytes;
  return {tile.rowsH, std::min(tile.rowsW, rows),
          std::min(tile.vectors, kMaxPackedBytes / (rowBytes * shape.lanes))};
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
    return MemRefType::get({count, steps, vectors, shape.lanes * 2}, i16);
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
  forEachWeight(
      shape, vectors, weights,
      [&](int64_t panel, int64_t step, int64_t k, int64_t n, int8_t w) {
        int64_t at = (panel * steps + step) * columns;
        packed[(at + n) * shape.group + k] = w;
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
