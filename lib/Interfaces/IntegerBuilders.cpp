// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "IntegerBuilders.h"
#include "quantc/Dialect/Quantc/IR/ConstantUtils.h"
#include "quantc/Interfaces/QuantizableOpInterface.h"
#include "quantc/Quantization/Proofs.h"

using namespace mlir;
using namespace quantc;

quant::UniformQuantizedType quantc::getUniformType(Value value) {
  return dyn_cast<quant::UniformQuantizedType>(
      getElementTypeOrSelf(value.getType()));
}

bool quantc::areBytes(ValueRange values, std::string &reason) {
  for (Value value : values) {
    auto type = getUniformType(value);
    if (type && type.getStorageType().isInteger(8))
      continue;
    reason = "its operands aren't quantized to 8 bits";
    return false;
  }
  return true;
}

Value quantc::toStorage(OpBuilder &builder, Location loc, Value quantized) {
  if (auto cast = quantized.getDefiningOp<quant::StorageCastOp>())
    return cast.getInput();
  auto type = cast<RankedTensorType>(quantized.getType());
  return quant::StorageCastOp::create(builder, loc, getStorageTensorType(type),
                                      quantized);
}

Value quantc::toQuantized(OpBuilder &builder, Location loc, Value storage,
                          quant::QuantizedType elementType) {
  auto type = cast<RankedTensorType>(storage.getType()).clone(elementType);
  return quant::StorageCastOp::create(builder, loc, type, storage);
}

Value quantc::requantize(OpBuilder &builder, Location loc, Value quantized,
                         quant::QuantizedType elementType,
                         RoundingAttr rounding) {
  auto type = cast<RankedTensorType>(quantized.getType());
  if (type.getElementType() == elementType)
    return quantized;
  return RequantizeOp::create(builder, loc, type.clone(elementType), quantized,
                              rounding);
}

Value quantc::zeroPointConstant(OpBuilder &builder, Location loc,
                                quant::UniformQuantizedType type) {
  auto tensor = RankedTensorType::get({1}, type.getStorageType());
  APInt value(type.getStorageTypeIntegralWidth(), type.getZeroPoint(),
              /*isSigned=*/true);
  return tosa::ConstOp::create(builder, loc, tensor,
                               DenseElementsAttr::get(tensor, value));
}

quant::UniformQuantizedType
quantc::accumulatorType(MLIRContext *context, double scale, int64_t zeroPoint) {
  return cast_or_null<quant::UniformQuantizedType>(
      getQuantizedType(context, QuantParams{scale, zeroPoint},
                       QuantRange::storage(/*isSigned=*/true, 32), 32));
}

Operation *quantc::rebuild(OpBuilder &builder, Operation *op,
                           ValueRange operands, Type resultType) {
  OperationState state(op->getLoc(), op->getName(), operands, resultType,
                       op->getAttrs());
  return builder.create(state);
}

FormCosts quantc::getConvolutionCosts(Operation *op, FormCosts product) {
  Value result = op->getResult(0);
  int64_t sums = countElements(result),
          weights = countElements(op->getOperand(1)),
          channels = cast<RankedTensorType>(result.getType()).getShape().back();
  return product * (sums * (weights / channels)) + costs::sum * sums +
         costs::weight * weights;
}

FailureOr<ConvolutionParts>
quantc::getConvolutionParts(Value input, Value weight, Value bias,
                            int64_t resultRank, std::string &reason) {
  ConvolutionParts parts;
  parts.input = getUniformType(input);
  quant::QuantizedType weightType = getQuantizedElementType(weight.getType());
  if (!parts.input || !parts.input.getStorageType().isInteger(8) ||
      !weightType || !weightType.getStorageType().isInteger(8)) {
    reason = "its input and weight aren't 8-bit quantized";
    return failure();
  }
  SmallVector<QuantParams> weightParams = getQuantParams(weightType);
  if (llvm::any_of(weightParams, [](QuantParams p) { return p.zeroPoint; })) {
    reason = "its weight has a zero point other than 0";
    return failure();
  }
  auto cast = weight.getDefiningOp<quant::StorageCastOp>();
  std::optional<SmallVector<int8_t>> weights;
  if (cast)
    weights = readConstant<int8_t>(cast.getInput());
  std::optional<SmallVector<int32_t>> biases = readConstant<int32_t>(bias);
  if (!weights || !biases) {
    reason = "its weight and bias aren't constants";
    return failure();
  }
  parts.weight = std::move(*weights);
  parts.bias = std::move(*biases);

  int64_t channels = parts.bias.size();
  SmallVector<QuantParams> sums;
  for (QuantParams p : weightParams)
    sums.append(channels / weightParams.size(),
                QuantParams{parts.input.getScale() * p.scale, 0});
  bool perAxis = getQuantizedAxis(weightType).has_value();
  if (!perAxis)
    sums.resize(1);
  parts.accumulator = getQuantizedType(
      input.getContext(), sums, QuantRange::storage(true, 32), 32,
      perAxis ? std::optional(resultRank - 1) : std::nullopt);
  if (!parts.accumulator) {
    reason = "the product of its scales isn't a normal f32";
    return failure();
  }
  return parts;
}

bool quantc::accumulatorsFit(const ConvolutionParts &parts,
                             function_ref<int64_t(int64_t)> firstIndex,
                             int64_t taps, int64_t stride,
                             std::string &reason) {
  QuantRange activations = getStorageRange(parts.input);
  activations.min -= parts.input.getZeroPoint();
  activations.max -= parts.input.getZeroPoint();
  SmallVector<int8_t> row(taps);
  for (auto [channel, bias] : llvm::enumerate(parts.bias)) {
    int64_t first = firstIndex(channel);
    for (int64_t k = 0; k < taps; ++k)
      row[k] = parts.weight[first + k * stride];
    if (fitsInt32(accumulatorBounds(row, activations, bias)))
      continue;
    reason =
        "its sums may overflow 32 bits in channel " + std::to_string(channel);
    return false;
  }
  return true;
}
