// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "MathFunctions.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "quantc/Codegen/Passes.h"

namespace quantc {
#define GEN_PASS_DEF_APPROXIMATEMATHPASS
#include "quantc/Codegen/Passes.h.inc"
} // namespace quantc

using namespace mlir;
using namespace quantc;

namespace {

/// What the processors compute themselves, the same everywhere.
static bool isInstruction(Operation *op) {
  return isa<math::RoundEvenOp, math::FmaOp, math::SqrtOp, math::AbsFOp,
             math::AbsIOp, math::FloorOp, math::CeilOp, math::TruncOp,
             math::CopySignOp, math::CountLeadingZerosOp>(op);
}

/// An operation on f32 that a function of ours replaces.
template <typename Op, Value (*build)(OpBuilder &, Location, Value)>
struct OwnFunction : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;
  LogicalResult matchAndRewrite(Op op,
                                PatternRewriter &rewriter) const override {
    if (!getElementTypeOrSelf(op.getType()).isF32())
      return failure();
    rewriter.replaceOp(op, build(rewriter, op.getLoc(), op.getOperand()));
    return success();
  }
};

struct ApproximateMath
    : quantc::impl::ApproximateMathPassBase<ApproximateMath> {
  void getDependentDialects(DialectRegistry &registry) const override {
    ApproximateMathPassBase::getDependentDialects(registry);
    registry.insert<math::MathDialect, vector::VectorDialect>();
  }

  void runOnOperation() override {
    MLIRContext *context = &getContext();
    RewritePatternSet patterns(context);
    patterns.add<OwnFunction<math::ExpOp, buildExp>,
                 OwnFunction<math::ErfOp, buildErf>,
                 OwnFunction<math::TanhOp, buildTanh>>(context, /*benefit=*/2);
    // 1 / sqrt(x) and powers by products, exp and log; then polynomials.
    math::populateExpansionPatterns(patterns, {"rsqrt", "powf", "fpowi"});
    // No reciprocal estimates: processors differ in them.
    populateMathPolynomialApproximationPatterns(
        patterns, MathPolynomialApproximationOptions{/*enableAvx2=*/false});
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      return signalPassFailure();
    WalkResult left = getOperation()->walk([](Operation *op) {
      if (!isa_and_nonnull<math::MathDialect>(op->getDialect()) ||
          isInstruction(op))
        return WalkResult::advance();
      op->emitError() << "'" << op->getName()
                      << "' has no approximation: keep its node out of the "
                         "model or quantize it, so that it becomes a table";
      return WalkResult::interrupt();
    });
    if (left.wasInterrupted())
      signalPassFailure();
  }
};

} // namespace
