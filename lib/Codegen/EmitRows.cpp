// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Softmax and layer normalization: vectors along each row, a few passes over it
// while it is in the cache. Floats are added by a tree of fixed width, whatever
// the target's registers (docs/Semantics.md, S32).

#include "KernelBuilder.h"
#include "MathFunctions.h"
#include "StackMemory.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "quantc/Conversion/RowArithmetic.h"
#include "quantc/Dialect/Dot/IR/Dot.h"
#include "quantc/Dialect/Quantc/IR/ConstantUtils.h"

using namespace mlir;
using namespace quantc;

/// Elements that are added side by side.
static constexpr int64_t kSoftmaxTree = 16, kLayerNormTree = 32;

/// Blocks whose exponentials are computed side by side: of one alone, each
/// instruction waits for the one before it.
static constexpr int64_t kExpBlocks = 2;

/// Exponentials of a row that are kept on the stack (16 KiB); those of longer
/// ones are looked up twice.
static constexpr int64_t kMaxKeptExponentials = 4096;

namespace {

class RowEmitter {
public:
  /// `output` is a memref of `type`.
  RowEmitter(KernelBuilder &kernel, RankedTensorType type, Value output)
      : kernel(kernel), b(kernel.builder), loc(kernel.loc), type(type),
        length(type.getShape().back()), output(output) {}

  LogicalResult run() {
    Operation *op = kernel.root.getDefiningOp();
    input = kernel.getMemRef(op->getOperand(0));
    if (!input)
      return failure();
    if (isa<SoftmaxOp>(op))
      forEachRow([&] { emitSoftmax(); });
    else if (auto norm = dyn_cast<LayerNormOp>(op))
      forEachRow([&] { emitLayerNorm(norm); });
    else if (auto softmax = dyn_cast<IntegerSoftmaxOp>(op)) {
      prepareExponentials();
      forEachRow([&] { emitSoftmax(softmax); });
    } else {
      forEachRow([&] { emitLayerNorm(cast<IntegerLayerNormOp>(op)); });
    }
    return success();
  }

  /// Makes room for what softmax() needs beside its rows.
  void prepareSoftmax(Operation *op, Value from) {
    input = from;
    if (isa<IntegerSoftmaxOp>(op))
      prepareExponentials();
  }
  void softmax(Operation *op, Value number) {
    row = {number};
    if (auto integers = dyn_cast<IntegerSoftmaxOp>(op))
      emitSoftmax(integers);
    else
      emitSoftmax();
  }

private:
  using Vectors = SmallVector<Value>;
  using BlockFn =
      function_ref<Vectors(Value offset, int64_t width, ValueRange carried)>;

  //===--- Rows and blocks of a row ---------------------------------------===//

  void forEachRow(function_ref<void()> body) {
    int64_t outer = type.getRank() - 1;
    row.assign(outer, Value());
    std::function<void(int64_t)> nest = [&](int64_t dim) {
      if (dim == outer)
        return body();
      kernel.loop(0, type.getDimSize(dim), 1, [&](Value iv) {
        row[dim] = iv;
        nest(dim + 1);
      });
    };
    kernel.divide([&] { nest(0); });
  }

  /// `body` for each `width` elements, and what is left of the row at last.
  Vectors forEachBlock(int64_t width, ValueRange initial, BlockFn body) {
    int64_t whole = length - length % width;
    Vectors carried = kernel.loopCarrying(
        0, whole, width, initial, [&](Value offset, ValueRange carried) {
          return body(offset, width, carried);
        });
    if (whole < length)
      carried = body(kernel.index(whole), length - whole, carried);
    return carried;
  }

  Vectors at(Value offset) {
    Vectors indices(row);
    indices.push_back(offset);
    return indices;
  }
  Value loadFrom(Value memref, Value offset, int64_t width) {
    bool isRow = cast<MemRefType>(memref.getType()).getRank() == 1;
    return kernel.load(memref, isRow ? Vectors{offset} : at(offset), width);
  }
  /// Elements of the row of a tensor of the kernel's shape.
  Value load(Value memref, Value offset, int64_t width) {
    return kernel.load(memref, at(offset), width);
  }

  Value splat(Value scalar, int64_t width) {
    return vector::BroadcastOp::create(
        b, loc, VectorType::get({width}, scalar.getType()), scalar);
  }
  Value splat(TypedAttr value, int64_t width) {
    return arith::ConstantOp::create(
        b, loc,
        DenseElementsAttr::get(VectorType::get({width}, value.getType()),
                               Attribute(value)));
  }
  Value floats(float value, int64_t width) {
    return splat(b.getF32FloatAttr(value), width);
  }

  /// `vector` with copies of `neutral` behind it, `width` elements in all.
  Value pad(Value vector, int64_t width, TypedAttr neutral) {
    int64_t own = cast<VectorType>(vector.getType()).getNumElements();
    if (own == width)
      return vector;
    return vector::InsertStridedSliceOp::create(
        b, loc, vector, splat(neutral, width), ArrayRef<int64_t>{0},
        ArrayRef<int64_t>{1});
  }

  /// All elements combined, one half with the other, until one is left.
  Value combine(Value vector, function_ref<Value(Value, Value)> op) {
    int64_t width = cast<VectorType>(vector.getType()).getNumElements();
    for (; width > 1; width /= 2) {
      auto half = [&](int64_t first) {
        return vector::ShuffleOp::create(
            b, loc, vector, vector,
            llvm::to_vector(llvm::seq<int64_t>(first, first + width / 2)));
      };
      vector = op(half(0), half(width / 2));
    }
    return vector::ExtractOp::create(b, loc, vector, 0);
  }

  template <typename Op> Value binary(Value a, Value c) {
    return Op::create(b, loc, a, c);
  }
  /// The greater; the second one where the first isn't a number.
  Value greater(Value a, Value c) {
    Value above =
        arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OGT, a, c);
    return arith::SelectOp::create(b, loc, above, a, c);
  }
  Value widen(Value vector, Type element) {
    auto type = cast<VectorType>(vector.getType());
    return type.getElementType() == element
               ? vector
               : arith::ExtSIOp::create(b, loc, type.clone(element), vector)
                     .getResult();
  }

  /// The sum of the row's blocks, each of at most `width` floats, of which
  /// `block` computes as many as are told at once.
  Value sumBlocks(int64_t width,
                  function_ref<Value(Value offset, int64_t width)> block,
                  int64_t together = 1) {
    Vectors sum = forEachBlock(
        width * together, floats(0, width),
        [&](Value offset, int64_t length, ValueRange carried) -> Vectors {
          Value all = block(offset, length), sum = carried[0];
          for (int64_t i = 0; i < length; i += width) {
            int64_t part = std::min(width, length - i);
            Value own = part == length
                            ? all
                            : vector::ExtractStridedSliceOp::create(
                                  b, loc, all, ArrayRef<int64_t>{i},
                                  ArrayRef<int64_t>{part}, ArrayRef<int64_t>{1})
                                  .getResult();
            sum = binary<arith::AddFOp>(sum,
                                        pad(own, width, b.getF32FloatAttr(0)));
          }
          return {sum};
        });
    return combine(
        sum[0], [&](Value a, Value c) { return binary<arith::AddFOp>(a, c); });
  }

  //===--- Floats ---------------------------------------------------------===//

  /// The width of the tree; zeros on the right of shorter rows change nothing.
  int64_t treeWidth(int64_t most) const {
    return std::min<int64_t>(most, llvm::PowerOf2Ceil(length));
  }

  void emitSoftmax() {
    int64_t width = treeWidth(kSoftmaxTree);
    TypedAttr lowest =
        b.getF32FloatAttr(-std::numeric_limits<float>::infinity());
    Vectors maxima = forEachBlock(
        width, splat(lowest, width),
        [&](Value offset, int64_t part, ValueRange carried) -> Vectors {
          Value x = load(input, offset, part);
          return {greater(pad(x, width, lowest), carried[0])};
        });
    Value max =
        combine(maxima[0], [&](Value a, Value c) { return greater(a, c); });
    Value sum = sumBlocks(
        width,
        [&](Value offset, int64_t part) {
          Value x = load(input, offset, part);
          Value exp =
              buildExp(b, loc, binary<arith::SubFOp>(x, splat(max, part)));
          store(exp, offset);
          return exp;
        },
        kExpBlocks);
    Value one = arith::ConstantOp::create(b, loc, b.getF32FloatAttr(1));
    Value inverse = binary<arith::DivFOp>(one, sum);
    forEachBlock(width, {}, [&](Value offset, int64_t part, ValueRange) {
      Value exp = load(output, offset, part);
      store(binary<arith::MulFOp>(exp, splat(inverse, part)), offset);
      return Vectors();
    });
  }

  void emitLayerNorm(LayerNormOp op) {
    int64_t width = treeWidth(kLayerNormTree);
    Value count = arith::ConstantOp::create(
        b, loc, b.getF32FloatAttr(static_cast<float>(length)));
    auto mean = [&](function_ref<Value(Value, int64_t)> block) {
      return binary<arith::DivFOp>(sumBlocks(width, block), count);
    };
    Value average = mean(
        [&](Value offset, int64_t part) { return load(input, offset, part); });
    auto deviation = [&](Value offset, int64_t part) {
      return binary<arith::SubFOp>(load(input, offset, part),
                                   splat(average, part));
    };
    Value variance = mean([&](Value offset, int64_t part) {
      Value d = deviation(offset, part);
      return binary<arith::MulFOp>(d, d);
    });
    Value epsilon = arith::ConstantOp::create(b, loc, op.getEpsilonAttr());
    Value one = arith::ConstantOp::create(b, loc, b.getF32FloatAttr(1));
    Value root =
        math::SqrtOp::create(b, loc, binary<arith::AddFOp>(variance, epsilon));
    Value scale = binary<arith::DivFOp>(one, root);
    Value gamma = kernel.getMemRef(op.getGamma());
    Value beta = kernel.getMemRef(op.getBeta());
    forEachBlock(width, {}, [&](Value offset, int64_t part, ValueRange) {
      Value normal =
          binary<arith::MulFOp>(deviation(offset, part), splat(scale, part));
      Value result =
          math::FmaOp::create(b, loc, normal, loadFrom(gamma, offset, part),
                              loadFrom(beta, offset, part));
      store(result, offset);
      return Vectors();
    });
  }

  //===--- Integers -------------------------------------------------------===//

  void prepareExponentials() {
    if (length <= kMaxKeptExponentials)
      exponentials =
          allocateOnStack(kernel, MemRefType::get({length}, b.getI32Type()));
  }

  /// Entries of the table, one at a time.
  Value lookUp(IntegerSoftmaxOp op, Value max, Value offset, int64_t width) {
    Value table = kernel.getMemRef(op.getTable());
    Value result = splat(b.getI32IntegerAttr(0), width);
    for (int64_t lane = 0; lane < width; ++lane) {
      Value index = binary<arith::AddIOp>(offset, kernel.index(lane));
      Value x = memref::LoadOp::create(b, loc, input, at(index));
      x = arith::IndexCastOp::create(b, loc, b.getIndexType(), x);
      Value entry =
          memref::LoadOp::create(b, loc, table, binary<arith::SubIOp>(max, x));
      result = vector::InsertOp::create(b, loc, entry, result, lane);
    }
    return result;
  }

  void emitSoftmax(IntegerSoftmaxOp op) {
    Type element = cast<MemRefType>(input.getType()).getElementType();
    int64_t bytes = std::min<int64_t>(32, llvm::PowerOf2Ceil(length));
    TypedAttr lowest = b.getIntegerAttr(element, -128);
    Vectors maxima = forEachBlock(
        bytes, splat(lowest, bytes),
        [&](Value offset, int64_t part, ValueRange carried) -> Vectors {
          Value x = load(input, offset, part);
          return {binary<arith::MaxSIOp>(pad(x, bytes, lowest), carried[0])};
        });
    Value max = combine(maxima[0], [&](Value a, Value c) {
      return binary<arith::MaxSIOp>(a, c);
    });
    max = arith::IndexCastOp::create(b, loc, b.getIndexType(), max);

    // Lanes hold 511 entries of the table at most.
    int64_t width =
        std::min<int64_t>(kernel.target.lanes * 2, llvm::PowerOf2Ceil(length));
    TypedAttr zero = length <= width * 511 ? b.getI32IntegerAttr(0)
                                           : TypedAttr(b.getI64IntegerAttr(0));
    Vectors sums = forEachBlock(
        width, splat(zero, width),
        [&](Value offset, int64_t part, ValueRange carried) -> Vectors {
          Value exp = lookUp(op, max, offset, part);
          if (exponentials)
            vector::StoreOp::create(b, loc, exp, exponentials, offset);
          exp = widen(pad(exp, width, b.getI32IntegerAttr(0)), zero.getType());
          return {binary<arith::AddIOp>(carried[0], exp)};
        });
    Type i64 = b.getI64Type();
    Value wide = sums[0];
    if (!zero.getType().isInteger(64))
      wide = arith::ExtUIOp::create(
          b, loc, cast<VectorType>(wide.getType()).clone(i64), wide);
    Value sum = combine(
        wide, [&](Value a, Value c) { return binary<arith::AddIOp>(a, c); });
    Value reciprocal = buildSoftmaxReciprocal(b, loc, op, sum);
    // Known to be below 2^32, so that 32-bit multiplications do.
    reciprocal = arith::TruncIOp::create(b, loc, b.getI32Type(), reciprocal);
    forEachBlock(width, {}, [&](Value offset, int64_t part, ValueRange) {
      Value exp = exponentials ? loadFrom(exponentials, offset, part)
                               : lookUp(op, max, offset, part);
      Value factor = splat(reciprocal, part);
      factor = arith::ExtUIOp::create(
          b, loc, cast<VectorType>(factor.getType()).clone(i64), factor);
      storeBytes(buildSoftmaxResult(b, loc, op, exp, factor), offset);
      return Vectors();
    });
  }

  void emitLayerNorm(IntegerLayerNormOp op) {
    // Pairs of i16 for the dot products with itself and with ones.
    int64_t lanes = kernel.target.lanes, width = 2 * lanes;
    Type i16 = b.getI16Type(), i32 = b.getI32Type();
    Value none = splat(b.getI32IntegerAttr(0), lanes);
    Value ones = splat(b.getI16IntegerAttr(1), width);
    Vectors sums = forEachBlock(
        width, {none, none},
        [&](Value offset, int64_t part, ValueRange carried) -> Vectors {
          Value x = widen(load(input, offset, part), i16);
          x = pad(x, width, b.getI16IntegerAttr(0));
          auto dot = [&](Value sum, Value rhs) -> Value {
            return dot::AccumulateOp::create(b, loc, sum.getType(), sum, x, rhs,
                                             0);
          };
          return {dot(carried[0], ones), dot(carried[1], x)};
        });
    for (Value &sum : sums)
      sum = combine(
          sum, [&](Value a, Value c) { return binary<arith::AddIOp>(a, c); });
    RowFactorValues factors = buildRowFactors(b, loc, op, sums[0], sums[1]);
    Value gamma = kernel.getMemRef(op.getGamma());
    Value beta = kernel.getMemRef(op.getBeta());
    forEachBlock(width, {}, [&](Value offset, int64_t part, ValueRange) {
      RowFactorValues all = factors;
      for (Value *factor : {&all.sum, &all.narrow, &all.half, &all.factor,
                            &all.shift, &all.round})
        *factor = splat(*factor, part);
      Value x = widen(load(input, offset, part), i32);
      storeBytes(buildLayerNormResult(b, loc, op, x, all,
                                      loadFrom(gamma, offset, part),
                                      loadFrom(beta, offset, part)),
                 offset);
      return Vectors();
    });
  }

  void store(Value vector, Value offset) {
    kernel.store(vector, output, at(offset));
  }
  /// Bytes, in the output's width.
  void storeBytes(Value vector, Value offset) {
    store(widen(vector, cast<MemRefType>(output.getType()).getElementType()),
          offset);
  }

  KernelBuilder &kernel;
  OpBuilder &b;
  Location loc;
  RankedTensorType type;
  int64_t length;
  Value output, input, exponentials;
  /// Of the row: indices of all dimensions but the last.
  Vectors row;
};

} // namespace

LogicalResult quantc::emitRows(KernelBuilder &kernel) {
  Operation *op = kernel.root ? kernel.root.getDefiningOp() : nullptr;
  if (!op || !isRowFunction(op))
    return failure();
  auto type = cast<RankedTensorType>(kernel.root.getType());
  return RowEmitter(kernel, type, kernel.destination).run();
}

std::function<void(Value)> quantc::prepareSoftmaxRows(KernelBuilder &kernel,
                                                      Operation *softmax,
                                                      Value input,
                                                      Value output) {
  auto memref = cast<MemRefType>(output.getType());
  auto emitter = std::make_shared<RowEmitter>(
      kernel, RankedTensorType::get(memref.getShape(), memref.getElementType()),
      output);
  emitter->prepareSoftmax(softmax, input);
  return [emitter, softmax](Value row) { emitter->softmax(softmax, row); };
}
