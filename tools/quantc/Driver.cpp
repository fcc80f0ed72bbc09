// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Driver.h"
#include "quantc/Execution/Calibration.h"
#include "quantc/Execution/Samples.h"
#include "quantc/Support/OutputFile.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Signals.h"

using namespace llvm;

namespace quantc::tool {

//===----------------------------------------------------------------------===//
// Progress
//===----------------------------------------------------------------------===//

void Progress::operator()(StringRef stage, int64_t done, int64_t total) {
  using namespace std::chrono;
  auto now = steady_clock::now();
  if (done == 0)
    start = now;
  if (done == total && verboseTiming) {
    clear();
    errs() << formatv("{0,-12} {1,9:f3} s\n", stage,
                      duration<double>(now - start).count());
    return;
  }
  static const bool isTerminal = sys::Process::StandardErrIsDisplayed();
  bool isNew = done == 0 || done == total;
  if (!isTerminal || (!isNew && now - drawn < milliseconds(50)))
    return;
  drawn = now;
  visible = true;
  constexpr int width = 30;
  int filled = total > 0 ? static_cast<int>(done * width / total) : width;
  errs() << "\r\x1b[K" << formatv("{0,-12} ", stage) << '['
         << std::string(filled, '#') << std::string(width - filled, ' ') << ']';
  if (total > 1)
    errs() << ' ' << done << '/' << total;
}

void Progress::clear() {
  if (std::exchange(visible, false))
    errs() << "\r\x1b[K";
}

//===----------------------------------------------------------------------===//
// Temporary files
//===----------------------------------------------------------------------===//

Expected<TemporaryFile> TemporaryFile::create(StringRef suffix) {
  SmallString<128> path;
  if (auto code = sys::fs::createTemporaryFile("quantc", suffix, path))
    return createStringError(code, "cannot create a temporary file");
  sys::RemoveFileOnSignal(path);
  return TemporaryFile(path.str().str());
}

TemporaryFile::~TemporaryFile() {
  if (path.empty())
    return;
  sys::fs::remove(path);
  sys::DontRemoveFileOnSignal(path);
}

//===----------------------------------------------------------------------===//
// The way of a model
//===----------------------------------------------------------------------===//

bool isCompiledFile(StringRef path) {
  StringRef extension = sys::path::extension(path);
  return extension == ".so" || extension == ".o" || extension == ".a";
}

void printJSON(json::Value value) { outs() << formatv("{0:2}\n", value); }

void printArena(const ModelInterface &interface, raw_ostream &os) {
  os << formatv("arena   {0} bytes, aligned to {1}", interface.arenaBytes,
                interface.arenaAlign);
  if (interface.arenaLowerBound)
    os << formatv("; lower bound {0} bytes ({1:f1} % of it)",
                  interface.arenaLowerBound,
                  100.0 * interface.arenaBytes / interface.arenaLowerBound);
  os << "\n";
}

TimeUnit getTimeUnit(double seconds) {
  return seconds < 1e-3  ? TimeUnit{"µs", 1e-6}
         : seconds < 1.0 ? TimeUnit{"ms", 1e-3}
                         : TimeUnit{"s", 1.0};
}

std::string formatTime(double seconds, TimeUnit unit) {
  double value = seconds / unit.seconds;
  int digits = value < 10 ? 3 : value < 100 ? 2 : value < 1000 ? 1 : 0;
  std::string text;
  raw_string_ostream(text) << llvm::format("%.*f ", digits, value) << unit.name;
  return text;
}

//===----------------------------------------------------------------------===//
// Options
//===----------------------------------------------------------------------===//

/// More would be a typing error.
static constexpr int64_t maxThreads = 1024;

static Error checkNumbers() {
  if (batch.getNumOccurrences() && batch < 1)
    return createStringError("--batch must be at least 1");
  if (minPartCycles.getNumOccurrences() && minPartCycles < 1)
    return createStringError("--min-part-cycles must be at least 1");
  for (int64_t count : threads)
    if (count < 1 || count > maxThreads)
      return createStringError("--threads must be 1 to %lld, not %lld",
                               static_cast<long long>(maxThreads),
                               static_cast<long long>(count));
  if (threads.size() > 1 && !benchCommand)
    return createStringError("--threads takes one number here; bench compares "
                             "several");
  return Error::success();
}

/// What only int8 knows, on the way to float.
static Error checkQuantization() {
  if (isFloat && wantsInteger())
    return createStringError("--float goes without --table and --data");
  if (!table.empty() && !data.empty())
    return createStringError("give either --table or --data");
  // Compiling, one may stop before a table is needed.
  if (calibrateCommand || (compileCommand && !isFloat) || wantsInteger())
    return Error::success();
  const cl::Option *onlyInteger[] = {&qconfig,       &requantize, &plan,
                                     &strictInteger, &integerIO,  &savePlan};
  for (const cl::Option *option : onlyInteger)
    if (option->getNumOccurrences())
      return createStringError(isFloat ? "--float goes without --%s"
                                       : "--%s is about int8: give --table or "
                                         "--data, too",
                               option->ArgStr.str().c_str());
  return Error::success();
}

/// What says how to compile says nothing to a compiled file, and some commands
/// need the model that it was.
static Error checkCompiledFile() {
  if (compileCommand || calibrateCommand || evalCommand || compareCommand)
    return createStringError("'%s' is compiled already: give the model, .onnx "
                             "or .mlir",
                             modelPath.c_str());
  const cl::Option *compiling[] = {
      &target,        &cpu,        &features,
      &qconfig,       &table,      std::addressof(data),
      &plan,          &batch,      &requantize,
      &strictInteger, &integerIO,  &isFloat,
      &reference,     &tuningPath, &strips};
  for (const cl::Option *option : compiling)
    if (option->getNumOccurrences())
      return createStringError("'%s' is compiled already: --%s can't change it",
                               modelPath.c_str(), option->ArgStr.str().c_str());
  return Error::success();
}

/// The files that the command line has quantc read.
static SmallVector<StringRef> getInputFiles() {
  SmallVector<StringRef> paths{modelPath, table,  qconfig,
                               plan,      labels, tuningPath};
  for (const auto *bindings : {&data, &inputs})
    for (StringRef binding : *bindings)
      paths.push_back(splitBinding(binding).second);
  return paths;
}

/// Before long work, as what reads them says it behind; of devices, nothing
/// would say it: some have no end.
static Error checkInputs() {
  SmallVector<StringRef> paths = getInputFiles();
  paths.append(tables.begin(), tables.end());
  for (StringRef path : paths) {
    if (path.empty())
      continue;
    sys::fs::file_status status;
    if (auto code = sys::fs::status(path, status))
      return createStringError("'" + path + "': " + code.message());
    if (status.type() == sys::fs::file_type::character_file ||
        status.type() == sys::fs::file_type::block_file)
      return createStringError("'" + path + "' is a device, not a file");
  }
  return Error::success();
}

Error checkOptions() {
  if (Error error = checkNumbers())
    return error;
  if (isCompiledFile(modelPath))
    return checkCompiledFile();
  if (Error error = checkQuantization())
    return error;
  if (reference && strips)
    return createStringError("--reference goes without --strips: plain loops "
                             "run layer by layer");
  if (reference && !tuningPath.empty())
    return createStringError("--reference goes without --tune: plain loops "
                             "have no tiles");
  static constexpr StringLiteral modes[] = {"f32", "fixed", "fixed-double",
                                            "shift"};
  if (requantize.getNumOccurrences() && !is_contained(modes, requantize))
    return createStringError("--requantize is f32, fixed, fixed-double or "
                             "shift, not '%s'",
                             requantize.c_str());
  if (strictInteger && requantize == "f32")
    return createStringError(
        "--strict-integer excludes --requantize f32, which multiplies in "
        "float; choose fixed, fixed-double or shift");
  return checkInputs();
}

Error checkOutputs(ArrayRef<std::string> paths) {
  auto isSame = [](StringRef a, StringRef b) {
    return a == b || (sys::fs::is_regular_file(a) && sys::fs::equivalent(a, b));
  };
  for (auto [i, path] : enumerate(paths)) {
    for (StringRef input : getInputFiles())
      if (!input.empty() && isSame(path, input))
        return createStringError("'" + path +
                                 "' would be overwritten, but is read: give "
                                 "the output another name");
    for (StringRef other : paths.take_front(i))
      if (path != "-" && isSame(path, other))
        return createStringError("'" + path +
                                 "' is to be written twice: give the outputs "
                                 "names of their own");
    if (Error error = checkWritable(path))
      return error;
  }
  return Error::success();
}

Expected<std::shared_ptr<ThreadPool>> makePool() {
  if (threads.empty() || threads.front() == 1)
    return nullptr;
  return std::make_shared<ThreadPool>(threads.front());
}

Driver::Driver()
    : context(createContext()),
      warnings(context.get(), [this](mlir::Diagnostic &diagnostic) {
        if (diagnostic.getSeverity() != mlir::DiagnosticSeverity::Warning)
          return mlir::failure();
        std::string text = describeDiagnostic(diagnostic);
        if (warned.insert(text).second) {
          progress.clear();
          errs() << "quantc: warning: " << text << "\n";
        }
        return mlir::success();
      }) {}

bool wantsInteger() { return !table.empty() || !data.empty(); }

Expected<mlir::OwningOpRef<mlir::ModuleOp>> Driver::load() {
  if (modelPath.empty())
    return createStringError("no model: give a file .onnx or .mlir");
  LoadOptions options;
  options.name = name;
  if (batch.getNumOccurrences())
    options.batch = batch;
  auto progressFunction = getProgress();
  progressFunction("import", 0, 1);
  auto module = loadModel(*context, modelPath, options);
  progressFunction("import", 1, 1);
  return module;
}

Expected<Compiler> Driver::makeCompiler(bool floating) {
  CompileOptions options;
  auto variants = parseVariants(target, cpu, features);
  if (!variants)
    return variants.takeError();
  options.target = variants->back().target;
  options.variants = std::move(*variants);
  options.isFloat = floating;
  options.reference = reference;
  options.strips = strips;
  options.minPartCycles = minPartCycles;
  options.optimize = !unoptimized;
  if (!tuningPath.empty()) {
    auto tuning = Tuning::load(tuningPath);
    if (!tuning)
      return tuning.takeError();
    options.tuning = std::make_shared<Tuning>(std::move(*tuning));
  }
  if (!floating) {
    options.qconfig = qconfig;
    options.table = table;
    options.plan = plan;
    options.savePlan = savePlan;
    options.strictInteger = strictInteger;
    options.integerIO = integerIO;
    options.requantize = requantize.empty() ? (strictInteger ? "fixed" : "f32")
                                            : requantize.getValue();
  }
  return Compiler(std::move(options), getProgress());
}

Error Driver::quantize(mlir::ModuleOp module, Compiler &compiler, Phase to) {
  if (compiler.getOptions().isFloat || to <= Phase::Observe)
    return compiler.runAfter(module, Phase::Import, to);
  if (table.empty() && data.empty())
    return createStringError("int8 needs calibration: give --table or --data "
                             "(or --float to compile without quantization)");
  if (Error error = compiler.runAfter(module, Phase::Import, Phase::Observe))
    return error;
  if (table.empty() && !calibrated) {
    auto file = TemporaryFile::create("qcal");
    if (!file)
      return file.takeError();
    // Calibration runs here, whatever the object is compiled for.
    CompileOptions options;
    auto host = TargetSpec::create();
    if (!host)
      return host.takeError();
    options.target = std::move(*host);
    options.isFloat = true;
    auto made = calibrate(module, Compiler(std::move(options), getProgress()),
                          data, getProgress());
    if (!made)
      return made.takeError();
    if (Error error = made->save(file->getPath()))
      return error;
    calibrated.emplace(std::move(*file));
  }
  if (calibrated)
    compiler.getOptions().table = calibrated->getPath();
  return compiler.runAfter(module, Phase::Observe, to);
}

/// The first variant that this machine can run, or null.
static const Variant *findVariant(ArrayRef<Variant> variants) {
  auto found = find_if(variants, [](const Variant &variant) {
    return variant.target.runsOnHost();
  });
  return found == variants.end() ? nullptr : found;
}

static Error checkRunsHere(const CompileOptions &options) {
  if (findVariant(options.variants))
    return Error::success();
  std::string names =
      join(map_range(options.variants,
                     [](const Variant &variant) { return variant.name; }),
           ", ");
  return createStringError("code for '%s' (%s) can't be run on this machine",
                           options.target.triple.c_str(), names.c_str());
}

Error selectVariant(CompileOptions &options) {
  if (Error error = checkRunsHere(options))
    return error;
  options.variants = {*findVariant(options.variants)};
  options.target = options.variants.front().target;
  return Error::success();
}

Expected<CompiledModel> Driver::compileHere(mlir::ModuleOp module,
                                            bool floating) {
  auto compiler = makeCompiler(floating);
  if (!compiler)
    return compiler.takeError();
  if (Error error = checkRunsHere(compiler->getOptions()))
    return std::move(error);
  if (Error error = quantize(module, *compiler, Phase::Requantize))
    return std::move(error);
  auto code = compiler->compile(module);
  if (!code)
    return code.takeError();
  return CompiledModel::load(*code);
}

Expected<ModelInterface> Driver::getInterface(mlir::ModuleOp module) {
  DiagnosticCollector diagnostics(context.get());
  auto interface = collectInterface(module);
  if (failed(interface))
    return diagnostics.takeError("the model has no interface");
  return std::move(*interface);
}

Expected<CompiledModel>
Driver::loadCompiled(function_ref<Error(const ModelInterface &)> check) {
  if (isCompiledFile(modelPath)) {
    auto model = CompiledModel::open(modelPath);
    if (model && check)
      if (Error error = check(model->getInterface()))
        return std::move(error);
    return model;
  }
  auto module = load();
  if (!module)
    return module.takeError();
  if (check) {
    auto interface = getInterface(**module);
    if (!interface)
      return interface.takeError();
    if (Error error = check(*interface))
      return std::move(error);
  }
  return compileHere(**module, isFloat || !wantsInteger());
}

} // namespace quantc::tool
