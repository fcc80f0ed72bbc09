// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "quantc/Dialect/Quantc/IR/NodeLocation.h"
#include "quantc/Dialect/Quantc/IR/Quantc.h"
#include "quantc/Dialect/Quantc/IR/TypeUtils.h"
#include "quantc/Transforms/Passes.h"

namespace quantc {
#define GEN_PASS_DEF_REQUANTIZETOSHIFTPASS
#include "quantc/Transforms/Passes.h.inc"
} // namespace quantc

using namespace mlir;
using namespace quantc;

/// The scale change from `input` to `output`, as arithmetic. Where every
/// multiplier is a power of two, one rounding shift does what fixed point with
/// a single rounding does.
static llvm::Expected<Requantizer> makeRequantizer(quant::QuantizedType input,
                                                   quant::QuantizedType output,
                                                   RoundingAttr rounding) {
  SmallVector<QuantParams> from = getQuantParams(input);
  QuantParams to = getQuantParams(output).front();
  SmallVector<double> multipliers;
  for (QuantParams params : from) {
    if (params.zeroPoint != from.front().zeroPoint)
      return llvm::createStringError("its channels' zero points differ");
    multipliers.push_back(params.scale / to.scale);
  }
  QuantRange clamp = getStorageRange(output);
  RequantizeRounding how = getRequantizeRounding(rounding);
  if (how.domain == RoundingDomain::Fixed &&
      how.direction == RoundingDirection::HalfUp &&
      llvm::all_of(multipliers, isPowerOfTwo)) {
    llvm::Expected<Requantizer> shift =
        Requantizer::create(RequantizeMode::Shift, multipliers,
                            from.front().zeroPoint, to.zeroPoint, clamp);
    if (shift)
      return shift;
    llvm::consumeError(shift.takeError());
  }
  return Requantizer::create(how, multipliers, from.front().zeroPoint,
                             to.zeroPoint, clamp);
}

static Value makeRescale(OpBuilder &builder, RequantizeOp op, Value storage,
                         const Requantizer &requantizer) {
  DenseF32ArrayAttr multipliers;
  DenseI32ArrayAttr fixedMultipliers, shifts;
  if (requantizer.getRounding().domain == RoundingDomain::Fixed) {
    SmallVector<int32_t> ms, ss;
    for (FixedPointMultiplier fixed : requantizer.getFixed()) {
      ms.push_back(fixed.multiplier);
      ss.push_back(fixed.shift);
    }
    if (!requantizer.isShift())
      fixedMultipliers = builder.getDenseI32ArrayAttr(ms);
    shifts = builder.getDenseI32ArrayAttr(ss);
  } else {
    SmallVector<float> ms;
    for (double multiplier : requantizer.getMultipliers())
      ms.push_back(static_cast<float>(multiplier));
    multipliers = builder.getDenseF32ArrayAttr(ms);
  }
  auto i32 = [&](int64_t value) { return builder.getI32IntegerAttr(value); };
  return RescaleOp::create(
      builder, op.getLoc(),
      getStorageTensorType(cast<RankedTensorType>(op.getOutput().getType())),
      storage, op.getRounding(), multipliers, fixedMultipliers, shifts,
      i32(requantizer.getInputZeroPoint()),
      i32(requantizer.getOutputZeroPoint()), i32(requantizer.getClamp().min),
      i32(requantizer.getClamp().max));
}

namespace {

/// clamp(rescale(x), lo, hi) = rescale(x) with its bounds clamped to [lo, hi].
struct MergeClampIntoRescale : OpRewritePattern<tosa::ClampOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tosa::ClampOp clamp,
                                PatternRewriter &rewriter) const override {
    auto rescale = clamp.getInput().getDefiningOp<RescaleOp>();
    auto lo = dyn_cast<IntegerAttr>(clamp.getMinVal());
    auto hi = dyn_cast<IntegerAttr>(clamp.getMaxVal());
    if (!rescale || !rescale->hasOneUse() || !lo || !hi)
      return failure();
    QuantRange cut{lo.getValue().getSExtValue(), hi.getValue().getSExtValue()};
    auto bound = [&](int32_t value) {
      return rewriter.getI32IntegerAttr(saturate(value, cut));
    };
    rewriter.replaceOpWithNewOp<RescaleOp>(
        clamp, clamp.getType(), rescale.getInput(), rescale.getRounding(),
        rescale.getMultipliersAttr(), rescale.getFixedMultipliersAttr(),
        rescale.getShiftsAttr(), rescale.getInputZpAttr(),
        rescale.getOutputZpAttr(), bound(rescale.getMin()),
        bound(rescale.getMax()));
    return success();
  }
};

struct RequantizeToShiftPass
    : quantc::impl::RequantizeToShiftPassBase<RequantizeToShiftPass> {
  void runOnOperation() override {
    SmallVector<Operation *> ops;
    getOperation()->walk([&](Operation *op) {
      if (isa<RequantizeOp, QuantizeOp, DequantizeOp, quant::StorageCastOp>(op))
        ops.push_back(op);
    });
    // Operands come before their users, so each finds its storage.
    for (Operation *op : ops)
      if (failed(convert(op)))
        return signalPassFailure();
    for (Operation *op : llvm::reverse(ops))
      if (op->use_empty())
        op->erase();
    if (failed(checkNoneLeft()))
      return signalPassFailure();

    RewritePatternSet patterns(&getContext());
    patterns.add<MergeClampIntoRescale>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }

private:
  /// Storage in the place of quantized values.
  DenseMap<Value, Value> storage;

  Value getStorage(Value value) const {
    auto it = storage.find(value);
    return it == storage.end() ? value : it->second;
  }

  LogicalResult convert(Operation *op) {
    OpBuilder builder(op);
    if (auto cast = dyn_cast<quant::StorageCastOp>(op)) {
      Value input = getStorage(cast.getInput());
      if (getQuantizedElementType(cast.getType()))
        storage[cast.getResult()] = input;
      else
        cast.getResult().replaceAllUsesWith(input);
      return success();
    }
    if (auto quantize = dyn_cast<QuantizeOp>(op)) {
      auto type = cast<RankedTensorType>(quantize.getOutput().getType());
      quant::QuantizedType element = getQuantizedElementType(type);
      if (element)
        storage[quantize.getOutput()] = QuantizeOp::create(
            builder, op->getLoc(), getStorageTensorType(type),
            quantize.getInput(), TypeAttr::get(element),
            quantize.getScalingAttr(), quantize.getZeroPointPlacementAttr());
      return success();
    }
    if (auto dequantize = dyn_cast<DequantizeOp>(op)) {
      quant::QuantizedType element =
          getQuantizedElementType(dequantize.getInput().getType());
      if (element)
        dequantize.getOutput().replaceAllUsesWith(
            DequantizeOp::create(
                builder, op->getLoc(), dequantize.getOutput().getType(),
                getStorage(dequantize.getInput()), TypeAttr::get(element))
                .getOutput());
      return success();
    }
    auto requantize = cast<RequantizeOp>(op);
    llvm::Expected<Requantizer> requantizer = makeRequantizer(
        getQuantizedElementType(requantize.getInput().getType()),
        getQuantizedElementType(requantize.getOutput().getType()),
        requantize.getRounding());
    if (!requantizer)
      return op->emitOpError()
             << "of " << describeNode(op) << " can't be computed: "
             << llvm::toString(requantizer.takeError());
    storage[requantize.getOutput()] = makeRescale(
        builder, requantize, getStorage(requantize.getInput()), *requantizer);
    return success();
  }

  LogicalResult checkNoneLeft() {
    WalkResult result = getOperation()->walk([&](Operation *op) {
      auto isQuantized = [](Type type) {
        return isa<quant::QuantizedType>(getElementTypeOrSelf(type));
      };
      if (llvm::none_of(op->getResultTypes(), isQuantized) &&
          llvm::none_of(op->getOperandTypes(), isQuantized))
        return WalkResult::advance();
      op->emitOpError() << "of " << describeNode(op)
                        << " has a quantized type that can't be lowered";
      return WalkResult::interrupt();
    });
    return failure(result.wasInterrupted());
  }
};

} // namespace
