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

void quantc::addVerifyPhase(OpPassManager &pm, Phase phase) {
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
  if (!options.keepBatchNorm)
    function.addPass(createFoldBatchNormPass());
  function.addPass(createFuseEpiloguesPass());
  function.addPass(createCanonicalizerPass());
  function.addPass(createCSEPass());
  addVerifyPhase(pm, Phase::Prepare);
}

void quantc::populateObservePipeline(OpPassManager &pm,
                                     const ObserveOptions &options) {
  InsertObserversPassOptions observers;
  observers.qconfig = options.qconfig;
  pm.addPass(createInsertObserversPass(observers));
  addVerifyPhase(pm, Phase::Observe);
}

void quantc::populateFoldPipeline(OpPassManager &pm,
                                  const FoldOptions &options) {
  FoldCalibrationPassOptions calibration;
  calibration.table = options.table;
  calibration.powerOfTwo = options.powerOfTwo;
  pm.addPass(createFoldCalibrationPass(calibration));
  addVerifyPhase(pm, Phase::Fold);
}

void quantc::populateQuantizePipeline(OpPassManager &pm,
                                      const QuantizeOptions &options) {
  QuantizePassOptions quantize;
  quantize.requantize = options.requantize;
  quantize.plan = options.plan;
  quantize.savePlan = options.savePlan;
  quantize.integerIO = options.integerIO;
  quantize.strictInteger = options.strictInteger;
  pm.addPass(createQuantizePass(quantize));
  OpPassManager &function = pm.nest<func::FuncOp>();
  function.addPass(createFuseTablesPass());
  // An average pool is a convolution now, whose padding counts.
  function.addPass(createFoldPadsPass());
  function.addPass(createCanonicalizerPass());
  function.addPass(createCSEPass());
  addVerifyPhase(pm, Phase::Quantize);
}

void quantc::populateRequantizePipeline(OpPassManager &pm,
                                        const RequantizeOptions &options) {
  pm.addPass(createRequantizeToShiftPass());
  OpPassManager &function = pm.nest<func::FuncOp>();
  function.addPass(createCanonicalizerPass());
  function.addPass(createCSEPass());
  if (options.strictInteger)
    pm.addPass(createVerifyStrictIntegerPass());
  addVerifyPhase(pm, Phase::Requantize);
}

template <typename Options>
static void registerPhase(Phase phase, const char *description,
                          void (*populate)(OpPassManager &, const Options &)) {
  std::string name = ("quantc-" + stringifyPhase(phase) + "-pipeline").str();
  PassPipelineRegistration<Options>(name, description, populate);
}

void quantc::registerPipelines() {
  registerPhase<PrepareOptions>(Phase::Prepare, "Make the float graph smaller",
                                populatePreparePipeline);
  registerPhase<ObserveOptions>(Phase::Observe,
                                "Insert observers as the QConfig says",
                                populateObservePipeline);
  registerPhase<FoldOptions>(Phase::Fold,
                             "Turn a calibration into fake quantization",
                             populateFoldPipeline);
  registerPhase<QuantizeOptions>(Phase::Quantize,
                                 "Make operations integer, by a plan",
                                 populateQuantizePipeline);
  registerPhase<RequantizeOptions>(
      Phase::Requantize, "Make scale changes arithmetic on storage integers",
      populateRequantizePipeline);
  PassPipelineRegistration<>(
      "quantc-reference-pipeline",
      "Lower what left requantize by upstream's passes and plain loops",
      populateReferencePipeline);
}
