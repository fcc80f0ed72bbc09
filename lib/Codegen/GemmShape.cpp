// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "GemmShape.h"

using namespace mlir;
using namespace quantc;

/// What of a layer stays in the second-level cache: pixels, with their results,
/// and all weights beside them.
static constexpr int64_t kStripBytes = 128 * 1024;
static constexpr int64_t kMostWeightBytes = 256 * 1024;
/// A last strip may lack one in so many of all tiles.
static constexpr int64_t kMostWaste = 32;

/// Below this, a pixel is less than a cache line.
static constexpr int64_t kChannelsOfStream = 16;

/// The tiles of the target's table as they fit the shape.
static SmallVector<RegisterTile> candidates(const GemmShape &shape,
                                            const TargetDescription &target) {
  SmallVector<RegisterTile> result;
  // What an epilogue of both words leaves; steps of the matrix instruction have
  // more than a row's activations at hand.
  int64_t mostSums = target.registers * (shape.isMatrix() ? 4 : 5) / 8;
  for (const RegisterTile &tile :
       shape.isFloat ? target.floatTiles : target.integerTiles) {
    int64_t most = std::min(tile.vectors, shape.vectors());
    // A row or two leave registers for more columns; eight hide the latency.
    int64_t pixels = shape.height * shape.width;
    if (pixels <= 2)
      for (int64_t vectors = std::min<int64_t>(shape.vectors(), 8 / pixels);
           vectors > most; --vectors)
        if (target.fits({pixels, vectors}, shape.isFloat)) {
          result.push_back({pixels, vectors});
          break;
        }
    // Fewer columns leave registers for more rows.
    auto rowsFor = [&](int64_t vectors) {
      int64_t rows =
          std::max(tile.rows, tile.rows * tile.vectors / vectors / 2);
      return shape.needsBothWords ? std::min(rows, mostSums / vectors) : rows;
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
    int64_t weights = shape.isMatrix() ? 2 : 1;
    int64_t perColumn = weights * (shape.steps() + 1) + 1, constants = 8;
    for (int64_t vectors = most; vectors > 0; --vectors) {
      int64_t rows = (target.registers - constants) / vectors - perColumn;
      if (rows > 0)
        result.push_back({std::min(rows, rowsFor(vectors)), vectors});
    }
  }
  return result;
}

/// Cycles that two steps of a tile of the matrix instruction take: pairs of
/// rows are made of whole loads, each block of two columns is loaded by itself.
static double getMatrixCycles(double rows, double vectors,
                              const TargetDescription &target) {
  rows = 2 * std::ceil(rows / 2);
  double blocks = 4 * vectors, dots = rows / 2 * blocks, latency = 3, loop = 5;
  return std::max({(dots + rows) / target.vectorsPerCycle,
                   (dots + 2 * rows + blocks + loop) / target.issuesPerCycle,
                   2 * latency});
}

void GemmShape::forEachPanelSize(
    int64_t registers,
    function_ref<void(int64_t, int64_t, int64_t)> body) const {
  int64_t cut = columns % lanes, rest = vectors() % registers;
  int64_t whole = vectors() / registers;
  if (cut && !rest) {
    --whole;
    rest = registers;
  }
  body(whole, registers, lanes);
  if (rest)
    body(1, rest, cut ? cut : lanes);
}

int64_t quantc::getRegistersAtOnce(int64_t v, int64_t vectors, bool isCut) {
  int64_t whole = vectors - v - (isCut ? 1 : 0);
  return std::min<int64_t>(
      llvm::bit_floor(uint64_t(std::max<int64_t>(whole, 1))), 4);
}

SmallVector<int64_t> quantc::getLaneOrder(const GemmShape &shape,
                                          int64_t count) {
  constexpr int64_t together = 4; // lanes of 16 bytes
  SmallVector<int64_t> order;
  for (int64_t reg = 0; reg < count; ++reg)
    for (int64_t lane = 0; lane < shape.lanes; ++lane)
      order.push_back((lane / together * count + reg) * together +
                      lane % together);
  return order;
}

SmallVector<int64_t> quantc::getColumnOrder(const GemmShape &shape,
                                            int64_t vectors) {
  SmallVector<int64_t> order;
  shape.forEachPanelSize(vectors, [&](int64_t panels, int64_t registers,
                                      int64_t width) {
    for (int64_t panel = 0; panel < panels; ++panel)
      for (int64_t v = 0; v < registers;) {
        int64_t first = order.size();
        int64_t count = getRegistersAtOnce(v, registers, width < shape.lanes);
        for (int64_t column : getLaneOrder(shape, count))
          order.push_back(first + column);
        v += count;
      }
  });
  return order;
}

/// Vector operations that make bytes of a row's sums, where x86 packs several
/// registers (NarrowToBytes.h): two conversions, a product and an addition
/// each; for four, two and one of them 3, 2 and 2 shuffles, a store that
/// narrows being the last.
static double getNarrowingCost(const GemmShape &shape, int64_t vectors) {
  if (shape.isFloat || shape.form != DotForm::Bytes || shape.lanes < 16)
    return 0;
  double sum = 0;
  for (int64_t v = 0; v < vectors;) {
    int64_t count = getRegistersAtOnce(v, vectors, false);
    sum += 4 * count + (count == 4 ? 3 : 2);
    v += count;
  }
  return sum;
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
        double tiles = h.count * w.count * v.count;
        if (shape.isMatrix()) {
          sum += tiles * getMatrixCycles(rows, v.size, target);
          continue;
        }
        // Eight dots hide the latency of one.
        sum += tiles * (std::max(perDot * rows * v.size, 8.0) + perRow * rows +
                        perVector * v.size +
                        rows * getNarrowingCost(shape, v.size) / shape.steps());
      }
  return sum;
}

GemmTile quantc::chooseTile(const GemmShape &shape,
                            const TargetDescription &target) {
  GemmTile best{1, 1, 1};
  double bestCost = std::numeric_limits<double>::infinity();
  auto consider = [&](const GemmTile &tile) {
    double sum = getCost(shape, tile, target);
    // Of equals, the first.
    if (sum < bestCost * 0.999) {
      bestCost = sum;
      best = tile;
    }
  };
  // Pixels below each other are streams that go on in the next tile: processors
  // fetch ahead what it needs. What is fetched behind a pixel's channels is,
  // within a row, the pixel beside it. Windows of few channels overlap instead.
  bool isTall = shape.height > 1 && shape.channels >= kChannelsOfStream;
  for (const RegisterTile &tile : candidates(shape, target))
    // Fewer rows may leave a better remainder.
    for (int64_t rows = tile.rows; 2 * rows > tile.rows; --rows) {
      int64_t widest = std::min(rows, shape.width);
      for (int64_t i = 1; i <= widest; ++i) {
        int64_t rowsW = isTall ? i : widest + 1 - i;
        int64_t rowsH = std::clamp<int64_t>(rows / rowsW, 1, shape.height);
        // Remainders in both directions are more code; but pairs of rows are
        // worth it.
        if (rowsH == 1 || shape.width % rowsW == 0 || shape.isMatrix())
          consider({rowsH, rowsW, tile.vectors});
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

int64_t quantc::getTilesOfStrip(const GemmShape &shape, const GemmTile &tile,
                                int64_t inputBytes, int64_t weightBytes,
                                int64_t resultBytes) {
  int64_t pixels = shape.height * shape.width;
  int64_t input = pixels * std::min(shape.strideH, shape.kernelHeight) *
                  std::min(shape.strideW, shape.kernelWidth) * shape.channels *
                  inputBytes;
  int64_t result = pixels * shape.columns * resultBytes;
  int64_t weights =
      shape.vectors() * shape.lanes * shape.steps() * shape.group * weightBytes;
  // Results are written once, anyway.
  if (shape.vectors() <= tile.vectors || input < 2 * kStripBytes ||
      input < result || weights > kMostWeightBytes)
    return 0;
  int64_t tiles =
      shape.height == 1 ? shape.width / tile.rowsW : shape.height / tile.rowsH;
  int64_t fit = std::max<int64_t>(tiles * kStripBytes / (input + result), 1);
  if (2 * fit > tiles)
    return 0;
  // Threads take equally many, so the last one had better not be much shorter.
  int64_t size = fit;
  while (int64_t(llvm::alignTo(tiles, size)) - tiles > tiles / kMostWaste)
    --size;
  return size;
}

GemmTile quantc::fitStack(const GemmShape &shape, const GemmTile &tile) {
  int64_t elementBytes = shape.isFloat                  ? 4
                         : shape.form == DotForm::Bytes ? 1
                                                        : 2;
  int64_t rowBytes = shape.steps() * shape.group * elementBytes;
  // Rows of floats aren't packed.
  int64_t rows = shape.isFloat ? tile.rowsW : kMaxRowBytes / rowBytes;
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
    return MemRefType::get({count, steps, vectors, shape.lanes * 2}, i8);
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
  for (int64_t n = 0; n < shape.columns; ++n) {
    int64_t at = shape.places.empty() ? n : shape.places[n];
    for (int64_t run = 0; run < shape.runs(); ++run)
      for (int64_t k = 0; k < shape.runLength; ++k)
        place(at / panelColumns, run * shape.stepsPerRun() + k / shape.group,
              k % shape.group, at % panelColumns,
              weights[n * perColumn + run * shape.runLength + k]);
  }
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
