// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// LLVM IR: translation, optimization, code generation.

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "quantc/Codegen/TargetDescription.h"
#include "quantc/Target/Object.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/Analysis/TargetTransformInfo.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/DiagnosticPrinter.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Transforms/Utils/LowerMemIntrinsics.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"

using namespace llvm;

namespace quantc {

void registerLLVMTranslations(mlir::DialectRegistry &registry) {
  mlir::registerAllToLLVMIRTranslations(registry);
}

void setFunctionAttributes(Module &module, TargetMachine &machine) {
  for (Function &function : module) {
    if (function.isDeclaration())
      continue;
    function.setDoesNotThrow();
    function.addFnAttr("no-builtins");
    if (!function.hasFnAttribute("target-cpu"))
      function.addFnAttr("target-cpu", machine.getTargetCPU());
    if (!function.hasFnAttribute("target-features") &&
        !machine.getTargetFeatureString().empty())
      function.addFnAttr("target-features", machine.getTargetFeatureString());
  }
}

void embedInterface(Module &module, const ModelInterface &interface) {
  std::string text;
  raw_string_ostream(text) << interface.toJSON();
  Constant *data = ConstantDataArray::getString(module.getContext(), text,
                                                /*AddNull=*/false);
  auto *global =
      new GlobalVariable(module, data->getType(), /*isConstant=*/true,
                         GlobalValue::PrivateLinkage, data, "interface");
  global->setSection(".quantc");
  global->setAlignment(Align(1));
  appendToCompilerUsed(module, {global});
}

/// Makes arrays of arrays flat: LLVM keeps a constant for each innermost row of
/// a nested one, and walks them all, often.
static void flattenConstants(mlir::ModuleOp module) {
  for (auto global : module.getOps<mlir::LLVM::GlobalOp>()) {
    auto value = dyn_cast_or_null<mlir::ElementsAttr>(global.getValueAttr());
    if (!value || value.getShapedType().getRank() < 2)
      continue;
    mlir::Type element = global.getGlobalType();
    while (auto array = dyn_cast<mlir::LLVM::LLVMArrayType>(element))
      element = array.getElementType();
    auto type = mlir::RankedTensorType::get(value.getNumElements(),
                                            value.getElementType());
    if (auto resource = dyn_cast<mlir::DenseResourceElementsAttr>(value))
      global.setValueAttr(
          mlir::DenseResourceElementsAttr::get(type, resource.getRawHandle()));
    else if (auto dense = dyn_cast<mlir::DenseElementsAttr>(value))
      global.setValueAttr(dense.reshape(type));
    else
      continue;
    global.setGlobalType(
        mlir::LLVM::LLVMArrayType::get(element, value.getNumElements()));
  }
}

std::unique_ptr<Module> translateToLLVMIR(mlir::ModuleOp module, StringRef name,
                                          TargetMachine &machine,
                                          LLVMContext &context) {
  flattenConstants(module);
  std::unique_ptr<Module> result =
      mlir::translateModuleToLLVMIR(module, context, name);
  if (!result)
    return nullptr;
  result->setSourceFileName(name);
  result->setTargetTriple(machine.getTargetTriple());
  result->setDataLayout(machine.createDataLayout());
  setFunctionAttributes(*result, machine);
  return result;
}

/// Up to this many bytes LLVM itself expands a copy or fill of constant length,
/// on every target.
static constexpr uint64_t maxInlineBytes = 64;

/// What remains of memcpy, memmove and memset after this is expanded inline.
static void expandMemoryIntrinsics(Function &function,
                                   const TargetTransformInfo &tti) {
  SmallVector<MemIntrinsic *> large;
  for (Instruction &instruction : instructions(function))
    if (auto *memory = dyn_cast<MemIntrinsic>(&instruction)) {
      auto *length = dyn_cast<ConstantInt>(memory->getLength());
      if (!length || length->getZExtValue() > maxInlineBytes)
        large.push_back(memory);
    }
  for (MemIntrinsic *memory : large) {
    if (auto *copy = dyn_cast<MemCpyInst>(memory))
      expandMemCpyAsLoop(copy, tti);
    else if (auto *move = dyn_cast<MemMoveInst>(memory))
      expandMemMoveAsLoop(move, tti);
    else
      expandMemSetAsLoop(cast<MemSetInst>(memory));
    memory->eraseFromParent();
  }
}

void optimize(Module &module, TargetMachine &machine, OptimizationLevel level) {
  // Kernels come unrolled as far as the registers go; more of it spills.
  PipelineTuningOptions tuning;
  tuning.LoopUnrolling = false;
  PassBuilder builder(&machine, tuning);
  LoopAnalysisManager loops;
  FunctionAnalysisManager functions;
  CGSCCAnalysisManager callGraphs;
  ModuleAnalysisManager modules;
  TargetLibraryInfoImpl libraries(machine.getTargetTriple());
  libraries.disableAllFunctions();
  functions.registerPass([&] { return TargetLibraryAnalysis(libraries); });
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(callGraphs);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, callGraphs, modules);
  builder.buildPerModuleDefaultPipeline(level).run(module, modules);
  for (Function &function : module)
    if (!function.isDeclaration())
      expandMemoryIntrinsics(function,
                             machine.getTargetTransformInfo(function));
}

static Expected<Bytes> emit(Module &module, TargetMachine &machine,
                            CodeGenFileType kind) {
  // The code generator reports what it can't do to the context, and goes on.
  std::string messages;
  auto collect = [](const DiagnosticInfo *info, void *text) {
    if (info->getSeverity() != DS_Error)
      return;
    raw_string_ostream os(*static_cast<std::string *>(text));
    DiagnosticPrinterRawOStream printer(os);
    info->print(printer);
  };
  LLVMContext &context = module.getContext();
  context.setDiagnosticHandlerCallBack(collect, &messages);

  Bytes bytes;
  raw_svector_ostream os(bytes);
  legacy::PassManager passes;
  TargetLibraryInfoImpl libraries(machine.getTargetTriple());
  libraries.disableAllFunctions();
  passes.add(new TargetLibraryInfoWrapperPass(libraries));
  bool unsupported = machine.addPassesToEmitFile(passes, os, nullptr, kind);
  if (!unsupported)
    passes.run(module);
  context.setDiagnosticHandlerCallBack(nullptr);
  if (unsupported)
    return createStringError("LLVM can't write such a file for '%s'",
                             machine.getTargetTriple().str().c_str());
  if (!messages.empty())
    return createStringError("code generation failed: " + messages);
  return bytes;
}

Expected<Bytes> emitObject(Module &module, TargetMachine &machine) {
  return emit(module, machine, CodeGenFileType::ObjectFile);
}

/// An assembler of AArch64 wants to be told what the kernels ask for; one of
/// x86-64 knows every instruction.
static std::string printExtensions(const Module &module,
                                   const TargetMachine &machine) {
  const Triple &triple = machine.getTargetTriple();
  if (!triple.isAArch64())
    return "";
  SetVector<StringRef> extensions;
  for (const Function &function : module) {
    if (function.isDeclaration())
      continue;
    auto description = selectTarget(
        triple.str(), function.getFnAttribute("target-cpu").getValueAsString(),
        function.getFnAttribute("target-features").getValueAsString());
    if (!description) {
      consumeError(description.takeError()); // code that isn't a kernel
      continue;
    }
    SmallVector<StringRef> features;
    (*description)->features.split(features, ',');
    for (StringRef feature : features)
      extensions.insert(feature.drop_front());
  }
  std::string text;
  for (StringRef extension : extensions)
    if (extension != "neon") // which all have
      text += ("\t.arch_extension " + extension + "\n").str();
  return text;
}

Expected<Bytes> emitAssembly(Module &module, TargetMachine &machine) {
  auto assembly = emit(module, machine, CodeGenFileType::AssemblyFile);
  if (!assembly)
    return assembly;
  std::string extensions = printExtensions(module, machine);
  assembly->insert(assembly->begin(), extensions.begin(), extensions.end());
  return assembly;
}

} // namespace quantc
