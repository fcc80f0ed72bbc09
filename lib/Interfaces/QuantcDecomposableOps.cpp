// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What quantc's composites are made of in TOSA.

#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Dialect/Tosa/Utils/ConversionUtils.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Matchers.h"
#include "quantc/Dialect/Quantc/IR/ConstantUtils.h"
#include "quantc/Dialect/Quantc/IR/Quantc.h"
#include "quantc/Interfaces/DecomposableOpInterface.h"

using namespace mlir;
using namespace quantc;

#include "quantc/Interfaces/DecomposableOpInterface.cpp.inc"

/// `size` elements along `axis` from `start` on. Constants are cut at compile
/// time along their first axis, where parts are contiguous.
static Value slice(ImplicitLocOpBuilder &builder, Value value, int64_t axis,
                   int64_t start, int64_t size) {
  auto type = cast<RankedTensorType>(value.getType());
  SmallVector<int64_t> starts(type.getRank(), 0), sizes(type.getShape());
  starts[axis] = start;
  sizes[axis] = size;
  int64_t inner = type.getNumElements() / type.getDimSize(0);
  Attribute attr;
  matchPattern(value, m_Constant(&attr));
  auto cut = [&](auto zero) -> Value {
    using T = decltype(zero);
    std::optional<SmallVector<T>> all = readElements<T>(attr);
    if (!all || axis != 0)
      return {};
    StringRef name = getResourceName(attr);
    return makeConstant<T>(builder, value.getLoc(), sizes,
                           ArrayRef<T>(*all).slice(start * inner, size * inner),
                           name.empty() ? "group" : name);
  };
  if (Value constant = cut(0.0f))
    return constant;
  if (Value constant = cut(int8_t(0)))
    return constant;
  if (Value constant = cut(int32_t(0)))
    return constant;
  return tosa::SliceOp::create(builder, type.clone(sizes), value,
                               tosa::getTosaConstShape(builder, starts),
                               tosa::getTosaConstShape(builder, sizes));
}

namespace {

/// Slices of the channels, one tosa.conv2d for each group, a concat.
struct GroupedConvModel
    : DecomposableOpInterface::ExternalModel<GroupedConvModel,
                                             GroupedConv2DOp> {
  FailureOr<SmallVector<Value>> decomposeToTosa(Operation *op,
                                                OpBuilder &opBuilder) const {
    ImplicitLocOpBuilder builder(op->getLoc(), opBuilder);
    auto conv = cast<GroupedConv2DOp>(op);
    auto resultType = cast<RankedTensorType>(conv.getOutput().getType());
    auto inputType = cast<RankedTensorType>(conv.getInput().getType());
    int64_t groups = conv.getGroups();
    int64_t inputs = inputType.getDimSize(3) / groups;
    int64_t outputs = resultType.getDimSize(3) / groups;
    bool isFloat = inputType.getElementType().isF32();
    auto zeroPoint = [&](int64_t value) -> Value {
      if (isFloat)
        return makeConstant<float>(builder, builder.getLoc(), {1}, {0.0f});
      return makeConstant<int8_t>(builder, builder.getLoc(), {1},
                                  {static_cast<int8_t>(value)});
    };
    Value inputZp = zeroPoint(conv.getInputZp()), weightZp = zeroPoint(0);

    SmallVector<int64_t> shape(resultType.getShape());
    shape[3] = outputs;
    SmallVector<Value> parts;
    for (int64_t g = 0; g < groups; ++g) {
      Value input = slice(builder, conv.getInput(), 3, g * inputs, inputs);
      Value weight = slice(builder, conv.getWeight(), 0, g * outputs, outputs);
      Value bias = slice(builder, conv.getBias(), 0, g * outputs, outputs);
      parts.push_back(tosa::Conv2DOp::create(
          builder, resultType.clone(shape), input, weight, bias, inputZp,
          weightZp, conv.getPadAttr(), conv.getStrideAttr(),
          conv.getDilationAttr(), TypeAttr::get(resultType.getElementType())));
    }
    return SmallVector<Value>{
        tosa::ConcatOp::create(builder, resultType, parts, /*axis=*/3)};
  }
};

} // namespace

void quantc::registerQuantcDecomposableOpModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, QuantcDialect *) {
    GroupedConv2DOp::attachInterface<GroupedConvModel>(*context);
  });
}
