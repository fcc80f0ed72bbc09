// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the integer forms of operations are made of.

#ifndef QUANTC_LIB_INTERFACES_INTEGERBUILDERS_H
#define QUANTC_LIB_INTERFACES_INTEGERBUILDERS_H

#include "quantc/Dialect/Quantc/IR/Quantc.h"
#include "quantc/Dialect/Quantc/IR/TypeUtils.h"
#include "quantc/Interfaces/FormCosts.h"

namespace quantc {

/// The per-tensor quantized element type of `value`; null where it has none.
mlir::quant::UniformQuantizedType getUniformType(mlir::Value value);

/// Whether all are quantized per tensor, to 8 bits; else says so in `reason`.
bool areBytes(mlir::ValueRange values, std::string &reason);

/// The storage integers of a quantized value, and the way back.
mlir::Value toStorage(mlir::OpBuilder &builder, mlir::Location loc,
                      mlir::Value quantized);
mlir::Value toQuantized(mlir::OpBuilder &builder, mlir::Location loc,
                        mlir::Value storage,
                        mlir::quant::QuantizedType elementType);

/// `quantized` with the parameters of `elementType`; itself where it has them.
mlir::Value requantize(mlir::OpBuilder &builder, mlir::Location loc,
                       mlir::Value quantized,
                       mlir::quant::QuantizedType elementType,
                       RoundingAttr rounding);

/// The zero point as TOSA wants it: a constant of shape 1 and the storage's
/// type. `type` is per tensor.
mlir::Value zeroPointConstant(mlir::OpBuilder &builder, mlir::Location loc,
                              mlir::quant::UniformQuantizedType type);

/// An i32 type, zero point 0 unless given, with the scale of a product or sum.
/// Null where the scale can't be held.
mlir::quant::UniformQuantizedType accumulatorType(mlir::MLIRContext *context,
                                                  double scale,
                                                  int64_t zeroPoint = 0);

/// Another operation of the same kind and attributes, at its location.
mlir::Operation *rebuild(mlir::OpBuilder &builder, mlir::Operation *op,
                         mlir::ValueRange operands, mlir::Type resultType);

/// What a convolution costs whose output channels are the result's last
/// dimension, and its weight operand 1; `product` is a multiply-add's.
FormCosts getConvolutionCosts(mlir::Operation *op, FormCosts product);

/// What the integer forms of convolutions have in common.
struct ConvolutionParts {
  mlir::quant::UniformQuantizedType input;
  llvm::SmallVector<int8_t> weight;
  llvm::SmallVector<int32_t> bias;
  /// Of the i32 sums: per tensor, or along the result's last axis.
  mlir::quant::QuantizedType accumulator;
};

/// Takes apart the operands (input and weight quantized, bias i32) of a
/// convolution with `resultRank` dimensions. Output channel c has the weight
/// scale c / (channels / scales). Failure with `reason` where they aren't what
/// integer convolutions are made of.
mlir::FailureOr<ConvolutionParts>
getConvolutionParts(mlir::Value input, mlir::Value weight, mlir::Value bias,
                    int64_t resultRank, std::string &reason);

/// True if no sum of output channel c, whose `taps` weights are
/// weight[firstIndex(c) + k · stride], leaves i32 (Proofs.h).
bool accumulatorsFit(const ConvolutionParts &parts,
                     llvm::function_ref<int64_t(int64_t)> firstIndex,
                     int64_t taps, int64_t stride, std::string &reason);

} // namespace quantc

#endif // QUANTC_LIB_INTERFACES_INTEGERBUILDERS_H
