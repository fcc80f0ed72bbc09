// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Winograd convolutions on integers: Y = Aᵀ [(G g Gᵀ) ∘ (Bᵀ d B)] A for a tile
// of m × m pixels (Lavin and Gray, "Fast Algorithms for Convolutional Neural
// Networks"). Their G has fractions. Here row i of G is multiplied by s_i,
// which makes it whole, and column i of Aᵀ by S / s_i, which makes the result
// S² · Y. Sums may wrap: S² = 2^k · odd, the odd part has an inverse modulo
// 2^32, and 2^k · Y is proved to fit.
//
// With stride 2, m pixels in a row are a convolution of the even columns by two
// taps, F(m, 2), and the odd columns times the third. Where such a product and
// one of F(m, 2) go into the result alike they are a pair, and one sum: two
// pixels take five products, and three sums.

#ifndef QUANTC_LIB_CODEGEN_WINOGRAD_H
#define QUANTC_LIB_CODEGEN_WINOGRAD_H

#include "mlir/IR/Builders.h"
#include "quantc/Codegen/TargetDescription.h"

namespace quantc {

/// A tile of m × m pixels of a 3×3 convolution, as the outer product of one
/// dimension with itself.
struct WinogradForm {
  int64_t stride;
  int64_t pixels; ///< m
  /// s_i · G, a row for each product. Products of one sum are neighbours.
  llvm::ArrayRef<std::array<int8_t, 3>> filterRows;
  /// So many sums, the first, are pairs of products, the others one.
  int64_t pairs;
  /// The first pixel that each sum is a part of.
  llvm::ArrayRef<int8_t> firstPixel;
  /// Of a tile, in vector operations: loads, sums and stores for a register of
  /// input channels, and of output channels.
  int64_t inputSteps, outputSteps;
  int32_t inverse; ///< of the odd part of S², modulo 2^32
  int32_t shift;   ///< k

  /// Of what a tile reads, and as many products; and by how much tiles lie
  /// apart.
  int64_t width() const { return step() + 3 - stride; }
  int64_t step() const { return stride * pixels; }
  int64_t products() const { return width() * width(); }

  /// In one dimension.
  int64_t sums() const { return firstPixel.size(); }
  int64_t productsOf(int64_t sum) const { return sum < pairs ? 2 : 1; }
  int64_t firstProductOf(int64_t sum) const {
    return sum + std::min(sum, pairs);
  }
  int64_t sumOf(int64_t product) const {
    return product < 2 * pairs ? product / 2 : product - pairs;
  }

  /// The place of the products of rows `i` and columns `j` among all: those of
  /// a sum lie together, and sums are in order.
  int64_t positionOf(int64_t i, int64_t j) const;
};

llvm::ArrayRef<WinogradForm> getWinogradForms();
const WinogradForm &getWinogradForm(int64_t stride, int64_t pixels);

/// Registers of columns of a tile of products.
inline constexpr int64_t kWinogradVectors = 2;
/// Tiles that registers hold the sums of.
int64_t winogradRows(const TargetDescription &target);
/// Of `tiles`, how many pass through all positions together, their sums being
/// on the stack.
int64_t winogradBlock(const WinogradForm &form, const TargetDescription &target,
                      int64_t tiles);
/// The smallest size of parts, at most `most`, that `total` takes as few of.
int64_t evenPart(int64_t total, int64_t most);

/// The transforms of each 3×3 filter in `filters`, [columns][3][3][channels],
/// as [products][channels][columns].
llvm::SmallVector<int16_t> transformFilters(const WinogradForm &form,
                                            llvm::ArrayRef<int8_t> filters,
                                            int64_t columns, int64_t channels);

/// Bᵀ d, by products, and Aᵀ m with its columns scaled, m by sums, of vectors
/// of integers.
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
