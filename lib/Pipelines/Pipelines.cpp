// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The target-independent phases, up to `requantize`.

#include "quantc/Pipelines/Pipelines.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tosa/Transforms/Passes.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"
#include "quantc/Transforms/Passes.h"

using namespace mlir;
using namespace quantc;

static void addVerifyPhase(OpPassManager &pm, Phase phase) {
  VerifyPhasePassOptions options;
  options.phase = stringifyPhase(phase).str();
  pm.addPass(createVerifyPhasePass(options));
}

void quantc::populatePreparePipeline(OpPassManager &pm,
                                     const PrepareOptions &options) {
  OpPassManager &function = pm.nest<func::FuncOp>();
  function.addPass(tosa::createTosaLayerwiseConstantFoldPass());
  function.addPass(createRemoveTransposesPass());
  // Before canonicalization, whose own pad folding knows fewer cases.
  function.addPass(createFoldPadsPass());
  function.addPass(createCanonicalizerPass());
  function.addPass(createCSEPass());
  if (!options.keepBatchNorm)
    function.addPass(createFoldBatchNormPass());
  function.addPass(createFuseActivationsPass());
  function.addPass(createCanonicalizerPass());
  function.addPass(createCSEPass());
  addVerifyPhase(pm, Phase::Prepare);
}

template <typename Options>
static void registerPhase(Phase phase, const char *description,
                          void (*populate)(OpPassManager &, const Options &)) {
  PassPipelineRegistration<Options>(
      ("quantc-" + stringifyPhase(phase) + "-pipeline").str(), description,
      populate);
}

void quantc::registerPipelines() {
  registerPhase<PrepareOptions>(Phase::Prepare, "Make the float graph smaller",
                                populatePreparePipeline);
}
