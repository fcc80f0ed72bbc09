// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Between `!quant.uniform` types and quantc's attributes on one side, and the
// plain parameters of Quantization/ on the other.

#ifndef QUANTC_DIALECT_QUANTC_IR_TYPEUTILS_H
#define QUANTC_DIALECT_QUANTC_IR_TYPEUTILS_H

#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "quantc/Dialect/Quantc/IR/Quantc.h"
#include "quantc/Quantization/Observers.h"
#include "quantc/Quantization/Requantize.h"

namespace quantc {

/// Of a tensor, or of an element type itself: the uniform quantized element
/// type; null where it is something else.
mlir::quant::QuantizedType getQuantizedElementType(mlir::Type type);

/// One set of parameters (per tensor), or one per channel. Empty where `type`
/// is neither `UniformQuantizedType` nor `UniformQuantizedPerAxisType`.
llvm::SmallVector<QuantParams> getQuantParams(mlir::quant::QuantizedType type);

/// The storage values that `type` allows.
QuantRange getStorageRange(mlir::quant::QuantizedType type);

/// The channel axis of a per-axis type; none where `type` is per tensor.
std::optional<int64_t> getQuantizedAxis(mlir::quant::QuantizedType type);

/// How `shape` is cut into the channels of `type`.
ChannelLayout getChannelLayout(mlir::quant::QuantizedType type,
                               llvm::ArrayRef<int64_t> shape);

/// Signed storage of `bits` over f32: per axis if `axis` is given (one entry of
/// `params` per channel), else per tensor (one entry). Null where upstream's
/// types can't hold the scale, that is, outside of f32's normal range.
mlir::quant::QuantizedType
getQuantizedType(mlir::MLIRContext *context, llvm::ArrayRef<QuantParams> params,
                 QuantRange range, unsigned bits,
                 std::optional<int64_t> axis = std::nullopt);

/// What upstream's types leave open, for a tensor of `shape`: signed storage of
/// 8, 16 or 32 bits over f32; scales that are normal f32 numbers; zero points
/// within the storage range; as many channels as the axis is long.
llvm::LogicalResult
verifyQuantizedType(llvm::function_ref<mlir::InFlightDiagnostic()> emitError,
                    mlir::quant::QuantizedType type,
                    llvm::ArrayRef<int64_t> shape);

/// `type`, a tensor, with the storage integers instead of quantized elements.
mlir::RankedTensorType getStorageTensorType(mlir::RankedTensorType type);

/// The same observer as plain data. The storage has as few of 8, 16, 32 bits as
/// the range needs.
ObserverConfig getObserverConfig(ObserverAttr attr);
ObserverAttr getObserverAttr(mlir::MLIRContext *context,
                             const ObserverConfig &config);

/// Whether scale changes exist in this rounding: <f32, half_even>,
/// <fixed, half_up> and <fixed, double_round> do.
bool isSupported(RoundingDomain domain, RoundingDirection direction);

/// What `#quantc.rounding` stands for.
RequantizeRounding getRequantizeRounding(RoundingAttr attr);

} // namespace quantc

#endif // QUANTC_DIALECT_QUANTC_IR_TYPEUTILS_H
