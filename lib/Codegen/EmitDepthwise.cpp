// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Depthwise convolutions by dot products (docs/Performance.md): the rows of a
// column of the input are interleaved, so that a lane holds the taps of one
// channel; each such column serves all outputs that it is a part of.

#include "AccumulatorStart.h"
#include "DepthwiseShape.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "quantc/Dialect/Dot/IR/Dot.h"
#include "quantc/Dialect/Quantc/IR/ConstantUtils.h"

using namespace mlir;
using namespace quantc;

namespace {

/// Taps that are written out.
constexpr int64_t kMaxTaps = 49;

class DepthwiseEmitter : DepthwiseShape {
public:
  DepthwiseEmitter(KernelBuilder &kernel, linalg::DepthwiseConv2DNhwcHwcOp conv)
      : kernel(kernel), b(kernel.builder), loc(kernel.loc), conv(conv),
        evaluator(kernel) {}

  LogicalResult run() {
    if (failed(analyze()))
      return failure();
    KernelClass about;
    about.form = KernelForm::Depthwise;
    about.output = {batch, height, width, channels};
    about.window = {kernelHeight, kernelWidth};
    about.stride = {strideH, strideW};
    about.dilation = {dilationH, dilationW};
    int64_t together =
        kernel
            .chooseTile(about, input,
                        [&] { return KernelTile{1, outputsAtOnce(), 1}; })
            .rowsW;
    int64_t begun = passesSums() ? outputsOfColumn() : together;
    if (begun * 2 <= kernel.target.depthwiseOutputs(isFloat) &&
        columnsServeTwoRows())
      down = 2;
    pack();
    kernel.divide([&] {
      kernel.loop(0, batch, 1, [&](Value image) {
        kernel.tiles(height, down, [&](Value y, int64_t rows) {
          emitRows(image, y, rows, together);
        });
      });
    });
    return success();
  }

private:
  LogicalResult analyze() {
    input = kernel.getMemRef(conv.getInputs()[0]);
    auto weightArgument = dyn_cast<BlockArgument>(conv.getInputs()[1]);
    if (!input || !weightArgument ||
        !isa<RankedTensorType>(weightArgument.getType()))
      return failure();
    weightsArgument = weightArgument.getArgNumber();
    auto inputType = cast<MemRefType>(input.getType());
    auto weightType = cast<RankedTensorType>(weightArgument.getType());
    element = inputType.getElementType();
    isFloat = element.isF32();
    const TargetDescription &target = kernel.target;
    Type weight = weightType.getElementType(),
         sum = getElementTypeOrSelf(conv.getResultTypes()[0]);
    if (isFloat ? !weight.isF32() || !sum.isF32()
                : !element.isInteger(target.activationBits()) ||
                      !weight.isInteger(8) || !sum.isInteger(32) ||
                      target.dotForm == DotForm::Single)
      return failure();
    auto first = AccumulatorStart::get(conv.getOutputs()[0]);
    SmallVector<int64_t> strides;
    int64_t offset;
    if (failed(first) ||
        failed(inputType.getStridesAndOffset(strides, offset)) ||
        strides[3] != 1)
      return failure();
    startValues = *first;
    ArrayRef<int64_t> out =
        cast<RankedTensorType>(conv.getResultTypes()[0]).getShape();
    batch = out[0];
    height = out[1];
    width = out[2];
    channels = out[3];
    kernelHeight = weightType.getDimSize(0);
    kernelWidth = weightType.getDimSize(1);
    auto step = llvm::to_vector(conv.getStrides().getValues<int64_t>());
    auto dilation = llvm::to_vector(conv.getDilations().getValues<int64_t>());
    strideH = step[0];
    strideW = step[1];
    dilationH = dilation[0];
    dilationW = dilation[1];
    if (kernelHeight * kernelWidth > kMaxTaps)
      return failure();
    lanes = target.lanes;
    group = isFloat ? 1 : 32 / target.activationBits();
    // Without a loop over channels, the weights of all would have to stay in
    // registers.
    if (!isFloat && !target.memoryOperands && channels < 2 * blockChannels())
      return failure();
    rowGroups = llvm::divideCeil(kernelHeight, group);
    if (kernel.root != conv.getResult(0)) {
      evaluator.known[conv.getResult(0)] = input; // stands for the accumulator
      if (!PointEvaluator::canEvaluate(kernel.root) ||
          !PointEvaluator::takesLanesInAnyOrder(kernel.root))
        return failure();
      evaluator.known.clear();
    }
    return success();
  }

  /// Whether a weight is an operand in memory of each dot product, as there are
  /// no registers for more than sums and the column at hand.
  bool readsWeightsInPlace() const {
    return group == 4 && kernel.target.memoryOperands;
  }

  /// Whether products are added by instructions of their own. Then sums begin
  /// with the first product and take their start last, as an operand in memory;
  /// and their order has to be held (finishSums).
  bool addsProducts() const { return group == 2; }

  /// Of three rows the fourth beside them is the next output's.
  bool columnsServeTwoRows() {
    return readsWeightsInPlace() && kernel.wordsOfProducts() < 2 &&
           strideH == 1 && dilationH == 1 && height > 1 &&
           kernelHeight < rowGroups * group;
  }

  /// Whether each column is interleaved once for all outputs of a row: sums
  /// that have begun go from output to output.
  bool passesSums() const {
    return readsWeightsInPlace() && dilationW == 1 &&
           outputsOfColumn() <= kernel.target.depthwiseOutputs(isFloat);
  }

  //===--- Constants ------------------------------------------------------===//

  /// The weights, and the start of each channel, in the order of lanes.
  void pack() {
    evaluator.constantOrder = channelOrder();
    DepthwiseShape shape = *this; // for what runs later
    Type weightElement =
        isFloat ? Type(b.getF32Type()) : Type(b.getIntegerType(32 / group));
    auto weightTensor = RankedTensorType::get(
        {down * tapsOfOutput(), packedChannels() * group}, weightElement);
    weights = kernel.addPacked(
        MemRefType::get(weightTensor.getShape(), weightElement),
        [=,
         argument = weightsArgument](CallConstants constants) -> ElementsAttr {
          Attribute source = constants[argument];
          if (shape.isFloat) {
            auto values = *readElements<float>(source);
            return makeElements<float>(
                weightTensor, shape.packWeights<float>(values), "weights");
          }
          auto bytes = *readElements<int8_t>(source);
          if (shape.group == 4)
            return makeElements<int8_t>(
                weightTensor, shape.packWeights<int8_t>(bytes), "weights");
          SmallVector<int16_t> words(bytes.begin(), bytes.end());
          return makeElements<int16_t>(
              weightTensor, shape.packWeights<int16_t>(words), "weights");
        });

    Type sum = cast<ShapedType>(conv.getResultTypes()[0]).getElementType();
    auto startTensor = RankedTensorType::get({packedChannels()}, sum);
    start = kernel.addPacked(
        MemRefType::get(startTensor.getShape(), sum),
        [=, first = startValues, argument = weightsArgument,
         offset =
             kernel.target.lhsOffset](CallConstants constants) -> ElementsAttr {
          int64_t channels = shape.channels;
          if (shape.isFloat) {
            auto values = first.readFloats(constants, channels);
            return makeElements<float>(startTensor,
                                       shape.arrange<float>(values), "start");
          }
          auto values = first.readIntegers(constants, channels);
          auto bytes = *readElements<int8_t>(constants[argument]);
          shape.takeBack(values, bytes, offset);
          return makeElements<int32_t>(startTensor,
                                       shape.arrange<int32_t>(values), "start");
        });
  }

  //===--- A row of outputs -----------------------------------------------===//

  /// Outputs of a row that are written out, as nobody has measured it: few
  /// remainders.
  int64_t outputsAtOnce() {
    if (passesSums())
      return 1;
    int64_t most = kernel.target.depthwiseOutputs(isFloat);
    if (columnsServeTwoRows())
      most /= 2;
    // An interleaved column costs more than a remainder, so the more outputs it
    // serves, the better; unless weights, which don't change from pixel to
    // pixel without a loop over channels, take registers, too.
    bool isInterleaved = !isFloat && channels >= 2 * blockChannels();
    for (int64_t size = most; !isInterleaved && size > most / 2; --size)
      if (width % size == 0)
        return size;
    return llvm::divideCeil(width, llvm::divideCeil(width, most));
  }

  /// `rows` rows of outputs from `y` on.
  void emitRows(Value image, Value y, int64_t rows, int64_t together) {
    // Channels are innermost: the weights of a block are read where they are
    // used, and nothing has to stay in registers from block to block.
    int64_t block = blockChannels(), whole = channels - channels % block;
    if (passesSums()) {
      kernel.loop(0, whole, block, [&](Value channel) {
        passRow(image, y, rows, together, channel, block, block);
      });
      forEachBlock([&](int64_t first, int64_t size) {
        if (first >= whole)
          kernel.unit([&] {
            passRow(image, y, rows, together, kernel.index(first), size,
                    std::min(size, channels - first));
          });
      });
      return;
    }
    if (whole <= block)
      whole = 0;
    else
      kernel.tiles(width, together, [&](Value x, int64_t outputs) {
        kernel.loop(0, whole, block, [&](Value channel) {
          emitBlock(image, y, x, rows, outputs, channel, block, block);
        });
      });
    // Other blocks have a loop of their own, in which weights and multipliers
    // don't change: more than there are registers for. Where instructions read
    // them from memory, that is the best place for them.
    forEachBlock([&](int64_t first, int64_t size) {
      if (first < whole)
        return;
      kernel.tiles(width, together, [&](Value x, int64_t outputs) {
        emitBlock(image, y, x, rows, outputs, hide(kernel.index(first)), size,
                  std::min(size, channels - first));
      });
    });
  }

  /// A channel of which LLVM doesn't know which it is, where instructions read
  /// its constants from memory.
  Value hide(Value index) {
    return kernel.target.memoryOperands
               ? dot::OpaqueOp::create(b, loc, b.getIndexType(), index)
                     .getResult()
               : index;
  }

  /// The sums of outputs beside each other, [output][row below][register];
  /// empty where none has begun.
  using Sums = SmallVector<SmallVector<SmallVector<Value>>>;

  /// A row of outputs of channels [channel, channel + size), of which
  /// `existing` are: `together` at a time, to which columns are added one after
  /// the other. What they add to further outputs goes into the next trip.
  void passRow(Value image, Value y, int64_t below, int64_t together,
               Value channel, int64_t size, int64_t existing) {
    int64_t registers = registersOf(size), begun = outputsOfColumn() - 1;
    int64_t shared = std::max<int64_t>(kernelWidth - strideW, 0);
    bool isFixedPoint = kernel.wordsOfProducts() > 0;
    Sums sums(begun + together);
    for (int64_t column = 0; column < shared; ++column)
      addColumn(image, y, kernel.index(0), below, column, channel, size, sums);
    auto flat = [&](int64_t from) {
      SmallVector<Value> values;
      for (auto &output : ArrayRef(sums).slice(from, begun))
        for (auto &row : output)
          llvm::append_range(values, row);
      return values;
    };
    auto emitOutputs = [&](Value x, int64_t outputs, ValueRange carried) {
      sums.assign(begun + outputs, {});
      for (int64_t output = 0; output < begun; ++output)
        for (int64_t row = 0; row < below;
             ++row, carried = carried.drop_front(registers))
          sums[output].push_back(
              llvm::to_vector(carried.take_front(registers)));
      for (int64_t output = 0; output < outputs; ++output) {
        for (int64_t kx = shared; kx < kernelWidth; ++kx)
          addColumn(image, y, x, below, output * strideW + kx, channel, size,
                    sums);
        for (int64_t row = 0; row < below; ++row) {
          storeOutput(sums[output][row], {image, y, x, channel}, row, output,
                      hide(channel), size, existing);
          if (!isFixedPoint)
            continue;
          finishSums(MutableArrayRef(sums[output]).drop_front(row + 1));
          for (auto &later : MutableArrayRef(sums).drop_front(output + 1))
            finishSums(later);
        }
      }
      return flat(outputs);
    };
    int64_t whole = width - width % together;
    SmallVector<Value> carried = kernel.loopCarrying(
        0, whole, together, flat(0), [&](Value x, ValueRange carried) {
          return emitOutputs(x, together, carried);
        });
    if (whole < width)
      emitOutputs(kernel.index(whole), width - whole, carried);
  }

  /// Adds a column of the input, counted from that of output `x`, to all
  /// outputs that it is a part of.
  void addColumn(Value image, Value y, Value x, int64_t below, int64_t column,
                 Value channel, int64_t size, Sums &sums) {
    channel = hide(channel);
    for (int64_t rows = 0; rows < rowGroups; ++rows) {
      SmallVector<Value> values = interleave(
          {image, kernel.scale(y, strideH), kernel.scale(x, strideW), channel},
          column, rows, kernelHeight + below - 1, size);
      for (auto [output, acc] : llvm::enumerate(sums)) {
        int64_t kx = column - int64_t(output) * strideW;
        if (kx < 0 || kx >= kernelWidth)
          continue;
        if (acc.empty())
          acc.assign(below, loadStart(channel, size));
        for (int64_t row = 0; row < below; ++row)
          accumulate(acc[row], values,
                     row * tapsOfOutput() + rows * kernelWidth + kx, channel);
      }
    }
  }

  /// A register of the sums of `size` channels.
  VectorType getSumType(int64_t size) const {
    return VectorType::get({size / registersOf(size)},
                           cast<MemRefType>(start.getType()).getElementType());
  }

  /// What the sums of channels [channel, channel + size) start at.
  SmallVector<Value> loadStart(Value channel, int64_t size) {
    VectorType type = getSumType(size);
    SmallVector<Value> loaded;
    for (int64_t reg = 0; reg < registersOf(size); ++reg)
      loaded.push_back(vector::LoadOp::create(
          b, loc, type, start,
          kernel.add(channel, reg * type.getNumElements())));
    return loaded;
  }

  /// Finishes the output `row` below and `output` beside `first`. Constants are
  /// read at `hidden`, which is its channel.
  void storeOutput(ArrayRef<Value> acc, ArrayRef<Value> first, int64_t row,
                   int64_t output, Value hidden, int64_t size,
                   int64_t existing) {
    SmallVector<Value> at{first[0], kernel.add(first[1], row),
                          kernel.add(first[2], output), hidden};
    kernel.store(finish(acc, at, size, existing),
                 beside(kernel.destination, first, row, output));
  }

  /// Channels [channel, channel + size), of which `existing` are.
  void emitBlock(Value image, Value y, Value x, int64_t below, int64_t outputs,
                 Value channel, int64_t size, int64_t existing) {
    Value inputY = kernel.scale(y, strideH), inputX = kernel.scale(x, strideW);
    SmallVector<Value> first;
    if (addsProducts())
      first.assign(
          registersOf(size),
          arith::ConstantOp::create(b, loc, b.getZeroAttr(getSumType(size))));
    else
      first = loadStart(channel, size);
    // [row][output]
    SmallVector<SmallVector<Value>> acc(below * outputs, first);
    auto column = [&](int64_t rows, int64_t column) {
      return interleave({image, inputY, inputX, channel}, column, rows,
                        kernelHeight + below - 1, size);
    };
    for (int64_t rows = 0; rows < rowGroups; ++rows) {
      if (readsWeightsInPlace())
        addColumns([&](int64_t at) { return column(rows, at); }, acc, rows,
                   below, outputs, channel);
      else
        addTaps([&](int64_t at) { return column(rows, at); }, acc, rows,
                outputs, channel);
    }
    for (int64_t i = 0; i < below * outputs; ++i) {
      Value hidden = hide(channel);
      if (addsProducts())
        for (auto [sum, last] :
             llvm::zip_equal(acc[i], loadStart(hidden, size)))
          sum = arith::AddIOp::create(b, loc, sum, last);
      storeOutput(acc[i], {image, y, x, channel}, i / outputs, i % outputs,
                  hidden, size, existing);
      finishSums(MutableArrayRef(acc).drop_front(i + 1));
    }
  }

  /// Holds what comes next behind these sums: LLVM would add the products of
  /// each group of rows by themselves, in twice as many registers.
  void finishSums(MutableArrayRef<SmallVector<Value>> acc) {
    SmallVector<Value> sums;
    for (SmallVector<Value> &of : acc)
      llvm::append_range(sums, of);
    auto barrier = dot::ScheduleBarrierOp::create(b, loc, sums);
    auto result = barrier.result_begin();
    for (SmallVector<Value> &of : acc)
      for (Value &sum : of)
        sum = *result++;
  }

  using ColumnFn = function_ref<SmallVector<Value>(int64_t)>;

  /// In the order in which floats are added. A weight serves all outputs, and
  /// then leaves its register.
  void addTaps(ColumnFn load, MutableArrayRef<SmallVector<Value>> acc,
               int64_t rows, int64_t outputs, Value channel) {
    llvm::DenseMap<int64_t, SmallVector<Value>> taps; // by column
    for (int64_t kx = 0; kx < kernelWidth; ++kx) {
      for (int64_t output = 0; output < outputs; ++output) {
        int64_t column = output * strideW + kx * dilationW;
        SmallVector<Value> &values = taps[column];
        if (values.empty())
          values = load(column);
        accumulate(acc[output], values, rows * kernelWidth + kx, channel);
      }
      if (addsProducts())
        finishSums(acc);
    }
  }

  /// A column serves all outputs, and then leaves its registers. Weights are
  /// read anew for each: `channel` is another value of which LLVM doesn't know
  /// that it is the same.
  void addColumns(ColumnFn load, MutableArrayRef<SmallVector<Value>> acc,
                  int64_t rows, int64_t below, int64_t outputs,
                  Value &channel) {
    int64_t last = (outputs - 1) * strideW + (kernelWidth - 1) * dilationW;
    for (int64_t column = 0; column <= last; ++column) {
      SmallVector<Value> values;
      for (int64_t output = 0; output < outputs; ++output) {
        int64_t offset = column - output * strideW, kx = offset / dilationW;
        if (offset < 0 || offset % dilationW != 0 || kx >= kernelWidth)
          continue;
        if (values.empty()) {
          channel = hide(channel);
          values = load(column);
        }
        for (int64_t row = 0; row < below; ++row)
          accumulate(acc[row * outputs + output], values,
                     row * tapsOfOutput() + rows * kernelWidth + kx, channel);
      }
    }
  }

  /// The place `rows` below and `columns` beside `first`, by its distance from
  /// there: LLVM would keep the address of each row and column in a register.
  SmallVector<Value> beside(Value memref, ArrayRef<Value> first, int64_t rows,
                            int64_t columns) {
    auto [strides, offset] =
        cast<MemRefType>(memref.getType()).getStridesAndOffset();
    SmallVector<Value> place(first);
    place.back() =
        kernel.add(first.back(), rows * strides[1] + columns * strides[2]);
    return place;
  }

  /// The rows of group `rows` of `height` at a column, a register for each
  /// `size / registersOf(size)` channels. Where the group has no further row,
  /// the weight is zero.
  SmallVector<Value> interleave(ArrayRef<Value> first, int64_t column,
                                int64_t rows, int64_t height, int64_t size) {
    auto type = VectorType::get({size}, element);
    SmallVector<Value> loaded;
    for (int64_t row = 0; row < group; ++row) {
      int64_t ky = std::min(rows * group + row, height - 1);
      if (row && ky == height - 1 && rows * group + row > ky) {
        loaded.push_back(loaded.back());
        continue;
      }
      SmallVector<Value> at = beside(input, first, ky * dilationH, column);
      loaded.push_back(vector::LoadOp::create(b, loc, type, input, at));
    }
    if (group == 1)
      return loaded;
    if (registersOf(size) == 1)
      return {fillLanes(
          ArrayRef(loaded).take_front(std::min(group, height - rows * group)))};
    auto low = [&](Value x, Value y, int64_t unit) {
      return unpack(x, y, unit, /*high=*/false);
    };
    auto high = [&](Value x, Value y, int64_t unit) {
      return unpack(x, y, unit, /*high=*/true);
    };
    if (group == 2)
      return {low(loaded[0], loaded[1], 1), high(loaded[0], loaded[1], 1)};
    Value a = low(loaded[0], loaded[1], 1), c = low(loaded[2], loaded[3], 1);
    Value d = high(loaded[0], loaded[1], 1), e = high(loaded[2], loaded[3], 1);
    return {low(a, c, 2), high(a, c, 2), low(d, e, 2), high(d, e, 2)};
  }

  /// A register with these rows in each lane, the first in the lowest bits:
  /// where channels are few, extending them takes less than interleaving.
  Value fillLanes(ArrayRef<Value> rows) {
    auto type = cast<VectorType>(rows.front().getType());
    auto lanes = VectorType::get(type.getShape(), b.getI32Type());
    Value filled;
    for (auto [row, value] : llvm::enumerate(rows)) {
      Value wide = arith::ExtUIOp::create(b, loc, lanes, value);
      if (!row) {
        filled = wide;
        continue;
      }
      Value shift = arith::ConstantOp::create(
          b, loc, b.getIntegerAttr(b.getI32Type(), row * 32 / group));
      shift = vector::BroadcastOp::create(b, loc, lanes, shift);
      wide = arith::ShLIOp::create(b, loc, wide, shift);
      filled = arith::OrIOp::create(b, loc, filled, wide);
    }
    return vector::BitCastOp::create(
        b, loc, VectorType::get({type.getNumElements() * group}, element),
        filled);
  }

  /// Interleaves units of elements of the low or high half of each 16 bytes.
  Value unpack(Value x, Value y, int64_t unit, bool high) {
    int64_t size = cast<VectorType>(x.getType()).getNumElements();
    int64_t chunk = leastChannels();
    SmallVector<int64_t> mask;
    for (int64_t base = 0; base < size; base += chunk)
      for (int64_t i = 0; i < chunk / 2; i += unit)
        for (int64_t from : {int64_t(0), size})
          for (int64_t k = 0; k < unit; ++k)
            mask.push_back(from + base + (high ? chunk / 2 : 0) + i + k);
    return vector::ShuffleOp::create(b, loc, x, y, mask);
  }

  void accumulate(SmallVector<Value> &acc, ArrayRef<Value> taps, int64_t tap,
                  Value channel) {
    auto type = cast<VectorType>(taps.front().getType());
    for (size_t reg = 0; reg < taps.size(); ++reg) {
      Value at =
          kernel.add(kernel.scale(channel, group), reg * type.getNumElements());
      Value weight = vector::LoadOp::create(
          b, loc,
          VectorType::get(type.getShape(),
                          cast<MemRefType>(weights.getType()).getElementType()),
          weights, ValueRange{kernel.index(tap), at});
      if (isFloat)
        acc[reg] = math::FmaOp::create(b, loc, taps[reg], weight, acc[reg]);
      else
        acc[reg] = dot::AccumulateOp::create(b, loc, acc[reg].getType(),
                                             acc[reg], taps[reg], weight,
                                             kernel.target.lhsOffset);
    }
  }

  /// The epilogue of one output, computed in lane order where the block is
  /// whole.
  Value finish(ArrayRef<Value> acc, ArrayRef<Value> indices, int64_t size,
               int64_t existing) {
    Value sums = acc[0];
    if (acc.size() == 2)
      sums = join(acc[0], acc[1]);
    if (acc.size() == 4)
      sums = join(join(acc[0], acc[1]), join(acc[2], acc[3]));
    SmallVector<int64_t> order = laneOrder(size), natural(size);
    for (auto [lane, of] : llvm::enumerate(order))
      natural[of] = lane;
    bool inOrder = llvm::is_sorted(order) || existing < size;
    if (inOrder) {
      natural.resize(existing);
      sums = vector::ShuffleOp::create(b, loc, sums, sums, natural);
    }
    evaluator.known[conv.getResult(0)] = sums;
    evaluator.laneOrder = inOrder ? SmallVector<int64_t>() : order;
    Value result = evaluator.evaluate(kernel.root, indices, existing);
    evaluator.known.clear();
    if (!inOrder)
      result = vector::ShuffleOp::create(b, loc, result, result, natural);
    return result;
  }

  Value join(Value low, Value high) {
    int64_t size = cast<VectorType>(low.getType()).getNumElements();
    return vector::ShuffleOp::create(
        b, loc, low, high, llvm::to_vector(llvm::seq<int64_t>(0, 2 * size)));
  }

  KernelBuilder &kernel;
  OpBuilder &b;
  Location loc;
  linalg::DepthwiseConv2DNhwcHwcOp conv;
  PointEvaluator evaluator;
  Value input, weights, start;
  unsigned weightsArgument = 0;
  AccumulatorStart startValues;
  Type element; ///< of the input
};

} // namespace

LogicalResult quantc::emitDepthwise(KernelBuilder &kernel) {
  auto conv = kernel.findProducer<linalg::DepthwiseConv2DNhwcHwcOp>();
  return conv ? DepthwiseEmitter(kernel, conv).run() : failure();
}
