// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// quantc's scale changes on storage integers as linalg.generic with arith.

#include "RowsToLinalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "quantc/Conversion/Passes.h"
#include "quantc/Dialect/Quantc/IR/Quantc.h"

namespace quantc {
#define GEN_PASS_DEF_CONVERTQUANTCTOLINALGPASS
#include "quantc/Conversion/Passes.h.inc"
} // namespace quantc

using namespace mlir;
using namespace quantc;

namespace {

/// Adding this to an f32 of magnitude below 2^22 rounds it half even into the
/// low mantissa bits.
constexpr float kRoundingMagic = 12582912.0f;
constexpr int32_t kRoundingMagicBits = 0x4B400000;

/// Builds scalar arithmetic inside a linalg body.
struct BodyBuilder {
  OpBuilder &builder;
  Location loc;

  Value i32(int64_t value) {
    return arith::ConstantOp::create(builder, loc,
                                     builder.getI32IntegerAttr(value));
  }
  Value i64(int64_t value) {
    return arith::ConstantOp::create(builder, loc,
                                     builder.getI64IntegerAttr(value));
  }
  Value f32(float value) {
    return arith::ConstantOp::create(builder, loc,
                                     builder.getF32FloatAttr(value));
  }
  template <typename Op, typename... Args> Value op(Args &&...args) {
    return Op::create(builder, loc, std::forward<Args>(args)...);
  }

  Value toI32(Value x) {
    if (x.getType().isInteger(32))
      return x;
    return op<arith::ExtSIOp>(builder.getI32Type(), x);
  }
  /// Truncates what is known to fit, and says so: x86 narrows such values by
  /// saturating packs.
  Value narrow(Value x, Type type) {
    return x.getType() == type
               ? x
               : op<arith::TruncIOp>(type, x, arith::IntegerOverflowFlags::nsw);
  }
  Value clampInt(Value x, Value lo, Value hi) {
    return op<arith::MinSIOp>(op<arith::MaxSIOp>(x, lo), hi);
  }
  /// Comparison and selection, which is what the processors' own minimum and
  /// maximum do; NaN was excluded before.
  Value clampFloat(Value x, float lo, float hi) {
    // Of a comparison with +0 LLVM makes two instructions; -0 is as good.
    Value low = f32(lo == 0 ? -0.0f : lo), high = f32(hi);
    Value above = op<arith::CmpFOp>(arith::CmpFPredicate::OGT, x, low);
    x = op<arith::SelectOp>(above, x, low);
    Value below = op<arith::CmpFOp>(arith::CmpFPredicate::OLT, x, high);
    return op<arith::SelectOp>(below, x, high);
  }

  /// clamp(rint(x) + zp, lo, hi) as i16 if they are, else i32, half even; `x`
  /// isn't NaN, and its magnitude is at most `bound`.
  Value roundAndClamp(Value x, int64_t zp, int64_t lo, int64_t hi,
                      double bound = std::numeric_limits<double>::infinity()) {
    int64_t low = lo - zp, high = hi - zp;
    if (bound <= 1 << 30) {
      Value integer =
          op<arith::FPToSIOp>(builder.getI32Type(), op<math::RoundEvenOp>(x));
      if (low <= -(1 << 30) && high >= 1 << 30)
        return zp ? op<arith::AddIOp>(integer, i32(zp)) : integer;
      if (isShort(low, high))
        return addAndClamp(integer, zp, lo, hi);
    }
    if (low > -(1 << 22) && high < (1 << 22)) {
      x = op<arith::AddFOp>(clampFloat(x, low, high), f32(kRoundingMagic));
      Value bits = op<arith::BitcastOp>(builder.getI32Type(), x);
      return op<arith::AddIOp>(bits, i32(zp - kRoundingMagicBits));
    }
    // 2147483520 is the largest f32 below 2^31.
    Value rounded = op<math::RoundEvenOp>(x);
    Value inside = clampFloat(rounded, -2147483648.0f, 2147483520.0f);
    Value integer = op<arith::FPToSIOp>(builder.getI32Type(), inside);
    Value over = op<arith::CmpFOp>(arith::CmpFPredicate::OGE, rounded,
                                   f32(2147483648.0f));
    integer = op<arith::SelectOp>(
        over, i32(std::numeric_limits<int32_t>::max()), integer);
    if (zp != 0) {
      Value wide = op<arith::ExtSIOp>(builder.getI64Type(), integer);
      wide = op<arith::AddIOp>(wide, i64(zp));
      wide = clampInt(wide, i64(lo), i64(hi));
      return narrow(wide, builder.getI32Type());
    }
    return isFullRange(lo, hi) ? integer : clampInt(integer, i32(lo), i32(hi));
  }

  static bool isShort(int64_t low, int64_t high) {
    return low >= std::numeric_limits<int16_t>::min() &&
           high <= std::numeric_limits<int16_t>::max();
  }

  static bool isFullRange(int64_t lo, int64_t hi) {
    return lo == std::numeric_limits<int32_t>::min() &&
           hi == std::numeric_limits<int32_t>::max();
  }

  /// clamp(x + zp, lo, hi) of an i64 that may exceed i32, or of an i32; of the
  /// latter as i16, where the bounds are: processors saturate what they narrow,
  /// and the rest takes half the registers.
  Value addAndClamp(Value x, int64_t zp, int64_t lo, int64_t hi) {
    if (x.getType().isInteger(64)) {
      x = clampInt(zp ? op<arith::AddIOp>(x, i64(zp)) : x, i64(lo), i64(hi));
      return narrow(x, builder.getI32Type());
    }
    if (isShort(lo - zp, hi - zp) && isShort(lo, hi)) {
      Type i16 = builder.getI16Type();
      auto constant = [&](int64_t value) -> Value {
        return arith::ConstantOp::create(builder, loc,
                                         builder.getIntegerAttr(i16, value));
      };
      x = narrow(clampInt(x, i32(std::numeric_limits<int16_t>::min()),
                          i32(std::numeric_limits<int16_t>::max())),
                 i16);
      x = clampInt(x, constant(lo - zp), constant(hi - zp));
      return zp ? op<arith::AddIOp>(x, constant(zp),
                                    arith::IntegerOverflowFlags::nsw)
                : x;
    }
    x = clampInt(x, i32(lo - zp), i32(hi - zp));
    return zp ? op<arith::AddIOp>(x, i32(zp)) : x;
  }
};

/// Creates an elementwise linalg.generic over `input` with the given constant
/// vectors along axis `axis` as further inputs; splats become constants in the
/// body.
template <typename BodyFn>
static Value buildElementwise(PatternRewriter &rewriter, Location loc,
                              Value input, RankedTensorType resultType,
                              ArrayRef<DenseElementsAttr> channels,
                              int64_t axis, BodyFn body) {
  int64_t rank = resultType.getRank();
  MLIRContext *context = rewriter.getContext();
  AffineMap identity = rewriter.getMultiDimIdentityMap(rank);
  SmallVector<Value> inputs{input};
  SmallVector<AffineMap> maps{identity};
  SmallVector<int64_t> position(channels.size(), -1);
  for (auto [i, values] : llvm::enumerate(channels)) {
    if (values.isSplat())
      continue;
    position[i] = inputs.size();
    inputs.push_back(arith::ConstantOp::create(rewriter, loc, values));
    maps.push_back(
        AffineMap::get(rank, 0, rewriter.getAffineDimExpr(axis), context));
  }
  Value empty = tensor::EmptyOp::create(rewriter, loc, resultType.getShape(),
                                        resultType.getElementType());
  maps.push_back(identity);
  SmallVector<utils::IteratorType> iterators(rank,
                                             utils::IteratorType::parallel);
  auto generic = linalg::GenericOp::create(
      rewriter, loc, resultType, inputs, empty, maps, iterators,
      [&](OpBuilder &builder, Location loc, ValueRange args) {
        BodyBuilder b{builder, loc};
        SmallVector<Value> values;
        for (auto [i, attr] : llvm::enumerate(channels))
          values.push_back(
              position[i] >= 0
                  ? args[position[i]]
                  : arith::ConstantOp::create(
                        builder, loc,
                        cast<TypedAttr>(attr.getSplatValue<Attribute>())));
        Value result = body(b, args[0], values);
        linalg::YieldOp::create(builder, loc, result);
      });
  return generic.getResult(0);
}

/// The k of bytes that are multiplied by 2^k and become i32, which f32 does
/// exactly, as a shift to the left does.
static std::optional<int32_t> getLeftShift(RescaleOp op) {
  auto multipliers = op.getMultipliers();
  if (!multipliers || multipliers->size() != 1 || int32_t(op.getOutputZp()) ||
      !getElementTypeOrSelf(op.getInput().getType()).isInteger(8) ||
      !BodyBuilder::isFullRange(int32_t(op.getMin()), int32_t(op.getMax())))
    return std::nullopt;
  int exponent;
  if (std::frexp(multipliers->front(), &exponent) != 0.5f || exponent < 1 ||
      exponent > 22)
    return std::nullopt;
  return exponent - 1;
}

/// The largest magnitude of an operand that is centred by its zero point.
static int64_t getLargest(RescaleOp op) {
  unsigned bits =
      getElementTypeOrSelf(op.getInput().getType()).getIntOrFloatBitWidth();
  return (int64_t(1) << (bits - 1)) +
         std::abs(int64_t(int32_t(op.getInputZp())));
}

/// Fixed point with half up (S13) on the upper words of the products alone: for
/// n ≥ 33 the rounding term 2^(n-1) has no lower word, so
///   ((q · M + 2^(n-1)) >> n) + zp
///     = ((q · M >> 32) + 2^(n-33) + zp · 2^(n-32)) >> (n - 32).
/// Smaller n become 33 by a shift to the left first; where that could leave 32
/// bits, q is clamped before, to what gives 2^27 or more (M ≥ 2^30, n ≥ 3) and
/// so saturates anyway. Double rounding (S14) adds ±2^30 to the product
/// beforehand, where n > 31 (addNudge).
struct HighWords {
  /// Per multiplier: of q, added to the upper word, and to the right.
  SmallVector<int32_t> left, addend, right;
  /// Per multiplier: what q is clamped to, if any shift could leave 32 bits.
  SmallVector<int32_t> least, most;
  /// Per multiplier: half of what double rounding adds to a product.
  SmallVector<int32_t> halfNudge;

  /// Nothing where `op` has another form, or 32 bits wouldn't do.
  static std::optional<HighWords> get(RescaleOp op) {
    auto shifts = op.getShifts();
    auto direction = op.getRounding().getDirection();
    if (!shifts || !op.getFixedMultipliers() ||
        (direction != RoundingDirection::HalfUp &&
         direction != RoundingDirection::DoubleRound))
      return std::nullopt;
    int64_t zp = int32_t(op.getOutputZp());
    int64_t largest = getLargest(op);
    int64_t lo = int32_t(op.getMin()), hi = int32_t(op.getMax());
    bool saturates =
        std::abs(zp) + std::max(std::abs(lo), std::abs(hi)) < 1 << 27;
    HighWords words;
    bool clamps = false;
    for (auto [n, m] : llvm::zip_equal(*shifts, *op.getFixedMultipliers())) {
      int64_t left = std::max(33 - n, 0), right = n + left - 32;
      // The upper word is at most 2^30 in magnitude, and so may be the rest.
      int64_t round = int64_t(1) << (right - 1),
              offset = zp * (int64_t(1) << right);
      bool leaves = left && largest << left >= int64_t(1) << 31;
      if ((leaves && (!saturates || m < 1 << 30 || n < 3)) || right > 31 ||
          std::abs(round) + std::abs(offset) >= int64_t(1) << 30)
        return std::nullopt;
      clamps |= leaves;
      words.least.push_back(std::numeric_limits<int32_t>::min() >> left);
      words.most.push_back(std::numeric_limits<int32_t>::max() >> left);
      words.left.push_back(left);
      words.addend.push_back(round + offset);
      words.right.push_back(right);
      words.halfNudge.push_back(n > 31 ? 1 << (29 + left) : 0);
    }
    if (!clamps) {
      words.least.clear();
      words.most.clear();
    }
    return words;
  }

  /// The upper word of `product + nudge` of two words, or of `product - nudge`
  /// where q is negative: there of the complements, as -x = ~x + 1 and so
  /// product - nudge = ~(~product + nudge).
  static Value addNudge(BodyBuilder &b, Value q, arith::MulSIExtendedOp product,
                        Value halfNudge) {
    Value negative = b.op<arith::ShRSIOp>(q, b.i32(31));
    Value low = b.op<arith::XOrIOp>(product.getLow(), negative);
    Value high = b.op<arith::XOrIOp>(product.getHigh(), negative);
    // The nudge is even, so the carry doesn't depend on the last bit.
    Value carry = b.op<arith::ShRUIOp>(low, b.i32(1));
    carry = b.op<arith::AddIOp>(carry, halfNudge);
    carry = b.op<arith::ShRUIOp>(carry, b.i32(31));
    high = b.op<arith::AddIOp>(high, carry);
    return b.op<arith::XOrIOp>(high, negative);
  }
};

/// Rules S-requantize-*: scale(x - input_zp) + output_zp, clamped.
struct ConvertRescale : OpRewritePattern<RescaleOp> {
  using OpRewritePattern::OpRewritePattern;

  template <typename T>
  static DenseElementsAttr vectorOf(ArrayRef<T> values, Type element) {
    auto type = RankedTensorType::get({int64_t(values.size())}, element);
    return DenseElementsAttr::get(type, values);
  }

  LogicalResult matchAndRewrite(RescaleOp op,
                                PatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getOutput().getType());
    int64_t zp = op.getOutputZp(), lo = int32_t(op.getMin()),
            hi = int32_t(op.getMax()), inputZp = int32_t(op.getInputZp());
    zp = int32_t(zp);
    auto centre = [inputZp](BodyBuilder &b, Value x) {
      x = b.toI32(x);
      return inputZp ? b.op<arith::SubIOp>(x, b.i32(inputZp)) : x;
    };
    Type i32 = rewriter.getI32Type();
    SmallVector<DenseElementsAttr> channels;
    std::function<Value(BodyBuilder &, Value, ValueRange)> scale;

    if (std::optional<int32_t> left = getLeftShift(op)) {
      scale = [=](BodyBuilder &b, Value x, ValueRange) {
        return b.op<arith::ShLIOp>(x, b.i32(*left));
      };
    } else if (auto multipliers = op.getMultipliers()) {
      channels = {vectorOf(*multipliers, rewriter.getF32Type())};
      // Most are known to need no clamp before they are integers.
      double bound = getLargest(op) * *llvm::max_element(*multipliers);
      scale = [=](BodyBuilder &b, Value x, ValueRange m) {
        Value real = b.op<arith::SIToFPOp>(b.builder.getF32Type(), x);
        real = b.op<arith::MulFOp>(real, m[0]);
        return b.roundAndClamp(real, zp, lo, hi, bound);
      };
    } else if (auto words = HighWords::get(op)) {
      channels = {vectorOf(*op.getFixedMultipliers(), i32),
                  vectorOf<int32_t>(words->addend, i32),
                  vectorOf<int32_t>(words->right, i32)};
      bool twice =
          op.getRounding().getDirection() == RoundingDirection::DoubleRound;
      bool anyLeft = llvm::any_of(words->left, [](int32_t k) { return k > 0; });
      if (twice)
        channels.push_back(vectorOf<int32_t>(words->halfNudge, i32));
      if (anyLeft)
        channels.push_back(vectorOf<int32_t>(words->left, i32));
      bool clamps = !words->most.empty();
      if (clamps) {
        channels.push_back(vectorOf<int32_t>(words->least, i32));
        channels.push_back(vectorOf<int32_t>(words->most, i32));
      }
      scale = [=](BodyBuilder &b, Value x, ValueRange args) {
        if (clamps)
          x = b.clampInt(x, args[args.size() - 2], args.back());
        if (anyLeft)
          x = b.op<arith::ShLIOp>(x, args[twice ? 4 : 3]);
        auto product =
            arith::MulSIExtendedOp::create(b.builder, b.loc, x, args[0]);
        Value high = twice ? HighWords::addNudge(b, x, product, args[3])
                           : product.getHigh();
        high = b.op<arith::AddIOp>(high, args[1]);
        return b.addAndClamp(b.op<arith::ShRSIOp>(high, args[2]), 0, lo, hi);
      };
    } else if (auto multipliers = op.getFixedMultipliers()) {
      ArrayRef<int32_t> shifts = *op.getShifts();
      bool doubleRound =
          op.getRounding().getDirection() == RoundingDirection::DoubleRound;
      // Below 2^-1, 32 bits hold the product and the zero point.
      bool narrow = true;
      for (auto [m, s] : llvm::zip_equal(*multipliers, shifts))
        narrow &= double(m) < 0.5 * double(int64_t(1) << s);
      narrow &= std::abs(zp) < (1 << 16);
      channels = {vectorOf(*multipliers, i32), vectorOf(shifts, i32)};
      scale = [=](BodyBuilder &b, Value x, ValueRange args) {
        Type wide = b.builder.getI64Type();
        Value m = b.op<arith::ExtSIOp>(wide, args[0]);
        Value s = b.op<arith::ExtSIOp>(wide, args[1]);
        Value product = b.op<arith::MulIOp>(b.op<arith::ExtSIOp>(wide, x), m);
        Value round =
            b.op<arith::ShLIOp>(b.i64(1), b.op<arith::SubIOp>(s, b.i64(1)));
        if (doubleRound) {
          Value negative =
              b.op<arith::CmpIOp>(arith::CmpIPredicate::slt, x, b.i32(0));
          Value nudge = b.op<arith::SelectOp>(negative, b.i64(-(1 << 30)),
                                              b.i64(1 << 30));
          Value twice =
              b.op<arith::CmpIOp>(arith::CmpIPredicate::sgt, s, b.i64(31));
          nudge = b.op<arith::SelectOp>(twice, nudge, b.i64(0));
          round = b.op<arith::AddIOp>(round, nudge);
        }
        Value result =
            b.op<arith::ShRSIOp>(b.op<arith::AddIOp>(product, round), s);
        // It fits, which mustn't be said: canonicalization makes of a shift by
        // 32 an unsigned one, whose result doesn't.
        if (narrow)
          result = b.op<arith::TruncIOp>(b.builder.getI32Type(), result);
        return b.addAndClamp(result, zp, lo, hi);
      };
    } else {
      // A rounding right shift, half up, without overflow:
      // (x >> s) + bit s-1 of x. From 32 on both terms are the sign's and give
      // zero, as they should. Left shifts that may leave 32 bits are done in
      // 64.
      SmallVector<int32_t> right, previous, mask, left;
      bool anyLeft = false, leaves = false;
      ArrayRef<int32_t> shifts = *op.getShifts();
      for (int32_t s : shifts) {
        right.push_back(std::clamp(s, 0, 31));
        previous.push_back(std::clamp(s - 1, 0, 31));
        mask.push_back(s > 0);
        left.push_back(std::max(-s, 0));
        anyLeft |= s < 0;
        leaves |= s < 0 && getLargest(op) << -s >= int64_t(1) << 31;
      }
      channels = {vectorOf<int32_t>(right, i32),
                  vectorOf<int32_t>(previous, i32),
                  vectorOf<int32_t>(mask, i32), vectorOf<int32_t>(left, i32)};
      if (!anyLeft)
        channels.pop_back();
      bool narrow = !leaves && std::abs(zp) < (1 << 16) &&
                    lo - zp >= std::numeric_limits<int32_t>::min() &&
                    hi - zp <= std::numeric_limits<int32_t>::max();
      scale = [=](BodyBuilder &b, Value x, ValueRange args) {
        Value bit =
            b.op<arith::AndIOp>(b.op<arith::ShRSIOp>(x, args[1]), args[2]);
        Value result =
            b.op<arith::AddIOp>(b.op<arith::ShRSIOp>(x, args[0]), bit);
        Value left = anyLeft ? args[3] : Value();
        if (!narrow) {
          Type wide = b.builder.getI64Type();
          result = b.op<arith::ExtSIOp>(wide, result);
          left = anyLeft ? b.op<arith::ExtSIOp>(wide, left) : left;
        }
        if (anyLeft)
          result = b.op<arith::ShLIOp>(result, left);
        return b.addAndClamp(result, zp, lo, hi);
      };
    }
    Value result = buildElementwise(
        rewriter, op.getLoc(), op.getInput(), type, channels,
        type.getRank() - 1, [&](BodyBuilder &b, Value x, ValueRange args) {
          return b.narrow(scale(b, centre(b, x), args), type.getElementType());
        });
    rewriter.replaceOp(op, result);
    return success();
  }
};

/// Scales and zero points of a quantized type as vectors along its axis.
struct TypeParams {
  SmallVector<float> scales;
  SmallVector<int32_t> zeroPoints;
  int64_t axis = 0, min = 0, max = 0;
};

static FailureOr<TypeParams> readParams(std::optional<Type> type) {
  TypeParams params;
  if (!type)
    return failure();
  auto quantized = dyn_cast<quant::QuantizedType>(*type);
  if (!quantized)
    return failure();
  params.min = quantized.getStorageTypeMin();
  params.max = quantized.getStorageTypeMax();
  if (auto uniform = dyn_cast<quant::UniformQuantizedType>(*type)) {
    params.scales.push_back(uniform.getScale());
    params.zeroPoints.push_back(uniform.getZeroPoint());
    return params;
  }
  auto perAxis = dyn_cast<quant::UniformQuantizedPerAxisType>(*type);
  if (!perAxis)
    return failure();
  llvm::append_range(params.scales, perAxis.getScales());
  llvm::append_range(params.zeroPoints, perAxis.getZeroPoints());
  params.axis = perAxis.getQuantizedDimension();
  return params;
}

static DenseElementsAttr vectorAttr(ArrayRef<float> values, Type element) {
  return DenseElementsAttr::get(
      RankedTensorType::get({int64_t(values.size())}, element), values);
}
static DenseElementsAttr vectorAttr(ArrayRef<int32_t> values, Type element) {
  return DenseElementsAttr::get(
      RankedTensorType::get({int64_t(values.size())}, element), values);
}

/// clamp(round(x * (1/s)) + zp), or a division, or the zero point added before
/// rounding. NaN gives the zero point.
struct ConvertQuantize : OpRewritePattern<QuantizeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getOutput().getType());
    FailureOr<TypeParams> params = readParams(op.getParams());
    if (failed(params) || !type.getElementType().isInteger())
      return rewriter.notifyMatchFailure(op, "not in storage form");
    bool divide = op.getScaling() == ScalingForm::Divide;
    bool before =
        op.getZeroPointPlacement() == ZeroPointPlacement::BeforeRounding;
    SmallVector<float> factors(params->scales), zeroPoints;
    if (!divide)
      for (float &factor : factors)
        factor = 1.0f / factor;
    for (int32_t zp : params->zeroPoints)
      zeroPoints.push_back(zp);
    int64_t shared = params->zeroPoints.front();
    bool isShared = llvm::all_equal(params->zeroPoints) &&
                    type.getElementTypeBitWidth() <= 16;
    Type f32 = rewriter.getF32Type();
    float lo = params->min, hi = params->max;
    Value result = buildElementwise(
        rewriter, op.getLoc(), op.getInput(), type,
        {vectorAttr(factors, f32), vectorAttr(zeroPoints, f32)}, params->axis,
        [&](BodyBuilder &b, Value x, ValueRange args) {
          x = divide ? b.op<arith::DivFOp>(x, args[0])
                     : b.op<arith::MulFOp>(x, args[0]);
          Value nan = b.op<arith::CmpFOp>(arith::CmpFPredicate::UNO, x, x);
          x = b.op<arith::SelectOp>(nan, b.f32(0), x);
          // One zero point is added to integers, which gives the same as long
          // as floats have room for them.
          if (!before && isShared)
            return b.narrow(
                b.roundAndClamp(x, shared, params->min, params->max),
                type.getElementType());
          // The bounds are integers: clamping first gives the same.
          if (before)
            x = b.clampFloat(b.op<arith::AddFOp>(x, args[1]), lo, hi);
          Value rounded = before ? x : b.op<math::RoundEvenOp>(x);
          if (!before)
            rounded =
                b.clampFloat(b.op<arith::AddFOp>(rounded, args[1]), lo, hi);
          return b.narrow(b.roundAndClamp(rounded, 0, lo, hi),
                          type.getElementType());
        });
    rewriter.replaceOp(op, result);
    return success();
  }
};

/// (q - zp) * s.
struct ConvertDequantize : OpRewritePattern<DequantizeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(DequantizeOp op,
                                PatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getOutput().getType());
    FailureOr<TypeParams> params = readParams(op.getParams());
    if (failed(params) ||
        !cast<ShapedType>(op.getInput().getType()).getElementType().isInteger())
      return rewriter.notifyMatchFailure(op, "not in storage form");
    Value result = buildElementwise(
        rewriter, op.getLoc(), op.getInput(), type,
        {vectorAttr(params->scales, rewriter.getF32Type()),
         vectorAttr(params->zeroPoints, rewriter.getI32Type())},
        params->axis, [&](BodyBuilder &b, Value x, ValueRange args) {
          x = b.op<arith::SubIOp>(b.toI32(x), args[1]);
          x = b.op<arith::SIToFPOp>(b.builder.getF32Type(), x);
          return b.op<arith::MulFOp>(x, args[0]);
        });
    rewriter.replaceOp(op, result);
    return success();
  }
};

struct ConvertQuantcToLinalg
    : quantc::impl::ConvertQuantcToLinalgPassBase<ConvertQuantcToLinalg> {
  using ConvertQuantcToLinalgPassBase::ConvertQuantcToLinalgPassBase;

  void getDependentDialects(DialectRegistry &registry) const override {
    ConvertQuantcToLinalgPassBase::getDependentDialects(registry);
    registry.insert<math::MathDialect>();
  }

  void runOnOperation() override {
    MLIRContext *context = &getContext();
    RewritePatternSet patterns(context);
    patterns.add<ConvertRescale, ConvertQuantize, ConvertDequantize>(context);
    ConversionTarget target(*context);
    target.addIllegalOp<RescaleOp, QuantizeOp, DequantizeOp>();
    if (!keepRows) {
      populateRowPatterns(patterns);
      populateFloatRowPatterns(patterns);
      target.addIllegalOp<IntegerSoftmaxOp, IntegerLayerNormOp, SoftmaxOp,
                          LayerNormOp>();
    }
    target.markUnknownOpDynamicallyLegal([](Operation *) { return true; });
    if (failed(applyPartialConversion(getOperation(), target,
                                      std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
