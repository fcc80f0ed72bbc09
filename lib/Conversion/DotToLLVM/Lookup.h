// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef QUANTC_CONVERSION_DOTTOLLVM_LOOKUP_H
#define QUANTC_CONVERSION_DOTTOLLVM_LOOKUP_H

#include "mlir/Transforms/DialectConversion.h"
#include "llvm/ADT/StringSet.h"

namespace quantc {

/// Lowers dot.lookup by what `features` offer, or to one load for each byte.
void populateLookup(mlir::RewritePatternSet &patterns,
                    mlir::ConversionTarget &target,
                    const llvm::StringSet<> &features);

} // namespace quantc

#endif // QUANTC_CONVERSION_DOTTOLLVM_LOOKUP_H
