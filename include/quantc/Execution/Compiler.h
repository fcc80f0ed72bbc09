// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The way of a model in one class: load it, take it through the phases, get
// machine code.

#ifndef QUANTC_EXECUTION_COMPILER_H
#define QUANTC_EXECUTION_COMPILER_H

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Pass/PassManager.h"
#include "quantc/Codegen/Tuning.h"
#include "quantc/Target/FatObject.h"
#include "quantc/Transforms/Phase.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Target/TargetMachine.h"
#include <functional>

namespace quantc {

/// A context that knows all dialects and translations, and whose diagnostics
/// carry no dumps of operations.
std::unique_ptr<mlir::MLIRContext> createContext();

/// The text of a diagnostic behind its place: "model.mlir:3:8: …" or the node.
std::string describeDiagnostic(mlir::Diagnostic &diagnostic);

/// While it lives, takes the errors and notes of a context; warnings go on to
/// whoever listens.
class DiagnosticCollector {
public:
  explicit DiagnosticCollector(mlir::MLIRContext *context);

  /// The first error reported, with its place ("model.mlir:3:8: …" or the node)
  /// and its notes; `fallback` where none was.
  llvm::Error takeError(llvm::StringRef fallback);

private:
  std::string message;
  mlir::ScopedDiagnosticHandler handler;
};

/// `done` of `total` steps of a stage ("calibrating"); called from the thread
/// that works.
using ProgressFunction =
    std::function<void(llvm::StringRef stage, int64_t done, int64_t total)>;

struct LoadOptions {
  /// What a dynamic first dimension of an ONNX input becomes, 1 if left out.
  std::optional<int64_t> batch;
  /// The function's name; an identifier made from the file's stem, or the
  /// `.mlir`'s own, if empty.
  std::string name;
};

/// Reads a model, as it leaves the phase `import`: ONNX by its extension
/// `.onnx` or `.textproto`, TOSA as `.mlir` or `.mlirbc`, which is checked, for
/// it may come from anywhere.
llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>
loadModel(mlir::MLIRContext &context, llvm::StringRef path,
          const LoadOptions &options = {});

struct CompileOptions {
  TargetSpec target;
  /// More than one: a fat object with code for each, in the order of
  /// `parseVariants`; `target` is the last.
  std::vector<Variant> variants;
  /// Skips observe, fold, quantize and requantize.
  bool isFloat = false;
  /// Files; may be empty but for `table`, which `fold` needs.
  std::string qconfig, table, plan, savePlan;
  /// "f32", "fixed", "fixed-double" or "shift".
  std::string requantize = "f32";
  bool strictInteger = false;
  bool integerIO = false;
  /// Upstream's passes and plain loops instead of our kernels.
  bool reference = false;
  /// Chains of layers run by strips of rows: a smaller arena, more calls.
  bool strips = false;
  /// Tiles that were measured; the cost model's for all else.
  std::shared_ptr<const Tuning> tuning;
  /// The least that a kernel's part is to take, in cycles, or 0: as it pays.
  int64_t minPartCycles = 0;
  /// Whether LLVM's optimizer runs.
  bool optimize = true;
};

/// Machine code and how to call it.
struct CompiledCode {
  ModelInterface interface;
  Bytes object;
};

/// Optimized LLVM IR and the machine that makes code of it.
struct Program {
  ModelInterface interface;
  std::unique_ptr<llvm::LLVMContext> context;
  std::unique_ptr<llvm::Module> module;
  std::unique_ptr<llvm::TargetMachine> machine;
};

class Compiler {
public:
  explicit Compiler(CompileOptions options, ProgressFunction progress = {})
      : options(std::move(options)), progress(std::move(progress)) {}

  const CompileOptions &getOptions() const { return options; }
  CompileOptions &getOptions() { return options; }

  /// Whether a model passes this phase with these options (MLIR phases only).
  bool passes(Phase phase) const;

  /// Runs one phase; nothing if the model doesn't pass it.
  llvm::Error run(mlir::ModuleOp module, Phase phase) const;
  /// Runs the phases after `from` up to and including `to`.
  llvm::Error runAfter(mlir::ModuleOp module, Phase from, Phase to) const;

  /// Takes a module that left `requantize` (or, in float, `prepare`) through
  /// the phases `linalg` to `llvm` for `target`, and gives its interface.
  llvm::Expected<ModelInterface> lower(mlir::ModuleOp module) const;
  /// Optimized LLVM IR of a lowered module.
  llvm::Expected<Program> translate(mlir::ModuleOp module,
                                    const ModelInterface &interface) const;
  /// `lower` and `translate`, for all variants.
  llvm::Expected<Program> build(mlir::ModuleOp module) const;
  /// Machine code; self-contained.
  llvm::Expected<Bytes> generate(Program &program) const;
  /// `build` and `generate`.
  llvm::Expected<CompiledCode> compile(mlir::ModuleOp module) const;

private:
  llvm::Error
  runPipeline(mlir::ModuleOp module, llvm::StringRef phase,
              llvm::function_ref<void(mlir::OpPassManager &)> populate) const;
  llvm::Expected<std::unique_ptr<llvm::Module>>
  translateModule(mlir::ModuleOp module, llvm::StringRef name,
                  llvm::TargetMachine &machine,
                  llvm::LLVMContext &context) const;
  llvm::Expected<Program> buildVariants(mlir::ModuleOp module) const;

  CompileOptions options;
  ProgressFunction progress;
};

} // namespace quantc

#endif // QUANTC_EXECUTION_COMPILER_H
