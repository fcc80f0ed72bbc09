// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Verifiers; folders are in QuantcFolds.cpp.

#include "quantc/Dialect/Quantc/IR/Quantc.h"
#include "quantc/Dialect/Quantc/IR/TypeUtils.h"
#include "quantc/Quantization/RowFunctions.h"

using namespace mlir;
using namespace quantc;

//===----------------------------------------------------------------------===//
// observe
//===----------------------------------------------------------------------===//

void ObserveOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  effects.emplace_back(MemoryEffects::Write::get());
}

LogicalResult ObserveOp::verify() {
  if (getSite().empty())
    return emitOpError("needs the name of a site");
  ObserverConfig config = getObserverConfig(getObserver());
  int64_t rank = getInput().getType().getRank();
  if (config.isPerChannel() && config.axis >= rank)
    return emitOpError() << "observes channels along axis " << config.axis
                         << ", but the tensor has rank " << rank;
  return success();
}

//===----------------------------------------------------------------------===//
// Parameters as types
//===----------------------------------------------------------------------===//

static ArrayRef<int64_t> getShape(Type tensor) {
  return cast<RankedTensorType>(tensor).getShape();
}

/// `params` of an operation, for a tensor of type `tensor`.
static LogicalResult verifyParams(Operation *op, Type params, Type tensor) {
  quant::QuantizedType type = getQuantizedElementType(params);
  if (!type || params != type)
    return op->emitOpError()
           << "needs !quant.uniform parameters, but has " << params;
  return verifyQuantizedType([&] { return op->emitOpError(); }, type,
                             getShape(tensor));
}

/// Of quantize and dequantize: `tensor` is either quantized or the storage of
/// `params`.
static LogicalResult
verifyQuantizedSide(Operation *op, std::optional<Type> params, Type tensor) {
  quant::QuantizedType type = getQuantizedElementType(tensor);
  if (type && params)
    return op->emitOpError("has its parameters twice, by a quantized type and "
                           "by 'as'");
  if (type)
    return verifyParams(op, type, tensor);
  if (!params)
    return op->emitOpError("needs the parameters of storage integers: as "
                           "!quant.uniform<...>");
  if (failed(verifyParams(op, *params, tensor)))
    return failure();
  Type storage = getQuantizedElementType(*params).getStorageType();
  if (storage != getElementTypeOrSelf(tensor))
    return op->emitOpError()
           << "has parameters for " << storage << " storage, but a tensor of "
           << getElementTypeOrSelf(tensor);
  return success();
}

/// Of what rounds real numbers: S8 is stated where f32 holds every integer and
/// half.
static LogicalResult verifyRoundedRange(Operation *op, QuantRange range) {
  constexpr int64_t limit = int64_t(1) << 20;
  if (range.min >= -limit && range.max <= limit)
    return success();
  return op->emitOpError() << "needs a storage range within [-2^20, 2^20], but "
                              "has ["
                           << range.min << ", " << range.max << "]";
}

LogicalResult QuantizeOp::verify() {
  if (failed(verifyQuantizedSide(*this, getParams(), getOutput().getType())))
    return failure();
  return verifyRoundedRange(*this, getStorageRange(getQuantizedType()));
}

LogicalResult DequantizeOp::verify() {
  return verifyQuantizedSide(*this, getParams(), getInput().getType());
}

quant::QuantizedType QuantizeOp::getQuantizedType() {
  return getQuantizedElementType(getParams() ? *getParams()
                                             : getOutput().getType());
}

quant::QuantizedType DequantizeOp::getQuantizedType() {
  return getQuantizedElementType(getParams() ? *getParams()
                                             : getInput().getType());
}

LogicalResult FakeQuantOp::verify() {
  Type tensor = getInput().getType();
  if (getParams()) {
    if (getScale() || getZeroPoint() || getQuantMin() || getQuantMax() ||
        getAxis())
      return emitOpError("has its parameters twice, by 'as' and by operands");
    if (failed(verifyParams(*this, *getParams(), tensor)))
      return failure();
    return verifyRoundedRange(
        *this, getStorageRange(getQuantizedElementType(*getParams())));
  }
  if (!getScale() || !getZeroPoint() || !getQuantMin() || !getQuantMax())
    return emitOpError("needs parameters: as !quant.uniform<...>, or the "
                       "operands scale and zero_point with quant_min and "
                       "quant_max");
  int64_t min = getQuantMinAttr().getInt(), max = getQuantMaxAttr().getInt();
  if (min >= max)
    return emitOpError() << "needs quant_min < quant_max, but has " << min
                         << " and " << max;
  if (failed(verifyRoundedRange(*this, {min, max})))
    return failure();
  int64_t count = cast<ShapedType>(getScale().getType()).getDimSize(0);
  if (cast<ShapedType>(getZeroPoint().getType()).getDimSize(0) != count)
    return emitOpError("needs as many zero points as scales");
  ArrayRef<int64_t> shape = getShape(tensor);
  if (!getAxis()) {
    if (count != 1)
      return emitOpError() << "needs an axis for " << count << " scales";
    return success();
  }
  int64_t axis = getAxisAttr().getInt();
  if (axis < 0 || axis >= static_cast<int64_t>(shape.size()))
    return emitOpError() << "is quantized along axis " << axis
                         << ", but the tensor has rank " << shape.size();
  if (shape[axis] != count)
    return emitOpError() << "has " << count << " scales, but dimension " << axis
                         << " of the tensor has " << shape[axis] << " elements";
  return success();
}

//===----------------------------------------------------------------------===//
// requantize and rescale
//===----------------------------------------------------------------------===//

static LogicalResult verifyRounding(Operation *op, RoundingAttr rounding) {
  if (isSupported(rounding.getDomain(), rounding.getDirection()))
    return success();
  return op->emitOpError()
         << "needs the rounding <f32, half_even>, <fixed, half_up> or <fixed, "
            "double_round>, but has <"
         << stringifyRoundingDomain(rounding.getDomain()) << ", "
         << stringifyRoundingDirection(rounding.getDirection()) << ">";
}

LogicalResult RequantizeOp::verify() {
  Type input = getInput().getType(), output = getOutput().getType();
  if (failed(verifyParams(*this, getElementTypeOrSelf(input), input)) ||
      failed(verifyParams(*this, getElementTypeOrSelf(output), output)) ||
      failed(verifyRounding(*this, getRounding())))
    return failure();
  if (getQuantizedAxis(getQuantizedElementType(output)))
    return emitOpError("needs a result that is quantized per tensor");
  std::optional<int64_t> axis =
      getQuantizedAxis(getQuantizedElementType(input));
  if (axis && *axis + 1 != static_cast<int64_t>(getShape(input).size()))
    return emitOpError() << "needs channels along the last axis, but has them "
                            "along axis "
                         << *axis;
  SmallVector<QuantParams> params =
      getQuantParams(getQuantizedElementType(input));
  if (!llvm::all_equal(
          llvm::map_range(params, [](QuantParams p) { return p.zeroPoint; })))
    return emitOpError("needs one zero point for all channels");
  return success();
}

/// The number of multipliers or shifts: one, or one per channel.
static LogicalResult verifyCount(RescaleOp op, StringRef name, int64_t count) {
  ArrayRef<int64_t> shape = getShape(op.getInput().getType());
  int64_t channels = shape.empty() ? 1 : shape.back();
  if (count == 1 || count == channels)
    return success();
  return op.emitOpError() << "needs one of " << name
                          << ", or one per channel of the last axis ("
                          << channels << "), but has " << count;
}

static LogicalResult verifyMultipliers(RescaleOp op) {
  auto multipliers = op.getMultipliers();
  auto fixed = op.getFixedMultipliers();
  auto shifts = op.getShifts();
  if (op.getRounding().getDomain() == RoundingDomain::F32) {
    if (!multipliers || fixed || shifts)
      return op.emitOpError("in f32 needs multipliers, and nothing else");
    for (float multiplier : *multipliers)
      if (!(multiplier > 0.0f && std::isfinite(multiplier)))
        return op.emitOpError() << "needs finite positive multipliers, but has "
                                << static_cast<double>(multiplier);
    return verifyCount(op, "multipliers", multipliers->size());
  }
  if (multipliers || !shifts)
    return op.emitOpError(
        "in fixed point needs shifts, with or without fixed_multipliers");
  if (failed(verifyCount(op, "shifts", shifts->size())))
    return failure();
  if (!fixed && op.getRounding().getDirection() != RoundingDirection::HalfUp)
    return op.emitOpError("by shifts alone needs the rounding half_up");
  QuantRange domain = fixed ? QuantRange{2, 62} : QuantRange{-28, 62};
  for (int32_t shift : *shifts)
    if (!domain.contains(shift))
      return op.emitOpError() << "needs shifts in [" << domain.min << ", "
                              << domain.max << "], but has " << shift;
  if (!fixed)
    return success();
  if (fixed->size() != shifts->size())
    return op.emitOpError("needs as many shifts as fixed_multipliers");
  for (int32_t multiplier : *fixed)
    if (multiplier < 0)
      return op.emitOpError()
             << "needs fixed_multipliers >= 0, but has " << multiplier;
  return success();
}

LogicalResult RescaleOp::verify() {
  if (failed(verifyRounding(*this, getRounding())) ||
      failed(verifyMultipliers(*this)))
    return failure();
  auto rangeOf = [](Value value) {
    return QuantRange::storage(
        /*isSigned=*/true,
        getElementTypeOrSelf(value.getType()).getIntOrFloatBitWidth());
  };
  if (!rangeOf(getInput()).contains(getInputZpAttr().getInt()))
    return emitOpError() << "has an input_zp outside of the input's type: "
                         << getInputZpAttr().getInt();
  if (!rangeOf(getOutput()).contains(getOutputZpAttr().getInt()))
    return emitOpError() << "has an output_zp outside of the result's type: "
                         << getOutputZpAttr().getInt();
  int64_t min = getMinAttr().getInt(), max = getMaxAttr().getInt();
  if (min > max)
    return emitOpError() << "needs min <= max, but has " << min << " and "
                         << max;
  if (!rangeOf(getOutput()).contains(min) ||
      !rangeOf(getOutput()).contains(max))
    return emitOpError() << "has bounds outside of the result's type: [" << min
                         << ", " << max << "]";
  return success();
}

int32_t RescaleOp::apply(int32_t value, int64_t channel) {
  auto pick = [&](auto values) {
    return values.size() == 1 ? values[0] : values[channel];
  };
  int64_t inputZp = getInputZpAttr().getInt();
  int64_t outputZp = getOutputZpAttr().getInt();
  QuantRange clamp{getMinAttr().getInt(), getMaxAttr().getInt()};
  // As Requantizer::apply, from the parameters that are already arithmetic.
  int64_t centered = static_cast<int64_t>(value) - inputZp;
  if (getMultipliers())
    return requantizeReal(centered, pick(*getMultipliers()), {}, outputZp,
                          clamp);
  int32_t operand = saturateTo<int32_t>(centered);
  RoundingDirection direction = getRounding().getDirection();
  int64_t scaled =
      getFixedMultipliers()
          ? applyFixed(operand,
                       {pick(*getFixedMultipliers()), pick(*getShifts())},
                       direction)
          : applyShift(operand, pick(*getShifts()), direction);
  return saturate(scaled + outputZp, clamp);
}

//===----------------------------------------------------------------------===//
// grouped_conv2d
//===----------------------------------------------------------------------===//

LogicalResult GroupedConv2DOp::verify() {
  auto input = cast<RankedTensorType>(getInput().getType());
  auto weight = cast<RankedTensorType>(getWeight().getType());
  auto bias = cast<RankedTensorType>(getBias().getType());
  auto output = cast<RankedTensorType>(getOutput().getType());

  bool isReal = input.getElementType().isF32();
  Type sum =
      isReal ? input.getElementType() : IntegerType::get(getContext(), 32);
  if (weight.getElementType() != input.getElementType() ||
      bias.getElementType() != sum || output.getElementType() != sum)
    return emitOpError("needs f32 throughout, or i8 input and weight with i32 "
                       "bias and result");
  if (isReal && getInputZp() != 0)
    return emitOpError("has an input_zp for real values");
  if (!QuantRange::storage(true, 8).contains(getInputZpAttr().getInt()))
    return emitOpError() << "has an input_zp outside of i8: "
                         << getInputZpAttr().getInt();

  if (getPad().size() != 4 || getStride().size() != 2 ||
      getDilation().size() != 2)
    return emitOpError("needs 4 values of pad, 2 of stride and 2 of dilation");
  auto isBelow = [](int64_t bound) {
    return [bound](int64_t value) { return value < bound; };
  };
  if (llvm::any_of(getPad(), isBelow(0)) ||
      llvm::any_of(getStride(), isBelow(1)) ||
      llvm::any_of(getDilation(), isBelow(1)))
    return emitOpError("needs pad >= 0, stride >= 1 and dilation >= 1");
  if (!input.hasStaticShape() || !weight.hasStaticShape() ||
      !bias.hasStaticShape() || !output.hasStaticShape())
    return emitOpError("needs static shapes");

  int64_t groups = getGroupsAttr().getInt();
  int64_t inChannels = input.getDimSize(3), outChannels = weight.getDimSize(0);
  if (groups < 1 || inChannels % groups || outChannels % groups)
    return emitOpError() << "can't cut " << inChannels << " input and "
                         << outChannels << " output channels into " << groups
                         << " groups";
  if (weight.getDimSize(3) != inChannels / groups)
    return emitOpError() << "needs a weight with " << inChannels / groups
                         << " input channels, but has " << weight.getDimSize(3);
  if (bias.getDimSize(0) != outChannels)
    return emitOpError() << "needs a bias of " << outChannels
                         << " elements, but has " << bias.getDimSize(0);

  SmallVector<int64_t> expected{input.getDimSize(0), 0, 0, outChannels};
  for (int i : {0, 1}) {
    int64_t reach = (weight.getDimSize(1 + i) - 1) * getDilation()[i];
    int64_t room = input.getDimSize(1 + i) - 1 + getPad()[2 * i] +
                   getPad()[2 * i + 1] - reach;
    if (room < 0 || room % getStride()[i])
      return emitOpError() << "doesn't fit exactly in dimension " << 1 + i
                           << ": " << room << " steps of stride "
                           << getStride()[i];
    expected[1 + i] = room / getStride()[i] + 1;
  }
  if (output.getShape() != ArrayRef<int64_t>(expected))
    return emitOpError() << "gives " << output.clone(expected) << ", not "
                         << output;
  return success();
}

//===----------------------------------------------------------------------===//
// Functions of rows
//===----------------------------------------------------------------------===//

/// A row is what lies along the last dimension; `perElement` has one value for
/// each of its elements.
static LogicalResult verifyRows(Operation *op, Value input, Value perElement) {
  auto type = cast<RankedTensorType>(input.getType());
  if (type.getRank() == 0 || !type.hasStaticShape())
    return op->emitOpError("needs a static shape of one dimension or more");
  if (!perElement)
    return success();
  int64_t length = type.getShape().back();
  if (cast<RankedTensorType>(perElement.getType()).getShape() !=
      ArrayRef<int64_t>{length})
    return op->emitOpError() << "needs gamma and beta of " << length
                             << " elements, but has " << perElement.getType();
  return success();
}

/// What the integer forms of row functions have in common.
static LogicalResult verifyIntegerRows(Operation *op, Value input,
                                       int64_t shift, QuantRange range) {
  auto type = cast<RankedTensorType>(input.getType());
  if (type.getShape().back() > maxRowLength)
    return op->emitOpError()
           << "has rows of " << type.getShape().back() << " elements; at most "
           << maxRowLength << " are supported";
  if (shift < 1 || shift > 62)
    return op->emitOpError() << "needs a shift of 1 to 62, but has " << shift;
  if (range.min > range.max ||
      !QuantRange::storage(/*isSigned=*/true, 8).contains(range.min) ||
      !QuantRange::storage(/*isSigned=*/true, 8).contains(range.max))
    return op->emitOpError() << "has bounds that aren't a range of i8: ["
                             << range.min << ", " << range.max << "]";
  return success();
}

LogicalResult SoftmaxOp::verify() {
  return verifyRows(*this, getInput(), Value());
}

LogicalResult LayerNormOp::verify() {
  if (failed(verifyRows(*this, getInput(), getGamma())))
    return failure();
  if (!(getEpsilon().convertToFloat() >= 0.0f) || !getEpsilon().isFinite())
    return emitOpError("needs a finite epsilon >= 0");
  return success();
}

LogicalResult IntegerSoftmaxOp::verify() {
  if (failed(verifyRows(*this, getInput(), Value())) ||
      failed(verifyIntegerRows(*this, getInput(), getShift(),
                               {getMinAttr().getInt(), getMaxAttr().getInt()})))
    return failure();
  if (cast<RankedTensorType>(getTable().getType()).getShape() !=
      ArrayRef<int64_t>{256})
    return emitOpError() << "needs a table of 256 elements, but has "
                         << getTable().getType();
  if (getNumeratorAttr().getInt() < 0)
    return emitOpError("needs a numerator >= 0");
  return success();
}

LogicalResult IntegerLayerNormOp::verify() {
  if (failed(verifyRows(*this, getInput(), getGamma())) ||
      failed(verifyIntegerRows(*this, getInput(), getShift(),
                               {getMinAttr().getInt(), getMaxAttr().getInt()})))
    return failure();
  if (getShift() > 31)
    return emitOpError() << "needs a shift below 32, but has " << getShift();
  if (int64_t places = getPlacesAttr().getInt(); places < 0 || places > 30)
    return emitOpError() << "needs 0 to 30 places, but has " << places;
  int64_t epsilon = getEpsilonAttr().getInt();
  if (epsilon < 0 || epsilon > int64_t(1) << 62)
    return emitOpError() << "needs an epsilon of 0 to 2^62, but has "
                         << epsilon;
  return success();
}

#define GET_OP_CLASSES
#include "quantc/Dialect/Quantc/IR/QuantcOps.cpp.inc"
