// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Pipelines/Register.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "quantc/Codegen/Passes.h"
#include "quantc/Conversion/Passes.h"
#include "quantc/Dialect/Dot/IR/Dot.h"
#include "quantc/Dialect/Quantc/IR/Quantc.h"
#include "quantc/Interfaces/DecomposableOpInterface.h"
#include "quantc/Interfaces/QuantizableOps.h"
#include "quantc/Pipelines/Pipelines.h"
#include "quantc/Transforms/Passes.h"

void quantc::registerAllDialects(mlir::DialectRegistry &registry) {
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  registry.insert<QuantcDialect, dot::DotDialect>();
  registerTosaQuantizableOpModels(registry);
  registerQuantcQuantizableOpModels(registry);
  registerQuantcDecomposableOpModels(registry);
}

void quantc::registerAllPasses() {
  mlir::registerAllPasses();
  registerQuantcTransformsPasses();
  registerQuantcConversionPasses();
  registerQuantcCodegenPasses();
  registerPipelines();
  registerCodegenPipelines();
}
