// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What exporters spell out, GELU and layer normalization before ONNX had them,
// as the operations that they are.

#include "Composites.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "quantc/Dialect/Quantc/IR/ConstantUtils.h"
#include "quantc/Dialect/Quantc/IR/EraseUnused.h"
#include "quantc/Dialect/Quantc/IR/Quantc.h"

using namespace mlir;
using namespace quantc;

/// The elements of a constant, perhaps behind reshapes.
static std::optional<SmallVector<float>> readValues(Value value) {
  while (auto reshape = value.getDefiningOp<tosa::ReshapeOp>())
    value = reshape.getInput1();
  return readConstant<float>(value);
}

/// The one number that a constant holds.
static std::optional<float> readSplat(Value value) {
  std::optional<SmallVector<float>> values = readValues(value);
  if (!values || values->empty() || !llvm::all_equal(*values))
    return std::nullopt;
  return values->front();
}

/// As near as f32 and its reciprocals bring constants that stand for `wanted`.
static bool isNear(std::optional<double> value, double wanted) {
  return value && std::abs(*value - wanted) <= 1e-6 * std::abs(wanted);
}

/// The operation of this kind that gives `value`, where nobody else reads it.
template <typename Op> static Op getOnly(Value value) {
  return value.hasOneUse() ? value.getDefiningOp<Op>() : Op();
}

/// For an operation of two operands in either order: the first for which
/// `isFirst` holds, and the other; null where there is none.
template <typename Op>
static std::pair<Value, Value> inOrder(Op op,
                                       function_ref<bool(Value)> isFirst) {
  Value a = op.getInput1(), b = op.getInput2();
  if (isFirst(a))
    return {a, b};
  if (isFirst(b))
    return {b, a};
  return {};
}

static bool isReal(Value value) {
  return getElementTypeOrSelf(value.getType()).isF32();
}

namespace {

//===----------------------------------------------------------------------===//
// GELU
//===----------------------------------------------------------------------===//

/// A product taken apart: what is computed, and its constant factor.
struct Product {
  SmallVector<Value> factors;
  double constant = 1.0;
};

} // namespace

static void takeApart(Value value, Product &product, bool isRoot = true) {
  if (std::optional<float> splat = readSplat(value)) {
    product.constant *= *splat;
    return;
  }
  auto mul =
      isRoot ? value.getDefiningOp<tosa::MulOp>() : getOnly<tosa::MulOp>(value);
  if (!mul) {
    product.factors.push_back(value);
    return;
  }
  takeApart(mul.getInput1(), product, false);
  takeApart(mul.getInput2(), product, false);
}

/// x where `value` is 1 + erf(x / √2).
static Value matchOnePlusErf(Value value) {
  auto add = getOnly<tosa::AddOp>(value);
  if (!add)
    return {};
  auto [one, rest] =
      inOrder(add, [](Value v) { return isNear(readSplat(v), 1.0); });
  auto erf = one ? getOnly<tosa::ErfOp>(rest) : tosa::ErfOp();
  if (!erf)
    return {};
  Product scaled;
  takeApart(erf.getInput(), scaled);
  return scaled.factors.size() == 1 && isNear(scaled.constant, M_SQRT1_2)
             ? scaled.factors.front()
             : Value();
}

/// x / 2 · (1 + erf(x / √2)), multiplied in any order.
static LogicalResult recognizeGelu(tosa::MulOp root) {
  Product product;
  takeApart(root.getResult(), product);
  if (product.factors.size() != 2 || !isNear(product.constant, 0.5))
    return failure();
  for (int i : {0, 1}) {
    Value x = product.factors[i];
    if (matchOnePlusErf(product.factors[1 - i]) != x ||
        x.getType() != root.getType())
      continue;
    OpBuilder builder(root);
    root.replaceAllUsesWith(
        GeluOp::create(builder, root.getLoc(), root.getType(), x, UnitAttr())
            .getOutput());
    return success();
  }
  return failure();
}

//===----------------------------------------------------------------------===//
// Layer normalization
//===----------------------------------------------------------------------===//

/// x where `value` is its mean over the last dimension.
static Value matchMean(Value value) {
  auto mul = value.getDefiningOp<tosa::MulOp>();
  if (!mul)
    return {};
  auto [sum, count] = inOrder(mul, [](Value v) {
    return v.getDefiningOp<tosa::ReduceSumOp>() != nullptr;
  });
  if (!sum)
    return {};
  auto reduce = sum.getDefiningOp<tosa::ReduceSumOp>();
  auto type = cast<RankedTensorType>(reduce.getInput().getType());
  if (reduce.getAxis() + 1 != type.getRank() ||
      !isNear(readSplat(count), 1.0 / type.getShape().back()))
    return {};
  return reduce.getInput();
}

/// `value` without reciprocals in pairs, as a division by a square root has
/// them.
static Value skipReciprocals(Value value) {
  while (auto outer = value.getDefiningOp<tosa::ReciprocalOp>()) {
    auto inner = outer.getInput1().getDefiningOp<tosa::ReciprocalOp>();
    if (!inner)
      break;
    value = inner.getInput1();
  }
  return value;
}

/// A constant along the last dimension of `type`, as a vector.
static Value getVector(OpBuilder &builder, Value value, RankedTensorType type) {
  int64_t length = type.getShape().back();
  std::optional<SmallVector<float>> values = readValues(value);
  auto shape = cast<RankedTensorType>(value.getType()).getShape();
  if (!values || shape.empty() ||
      (values->size() != 1 && shape.back() != length) ||
      (static_cast<int64_t>(values->size()) != 1 &&
       static_cast<int64_t>(values->size()) != length))
    return {};
  values->resize(length, values->front());
  return makeConstant<float>(builder, value.getLoc(), {length}, *values,
                             "layer_norm");
}

/// d · 1/√(mean(d²) + ε) · γ + β with d = x - mean(x).
static LogicalResult recognizeLayerNorm(tosa::AddOp root) {
  auto type = cast<RankedTensorType>(root.getType());
  auto isConstant = [](Value v) { return readValues(v).has_value(); };
  auto [beta, scaled] = inOrder(root, isConstant);
  auto scale = beta ? getOnly<tosa::MulOp>(scaled) : tosa::MulOp();
  if (!scale)
    return failure();
  auto [gamma, normal] = inOrder(scale, isConstant);
  auto normalize = gamma ? getOnly<tosa::MulOp>(normal) : tosa::MulOp();
  if (!normalize)
    return failure();
  auto [inverse, deviation] = inOrder(normalize, [](Value v) {
    return skipReciprocals(v).getDefiningOp<tosa::RsqrtOp>() != nullptr;
  });
  auto sub = inverse ? deviation.getDefiningOp<tosa::SubOp>() : tosa::SubOp();
  if (!sub || matchMean(sub.getInput2()) != sub.getInput1() ||
      sub.getInput1().getType() != type)
    return failure();
  auto rsqrt = skipReciprocals(inverse).getDefiningOp<tosa::RsqrtOp>();
  auto shifted = getOnly<tosa::AddOp>(rsqrt.getInput1());
  if (!shifted)
    return failure();
  auto [epsilon, variance] = inOrder(shifted, isConstant);
  std::optional<float> epsilonValue =
      epsilon ? readSplat(epsilon) : std::nullopt;
  Value squares = epsilonValue ? matchMean(variance) : Value();
  auto square = squares ? squares.getDefiningOp<tosa::MulOp>() : tosa::MulOp();
  if (!square || square.getInput1() != deviation ||
      square.getInput2() != deviation || !(*epsilonValue >= 0))
    return failure();

  OpBuilder builder(root);
  Value gammaVector = getVector(builder, gamma, type);
  Value betaVector = getVector(builder, beta, type);
  if (!gammaVector || !betaVector)
    return failure();
  root.replaceAllUsesWith(
      LayerNormOp::create(builder, root.getLoc(), type, sub.getInput1(),
                          gammaVector, betaVector,
                          builder.getF32FloatAttr(*epsilonValue))
          .getOutput());
  return success();
}

void quantc::onnximport::recognizeComposites(Operation *function) {
  // The last operation of a composite is found first.
  SmallVector<Operation *> candidates, recognized;
  function->walk([&](Operation *op) {
    if (isa<tosa::MulOp, tosa::AddOp>(op) && isReal(op->getResult(0)))
      candidates.push_back(op);
  });
  for (Operation *op : llvm::reverse(candidates)) {
    auto mul = dyn_cast<tosa::MulOp>(op);
    if (succeeded(mul ? recognizeGelu(mul)
                      : recognizeLayerNorm(cast<tosa::AddOp>(op))))
      recognized.push_back(op);
  }
  for (Operation *op : recognized)
    eraseUnused(op);
}
