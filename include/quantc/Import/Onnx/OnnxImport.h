// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// ONNX models → TOSA.

#ifndef QUANTC_IMPORT_ONNX_ONNXIMPORT_H
#define QUANTC_IMPORT_ONNX_ONNXIMPORT_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/MemoryBufferRef.h"
#include <optional>
#include <string>

namespace quantc {

struct OnnxImportOptions {
  /// What a dynamic first dimension of a graph input becomes, 1 if left out. An
  /// error where every first dimension is fixed to another size.
  std::optional<int64_t> batch;
  /// Name of the function, a C identifier; made from the file's stem if empty.
  std::string functionName;
};

/// Imports the model in `buffer`, binary or in protobuf's text form, as a
/// module with one function: float32 TOSA with static shapes, the source's
/// layout at the function's boundary, `quantc.name` on arguments and results,
/// and nodes as locations. What is constant is folded.
/// Where that can't be done: one error at the node (or the file), and null.
mlir::OwningOpRef<mlir::ModuleOp>
importOnnx(llvm::MemoryBufferRef buffer, mlir::MLIRContext *context,
           const OnnxImportOptions &options = {});

/// The same for a file ("-" is standard input).
mlir::OwningOpRef<mlir::ModuleOp>
importOnnxFile(llvm::StringRef path, mlir::MLIRContext *context,
               const OnnxImportOptions &options = {});

/// `stem` as a C identifier: what isn't a letter, digit or underscore becomes
/// an underscore; never empty, never led by a digit.
std::string makeFunctionName(llvm::StringRef stem);

} // namespace quantc

#endif // QUANTC_IMPORT_ONNX_ONNXIMPORT_H
