// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Dialect/Quantc/IR/TypeUtils.h"

using namespace mlir;
using namespace quantc;

quant::QuantizedType quantc::getQuantizedElementType(Type type) {
  Type element = getElementTypeOrSelf(type);
  if (isa<quant::UniformQuantizedType, quant::UniformQuantizedPerAxisType>(
          element))
    return cast<quant::QuantizedType>(element);
  return {};
}

SmallVector<QuantParams> quantc::getQuantParams(quant::QuantizedType type) {
  SmallVector<QuantParams> params;
  if (auto perTensor = dyn_cast_or_null<quant::UniformQuantizedType>(type))
    params.push_back({perTensor.getScale(), perTensor.getZeroPoint()});
  else if (auto perAxis =
               dyn_cast_or_null<quant::UniformQuantizedPerAxisType>(type))
    for (auto [scale, zeroPoint] :
         llvm::zip_equal(perAxis.getScales(), perAxis.getZeroPoints()))
      params.push_back({scale, zeroPoint});
  return params;
}

QuantRange quantc::getStorageRange(quant::QuantizedType type) {
  return {type.getStorageTypeMin(), type.getStorageTypeMax()};
}

std::optional<int64_t> quantc::getQuantizedAxis(quant::QuantizedType type) {
  if (auto perAxis = dyn_cast<quant::UniformQuantizedPerAxisType>(type))
    return perAxis.getQuantizedDimension();
  return std::nullopt;
}

ChannelLayout quantc::getChannelLayout(quant::QuantizedType type,
                                       ArrayRef<int64_t> shape) {
  if (std::optional<int64_t> axis = getQuantizedAxis(type))
    return ChannelLayout::of(shape, *axis);
  return {};
}

quant::QuantizedType quantc::getQuantizedType(MLIRContext *context,
                                              ArrayRef<QuantParams> params,
                                              QuantRange range, unsigned bits,
                                              std::optional<int64_t> axis) {
  auto ignore = [context]() {
    // Only the answer matters; the caller words the diagnostic.
    InFlightDiagnostic diagnostic =
        emitError(UnknownLoc::get(context), "invalid quantized type");
    diagnostic.abandon();
    return diagnostic;
  };
  Type storage = IntegerType::get(context, bits);
  Type expressed = Float32Type::get(context);
  if (!axis)
    return quant::UniformQuantizedType::getChecked(
        ignore, quant::QuantizationFlags::Signed, storage, expressed,
        params.front().scale, params.front().zeroPoint, range.min, range.max);
  SmallVector<double> scales;
  SmallVector<int64_t> zeroPoints;
  for (QuantParams p : params) {
    scales.push_back(p.scale);
    zeroPoints.push_back(p.zeroPoint);
  }
  return quant::UniformQuantizedPerAxisType::getChecked(
      ignore, quant::QuantizationFlags::Signed, storage, expressed, scales,
      zeroPoints, static_cast<int32_t>(*axis), range.min, range.max);
}

LogicalResult
quantc::verifyQuantizedType(function_ref<InFlightDiagnostic()> emitError,
                            quant::QuantizedType type,
                            ArrayRef<int64_t> shape) {
  unsigned width = type.getStorageTypeIntegralWidth();
  if (!type.isSigned() || (width != 8 && width != 16 && width != 32))
    return emitError() << "needs signed storage of 8, 16 or 32 bits, but has "
                       << type;
  if (!type.getExpressedType().isF32())
    return emitError() << "needs f32 as the expressed type, but has " << type;
  QuantRange range = getStorageRange(type);
  SmallVector<QuantParams> params = getQuantParams(type);
  for (QuantParams p : params) {
    if (!(p.scale >= std::numeric_limits<float>::min() &&
          p.scale <= std::numeric_limits<float>::max()))
      return emitError() << "has a scale that isn't a positive normal f32: "
                         << p.scale;
    if (!range.contains(p.zeroPoint))
      return emitError() << "has the zero point " << p.zeroPoint
                         << " outside of its storage range [" << range.min
                         << ", " << range.max << "]";
  }
  std::optional<int64_t> axis = getQuantizedAxis(type);
  if (!axis)
    return success();
  if (*axis < 0 || *axis >= static_cast<int64_t>(shape.size()))
    return emitError() << "is quantized along axis " << *axis
                       << ", but the tensor has rank " << shape.size();
  if (ShapedType::isStatic(shape[*axis]) &&
      shape[*axis] != static_cast<int64_t>(params.size()))
    return emitError() << "has " << params.size() << " scales, but dimension "
                       << *axis << " of the tensor has " << shape[*axis]
                       << " elements";
  return success();
}

RankedTensorType quantc::getStorageTensorType(RankedTensorType type) {
  if (quant::QuantizedType quantized = getQuantizedElementType(type))
    return type.clone(quantized.getStorageType());
  return type;
}

ObserverConfig quantc::getObserverConfig(ObserverAttr attr) {
  ObserverConfig config;
  config.kind = attr.getKind();
  config.isSigned = attr.getIsSigned();
  config.range = {attr.getQuantMin(), attr.getQuantMax()};
  config.bits = 8;
  while (config.bits < 32) {
    QuantRange storage = QuantRange::storage(config.isSigned, config.bits);
    if (storage.contains(config.range.min) &&
        storage.contains(config.range.max))
      break;
    config.bits *= 2;
  }
  config.scheme = attr.getQscheme();
  config.reduceRange = attr.getReduceRange();
  config.axis = attr.getAxis();
  config.averagingConstant = attr.getAveragingConstant().convertToDouble();
  config.bins = attr.getBins();
  return config;
}

ObserverAttr quantc::getObserverAttr(MLIRContext *context,
                                     const ObserverConfig &config) {
  return ObserverAttr::get(context, config.kind, config.isSigned,
                           config.range.min, config.range.max, config.scheme,
                           config.reduceRange, config.axis,
                           APFloat(config.averagingConstant), config.bins);
}

bool quantc::isSupported(RoundingDomain domain, RoundingDirection direction) {
  switch (domain) {
  case RoundingDomain::F32:
    return direction == RoundingDirection::HalfEven;
  case RoundingDomain::F64:
    return false;
  case RoundingDomain::Fixed:
    return direction == RoundingDirection::HalfUp ||
           direction == RoundingDirection::DoubleRound;
  }
  llvm_unreachable("unknown domain");
}

RequantizeRounding quantc::getRequantizeRounding(RoundingAttr attr) {
  RequantizeRounding rounding;
  rounding.domain = attr.getDomain();
  rounding.direction = attr.getDirection();
  return rounding;
}
