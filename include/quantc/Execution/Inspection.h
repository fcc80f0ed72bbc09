// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a model consists of, without compiling it.

#ifndef QUANTC_EXECUTION_INSPECTION_H
#define QUANTC_EXECUTION_INSPECTION_H

#include "quantc/Target/ModelInterface.h"
#include <map>

namespace quantc {

/// Convolutions and matrix products.
struct LayerInfo {
  /// Node of the source model, and its type there.
  std::string node, type;
  llvm::SmallVector<int64_t> outputShape;
  int64_t parameters = 0;
  int64_t macs = 0;
};

struct ModelInfo {
  ModelInterface interface;
  /// Operations by name, constants left out.
  std::map<std::string, int64_t> operations;
  std::vector<LayerInfo> layers;
  /// Elements of all constants of more than one element.
  int64_t parameters = 0;
  int64_t macs = 0;

  llvm::json::Value toJSON() const;
};

/// `module` left `import` or `prepare`. Emits an error where the interface has
/// no form in C.
llvm::FailureOr<ModelInfo> inspect(mlir::ModuleOp module);

} // namespace quantc

#endif // QUANTC_EXECUTION_INSPECTION_H
