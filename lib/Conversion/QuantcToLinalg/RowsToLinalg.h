// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef QUANTC_LIB_CONVERSION_QUANTCTOLINALG_ROWSTOLINALG_H
#define QUANTC_LIB_CONVERSION_QUANTCTOLINALG_ROWSTOLINALG_H

#include "mlir/IR/PatternMatch.h"

namespace quantc {

/// integer_softmax and integer_layer_norm as linalg.generic, one for each pass
/// over the rows.
void populateRowPatterns(mlir::RewritePatternSet &patterns);

/// The same of softmax and layer_norm.
void populateFloatRowPatterns(mlir::RewritePatternSet &patterns);

} // namespace quantc

#endif // QUANTC_LIB_CONVERSION_QUANTCTOLINALG_ROWSTOLINALG_H
