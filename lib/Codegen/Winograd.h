// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Winograd convolutions on integers: Y = Aᵀ [(G g Gᵀ) ∘ (Bᵀ d B)] A for a tile
// of m × m pixels, d being m + 2 wide (Lavin and Gray, "Fast Algorithms for
// Convolutional Neural Networks"). Their G has fractions. Here row i of G is
// multiplied by s_i, which makes it whole, and column i of Aᵀ by S / s_i, which
// makes the result S² · Y. Sums may wrap: S² = 2^k · odd, the odd part has an
// inverse modulo 2^32, and 2^k · Y is proved to fit.

#ifndef QUANTC_LIB_CODEGEN_WINOGRAD_H
#define QUANTC_LIB_CODEGEN_WINOGRAD_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace quantc {

/// F(m × m, 3 × 3).
struct WinogradForm {
  mlir::linalg::WinogradConv2DFmr fmr;
  int64_t pixels; ///< m
  /// s_i · G, [m + 2][3].
  llvm::ArrayRef<std::array<int8_t, 3>> filterRows;
  /// Of a tile, in vector operations: loads, sums and stores for a register of
  /// input channels, and of output channels.
  int64_t inputSteps, outputSteps;
  int32_t inverse; ///< of the odd part of S², modulo 2^32
  int32_t shift;   ///< k

  int64_t width() const { return pixels + 2; }
  int64_t products() const { return width() * width(); }
};

llvm::ArrayRef<WinogradForm> getWinogradForms();
const WinogradForm &getWinogradForm(mlir::linalg::WinogradConv2DFmr fmr);

/// The transforms of each 3×3 filter in `filters`, [columns][3][3][channels],
/// as [(m + 2)²][channels][columns].
llvm::SmallVector<int16_t> transformFilters(const WinogradForm &form,
                                            llvm::ArrayRef<int8_t> filters,
                                            int64_t columns, int64_t channels);

/// Bᵀ d, and Aᵀ m with its columns scaled, of vectors of integers.
llvm::SmallVector<mlir::Value> transformInput(mlir::OpBuilder &b,
                                              mlir::Location loc,
                                              const WinogradForm &form,
                                              mlir::ValueRange d);
llvm::SmallVector<mlir::Value> transformOutput(mlir::OpBuilder &b,
                                               mlir::Location loc,
                                               const WinogradForm &form,
                                               mlir::ValueRange m);

} // namespace quantc

#endif // QUANTC_LIB_CODEGEN_WINOGRAD_H
