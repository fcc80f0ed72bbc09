// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef QUANTC_LIB_IMPORT_ONNX_COMPOSITES_H
#define QUANTC_LIB_IMPORT_ONNX_COMPOSITES_H

#include "mlir/IR/Operation.h"

namespace quantc::onnximport {

/// Replaces x / 2 · (1 + erf(x / √2)) by quantc.gelu, and
/// (x - mean x) / √(mean (x - mean x)² + ε) · γ + β, means over the last
/// dimension, by quantc.layer_norm, where nothing else reads what is between.
void recognizeComposites(mlir::Operation *function);

} // namespace quantc::onnximport

#endif // QUANTC_LIB_IMPORT_ONNX_COMPOSITES_H
