// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Conversion/RowArithmetic.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace quantc;

namespace {

/// Integer arithmetic on scalars or vectors; numbers take the type of the other
/// operand.
class IntegerBuilder {
public:
  IntegerBuilder(OpBuilder &builder, Location loc)
      : builder(builder), loc(loc) {}

  Value constant(int64_t value, Type type) {
    auto element = cast<IntegerType>(getElementTypeOrSelf(type));
    TypedAttr attr = builder.getIntegerAttr(element, value);
    if (auto vector = dyn_cast<VectorType>(type))
      attr = DenseElementsAttr::get(vector, attr);
    return arith::ConstantOp::create(builder, loc, attr);
  }
  /// `type` with the shape of `like`.
  Type shaped(Type type, Value like) {
    auto vector = dyn_cast<VectorType>(like.getType());
    return vector ? Type(vector.clone(type)) : type;
  }
  Type i8() { return builder.getI8Type(); }
  Type i32() { return builder.getI32Type(); }
  Type i64() { return builder.getI64Type(); }

  template <typename Op> Value binary(Value a, Value b) {
    return Op::create(builder, loc, a, b);
  }
  template <typename Op> Value binary(Value a, int64_t b) {
    return binary<Op>(a, constant(b, a.getType()));
  }
  template <typename B> Value add(Value a, B b) {
    return binary<arith::AddIOp>(a, b);
  }
  template <typename B> Value sub(Value a, B b) {
    return binary<arith::SubIOp>(a, b);
  }
  template <typename B> Value mul(Value a, B b) {
    return binary<arith::MulIOp>(a, b);
  }
  template <typename B> Value shiftRight(Value a, B b) {
    return binary<arith::ShRSIOp>(a, b);
  }
  template <typename B> Value shiftRightLogical(Value a, B b) {
    return binary<arith::ShRUIOp>(a, b);
  }
  template <typename B> Value shiftLeft(Value a, B b) {
    return binary<arith::ShLIOp>(a, b);
  }
  template <typename B> Value min(Value a, B b) {
    return binary<arith::MinSIOp>(a, b);
  }
  template <typename B> Value max(Value a, B b) {
    return binary<arith::MaxSIOp>(a, b);
  }
  Value negate(Value a) { return sub(constant(0, a.getType()), a); }
  Value widen(Value a) {
    return arith::ExtSIOp::create(builder, loc, shaped(i64(), a), a);
  }
  Value widenUnsigned(Value a) {
    return arith::ExtUIOp::create(builder, loc, shaped(i64(), a), a);
  }
  Value narrow(Value a, Type type) {
    return arith::TruncIOp::create(builder, loc, shaped(type, a), a);
  }
  Value leadingZeros(Value a) {
    return math::CountLeadingZerosOp::create(builder, loc, a);
  }
  /// clamp as i8.
  Value toByte(Value a, int64_t lo, int64_t hi) {
    return narrow(min(max(a, lo), hi), i8());
  }

private:
  OpBuilder &builder;
  Location loc;
};

} // namespace

Value quantc::buildSoftmaxReciprocal(OpBuilder &builder, Location loc,
                                     IntegerSoftmaxOp op, Value sum) {
  IntegerBuilder b(builder, loc);
  Value numerator = b.constant(op.getNumeratorAttr().getInt(), sum.getType());
  numerator = b.add(numerator, b.shiftRightLogical(sum, 1));
  // Below 2^31: 32 bits of it are enough for those who multiply.
  return b.binary<arith::DivUIOp>(numerator, sum);
}

Value quantc::buildSoftmaxResult(OpBuilder &builder, Location loc,
                                 IntegerSoftmaxOp op, Value exponential,
                                 Value reciprocal) {
  IntegerBuilder b(builder, loc);
  int64_t shift = op.getShiftAttr().getInt();
  int64_t zp = op.getOutputZpAttr().getInt();
  Value product = b.mul(b.widenUnsigned(exponential), reciprocal);
  product = b.add(product, int64_t(1) << (shift - 1));
  // Scales are at least 2^-24, so 32 bits hold the quotient.
  Value scaled = b.narrow(b.shiftRightLogical(product, shift), b.i32());
  // Before the zero point is added, which might overflow.
  scaled = b.min(scaled, op.getMaxAttr().getInt() - zp);
  return b.toByte(b.add(scaled, zp), op.getMinAttr().getInt(),
                  op.getMaxAttr().getInt());
}

/// reciprocalSquareRoot of RowFunctions.h.
static Value buildReciprocalSquareRoot(IntegerBuilder &b, Value value) {
  Value y = b.sub(b.constant(2289969217, value.getType()),
                  b.shiftRightLogical(b.mul(value, 1308569174), 31));
  Value three = b.constant(int64_t(3) << 30, value.getType());
  for (int step = 0; step < 3; ++step) {
    Value square = b.shiftRightLogical(b.mul(y, y), 30);
    Value product = b.shiftRightLogical(b.mul(value, square), 31);
    y = b.shiftRightLogical(b.mul(y, b.sub(three, product)), 31);
  }
  return y;
}

RowFactorValues quantc::buildRowFactors(OpBuilder &builder, Location loc,
                                        IntegerLayerNormOp op, Value sum,
                                        Value squares) {
  IntegerBuilder b(builder, loc);
  int64_t length =
      cast<RankedTensorType>(op.getInput().getType()).getShape().back();
  Type i64 = b.i64();
  Value wideSum = b.widen(sum);
  Value variance =
      b.sub(b.mul(b.widen(squares), length), b.mul(wideSum, wideSum));
  // (64 - zeros + 1) / 2 - 14
  Value zeros = b.leadingZeros(b.mul(variance, length));
  Value narrow = b.shiftRight(b.sub(b.constant(65, i64), zeros), 1);
  narrow = b.max(b.sub(narrow, 14), 0);

  Value total = b.max(b.add(variance, op.getEpsilonAttr().getInt()), 1);
  Value even = b.binary<arith::AndIOp>(b.leadingZeros(total), ~int64_t(1));
  Value root = buildReciprocalSquareRoot(
      b, b.shiftRightLogical(b.shiftLeft(total, even), 33));
  Value factor = b.min(b.shiftRight(b.add(root, 1 << 14), 15), 65535);
  Value shift =
      b.sub(b.constant(47 - op.getPlacesAttr().getInt(), i64), narrow);
  shift = b.min(b.max(b.sub(shift, b.shiftRight(even, 1)), 1), 31);

  RowFactorValues factors;
  factors.sum = sum;
  factors.narrow = b.narrow(narrow, b.i32());
  factors.factor = b.narrow(factor, b.i32());
  factors.shift = b.narrow(shift, b.i32());
  auto powerOfTwo = [&](Value exponent) {
    return b.shiftLeft(b.constant(1, b.i32()), exponent);
  };
  factors.half = b.shiftRight(powerOfTwo(factors.narrow), 1);
  factors.round = powerOfTwo(b.sub(factors.shift, 1));
  return factors;
}

Value quantc::buildLayerNormResult(OpBuilder &builder, Location loc,
                                   IntegerLayerNormOp op, Value element,
                                   const RowFactorValues &factors, Value gamma,
                                   Value beta) {
  IntegerBuilder b(builder, loc);
  int64_t length =
      cast<RankedTensorType>(op.getInput().getType()).getShape().back();
  Value deviation = b.sub(b.mul(element, length), factors.sum);
  deviation = b.shiftRight(b.add(deviation, factors.half), factors.narrow);
  Value normal = b.add(b.mul(deviation, factors.factor), factors.round);
  normal = b.shiftRight(normal, factors.shift);
  Value result = b.add(b.mul(normal, gamma), beta);
  return b.toByte(b.shiftRight(result, op.getShiftAttr().getInt()),
                  op.getMinAttr().getInt(), op.getMaxAttr().getInt());
}
