// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "quantc/Codegen/Passes.h"
#include "quantc/Dialect/Quantc/IR/ConstantUtils.h"

namespace quantc {
#define GEN_PASS_DEF_FOLDZEROPOINTSPASS
#include "quantc/Codegen/Passes.h.inc"
} // namespace quantc

using namespace mlir;
using namespace quantc;

namespace {

/// Where the output channels are in the weights: OHWI of a convolution, HWCM of
/// a depthwise one (channel c, multiplier m gives output c · M + m).
struct ChannelLayout {
  int64_t channels, taps, channelStride, tapStride;
};

static ChannelLayout getLayout(tosa::Conv2DOp op) {
  auto shape = cast<RankedTensorType>(op.getWeight().getType()).getShape();
  int64_t taps = shape[1] * shape[2] * shape[3];
  return {shape[0], taps, taps, 1};
}

static ChannelLayout getLayout(tosa::DepthwiseConv2DOp op) {
  auto shape = cast<RankedTensorType>(op.getWeight().getType()).getShape();
  int64_t channels = shape[2] * shape[3];
  return {channels, shape[0] * shape[1], 1, channels};
}

template <typename ConvOp>
struct FoldInputZeroPoint : OpRewritePattern<ConvOp> {
  using OpRewritePattern<ConvOp>::OpRewritePattern;

  LogicalResult matchAndRewrite(ConvOp op,
                                PatternRewriter &rewriter) const override {
    auto inputType = cast<RankedTensorType>(op.getInput().getType());
    if (!inputType.getElementType().isInteger(8))
      return failure();
    FailureOr<int64_t> zp = op.getInputZeroPoint(),
                       weightZp = op.getWeightZeroPoint();
    if (failed(zp) || failed(weightZp) || *weightZp != 0)
      return failure();
    bool padded = llvm::any_of(op.getPad(), [](int64_t p) { return p != 0; });
    if (*zp == 0 && !padded)
      return failure();
    auto weights = readConstant<int8_t>(op.getWeight());
    auto bias = readConstant<int32_t>(op.getBias());
    if (!weights || !bias)
      return failure();

    Location loc = op.getLoc();
    ChannelLayout layout = getLayout(op);
    // TOSA lets one bias serve all channels.
    SmallVector<int32_t> folded(layout.channels);
    for (int64_t c = 0; c < layout.channels; ++c) {
      int64_t sum = 0;
      for (int64_t t = 0; t < layout.taps; ++t)
        sum += (*weights)[c * layout.channelStride + t * layout.tapStride];
      int64_t value = (*bias)[bias->size() == 1 ? 0 : c];
      folded[c] =
          static_cast<int32_t>(static_cast<uint32_t>(value - *zp * sum));
    }

    Value input = op.getInput();
    if (padded) {
      ArrayRef<int64_t> pad = op.getPad();
      SmallVector<int64_t> amounts{0, 0, pad[0], pad[1], pad[2], pad[3], 0, 0};
      SmallVector<int64_t> shape(inputType.getShape());
      shape[1] += pad[0] + pad[1];
      shape[2] += pad[2] + pad[3];
      auto indexType = RankedTensorType::get({8}, rewriter.getIndexType());
      Value amountsValue = tosa::ConstShapeOp::create(
          rewriter, loc, tosa::shapeType::get(rewriter.getContext(), 8),
          DenseIntElementsAttr::get(indexType, amounts));
      Value fill = makeConstant<int8_t>(rewriter, loc, {1}, int8_t(*zp));
      input = tosa::PadOp::create(rewriter, loc, inputType.clone(shape), input,
                                  amountsValue, fill);
    }
    Value newBias =
        makeConstant<int32_t>(rewriter, loc, {layout.channels}, folded, "bias");
    Value zero = makeConstant<int8_t>(rewriter, loc, {1}, int8_t(0));
    rewriter.modifyOpInPlace(op, [&] {
      op.getInputMutable().assign(input);
      op.getBiasMutable().assign(newBias);
      op.getInputZpMutable().assign(zero);
      op.setPad({0, 0, 0, 0});
    });
    return success();
  }
};

struct FoldZeroPoints : quantc::impl::FoldZeroPointsPassBase<FoldZeroPoints> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<FoldInputZeroPoint<tosa::Conv2DOp>,
                 FoldInputZeroPoint<tosa::DepthwiseConv2DOp>>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
