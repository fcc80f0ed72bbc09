// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Product.h"
#include "Attention.h"
#include "StackMemory.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "quantc/Dialect/Dot/IR/Dot.h"

using namespace mlir;
using namespace quantc;

linalg::LinalgOp quantc::getProduct(Value value) {
  Operation *op = value.getDefiningOp();
  if (auto matmul = dyn_cast_or_null<linalg::BatchMatmulOp>(op))
    return matmul.hasUserDefinedMaps() ||
                   matmul.getCast() != linalg::TypeFn::cast_signed
               ? linalg::LinalgOp()
               : cast<linalg::LinalgOp>(op);
  return isa_and_nonnull<linalg::QuantizedBatchMatmulOp>(op)
             ? cast<linalg::LinalgOp>(op)
             : linalg::LinalgOp();
}

/// Whether `value` is a constant that a byte holds.
static bool isByte(Value value) {
  APInt constant;
  return matchPattern(value, m_ConstantInt(&constant)) &&
         constant.isSignedIntN(8);
}

std::optional<GemmShape>
quantc::getProductShape(linalg::LinalgOp product,
                        const TargetDescription &target) {
  auto left = cast<RankedTensorType>(product->getOperand(0).getType()),
       right = cast<RankedTensorType>(product->getOperand(1).getType());
  Type element = left.getElementType(),
       result = getElementTypeOrSelf(product->getResult(0));
  bool isFloat = element.isF32() && result.isF32();
  bool isInteger = element.isInteger(8) && result.isInteger(32);
  auto fill = product.getDpsInits()[0].getDefiningOp<linalg::FillOp>();
  Value zero = fill ? fill.getInputs()[0] : Value();
  if (right.getElementType() != element || !(isFloat || isInteger) || !zero ||
      !(matchPattern(zero, m_Zero()) || matchPattern(zero, m_AnyZeroFloat())) ||
      !llvm::all_of(
          product->getOperands().slice(2, product->getNumOperands() - 3),
          isByte))
    return std::nullopt;

  GemmShape shape{};
  shape.isFloat = isFloat;
  shape.batch = left.getDimSize(0);
  shape.height = 1;
  shape.width = left.getDimSize(1);
  shape.columns = right.getDimSize(2);
  shape.kernelHeight = shape.kernelWidth = 1;
  shape.channels = shape.runLength = left.getDimSize(2);
  shape.strideH = shape.strideW = shape.dilationH = shape.dilationW = 1;
  shape.rowRuns = true;
  // Where there is a matrix instruction, there is one for bytes, too.
  shape.form =
      target.dotForm == DotForm::Matrix ? DotForm::Bytes : target.dotForm;
  shape.group = isFloat                        ? 1
                : shape.form == DotForm::Bytes ? 4
                : shape.form == DotForm::Pairs ? 2
                                               : 1;
  shape.lanes = target.lanes;
  return shape;
}

ProductEmitter::ProductEmitter(KernelBuilder &kernel, linalg::LinalgOp product,
                               const GemmShape &shape,
                               PointEvaluator &evaluator)
    : kernel(kernel), b(kernel.builder), loc(kernel.loc), product(product),
      shape(shape), evaluator(evaluator),
      transposed(getTransposedOperand(product->getOperand(1))),
      left(product->getOperand(0)), right(product->getOperand(1)),
      bytes(!shape.isFloat && shape.form == DotForm::Bytes), lanes(shape.lanes),
      group(shape.group), depth(shape.runLength) {
  packedElement = shape.isFloat ? Type(b.getF32Type())
                  : bytes       ? Type(b.getI8Type())
                                : Type(b.getI16Type());
  APInt value;
  if (product->getNumOperands() == 5) {
    if (matchPattern(product->getOperand(2), m_ConstantInt(&value)))
      leftZp = value.getSExtValue();
    if (matchPattern(product->getOperand(3), m_ConstantInt(&value)))
      rightZp = value.getSExtValue();
  }
  readLeft = [this](int64_t, ArrayRef<Value> indices, int64_t width) {
    return this->evaluator.evaluate(left, indices, width);
  };
}

ProductEmitter::Panels ProductEmitter::panels() const {
  int64_t registers = shape.vectors(), cut = shape.columns % lanes;
  Panels result{registers / tile.vectors, registers % tile.vectors,
                cut ? cut : lanes};
  if (cut && !result.rest) {
    --result.whole;
    result.rest = tile.vectors;
  }
  return result;
}

void ProductEmitter::allocate(const GemmTile &chosen, int64_t slots,
                              bool packsRows) {
  tile = chosen;
  packed = allocateOnStack(
      kernel,
      MemRefType::get({slots, shape.steps(), tile.vectors, lanes * group},
                      packedElement));
  if (!shape.isFloat)
    start = allocateOnStack(
        kernel, MemRefType::get({slots, tile.vectors * lanes}, b.getI32Type()));
  if (packsRows)
    activations = allocateOnStack(
        kernel,
        MemRefType::get({tile.rowsW, shape.steps() * group}, packedElement));
}

//===--- Small things -----------------------------------------------------===//

Value ProductEmitter::splat(int64_t value, Type element, int64_t width) {
  auto type = VectorType::get({width}, element);
  return arith::ConstantOp::create(
      b, loc, DenseElementsAttr::get(type, b.getIntegerAttr(element, value)));
}

Value ProductEmitter::zeros(Type element, int64_t width) {
  auto type = VectorType::get({width}, element);
  return arith::ConstantOp::create(b, loc, b.getZeroAttr(type));
}

/// Zeros behind `vector`, `width` elements in all.
Value ProductEmitter::pad(Value vector, int64_t width) {
  auto type = cast<VectorType>(vector.getType());
  if (type.getNumElements() == width)
    return vector;
  return vector::InsertStridedSliceOp::create(
      b, loc, vector, zeros(type.getElementType(), width), ArrayRef<int64_t>{0},
      ArrayRef<int64_t>{1});
}

/// Sign-extended, if it isn't as wide already.
Value ProductEmitter::extend(Value vector, Type element) {
  auto type = cast<VectorType>(vector.getType());
  if (type.getElementType() == element)
    return vector;
  return arith::ExtSIOp::create(b, loc, type.clone(element), vector);
}

//===--- Packing ----------------------------------------------------------===//

Value ProductEmitter::asPacked(Value vector) {
  if (shape.isFloat)
    return vector;
  Value part = extend(vector, packedElement);
  if (bytes || !rightZp)
    return part;
  int64_t width = cast<VectorType>(part.getType()).getNumElements();
  return arith::SubIOp::create(b, loc, part,
                               splat(rightZp, packedElement, width));
}

void ProductEmitter::packPanel(Value image, const Panel &panel) {
  for (int64_t v = 0; v < panel.vectors; ++v) {
    int64_t width = v + 1 == panel.vectors ? panel.lastWidth : lanes;
    Value column = kernel.add(panel.first, v * lanes);
    if (transposed)
      packTransposed(image, panel.slot, v, column, width);
    else
      packColumns(image, panel.slot, v, column, width);
  }
}

void ProductEmitter::storePacked(Value words, Value slot, Value step,
                                 int64_t vector) {
  vector::StoreOp::create(
      b, loc, words, packed,
      ValueRange{slot, step, kernel.index(vector), kernel.index(0)});
}

void ProductEmitter::packColumns(Value image, Value slot, int64_t vector,
                                 Value column, int64_t width) {
  // `rest` rows, the others of the group being zero.
  auto pack = [&](Value step, int64_t rest, Value sum) {
    Value k = kernel.scale(step, group);
    Vectors parts;
    for (int64_t i = 0; i < group; ++i) {
      if (i >= rest) {
        parts.push_back(zeros(packedElement, lanes));
        continue;
      }
      Value row =
          evaluator.evaluate(right, {image, kernel.add(k, i), column}, width);
      parts.push_back(pad(asPacked(row), lanes));
      if (sum)
        sum = arith::AddIOp::create(b, loc, sum,
                                    extend(parts.back(), b.getI32Type()));
    }
    auto interleave = [&](Value a, Value c) -> Value {
      return vector::InterleaveOp::create(b, loc, a, c);
    };
    Value all = parts[0];
    if (group == 2)
      all = interleave(parts[0], parts[1]);
    else if (group == 4)
      all = interleave(interleave(parts[0], parts[2]),
                       interleave(parts[1], parts[3]));
    storePacked(all, slot, step, vector);
    return sum;
  };
  int64_t whole = depth / group;
  Vectors initial;
  if (!shape.isFloat)
    initial.push_back(zeros(b.getI32Type(), lanes));
  Vectors sums = kernel.loopCarrying(
      0, whole, 1, initial, [&](Value step, ValueRange carried) {
        Value sum = pack(step, group, carried.empty() ? Value() : carried[0]);
        return sum ? Vectors{sum} : Vectors();
      });
  if (depth % group)
    sums[0] = pack(kernel.index(whole), depth % group, sums[0]);
  if (!sums.empty())
    storeStart(slot, vector, sums[0]);
}

void ProductEmitter::packTransposed(Value image, Value slot, int64_t vector,
                                    Value column, int64_t width) {
  int64_t wordBits = group * packedElement.getIntOrFloatBitWidth();
  auto wordType = VectorType::get({lanes}, b.getIntegerType(wordBits));
  auto packedType = VectorType::get({lanes * group}, packedElement);
  ArrayRef<int64_t> permutation = transposed.getPermutation();
  // A square of words: `own` elements of K, a row for each column.
  auto pack = [&](Value k, int64_t own, Value sum) {
    Vectors words;
    for (int64_t i = 0; i < lanes; ++i) {
      if (i >= width) {
        words.push_back(zeros(wordType.getElementType(), lanes));
        continue;
      }
      Vectors indices{image, k, kernel.add(column, i)}, at(3);
      for (auto [to, from] : llvm::enumerate(permutation))
        at[from] = indices[to];
      evaluator.known[transposed->getResult(0)] =
          evaluator.evaluate(transposed.getInput(), at, own);
      Value row = asPacked(evaluator.evaluate(right, indices, own));
      evaluator.known.erase(transposed->getResult(0));
      words.push_back(
          vector::BitCastOp::create(b, loc, wordType, pad(row, lanes * group)));
    }
    words = kernel.transposeSquare(std::move(words));
    Value step = arith::DivUIOp::create(b, loc, k, kernel.index(group));
    for (int64_t i = 0; i < int64_t(llvm::divideCeil(own, group)); ++i) {
      storePacked(vector::BitCastOp::create(b, loc, packedType, words[i]), slot,
                  kernel.add(step, i), vector);
      if (sum)
        sum = addGroups(sum, words[i]);
    }
    return sum;
  };
  int64_t square = lanes * group, whole = depth - depth % square;
  Vectors initial;
  if (!shape.isFloat)
    initial.push_back(zeros(b.getI32Type(), lanes));
  Vectors sums = kernel.loopCarrying(
      0, whole, square, initial, [&](Value k, ValueRange carried) {
        Value sum = pack(k, square, carried.empty() ? Value() : carried[0]);
        return sum ? Vectors{sum} : Vectors();
      });
  if (whole < depth) {
    Value sum = pack(kernel.index(whole), depth - whole,
                     sums.empty() ? Value() : sums[0]);
    if (sum)
      sums[0] = sum;
  }
  if (!sums.empty())
    storeStart(slot, vector, sums[0]);
}

Value ProductEmitter::addGroups(Value sum, Value words) {
  int64_t bits = packedElement.getIntOrFloatBitWidth();
  auto type = cast<VectorType>(words.getType());
  Type word = type.getElementType();
  for (int64_t i = 0; i < group; ++i) {
    // Element i, shifted to the top and, with its sign, to the bottom.
    Value part = words;
    if (int64_t above = (group - 1 - i) * bits)
      part = arith::ShLIOp::create(b, loc, part, splat(above, word, lanes));
    if (group > 1)
      part = arith::ShRSIOp::create(b, loc, part,
                                    splat((group - 1) * bits, word, lanes));
    sum = arith::AddIOp::create(b, loc, sum, extend(part, b.getI32Type()));
  }
  return sum;
}

void ProductEmitter::storeStart(Value slot, int64_t vector, Value sum) {
  // -(zp of the left + what the instruction adds) Σ b, + K · zp · zp.
  Type i32 = b.getI32Type();
  int64_t factor = -leftZp - (bytes ? kernel.target.lhsOffset : 0);
  int64_t constant =
      bytes ? llvm::SignExtend64<32>(depth * leftZp * rightZp) : 0;
  Value value = arith::MulIOp::create(b, loc, sum, splat(factor, i32, lanes));
  value = arith::AddIOp::create(b, loc, value, splat(constant, i32, lanes));
  vector::StoreOp::create(b, loc, value, start,
                          ValueRange{slot, kernel.index(vector * lanes)});
}

void ProductEmitter::packRows(Value image, Value first, int64_t count) {
  corrections.clear();
  bool wantsSums = bytes && rightZp;
  int64_t width = 64 / (packedElement.getIntOrFloatBitWidth() / 8);
  Type i32 = b.getI32Type();
  for (int64_t i = 0; i < count; ++i) {
    Value row = kernel.add(first, i), to = kernel.index(i);
    auto part = [&](Value k, int64_t own, int64_t stored, Value sum) {
      Value x = readLeft(i, {image, row, k}, own);
      if (!shape.isFloat)
        x = extend(x, packedElement);
      vector::StoreOp::create(b, loc, pad(x, stored), activations,
                              ValueRange{to, k});
      if (wantsSums)
        sum = arith::AddIOp::create(b, loc, sum, extend(pad(x, width), i32));
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
          part(kernel.index(whole), depth - whole,
               shape.steps() * group - whole, wantsSums ? sums[0] : Value());
      if (wantsSums)
        sums[0] = sum;
    }
    if (!wantsSums)
      continue;
    Value sum = vector::ReductionOp::create(b, loc, vector::CombiningKind::ADD,
                                            sums[0]);
    Value factor =
        arith::ConstantOp::create(b, loc, b.getI32IntegerAttr(-rightZp));
    corrections.push_back(arith::MulIOp::create(b, loc, sum, factor));
  }
}

//===--- Tiles ------------------------------------------------------------===//

void ProductEmitter::emitTile(Value image, Value first, int64_t skipped,
                              int64_t count, const Panel &panel,
                              StoreFn store) {
  Vectors acc;
  for (int64_t row = 0; row < count; ++row)
    for (int64_t v = 0; v < panel.vectors; ++v)
      acc.push_back(shape.isFloat
                        ? zeros(b.getF32Type(), lanes)
                        : kernel.load(start,
                                      {panel.slot, kernel.index(v * lanes)},
                                      lanes));
  acc = kernel.loopCarrying(
      0, shape.steps(), 1, acc, [&](Value step, ValueRange carried) {
        return emitStep(image, first, skipped, count, panel, step, carried);
      });
  for (int64_t row = 0; row < count; ++row)
    for (int64_t v = 0; v < panel.vectors; ++v) {
      Value sums = acc[row * panel.vectors + v];
      if (!corrections.empty()) {
        Value all = vector::BroadcastOp::create(b, loc, sums.getType(),
                                                corrections[skipped + row]);
        sums = arith::AddIOp::create(b, loc, sums, all);
      }
      if (v + 1 == panel.vectors && panel.lastWidth < lanes)
        sums = vector::ExtractStridedSliceOp::create(
            b, loc, sums, ArrayRef<int64_t>{0},
            ArrayRef<int64_t>{panel.lastWidth}, ArrayRef<int64_t>{1});
      store(
          sums, skipped + row,
          {image, kernel.add(first, row), kernel.add(panel.first, v * lanes)});
    }
}

ProductEmitter::Vectors ProductEmitter::emitStep(Value image, Value first,
                                                 int64_t skipped, int64_t count,
                                                 const Panel &panel, Value step,
                                                 ValueRange carried) {
  Vectors acc(carried), columns;
  for (int64_t v = 0; v < panel.vectors; ++v)
    columns.push_back(kernel.load(
        packed, {panel.slot, step, kernel.index(v), kernel.index(0)},
        lanes * group));
  auto dotType = VectorType::get({lanes * group}, packedElement);
  for (int64_t row = 0; row < count; ++row) {
    auto sums = MutableArrayRef(acc).slice(row * panel.vectors, panel.vectors);
    Value at = kernel.index(skipped + row);
    if (shape.isFloat) {
      Value x = activations
                    ? memref::LoadOp::create(b, loc, activations,
                                             ValueRange{at, step})
                          .getResult()
                    : memref::LoadOp::create(
                          b, loc, kernel.getMemRef(left),
                          ValueRange{image, kernel.add(first, row), step})
                          .getResult();
      Value all = vector::BroadcastOp::create(b, loc, dotType, x);
      for (auto [sum, column] : llvm::zip_equal(sums, columns))
        sum = math::FmaOp::create(b, loc, all, column, sum);
      continue;
    }
    Value x = kernel.load(activations, {at, kernel.scale(step, group)}, group);
    if (group > 1) {
      kernel.accumulate(kernel.broadcastGroup(x), columns, sums);
      continue;
    }
    Value all = vector::BroadcastOp::create(
        b, loc, dotType, vector::ExtractOp::create(b, loc, x, 0));
    for (auto [sum, column] : llvm::zip_equal(sums, columns)) {
      Value product = arith::MulIOp::create(b, loc, extend(all, b.getI32Type()),
                                            extend(column, b.getI32Type()));
      sum = arith::AddIOp::create(b, loc, sum, product);
    }
  }
  return acc;
}
