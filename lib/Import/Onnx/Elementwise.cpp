// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Node.h"
#include "llvm/ADT/STLExtras.h"
#include <cfloat>
#include <cmath>

using namespace mlir;
using namespace quantc::onnximport;

//===----------------------------------------------------------------------===//
// Unary
//===----------------------------------------------------------------------===//

/// An operator that is one TOSA operation.
template <typename Op> static void buildUnary(Node &node) {
  node.checkArity(1, 1);
  Value x = node.getValue(0);
  node.setResult(node.create<Op>(getShape(x), x));
}

static void buildNeg(Node &node) {
  node.checkArity(1, 1);
  if (!node.failed() && node.allConstant()) {
    auto result = std::make_shared<HostTensor>(*node.getHost(0));
    for (float &element : result->floats)
      element = -element;
    for (int64_t &element : result->ints)
      element = static_cast<int64_t>(-static_cast<uint64_t>(element));
    node.setResult(HostTensorRef(result));
    return;
  }
  Value x = node.getValue(0);
  node.setResult(node.create<tosa::NegateOp>(getShape(x), x, node.zeroPoint(),
                                             node.zeroPoint()));
}

static Value reciprocal(Node &node, Value x) {
  return node.create<tosa::ReciprocalOp>(getShape(x), x);
}

/// TOSA has the reciprocal square root; 1 / (1 / √0) is 0, too.
static Value squareRoot(Node &node, Value x) {
  Value rsqrt = node.create<tosa::RsqrtOp>(getShape(x), x);
  return reciprocal(node, rsqrt);
}

static void buildSqrt(Node &node) {
  node.checkArity(1, 1);
  if (!node.failed() && node.allConstant() && node.isFloat(0)) {
    auto result = std::make_shared<HostTensor>(*node.getHost(0));
    for (float &element : result->floats)
      element = std::sqrt(element);
    node.setResult(HostTensorRef(result));
    return;
  }
  node.setResult(squareRoot(node, node.getValue(0)));
}

static void buildRelu(Node &node) {
  node.checkArity(1, 1);
  node.setResult(node.clamp(node.getValue(0), 0.0f, FLT_MAX));
}

/// Clip: bounds as attributes before opset 11, as operands since.
static void buildClip(Node &node) {
  float min = -FLT_MAX, max = FLT_MAX;
  if (node.opset() < 11) {
    node.checkArity(1, 1);
    min = node.getFloat("min", min);
    max = node.getFloat("max", max);
  } else {
    node.checkArity(1, 3);
    if (node.hasInput(1))
      min = node.getScalar(1, "the lower bound").value_or(min);
    if (node.hasInput(2))
      max = node.getScalar(2, "the upper bound").value_or(max);
  }
  if (min > max)
    node.error() << "the lower bound " << std::to_string(min)
                 << " exceeds the upper bound " << std::to_string(max);
  min = std::clamp(min, -FLT_MAX, FLT_MAX);
  max = std::clamp(max, -FLT_MAX, FLT_MAX);
  node.setResult(node.clamp(node.getValue(0), min, max));
}

/// max(x, αx), or min where α > 1.
static void buildLeakyRelu(Node &node) {
  node.checkArity(1, 1);
  float alpha = node.getFloat("alpha", 0.01f);
  Value x = node.getValue(0);
  Value scaled = node.mul(x, node.splat(alpha, getShape(x).size()));
  node.setResult(alpha <= 1.0f ? node.binary<tosa::MaximumOp>(x, scaled)
                               : node.binary<tosa::MinimumOp>(x, scaled));
}

/// max(x, 0) + slope · min(x, 0).
static void buildPRelu(Node &node) {
  node.checkArity(2, 2);
  Value x = node.getValue(0), slope = node.getValue(1);
  Value positive = node.clamp(x, 0.0f, FLT_MAX);
  Value negative = node.mul(node.clamp(x, -FLT_MAX, 0.0f), slope);
  if (!node.failed() && getShape(negative) != getShape(x))
    node.error() << "the slope doesn't broadcast to the input's shape "
                 << formatShape(getShape(x));
  node.setResult(node.binary<tosa::AddOp>(positive, negative));
}

/// clamp(αx + β, 0, 1).
static Value hardSigmoid(Node &node, Value x, float alpha, float beta) {
  size_t rank = getShape(x).size();
  Value scaled = node.mul(x, node.splat(alpha, rank));
  Value shifted = node.binary<tosa::AddOp>(scaled, node.splat(beta, rank));
  return node.clamp(shifted, 0.0f, 1.0f);
}

static void buildHardSigmoid(Node &node) {
  node.checkArity(1, 1);
  float alpha = node.getFloat("alpha", 0.2f),
        beta = node.getFloat("beta", 0.5f);
  node.setResult(hardSigmoid(node, node.getValue(0), alpha, beta));
}

static void buildHardSwish(Node &node) {
  node.checkArity(1, 1);
  Value x = node.getValue(0);
  Value gate = hardSigmoid(node, x, 1.0f / 6.0f, 0.5f);
  node.setResult(node.mul(x, gate));
}

//===----------------------------------------------------------------------===//
// Binary and variadic
//===----------------------------------------------------------------------===//

namespace {
/// An operator on two tensors: on floats and integers known at import, and as
/// operations. The integer form says no where the result isn't defined.
struct BinaryOperator {
  float (*onFloats)(float, float);
  std::optional<int64_t> (*onInts)(int64_t, int64_t);
  Value (*onValues)(Node &, Value, Value);
};
} // namespace

static HostTensorRef foldBinary(Node &node, const BinaryOperator &op,
                                const HostTensor &a, const HostTensor &b) {
  std::optional<Shape> shape = broadcastShapes(a.shape, b.shape);
  std::optional<int64_t> count =
      shape ? countElements(*shape, maxFoldedElements) : std::nullopt;
  if (!count || a.elementType != b.elementType) {
    node.error() << "constants of " << nameElementType(a.elementType) << " "
                 << formatShape(a.shape) << " and "
                 << nameElementType(b.elementType) << " "
                 << formatShape(b.shape) << " can't be combined";
    return nullptr;
  }
  if (!node.takeBudget(*count))
    return nullptr;
  HostTensorRef left = copyBroadcast(a, *shape);
  HostTensorRef right = copyBroadcast(b, *shape);
  auto result = std::make_shared<HostTensor>(*left);
  for (size_t i = 0; i < result->floats.size(); ++i)
    result->floats[i] = op.onFloats(left->floats[i], right->floats[i]);
  for (size_t i = 0; i < result->ints.size(); ++i) {
    std::optional<int64_t> element = op.onInts(left->ints[i], right->ints[i]);
    if (!element) {
      node.error() << "an integer constant is divided by zero, or overflows";
      return nullptr;
    }
    result->ints[i] = *element;
  }
  return result;
}

/// Combines all operands from the left, constants at import.
static void buildFolding(Node &node, const BinaryOperator &op, unsigned min,
                         unsigned max) {
  node.checkArity(min, max);
  if (node.failed())
    return;
  for (unsigned i = 0; i < node.getNumInputs(); ++i)
    if (!node.hasInput(i)) {
      node.error() << "input " << i << " is missing";
      return;
    }
  if (node.allConstant()) {
    HostTensorRef result = node.getHost(0);
    for (unsigned i = 1; result && i < node.getNumInputs(); ++i)
      result = foldBinary(node, op, *result, *node.getHost(i));
    node.setResult(result);
    return;
  }
  Value result = node.getValue(0);
  for (unsigned i = 1; i < node.getNumInputs(); ++i) {
    Value operand = node.getValue(i);
    result = op.onValues(node, result, operand);
  }
  node.setResult(result);
}

static const BinaryOperator addition = {
    [](float a, float b) { return a + b; },
    [](int64_t a, int64_t b) -> std::optional<int64_t> {
      int64_t result;
      if (llvm::AddOverflow(a, b, result))
        return std::nullopt;
      return result;
    },
    [](Node &node, Value a, Value b) {
      return node.binary<tosa::AddOp>(a, b);
    }};

static const BinaryOperator subtraction = {
    [](float a, float b) { return a - b; },
    [](int64_t a, int64_t b) -> std::optional<int64_t> {
      int64_t result;
      if (llvm::SubOverflow(a, b, result))
        return std::nullopt;
      return result;
    },
    [](Node &node, Value a, Value b) {
      return node.binary<tosa::SubOp>(a, b);
    }};

static const BinaryOperator multiplication = {
    [](float a, float b) { return a * b; },
    [](int64_t a, int64_t b) -> std::optional<int64_t> {
      int64_t result;
      if (llvm::MulOverflow(a, b, result))
        return std::nullopt;
      return result;
    },
    [](Node &node, Value a, Value b) { return node.mul(a, b); }};

static const BinaryOperator division = {
    [](float a, float b) { return a / b; },
    [](int64_t a, int64_t b) -> std::optional<int64_t> {
      if (b == 0 || (a == INT64_MIN && b == -1))
        return std::nullopt;
      return a / b;
    },
    [](Node &node, Value a, Value b) {
      return node.mul(a, reciprocal(node, b));
    }};

static const BinaryOperator minimum = {
    [](float a, float b) { return std::min(a, b); },
    [](int64_t a, int64_t b) -> std::optional<int64_t> {
      return std::min(a, b);
    },
    [](Node &node, Value a, Value b) {
      return node.binary<tosa::MinimumOp>(a, b);
    }};

static const BinaryOperator maximum = {
    [](float a, float b) { return std::max(a, b); },
    [](int64_t a, int64_t b) -> std::optional<int64_t> {
      return std::max(a, b);
    },
    [](Node &node, Value a, Value b) {
      return node.binary<tosa::MaximumOp>(a, b);
    }};

/// A division by a constant is a multiplication by its reciprocal.
static void buildDiv(Node &node) {
  node.checkArity(2, 2);
  if (node.failed() || node.getHost(0) || !node.getHost(1))
    return buildFolding(node, division, 2, 2);
  HostTensorRef divisor = node.getWeights(1, "the divisor");
  if (node.failed())
    return;
  auto inverse = std::make_shared<HostTensor>(*divisor);
  for (float &element : inverse->floats) {
    if (!std::isfinite(1.0f / element)) {
      node.error() << "the divisor " << quoteName(divisor->name)
                   << " holds a number too small to divide by, such as 0";
      return;
    }
    element = 1.0f / element;
  }
  Value x = node.getValue(0);
  node.setResult(node.mul(x, node.materialize(*inverse)));
}

/// Pow with a constant exponent, the same for all elements; the common ones
/// without tosa.pow.
static void buildPow(Node &node) {
  node.checkArity(2, 2);
  HostTensorRef exponents = node.getWeights(1, "the exponent");
  if (node.failed())
    return;
  if (exponents->floats.empty() || !llvm::all_equal(exponents->floats)) {
    node.error() << "the exponent must be the same for all elements";
    return;
  }
  float exponent = exponents->floats.front();
  Value x = node.getValue(0);
  if (node.failed())
    return;
  std::optional<Shape> shape = broadcastShapes(getShape(x), exponents->shape);
  if (!shape || ArrayRef<int64_t>(*shape) != getShape(x)) {
    node.error() << "the exponent doesn't broadcast to the base's shape "
                 << formatShape(getShape(x));
    return;
  }
  if (exponent == 1.0f)
    return node.setResult(x);
  if (exponent == 2.0f)
    return node.setResult(node.mul(x, x));
  if (exponent == 3.0f)
    return node.setResult(node.mul(node.mul(x, x), x));
  if (exponent == 0.5f)
    return node.setResult(squareRoot(node, x));
  if (exponent == -1.0f)
    return node.setResult(reciprocal(node, x));
  node.setResult(
      node.binary<tosa::PowOp>(x, node.splat(exponent, getShape(x).size())));
}

void quantc::onnximport::addElementwiseOperators(OperatorTable &table) {
  table["Abs"] = buildUnary<tosa::AbsOp>;
  table["Ceil"] = buildUnary<tosa::CeilOp>;
  table["Erf"] = buildUnary<tosa::ErfOp>;
  table["Exp"] = buildUnary<tosa::ExpOp>;
  table["Floor"] = buildUnary<tosa::FloorOp>;
  table["Log"] = buildUnary<tosa::LogOp>;
  table["Reciprocal"] = buildUnary<tosa::ReciprocalOp>;
  table["Sigmoid"] = buildUnary<tosa::SigmoidOp>;
  table["Tanh"] = buildUnary<tosa::TanhOp>;
  table["Neg"] = buildNeg;
  table["Sqrt"] = buildSqrt;

  table["Relu"] = buildRelu;
  table["Clip"] = buildClip;
  table["LeakyRelu"] = buildLeakyRelu;
  table["PRelu"] = buildPRelu;
  table["HardSigmoid"] = buildHardSigmoid;
  table["HardSwish"] = buildHardSwish;

  table["Add"] = [](Node &node) { buildFolding(node, addition, 2, 2); };
  table["Sub"] = [](Node &node) { buildFolding(node, subtraction, 2, 2); };
  table["Mul"] = [](Node &node) { buildFolding(node, multiplication, 2, 2); };
  table["Div"] = buildDiv;
  table["Min"] = [](Node &node) { buildFolding(node, minimum, 1, INT_MAX); };
  table["Max"] = [](Node &node) { buildFolding(node, maximum, 1, INT_MAX); };
  table["Pow"] = buildPow;
}
