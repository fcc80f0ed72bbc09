// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "AffineChain.h"
#include "ConvLike.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "quantc/Dialect/Quantc/IR/ConstantUtils.h"
#include "quantc/Transforms/Passes.h"

namespace quantc {
#define GEN_PASS_DEF_FUSEEPILOGUESPASS
#include "quantc/Transforms/Passes.h.inc"
} // namespace quantc

using namespace mlir;
using namespace quantc;

namespace {

/// clamp(clamp(x, a, b), c, d) = clamp(x, clamp(a, c, d), clamp(b, c, d)).
struct MergeClamps : OpRewritePattern<tosa::ClampOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tosa::ClampOp outer,
                                PatternRewriter &rewriter) const override {
    auto inner = outer.getInput().getDefiningOp<tosa::ClampOp>();
    if (!inner || inner.getNanMode() != outer.getNanMode())
      return failure();
    auto bound = [&](Attribute value) -> Attribute {
      Attribute lo = outer.getMinValAttr(), hi = outer.getMaxValAttr();
      return less(value, lo) ? lo : less(hi, value) ? hi : value;
    };
    rewriter.replaceOpWithNewOp<tosa::ClampOp>(
        outer, outer.getType(), inner.getInput(), bound(inner.getMinValAttr()),
        bound(inner.getMaxValAttr()), outer.getNanModeAttr());
    return success();
  }

  static bool less(Attribute a, Attribute b) {
    if (auto real = dyn_cast<FloatAttr>(a))
      return real.getValue() < cast<FloatAttr>(b).getValue();
    bool isUnsigned = cast<IntegerAttr>(a).getType().isUnsignedInteger();
    APInt x = cast<IntegerAttr>(a).getValue(),
          y = cast<IntegerAttr>(b).getValue();
    return isUnsigned ? x.ult(y) : x.slt(y);
  }
};

/// max(x, c) = clamp(x, c, inf), min(x, c) = clamp(x, -inf, c).
template <typename Op, bool isMaximum> struct ToClamp : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;
  LogicalResult matchAndRewrite(Op op,
                                PatternRewriter &rewriter) const override {
    Value input = op.getInput1(), other = op.getInput2();
    auto values = readConstant<float>(other);
    if (!values) {
      std::swap(input, other);
      values = readConstant<float>(other);
    }
    if (!values || values->empty() || input.getType() != op.getType() ||
        !llvm::all_equal(*values) || std::isnan(values->front()))
      return rewriter.notifyMatchFailure(op, "no splat constant");
    const float inf = std::numeric_limits<float>::infinity();
    rewriter.replaceOpWithNewOp<tosa::ClampOp>(
        op, op.getType(), input,
        rewriter.getF32FloatAttr(isMaximum ? values->front() : -inf),
        rewriter.getF32FloatAttr(isMaximum ? inf : values->front()),
        op.getNanModeAttr());
    return success();
  }
};

/// A clamp goes before the operations that move values, next to the producer.
struct HoistClamp : OpRewritePattern<tosa::ClampOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tosa::ClampOp clamp,
                                PatternRewriter &rewriter) const override {
    Operation *first = nullptr;
    Value value = clamp.getInput();
    while (value.hasOneUse() && isMove(value.getDefiningOp())) {
      first = value.getDefiningOp();
      value = first->getOperand(0);
    }
    if (!first || !value.hasOneUse() || !hasEpilogue(value.getDefiningOp()))
      return rewriter.notifyMatchFailure(clamp, "no producer to clamp for");
    rewriter.setInsertionPoint(first);
    Value clamped = tosa::ClampOp::create(
        rewriter, clamp.getLoc(), value.getType(), value, clamp.getMinValAttr(),
        clamp.getMaxValAttr(), clamp.getNanModeAttr());
    rewriter.modifyOpInPlace(first, [&] { first->setOperand(0, clamped); });
    rewriter.replaceOp(clamp, clamp.getInput());
    return success();
  }

  /// Each element of the result is one of operand 0.
  static bool isMove(Operation *op) {
    return isa_and_nonnull<tosa::MaxPool2dOp, tosa::ReshapeOp,
                           tosa::TransposeOp, tosa::SliceOp>(op);
  }
  static bool hasEpilogue(Operation *op) {
    return isConvLike(op) || isa_and_nonnull<tosa::AddOp, tosa::ClampOp>(op);
  }
};

struct FuseEpiloguesPass
    : quantc::impl::FuseEpiloguesPassBase<FuseEpiloguesPass> {
  void runOnOperation() override {
    foldAffineChains(getOperation(), AffineKinds::Shifts);
    RewritePatternSet patterns(&getContext());
    patterns.add<MergeClamps, HoistClamp, ToClamp<tosa::MaximumOp, true>,
                 ToClamp<tosa::MinimumOp, false>>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
