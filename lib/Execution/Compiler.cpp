// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Execution/Compiler.h"
#include "mlir/IR/Verifier.h"
#include "quantc/Dialect/Quantc/IR/NodeLocation.h"
#include "quantc/Pipelines/Pipelines.h"
#include "quantc/Pipelines/Register.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace quantc {

std::unique_ptr<MLIRContext> createContext() {
  DialectRegistry registry;
  registerAllDialects(registry);
  registerLLVMTranslations(registry);
  auto context = std::make_unique<MLIRContext>(registry);
  context->printOpOnDiagnostic(false);
  return context;
}

//===----------------------------------------------------------------------===//
// Diagnostics
//===----------------------------------------------------------------------===//

/// The first place in a file that a location knows.
static FileLineColLoc findFile(Location loc) {
  FileLineColLoc found;
  loc->walk([&](Location part) {
    found = dyn_cast<FileLineColLoc>(part);
    return found ? WalkResult::interrupt() : WalkResult::advance();
  });
  return found;
}

/// "file:line:column: " ("file: " where no line is known) or, unless the text
/// already says so, the node.
static std::string describePlace(Location loc, StringRef text) {
  if (FileLineColLoc file = findFile(loc)) {
    std::string place = file.getFilename().str();
    if (file.getLine())
      place += ":" + std::to_string(file.getLine()) + ":" +
               std::to_string(file.getColumn());
    return place + ": ";
  }
  StringRef node = getNodeName(loc);
  if (node.empty() || text.contains(node))
    return "";
  std::string place = ("node '" + node + "'").str();
  if (StringRef type = getNodeType(loc); !type.empty())
    place += (" (" + type + ")").str();
  return place + ": ";
}

std::string describeDiagnostic(Diagnostic &diagnostic) {
  std::string text = diagnostic.str();
  return describePlace(diagnostic.getLocation(), text) + text;
}

DiagnosticCollector::DiagnosticCollector(MLIRContext *context)
    : handler(context, [this](Diagnostic &diagnostic) {
        if (diagnostic.getSeverity() == DiagnosticSeverity::Warning)
          return failure();
        if (diagnostic.getSeverity() != DiagnosticSeverity::Error ||
            !message.empty())
          return success();
        message = describeDiagnostic(diagnostic);
        for (Diagnostic &note : diagnostic.getNotes())
          if (std::string more = note.str(); StringRef(more).count('\n') == 0)
            message += "; " + more;
        return success();
      }) {}

llvm::Error DiagnosticCollector::takeError(StringRef fallback) {
  std::string text = std::exchange(message, "");
  return llvm::createStringError(text.empty() ? fallback : StringRef(text));
}

//===----------------------------------------------------------------------===//
// Phases
//===----------------------------------------------------------------------===//

bool Compiler::passes(Phase phase) const {
  switch (phase) {
  case Phase::Observe:
  case Phase::Fold:
  case Phase::Quantize:
  case Phase::Requantize:
    return !options.isFloat;
  default:
    return true;
  }
}

llvm::Error Compiler::runPipeline(
    ModuleOp module, StringRef phase,
    llvm::function_ref<void(OpPassManager &)> populate) const {
  if (progress)
    progress(phase, 0, 1);
  DiagnosticCollector diagnostics(module.getContext());
  PassManager passes(module.getContext(), ModuleOp::getOperationName());
  // Once for a phase: behind each of its passes it takes as long as they do.
  passes.enableVerifier(false);
  populate(passes);
  bool failed =
      mlir::failed(passes.run(module)) || mlir::failed(mlir::verify(module));
  if (progress)
    progress(phase, 1, 1);
  if (failed)
    return diagnostics.takeError(
        ("phase '" + phase + "' failed without saying why").str());
  return llvm::Error::success();
}

llvm::Error Compiler::run(ModuleOp module, Phase phase) const {
  if (!passes(phase))
    return llvm::Error::success();
  auto populate = [&](OpPassManager &pm) {
    KernelOptions kernel;
    kernel.triple = options.target.triple;
    kernel.cpu = options.target.cpu;
    kernel.features = options.target.features;
    kernel.tuning = options.tuning;
    kernel.strips = options.strips;
    kernel.minPartCycles = options.minPartCycles;
    switch (phase) {
    case Phase::Prepare:
      return populatePreparePipeline(pm, PrepareOptions());
    case Phase::Observe: {
      ObserveOptions observe;
      observe.qconfig = options.qconfig;
      return populateObservePipeline(pm, observe);
    }
    case Phase::Fold: {
      FoldOptions fold;
      fold.table = options.table;
      fold.powerOfTwo = options.requantize == "shift";
      return populateFoldPipeline(pm, fold);
    }
    case Phase::Quantize: {
      QuantizeOptions quantize;
      quantize.requantize = options.requantize;
      quantize.plan = options.plan;
      quantize.savePlan = options.savePlan;
      quantize.integerIO = options.integerIO;
      quantize.strictInteger = options.strictInteger;
      return populateQuantizePipeline(pm, quantize);
    }
    case Phase::Requantize: {
      RequantizeOptions requantize;
      requantize.strictInteger = options.strictInteger;
      return populateRequantizePipeline(pm, requantize);
    }
    case Phase::Linalg:
      return populateLinalgPipeline(pm);
    case Phase::Kernel:
      return populateKernelPipeline(pm, kernel);
    case Phase::Llvm:
      return populateLlvmPipeline(pm, kernel);
    case Phase::Import:
    case Phase::Object:
      return;
    }
  };
  return runPipeline(module, stringifyPhase(phase), populate);
}

llvm::Error Compiler::runAfter(ModuleOp module, Phase from, Phase to) const {
  for (int phase = static_cast<int>(from) + 1; phase <= static_cast<int>(to);
       ++phase)
    if (llvm::Error error = run(module, static_cast<Phase>(phase)))
      return error;
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Machine code
//===----------------------------------------------------------------------===//

llvm::Expected<ModelInterface> Compiler::lower(ModuleOp module) const {
  DiagnosticCollector diagnostics(module.getContext());
  auto interface = collectInterface(module);
  if (failed(interface))
    return diagnostics.takeError("the model has no interface");
  llvm::Error error =
      options.reference
          ? runPipeline(module, "reference", populateReferencePipeline)
          : runAfter(module, Phase::Requantize, Phase::Llvm);
  if (error)
    return std::move(error);
  readArena(module, *interface);
  interface->target = options.target;
  return std::move(*interface);
}

llvm::Expected<std::unique_ptr<llvm::Module>>
Compiler::translateModule(ModuleOp module, StringRef name,
                          llvm::TargetMachine &machine,
                          llvm::LLVMContext &context) const {
  DiagnosticCollector diagnostics(module.getContext());
  auto result = translateToLLVMIR(module, name, machine, context);
  if (!result)
    return diagnostics.takeError("the module has no translation to LLVM IR");
  if (progress)
    progress("optimize", 0, 1);
  optimize(*result, machine,
           options.optimize ? llvm::OptimizationLevel::O2
                            : llvm::OptimizationLevel::O0);
  if (progress)
    progress("optimize", 1, 1);
  return result;
}

llvm::Expected<Program>
Compiler::translate(ModuleOp module, const ModelInterface &interface) const {
  Program program{interface, std::make_unique<llvm::LLVMContext>(), nullptr,
                  options.target.createMachine()};
  auto translated = translateModule(module, interface.name, *program.machine,
                                    *program.context);
  if (!translated)
    return translated.takeError();
  program.module = std::move(*translated);
  embedInterface(*program.module, interface);
  return program;
}

llvm::Expected<Program> Compiler::build(ModuleOp module) const {
  if (options.variants.size() > 1)
    return buildVariants(module);
  auto interface = lower(module);
  if (!interface)
    return interface.takeError();
  return translate(module, *interface);
}

/// Each variant's code is what it would be alone.
llvm::Expected<Program> Compiler::buildVariants(ModuleOp module) const {
  Program program{{},
                  std::make_unique<llvm::LLVMContext>(),
                  nullptr,
                  getBaseline(options.target).createMachine()};
  ModelInterface &all = program.interface;
  std::vector<std::unique_ptr<llvm::Module>> modules;
  int64_t arenaBytes = 0, arenaAlign = 1, lowerBound = 0;
  for (const Variant &variant : options.variants) {
    CompileOptions own = options;
    own.target = variant.target;
    own.variants.clear();
    Compiler compiler(std::move(own), progress);
    OwningOpRef<ModuleOp> copy = module.clone();
    auto interface = compiler.lower(*copy);
    if (!interface)
      return interface.takeError();
    auto machine = variant.target.createMachine();
    auto translated = compiler.translateModule(*copy, interface->name, *machine,
                                               *program.context);
    if (!translated)
      return translated.takeError();
    modules.push_back(std::move(*translated));
    arenaBytes = std::max(arenaBytes, interface->arenaBytes);
    arenaAlign = std::max(arenaAlign, interface->arenaAlign);
    lowerBound = std::max(lowerBound, interface->arenaLowerBound);
    all = std::move(*interface);
  }
  all.arenaBytes = arenaBytes;
  all.arenaAlign = arenaAlign;
  all.arenaLowerBound = lowerBound;
  all.variants = options.variants;
  program.module = linkVariants(std::move(modules), all, *program.machine);
  return program;
}

llvm::Expected<Bytes> Compiler::generate(Program &program) const {
  if (progress)
    progress("object", 0, 1);
  auto object = emitObject(*program.module, *program.machine);
  if (progress)
    progress("object", 1, 1);
  if (!object)
    return object.takeError();
  // Upstream's buffers are on the heap.
  if (!options.reference)
    if (llvm::Error error = verifySelfContained(*object))
      return std::move(error);
  return object;
}

llvm::Expected<CompiledCode> Compiler::compile(ModuleOp module) const {
  auto program = build(module);
  if (!program)
    return program.takeError();
  auto object = generate(*program);
  if (!object)
    return object.takeError();
  return CompiledCode{std::move(program->interface), std::move(*object)};
}

} // namespace quantc
