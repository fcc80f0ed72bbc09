// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What constant weights prove about sums (docs/Semantics.md, S18 and S19).

#ifndef QUANTC_QUANTIZATION_PROOFS_H
#define QUANTC_QUANTIZATION_PROOFS_H

#include "quantc/Quantization/Rounding.h"
#include "llvm/ADT/ArrayRef.h"

namespace quantc {

/// S18: the exact smallest and largest value of bias + Σ weights[k]·a[k] over
/// all a[k] in `activations` (integers, after subtraction of their zero point
/// if that is how the kernel computes). Exact: both ends are reached.
QuantRange accumulatorBounds(llvm::ArrayRef<int8_t> weights,
                             QuantRange activations, int64_t bias = 0);

/// True if every value of `bounds` is an i32. Wrap-around of partial sums is
/// harmless then: two's complement addition is exact modulo 2^32.
bool fitsInt32(QuantRange bounds);

/// S19: true if no sum of `groupSize` adjacent products (the last group may be
/// shorter) of unsigned activations in `activations` ⊆ [0, 255] and `weights`
/// leaves i16, so that vpmaddubsw (groupSize 2) is exact. The order of the
/// weights is the order in which the kernel pairs them.
bool productSumsFitInt16(llvm::ArrayRef<int8_t> weights, QuantRange activations,
                         int64_t groupSize = 2);

/// The same for every row of a row-major matrix: rows are paired separately.
bool allProductSumsFitInt16(llvm::ArrayRef<int8_t> weights, int64_t rowLength,
                            QuantRange activations, int64_t groupSize = 2);

} // namespace quantc

#endif // QUANTC_QUANTIZATION_PROOFS_H
