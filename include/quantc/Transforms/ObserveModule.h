// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A module at the door of `observe`: what calibration has to know of it.

#ifndef QUANTC_TRANSFORMS_OBSERVEMODULE_H
#define QUANTC_TRANSFORMS_OBSERVEMODULE_H

#include "mlir/IR/BuiltinOps.h"
#include "quantc/Quantization/CalibrationTable.h"

namespace quantc {

/// Discardable attributes of the results that `--quantc-export-observed` adds:
/// the site's name (StringAttr) and its `#quantc.observer`.
inline constexpr llvm::StringLiteral siteAttrName = "quantc.site";
inline constexpr llvm::StringLiteral observerAttrName = "quantc.observer";
/// Discardable attribute of arguments and results that `integer-io` made
/// storage integers: their quantized type (TypeAttr).
inline constexpr llvm::StringLiteral paramsAttrName = "quantc.params";
/// Discardable attribute of arguments and results: their name in the source
/// model (StringAttr).
inline constexpr llvm::StringLiteral nameAttrName = "quantc.name";

/// A hash (hexadecimal) of what the sites' values depend on: operations,
/// attributes, element types and the bytes of the constants; neither shapes (a
/// table serves every batch size) nor locations, the model's name in C or the
/// names of blobs. Equal modules have equal hashes, in every process.
std::string hashObserveModule(mlir::ModuleOp module);

/// An empty table for the module: its hash, and its sites in the module's
/// order, without those of constants (which are observed when the table is
/// folded). Error where a site's name occurs twice or its observer is invalid.
llvm::Expected<CalibrationTable> makeCalibrationTable(mlir::ModuleOp module);

} // namespace quantc

#endif // QUANTC_TRANSFORMS_OBSERVEMODULE_H
