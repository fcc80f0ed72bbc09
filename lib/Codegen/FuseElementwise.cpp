// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
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

/// The operand and the constant of `op`, if it keeps its value where both are
/// extended first.
static std::optional<std::pair<Value, APInt>> getExtensible(Operation *op) {
  auto add = dyn_cast_or_null<arith::AddIOp>(op);
  bool exact = add && bitEnumContainsAll(add.getOverflowFlags(),
                                         arith::IntegerOverflowFlags::nsw);
  APInt constant;
  if (!(exact || isa_and_nonnull<arith::MaxSIOp, arith::MinSIOp>(op)) ||
      !matchPattern(op->getOperand(1), m_ConstantInt(&constant)))
    return std::nullopt;
  return std::make_pair(op->getOperand(0), constant);
}

/// Clamps and zero points of what was narrowed, and is extended again, are
/// applied to the wide value.
struct ExtendOperand : OpRewritePattern<arith::ExtSIOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::ExtSIOp op,
                                PatternRewriter &rewriter) const override {
    Value source = op.getIn();
    while (auto inner = getExtensible(source.getDefiningOp()))
      source = inner->first;
    auto trunc = source.getDefiningOp<arith::TruncIOp>();
    auto step = getExtensible(op.getIn().getDefiningOp());
    if (!step || !trunc || trunc.getIn().getType() != op.getType())
      return failure();
    Operation *inner = op.getIn().getDefiningOp();
    Location loc = inner->getLoc();
    unsigned width = op.getType().getIntOrFloatBitWidth();
    Value wide =
        arith::ExtSIOp::create(rewriter, loc, op.getType(), step->first);
    Value constant = arith::ConstantOp::create(
        rewriter, loc,
        rewriter.getIntegerAttr(op.getType(), step->second.sext(width)));
    OperationState state(loc, inner->getName(), {wide, constant},
                         {op.getType()}, inner->getAttrs());
    rewriter.replaceOp(op, rewriter.create(state));
    return success();
  }
};

/// A zero point that is added and taken away.
struct CancelZeroPoint : OpRewritePattern<arith::SubIOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::SubIOp op,
                                PatternRewriter &rewriter) const override {
    auto add = op.getLhs().getDefiningOp<arith::AddIOp>();
    APInt added, taken;
    if (!add || !matchPattern(add.getRhs(), m_ConstantInt(&added)) ||
        !matchPattern(op.getRhs(), m_ConstantInt(&taken)) || added != taken)
      return failure();
    rewriter.replaceOp(op, add.getLhs());
    return success();
  }
};

/// The sums of a depthwise convolution start at its bias, as those of others
/// do: integers may be added in any order.
struct StartAtBias : OpRewritePattern<linalg::GenericOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::GenericOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getNumDpsInputs() != 2 || op.getNumReductionLoops() != 0 ||
        !getElementTypeOrSelf(op.getType(0)).isInteger(32))
      return failure();
    Block *body = op.getBlock();
    auto add = dyn_cast<arith::AddIOp>(body->front());
    if (!add || body->getOperations().size() != 2 ||
        body->getTerminator()->getOperand(0) != add.getResult() ||
        llvm::is_contained(add->getOperands(), body->getArgument(2)) ||
        add.getLhs() == add.getRhs())
      return failure();
    unsigned rank = op.getNumLoops();
    AffineMap perChannel =
        AffineMap::get(rank, 0, getAffineDimExpr(rank - 1, op.getContext()));
    SmallVector<AffineMap> maps = op.getIndexingMapsArray();
    for (unsigned i : {0, 1}) {
      auto conv =
          op.getInputs()[i].getDefiningOp<linalg::DepthwiseConv2DNhwcHwcOp>();
      Value bias = op.getInputs()[1 - i];
      if (!conv || !conv->hasOneUse() || !maps[i].isIdentity() ||
          !maps[2].isIdentity() || maps[1 - i] != perChannel ||
          !matchPattern(bias, m_Constant()) || !isZero(conv.getOutputs()[0]))
        continue;
      Location loc = op.getLoc();
      auto start = linalg::GenericOp::create(
          rewriter, loc, op.getResultTypes(), bias, op.getOutputs(),
          {perChannel, maps[2]},
          SmallVector<utils::IteratorType>(rank, utils::IteratorType::parallel),
          [](OpBuilder &b, Location loc, ValueRange values) {
            linalg::YieldOp::create(b, loc, values[0]);
          });
      rewriter.setInsertionPoint(op);
      Operation *moved = rewriter.clone(*conv);
      cast<linalg::DepthwiseConv2DNhwcHwcOp>(moved).getOutputsMutable().assign(
          start.getResult(0));
      rewriter.replaceOp(op, moved->getResults());
      return success();
    }
    return failure();
  }

private:
  static bool isZero(Value value) {
    if (auto collapse = value.getDefiningOp<tensor::CollapseShapeOp>())
      value = collapse.getSrc();
    auto fill = value.getDefiningOp<linalg::FillOp>();
    return fill && matchPattern(fill.getInputs()[0], m_Zero());
  }
};

struct FuseElementwise
    : quantc::impl::FuseElementwisePassBase<FuseElementwise> {
  void runOnOperation() override {
    MLIRContext *context = &getContext();
    // Before the additions become a part of something else.
    RewritePatternSet starts(context);
    starts.add<StartAtBias>(context);
    if (failed(applyPatternsGreedily(getOperation(), std::move(starts))))
      return signalPassFailure();
    RewritePatternSet patterns(context);
    linalg::ControlFusionFn singleUse = [](OpOperand *operand) {
      Operation *producer = operand->get().getDefiningOp();
      return producer && producer->hasOneUse();
    };
    linalg::populateElementwiseOpsFusionPatterns(patterns, singleUse);
    linalg::GenericOp::getCanonicalizationPatterns(patterns, context);
    patterns.add<ExtendNarrowed, ExtendOperand, CancelZeroPoint>(context);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
