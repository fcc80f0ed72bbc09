// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef QUANTC_LIB_CONVERSION_DOTTOLLVM_NARROWTOBYTES_H
#define QUANTC_LIB_CONVERSION_DOTTOLLVM_NARROWTOBYTES_H

#include "mlir/Transforms/DialectConversion.h"

namespace quantc {

/// Lets AVX-512 narrow vectors of i32 to bytes, as epilogues end, by
/// instructions that saturate: words that a zero point is added to become bytes
/// first, which then are clamped. Four registers of i32 become one of bytes by
/// three `vpack…`, within 16 bytes, and one permutation of i32.
void populateNarrowToBytes(mlir::RewritePatternSet &patterns,
                           mlir::ConversionTarget &target);

} // namespace quantc

#endif // QUANTC_LIB_CONVERSION_DOTTOLLVM_NARROWTOBYTES_H
