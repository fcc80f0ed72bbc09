// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From integers in TOSA to LLVM: the phases that know the target.

#include "ConvertToLLVM.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Transforms/Passes.h"
#include "quantc/Codegen/Passes.h"
#include "quantc/Codegen/TargetDescription.h"
#include "quantc/Conversion/Passes.h"
#include "quantc/Pipelines/Pipelines.h"
#include "quantc/Transforms/Passes.h"

using namespace mlir;
using namespace quantc;

void quantc::addConversionsToLLVM(OpPassManager &pm) {
  pm.addPass(createSCFToControlFlowPass());
  pm.addPass(createConvertMathToLLVMPass());
  pm.addPass(arith::createArithExpandOpsPass());
  pm.addPass(createArithToLLVMConversionPass());
  pm.addPass(createConvertIndexToLLVMPass());
  pm.addPass(createFinalizeMemRefToLLVMConversionPass());
  ConvertFuncToLLVMPassOptions functions;
  functions.useBarePtrCallConv = true;
  pm.addPass(createConvertFuncToLLVMPass(functions));
  pm.addPass(createConvertControlFlowToLLVMPass());
  pm.addPass(createUBToLLVMConversionPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
}

void quantc::populateLinalgPipeline(OpPassManager &pm) {
  DecomposeCompositesPassOptions decompose;
  decompose.keepRows = true;
  pm.addNestedPass<func::FuncOp>(createDecomposeCompositesPass(decompose));
  pm.addNestedPass<func::FuncOp>(createFoldZeroPointsPass());
  pm.addNestedPass<func::FuncOp>(createConvertSamplingToLinalgPass());
  pm.addNestedPass<func::FuncOp>(tosa::createTosaToLinalgNamed());
  pm.addNestedPass<func::FuncOp>(tosa::createTosaToLinalg());
  pm.addNestedPass<func::FuncOp>(createTosaToArithPass());
  pm.addNestedPass<func::FuncOp>(createTosaToTensorPass());
  ConvertQuantcToLinalgPassOptions convert;
  convert.keepRows = true;
  pm.addNestedPass<func::FuncOp>(createConvertQuantcToLinalgPass(convert));
  pm.addNestedPass<func::FuncOp>(createConvertElementwiseToLinalgPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  pm.addNestedPass<func::FuncOp>(createSimplifyDepthwiseConvPass());
  pm.addNestedPass<func::FuncOp>(createFoldConstantReshapesPass());
  pm.addNestedPass<func::FuncOp>(createApproximateMathPass());
  addVerifyPhase(pm, Phase::Linalg);
}

/// A pass's options with the pipeline's target.
template <typename PassOptions>
static PassOptions withTarget(const KernelOptions &options) {
  PassOptions result;
  result.triple = options.triple;
  result.cpu = options.cpu;
  result.features = options.features;
  return result;
}

void quantc::populateKernelPipeline(OpPassManager &pm,
                                    const KernelOptions &options) {
  pm.addNestedPass<func::FuncOp>(createFuseElementwisePass());
  pm.addNestedPass<func::FuncOp>(createBitsToBytesPass());
  pm.addNestedPass<func::FuncOp>(
      createWinogradPass(withTarget<WinogradPassOptions>(options)));
  pm.addNestedPass<func::FuncOp>(createWidenActivationsPass(
      withTarget<WidenActivationsPassOptions>(options)));
  pm.addPass(createCanonicalizerPass());
  if (options.strips)
    pm.addNestedPass<func::FuncOp>(
        createFuseStripsPass(withTarget<FuseStripsPassOptions>(options)));
  pm.addNestedPass<func::FuncOp>(
      createFuseAttentionPass(withTarget<FuseAttentionPassOptions>(options)));
  pm.addPass(createOutlineKernelsPass());
  pm.addPass(createPlanMemoryPass());
  auto lower = withTarget<LowerKernelsPassOptions>(options);
  if (options.minPartCycles)
    lower.minPartCycles = options.minPartCycles;
  lower.tuningFile = options.tuningFile;
  pm.addPass(createLowerKernelsPass(lower, options.tuning));
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  addVerifyPhase(pm, Phase::Kernel);
}

void quantc::populateLlvmPipeline(OpPassManager &pm,
                                  const KernelOptions &options) {
  // What has no kernel of ours: into its destination, where it can.
  pm.addPass(bufferization::createEmptyTensorEliminationPass());
  bufferization::OneShotBufferizePassOptions bufferize;
  bufferize.bufferAlignment = 64;
  pm.addPass(bufferization::createOneShotBufferizePass(bufferize));
  pm.addNestedPass<func::FuncOp>(createConvertLinalgToLoopsPass());

  ConvertDotToLLVMPassOptions dot;
  // An unknown target was an error in the kernel phase.
  if (auto known =
          getInstructionFeatures(options.triple, options.cpu, options.features))
    dot.features = std::move(*known);
  else
    llvm::consumeError(known.takeError());
  pm.addPass(createConvertDotToLLVMPass(dot));
  // LLVM folds what follows faster than MLIR does.
  pm.addPass(memref::createExpandStridedMetadataPass());
  pm.addPass(createCSEPass());
  pm.addPass(createLowerAffinePass());
  pm.addPass(createConvertVectorToLLVMPass());
  addConversionsToLLVM(pm);
  pm.addPass(createCSEPass());
  pm.addPass(createParallelizeKernelsPass());
  pm.addPass(createEmitEntryPointPass());
  addVerifyPhase(pm, Phase::Llvm);
}

void quantc::registerCodegenPipelines() {
  PassPipelineRegistration<>("quantc-linalg-pipeline",
                             "TOSA and quantc to linalg on tensors",
                             populateLinalgPipeline);
  PassPipelineRegistration<KernelOptions>("quantc-kernel-pipeline",
                                          "linalg to kernels on one arena",
                                          populateKernelPipeline);
  PassPipelineRegistration<KernelOptions>(
      "quantc-llvm-pipeline", "kernels to the LLVM dialect, with NAME_run",
      populateLlvmPipeline);
}
