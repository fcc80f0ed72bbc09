// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Dense convolutions as register-tiled implicit GEMMs (docs/Performance.md).

#include "AccumulatorStart.h"
#include "GemmSteps.h"
#include "PairProof.h"
#include "PanelBlocks.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "quantc/Dialect/Dot/IR/Dot.h"
#include "quantc/Dialect/Quantc/IR/ConstantUtils.h"

using namespace mlir;
using namespace quantc;

namespace {

/// Steps whose weights LLVM keeps in registers while tiles follow each other.
constexpr int64_t kKeptSteps = 2;

/// Steps of floats in a trip of the loop over K: counting trips is an eighth of
/// the instructions of a step, which a processor that does two threads at once
/// has other uses for.
constexpr int64_t kFloatSteps = 4;

class GemmEmitter {
public:
  GemmEmitter(KernelBuilder &kernel, linalg::Conv2DNhwcFhwcOp conv)
      : kernel(kernel), b(kernel.builder), loc(kernel.loc), conv(conv),
        evaluator(kernel) {}

  LogicalResult run() {
    if (failed(analyze()))
      return failure();
    KernelTile chosen =
        kernel.chooseTile(getClass(KernelForm::Gemm, shape), input, [&] {
          GemmTile tile = chooseTile(shape, kernel.target);
          return KernelTile{tile.rowsH, tile.rowsW, tile.vectors};
        });
    tile = {chosen.rowsH, chosen.rowsW, chosen.registers};
    if (packsWithinLanes())
      orderColumns();
    if (!dividesRows())
      blocks = PanelBlocks(kernel, shape, tile);
    pack();
    auto bytes = [](Value value) {
      return getElementTypeOrSelf(value).getIntOrFloatBitWidth() / 8;
    };
    if (int64_t tiles = getTilesOfStrip(shape, tile, bytes(input),
                                        bytes(weights), bytes(kernel.root))) {
      kernel.divide([&] { emitStrips(tiles); });
      return success();
    }
    auto panels = [&] {
      forEachPanel(
          [&](Value panel, int64_t vectors) { emitPanel(panel, vectors); });
    };
    if (dividesRows())
      panels();
    else
      kernel.divide(panels);
    return success();
  }

private:
  using Accumulators =
      SmallVector<Value>; // [row][vector], or [pair][column pair]

  /// Runs `body(panel, its registers)`. A panel of weights stays in the cache
  /// while rows stream past it.
  void forEachPanel(function_ref<void(Value, int64_t)> body) {
    int64_t first = 0;
    shape.forEachPanelSize(
        tile.vectors, [&](int64_t panels, int64_t vectors, int64_t width) {
          lastWidth = width;
          kernel.loop(first, first + panels, 1,
                      [&](Value panel) { body(panel, vectors); });
          first += panels;
        });
  }

  LogicalResult analyze() {
    input = kernel.getMemRef(conv.getInputs()[0]);
    auto weightArgument = dyn_cast<BlockArgument>(conv.getInputs()[1]);
    if (!input || !weightArgument ||
        !isa<RankedTensorType>(weightArgument.getType()))
      return failure();
    auto inputType = cast<MemRefType>(input.getType());
    auto weightType = cast<RankedTensorType>(weightArgument.getType());
    Type element = inputType.getElementType();
    shape.isFloat = element.isF32();
    Type weight = weightType.getElementType(),
         sum = getElementTypeOrSelf(conv.getResultTypes()[0]);
    if (shape.isFloat ? !weight.isF32() || !sum.isF32()
                      : !element.isInteger(kernel.target.activationBits()) ||
                            kernel.target.saturates !=
                                conv->hasAttr(kPairsFitWordsName) ||
                            !weight.isInteger(8) || !sum.isInteger(32))
      return failure();
    auto first = AccumulatorStart::get(conv.getOutputs()[0]);
    if (failed(first))
      return failure();
    startValues = *first;
    weightsArgument = weightArgument.getArgNumber();

    SmallVector<int64_t> strides;
    int64_t offset;
    if (failed(inputType.getStridesAndOffset(strides, offset)) ||
        strides[3] != 1)
      return failure();
    ArrayRef<int64_t> out =
        cast<RankedTensorType>(conv.getResultTypes()[0]).getShape();
    auto step = llvm::to_vector(conv.getStrides().getValues<int64_t>());
    auto dilation = llvm::to_vector(conv.getDilations().getValues<int64_t>());
    shape.batch = out[0];
    shape.height = out[1];
    shape.width = out[2];
    shape.columns = out[3];
    shape.kernelHeight = weightType.getDimSize(1);
    shape.kernelWidth = weightType.getDimSize(2);
    shape.channels = weightType.getDimSize(3);
    shape.strideH = step[0];
    shape.strideW = step[1];
    shape.dilationH = dilation[0];
    shape.dilationW = dilation[1];
    shape.rowRuns = dilation[1] == 1 && strides[2] == shape.channels;
    shape.runLength = shape.channels * (shape.rowRuns ? shape.kernelWidth : 1);
    shape.form = kernel.target.dotForm;
    shape.group = shape.isFloat ? 1 : kernel.target.kGroup();
    shape.lanes = kernel.target.lanes;
    if (!shape.isFloat)
      shape.groupsPerLoad = kernel.target.groupsPerLoad();
    shape.needsBothWords = kernel.wordsOfProducts() == 2;
    if (kernel.root != conv.getResult(0)) {
      evaluator.known[conv.getResult(0)] = input; // stands for the accumulator
      if (!PointEvaluator::canEvaluate(kernel.root))
        return failure();
      evaluator.known.clear();
    }
    if (isPointwise() && allRowsContiguous() && epilogueTakesPixels()) {
      // Rows of one pixel after another: any number of them forms a tile.
      GemmShape flat = shape;
      flat.width *= shape.height;
      flat.height = 1;
      // Of 49 pixels, fours leave one, which has too few sums to hide the
      // latency of its FMAs; of seven rows, three, which have enough.
      auto cost = [&](const GemmShape &shape) {
        return getCost(shape, quantc::chooseTile(shape, kernel.target),
                       kernel.target);
      };
      if (!shape.isFloat || cost(flat) <= cost(shape))
        shape = flat;
    }
    return success();
  }

  bool isPointwise() const {
    return shape.kernelHeight == 1 && shape.kernelWidth == 1 &&
           shape.strideH == 1 && shape.strideW == 1;
  }

  /// Whether every image that the kernel touches is one sequence of pixels, so
  /// that a pixel's number may stand for its column.
  bool allRowsContiguous() {
    auto isSequence = [](Value memref) {
      auto type = dyn_cast<MemRefType>(memref.getType());
      if (!type || type.getRank() != 4)
        return true;
      SmallVector<int64_t> strides;
      int64_t offset;
      return succeeded(type.getStridesAndOffset(strides, offset)) &&
             (type.getDimSize(1) == 1 ||
              strides[1] == type.getDimSize(2) * strides[2]);
    };
    return llvm::all_of(kernel.kernel.getArguments(), isSequence);
  }

  /// Whether the epilogue takes its operands by pixel and column, or by column
  /// alone: what depends on the row or the column of a pixel (a broadcast)
  /// needs to know them apart.
  bool epilogueTakesPixels() {
    auto epilogue = kernel.root.getDefiningOp<linalg::GenericOp>();
    return !epilogue ||
           llvm::all_of(epilogue.getIndexingMapsArray(), [](AffineMap map) {
             return map.isIdentity() ||
                    !(map.isFunctionOfDim(1) || map.isFunctionOfDim(2));
           });
  }

  /// Whether results become bytes by instructions that pack registers within
  /// each 16 bytes (NarrowToBytes.h).
  bool packsWithinLanes() {
    return shape.form == DotForm::Bytes && shape.lanes >= 16 &&
           getElementTypeOrSelf(kernel.root.getType()).isInteger(8) &&
           kernel.root != conv.getResult(0) &&
           PointEvaluator::takesLanesInAnyOrder(kernel.root);
  }

  void orderColumns() {
    evaluator.constantOrder = getColumnOrder(shape, tile.vectors);
    shape.places.resize(shape.columns);
    for (auto [place, column] : llvm::enumerate(evaluator.constantOrder))
      if (column < shape.columns)
        shape.places[column] = place;
  }

  void pack() {
    MLIRContext *context = b.getContext();
    MemRefType type = getPackedType(shape, tile.vectors, context);
    auto tensor = RankedTensorType::get(type.getShape(), type.getElementType());
    weights = kernel.addPacked(
        type,
        [shape = shape, tensor, vectors = tile.vectors,
         argument = weightsArgument](CallConstants constants) -> ElementsAttr {
          Attribute source = constants[argument];
          if (shape.isFloat)
            return makeElements<float>(
                tensor,
                packFloats(shape, vectors, *readElements<float>(source)),
                "weights");
          auto bytes = *readElements<int8_t>(source);
          if (tensor.getElementType().isInteger(16))
            return makeElements<int16_t>(
                tensor, packWords(shape, vectors, bytes), "weights");
          return makeElements<int8_t>(tensor, packBytes(shape, vectors, bytes),
                                      "weights");
        });

    // The start of each column, with what the instruction's offset adds taken
    // back; a whole number of registers.
    int64_t columns =
        llvm::alignTo(shape.vectors(), tile.vectors) * shape.lanes;
    Type element = cast<ShapedType>(conv.getResultTypes()[0]).getElementType();
    auto startTensor = RankedTensorType::get({columns}, element);
    start = kernel.addPacked(
        MemRefType::get({columns}, element),
        [shape = shape, startTensor, columns, startValues = startValues,
         argument = weightsArgument, offset = kernel.target.lhsOffset](
            CallConstants constants) -> ElementsAttr {
          if (shape.isFloat) {
            auto values = startValues.readFloats(constants, shape.columns);
            values.resize(columns, 0.0f);
            return makeElements<float>(startTensor, values, "start");
          }
          auto first = startValues.readIntegers(constants, shape.columns);
          SmallVector<int32_t> values(columns, 0);
          auto bytes = *readElements<int8_t>(constants[argument]);
          int64_t perColumn = bytes.size() / shape.columns;
          for (int64_t n = 0; n < shape.columns; ++n) {
            int64_t sum = 0;
            for (int64_t k = 0; k < perColumn; ++k)
              sum += bytes[n * perColumn + k];
            values[shape.places.empty() ? n : shape.places[n]] =
                static_cast<int32_t>(
                    static_cast<uint32_t>(first[n] - offset * sum));
          }
          return makeElements<int32_t>(startTensor, values, "start");
        });
  }

  /// Threads take rows of the result, which the next layer's threads find in
  /// their caches; or panels, where there are few rows or many weights.
  bool dividesRows() const {
    int64_t tiles = llvm::divideCeil(shape.height, tile.rowsH) *
                    llvm::divideCeil(shape.width, tile.rowsW) * shape.batch;
    int64_t pixels = shape.batch * shape.height * shape.width;
    int64_t activations =
        pixels *
        (shape.channels * shape.strideH * shape.strideW + shape.columns);
    int64_t weights = shape.columns * shape.runs() * shape.runLength;
    return tiles >= 16 && activations >= weights;
  }

  void emitStrips(int64_t tiles) {
    bool isFlat = shape.height == 1;
    int64_t total = isFlat ? shape.width : shape.height;
    int64_t size = isFlat ? tile.rowsW : tile.rowsH;
    int64_t whole = total - total % size;
    // A tile, or those of a row, at `at`.
    auto emitTiles = [&](Value panel, int64_t vectors, Value image, Value at,
                         int64_t size) {
      if (isFlat)
        return emitTile({panel, image, kernel.index(0), at, vectors, 1, size});
      kernel.tiles(shape.width, tile.rowsW, [&](Value x, int64_t rowsW) {
        emitTile({panel, image, at, x, vectors, size, rowsW});
      });
    };
    kernel.loop(0, shape.batch, 1, [&](Value image) {
      kernel.loop(0, whole, tiles * size, [&](Value first) {
        Value end = arith::MinSIOp::create(
            b, loc, kernel.add(first, tiles * size), kernel.index(whole));
        forEachPanel([&](Value panel, int64_t vectors) {
          auto loop =
              scf::ForOp::create(b, loc, first, end, kernel.index(size));
          OpBuilder::InsertionGuard guard(b);
          b.setInsertionPointToStart(loop.getBody());
          emitTiles(panel, vectors, image, loop.getInductionVar(), size);
        });
      });
      if (whole < total)
        forEachPanel([&](Value panel, int64_t vectors) {
          emitTiles(panel, vectors, image, kernel.index(whole), total - whole);
        });
    });
  }

  void emitPanel(Value panel, int64_t vectors) {
    if (blocks)
      return emitBlocks(panel, vectors);
    auto rows = [&] {
      kernel.loop(0, shape.batch, 1, [&](Value image) {
        kernel.tiles(shape.height, tile.rowsH, [&](Value y, int64_t rowsH) {
          kernel.tiles(shape.width, tile.rowsW, [&](Value x, int64_t rowsW) {
            TilePlace place{panel, image, y, x, vectors, rowsH, rowsW};
            if (!shape.isFloat)
              prefetchPanel(kernel, shape, tile, weights, place);
            emitTile(place, shape.isFloat ? fetchNextPanel(kernel, shape, tile,
                                                           weights, place)
                                          : PanelFetch());
          });
        });
      });
    };
    if (dividesRows())
      kernel.divide(rows);
    else
      rows();
  }

  Value shuffle(Value a, Value c, ArrayRef<int64_t> mask) {
    return vector::ShuffleOp::create(b, loc, a, c, mask);
  }

  //===--- A tile ---------------------------------------------------------===//

  void emitTile(const TilePlace &place, const PanelFetch &fetch = {}) {
    if (shape.isFloat)
      prefetchResults(kernel, shape, place, getFirstColumn(place));
    Accumulators acc = startTile(place);
    acc = kernel.loopCarrying(
        0, shape.kernelHeight, 1, acc, [&](Value ky, ValueRange carried) {
          return kernel.loopCarrying(
              0, shape.runs() / shape.kernelHeight, 1, carried,
              [&](Value kx, ValueRange carried) {
                return emitRun(place, ky, kx, kernel.index(0),
                               shape.stepsPerRun(), fetch, carried);
              });
        });
    finishTile(place, acc);
  }

  void emitBlocks(Value panel, int64_t vectors) {
    blocks.emit(kernel, weights, panel, vectors,
                {[&](const TilePlace &place) { return startTile(place); },
                 [&](const TilePlace &place, Value ky, Value kx, Value first,
                     int64_t steps, const PanelFetch &fetch, ValueRange sums) {
                   return emitRun(place, ky, kx, first, steps, fetch, sums);
                 },
                 [&](const TilePlace &place, const Accumulators &sums) {
                   finishTile(place, sums);
                 }});
  }

  Value getFirstColumn(const TilePlace &place) {
    return kernel.scale(place.panel, tile.vectors * shape.lanes);
  }

  /// `size` steps from `first` on of the run at tap (ky, kx); of a row's run,
  /// kx is 0.
  Accumulators emitRun(const TilePlace &place, Value ky, Value kx, Value first,
                       int64_t size, const PanelFetch &fetch,
                       ValueRange carried) {
    Value runY = kernel.add(kernel.scale(place.y, shape.strideH),
                            kernel.scale(ky, shape.dilationH)),
          runX = kernel.scale(place.x, shape.strideW), number = ky;
    if (!shape.rowRuns) {
      runX = kernel.add(runX, kernel.scale(kx, shape.dilationW));
      number = kernel.add(kernel.scale(ky, shape.kernelWidth), kx);
    }
    Value firstStep =
        kernel.add(kernel.scale(number, shape.stepsPerRun()), first);
    auto steps = [&](Value step, int64_t count, ValueRange carried) {
      if (fetch)
        fetch(step, count);
      Value k = kernel.scale(kernel.add(first, step), shape.group);
      auto at = [&](int64_t row) -> SmallVector<Value> {
        return {place.image,
                kernel.add(runY, row / place.rowsW * shape.strideH),
                kernel.add(runX, row % place.rowsW * shape.strideW), k};
      };
      return GemmSteps(kernel, shape, input, weights, place)
          .emit(at, kernel.add(firstStep, step), count, carried);
    };
    // A loop of one trip is none, and LLVM keeps the weights of code without
    // a loop in registers, of which there are too few.
    int64_t together = shape.isFloat && kernel.target.memoryOperands
                           ? kFloatSteps
                           : shape.groupsPerLoad;
    if (size < 2 * together && !shape.writesOutRun())
      together = 1;
    int64_t whole = shape.writesOutRun() ? 0 : size - size % together;
    Accumulators acc = kernel.loopCarrying(
        0, whole, together, carried, [&](Value step, ValueRange carried) {
          return steps(step, together, carried);
        });
    for (int64_t i = whole; i < size;) {
      int64_t count = size - i < together ? 1 : together;
      acc = steps(kernel.index(i), count, acc);
      i += count;
    }
    return acc;
  }

  Accumulators startTile(const TilePlace &place) {
    Value firstColumn = getFirstColumn(place);
    auto type = VectorType::get(
        {shape.lanes}, cast<MemRefType>(start.getType()).getElementType());
    Accumulators acc;
    SmallVector<Value> first;
    for (int64_t v = 0; v < place.vectors; ++v) {
      Value at = kernel.add(firstColumn, v * shape.lanes);
      Value columns = vector::LoadOp::create(b, loc, type, start, at);
      if (shape.isMatrix()) {
        first.push_back(shuffle(columns, columns, {0, 1, 0, 1}));
        first.push_back(shuffle(columns, columns, {2, 3, 2, 3}));
      } else {
        first.push_back(columns);
      }
    }
    for (int64_t row = 0; row < place.rows(); row += shape.isMatrix() ? 2 : 1)
      llvm::append_range(acc, first);
    return acc;
  }

  void finishTile(const TilePlace &place, Accumulators acc) {
    Value firstColumn = getFirstColumn(place);
    int64_t vectors = place.vectors;
    // LLVM would keep the epilogue's constants in registers from tile to tile.
    // There is no room for them beside those of a matrix tile, those of fixed
    // point beside one of bytes, nor any beside the weights of a tile without a
    // loop; of both of which it would also begin the epilogues of all rows
    // before it ends the first.
    bool hasNoLoop = !shape.isFloat && shape.steps() <= kKeptSteps;
    bool endsRows =
        hasNoLoop ||
        (!shape.isFloat && shape.form == DotForm::Bytes &&
         kernel.target.memoryOperands && kernel.wordsOfProducts() > 0);
    bool readsAnew = endsRows || shape.isMatrix();
    for (int64_t row = 0; row < place.rows(); ++row) {
      if (readsAnew)
        firstColumn = dot::OpaqueOp::create(b, loc, firstColumn);
      for (int64_t v = 0; v < vectors;) {
        int64_t count = registersAtOnce(v, vectors);
        Value sums = join(acc, row, v, count, vectors);
        bool last = v + count == vectors;
        int64_t width = last && count == 1 ? lastWidth : count * shape.lanes;
        SmallVector<Value> indices{place.image,
                                   kernel.add(place.y, row / place.rowsW),
                                   kernel.add(place.x, row % place.rowsW),
                                   kernel.add(firstColumn, v * shape.lanes)};
        storeResult(sums, indices, width);
        v += count;
        if (endsRows)
          holdAfter(acc, row, v, vectors);
      }
    }
  }

  /// Holds what comes next behind the results before register `v` of `row`:
  /// LLVM would begin the epilogues of all, in more registers than there are.
  void holdAfter(Accumulators &acc, int64_t row, int64_t v, int64_t vectors) {
    int64_t next = row * vectors + v;
    if (shape.isMatrix()) {
      int64_t pairs = vectors * shape.lanes / 2;
      next = row / 2 * pairs + (row % 2 ? 2 * v : 0);
    }
    auto rest = MutableArrayRef(acc).drop_front(next);
    auto barrier = dot::ScheduleBarrierOp::create(b, loc, ValueRange(rest));
    llvm::copy(barrier.getResults(), rest.begin());
  }

  /// Narrow results are packed and stored from several registers at once, none
  /// cut off.
  int64_t registersAtOnce(int64_t v, int64_t vectors) const {
    Type element = getElementTypeOrSelf(kernel.root.getType());
    if (element.getIntOrFloatBitWidth() >= 32)
      return 1;
    return getRegistersAtOnce(v, vectors, lastWidth < shape.lanes);
  }

  /// The columns of registers v … v + count - 1 of a row, in order.
  Value join(const Accumulators &acc, int64_t row, int64_t v, int64_t count,
             int64_t vectors) {
    if (count > 1) {
      Value low = join(acc, row, v, count / 2, vectors);
      Value high = join(acc, row, v + count / 2, count / 2, vectors);
      return shuffle(
          low, high,
          llvm::to_vector(llvm::seq<int64_t>(0, count * shape.lanes)));
    }
    if (!shape.isMatrix())
      return acc[row * vectors + v];
    int64_t pairs = vectors * shape.lanes / 2;
    Value left = acc[row / 2 * pairs + 2 * v];
    Value right = acc[row / 2 * pairs + 2 * v + 1];
    return row % 2 ? shuffle(left, right, {2, 3, 6, 7})
                   : shuffle(left, right, {0, 1, 4, 5});
  }

  void storeResult(Value sums, ArrayRef<Value> indices, int64_t width) {
    if (width < shape.lanes) {
      SmallVector<int64_t> mask = llvm::to_vector(llvm::seq<int64_t>(0, width));
      sums = shuffle(sums, sums, mask);
    }
    Value anchor = conv.getResult(0);
    evaluator.known[anchor] = sums;
    bool isOrdered = !shape.places.empty() && width > shape.lanes;
    if (isOrdered)
      evaluator.laneOrder = getLaneOrder(shape, width / shape.lanes);
    Value result = evaluator.evaluate(kernel.root, indices, width);
    evaluator.known.erase(anchor);
    if (isOrdered) {
      SmallVector<int64_t> natural(width);
      for (auto [lane, column] : llvm::enumerate(evaluator.laneOrder))
        natural[column] = lane;
      result = shuffle(result, result, natural);
      evaluator.laneOrder.clear();
    }
    kernel.store(result, indices);
  }

  KernelBuilder &kernel;
  OpBuilder &b;
  Location loc;
  linalg::Conv2DNhwcFhwcOp conv;
  PointEvaluator evaluator;
  GemmShape shape;
  GemmTile tile;
  Value input, weights, start;
  PanelBlocks blocks;
  unsigned weightsArgument = 0;
  AccumulatorStart startValues;
  /// Columns in the last register of the panel being emitted.
  int64_t lastWidth = 0;
};

} // namespace

LogicalResult quantc::emitGemm(KernelBuilder &kernel) {
  auto conv = kernel.findProducer<linalg::Conv2DNhwcFhwcOp>();
  return conv ? GemmEmitter(kernel, conv).run() : failure();
}
