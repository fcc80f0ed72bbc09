// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The arithmetic of quantc/Quantization/RowFunctions.h as operations (S33,
// S34): the same for the reference's loops, on scalars, and for the kernels, on
// vectors.

#ifndef QUANTC_CONVERSION_ROWARITHMETIC_H
#define QUANTC_CONVERSION_ROWARITHMETIC_H

#include "quantc/Dialect/Quantc/IR/Quantc.h"

namespace quantc {

/// i64: what the exponentials of a row are multiplied by; `sum` is an i64.
mlir::Value buildSoftmaxReciprocal(mlir::OpBuilder &builder, mlir::Location loc,
                                   IntegerSoftmaxOp op, mlir::Value sum);

/// i8 results of entries of the table (i32). `reciprocal` has as many i64.
mlir::Value buildSoftmaxResult(mlir::OpBuilder &builder, mlir::Location loc,
                               IntegerSoftmaxOp op, mlir::Value exponential,
                               mlir::Value reciprocal);

/// RowFactors as i32 values.
struct RowFactorValues {
  mlir::Value sum, narrow, half, factor, shift, round;
};

/// From the row's sum and its sum of squares, i32 each.
RowFactorValues buildRowFactors(mlir::OpBuilder &builder, mlir::Location loc,
                                IntegerLayerNormOp op, mlir::Value sum,
                                mlir::Value squares);

/// i8 results of elements (i32); the others have as many i32.
mlir::Value buildLayerNormResult(mlir::OpBuilder &builder, mlir::Location loc,
                                 IntegerLayerNormOp op, mlir::Value element,
                                 const RowFactorValues &factors,
                                 mlir::Value gamma, mlir::Value beta);

} // namespace quantc

#endif // QUANTC_CONVERSION_ROWARITHMETIC_H
