// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Driver.h"
#include "mlir/IR/AsmState.h"
#include "quantc/Dialect/Quantc/IR/NodeLocation.h"
#include "quantc/Dialect/Quantc/IR/Quantc.h"
#include "quantc/Support/OutputFile.h"
#include "quantc/Support/Text.h"
#include "quantc/Target/Header.h"
#include "quantc/Transforms/Plan.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace quantc::tool {

namespace {
enum class OutputKind { Mlir, LlvmIr, Assembly, Object, Archive, SharedObject };
} // namespace

static Expected<OutputKind> getOutputKind(StringRef path) {
  if (path.empty())
    return createStringError("no output: give -o FILE");
  static constexpr std::pair<StringLiteral, OutputKind> kinds[] = {
      {".mlir", OutputKind::Mlir},  {".ll", OutputKind::LlvmIr},
      {".s", OutputKind::Assembly}, {".o", OutputKind::Object},
      {".a", OutputKind::Archive},  {".so", OutputKind::SharedObject}};
  StringRef extension = sys::path::extension(path);
  for (const auto &[suffix, kind] : kinds)
    if (extension == suffix)
      return kind;
  if (path == "-")
    return compileTo.empty() || compileTo == "object" ? OutputKind::Assembly
                                                      : OutputKind::Mlir;
  return createStringError("output '%s' must end in .o, .a, .so, .s, .ll or "
                           ".mlir: the extension says what is written",
                           path.str().c_str());
}

/// Where a module is wanted, the phase it is taken from.
static Expected<Phase> getLastPhase(OutputKind kind) {
  if (compileTo.empty())
    return kind == OutputKind::Mlir ? Phase::Llvm : Phase::Object;
  auto phase = symbolizePhase(compileTo);
  if (!phase)
    return createStringError("unknown phase '%s': --compile-to is import, "
                             "prepare, observe, fold, quantize, requantize, "
                             "linalg, kernel, llvm or object",
                             compileTo.c_str());
  if ((*phase == Phase::Object) == (kind == OutputKind::Mlir))
    return createStringError(
        *phase == Phase::Object
            ? "phase 'object' gives machine code, which isn't written as .mlir"
            : "a module that stops at phase '" + compileTo +
                  "' is written as .mlir (or to standard output, '-')");
  return *phase;
}

static Error writeModule(mlir::ModuleOp module, StringRef path) {
  std::string text;
  raw_string_ostream os(text);
  // Locations carry the names of the source's nodes.
  module->print(os, mlir::OpPrintingFlags().enableDebugInfo());
  os << "\n";
  return writeFile(path, StringRef(text));
}

static std::string getHeaderPath(StringRef object) {
  SmallString<128> path(object);
  sys::path::replace_extension(path, ".h");
  return path.str().str();
}

static Expected<Bytes> generateFile(OutputKind kind, Program &program,
                                    const Compiler &compiler) {
  if (kind == OutputKind::Assembly)
    return emitAssembly(*program.module, *program.machine);
  if (kind == OutputKind::LlvmIr) {
    Bytes text;
    raw_svector_ostream os(text);
    program.module->print(os, nullptr);
    return text;
  }
  auto object = compiler.generate(program);
  if (!object || kind == OutputKind::Object)
    return object;
  return kind == OutputKind::Archive
             ? makeArchive(*object, program.interface.name + ".o")
             : linkSharedObject(*object);
}

/// The nodes that a module computes in floats.
static StringSet<> findFloatNodes(mlir::ModuleOp module) {
  StringSet<> nodes;
  module.walk([&](mlir::Operation *op) {
    if (op->hasTrait<mlir::OpTrait::ConstantLike>() || isa<DequantizeOp>(op))
      return;
    if (any_of(op->getResultTypes(), [](mlir::Type type) {
          return isa<mlir::FloatType>(mlir::getElementTypeOrSelf(type));
        }))
      for (StringRef name :
           {getNodeName(op->getLoc()), op->getName().getStringRef()})
        nodes.insert(name); // the plan has the latter where there is no node
  });
  return nodes;
}

/// What stays float, and why. A function of one integer, which the plan leaves
/// in float, has become a table in `module`.
static Error printPlan(StringRef path, mlir::ModuleOp module) {
  auto plan = Plan::load(path);
  if (!plan)
    return plan.takeError();
  StringSet<> floatNodes = findFloatNodes(module);
  size_t integers = 0, tables = 0;
  SmallVector<const Plan::Entry *> floats;
  for (const Plan::Entry &entry : plan->getEntries()) {
    // The plan numbers the operations of a node.
    StringRef node = StringRef(entry.node).rsplit('#').first;
    if (entry.isInteger)
      ++integers;
    else if (floatNodes.contains(entry.node) || floatNodes.contains(node))
      floats.push_back(&entry);
    else
      ++tables;
  }
  errs() << formatv("plan    {0} operations in integers, ", integers);
  if (tables)
    errs() << formatv("{0} in tables or folded, ", tables);
  errs() << formatv("{0} in float\n", floats.size());
  for (const Plan::Entry *entry : floats)
    errs() << formatv("        {0} stays float: {1}\n", inOneLine(entry->node),
                      entry->reason);
  return Error::success();
}

Error runCompile() {
  // lld, as a library, resets the options of this process.
  const std::string path = output;
  const bool isVerbose = verbose;
  auto kind = getOutputKind(path);
  if (!kind)
    return kind.takeError();
  auto last = getLastPhase(*kind);
  if (!last)
    return last.takeError();
  bool hasHeader =
      *last == Phase::Object && *kind != OutputKind::LlvmIr && path != "-";
  std::vector<std::string> outputs{path};
  if (hasHeader)
    outputs.push_back(getHeaderPath(path));
  if (!savePlan.empty()) {
    if (*last < Phase::Quantize)
      return createStringError("--save-plan: there is no plan before phase "
                               "'quantize'");
    outputs.push_back(savePlan);
  }
  if (reference && (*last == Phase::Linalg || *last == Phase::Kernel))
    return createStringError("--reference has no phase '%s'",
                             compileTo.c_str());
  if (Error error = checkOutputs(outputs))
    return error;

  Driver driver;
  auto compiler = driver.makeCompiler(isFloat);
  if (!compiler)
    return compiler.takeError();
  if (isFloat && *last != Phase::Object && !compiler->passes(*last))
    return createStringError("a float model has no phase '%s'",
                             compileTo.c_str());
  if (compiler->getOptions().variants.size() > 1 &&
      (*last == Phase::Kernel || *last == Phase::Llvm))
    return createStringError("phase '%s' is for one processor, but --mcpu "
                             "names several",
                             compileTo.empty() ? "llvm" : compileTo.c_str());
  if (*last >= Phase::Fold && !isFloat && !wantsInteger())
    return createStringError("int8 needs calibration: give --table or --data "
                             "(or --float to compile without quantization)");
  auto module = driver.load();
  if (!module)
    return module.takeError();
  std::optional<TemporaryFile> planFile;
  bool printsPlan = isVerbose && *last >= Phase::Quantize && !isFloat;
  std::string &planPath = compiler->getOptions().savePlan;
  if (printsPlan && planPath.empty()) {
    auto file = TemporaryFile::create("json");
    if (!file)
      return file.takeError();
    planFile.emplace(std::move(*file));
    planPath = planFile->getPath();
  }
  if (Error error = driver.quantize(**module, *compiler,
                                    std::min(*last, Phase::Requantize)))
    return error;
  if (printsPlan) {
    driver.clearProgress();
    if (Error error = printPlan(planPath, **module))
      return error;
  }
  if (*last <= Phase::Kernel) {
    if (Error error = compiler->runAfter(**module, Phase::Requantize, *last))
      return error;
    driver.clearProgress();
    return writeModule(**module, path);
  }
  if (*last == Phase::Llvm) {
    if (auto interface = compiler->lower(**module); !interface)
      return interface.takeError();
    driver.clearProgress();
    return writeModule(**module, path);
  }
  auto program = compiler->build(**module);
  if (!program)
    return program.takeError();
  auto bytes = generateFile(*kind, *program, *compiler);
  if (!bytes)
    return bytes.takeError();
  driver.clearProgress();
  // The object first: without room for it, there is no header of it either.
  if (Error error = writeFile(path, ArrayRef<char>(*bytes)))
    return error;
  if (hasHeader) {
    std::string header;
    raw_string_ostream os(header);
    writeHeader(program->interface, os);
    if (Error error = writeFile(getHeaderPath(path), StringRef(header)))
      return error;
  }
  if (isVerbose) {
    errs() << formatv("file    {0} bytes, for {1} ({2})\n", bytes->size(),
                      program->interface.target.triple,
                      program->interface.describeTarget());
    printArena(program->interface, errs());
  }
  return Error::success();
}

} // namespace quantc::tool
