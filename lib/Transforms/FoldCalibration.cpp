// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/IR/Matchers.h"
#include "quantc/Dialect/Quantc/IR/ConstantUtils.h"
#include "quantc/Dialect/Quantc/IR/NodeLocation.h"
#include "quantc/Dialect/Quantc/IR/Quantc.h"
#include "quantc/Dialect/Quantc/IR/TypeUtils.h"
#include "quantc/Transforms/ObserveModule.h"
#include "quantc/Transforms/Passes.h"
#include "llvm/ADT/StringSet.h"

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
    llvm::StringSet<> sites;
    module.walk([&](ObserveOp observe) {
      observes.push_back(observe);
      sites.insert(observe.getSite());
    });
    for (const CalibrationTable::Site &site : calibration->getSites())
      if (!sites.contains(site.name)) {
        emitError(UnknownLoc::get(&getContext()))
            << table << ": holds site '" << site.name
            << "', which the module has not: the table was edited; calibrate "
               "again";
        return signalPassFailure();
      }
    findMasks(module, *calibration);
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

  /// The real range of a site per tensor; none where there is no such.
  static std::optional<FloatRange>
  getRange(ObserveOp observe, const CalibrationTable &calibration) {
    const Observer *observer =
        observe ? calibration.lookup(observe.getSite()) : nullptr;
    if (!observer)
      return std::nullopt;
    llvm::Expected<SmallVector<FloatRange>> ranges = observer->computeRanges();
    if (!ranges) {
      llvm::consumeError(ranges.takeError());
      return std::nullopt;
    }
    return ranges->size() == 1 ? std::optional(ranges->front()) : std::nullopt;
  }

  static ObserveOp getSite(Value value) {
    while (auto reshape = value.getDefiningOp<tosa::ReshapeOp>())
      value = reshape.getInput1();
    return value.getDefiningOp<ObserveOp>();
  }

  /// S36: where the sums of scores and a mask go into softmax alone, what a
  /// mask takes away needn't be told apart from what is just as good as zero.
  void findMasks(ModuleOp module, const CalibrationTable &calibration) {
    lowest.clear();
    DenseSet<Operation *> masked;
    DenseMap<ObserveOp, float> masks;
    module.walk([&](tosa::AddOp add) {
      auto sum = add->hasOneUse() ? dyn_cast<ObserveOp>(*add->user_begin())
                                  : ObserveOp();
      if (!sum || sum->use_empty() ||
          !llvm::all_of(sum->getUsers(), llvm::IsaPred<SoftmaxOp>))
        return;
      for (int i : {0, 1}) {
        ObserveOp maskSite = getSite(add->getOperand(i));
        std::optional<FloatRange> mask = getRange(maskSite, calibration);
        std::optional<FloatRange> scores =
            getRange(getSite(add->getOperand(1 - i)), calibration);
        if (!mask || !scores)
          continue;
        float least = scores->min + mask->max - kVanishing;
        if (!(scores->max + mask->min < least))
          continue;
        masked.insert(add);
        lowest[sum] = least;
        // A mask of several sums reaches as far as one of them asks.
        float reach = least - scores->max;
        auto [it, isNew] = masks.try_emplace(maskSite, reach);
        it->second = std::min(it->second, reach);
      }
    });
    // Others may read all of it.
    for (auto [mask, reach] : masks)
      if (llvm::all_of(mask->getUsers(),
                       [&](Operation *user) { return masked.contains(user); }))
        lowest[mask] = reach;
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
    if (observer->getConfig() != getObserverConfig(observe.getObserver()))
      return llvm::createStringError("the calibration table has another "
                                     "observer for it; calibrate this model "
                                     "again");
    auto clip = lowest.find(observe);
    if (clip == lowest.end())
      return powerOfTwo ? observer->computePowerOfTwoQParams()
                        : observer->computeQParams();
    FloatRange range = *getRange(observe, calibration);
    range.min = std::max(range.min, clip->second);
    const ObserverConfig &config = observer->getConfig();
    auto params = powerOfTwo
                      ? choosePowerOfTwoQParams(range, config.effectiveRange(),
                                                config.scheme, config.isSigned)
                      : chooseQParams(range, config.effectiveRange(),
                                      config.scheme, config.isSigned);
    if (!params)
      return params.takeError();
    return SmallVector<QuantParams>{*params};
  }

  /// e^-17 is less than a hundredth of the finest step that softmax has.
  static constexpr float kVanishing = 17.0f;
  /// Where the ranges of masks and of masked scores may begin.
  DenseMap<Operation *, float> lowest;

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
