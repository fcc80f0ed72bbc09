// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The options of all subcommands and what they have in common: from the command
// line to a model in the phase that is wanted.

#ifndef QUANTC_TOOLS_QUANTC_DRIVER_H
#define QUANTC_TOOLS_QUANTC_DRIVER_H

#include "quantc/Execution/Comparison.h"
#include "quantc/Execution/Compiler.h"
#include "quantc/Execution/ThreadPool.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/CommandLine.h"
#include <chrono>

namespace quantc::tool {

// The subcommands. Each `run…` is in a file of its own.
extern llvm::cl::SubCommand compileCommand, calibrateCommand, mergeCommand,
    runCommand, evalCommand, compareCommand, profileCommand, benchCommand,
    inspectCommand, tuneCommand;
llvm::Error runCompile();
llvm::Error runCalibrate();
llvm::Error runMerge();
llvm::Error runRun();
llvm::Error runEval();
llvm::Error runCompare();
llvm::Error runProfile();
llvm::Error runBench();
llvm::Error runInspect();
llvm::Error runTune();

/// All options that `--help` shows.
extern llvm::cl::OptionCategory category;

// Options that several subcommands share.
extern llvm::cl::opt<std::string> modelPath, output, target, cpu, features,
    qconfig, table, plan, savePlan, requantize, tuningPath;
extern llvm::cl::opt<std::string> name, compileTo, labels;
extern llvm::cl::list<std::string> data, inputs, outputs, tables;
extern llvm::cl::opt<CompareScope> only;
extern llvm::cl::opt<int64_t> batch, minPartCycles;
extern llvm::cl::list<int64_t> threads;
extern llvm::cl::opt<double> seconds;
extern llvm::cl::opt<bool> strips, unoptimized, isFloat, reference,
    strictInteger, integerIO, json, verbose, verboseTiming;

/// A bar on the terminal, if standard error is one; times, if they are wanted.
class Progress {
public:
  ~Progress() { clear(); }
  void operator()(llvm::StringRef stage, int64_t done, int64_t total);
  void clear();

private:
  std::chrono::steady_clock::time_point start, drawn;
  bool visible = false;
};

/// A file that goes away with the object.
class TemporaryFile {
public:
  static llvm::Expected<TemporaryFile> create(llvm::StringRef suffix);
  TemporaryFile(TemporaryFile &&other) : path(std::exchange(other.path, "")) {}
  ~TemporaryFile();
  const std::string &getPath() const { return path; }

private:
  explicit TemporaryFile(std::string path) : path(std::move(path)) {}
  std::string path;
};

class Driver {
public:
  Driver();

  mlir::MLIRContext &getContext() { return *context; }
  ProgressFunction getProgress() {
    return [this](llvm::StringRef stage, int64_t done, int64_t total) {
      progress(stage, done, total);
    };
  }
  void clearProgress() { progress.clear(); }

  /// The model of the command line.
  llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>> load();
  /// A compiler with the options of the command line; `floating` overrides
  /// --float.
  llvm::Expected<Compiler> makeCompiler(bool floating);
  /// From `import` to `to` (at most `requantize`), calibrating on --data where
  /// no --table is given.
  llvm::Error quantize(mlir::ModuleOp module, Compiler &compiler, Phase to);
  /// The interface that a module has before it is quantized.
  llvm::Expected<ModelInterface> getInterface(mlir::ModuleOp module);
  /// The model of the command line, compiled and loaded: int8 with --table or
  /// --data, else float. A compiled file is loaded as it is. `check` sees the
  /// interface before the long work (with --integer-io, in float yet).
  llvm::Expected<CompiledModel> loadCompiled(
      llvm::function_ref<llvm::Error(const ModelInterface &)> check = nullptr);
  /// The same from a module that left `import`, which it consumes.
  llvm::Expected<CompiledModel> compileHere(mlir::ModuleOp module,
                                            bool floating);

private:
  std::unique_ptr<mlir::MLIRContext> context;
  Progress progress;
  /// Printed once, though a model may be compiled twice.
  llvm::StringSet<> warned;
  mlir::ScopedDiagnosticHandler warnings;
  /// The table made from --data.
  std::optional<TemporaryFile> calibrated;
};

/// Whether the path names a file that `CompiledModel::open` reads.
bool isCompiledFile(llvm::StringRef path);

/// Of several processors to compile for, leaves the one whose code this machine
/// would choose; an error if there is none.
llvm::Error selectVariant(CompileOptions &options);

/// "arena 1234 bytes, lower bound 1200 (102.8 %)", a line.
void printArena(const ModelInterface &interface, llvm::raw_ostream &os);

/// An error unless files can be written to the paths, which are neither one of
/// the files that are read nor the same twice; to be asked before long work.
llvm::Error checkOutputs(llvm::ArrayRef<std::string> paths);

/// The unit that gives a time at least one digit before the point.
struct TimeUnit {
  llvm::StringLiteral name;
  double seconds;
};
TimeUnit getTimeUnit(double seconds);
/// "15.38 µs": four digits in the unit.
std::string formatTime(double seconds, TimeUnit unit);
inline std::string formatTime(double seconds) {
  return formatTime(seconds, getTimeUnit(seconds));
}

/// Prints JSON, indented, to standard output.
void printJSON(llvm::json::Value value);

/// What a command found, as --json wants it or printed for people.
template <typename Result>
void report(Driver &driver, const Result &result,
            void (*print)(const Result &)) {
  driver.clearProgress();
  if (json)
    printJSON(result.toJSON());
  else
    print(result);
}

/// `--data a.npy b.npy` means `--data a.npy --data b.npy`.
std::vector<std::string>
repeatListOptions(llvm::ArrayRef<const char *> arguments);
/// An error unless all options are those of `command`, with values of their
/// type; `commands` are all there are.
llvm::Error checkArguments(llvm::cl::SubCommand &command,
                           llvm::ArrayRef<llvm::cl::SubCommand *> commands,
                           llvm::ArrayRef<std::string> arguments);
/// An error where values are out of range or options don't go together.
llvm::Error checkOptions();
/// The threads that --threads asks for, null for one; an error if it gives
/// several numbers.
llvm::Expected<std::shared_ptr<ThreadPool>> makePool();

/// Whether the command line asks for int8.
bool wantsInteger();

} // namespace quantc::tool

#endif // QUANTC_TOOLS_QUANTC_DRIVER_H
