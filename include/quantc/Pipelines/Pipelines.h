// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One pipeline per phase (DESIGN: the way of a model), used by the tools and by
// quant-opt (`--quantc-<phase>-pipeline`) alike.

#ifndef QUANTC_PIPELINES_PIPELINES_H
#define QUANTC_PIPELINES_PIPELINES_H

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"
#include "quantc/Transforms/Phase.h"

namespace quantc {

class Tuning;

/// Float graph → smaller float graph (target-independent).
struct PrepareOptions : mlir::PassPipelineOptions<PrepareOptions> {
  Option<bool> keepBatchNorm{
      *this, "keep-batch-norm", llvm::cl::init(false),
      llvm::cl::desc("leave batch norm as it is, for training")};
};
void populatePreparePipeline(mlir::OpPassManager &pm,
                             const PrepareOptions &options);

/// Inserts observers as the QConfig says.
struct ObserveOptions : mlir::PassPipelineOptions<ObserveOptions> {
  Option<std::string> qconfig{
      *this, "qconfig", llvm::cl::init(""),
      llvm::cl::desc("QConfig file (JSON); the default QConfig without")};
};
void populateObservePipeline(mlir::OpPassManager &pm,
                             const ObserveOptions &options);

/// Calibration table + observers → fake quantization.
struct FoldOptions : mlir::PassPipelineOptions<FoldOptions> {
  Option<std::string> table{*this, "table", llvm::cl::init(""),
                            llvm::cl::desc("calibration table (.qcal)")};
  Option<bool> powerOfTwo{
      *this, "power-of-two", llvm::cl::init(false),
      llvm::cl::desc("snap scales to powers of two, for shift requantization")};
};
void populateFoldPipeline(mlir::OpPassManager &pm, const FoldOptions &options);

/// Float operations between fake quantizations → integer operations.
struct QuantizeOptions : mlir::PassPipelineOptions<QuantizeOptions> {
  Option<std::string> requantize{
      *this, "requantize", llvm::cl::init("f32"),
      llvm::cl::desc("f32, fixed, fixed-double or shift")};
  Option<std::string> plan{*this, "plan", llvm::cl::init(""),
                           llvm::cl::desc("plan to follow (JSON)")};
  Option<std::string> savePlan{*this, "save-plan", llvm::cl::init(""),
                               llvm::cl::desc("file to write the plan to")};
  Option<bool> integerIO{
      *this, "integer-io", llvm::cl::init(false),
      llvm::cl::desc("inputs and outputs are storage integers")};
  Option<bool> strictInteger{
      *this, "strict-integer", llvm::cl::init(false),
      llvm::cl::desc(
          "what has an integer form becomes integer, whatever it costs")};
};
void populateQuantizePipeline(mlir::OpPassManager &pm,
                              const QuantizeOptions &options);

/// Scale changes → arithmetic on storage integers.
struct RequantizeOptions : mlir::PassPipelineOptions<RequantizeOptions> {
  Option<bool> strictInteger{
      *this, "strict-integer", llvm::cl::init(false),
      llvm::cl::desc("an error where anything float remains")};
};
void populateRequantizePipeline(mlir::OpPassManager &pm,
                                const RequantizeOptions &options);

/// TOSA and quantc → linalg on tensors.
void populateLinalgPipeline(mlir::OpPassManager &pm);

/// linalg → kernels on one arena. With the file of tiles, or without a file
/// what it would say.
struct KernelOptions : mlir::PassPipelineOptions<KernelOptions> {
  Option<std::string> triple{
      *this, "triple", llvm::cl::init(""),
      llvm::cl::desc("target triple; the host's without")};
  Option<std::string> cpu{*this, "mcpu", llvm::cl::init(""),
                          llvm::cl::desc("target CPU")};
  Option<std::string> features{*this, "mattr", llvm::cl::init(""),
                               llvm::cl::desc("target features, as for llc")};
  Option<int64_t> minPartCycles{
      *this, "min-part-cycles", llvm::cl::init(0),
      llvm::cl::desc("what a thread must at least have to do, as estimated; 0: "
                     "what proved worth it")};
  Option<std::string> tuningFile{
      *this, "tuning", llvm::cl::init(""),
      llvm::cl::desc("file of tiles that were measured")};
  std::shared_ptr<const Tuning> tuning;
  Option<bool> strips{
      *this, "strips", llvm::cl::init(false),
      llvm::cl::desc("layers run by strips of rows where what is between them "
                     "doesn't fit the second-level cache")};
};
void populateKernelPipeline(mlir::OpPassManager &pm,
                            const KernelOptions &options);

/// Kernels → the LLVM dialect, with the entry point NAME_run.
void populateLlvmPipeline(mlir::OpPassManager &pm,
                          const KernelOptions &options);

/// The module that left `requantize` → the LLVM dialect by upstream's passes
/// and plain loops, with the same entry point: the reference that kernels
/// equal.
void populateReferencePipeline(mlir::OpPassManager &pm);

/// The last pass of every pipeline: the contract of the phase.
void addVerifyPhase(mlir::OpPassManager &pm, Phase phase);

/// Registers each of them with quant-opt.
void registerPipelines();
void registerCodegenPipelines();

} // namespace quantc

#endif // QUANTC_PIPELINES_PIPELINES_H
