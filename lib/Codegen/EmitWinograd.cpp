// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The two kernels of a Winograd convolution (Winograd.h): input tiles are
// transformed; (m + 2)² matrix products are formed for a few tiles and
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
/// What sums may take of the stack.
static constexpr int64_t kSumBytes = 48 * 1024;
static constexpr int64_t kCacheLine = 64;

namespace {

class WinogradEmitter {
public:
  explicit WinogradEmitter(KernelBuilder &kernel)
      : kernel(kernel), b(kernel.builder), loc(kernel.loc), evaluator(kernel) {}

  LogicalResult run() {
    if (auto transform =
            kernel.findProducer<linalg::WinogradInputTransformOp>()) {
      emitInputTransform(transform);
      return success();
    }
    if (auto generic = kernel.root.getDefiningOp<linalg::GenericOp>())
      for (Value operand : generic.getInputs())
        if (auto transform = findTransform(operand))
          return emitProducts(transform, operand);
    return failure();
  }

private:
  /// What `value` is, or a part of.
  static linalg::WinogradOutputTransformOp findTransform(Value value) {
    if (auto slice = value.getDefiningOp<tensor::ExtractSliceOp>())
      value = slice.getSource();
    return value.getDefiningOp<linalg::WinogradOutputTransformOp>();
  }

  Value load(Value memref, ValueRange at, int64_t width) {
    auto type = VectorType::get(
        {width}, cast<MemRefType>(memref.getType()).getElementType());
    return vector::LoadOp::create(b, loc, type, memref, at);
  }

  /// `transform` on the columns of a square that `at` gives, then on the rows
  /// of `count` that this leaves.
  template <typename AtFn, typename TransformFn, typename DoneFn>
  void transformBoth(const WinogradForm &form, int64_t count, AtFn at,
                     TransformFn transform, DoneFn done) {
    SmallVector<SmallVector<Value>> columns;
    for (int64_t j = 0; j < form.width(); ++j) {
      SmallVector<Value> column;
      for (int64_t i = 0; i < form.width(); ++i)
        column.push_back(at(i, j));
      columns.push_back(transform(b, loc, form, column));
    }
    for (int64_t i = 0; i < count; ++i) {
      SmallVector<Value> row;
      for (auto &column : columns)
        row.push_back(column[i]);
      for (auto [j, value] : llvm::enumerate(transform(b, loc, form, row)))
        done(i, j, value);
    }
  }

  //===--- Input ----------------------------------------------------------===//

  void emitInputTransform(linalg::WinogradInputTransformOp transform) {
    Value input = kernel.getMemRef(transform.getInput());
    const WinogradForm &form = getWinogradForm(transform.getFmr());
    ArrayRef<int64_t> shape =
        cast<RankedTensorType>(transform.getResult().getType()).getShape();
    int64_t width = 2 * kernel.target.lanes;
    Value zero = kernel.index(0);
    auto emitTile = [&](Value ty, Value tx, Value channel) {
      Value y = kernel.scale(ty, form.pixels),
            x = kernel.scale(tx, form.pixels);
      transformBoth(
          form, form.width(),
          [&](int64_t i, int64_t j) {
            return load(input,
                        {zero, kernel.add(y, i), kernel.add(x, j), channel},
                        width);
          },
          transformInput,
          [&](int64_t i, int64_t j, Value value) {
            kernel.store(value, {kernel.index(i), kernel.index(j), ty, tx, zero,
                                 channel});
          });
    };
    kernel.divide([&] {
      kernel.loop(0, shape[2], 1, [&](Value ty) {
        kernel.loop(0, shape[3], 1, [&](Value tx) {
          kernel.loop(0, shape[5], width,
                      [&](Value channel) { emitTile(ty, tx, channel); });
        });
      });
    });
  }

  //===--- Products and output --------------------------------------------===//

  LogicalResult emitProducts(linalg::WinogradOutputTransformOp transform,
                             Value result) {
    auto expand = transform.getValue().getDefiningOp<tensor::ExpandShapeOp>();
    auto matmul = expand.getSrc().getDefiningOp<linalg::BatchMatmulOp>();
    form = &getWinogradForm(transform.getFmr());
    if (!PointEvaluator::canEvaluate(kernel.root, result))
      return failure();
    tiles = kernel.getMemRef(matmul.getInputs()[0]);
    auto filters = cast<BlockArgument>(matmul.getInputs()[1]);
    ArrayRef<int64_t> shape =
        cast<RankedTensorType>(filters.getType()).getShape();
    channels = shape[1];
    int64_t count = cast<MemRefType>(tiles.getType()).getDimSize(1);
    tilesW = transform.getValueOperandType().getDimSize(3);
    auto type = cast<RankedTensorType>(result.getType());
    height = type.getDimSize(1);
    width = type.getDimSize(2);

    // Channels come in pairs of registers; the tallest tile of that width, in
    // equal parts.
    lanes = kernel.target.lanes;
    for (const RegisterTile &tile : kernel.target.integerTiles)
      if (tile.vectors == vectors)
        rowsAtOnce = std::max(rowsAtOnce, tile.rows);
    rowsAtOnce = llvm::divideCeil(count, llvm::divideCeil(count, rowsAtOnce));
    int64_t columns = vectors * lanes;
    pack(filters.getArgNumber(), shape[2], columns);
    // The filters of a position are used for as many tiles as there is room
    // for the sums of.
    int64_t most = std::max<int64_t>(
        kSumBytes / (form->products() * columns * 4) / rowsAtOnce, 1);
    int64_t block =
        std::min(llvm::alignTo(count, rowsAtOnce), uint64_t(most * rowsAtOnce));
    sums = allocateOnStack(
        kernel,
        MemRefType::get({form->products(), block, columns}, b.getI32Type()));

    int64_t chunk = kTileBytes / (form->products() * 2 * channels);
    chunk = std::max(chunk / block, int64_t(1)) * block;
    kernel.divide([&] {
      kernel.tiles(count, chunk, [&](Value first, int64_t length) {
        kernel.loop(0, shape[2] / columns, 1, [&](Value panel) {
          kernel.tiles(length, block, [&](Value row, int64_t rows) {
            Value at = kernel.add(first, row);
            loopInside(form->products(), 1, [&](Value p) {
              int64_t whole = rows - rows % rowsAtOnce;
              loopInside(whole, rowsAtOnce, [&](Value row) {
                emitProduct(p, panel, at, row, rowsAtOnce);
              });
              if (whole < rows)
                emitProduct(p, panel, at, kernel.index(whole), rows - whole);
            });
            loopInside(rows, 1, [&](Value row) {
              emitOutput(result, row, kernel.add(at, row),
                         kernel.scale(panel, columns));
            });
          });
        });
      });
    });
    return success();
  }

  /// A loop that is one piece of work.
  void loopInside(int64_t count, int64_t step, function_ref<void(Value)> body) {
    kernel.loopCarrying(0, count, step, {}, [&](Value i, ValueRange) {
      body(i);
      return SmallVector<Value>();
    });
  }

  /// As [panel][(m + 2)²][K/2][columns of the panel][2].
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

  /// Σ over the channels for position `p` of `rows` tiles, from `row` of the
  /// block on that starts at tile `first`.
  void emitProduct(Value p, Value panel, Value first, Value row, int64_t rows) {
    auto accType = VectorType::get({lanes}, b.getI32Type());
    Value zero = arith::ConstantOp::create(b, loc, b.getZeroAttr(accType));
    SmallVector<Value> acc(rows * vectors, zero);
    Value at = kernel.add(first, row);
    // The first tiles of a position would wait for its filters, and the others
    // find them: with the next position's on their way, both take as long.
    auto filters = cast<MemRefType>(packed.getType());
    bool prefetches = filters.getNumElements() * 2 > kernel.target.l2Bytes;
    Value next = arith::MinUIOp::create(b, loc, kernel.add(p, 1),
                                        kernel.index(form->products() - 1));
    acc = kernel.loopCarrying(
        0, channels / 2, 1, acc, [&](Value step, ValueRange carried) {
          SmallVector<Value> sums(carried), weights;
          for (int64_t v = 0; v < vectors; ++v)
            weights.push_back(
                load(packed, {panel, p, step, kernel.index(v * lanes * 2)},
                     lanes * 2));
          for (int64_t line = 0; prefetches && line < 2 * vectors * lanes;
               line += kCacheLine / 2)
            memref::PrefetchOp::create(
                b, loc, packed,
                ValueRange{panel, next, step, kernel.index(line)},
                /*isWrite=*/false, /*localityHint=*/2, /*isDataCache=*/true);
          Value k = kernel.scale(step, 2);
          for (int64_t row = 0; row < rows; ++row) {
            Value pair = load(tiles, {p, kernel.add(at, row), k}, 2);
            pair = kernel.broadcastGroup(pair);
            kernel.accumulate(
                pair, weights,
                MutableArrayRef(sums).slice(row * vectors, vectors));
          }
          return sums;
        });
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t v = 0; v < vectors; ++v)
        vector::StoreOp::create(
            b, loc, acc[i * vectors + v], sums,
            ValueRange{p, kernel.add(row, i), kernel.index(v * lanes)});
  }

  /// The pixels of tile `number`, whose sums are in `row`.
  void emitOutput(Value result, Value row, Value number, Value column) {
    Value inRow = kernel.index(tilesW);
    Value ty = arith::DivUIOp::create(b, loc, number, inRow);
    Value tx = arith::RemUIOp::create(b, loc, number, inRow);
    Value y = kernel.scale(ty, form->pixels),
          x = kernel.scale(tx, form->pixels);
    int64_t lanesAtOnce = vectors * lanes;
    transformBoth(
        *form, form->pixels,
        [&](int64_t i, int64_t j) {
          return load(
              sums, {kernel.index(i * form->width() + j), row, kernel.index(0)},
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
  static constexpr int64_t vectors = 2;
  int64_t channels = 0, lanes = 0, rowsAtOnce = 1;
  int64_t tilesW = 0, height = 0, width = 0;
};

} // namespace

LogicalResult quantc::emitWinograd(KernelBuilder &kernel) {
  return kernel.root ? WinogradEmitter(kernel).run() : failure();
}
