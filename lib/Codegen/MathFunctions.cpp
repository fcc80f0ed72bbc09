// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Coefficients are least relative errors, found by Lawson's iteration and
// rounded to f32; the errors in the header count their rounding and that of
// each step.

#include "MathFunctions.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace quantc;

namespace {

/// Arithmetic on values of the type of one of them.
class FloatBuilder {
public:
  FloatBuilder(OpBuilder &builder, Location loc, Value like)
      : builder(builder), loc(loc), type(like.getType()) {}

  Value constant(float value) {
    return constantOf(builder.getF32FloatAttr(value), type);
  }
  Value integer(int32_t value) {
    return constantOf(builder.getI32IntegerAttr(value), integerType());
  }
  Type integerType() {
    auto vector = dyn_cast<VectorType>(type);
    return vector ? Type(vector.clone(builder.getI32Type()))
                  : builder.getI32Type();
  }
  template <typename Op, typename... Args> Value op(Args &&...args) {
    return Op::create(builder, loc, std::forward<Args>(args)...);
  }
  Value add(Value a, Value b) { return op<arith::AddFOp>(a, b); }
  Value mul(Value a, Value b) { return op<arith::MulFOp>(a, b); }
  Value fma(Value a, Value b, Value c) { return op<math::FmaOp>(a, b, c); }
  /// c[0] + c[1] x + c[2] x² …
  Value polynomial(Value x, ArrayRef<float> c) {
    Value sum = constant(c.back());
    for (float next : llvm::reverse(c.drop_back()))
      sum = fma(sum, x, constant(next));
    return sum;
  }
  /// NaN stays NaN.
  Value atMost(Value x, float bound) {
    Value over =
        op<arith::CmpFOp>(arith::CmpFPredicate::OGT, x, constant(bound));
    return op<arith::SelectOp>(over, constant(bound), x);
  }
  Value atLeast(Value x, float bound) {
    Value under =
        op<arith::CmpFOp>(arith::CmpFPredicate::OLT, x, constant(bound));
    return op<arith::SelectOp>(under, constant(bound), x);
  }
  Value select(Value x, float bound, Value below, Value other) {
    Value isBelow =
        op<arith::CmpFOp>(arith::CmpFPredicate::OLT, x, constant(bound));
    return op<arith::SelectOp>(isBelow, below, other);
  }
  /// 2^n as a float, n from -126 to 127.
  Value powerOfTwo(Value n) {
    Value biased = op<arith::AddIOp>(n, integer(127));
    return op<arith::BitcastOp>(type, op<arith::ShLIOp>(biased, integer(23)));
  }

private:
  Value constantOf(TypedAttr scalar, Type type) {
    TypedAttr value = scalar;
    if (auto vector = dyn_cast<VectorType>(type))
      value = DenseElementsAttr::get(vector, scalar);
    return arith::ConstantOp::create(builder, loc, value);
  }

  OpBuilder &builder;
  Location loc;
  Type type;
};

} // namespace

Value quantc::buildExp(OpBuilder &builder, Location loc, Value x) {
  FloatBuilder b(builder, loc, x);
  Value inside = b.atMost(b.atLeast(x, -104.0f), 89.0f);
  Value n = b.op<math::RoundEvenOp>(b.mul(inside, b.constant(1.44269504f)));
  Value r = b.fma(n, b.constant(-0.693359375f), inside);
  r = b.fma(n, b.constant(2.12194440e-4f), r);
  Value p = b.polynomial(r, {0.49999994f, 0.16666521f, 0.041668389f,
                             0.0083687156f, 0.0013814602f});
  p = b.add(b.fma(p, b.mul(r, r), r), b.constant(1.0f));
  // In two steps, for 2^n alone may leave the floats. No integer stands for
  // NaN, which is in p already.
  Value isNumber = b.op<arith::CmpFOp>(arith::CmpFPredicate::ORD, n, n);
  n = b.op<arith::SelectOp>(isNumber, n, b.constant(0.0f));
  Value whole = b.op<arith::FPToSIOp>(b.integerType(), n);
  Value half = b.op<arith::ShRSIOp>(whole, b.integer(1));
  Value rest = b.op<arith::SubIOp>(whole, half);
  return b.mul(b.mul(p, b.powerOfTwo(half)), b.powerOfTwo(rest));
}

Value quantc::buildErf(OpBuilder &builder, Location loc, Value x) {
  FloatBuilder b(builder, loc, x);
  Value p =
      b.polynomial(b.mul(x, x), {0.12837915f, -0.37612498f, 0.11281846f,
                                 -0.02676772f, 0.0049948297f, -0.00059994025f});
  Value small = b.fma(p, x, x);
  Value magnitude = b.op<math::AbsFOp>(x);
  // The logarithm of 1 - erf; from 4 on, it is 1.
  Value log =
      b.polynomial(b.atMost(magnitude, 4.0f),
                   {-0.00019414825f, -1.127682f, -0.6371716f, -0.10394094f,
                    0.022231428f, -0.0030443491f, 0.00019605267f});
  Value large =
      b.op<arith::SubFOp>(b.constant(1.0f), buildExp(builder, loc, log));
  large = b.op<math::CopySignOp>(large, x);
  return b.select(magnitude, 0.92f, small, large);
}

Value quantc::buildTanh(OpBuilder &builder, Location loc, Value x) {
  FloatBuilder b(builder, loc, x);
  Value square = b.mul(x, x);
  Value p = b.polynomial(square, {-0.3333328f, 0.13331442f, -0.053739715f,
                                  0.020639086f, -0.005704985f});
  Value small = b.fma(b.mul(p, square), x, x);
  Value magnitude = b.op<math::AbsFOp>(x);
  // From 10 on, it is 1.
  Value twice = b.atMost(magnitude, 10.0f);
  Value exp = buildExp(builder, loc, b.add(twice, twice));
  Value part =
      b.op<arith::DivFOp>(b.constant(2.0f), b.add(exp, b.constant(1.0f)));
  Value large = b.op<arith::SubFOp>(b.constant(1.0f), part);
  large = b.op<math::CopySignOp>(large, x);
  return b.select(magnitude, 0.625f, small, large);
}
