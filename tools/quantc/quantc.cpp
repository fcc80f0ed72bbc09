// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// quantc: from trained networks to native integer code.

#include "Driver.h"
#include "quantc/Support/Suggestion.h"
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

A model is a file .onnx (or .textproto) or .mlir (or .mlirbc). run, profile,
bench and inspect also take what compile has written: .o, .a or .so.
)";

namespace {
struct Command {
  cl::SubCommand *options;
  Error (*run)();
};
} // namespace

static const Command commands[] = {
    {&compileCommand, runCompile}, {&calibrateCommand, runCalibrate},
    {&mergeCommand, runMerge},     {&runCommand, runRun},
    {&evalCommand, runEval},       {&compareCommand, runCompare},
    {&profileCommand, runProfile}, {&benchCommand, runBench},
    {&inspectCommand, runInspect}, {&tuneCommand, runTune}};

static int fail(StringRef message) {
  errs() << "quantc: error: " << message.trim() << "\n";
  return 1;
}

/// LLVM's own way out: it can't go on, but the message is the user's.
static void onFatalError(void *, const char *reason, bool) {
  std::_Exit(fail(reason));
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
  if (first == "--version") {
    outs() << "quantc " QUANTC_VERSION ", with LLVM " LLVM_VERSION_STRING "\n";
    return 0;
  }
  SmallVector<cl::SubCommand *> all;
  SmallVector<StringRef> names;
  for (const Command &command : commands) {
    all.push_back(command.options);
    names.push_back(command.options->getName());
  }
  const Command *command = find_if(commands, [&](const Command &known) {
    return known.options->getName() == first;
  });
  if (command == std::end(commands)) {
    StringRef nearest = findNearest(first, names);
    return fail("unknown command '" + first.str() + "'; " +
                (nearest.empty() ? "'quantc --help' lists them"
                                 : "did you mean '" + nearest.str() + "'?"));
  }

  cl::HideUnrelatedOptions(category, *command->options);
  std::vector<std::string> arguments =
      repeatListOptions(ArrayRef<const char *>(argv, argc));
  // The parser would take those of LLVM's libraries, too.
  if (Error error = checkArguments(*command->options, all,
                                   ArrayRef(arguments).drop_front(2)))
    return fail(toString(std::move(error)));
  std::vector<const char *> pointers;
  for (const std::string &argument : arguments)
    pointers.push_back(argument.c_str());
  std::string message;
  raw_string_ostream stream(message);
  if (!cl::ParseCommandLineOptions(pointers.size(), pointers.data(), "",
                                   &stream))
    return fail(message);
  if (Error error = checkOptions())
    return fail(toString(std::move(error)));
  if (modelPath.empty() && command->options != &mergeCommand)
    return fail(("no model: give a file .onnx or .mlir; see 'quantc " + first +
                 " --help'")
                    .str());
  if (Error error = command->run())
    return fail(toString(std::move(error)));
  return 0;
}
