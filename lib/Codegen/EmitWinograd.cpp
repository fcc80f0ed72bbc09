// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The two kernels of a Winograd convolution (Winograd.h): input tiles are
// transformed; a matrix product for each position is formed for a few tiles and
// registers of columns at a time, whose sums go through the output transform
// and the epilogue while they are in the cache.

#include "KernelBuilder.h"
#include "StackMemory.h"
#include "Winograd.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "quantc/Dialect/Dot/IR/Dot.h"
#include "quantc/Dialect/Quantc/IR/ConstantUtils.h"

using namespace mlir;
using namespace quantc;

/// Transformed tiles of this size stay in the second-level cache while panel
/// after panel of the filters streams past them.
static constexpr int64_t kTileBytes = 192 * 1024;

namespace {

/// Tiles in their order: those of the last row, rows without their last tile,
/// those last tiles. So the ones that are not in the last row, or not the last
/// of theirs, or neither, are neighbours.
class TileOrder {
public:
  template <typename OpTy>
  explicit TileOrder(OpTy op) : rows(op.getTilesH()), columns(op.getTilesW()) {}

  int64_t count() const { return rows * columns; }
  /// [first, last) without those in the last row, or column.
  std::pair<int64_t, int64_t> range(bool withoutRow, bool withoutColumn) const {
    return {withoutRow ? columns - 1 : 0, count() - (withoutColumn ? rows
                                                     : withoutRow  ? 1
                                                                   : 0)};
  }

  /// Row and column of a tile.
  std::pair<Value, Value> locate(KernelBuilder &kernel, Value number) const {
    OpBuilder &b = kernel.builder;
    Location loc = kernel.loc;
    auto select = [&](Value condition, Value x, Value y) -> Value {
      return arith::SelectOp::create(b, loc, condition, x, y);
    };
    auto atLeast = [&](Value x, int64_t limit) -> Value {
      return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::uge, x,
                                   kernel.index(limit));
    };
    int64_t most = columns - 1, inside = (rows - 1) * most;
    Value isAbove = atLeast(number, most);
    Value above = kernel.add(number, -most);
    Value isLast = atLeast(above, inside);
    Value perRow = kernel.index(std::max<int64_t>(most, 1));
    Value row = arith::DivUIOp::create(b, loc, above, perRow);
    Value column = arith::RemUIOp::create(b, loc, above, perRow);
    row = select(isLast, kernel.add(above, -inside), row);
    column = select(isLast, kernel.index(most), column);
    return {select(isAbove, row, kernel.index(rows - 1)),
            select(isAbove, column, number)};
  }

private:
  int64_t rows, columns;
};

class WinogradEmitter {
public:
  explicit WinogradEmitter(KernelBuilder &kernel)
      : kernel(kernel), b(kernel.builder), loc(kernel.loc), evaluator(kernel) {}

  LogicalResult run() {
    if (auto transform = kernel.findProducer<dot::WinogradInputOp>()) {
      emitInputTransform(transform);
      return success();
    }
    if (auto transform = kernel.findProducer<dot::WinogradOutputOp>())
      return emitProducts(transform);
    return failure();
  }

private:
  /// `transform` on the columns of a square of `width` that `at` gives, then
  /// on the rows of what this leaves.
  template <typename AtFn, typename TransformFn, typename DoneFn>
  void transformBoth(const WinogradForm &form, int64_t width, AtFn at,
                     TransformFn transform, DoneFn done) {
    SmallVector<SmallVector<Value>> columns;
    for (int64_t j = 0; j < width; ++j) {
      SmallVector<Value> column;
      for (int64_t i = 0; i < width; ++i)
        column.push_back(at(i, j));
      columns.push_back(transform(b, loc, form, column));
    }
    for (size_t i = 0; i < columns.front().size(); ++i) {
      SmallVector<Value> row;
      for (auto &column : columns)
        row.push_back(column[i]);
      for (auto [j, value] : llvm::enumerate(transform(b, loc, form, row)))
        done(i, j, value);
    }
  }

  //===--- Input ----------------------------------------------------------===//

  void emitInputTransform(dot::WinogradInputOp transform) {
    Value input = kernel.getMemRef(transform.getInput());
    const WinogradForm &form =
        getWinogradForm(transform.getStride(), transform.getPixels());
    TileOrder order(transform);
    int64_t width = 2 * kernel.target.lanes;
    bool isBytes = getElementTypeOrSelf(input.getType()).isInteger(8);
    Value zero = kernel.index(0);
    auto emitTile = [&](Value tile, Value y, Value x, Value channel) {
      transformBoth(
          form, form.width(),
          [&](int64_t i, int64_t j) -> Value {
            Value loaded = kernel.load(
                input, {zero, kernel.add(y, i), kernel.add(x, j), channel},
                width);
            if (!isBytes)
              return loaded;
            return arith::ExtSIOp::create(
                b, loc, VectorType::get({width}, b.getI16Type()), loaded);
          },
          transformInput,
          [&](int64_t i, int64_t j, Value value) {
            kernel.store(value,
                         {kernel.index(form.positionOf(i, j)), tile, channel});
          });
    };
    kernel.divide([&] {
      kernel.loop(0, order.count(), 1, [&](Value tile) {
        auto [ty, tx] = order.locate(kernel, tile);
        Value y = kernel.scale(ty, form.step()),
              x = kernel.scale(tx, form.step());
        kernel.loop(0, transform.getType().getDimSize(2), width,
                    [&](Value channel) { emitTile(tile, y, x, channel); });
      });
    });
  }

  //===--- Products and output --------------------------------------------===//

  LogicalResult emitProducts(dot::WinogradOutputOp transform) {
    Value result = transform.getResult();
    auto matmul = transform.getInput().getDefiningOp<linalg::BatchMatmulOp>();
    form = &getWinogradForm(transform.getStride(), transform.getPixels());
    if (!PointEvaluator::canEvaluate(kernel.root, result))
      return failure();
    tiles = kernel.getMemRef(matmul.getInputs()[0]);
    auto filters = cast<BlockArgument>(matmul.getInputs()[1]);
    ArrayRef<int64_t> shape =
        cast<RankedTensorType>(filters.getType()).getShape();
    channels = shape[1];
    height = transform.getType().getDimSize(1);
    width = transform.getType().getDimSize(2);
    TileOrder order(transform);
    int64_t count = order.count();

    lanes = kernel.target.lanes;
    int64_t columns = vectors * lanes;
    pack(filters.getArgNumber(), shape[2], columns);
    // The filters of a position are used for as many tiles as there is room
    // for the sums of.
    int64_t block = winogradBlock(*form, kernel.target, count);
    sums = allocateOnStack(
        kernel, MemRefType::get({form->sums() * form->sums(), block, columns},
                                b.getI32Type()));

    int64_t chunk = kTileBytes / (form->products() * 2 * channels);
    chunk = std::max(chunk / block, int64_t(1)) * block;
    kernel.divide([&] {
      kernel.tiles(count, chunk, [&](Value first, int64_t length) {
        kernel.loop(0, shape[2] / columns, 1, [&](Value panel) {
          kernel.tiles(length, block, [&](Value row, int64_t rows) {
            Value at = kernel.add(first, row);
            emitSums(order, panel, at, rows);
            loopInside(0, rows, 1, [&](Value row) {
              emitOutput(result, order, row, kernel.add(at, row),
                         kernel.scale(panel, columns));
            });
          });
        });
      });
    });
    return success();
  }

  /// A loop that is one piece of work.
  void loopInside(int64_t first, int64_t last, int64_t step,
                  function_ref<void(Value)> body) {
    kernel.loopCarrying(first, last, step, {}, [&](Value i, ValueRange) {
      body(i);
      return SmallVector<Value>();
    });
  }

  /// As [panel][positions][K/2][columns of the panel][2].
  void pack(unsigned argument, int64_t allColumns, int64_t columns) {
    int64_t depth = channels, products = form->products();
    SmallVector<int64_t> shape{allColumns / columns, products, depth / 2,
                               columns * 2};
    auto tensor = RankedTensorType::get(shape, b.getI16Type());
    packed = kernel.addPacked(
        MemRefType::get(shape, b.getI16Type()),
        [=](CallConstants constants) -> ElementsAttr {
          auto filters = *readElements<int16_t>(constants[argument]);
          SmallVector<int16_t> values(filters.size());
          int64_t to = 0;
          for (int64_t panel = 0; panel < allColumns / columns; ++panel)
            for (int64_t p = 0; p < products; ++p)
              for (int64_t k = 0; k < depth; k += 2)
                for (int64_t n = 0; n < columns; ++n)
                  for (int64_t i = 0; i < 2; ++i)
                    values[to++] = filters[(p * depth + k + i) * allColumns +
                                           panel * columns + n];
          return makeElements<int16_t>(tensor, values, "filters");
        });
  }

  /// A sum over the channels, and over neighbouring positions.
  struct Sum {
    Value number, position;
    int64_t positions;
  };

  /// Sums of one dimension, [first, last), that are formed alike.
  struct Run {
    int64_t first, last, products;
    bool withoutLastTile;
  };

  /// All sums of a dimension of `size`; with `exact`, the last tile's only
  /// where a pixel comes of them.
  SmallVector<Run> getRuns(int64_t size, bool exact) {
    int64_t inLast = (size - 1) % form->pixels + 1;
    SmallVector<Run> runs;
    for (auto [sum, pixel] : llvm::enumerate(form->firstPixel)) {
      Run run{int64_t(sum), int64_t(sum) + 1, form->productsOf(sum),
              exact && pixel >= inLast};
      if (!runs.empty() && runs.back().products == run.products &&
          runs.back().withoutLastTile == run.withoutLastTile)
        ++runs.back().last;
      else
        runs.push_back(run);
    }
    return runs;
  }

  /// The sums of `rows` tiles from `at` on.
  void emitSums(const TileOrder &order, Value panel, Value at, int64_t rows) {
    bool isAll = rows == order.count();
    for (const Run &a : getRuns(height, isAll))
      for (const Run &b : getRuns(width, isAll)) {
        std::pair<int64_t, int64_t> range(0, rows);
        if (isAll)
          range = order.range(a.withoutLastTile, b.withoutLastTile);
        if (range.first < range.second)
          emitRun(a, b, panel, at, range);
      }
  }

  /// The sums of rows `a` and columns `b`, of the block's tiles in `range`.
  void emitRun(const Run &a, const Run &b, Value panel, Value at,
               std::pair<int64_t, int64_t> range) {
    int64_t products = a.products * b.products;
    int64_t length = range.second - range.first;
    int64_t most = evenPart(length, winogradRows(kernel.target));
    int64_t whole = range.second - length % most;
    loopInside(a.first, a.last, 1, [&](Value i) {
      loopInside(b.first, b.last, 1, [&](Value j) {
        // As positionOf() has it, for sums of a run.
        Value position = kernel.add(
            kernel.scale(kernel.add(i, -a.first), a.products * form->width()),
            kernel.scale(kernel.add(j, -b.first), products));
        position = kernel.add(position,
                              form->positionOf(form->firstProductOf(a.first),
                                               form->firstProductOf(b.first)));
        Sum sum{kernel.add(kernel.scale(i, form->sums()), j), position,
                products};
        loopInside(range.first, whole, most,
                   [&](Value row) { emitProduct(sum, panel, at, row, most); });
        if (whole < range.second)
          emitProduct(sum, panel, at, kernel.index(whole),
                      range.second - whole);
      });
    });
  }

  /// `sum` of `rows` tiles, from `row` of the block on that starts at tile
  /// `first`.
  void emitProduct(Sum sum, Value panel, Value first, Value row, int64_t rows) {
    auto accType = VectorType::get({lanes}, b.getI32Type());
    Value zero = arith::ConstantOp::create(b, loc, b.getZeroAttr(accType));
    SmallVector<Value> acc(rows * vectors, zero);
    Value at = kernel.add(first, row);
    // The first tiles of a position would wait for its filters, and the others
    // find them: with the next sum's on their way, both take as long.
    auto filters = cast<MemRefType>(packed.getType());
    bool prefetches = filters.getNumElements() * 2 > kernel.target.l2Bytes;
    auto emitPosition = [&](Value p, ValueRange acc) {
      Value next = arith::MinUIOp::create(b, loc, kernel.add(p, sum.positions),
                                          kernel.index(form->products() - 1));
      return kernel.loopCarrying(
          0, channels / 2, 1, acc, [&](Value step, ValueRange carried) {
            SmallVector<Value> sums(carried), weights;
            for (int64_t v = 0; v < vectors; ++v)
              weights.push_back(kernel.load(
                  packed, {panel, p, step, kernel.index(v * lanes * 2)},
                  lanes * 2));
            for (int64_t line = 0; prefetches && line < 2 * vectors * lanes;
                 line += kCacheLine / 2)
              memref::PrefetchOp::create(
                  b, loc, packed,
                  ValueRange{panel, next, step, kernel.index(line)},
                  /*isWrite=*/false, /*localityHint=*/2, /*isDataCache=*/true);
            Value k = kernel.scale(step, 2);
            for (int64_t row = 0; row < rows; ++row) {
              Value pair = kernel.load(tiles, {p, kernel.add(at, row), k}, 2);
              pair = kernel.broadcastGroup(pair);
              kernel.accumulate(
                  pair, weights,
                  MutableArrayRef(sums).slice(row * vectors, vectors));
            }
            return sums;
          });
    };
    acc = kernel.loopCarrying(
        0, sum.positions, 1, acc, [&](Value i, ValueRange carried) {
          return emitPosition(kernel.add(sum.position, i), carried);
        });
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t v = 0; v < vectors; ++v)
        vector::StoreOp::create(b, loc, acc[i * vectors + v], sums,
                                ValueRange{sum.number, kernel.add(row, i),
                                           kernel.index(v * lanes)});
  }

  /// The pixels of tile `number`, whose sums are in `row`.
  void emitOutput(Value result, const TileOrder &order, Value row, Value number,
                  Value column) {
    auto [ty, tx] = order.locate(kernel, number);
    Value y = kernel.scale(ty, form->pixels),
          x = kernel.scale(tx, form->pixels);
    int64_t lanesAtOnce = vectors * lanes;
    transformBoth(
        *form, form->sums(),
        [&](int64_t i, int64_t j) {
          return kernel.load(
              sums, {kernel.index(i * form->sums() + j), row, kernel.index(0)},
              lanesAtOnce);
        },
        transformOutput,
        [&](int64_t i, int64_t j, Value value) {
          SmallVector<Value> at{kernel.index(0), kernel.add(y, i),
                                kernel.add(x, j), column};
          ifInside(i, at[1], height, [&] {
            ifInside(j, at[2], width, [&] {
              evaluator.known[result] = value;
              kernel.store(evaluator.evaluate(kernel.root, at, lanesAtOnce),
                           at);
              evaluator.known.erase(result);
            });
          });
        });
  }

  /// The last tile may reach beyond `size`, with all but its first pixels.
  void ifInside(int64_t pixel, Value position, int64_t size,
                function_ref<void()> body) {
    int64_t inLast = size % form->pixels;
    if (!inLast || pixel < inLast)
      return body();
    Value inside = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult,
                                         position, kernel.index(size));
    auto guard = scf::IfOp::create(b, loc, inside, /*withElseRegion=*/false);
    OpBuilder::InsertionGuard restore(b);
    b.setInsertionPointToStart(guard.thenBlock());
    body();
  }

  KernelBuilder &kernel;
  OpBuilder &b;
  Location loc;
  PointEvaluator evaluator;
  const WinogradForm *form = nullptr;
  Value tiles, packed, sums;
  static constexpr int64_t vectors = kWinogradVectors;
  int64_t channels = 0, lanes = 0, height = 0, width = 0;
};

} // namespace

LogicalResult quantc::emitWinograd(KernelBuilder &kernel) {
  return kernel.root ? WinogradEmitter(kernel).run() : failure();
}
