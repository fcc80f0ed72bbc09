// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The integer forms of quantc's own composite operations.

#include "IntegerBuilders.h"
#include "quantc/Interfaces/QuantizableOpInterface.h"
#include "quantc/Interfaces/QuantizableOps.h"

using namespace mlir;
using namespace quantc;

namespace {

/// Weight O × H × W × (C / groups): the taps of an output channel are adjacent.
struct GroupedConvModel
    : QuantizableOpInterface::ExternalModel<GroupedConvModel, GroupedConv2DOp> {
  std::optional<unsigned> getWeightOperand(Operation *) const { return 1; }
  std::optional<unsigned> getBiasOperand(Operation *) const { return 2; }

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

} // namespace

void quantc::registerQuantcQuantizableOpModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, QuantcDialect *) {
    GroupedConv2DOp::attachInterface<GroupedConvModel>(*context);
  });
}
