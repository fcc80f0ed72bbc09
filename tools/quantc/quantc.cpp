// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// quantc: from trained networks to native integer code.

#include "Driver.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/Support/ErrorHandling.h"
#include <cstdlib>

using namespace llvm;
using namespace quantc;
using namespace quantc::tool;

static constexpr StringLiteral usage =
    R"(quantc compiles trained networks to native integer code.

  quantc calibrate model.onnx --data samples.npy -o model.qcal
  quantc compile model.onnx --table model.qcal -o model.o      object and C header
  quantc eval model.onnx --table model.qcal --inputs x.npy --labels y.npy

Commands (quantc COMMAND --help; quantc --version):
  compile    compile a model to an object, archive or shared object with a C header
  calibrate  run a model over samples and record the ranges of its values
  merge      merge calibration tables of the same model
  run        run a model, or a compiled one, on .npy or .npz arrays
  eval       compare the accuracy of a classifier in int8 with that in float
  compare    show where in the model quantization noise arises
  profile    show the time of each layer
  bench      measure the time of a run
  tune       measure which tiles are fastest on this machine, for compile --tune
  inspect    list inputs, outputs, operations, parameters, multiply-accumulates
)";

namespace {
struct Command {
  cl::SubCommand &options;
  Error (*run)();
};
} // namespace

static const Command commands[] = {
    {compileCommand, runCompile}, {calibrateCommand, runCalibrate},
    {mergeCommand, runMerge},     {runCommand, runRun},
    {evalCommand, runEval},       {compareCommand, runCompare},
    {profileCommand, runProfile}, {benchCommand, runBench},
    {inspectCommand, runInspect}, {tuneCommand, runTune}};

static int fail(StringRef message) {
  errs() << "quantc: error: " << message.trim() << "\n";
  return 1;
}

/// LLVM's own way out: it can't go on, but the message is the user's.
static void onFatalError(void *, const char *reason, bool) {
  std::_Exit(fail(reason));
}

/// The first of LLVM's complaints, with its guess, and without the program's
/// path. Of a value that is missing or no number it has told the user already.
static std::string describeMisuse(StringRef message, StringRef command) {
  SmallVector<StringRef> lines;
  message.trim().split(lines, '\n');
  std::string text;
  for (StringRef line : lines) {
    line.consume_front("quantc: ");
    if (!text.empty() && !line.starts_with("Did you mean"))
      break;
    line =
        line.take_front(line.find("  Try: ")).take_front(line.find(" See: "));
    text += (text.empty() ? "" : " ") + line.rtrim(":").str();
  }
  if (!text.empty())
    text += StringRef(".?!").contains(text.back()) ? " " : ". ";
  return text + "See 'quantc " + command.str() + " --help'";
}

static void printVersion(raw_ostream &os) {
  os << "quantc " QUANTC_VERSION ", with LLVM " LLVM_VERSION_STRING "\n";
}

/// `--data a.npy b.npy` means `--data a.npy --data b.npy`.
static std::vector<std::string> repeatListOptions(ArrayRef<const char *> argv) {
  static constexpr StringLiteral lists[] = {"data", "input", "inputs"};
  std::vector<std::string> arguments;
  StringRef list;
  bool wantsValue = false;
  for (StringRef argument : argv) {
    StringRef option = argument;
    bool isOption = option.consume_front("--") || option.consume_front("-");
    if (isOption) {
      StringRef key = option.split('=').first;
      list = is_contained(lists, key) ? key : StringRef();
      wantsValue = !list.empty() && !option.contains('=');
    } else if (wantsValue) {
      wantsValue = false;
    } else if (!list.empty() &&
               (argument.ends_with(".npy") || argument.ends_with(".npz"))) {
      arguments.push_back(("--" + list).str());
    } else {
      list = StringRef();
    }
    arguments.push_back(argument.str());
  }
  return arguments;
}

int main(int argc, char **argv) {
  install_fatal_error_handler(onFatalError);
  StringRef first = argc > 1 ? argv[1] : "";
  if (argc < 2) {
    errs() << usage;
    return 1;
  }
  if (first == "--help" || first == "-h" || first == "help") {
    outs() << usage;
    return 0;
  }
  if (none_of(commands,
              [&](const Command &command) {
                return command.options.getName() == first;
              }) &&
      first != "--version")
    return fail("unknown command '" + first.str() +
                "'; 'quantc --help' lists them");

  cl::SetVersionPrinter(printVersion);
  for (const Command &command : commands)
    cl::HideUnrelatedOptions(category, command.options);
  std::vector<std::string> arguments =
      repeatListOptions(ArrayRef<const char *>(argv, argc));
  std::vector<const char *> pointers;
  for (const std::string &argument : arguments)
    pointers.push_back(argument.c_str());
  std::string message;
  raw_string_ostream stream(message);
  if (!cl::ParseCommandLineOptions(pointers.size(), pointers.data(), "",
                                   &stream)) {
    return fail(describeMisuse(message, first));
  }
  for (const Command &command : commands) {
    if (!command.options)
      continue;
    if (!(seconds >= 0))
      return fail("--seconds must be 0 or more");
    if (modelPath.empty() && &command.options != &mergeCommand)
      return fail(("no model: give a file .onnx or .mlir; see 'quantc " +
                   first + " --help'")
                      .str());
    if (Error error = command.run())
      return fail(toString(std::move(error)));
  }
  return 0;
}
