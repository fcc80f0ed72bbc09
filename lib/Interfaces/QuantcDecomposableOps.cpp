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

/// Builds TOSA's elementwise operations and reductions on f32.
struct FloatOps {
  ImplicitLocOpBuilder &b;

  /// `value` for tensors of `rank`.
  Value splat(float value, int64_t rank) {
    return makeConstant<float>(b, b.getLoc(), SmallVector<int64_t>(rank, 1),
                               ArrayRef<float>{value});
  }
  /// A vector along the last of `rank` dimensions.
  Value alongLast(Value vector, int64_t rank) {
    auto type = cast<RankedTensorType>(vector.getType());
    SmallVector<int64_t> shape(rank, 1);
    shape.back() = type.getDimSize(0);
    return tosa::ReshapeOp::create(b, type.clone(shape), vector,
                                   tosa::getTosaConstShape(b, shape));
  }
  template <typename Op> Value unary(Value x) {
    return Op::create(b, x.getType(), x);
  }
  template <typename Op> Value reduce(Value x) {
    auto type = cast<RankedTensorType>(x.getType());
    SmallVector<int64_t> shape(type.getShape());
    shape.back() = 1;
    return Op::create(b, type.clone(shape), x, shape.size() - 1);
  }
  /// The type is that of `a`.
  template <typename Op> Value binary(Value a, Value c) {
    return Op::create(b, a.getType(), a, c);
  }
  Value mul(Value a, Value c) {
    Value noShift =
        makeConstant<int8_t>(b, b.getLoc(), {1}, ArrayRef<int8_t>{0});
    return tosa::MulOp::create(b, a.getType(), a, c, noShift);
  }
};

struct SoftmaxModel
    : DecomposableOpInterface::ExternalModel<SoftmaxModel, SoftmaxOp> {
  FailureOr<SmallVector<Value>> decomposeToTosa(Operation *op,
                                                OpBuilder &opBuilder) const {
    ImplicitLocOpBuilder builder(op->getLoc(), opBuilder);
    FloatOps b{builder};
    Value x = cast<SoftmaxOp>(op).getInput();
    Value max = b.reduce<tosa::ReduceMaxOp>(x);
    Value exp = b.unary<tosa::ExpOp>(b.binary<tosa::SubOp>(x, max));
    Value sum = b.reduce<tosa::ReduceSumOp>(exp);
    return SmallVector<Value>{b.mul(exp, b.unary<tosa::ReciprocalOp>(sum))};
  }
};

struct LayerNormModel
    : DecomposableOpInterface::ExternalModel<LayerNormModel, LayerNormOp> {
  FailureOr<SmallVector<Value>> decomposeToTosa(Operation *op,
                                                OpBuilder &opBuilder) const {
    ImplicitLocOpBuilder builder(op->getLoc(), opBuilder);
    FloatOps b{builder};
    auto norm = cast<LayerNormOp>(op);
    auto type = cast<RankedTensorType>(norm.getInput().getType());
    int64_t rank = type.getRank();
    Value inverse = b.splat(1.0f / type.getShape().back(), rank);
    auto mean = [&](Value x) {
      return b.mul(b.reduce<tosa::ReduceSumOp>(x), inverse);
    };
    Value x = norm.getInput();
    Value deviation = b.binary<tosa::SubOp>(x, mean(x));
    Value variance = mean(b.mul(deviation, deviation));
    Value epsilon = b.splat(norm.getEpsilon().convertToFloat(), rank);
    Value scale =
        b.unary<tosa::RsqrtOp>(b.binary<tosa::AddOp>(variance, epsilon));
    Value y =
        b.mul(b.mul(deviation, scale), b.alongLast(norm.getGamma(), rank));
    return SmallVector<Value>{
        b.binary<tosa::AddOp>(y, b.alongLast(norm.getBeta(), rank))};
  }
};

struct GeluModel : DecomposableOpInterface::ExternalModel<GeluModel, GeluOp> {
  FailureOr<SmallVector<Value>> decomposeToTosa(Operation *op,
                                                OpBuilder &opBuilder) const {
    ImplicitLocOpBuilder builder(op->getLoc(), opBuilder);
    FloatOps b{builder};
    auto gelu = cast<GeluOp>(op);
    Value x = gelu.getInput();
    int64_t rank = cast<RankedTensorType>(x.getType()).getRank();
    if (!gelu.getTanh()) {
      Value erf = b.unary<tosa::ErfOp>(b.mul(x, b.splat(0.70710678f, rank)));
      Value half = b.mul(x, b.splat(0.5f, rank));
      return SmallVector<Value>{
          b.mul(b.binary<tosa::AddOp>(erf, b.splat(1.0f, rank)), half)};
    }
    // x · sigmoid(x · (2√(2/π) + 2√(2/π) · 0.044715 · x²))
    Value factor = b.mul(b.mul(x, x), b.splat(0.07135481283f, rank));
    factor = b.binary<tosa::AddOp>(factor, b.splat(1.595769122f, rank));
    return SmallVector<Value>{
        b.mul(b.unary<tosa::SigmoidOp>(b.mul(x, factor)), x)};
  }
};

} // namespace

void quantc::registerQuantcDecomposableOpModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, QuantcDialect *) {
    GroupedConv2DOp::attachInterface<GroupedConvModel>(*context);
    SoftmaxOp::attachInterface<SoftmaxModel>(*context);
    LayerNormOp::attachInterface<LayerNormModel>(*context);
    GeluOp::attachInterface<GeluModel>(*context);
  });
}
