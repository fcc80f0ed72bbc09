// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "ConvLike.h"
#include "mlir/Dialect/Tosa/Utils/ConversionUtils.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "quantc/Dialect/Quantc/IR/ConstantUtils.h"
#include "quantc/Transforms/Passes.h"

namespace quantc {
#define GEN_PASS_DEF_FOLDPADSPASS
#include "quantc/Transforms/Passes.h.inc"
} // namespace quantc

using namespace mlir;
using namespace quantc;

/// The only element of a constant of f32 or i8.
static std::optional<double> readScalar(Value value) {
  if (auto real = readConstant<float>(value); real && real->size() == 1)
    return real->front();
  if (auto integer = readConstant<int8_t>(value);
      integer && integer->size() == 1)
    return integer->front();
  return std::nullopt;
}

/// [top, bottom, left, right] plus `pad`'s, which must pad height and width of
/// NHWC alone.
static std::optional<std::array<int64_t, 4>> sumPads(tosa::PadOp pad,
                                                     ArrayRef<int64_t> inner) {
  SmallVector<int64_t> outer;
  Operation *shape = pad.getPadding().getDefiningOp();
  if (!shape || !tosa::getConstShapeValues(shape, outer) || outer.size() != 8)
    return std::nullopt;
  if (outer[0] || outer[1] || outer[6] || outer[7] ||
      llvm::any_of(outer, [](int64_t p) { return p < 0; }))
    return std::nullopt;
  return std::array<int64_t, 4>{inner[0] + outer[2], inner[1] + outer[3],
                                inner[2] + outer[4], inner[3] + outer[5]};
}

namespace {

/// What the padding of a convolution means: the zero point of its input.
struct FoldPadIntoConv : RewritePattern {
  FoldPadIntoConv(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), 1, context) {}

  LogicalResult matchAndRewrite(Operation *conv,
                                PatternRewriter &rewriter) const override {
    if (!isConvLike(conv))
      return failure();
    auto pad = getConvInput(conv).get().getDefiningOp<tosa::PadOp>();
    if (!pad)
      return failure();
    auto value = readScalar(pad.getPadConst());
    auto zeroPoint = getInputZeroPoint(conv);
    auto sum = sumPads(pad, getConvPad(conv));
    if (!value || value != zeroPoint || !sum)
      return rewriter.notifyMatchFailure(conv, "another kind of padding");
    rewriter.modifyOpInPlace(conv, [&] {
      getConvInput(conv).set(pad.getInput1());
      setConvPad(conv, *sum);
    });
    return success();
  }

  static std::optional<double> getInputZeroPoint(Operation *conv) {
    return TypeSwitch<Operation *, std::optional<double>>(conv)
        .Case<tosa::Conv2DOp, tosa::DepthwiseConv2DOp>(
            [](auto op) { return readScalar(op.getInputZp()); })
        .Case([](GroupedConv2DOp op) { return op.getInputZp(); });
  }
};

/// A max pool's own padding never wins. Neither does the lowest value, nor zero
/// where all elements are at least zero, as each window has one of them.
struct FoldPadIntoMaxPool : OpRewritePattern<tosa::MaxPool2dOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tosa::MaxPool2dOp pool,
                                PatternRewriter &rewriter) const override {
    auto pad = pool.getInput().getDefiningOp<tosa::PadOp>();
    if (!pad)
      return failure();
    auto value = readScalar(pad.getPadConst());
    auto lowest = getLowest(pad.getInput1());
    auto sum = sumPads(pad, pool.getPad());
    if (!value || !lowest || *value > *lowest || !sum)
      return rewriter.notifyMatchFailure(pool, "the padding could win");
    ArrayRef<int64_t> kernel = pool.getKernel();
    if (std::max((*sum)[0], (*sum)[1]) >= kernel[0] ||
        std::max((*sum)[2], (*sum)[3]) >= kernel[1])
      return rewriter.notifyMatchFailure(pool, "windows of padding alone");
    rewriter.modifyOpInPlace(pool, [&] {
      pool.getInputMutable().set(pad.getInput1());
      pool.setPad(*sum);
    });
    return success();
  }

  /// A bound that no element of `value` is below.
  static std::optional<double> getLowest(Value value) {
    if (auto clamp = value.getDefiningOp<tosa::ClampOp>()) {
      if (auto bound = dyn_cast<FloatAttr>(clamp.getMinValAttr()))
        return bound.getValueAsDouble();
      return cast<IntegerAttr>(clamp.getMinValAttr()).getInt();
    }
    if (getElementTypeOrSelf(value).isInteger(8))
      return std::numeric_limits<int8_t>::min();
    return -std::numeric_limits<double>::infinity();
  }
};

struct FoldPadsPass : quantc::impl::FoldPadsPassBase<FoldPadsPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<FoldPadIntoConv, FoldPadIntoMaxPool>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
