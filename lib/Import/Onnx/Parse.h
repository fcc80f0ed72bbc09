// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Bytes → protobuf.

#ifndef QUANTC_LIB_IMPORT_ONNX_PARSE_H
#define QUANTC_LIB_IMPORT_ONNX_PARSE_H

#include "OnnxProto.h"
#include "mlir/IR/Location.h"
#include "llvm/Support/MemoryBufferRef.h"
#include <memory>
#include <vector>

namespace quantc::onnximport {

struct ParsedModel {
  std::unique_ptr<::onnx::ModelProto> proto;
  /// Where each node of the graph begins; the file alone for binary models.
  std::vector<mlir::FileLineColLoc> nodeLocations;
  /// Where the graph begins; the file alone for binary models.
  mlir::FileLineColLoc fileLocation;
};

/// Parses a model, binary or text (told by its first bytes). On failure one
/// error has been emitted and `proto` is null.
ParsedModel parseModel(llvm::MemoryBufferRef buffer,
                       mlir::MLIRContext *context);

} // namespace quantc::onnximport

#endif // QUANTC_LIB_IMPORT_ONNX_PARSE_H
