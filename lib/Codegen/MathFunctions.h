// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// quantc's own float functions (docs/Semantics.md, S32): fused multiply-adds,
// exact conversions and divisions, so that each processor gives the same bits.
// `x` is an f32 or a vector of them.

#ifndef QUANTC_LIB_CODEGEN_MATHFUNCTIONS_H
#define QUANTC_LIB_CODEGEN_MATHFUNCTIONS_H

#include "mlir/IR/Builders.h"

namespace quantc {

/// e^x, off by at most 1 unit in the last place: with n = rne(x / ln 2) and
/// r = x - n ln 2 (ln 2 in two parts), (1 + r + r² p(r)) · 2^n, p of degree 4.
/// Denormal results are rounded once; 0 below -103.98, infinity above 88.73.
mlir::Value buildExp(mlir::OpBuilder &builder, mlir::Location loc,
                     mlir::Value x);

/// Off by at most 1.3 units: x + x p(x²) below 0.92, 1 - e^p(|x|) above.
mlir::Value buildErf(mlir::OpBuilder &builder, mlir::Location loc,
                     mlir::Value x);

/// Off by at most 1.4 units: x + x³ p(x²) below 0.625, 1 - 2 / (e^2|x| + 1)
/// above.
mlir::Value buildTanh(mlir::OpBuilder &builder, mlir::Location loc,
                      mlir::Value x);

} // namespace quantc

#endif // QUANTC_LIB_CODEGEN_MATHFUNCTIONS_H
