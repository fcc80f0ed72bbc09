// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// docs/Semantics.md, S32, once more, scalar by scalar: what kernels compute is
// compared with it, so it shares nothing with them.

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "quantc/Conversion/Passes.h"

namespace quantc {
#define GEN_PASS_DEF_CONVERTFLOATSTORULESPASS
#include "quantc/Conversion/Passes.h.inc"
} // namespace quantc

using namespace mlir;
using namespace quantc;

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

namespace {

/// Arithmetic on one f32, as formulas are written.
struct Scalar {
  ImplicitLocOpBuilder *builder;
  Value value;

  Scalar of(Value other) const { return {builder, other}; }
  Scalar of(float constant) const {
    return of(arith::ConstantOp::create(*builder,
                                        builder->getF32FloatAttr(constant)));
  }
  Scalar operator+(Scalar other) const {
    return of(arith::AddFOp::create(*builder, value, other.value));
  }
  Scalar operator-(Scalar other) const {
    return of(arith::SubFOp::create(*builder, value, other.value));
  }
  Scalar operator*(Scalar other) const {
    return of(arith::MulFOp::create(*builder, value, other.value));
  }
  Scalar operator/(Scalar other) const {
    return of(arith::DivFOp::create(*builder, value, other.value));
  }
  /// value · factor + addend, rounded once.
  Scalar fma(Scalar factor, Scalar addend) const {
    return of(math::FmaOp::create(*builder, value, factor.value, addend.value));
  }
  /// NaN stays NaN.
  Scalar clamp(float low, float high) const {
    Value above = arith::MaximumFOp::create(*builder, value, of(low).value);
    return of(arith::MinimumFOp::create(*builder, above, of(high).value));
  }
  Scalar magnitude() const { return of(math::AbsFOp::create(*builder, value)); }
  Scalar withSignOf(Scalar other) const {
    return of(math::CopySignOp::create(*builder, value, other.value));
  }
  Scalar below(float bound, Scalar then, Scalar otherwise) const {
    Value isBelow = arith::CmpFOp::create(*builder, arith::CmpFPredicate::OLT,
                                          value, of(bound).value);
    return of(arith::SelectOp::create(*builder, isBelow, then.value,
                                      otherwise.value));
  }
  /// c0 + c1 x + c2 x² …, from the last coefficient on.
  Scalar polynomial(ArrayRef<float> coefficients) const {
    Scalar sum = of(coefficients.back());
    for (float coefficient : llvm::reverse(coefficients.drop_back()))
      sum = sum.fma(*this, of(coefficient));
    return sum;
  }
};

} // namespace

/// 2^n of an i32 from -126 to 127.
static Scalar powerOfTwo(Scalar like, Value n) {
  ImplicitLocOpBuilder &b = *like.builder;
  auto integer = [&](int32_t value) -> Value {
    return arith::ConstantOp::create(b, b.getI32IntegerAttr(value));
  };
  Value exponent = arith::AddIOp::create(b, n, integer(127));
  Value bits = arith::ShLIOp::create(b, exponent, integer(23));
  return like.of(arith::BitcastOp::create(b, b.getF32Type(), bits));
}

static Scalar exp(Scalar x) {
  ImplicitLocOpBuilder &b = *x.builder;
  x = x.clamp(-104.0f, 89.0f);
  Scalar n = x.of(math::RoundEvenOp::create(b, (x * x.of(1.44269504f)).value));
  Scalar r = n.fma(n.of(-0.693359375f), x);
  r = n.fma(n.of(2.12194440e-4f), r);
  Scalar p = r.polynomial(
      {0.49999994f, 0.16666521f, 0.041668389f, 0.0083687156f, 0.0013814602f});
  Scalar y = p.fma(r * r, r) + r.of(1.0f);
  // y is NaN where n is, whatever it is multiplied by.
  Value isNaN =
      arith::CmpFOp::create(b, arith::CmpFPredicate::UNO, n.value, n.value);
  Value number = arith::SelectOp::create(b, isNaN, n.of(0.0f).value, n.value);
  Value whole = arith::FPToSIOp::create(b, b.getI32Type(), number);
  Value one = arith::ConstantOp::create(b, b.getI32IntegerAttr(1));
  Value half = arith::ShRSIOp::create(b, whole, one);
  Value rest = arith::SubIOp::create(b, whole, half);
  return y * powerOfTwo(y, half) * powerOfTwo(y, rest);
}

static Scalar erf(Scalar x) {
  Scalar small = (x * x)
                     .polynomial({0.12837915f, -0.37612498f, 0.11281846f,
                                  -0.02676772f, 0.0049948297f, -0.00059994025f})
                     .fma(x, x);
  Scalar log =
      x.magnitude()
          .clamp(0.0f, 4.0f)
          .polynomial({-0.00019414825f, -1.127682f, -0.6371716f, -0.10394094f,
                       0.022231428f, -0.0030443491f, 0.00019605267f});
  Scalar large = (x.of(1.0f) - exp(log)).withSignOf(x);
  return x.magnitude().below(0.92f, small, large);
}

static Scalar tanh(Scalar x) {
  Scalar square = x * x;
  Scalar p = square.polynomial(
      {-0.3333328f, 0.13331442f, -0.053739715f, 0.020639086f, -0.005704985f});
  Scalar small = (p * square).fma(x, x);
  Scalar limited = x.magnitude().clamp(0.0f, 10.0f);
  Scalar large =
      x.of(1.0f) - x.of(2.0f) / (exp(limited + limited) + x.of(1.0f));
  return x.magnitude().below(0.625f, small, large.withSignOf(x));
}

namespace {

template <typename Op, Scalar (*function)(Scalar)>
struct WriteFunction : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;
  LogicalResult matchAndRewrite(Op op,
                                PatternRewriter &rewriter) const override {
    if (!op.getType().isF32())
      return failure();
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    rewriter.replaceOp(op, function({&b, op.getOperand()}).value);
    return success();
  }
};

//===----------------------------------------------------------------------===//
// Sums of products
//===----------------------------------------------------------------------===//

/// sum + a · b of a reduction is rounded once.
struct FuseMultiplyAdd : OpInterfaceRewritePattern<linalg::LinalgOp> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(linalg::LinalgOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getNumReductionLoops() == 0 || !getAddition(op))
      return failure();
    if (!isa<linalg::GenericOp>(op)) {
      FailureOr<linalg::GenericOp> generic =
          linalg::generalizeNamedOp(rewriter, op);
      if (failed(generic))
        return failure();
      op = cast<linalg::LinalgOp>(generic->getOperation());
    }
    arith::AddFOp add = getAddition(op);
    auto [product, sum] = getTerms(add);
    rewriter.setInsertionPoint(add);
    rewriter.replaceOpWithNewOp<math::FmaOp>(add, product.getLhs(),
                                             product.getRhs(), sum);
    return success();
  }

  static std::pair<arith::MulFOp, Value> getTerms(arith::AddFOp add) {
    if (auto product = add.getLhs().getDefiningOp<arith::MulFOp>())
      return {product, add.getRhs()};
    return {add.getRhs().getDefiningOp<arith::MulFOp>(), add.getLhs()};
  }

  /// What `op` adds products to its sum by, if it does that alone.
  static arith::AddFOp getAddition(linalg::LinalgOp op) {
    Block *body = op.getBlock();
    auto add =
        body->getTerminator()->getOperand(0).getDefiningOp<arith::AddFOp>();
    if (!add || !add.getType().isF32())
      return {};
    auto [product, sum] = getTerms(add);
    return product && llvm::is_contained(op.getRegionOutputArgs(), sum)
               ? add
               : arith::AddFOp();
  }
};

struct ConvertFloatsToRules
    : quantc::impl::ConvertFloatsToRulesPassBase<ConvertFloatsToRules> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<WriteFunction<math::ExpOp, ::exp>,
                 WriteFunction<math::ErfOp, ::erf>,
                 WriteFunction<math::TanhOp, ::tanh>>(&getContext(),
                                                      /*benefit=*/2);
    patterns.add<FuseMultiplyAdd>(&getContext());
    math::populateExpansionPatterns(patterns, {"rsqrt", "powf", "fpowi"});
    populateMathPolynomialApproximationPatterns(
        patterns, MathPolynomialApproximationOptions{/*enableAvx2=*/false});
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
