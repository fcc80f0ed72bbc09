// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The integer forms of TOSA's operations: TOSA again, on storage integers.

#include "IntegerBuilders.h"
#include "mlir/Dialect/Tosa/Utils/ConversionUtils.h"
#include "quantc/Dialect/Quantc/IR/ConstantUtils.h"
#include "quantc/Interfaces/QuantizableOpInterface.h"
#include "quantc/Interfaces/QuantizableOps.h"

using namespace mlir;
using namespace quantc;

namespace {

template <typename Model, typename Op>
using ModelBase = QuantizableOpInterface::ExternalModel<Model, Op>;

/// An i32 sum, as a quantized value, brought to the type of the result.
static Value requantizeSum(OpBuilder &builder, Location loc, Value sum,
                           quant::QuantizedType sumType,
                           RankedTensorType resultType, RoundingAttr rounding) {
  Value quantized = toQuantized(builder, loc, sum, sumType);
  return requantize(builder, loc, quantized,
                    cast<quant::QuantizedType>(resultType.getElementType()),
                    rounding);
}

static RankedTensorType sumTensorType(OpBuilder &builder,
                                      RankedTensorType type) {
  return type.clone(builder.getI32Type());
}

//===----------------------------------------------------------------------===//
// Sums of products
//===----------------------------------------------------------------------===//

/// conv2d (weight OHWI) and depthwise_conv2d (weight HWCM).
template <typename Op, bool depthwise>
struct ConvModel : ModelBase<ConvModel<Op, depthwise>, Op> {
  std::optional<unsigned> getWeightOperand(Operation *) const { return 1; }
  int64_t getWeightAxis(Operation *) const { return depthwise ? 2 : 0; }
  std::optional<unsigned> getBiasOperand(Operation *) const { return 2; }
  FormCosts getFormCosts(Operation *op) const {
    return getConvolutionCosts(op, depthwise ? costs::depthwise
                                             : costs::multiplyAdd);
  }

  FailureOr<Value> buildInteger(Operation *op, OpBuilder &builder,
                                ValueRange operands,
                                RankedTensorType resultType,
                                RoundingAttr rounding,
                                std::string &reason) const {
    Location loc = op->getLoc();
    FailureOr<ConvolutionParts> parts = getConvolutionParts(
        operands[0], operands[1], operands[2], resultType.getRank(), reason);
    if (failed(parts))
      return failure();
    int64_t channels = parts->bias.size();
    int64_t taps = parts->weight.size() / channels;
    bool fit = depthwise ? accumulatorsFit(
                               *parts, [](int64_t c) { return c; }, taps,
                               /*stride=*/channels, reason)
                         : accumulatorsFit(
                               *parts, [&](int64_t c) { return c * taps; },
                               taps, /*stride=*/1, reason);
    if (!fit)
      return failure();

    auto conv = cast<Op>(op);
    Value weight = toStorage(builder, loc, operands[1]);
    Value weightZp =
        makeConstant<int8_t>(builder, loc, {1}, ArrayRef<int8_t>{0});
    Value sum = Op::create(
        builder, loc, sumTensorType(builder, resultType),
        toStorage(builder, loc, operands[0]), weight, operands[2],
        zeroPointConstant(builder, loc, parts->input), weightZp,
        conv.getPadAttr(), conv.getStrideAttr(), conv.getDilationAttr(),
        TypeAttr::get(builder.getI32Type()), conv.getLocalBoundAttr());
    return requantizeSum(builder, loc, sum, parts->accumulator, resultType,
                         rounding);
  }
};

/// Both operands are computed. Each sum has `K` products of at most 255 · 255.
struct MatMulModel : ModelBase<MatMulModel, tosa::MatMulOp> {
  SmallVector<unsigned> getActivationOperands(Operation *) const {
    return {0u, 1u};
  }
  FormCosts getFormCosts(Operation *op) const {
    int64_t sums = countElements(op->getResult(0));
    int64_t depth =
        cast<RankedTensorType>(op->getOperand(0).getType()).getDimSize(2);
    return costs::multiplyAdd * (sums * depth) + costs::sum * sums;
  }

  FailureOr<Value> buildInteger(Operation *op, OpBuilder &builder,
                                ValueRange operands,
                                RankedTensorType resultType,
                                RoundingAttr rounding,
                                std::string &reason) const {
    Location loc = op->getLoc();
    if (!areBytes(operands.take_front(2), reason))
      return failure();
    auto a = getUniformType(operands[0]), b = getUniformType(operands[1]);
    int64_t k = cast<RankedTensorType>(operands[0].getType()).getDimSize(2);
    if (k > INT32_MAX / (255 * 255)) {
      reason = "its sums may overflow 32 bits";
      return failure();
    }
    auto sumType =
        accumulatorType(op->getContext(), a.getScale() * b.getScale());
    if (!sumType) {
      reason = "the product of its scales isn't a normal f32";
      return failure();
    }
    Value sum = tosa::MatMulOp::create(
        builder, loc, sumTensorType(builder, resultType),
        toStorage(builder, loc, operands[0]),
        toStorage(builder, loc, operands[1]),
        zeroPointConstant(builder, loc, a), zeroPointConstant(builder, loc, b));
    return requantizeSum(builder, loc, sum, sumType, resultType, rounding);
  }
};

/// The sum is a depthwise convolution with ones; the division by the count is
/// part of the scale. TOSA's own integer form divides with a rounding of its
/// own (docs/Semantics.md).
struct AvgPoolModel : ModelBase<AvgPoolModel, tosa::AvgPool2dOp> {
  FormCosts getFormCosts(Operation *op) const {
    return costs::average * countElements(op->getOperand(0));
  }

  FailureOr<Value> buildInteger(Operation *op, OpBuilder &builder,
                                ValueRange operands,
                                RankedTensorType resultType,
                                RoundingAttr rounding,
                                std::string &reason) const {
    Location loc = op->getLoc();
    auto pool = cast<tosa::AvgPool2dOp>(op);
    if (!areBytes(operands.take_front(), reason))
      return failure();
    auto input = getUniformType(operands[0]);
    int64_t channels = resultType.getDimSize(3);
    int64_t count = pool.getKernel()[0] * pool.getKernel()[1];
    if (llvm::any_of(pool.getPad(), [](int64_t pad) { return pad != 0; })) {
      reason = "it averages over fewer elements at the padded rim";
      return failure();
    }
    if (count > INT32_MAX / 255) {
      reason = "its sums may overflow 32 bits";
      return failure();
    }
    auto sumType = accumulatorType(op->getContext(), input.getScale() / count);
    if (!sumType) {
      reason = "its scale divided by the count isn't a normal f32";
      return failure();
    }
    SmallVector<int8_t> ones(count * channels, 1);
    Value weight = makeConstant<int8_t>(
        builder, loc, {pool.getKernel()[0], pool.getKernel()[1], channels, 1},
        ones, "ones");
    Value bias = makeConstant<int32_t>(
        builder, loc, {channels}, SmallVector<int32_t>(channels, 0), "zeros");
    Value weightZp =
        makeConstant<int8_t>(builder, loc, {1}, ArrayRef<int8_t>{0});
    Value sum = tosa::DepthwiseConv2DOp::create(
        builder, loc, sumTensorType(builder, resultType),
        toStorage(builder, loc, operands[0]), weight, bias,
        zeroPointConstant(builder, loc, input), weightZp, pool.getPadAttr(),
        pool.getStrideAttr(), builder.getDenseI64ArrayAttr({1, 1}),
        TypeAttr::get(builder.getI32Type()), builder.getBoolAttr(false));
    return requantizeSum(builder, loc, sum, sumType, resultType, rounding);
  }
};

//===----------------------------------------------------------------------===//
// Elementwise
//===----------------------------------------------------------------------===//

/// add and sub: both sides at one i32 scale (S20).
template <typename Op> struct AddModel : ModelBase<AddModel<Op>, Op> {
  SmallVector<unsigned> getActivationOperands(Operation *) const {
    return {0u, 1u};
  }
  FormCosts getFormCosts(Operation *op) const {
    return costs::elementwise * countElements(op->getResult(0));
  }

  FailureOr<Value> buildInteger(Operation *op, OpBuilder &builder,
                                ValueRange operands,
                                RankedTensorType resultType,
                                RoundingAttr rounding,
                                std::string &reason) const {
    Location loc = op->getLoc();
    SmallVector<AddOperand, 2> sides;
    for (Value operand : operands)
      sides.push_back({getQuantParams(getUniformType(operand)).front(),
                       getStorageRange(getUniformType(operand))});
    auto result =
        cast<quant::UniformQuantizedType>(resultType.getElementType());
    llvm::Expected<AddAlignment> alignment =
        alignScales(sides, result.getScale());
    if (!alignment) {
      reason = "it can't be aligned: " + toString(alignment.takeError());
      return failure();
    }
    auto sumType = accumulatorType(op->getContext(), alignment->commonScale);
    if (!sumType) {
      reason = "the common scale of its operands isn't a normal f32";
      return failure();
    }
    SmallVector<Value, 2> aligned;
    for (Value operand : operands)
      aligned.push_back(toStorage(
          builder, loc, requantize(builder, loc, operand, sumType, rounding)));
    Value sum = Op::create(builder, loc, sumTensorType(builder, resultType),
                           aligned[0], aligned[1]);
    return requantizeSum(builder, loc, sum, sumType, resultType, rounding);
  }
};

/// The zero points are taken away exactly, the products stay below 2^17.
struct MulModel : ModelBase<MulModel, tosa::MulOp> {
  SmallVector<unsigned> getActivationOperands(Operation *) const {
    return {0u, 1u};
  }
  FormCosts getFormCosts(Operation *op) const {
    return costs::elementwise * countElements(op->getResult(0));
  }

  FailureOr<Value> buildInteger(Operation *op, OpBuilder &builder,
                                ValueRange operands,
                                RankedTensorType resultType,
                                RoundingAttr rounding,
                                std::string &reason) const {
    Location loc = op->getLoc();
    if (!areBytes(operands.take_front(2), reason))
      return failure();
    double scale = 1.0;
    SmallVector<Value, 2> centered;
    for (Value operand : operands.take_front(2)) {
      auto type = getUniformType(operand);
      scale *= type.getScale();
      Value wide = requantize(
          builder, loc, operand,
          accumulatorType(op->getContext(), type.getScale()), rounding);
      centered.push_back(toStorage(builder, loc, wide));
    }
    auto productType = accumulatorType(op->getContext(), scale);
    if (!productType) {
      reason = "the product of its scales isn't a normal f32";
      return failure();
    }
    Value product =
        tosa::MulOp::create(builder, loc, sumTensorType(builder, resultType),
                            centered[0], centered[1], operands[2]);
    return requantizeSum(builder, loc, product, productType, resultType,
                         rounding);
  }
};

/// The sum of n storage integers has n times the zero point.
struct ReduceSumModel : ModelBase<ReduceSumModel, tosa::ReduceSumOp> {
  FormCosts getFormCosts(Operation *op) const {
    return costs::average * countElements(op->getOperand(0));
  }

  FailureOr<Value> buildInteger(Operation *op, OpBuilder &builder,
                                ValueRange operands,
                                RankedTensorType resultType,
                                RoundingAttr rounding,
                                std::string &reason) const {
    Location loc = op->getLoc();
    auto reduce = cast<tosa::ReduceSumOp>(op);
    if (!areBytes(operands, reason))
      return failure();
    auto input = getUniformType(operands[0]);
    auto inputType = cast<RankedTensorType>(operands[0].getType());
    int64_t count = inputType.getDimSize(reduce.getAxis());
    if (count > INT32_MAX / 255) {
      reason = "its sums may overflow 32 bits";
      return failure();
    }
    Value wide =
        tosa::CastOp::create(builder, loc, sumTensorType(builder, inputType),
                             toStorage(builder, loc, operands[0]));
    Value sum = tosa::ReduceSumOp::create(builder, loc,
                                          sumTensorType(builder, resultType),
                                          wide, reduce.getAxisAttr());
    return requantizeSum(builder, loc, sum,
                         accumulatorType(op->getContext(), input.getScale(),
                                         count * input.getZeroPoint()),
                         resultType, rounding);
  }
};

//===----------------------------------------------------------------------===//
// Operations that keep the scale
//===----------------------------------------------------------------------===//

/// The same operation on the storage of its first operand.
template <typename Op> struct MoveModel : ModelBase<MoveModel<Op>, Op> {
  bool sharesScale(Operation *) const { return true; }
  FormCosts getFormCosts(Operation *op) const {
    if constexpr (std::is_same_v<Op, tosa::ReshapeOp>)
      return {0, 0}; // the same bytes
    if constexpr (std::is_same_v<Op, tosa::MaxPool2dOp>)
      return costs::maximum *
             (countElements(op->getResult(0)) * cast<Op>(op).getKernel()[0] *
              cast<Op>(op).getKernel()[1]);
    if constexpr (std::is_same_v<Op, tosa::ReduceMaxOp> ||
                  std::is_same_v<Op, tosa::ReduceMinOp>)
      return costs::maximum * countElements(op->getOperand(0));
    return getMovingCosts(op->getResult(0));
  }

  FailureOr<Value> buildInteger(Operation *op, OpBuilder &builder,
                                ValueRange operands,
                                RankedTensorType resultType, RoundingAttr,
                                std::string &) const {
    SmallVector<Value> storage(operands);
    storage[0] = toStorage(builder, op->getLoc(), operands[0]);
    Operation *moved =
        rebuild(builder, op, storage, getStorageTensorType(resultType));
    return toQuantized(builder, op->getLoc(), moved->getResult(0),
                       cast<quant::QuantizedType>(resultType.getElementType()));
  }
};

/// The nearest elements keep their scale. TOSA's interpolation gives sums at
/// 1 / (scale_y_n · scale_x_n) of it, at most 2^22 times an element (S35).
struct ResizeModel : ModelBase<ResizeModel, tosa::ResizeOp> {
  bool sharesScale(Operation *op) const {
    return cast<tosa::ResizeOp>(op).getMode() ==
           tosa::ResizeMode::NEAREST_NEIGHBOR;
  }

  FailureOr<Value> buildInteger(Operation *op, OpBuilder &builder,
                                ValueRange operands,
                                RankedTensorType resultType,
                                RoundingAttr rounding,
                                std::string &reason) const {
    Location loc = op->getLoc();
    SmallVector<Value> storage(operands);
    storage[0] = toStorage(builder, loc, operands[0]);
    if (sharesScale(op)) {
      Operation *moved =
          rebuild(builder, op, storage, getStorageTensorType(resultType));
      return toQuantized(
          builder, loc, moved->getResult(0),
          cast<quant::QuantizedType>(resultType.getElementType()));
    }
    SmallVector<int64_t> scale;
    if (!areBytes(operands.take_front(), reason))
      return failure();
    if (!tosa::getConstShapeValues(operands[1].getDefiningOp(), scale) ||
        scale[0] * scale[2] > 1 << 22) {
      reason = "its sums may overflow 32 bits";
      return failure();
    }
    auto input = getUniformType(operands[0]);
    int64_t unit = scale[0] * scale[2];
    auto sumType = accumulatorType(op->getContext(), input.getScale() / unit,
                                   unit * input.getZeroPoint());
    if (!sumType) {
      reason = "the scale of its sums isn't a normal f32";
      return failure();
    }
    Operation *sum =
        rebuild(builder, op, storage, sumTensorType(builder, resultType));
    return requantizeSum(builder, loc, sum->getResult(0), sumType, resultType,
                         rounding);
  }
};

struct PadModel : ModelBase<PadModel, tosa::PadOp> {
  bool sharesScale(Operation *) const { return true; }

  FailureOr<Value> buildInteger(Operation *op, OpBuilder &builder,
                                ValueRange operands,
                                RankedTensorType resultType, RoundingAttr,
                                std::string &reason) const {
    Location loc = op->getLoc();
    auto type = cast<quant::UniformQuantizedType>(resultType.getElementType());
    std::optional<SmallVector<float>> value = readConstant<float>(operands[2]);
    if (!value) {
      reason = "the value it pads with isn't a constant";
      return failure();
    }
    int64_t padding = quantizeValue(
        value->front(), getQuantParams(type).front(), getStorageRange(type));
    auto scalar = RankedTensorType::get({1}, type.getStorageType());
    Value constant = tosa::ConstOp::create(
        builder, loc, scalar,
        DenseElementsAttr::get(scalar, APInt(type.getStorageTypeIntegralWidth(),
                                             padding, /*isSigned=*/true)));
    Value padded = tosa::PadOp::create(
        builder, loc, getStorageTensorType(resultType),
        toStorage(builder, loc, operands[0]), operands[1], constant);
    return toQuantized(builder, loc, padded, type);
  }
};

struct ConcatModel : ModelBase<ConcatModel, tosa::ConcatOp> {
  SmallVector<unsigned> getActivationOperands(Operation *op) const {
    return llvm::to_vector(llvm::seq<unsigned>(0, op->getNumOperands()));
  }
  bool sharesScale(Operation *) const { return true; }
  bool setsRange(Operation *) const { return true; }

  FailureOr<Value> buildInteger(Operation *op, OpBuilder &builder,
                                ValueRange operands,
                                RankedTensorType resultType, RoundingAttr,
                                std::string &) const {
    SmallVector<Value> storage;
    for (Value operand : operands)
      storage.push_back(toStorage(builder, op->getLoc(), operand));
    Operation *concat =
        rebuild(builder, op, storage, getStorageTensorType(resultType));
    return toQuantized(builder, op->getLoc(), concat->getResult(0),
                       cast<quant::QuantizedType>(resultType.getElementType()));
  }
};

/// Quantization is monotone: the bounds may be quantized instead of the values.
struct ClampModel : ModelBase<ClampModel, tosa::ClampOp> {
  bool sharesScale(Operation *) const { return true; }
  bool setsRange(Operation *) const { return true; }

  FailureOr<Value> buildInteger(Operation *op, OpBuilder &builder,
                                ValueRange operands,
                                RankedTensorType resultType, RoundingAttr,
                                std::string &reason) const {
    Location loc = op->getLoc();
    auto clamp = cast<tosa::ClampOp>(op);
    auto min = dyn_cast<FloatAttr>(clamp.getMinVal());
    auto max = dyn_cast<FloatAttr>(clamp.getMaxVal());
    auto type = cast<quant::UniformQuantizedType>(resultType.getElementType());
    if (!min || !max) {
      reason = "its bounds aren't real numbers";
      return failure();
    }
    QuantRange range = getStorageRange(type);
    QuantParams params = getQuantParams(type).front();
    auto bound = [&](FloatAttr value) {
      return quantizeValue(value.getValue().convertToFloat(), params, range);
    };
    QuantRange cut{bound(min), bound(max)};
    if (cut == range)
      return operands[0];
    auto integer = [&](int64_t value) {
      return builder.getIntegerAttr(type.getStorageType(), value);
    };
    Value clamped = tosa::ClampOp::create(
        builder, loc, getStorageTensorType(resultType),
        toStorage(builder, loc, operands[0]), integer(cut.min),
        integer(cut.max), clamp.getNanModeAttr());
    return toQuantized(builder, loc, clamped, type);
  }
};

} // namespace

void quantc::registerTosaQuantizableOpModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, tosa::TosaDialect *) {
    tosa::Conv2DOp::attachInterface<ConvModel<tosa::Conv2DOp, false>>(*context);
    tosa::DepthwiseConv2DOp::attachInterface<
        ConvModel<tosa::DepthwiseConv2DOp, true>>(*context);
    tosa::MatMulOp::attachInterface<MatMulModel>(*context);
    tosa::AvgPool2dOp::attachInterface<AvgPoolModel>(*context);
    tosa::AddOp::attachInterface<AddModel<tosa::AddOp>>(*context);
    tosa::SubOp::attachInterface<AddModel<tosa::SubOp>>(*context);
    tosa::MulOp::attachInterface<MulModel>(*context);
    tosa::ReduceSumOp::attachInterface<ReduceSumModel>(*context);
    tosa::MaxPool2dOp::attachInterface<MoveModel<tosa::MaxPool2dOp>>(*context);
    tosa::ReshapeOp::attachInterface<MoveModel<tosa::ReshapeOp>>(*context);
    tosa::TransposeOp::attachInterface<MoveModel<tosa::TransposeOp>>(*context);
    tosa::SliceOp::attachInterface<MoveModel<tosa::SliceOp>>(*context);
    tosa::ReverseOp::attachInterface<MoveModel<tosa::ReverseOp>>(*context);
    tosa::TileOp::attachInterface<MoveModel<tosa::TileOp>>(*context);
    tosa::ReduceMaxOp::attachInterface<MoveModel<tosa::ReduceMaxOp>>(*context);
    tosa::ReduceMinOp::attachInterface<MoveModel<tosa::ReduceMinOp>>(*context);
    tosa::ResizeOp::attachInterface<ResizeModel>(*context);
    tosa::PadOp::attachInterface<PadModel>(*context);
    tosa::ConcatOp::attachInterface<ConcatModel>(*context);
    tosa::ClampOp::attachInterface<ClampModel>(*context);
  });
}
