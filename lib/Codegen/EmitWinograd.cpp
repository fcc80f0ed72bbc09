// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The two kernels of a Winograd convolution (Winograd.h): input tiles are
// transformed; sixteen matrix products are formed for a few tiles and registers
// of columns at a time, whose sums go through the output transform and the
// epilogue while they are in the cache.

#include "GemmShape.h"
#include "KernelBuilder.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "quantc/Dialect/Dot/IR/Dot.h"
#include "quantc/Dialect/Quantc/IR/ConstantUtils.h"

using namespace mlir;
using namespace quantc;

/// Transformed tiles of this size stay in the second-level cache while panel
/// after panel of the filters streams past them.
static constexpr int64_t kTileBytes = 192 * 1024;

namespace {

using Four = std::array<Value, 4>;

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
    auto transform = kernel.findProducer<linalg::WinogradOutputTransformOp>();
    return transform ? emitProducts(transform) : failure();
  }

private:
  Value add(Value x, Value y) { return arith::AddIOp::create(b, loc, x, y); }
  Value sub(Value x, Value y) { return arith::SubIOp::create(b, loc, x, y); }
  Value load(Value memref, ValueRange at, int64_t width) {
    auto type = VectorType::get(
        {width}, cast<MemRefType>(memref.getType()).getElementType());
    return vector::LoadOp::create(b, loc, type, memref, at);
  }

  //===--- Input ----------------------------------------------------------===//

  /// Bᵀ d.
  Four transformInput(const Four &d) {
    return {sub(d[0], d[2]), add(d[1], d[2]), sub(d[2], d[1]), sub(d[1], d[3])};
  }

  void emitInputTransform(linalg::WinogradInputTransformOp transform) {
    Value input = kernel.getMemRef(transform.getInput());
    ArrayRef<int64_t> shape =
        cast<RankedTensorType>(transform.getResult().getType()).getShape();
    int64_t width = 2 * kernel.target.lanes;
    Value zero = kernel.index(0);
    auto emitTile = [&](Value ty, Value tx, Value channel) {
      Value y = kernel.scale(ty, 2), x = kernel.scale(tx, 2);
      std::array<Four, 4> columns; // [x][y]
      for (int64_t j = 0; j < 4; ++j) {
        for (int64_t i = 0; i < 4; ++i)
          columns[j][i] =
              load(input, {zero, kernel.add(y, i), kernel.add(x, j), channel},
                   width);
        columns[j] = transformInput(columns[j]);
      }
      for (int64_t i = 0; i < 4; ++i) {
        Four row = transformInput(
            {columns[0][i], columns[1][i], columns[2][i], columns[3][i]});
        for (int64_t j = 0; j < 4; ++j)
          kernel.store(row[j], {kernel.index(i), kernel.index(j), ty, tx, zero,
                                channel});
      }
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

  LogicalResult emitProducts(linalg::WinogradOutputTransformOp transform) {
    auto expand = transform.getValue().getDefiningOp<tensor::ExpandShapeOp>();
    auto matmul = expand.getSrc().getDefiningOp<linalg::BatchMatmulOp>();
    Value result = transform.getResult();
    if (!PointEvaluator::canEvaluate(kernel.root, result))
      return failure();
    tiles = kernel.getMemRef(matmul.getInputs()[0]);
    auto filters = cast<BlockArgument>(matmul.getInputs()[1]);
    ArrayRef<int64_t> shape =
        cast<RankedTensorType>(filters.getType()).getShape();
    channels = shape[1];
    int64_t count = cast<MemRefType>(tiles.getType()).getDimSize(1);
    tilesW = cast<RankedTensorType>(result.getType()).getDimSize(2) / 2;

    GemmShape gemm{};
    gemm.batch = gemm.height = 1;
    gemm.width = count;
    gemm.columns = shape[2];
    gemm.kernelHeight = gemm.kernelWidth = 1;
    gemm.channels = gemm.runLength = channels;
    gemm.strideH = gemm.strideW = gemm.dilationH = gemm.dilationW = 1;
    gemm.rowRuns = true;
    gemm.form = DotForm::Pairs;
    gemm.group = 2;
    gemm.lanes = lanes = kernel.target.lanes;
    GemmTile tile = chooseTile(gemm, kernel.target);
    vectors = tile.vectors % 2 ? 1 : 2;
    int64_t columns = vectors * lanes;
    pack(filters.getArgNumber(), shape[2], columns);
    sums = memref::AllocaOp::create(
        b, loc, MemRefType::get({16, tile.rowsW, columns}, b.getI32Type()),
        b.getI64IntegerAttr(64));

    int64_t chunk = std::max(kTileBytes / (16 * 2 * channels), tile.rowsW);
    kernel.divide([&] {
      kernel.tiles(
          count, chunk / tile.rowsW * tile.rowsW,
          [&](Value first, int64_t length) {
            kernel.loop(0, shape[2] / columns, 1, [&](Value panel) {
              kernel.tiles(length, tile.rowsW, [&](Value row, int64_t rows) {
                Value at = kernel.add(first, row);
                loopInside(16,
                           [&](Value p) { emitProduct(p, panel, at, rows); });
                loopInside(rows, [&](Value row) {
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
  void loopInside(int64_t count, function_ref<void(Value)> body) {
    kernel.loopCarrying(0, count, 1, {}, [&](Value i, ValueRange) {
      body(i);
      return SmallVector<Value>();
    });
  }

  /// As [panel][16][K/2][columns of the panel][2].
  void pack(unsigned argument, int64_t allColumns, int64_t columns) {
    int64_t depth = channels;
    SmallVector<int64_t> shape{allColumns / columns, 16, depth / 2,
                               columns * 2};
    auto tensor = RankedTensorType::get(shape, b.getI16Type());
    packed = kernel.addPacked(
        MemRefType::get(shape, b.getI16Type()),
        [=](CallConstants constants) -> ElementsAttr {
          auto filters = *readElements<int16_t>(constants[argument]);
          SmallVector<int16_t> values(filters.size());
          int64_t to = 0;
          for (int64_t panel = 0; panel < allColumns / columns; ++panel)
            for (int64_t p = 0; p < 16; ++p)
              for (int64_t k = 0; k < depth; k += 2)
                for (int64_t n = 0; n < columns; ++n)
                  for (int64_t i = 0; i < 2; ++i)
                    values[to++] = filters[(p * depth + k + i) * allColumns +
                                           panel * columns + n];
          return makeElements<int16_t>(tensor, values, "filters");
        });
  }

  /// Σ over the channels for position `p` of `rows` tiles from `first` on.
  void emitProduct(Value p, Value panel, Value first, int64_t rows) {
    auto accType = VectorType::get({lanes}, b.getI32Type());
    Value zero = arith::ConstantOp::create(b, loc, b.getZeroAttr(accType));
    SmallVector<Value> acc(rows * vectors, zero);
    acc = kernel.loopCarrying(
        0, channels / 2, 1, acc, [&](Value step, ValueRange carried) {
          SmallVector<Value> sums(carried), weights;
          for (int64_t v = 0; v < vectors; ++v)
            weights.push_back(
                load(packed, {panel, p, step, kernel.index(v * lanes * 2)},
                     lanes * 2));
          Value k = kernel.scale(step, 2);
          for (int64_t row = 0; row < rows; ++row) {
            Value pair = load(tiles, {p, kernel.add(first, row), k}, 2);
            auto one = VectorType::get({1}, b.getI32Type());
            pair = vector::BitCastOp::create(b, loc, one, pair);
            pair = vector::ExtractOp::create(b, loc, pair, 0);
            pair = vector::BroadcastOp::create(b, loc, accType, pair);
            pair = vector::BitCastOp::create(
                b, loc, VectorType::get({lanes * 2}, b.getI16Type()), pair);
            for (int64_t v = 0; v < vectors; ++v) {
              Value &sum = sums[row * vectors + v];
              sum = dot::AccumulateOp::create(b, loc, accType, sum, pair,
                                              weights[v], /*lhsOffset=*/0);
            }
          }
          return sums;
        });
    for (int64_t row = 0; row < rows; ++row)
      for (int64_t v = 0; v < vectors; ++v)
        vector::StoreOp::create(
            b, loc, acc[row * vectors + v], sums,
            ValueRange{p, kernel.index(row), kernel.index(v * lanes)});
  }

  /// Aᵀ m, two rows of four.
  std::array<Value, 2> transformOutput(const Four &m) {
    return {add(add(m[0], m[1]), m[2]), sub(sub(m[1], m[2]), m[3])};
  }

  /// The four pixels of a tile, from the sums in `row`.
  void emitOutput(Value result, Value row, Value number, Value column) {
    Value tw = kernel.index(tilesW);
    Value ty = arith::DivUIOp::create(b, loc, number, tw);
    Value tx = arith::RemUIOp::create(b, loc, number, tw);
    int64_t width = vectors * lanes;
    std::array<std::array<Value, 2>, 4> columns; // [x][y]
    for (int64_t j = 0; j < 4; ++j) {
      Four m;
      for (int64_t i = 0; i < 4; ++i)
        m[i] =
            load(sums, {kernel.index(i * 4 + j), row, kernel.index(0)}, width);
      columns[j] = transformOutput(m);
    }
    for (int64_t y = 0; y < 2; ++y) {
      std::array<Value, 2> pixels = transformOutput(
          {columns[0][y], columns[1][y], columns[2][y], columns[3][y]});
      for (int64_t x = 0; x < 2; ++x) {
        SmallVector<Value> at{kernel.index(0),
                              kernel.add(kernel.scale(ty, 2), y),
                              kernel.add(kernel.scale(tx, 2), x), column};
        evaluator.known[result] = pixels[x];
        kernel.store(evaluator.evaluate(kernel.root, at, width), at);
        evaluator.known.erase(result);
      }
    }
  }

  KernelBuilder &kernel;
  OpBuilder &b;
  Location loc;
  PointEvaluator evaluator;
  Value tiles, packed, sums;
  int64_t channels = 0, lanes = 0, vectors = 0, tilesW = 0;
};

} // namespace

LogicalResult quantc::emitWinograd(KernelBuilder &kernel) {
  return kernel.root ? WinogradEmitter(kernel).run() : failure();
}
