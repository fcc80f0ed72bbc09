// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "quantc/Codegen/Passes.h"

namespace quantc {
#define GEN_PASS_DEF_FUSEELEMENTWISEPASS
#include "quantc/Codegen/Passes.h.inc"
} // namespace quantc

using namespace mlir;
using namespace quantc;

namespace {

/// What is narrowed without loss and then extended is extended at once.
struct ExtendNarrowed : OpRewritePattern<arith::ExtSIOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::ExtSIOp op,
                                PatternRewriter &rewriter) const override {
    auto trunc = op.getIn().getDefiningOp<arith::TruncIOp>();
    if (!trunc || !bitEnumContainsAll(trunc.getOverflowFlags(),
                                      arith::IntegerOverflowFlags::nsw))
      return failure();
    unsigned from = trunc.getIn().getType().getIntOrFloatBitWidth(),
             to = op.getType().getIntOrFloatBitWidth();
    if (from > to)
      return failure();
    if (from == to)
      rewriter.replaceOp(op, trunc.getIn());
    else
      rewriter.replaceOpWithNewOp<arith::ExtSIOp>(op, op.getType(),
                                                  trunc.getIn());
    return success();
  }
};

/// A zero point that is added, and taken away after an extension.
struct CancelZeroPoint : OpRewritePattern<arith::SubIOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::SubIOp op,
                                PatternRewriter &rewriter) const override {
    auto extend = op.getLhs().getDefiningOp<arith::ExtSIOp>();
    auto add = extend ? extend.getIn().getDefiningOp<arith::AddIOp>()
                      : arith::AddIOp();
    APInt added, taken;
    if (!add ||
        !bitEnumContainsAll(add.getOverflowFlags(),
                            arith::IntegerOverflowFlags::nsw) ||
        !matchPattern(add.getRhs(), m_ConstantInt(&added)) ||
        !matchPattern(op.getRhs(), m_ConstantInt(&taken)) ||
        added.getSExtValue() != taken.getSExtValue())
      return failure();
    rewriter.replaceOpWithNewOp<arith::ExtSIOp>(op, op.getType(), add.getLhs());
    return success();
  }
};

struct FuseElementwise
    : quantc::impl::FuseElementwisePassBase<FuseElementwise> {
  void runOnOperation() override {
    MLIRContext *context = &getContext();
    RewritePatternSet patterns(context);
    linalg::ControlFusionFn singleUse = [](OpOperand *operand) {
      Operation *producer = operand->get().getDefiningOp();
      return producer && producer->hasOneUse();
    };
    linalg::populateElementwiseOpsFusionPatterns(patterns, singleUse);
    linalg::GenericOp::getCanonicalizationPatterns(patterns, context);
    patterns.add<ExtendNarrowed, CancelZeroPoint>(context);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
