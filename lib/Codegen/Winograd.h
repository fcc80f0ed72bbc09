// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// F(2×2, 3×3) on integers: Y = Aᵀ [(G g Gᵀ) ∘ (Bᵀ d B)] A (Lavin and Gray,
// "Fast Algorithms for Convolutional Neural Networks") with
//
//   Bᵀ = 1  0 -1  0    2G = 2  0  0    Aᵀ = 1  1  1  0
//        0  1  1  0         1  1  1         0  1 -1 -1
//        0 -1  1  0         1 -1  1
//        0  1  0 -1         0  0  2
//
// With 2G for G all numbers are whole, and the result is four times Y.

#ifndef QUANTC_LIB_CODEGEN_WINOGRAD_H
#define QUANTC_LIB_CODEGEN_WINOGRAD_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"

namespace quantc {

/// (2G) g (2G)ᵀ of each 3×3 filter g in `filters`, [columns][3][3][channels],
/// as [16][channels][columns]. At most 9 · 127 in magnitude.
llvm::SmallVector<int16_t> transformFilters(llvm::ArrayRef<int8_t> filters,
                                            int64_t columns, int64_t channels);

} // namespace quantc

#endif // QUANTC_LIB_CODEGEN_WINOGRAD_H
