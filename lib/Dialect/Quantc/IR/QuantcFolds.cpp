// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/IR/Matchers.h"
#include "quantc/Dialect/Quantc/IR/ConstantUtils.h"
#include "quantc/Dialect/Quantc/IR/Quantc.h"
#include "quantc/Dialect/Quantc/IR/TypeUtils.h"
#include <cmath>

using namespace mlir;
using namespace quantc;

Operation *QuantcDialect::materializeConstant(OpBuilder &builder,
                                              Attribute value, Type type,
                                              Location loc) {
  auto elements = dyn_cast<ElementsAttr>(value);
  if (!elements || elements.getType() != type)
    return nullptr;
  return tosa::ConstOp::create(builder, loc, type, elements);
}

/// Calls `body` with a value of the storage type of `width` bits.
template <typename Body>
static OpFoldResult dispatchOnWidth(unsigned width, Body body) {
  switch (width) {
  case 8:
    return body(int8_t());
  case 16:
    return body(int16_t());
  default:
    return body(int32_t());
  }
}

OpFoldResult QuantizeOp::fold(FoldAdaptor adaptor) {
  quant::QuantizedType params = getQuantizedType();
  unsigned width = params.getStorageTypeIntegralWidth();
  // quantize(dequantize(q)) = q: f32 is off by less than half a step, as long
  // as |q - zp| < 2^17. (The reverse isn't the identity: quantization rounds.)
  if (auto dequantize = getInput().getDefiningOp<DequantizeOp>();
      dequantize && width <= 16 && dequantize.getQuantizedType() == params &&
      dequantize.getInput().getType() == getOutput().getType())
    return dequantize.getInput();

  auto type = cast<RankedTensorType>(getOutput().getType());
  std::optional<SmallVector<float>> values =
      readElements<float>(adaptor.getInput());
  // S8 is stated for ranges where f32 holds every integer.
  if (!values || !getParams() || width > 16)
    return {};
  QuantizeRule rule;
  rule.form = getScaling();
  rule.zeroPoint = getZeroPointPlacement();
  return dispatchOnWidth(width, [&](auto zero) -> OpFoldResult {
    using T = decltype(zero);
    SmallVector<T> storage(values->size());
    quantc::quantize<T>(*values, storage, getQuantParams(params),
                        getStorageRange(params),
                        getChannelLayout(params, type.getShape()), rule);
    StringRef name = getResourceName(adaptor.getInput());
    return Attribute(
        makeElements<T>(type, storage, name.empty() ? "constant" : name));
  });
}

OpFoldResult RequantizeOp::fold(FoldAdaptor) {
  // Not where the operand may hold more than the range of its type says: there
  // is no such value, for each operation clamps to the range of its result.
  if (getInput().getType() == getOutput().getType())
    return getInput();
  return {};
}

double GeluOp::evaluate(double x) {
  if (!getTanh())
    return x / 2 * (1 + std::erf(x / std::sqrt(2.0)));
  // √(2/π)
  double inner = 0.7978845608028654 * (x + 0.044715 * x * x * x);
  return x / 2 * (1 + std::tanh(inner));
}

OpFoldResult GeluOp::fold(FoldAdaptor adaptor) {
  auto type = cast<RankedTensorType>(getOutput().getType());
  std::optional<SmallVector<float>> values =
      readElements<float>(adaptor.getInput());
  if (!values || type.getNumElements() >= minResourceElements)
    return {};
  for (float &value : *values)
    value = static_cast<float>(evaluate(value));
  return makeElements<float>(type, *values, "gelu");
}

/// True if `op` gives every value of its operand's type back.
static bool isIdentity(RescaleOp op) {
  Type type = getElementTypeOrSelf(op.getInput().getType());
  if (op.getInput().getType() != op.getOutput().getType() ||
      op.getInputZp() != op.getOutputZp())
    return false;
  unsigned width = type.getIntOrFloatBitWidth();
  QuantRange full = QuantRange::storage(/*isSigned=*/true, width);
  if (QuantRange{op.getMinAttr().getInt(), op.getMaxAttr().getInt()} != full)
    return false;
  if (op.getMultipliers()) // f32 holds 24 bits exactly
    return width <= 16 &&
           llvm::all_of(*op.getMultipliers(), [](float m) { return m == 1; });
  // With a zero point, the difference may leave i32, where it saturates.
  if (width == 32 && op.getInputZp() != 0)
    return false;
  if (!op.getFixedMultipliers())
    return llvm::all_of(*op.getShifts(), [](int32_t s) { return s == 0; });
  return llvm::all_of(
      llvm::zip_equal(*op.getFixedMultipliers(), *op.getShifts()), [](auto ms) {
        auto [multiplier, shift] = ms;
        return shift <= 30 && multiplier == int32_t(1) << shift;
      });
}

OpFoldResult RescaleOp::fold(FoldAdaptor adaptor) {
  if (isIdentity(*this))
    return getInput();
  auto type = cast<RankedTensorType>(getOutput().getType());
  if (!adaptor.getInput() || !type.hasStaticShape())
    return {};
  auto splat = dyn_cast<SplatElementsAttr>(adaptor.getInput());
  bool perTensor =
      (getMultipliers() ? getMultipliers()->size() : getShifts()->size()) == 1;
  if (splat && perTensor) {
    int32_t value = apply(splat.getSplatValue<APInt>().getSExtValue(), 0);
    APInt result(type.getElementTypeBitWidth(), value, /*isSigned=*/true);
    return DenseElementsAttr::get(type, result);
  }
  // Larger ones would be computed on every run of the folder's caller.
  if (type.getNumElements() >= minResourceElements)
    return {};
  auto elements = dyn_cast<DenseElementsAttr>(adaptor.getInput());
  if (!elements)
    return {};
  int64_t channels = type.getRank() ? type.getShape().back() : 1;
  SmallVector<APInt> results;
  for (auto [i, value] : llvm::enumerate(elements.getValues<APInt>()))
    results.emplace_back(type.getElementTypeBitWidth(),
                         apply(value.getSExtValue(), i % channels),
                         /*isSigned=*/true);
  return DenseElementsAttr::get(type, results);
}
