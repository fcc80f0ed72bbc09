// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mlir/IR/Matchers.h"
#include "quantc/Dialect/Quantc/IR/ConstantUtils.h"
#include "quantc/Dialect/Quantc/IR/NodeLocation.h"
#include "quantc/Dialect/Quantc/IR/Quantc.h"
#include "quantc/Dialect/Quantc/IR/TypeUtils.h"
#include "quantc/Transforms/ObserveModule.h"
#include "quantc/Transforms/Passes.h"

namespace quantc {
#define GEN_PASS_DEF_FOLDCALIBRATIONPASS
#include "quantc/Transforms/Passes.h.inc"
} // namespace quantc

using namespace mlir;
using namespace quantc;

/// Powers of two for a constant, which `observer` saw: by their error over its
/// values.
static llvm::Expected<SmallVector<QuantParams>>
choosePowersOfTwo(const Observer &observer, ArrayRef<float> values,
                  ArrayRef<int64_t> shape) {
  llvm::Expected<SmallVector<FloatRange>> ranges = observer.computeRanges();
  if (!ranges)
    return ranges.takeError();
  const ObserverConfig &config = observer.getConfig();
  SmallVector<SmallVector<float>> channels(ranges->size());
  if (config.isPerChannel()) {
    int64_t rank = shape.size();
    int64_t axis = config.axis < 0 ? config.axis + rank : config.axis;
    int64_t inner = ChannelLayout::of(shape, axis).inner;
    for (auto [i, value] : llvm::enumerate(values))
      channels[i / inner % channels.size()].push_back(value);
  } else {
    channels.front().assign(values.begin(), values.end());
  }
  SmallVector<QuantParams> params;
  for (auto [range, channel] : llvm::zip_equal(*ranges, channels)) {
    llvm::Expected<QuantParams> chosen = choosePowerOfTwoQParams(
        range, channel, /*counts=*/{}, config.effectiveRange(), config.scheme,
        config.isSigned);
    if (!chosen)
      return chosen.takeError();
    params.push_back(*chosen);
  }
  return params;
}

/// The type with these parameters; unsigned storage becomes signed.
static llvm::Expected<quant::QuantizedType>
makeType(ObserveOp observe, const ObserverConfig &config,
         SmallVector<QuantParams> params) {
  QuantRange range = config.effectiveRange();
  if (!config.isSigned) {
    int64_t middle = int64_t(1) << (config.bits - 1);
    range = {range.min - middle, range.max - middle};
    for (QuantParams &p : params)
      p.zeroPoint -= middle;
  }
  int64_t rank = observe.getInput().getType().getRank();
  std::optional<int64_t> axis;
  if (config.isPerChannel())
    axis = config.axis < 0 ? config.axis + rank : config.axis;
  if (quant::QuantizedType type = getQuantizedType(observe.getContext(), params,
                                                   range, config.bits, axis))
    return type;
  return llvm::createStringError("its scale isn't a normal f32");
}

namespace {

struct FoldCalibrationPass
    : quantc::impl::FoldCalibrationPassBase<FoldCalibrationPass> {
  using Base::Base;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    if (table.empty()) {
      module.emitError() << "no calibration table: give one with 'table='";
      return signalPassFailure();
    }
    llvm::Expected<CalibrationTable> calibration =
        CalibrationTable::load(table);
    if (!calibration) {
      emitError(UnknownLoc::get(&getContext()))
          << llvm::toString(calibration.takeError());
      return signalPassFailure();
    }
    if (llvm::Error error =
            calibration->checkModule(hashObserveModule(module))) {
      emitError(UnknownLoc::get(&getContext()))
          << table << ": " << llvm::toString(std::move(error));
      return signalPassFailure();
    }
    SmallVector<ObserveOp> observes;
    module.walk([&](ObserveOp observe) { observes.push_back(observe); });
    for (ObserveOp observe : observes)
      if (failed(fold(observe, *calibration)))
        return signalPassFailure();
  }

  LogicalResult fold(ObserveOp observe, const CalibrationTable &calibration) {
    auto type = getType(observe, calibration);
    if (!type)
      return observe.emitOpError()
             << "of " << describeNode(observe) << " at site '"
             << observe.getSite()
             << "' can't be folded: " << llvm::toString(type.takeError());
    OpBuilder builder(observe);
    auto fakeQuant = FakeQuantOp::create(
        builder, observe.getLoc(), observe.getOutput().getType(),
        observe.getInput(), /*scale=*/Value(), /*zero_point=*/Value(),
        TypeAttr::get(*type), /*quant_min=*/IntegerAttr(),
        /*quant_max=*/IntegerAttr(), /*axis=*/IntegerAttr());
    observe.replaceAllUsesWith(fakeQuant.getOutput());
    observe.erase();
    return success();
  }

  llvm::Expected<quant::QuantizedType>
  getType(ObserveOp observe, const CalibrationTable &calibration) {
    llvm::Expected<SmallVector<QuantParams>> params =
        matchPattern(observe.getInput(), m_Constant())
            ? chooseForConstant(observe)
            : chooseForSite(observe, calibration);
    if (!params)
      return params.takeError();
    return makeType(observe, getObserverConfig(observe.getObserver()),
                    std::move(*params));
  }

  llvm::Expected<SmallVector<QuantParams>>
  chooseForSite(ObserveOp observe, const CalibrationTable &calibration) {
    const Observer *observer = calibration.lookup(observe.getSite());
    if (!observer)
      return llvm::createStringError("the calibration table lacks it; "
                                     "calibrate this model again");
    return powerOfTwo ? observer->computePowerOfTwoQParams()
                      : observer->computeQParams();
  }

  /// Constants are observed here and now.
  llvm::Expected<SmallVector<QuantParams>>
  chooseForConstant(ObserveOp observe) {
    std::optional<SmallVector<float>> values =
        readConstant<float>(observe.getInput());
    if (!values)
      return llvm::createStringError("its values can't be read");
    ObserverConfig config = getObserverConfig(observe.getObserver());
    if (llvm::Error error = config.validate())
      return std::move(error);
    std::unique_ptr<Observer> observer = Observer::create(config);
    ArrayRef<int64_t> shape = observe.getInput().getType().getShape();
    if (llvm::Error error = observer->observe(*values, shape))
      return std::move(error);
    return powerOfTwo ? choosePowersOfTwo(*observer, *values, shape)
                      : observer->computeQParams();
  }
};

} // namespace
