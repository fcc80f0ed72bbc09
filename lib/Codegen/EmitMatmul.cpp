// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Batches of matrix products whose operands are both computed, as attention has
// them: [B, M, K] · [B, K, N]. A panel of the right operand is packed to the
// stack, where it stays in the cache while the rows of the left one stream past
// it; zero points cost sums of columns, which packing makes, and of rows
// (docs/Semantics.md, S24).

#include "GemmShape.h"
#include "KernelBuilder.h"
#include "StackMemory.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "quantc/Dialect/Dot/IR/Dot.h"

using namespace mlir;
using namespace quantc;

namespace {

class MatmulEmitter {
public:
  MatmulEmitter(KernelBuilder &kernel, linalg::LinalgOp matmul)
      : kernel(kernel), b(kernel.builder), loc(kernel.loc), matmul(matmul),
        evaluator(kernel) {}

  LogicalResult run() {
    if (failed(analyze()))
      return failure();
    panel = MemRefType::get({steps(), vectors, lanes * group}, packedElement);
    packed = allocateOnStack(kernel, panel);
    if (!isFloat) {
      start = allocateOnStack(
          kernel, MemRefType::get({vectors * lanes}, b.getI32Type()));
      activations =
          allocateOnStack(kernel, MemRefType::get({rowsAtOnce, steps() * group},
                                                  packedElement));
    }
    // The panel whose last register is cut off comes last, by itself.
    int64_t registers = llvm::divideCeil(columns, lanes);
    int64_t cut = columns % lanes, whole = registers / vectors,
            rest = registers % vectors;
    if (cut && !rest) {
      --whole;
      rest = vectors;
    }
    kernel.divide([&] {
      kernel.loop(0, batch, 1, [&](Value image) {
        kernel.loop(0, whole, 1, [&](Value number) {
          emitPanel(image, kernel.scale(number, vectors * lanes), vectors,
                    lanes);
        });
        if (rest)
          kernel.unit([&] {
            emitPanel(image, kernel.index(whole * vectors * lanes), rest,
                      cut ? cut : lanes);
          });
      });
    });
    return success();
  }

private:
  using Vectors = SmallVector<Value>;

  LogicalResult analyze() {
    left = kernel.getMemRef(matmul->getOperand(0));
    right = kernel.getMemRef(matmul->getOperand(1));
    if (!left || !right)
      return failure();
    auto leftType = cast<MemRefType>(left.getType());
    auto rightType = cast<MemRefType>(right.getType());
    Type element = leftType.getElementType();
    isFloat = element.isF32();
    bool isInteger = element.isInteger(8) || element.isInteger(16);
    auto fill = matmul.getDpsInits()[0].getDefiningOp<linalg::FillOp>();
    Value zero = fill ? fill.getInputs()[0] : Value();
    if (rightType.getElementType() != element || !(isFloat || isInteger) ||
        !rightType.isLastDimUnitStride() || !leftType.isLastDimUnitStride() ||
        !zero ||
        !(matchPattern(zero, m_Zero()) || matchPattern(zero, m_AnyZeroFloat())))
      return failure();
    if (kernel.root != matmul->getResult(0)) {
      evaluator.known[matmul->getResult(0)] = left; // stands for the sums
      if (!PointEvaluator::canEvaluate(kernel.root))
        return failure();
      evaluator.known.clear();
    }
    if (matmul->getNumOperands() == 5) {
      APInt leftValue, rightValue;
      if (!matchPattern(matmul->getOperand(2), m_ConstantInt(&leftValue)) ||
          !matchPattern(matmul->getOperand(3), m_ConstantInt(&rightValue)))
        return failure();
      leftZp = leftValue.getSExtValue();
      rightZp = rightValue.getSExtValue();
    }

    batch = leftType.getDimSize(0);
    rows = leftType.getDimSize(1);
    depth = leftType.getDimSize(2);
    columns = rightType.getDimSize(2);
    lanes = kernel.target.lanes;
    // Where there is a matrix instruction, there is one for bytes, too.
    form = kernel.target.dotForm == DotForm::Matrix ? DotForm::Bytes
                                                    : kernel.target.dotForm;
    bytes = !isFloat && form == DotForm::Bytes;
    group = isFloat ? 1 : bytes ? 4 : form == DotForm::Pairs ? 2 : 1;
    packedElement = isFloat ? Type(b.getF32Type())
                    : bytes ? Type(b.getI8Type())
                            : Type(b.getI16Type());

    GemmShape shape{};
    shape.isFloat = isFloat;
    shape.batch = batch;
    shape.height = 1;
    shape.width = rows;
    shape.columns = columns;
    shape.kernelHeight = shape.kernelWidth = 1;
    shape.channels = shape.runLength = depth;
    shape.strideH = shape.strideW = shape.dilationH = shape.dilationW = 1;
    shape.rowRuns = true;
    shape.form = form;
    shape.group = group;
    shape.lanes = lanes;
    GemmTile byCost = fitStack(shape, chooseTile(shape, kernel.target));
    if (byCost.rowsW < 1 || byCost.vectors < 1)
      return failure();
    KernelTile tile =
        kernel.chooseTile(getClass(KernelForm::Matmul, shape), left, [&] {
          return KernelTile{1, byCost.rowsW, byCost.vectors};
        });
    rowsAtOnce = tile.rowsW;
    vectors = tile.registers;
    return success();
  }

  //===--- Small things ---------------------------------------------------===//

  int64_t steps() const { return llvm::divideCeil(depth, group); }

  Value splat(int64_t value, Type element, int64_t width) {
    auto type = VectorType::get({width}, element);
    return arith::ConstantOp::create(
        b, loc, DenseElementsAttr::get(type, b.getIntegerAttr(element, value)));
  }
  Value zeros(Type element, int64_t width) {
    auto type = VectorType::get({width}, element);
    return arith::ConstantOp::create(b, loc, b.getZeroAttr(type));
  }
  Value load(Value memref, ValueRange at, int64_t width) {
    auto type = VectorType::get(
        {width}, cast<MemRefType>(memref.getType()).getElementType());
    return vector::LoadOp::create(b, loc, type, memref, at);
  }
  void store(Value vector, Value memref, ValueRange at) {
    vector::StoreOp::create(b, loc, vector, memref, at);
  }
  /// Zeros behind `vector`, `width` elements in all.
  Value pad(Value vector, int64_t width) {
    auto type = cast<VectorType>(vector.getType());
    if (type.getNumElements() == width)
      return vector;
    return vector::InsertStridedSliceOp::create(
        b, loc, vector, zeros(type.getElementType(), width),
        ArrayRef<int64_t>{0}, ArrayRef<int64_t>{1});
  }
  /// Sign-extended or, where the value is known to fit, cut.
  Value resize(Value vector, Type element) {
    auto type = cast<VectorType>(vector.getType());
    unsigned from = type.getElementTypeBitWidth(),
             to = element.getIntOrFloatBitWidth();
    if (from == to)
      return vector;
    Type result = type.clone(element);
    if (from < to)
      return arith::ExtSIOp::create(b, loc, result, vector);
    return arith::TruncIOp::create(b, loc, result, vector);
  }
  Value interleave(Value a, Value c) {
    return vector::InterleaveOp::create(b, loc, a, c);
  }

  //===--- Packing --------------------------------------------------------===//

  /// Columns first … of the right operand to the panel, with their starts:
  /// what has to be added to Σ a · b for the zero points' sake.
  void packPanel(Value image, Value first, int64_t count, int64_t lastWidth) {
    for (int64_t v = 0; v < count; ++v) {
      int64_t width = v + 1 == count ? lastWidth : lanes;
      Value column = kernel.add(first, v * lanes);
      auto row = [&](Value k) {
        return pad(load(right, {image, k, column}, width), lanes);
      };
      if (isFloat) {
        kernel.loopCarrying(0, depth, 1, {}, [&](Value k, ValueRange) {
          store(row(k), packed, {k, kernel.index(v), kernel.index(0)});
          return Vectors();
        });
        continue;
      }
      // `rest` rows, the others of the group being zero.
      auto pack = [&](Value step, int64_t rest, Value sum) {
        Value k = kernel.scale(step, group);
        Vectors parts;
        for (int64_t i = 0; i < group; ++i) {
          if (i >= rest) {
            parts.push_back(zeros(packedElement, lanes));
            continue;
          }
          Value part = resize(row(kernel.add(k, i)), packedElement);
          if (!bytes && rightZp)
            part = arith::SubIOp::create(b, loc, part,
                                         splat(rightZp, packedElement, lanes));
          if (!bytes && rightZp && width < lanes)
            part = pad(vector::ExtractStridedSliceOp::create(
                           b, loc, part, ArrayRef<int64_t>{0},
                           ArrayRef<int64_t>{width}, ArrayRef<int64_t>{1}),
                       lanes);
          sum =
              arith::AddIOp::create(b, loc, sum, resize(part, b.getI32Type()));
          parts.push_back(part);
        }
        Value all = parts[0];
        if (group == 2)
          all = interleave(parts[0], parts[1]);
        else if (group == 4)
          all = interleave(interleave(parts[0], parts[2]),
                           interleave(parts[1], parts[3]));
        store(all, packed, {step, kernel.index(v), kernel.index(0)});
        return sum;
      };
      int64_t whole = depth / group;
      Value sum =
          kernel.loopCarrying(0, whole, 1, zeros(b.getI32Type(), lanes),
                              [&](Value step, ValueRange carried) {
                                return Vectors{pack(step, group, carried[0])};
                              })[0];
      if (depth % group)
        sum = pack(kernel.index(whole), depth % group, sum);
      // -(zp of the left + what the instruction adds) Σ b, + K · zp · zp.
      int64_t factor = -leftZp - (bytes ? kernel.target.lhsOffset : 0);
      int64_t constant = bytes ? depth * leftZp * rightZp : 0;
      Value value = arith::MulIOp::create(b, loc, sum,
                                          splat(factor, b.getI32Type(), lanes));
      value = arith::AddIOp::create(b, loc, value,
                                    splat(constant, b.getI32Type(), lanes));
      store(value, start, kernel.index(v * lanes));
    }
  }

  /// `count` rows of the left operand, from row `first` on, as the dot products
  /// want them; returns -zp of the right operand · Σ a of each, where it is
  /// needed.
  Vectors packRows(Value image, Value first, int64_t count) {
    Vectors corrections;
    bool wantsSums = bytes && rightZp;
    int64_t width = 64 / (packedElement.getIntOrFloatBitWidth() / 8);
    Type i32 = b.getI32Type();
    for (int64_t i = 0; i < count; ++i) {
      Value row = kernel.add(first, i), to = kernel.index(i);
      auto part = [&](Value k, int64_t own, int64_t stored, Value sum) {
        Value x = resize(load(left, {image, row, k}, own), packedElement);
        store(pad(x, stored), activations, {to, k});
        if (wantsSums)
          sum = arith::AddIOp::create(b, loc, sum, resize(pad(x, width), i32));
        return sum;
      };
      int64_t whole = depth - depth % width;
      Vectors initial;
      if (wantsSums)
        initial.push_back(zeros(i32, width));
      Vectors sums = kernel.loopCarrying(
          0, whole, width, initial, [&](Value k, ValueRange carried) {
            Value sum = part(k, width, width, wantsSums ? carried[0] : Value());
            return wantsSums ? Vectors{sum} : Vectors();
          });
      if (whole < depth) {
        Value sum =
            part(kernel.index(whole), depth - whole, steps() * group - whole,
                 wantsSums ? sums[0] : Value());
        if (wantsSums)
          sums[0] = sum;
      }
      if (!wantsSums)
        continue;
      Value sum = vector::ReductionOp::create(
          b, loc, vector::CombiningKind::ADD, sums[0]);
      Value factor =
          arith::ConstantOp::create(b, loc, b.getI32IntegerAttr(-rightZp));
      corrections.push_back(arith::MulIOp::create(b, loc, sum, factor));
    }
    return corrections;
  }

  //===--- Tiles ----------------------------------------------------------===//

  void emitPanel(Value image, Value first, int64_t count, int64_t lastWidth) {
    packPanel(image, first, count, lastWidth);
    int64_t whole = rows - rows % rowsAtOnce;
    kernel.loopCarrying(0, whole, rowsAtOnce, {}, [&](Value m, ValueRange) {
      emitTile(image, m, rowsAtOnce, first, count, lastWidth);
      return Vectors();
    });
    if (whole < rows)
      emitTile(image, kernel.index(whole), rows - whole, first, count,
               lastWidth);
  }

  void emitTile(Value image, Value m, int64_t tileRows, Value first,
                int64_t count, int64_t lastWidth) {
    Vectors corrections;
    if (!isFloat)
      corrections = packRows(image, m, tileRows);
    Vectors acc;
    for (int64_t row = 0; row < tileRows; ++row)
      for (int64_t v = 0; v < count; ++v)
        acc.push_back(isFloat ? zeros(b.getF32Type(), lanes)
                              : load(start, kernel.index(v * lanes), lanes));
    acc = kernel.loopCarrying(
        0, steps(), 1, acc, [&](Value step, ValueRange carried) {
          return emitStep(image, m, tileRows, count, step, carried);
        });
    for (int64_t row = 0; row < tileRows; ++row)
      for (int64_t v = 0; v < count; ++v) {
        Value sums = acc[row * count + v];
        if (!corrections.empty()) {
          Value all = vector::BroadcastOp::create(b, loc, sums.getType(),
                                                  corrections[row]);
          sums = arith::AddIOp::create(b, loc, sums, all);
        }
        storeResult(sums,
                    {image, kernel.add(m, row), kernel.add(first, v * lanes)},
                    v + 1 == count ? lastWidth : lanes);
      }
  }

  Vectors emitStep(Value image, Value m, int64_t tileRows, int64_t count,
                   Value step, ValueRange carried) {
    Vectors acc(carried), columnsOf;
    for (int64_t v = 0; v < count; ++v)
      columnsOf.push_back(load(packed, {step, kernel.index(v), kernel.index(0)},
                               lanes * group));
    auto dotType = VectorType::get({lanes * group}, packedElement);
    for (int64_t row = 0; row < tileRows; ++row) {
      if (isFloat) {
        Value x = memref::LoadOp::create(
            b, loc, left, ValueRange{image, kernel.add(m, row), step});
        Value all = vector::BroadcastOp::create(b, loc, dotType, x);
        for (int64_t v = 0; v < count; ++v) {
          Value &sum = acc[row * count + v];
          sum = math::FmaOp::create(b, loc, all, columnsOf[v], sum);
        }
        continue;
      }
      Value x = load(activations,
                     {kernel.index(row), kernel.scale(step, group)}, group);
      if (group > 1) {
        x = kernel.broadcastGroup(x);
      } else {
        x = vector::BroadcastOp::create(
            b, loc, dotType, vector::ExtractOp::create(b, loc, x, 0));
      }
      for (int64_t v = 0; v < count; ++v) {
        Value &sum = acc[row * count + v];
        if (group > 1) {
          sum = dot::AccumulateOp::create(b, loc, sum.getType(), sum, x,
                                          columnsOf[v],
                                          bytes ? kernel.target.lhsOffset : 0);
          continue;
        }
        Value product =
            arith::MulIOp::create(b, loc, resize(x, b.getI32Type()),
                                  resize(columnsOf[v], b.getI32Type()));
        sum = arith::AddIOp::create(b, loc, sum, product);
      }
    }
    return acc;
  }

  void storeResult(Value sums, ArrayRef<Value> indices, int64_t width) {
    if (width < lanes)
      sums = vector::ExtractStridedSliceOp::create(
          b, loc, sums, ArrayRef<int64_t>{0}, ArrayRef<int64_t>{width},
          ArrayRef<int64_t>{1});
    Value anchor = matmul->getResult(0);
    evaluator.known[anchor] = sums;
    Value result = evaluator.evaluate(kernel.root, indices, width);
    evaluator.known.erase(anchor);
    kernel.store(result, indices);
  }

  KernelBuilder &kernel;
  OpBuilder &b;
  Location loc;
  linalg::LinalgOp matmul;
  PointEvaluator evaluator;
  Value left, right;
  /// On the stack: a panel, what its columns start at, the rows of a tile.
  Value packed, start, activations;
  MemRefType panel;
  Type packedElement;
  bool isFloat = false, bytes = false;
  DotForm form = DotForm::Single;
  int64_t batch = 0, rows = 0, depth = 0, columns = 0;
  int64_t lanes = 0, group = 1, rowsAtOnce = 1, vectors = 1;
  int64_t leftZp = 0, rightZp = 0;
};

} // namespace

LogicalResult quantc::emitMatmul(KernelBuilder &kernel) {
  if (!kernel.root)
    return failure();
  auto find = [](Value value) -> linalg::LinalgOp {
    Operation *op = value.getDefiningOp();
    return isa_and_nonnull<linalg::BatchMatmulOp,
                           linalg::QuantizedBatchMatmulOp>(op)
               ? cast<linalg::LinalgOp>(op)
               : linalg::LinalgOp();
  };
  linalg::LinalgOp matmul = find(kernel.root);
  if (auto generic = kernel.root.getDefiningOp<linalg::GenericOp>())
    for (Value operand : generic.getInputs())
      if (!matmul)
        matmul = find(operand);
  return matmul ? MatmulEmitter(kernel, matmul).run() : failure();
}
