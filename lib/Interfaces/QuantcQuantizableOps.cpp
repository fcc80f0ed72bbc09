// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The integer forms of quantc's own composite operations.

#include "IntegerBuilders.h"
#include "quantc/Dialect/Quantc/IR/ConstantUtils.h"
#include "quantc/Interfaces/QuantizableOpInterface.h"
#include "quantc/Interfaces/QuantizableOps.h"
#include "quantc/Quantization/RowFunctions.h"

using namespace mlir;
using namespace quantc;

namespace {

/// Weight O × H × W × (C / groups): the taps of an output channel are adjacent.
struct GroupedConvModel
    : QuantizableOpInterface::ExternalModel<GroupedConvModel, GroupedConv2DOp> {
  std::optional<unsigned> getWeightOperand(Operation *) const { return 1; }
  std::optional<unsigned> getBiasOperand(Operation *) const { return 2; }
  FormCosts getFormCosts(Operation *op) const {
    return getConvolutionCosts(op, costs::multiplyAdd);
  }

  FailureOr<Value> buildInteger(Operation *op, OpBuilder &builder,
                                ValueRange operands,
                                RankedTensorType resultType,
                                RoundingAttr rounding,
                                std::string &reason) const {
    Location loc = op->getLoc();
    auto conv = cast<GroupedConv2DOp>(op);
    FailureOr<ConvolutionParts> parts = getConvolutionParts(
        operands[0], operands[1], operands[2], resultType.getRank(), reason);
    if (failed(parts))
      return failure();
    int64_t taps = parts->weight.size() / parts->bias.size();
    if (!accumulatorsFit(
            *parts, [&](int64_t c) { return c * taps; }, taps, /*stride=*/1,
            reason))
      return failure();
    Value sum = GroupedConv2DOp::create(
        builder, loc, resultType.clone(builder.getI32Type()),
        toStorage(builder, loc, operands[0]),
        toStorage(builder, loc, operands[1]), operands[2], conv.getPadAttr(),
        conv.getStrideAttr(), conv.getDilationAttr(), conv.getGroupsAttr(),
        builder.getI32IntegerAttr(parts->input.getZeroPoint()));
    Value quantized = toQuantized(builder, loc, sum, parts->accumulator);
    return requantize(builder, loc, quantized,
                      cast<quant::QuantizedType>(resultType.getElementType()),
                      rounding);
  }
};

/// `values` along the rows, as i32.
static Value alongRow(OpBuilder &builder, Location loc,
                      ArrayRef<int32_t> values, const Twine &name) {
  return makeConstant<int32_t>(
      builder, loc, {static_cast<int64_t>(values.size())}, values, name.str());
}

/// What softmax and layer normalization give, as a quantized value.
static Value asResult(OpBuilder &builder, Location loc, Value storage,
                      RankedTensorType resultType) {
  return toQuantized(builder, loc, storage,
                     cast<quant::QuantizedType>(resultType.getElementType()));
}

/// Whether operand and result are quantized to 8 bits, signed, per tensor.
static bool hasByteRows(Value input, RankedTensorType resultType,
                        std::string &reason) {
  if (!areBytes(input, reason))
    return false;
  auto result =
      dyn_cast<quant::UniformQuantizedType>(resultType.getElementType());
  if (result && result.isSigned() && result.getStorageType().isInteger(8))
    return true;
  reason = "its result isn't quantized to 8 bits";
  return false;
}

/// S33, directly to the parameters of the result.
struct SoftmaxModel
    : QuantizableOpInterface::ExternalModel<SoftmaxModel, SoftmaxOp> {
  FormCosts getFormCosts(Operation *op) const {
    return costs::softmax * countElements(op->getResult(0));
  }

  FailureOr<Value> buildInteger(Operation *op, OpBuilder &builder,
                                ValueRange operands,
                                RankedTensorType resultType, RoundingAttr,
                                std::string &reason) const {
    Location loc = op->getLoc();
    if (!hasByteRows(operands[0], resultType, reason))
      return failure();
    auto to = cast<quant::UniformQuantizedType>(resultType.getElementType());
    llvm::Expected<IntegerSoftmax> softmax = IntegerSoftmax::create(
        getUniformType(operands[0]).getScale(), getQuantParams(to).front(),
        getStorageRange(to), resultType.getShape().back());
    if (!softmax) {
      reason = "it has no integer form: " + toString(softmax.takeError());
      return failure();
    }
    Value result = IntegerSoftmaxOp::create(
        builder, loc, getStorageTensorType(resultType),
        toStorage(builder, loc, operands[0]),
        alongRow(builder, loc, softmax->table, "exponentials"),
        builder.getI64IntegerAttr(softmax->numerator),
        builder.getI32IntegerAttr(softmax->shift),
        builder.getI32IntegerAttr(softmax->zeroPoint),
        builder.getI32IntegerAttr(softmax->range.min),
        builder.getI32IntegerAttr(softmax->range.max));
    return asResult(builder, loc, result, resultType);
  }
};

/// S34; gamma and beta are constants.
struct LayerNormModel
    : QuantizableOpInterface::ExternalModel<LayerNormModel, LayerNormOp> {
  FormCosts getFormCosts(Operation *op) const {
    return costs::layerNorm * countElements(op->getResult(0));
  }

  FailureOr<Value> buildInteger(Operation *op, OpBuilder &builder,
                                ValueRange operands,
                                RankedTensorType resultType, RoundingAttr,
                                std::string &reason) const {
    Location loc = op->getLoc();
    if (!hasByteRows(operands[0], resultType, reason))
      return failure();
    std::optional<SmallVector<float>> gamma = readConstant<float>(operands[1]),
                                      beta = readConstant<float>(operands[2]);
    if (!gamma || !beta) {
      reason = "its scale and bias aren't constants";
      return failure();
    }
    auto to = cast<quant::UniformQuantizedType>(resultType.getElementType());
    llvm::Expected<IntegerLayerNorm> norm = IntegerLayerNorm::create(
        getUniformType(operands[0]).getScale(), *gamma, *beta,
        cast<LayerNormOp>(op).getEpsilon().convertToFloat(),
        getQuantParams(to).front(), getStorageRange(to));
    if (!norm) {
      reason = "it has no integer form: " + toString(norm.takeError());
      return failure();
    }
    Value result = IntegerLayerNormOp::create(
        builder, loc, getStorageTensorType(resultType),
        toStorage(builder, loc, operands[0]),
        alongRow(builder, loc, norm->gamma, "gamma"),
        alongRow(builder, loc, norm->beta, "beta"),
        builder.getI64IntegerAttr(norm->epsilon),
        builder.getI32IntegerAttr(norm->places),
        builder.getI32IntegerAttr(norm->shift),
        builder.getI32IntegerAttr(norm->range.min),
        builder.getI32IntegerAttr(norm->range.max));
    return asResult(builder, loc, result, resultType);
  }
};

} // namespace

void quantc::registerQuantcQuantizableOpModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, QuantcDialect *) {
    GroupedConv2DOp::attachInterface<GroupedConvModel>(*context);
    SoftmaxOp::attachInterface<SoftmaxModel>(*context);
    LayerNormOp::attachInterface<LayerNormModel>(*context);
  });
}
