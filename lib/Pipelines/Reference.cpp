// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The reference: what left `requantize` as upstream's TOSA lowering and plain
// loops compute it, with no code of the kernel room but the entry point.

#include "ConvertToLLVM.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/Tosa/Transforms/Passes.h"
#include "mlir/Transforms/Passes.h"
#include "quantc/Codegen/Passes.h"
#include "quantc/Conversion/Passes.h"
#include "quantc/Pipelines/Pipelines.h"
#include "quantc/Transforms/Passes.h"

using namespace mlir;
using namespace quantc;

/// TOSA and quantc → linalg, on tensors.
static void addTensorPasses(OpPassManager &pm) {
  OpPassManager &function = pm.nest<func::FuncOp>();
  // What TOSA can't say to the bit, ConvertQuantcToLinalg writes out.
  DecomposeCompositesPassOptions decompose;
  decompose.keepRows = true;
  function.addPass(createDecomposeCompositesPass(decompose));
  function.addPass(tosa::createTosaOptionalDecompositionsPass());
  function.addPass(createCanonicalizerPass());
  function.addPass(tosa::createTosaInferShapesPass());
  function.addPass(tosa::createTosaMakeBroadcastablePass());
  ConvertSamplingToLinalgPassOptions sampling;
  sampling.onlyRounded = true;
  function.addPass(createConvertSamplingToLinalgPass(sampling));
  function.addPass(tosa::createTosaToLinalgNamed());
  function.addPass(tosa::createTosaToLinalg());
  TosaToArithPassOptions arith;
  arith.includeApplyRescale = true;
  function.addPass(createTosaToArithPass(arith));
  function.addPass(createTosaToTensorPass());
  function.addPass(createConvertQuantcToLinalgPass());
  function.addPass(createConvertElementwiseToLinalgPass());
  function.addPass(createConvertFloatsToRulesPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

/// Tensors → buffers, each with a place of its own in the arena.
static void addBufferPasses(OpPassManager &pm) {
  pm.addPass(createResultsToDestinationsPass());
  bufferization::OneShotBufferizePassOptions bufferize;
  bufferize.bufferizeFunctionBoundaries = true;
  bufferize.functionBoundaryTypeConversion =
      bufferization::LayoutMapOption::IdentityLayoutMap;
  bufferize.bufferAlignment = 64;
  pm.addPass(bufferization::createOneShotBufferizePass(bufferize));
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createAllocsToArenaPass());
  pm.addNestedPass<func::FuncOp>(createLowerCopiesPass());
}

/// Loops → the LLVM dialect.
static void addLoopPasses(OpPassManager &pm) {
  pm.addNestedPass<func::FuncOp>(createConvertLinalgToLoopsPass());
  pm.addPass(memref::createExpandStridedMetadataPass());
  pm.addPass(createLowerAffinePass());
  addConversionsToLLVM(pm);
}

void quantc::populateReferencePipeline(OpPassManager &pm) {
  addTensorPasses(pm);
  addBufferPasses(pm);
  addLoopPasses(pm);
  pm.addPass(createEmitEntryPointPass());
}
