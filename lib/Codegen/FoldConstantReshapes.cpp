// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "quantc/Codegen/Passes.h"

namespace quantc {
#define GEN_PASS_DEF_FOLDCONSTANTRESHAPESPASS
#include "quantc/Codegen/Passes.h.inc"
} // namespace quantc

using namespace mlir;
using namespace quantc;

namespace {

template <typename ReshapeOp> struct FoldReshape : OpRewritePattern<ReshapeOp> {
  using OpRewritePattern<ReshapeOp>::OpRewritePattern;

  LogicalResult matchAndRewrite(ReshapeOp op,
                                PatternRewriter &rewriter) const override {
    Attribute value;
    if (!matchPattern(op.getSrc(), m_Constant(&value)))
      return failure();
    ShapedType type = op.getResultType();
    TypedAttr reshaped;
    if (auto resource = dyn_cast<DenseResourceElementsAttr>(value))
      reshaped = DenseResourceElementsAttr::get(type, resource.getRawHandle());
    else if (auto dense = dyn_cast<DenseElementsAttr>(value))
      reshaped = dense.reshape(type);
    else
      return failure();
    rewriter.replaceOpWithNewOp<arith::ConstantOp>(op, reshaped);
    return success();
  }
};

struct FoldConstantReshapes
    : quantc::impl::FoldConstantReshapesPassBase<FoldConstantReshapes> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<FoldReshape<tensor::CollapseShapeOp>,
                 FoldReshape<tensor::ExpandShapeOp>>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
