// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One file, so that the subcommands are constructed before their options.

#include "Driver.h"

using namespace llvm;

namespace quantc::tool {

cl::OptionCategory category("Options");

cl::SubCommand
    compileCommand("compile",
                   "Compile a model to an object file with a C header");
cl::SubCommand calibrateCommand(
    "calibrate",
    "Run a model over samples and record the ranges of its values in a table");
cl::SubCommand mergeCommand("merge",
                            "Merge calibration tables of the same model");
cl::SubCommand runCommand("run", "Run a model, or a compiled one, on arrays");
cl::SubCommand evalCommand(
    "eval", "Compare the accuracy of a classifier in int8 with that in float");
cl::SubCommand
    compareCommand("compare",
                   "Show where in the model quantization noise arises");
cl::SubCommand profileCommand("profile", "Show the time of each layer");
cl::SubCommand benchCommand("bench", "Measure the time of a run");
cl::SubCommand tuneCommand(
    "tune", "Time the tiles that each kernel could have on this machine, and "
            "write the fastest to a tuning file");
cl::SubCommand
    inspectCommand("inspect",
                   "List inputs, outputs, operations, parameters and "
                   "multiply-accumulates; of a "
                   "compiled file its interface, arena and processors");

#define PLANNING                                                               \
  cl::sub(compileCommand), cl::sub(runCommand), cl::sub(evalCommand),          \
      cl::sub(profileCommand), cl::sub(benchCommand), cl::sub(tuneCommand)
#define QUANTIZING PLANNING, cl::sub(compareCommand)
#define COMPILING QUANTIZING, cl::sub(calibrateCommand)
#define LOADING COMPILING, cl::sub(inspectCommand)

cl::opt<std::string> modelPath(cl::Positional, cl::desc("MODEL"),
                               cl::value_desc("file"), cl::cat(category),
                               LOADING);
cl::opt<std::string> output("o", cl::value_desc("file"),
                            cl::desc("File to write"), cl::cat(category),
                            cl::sub(compileCommand), cl::sub(calibrateCommand),
                            cl::sub(mergeCommand), cl::sub(tuneCommand));
cl::opt<std::string> target("target", cl::value_desc("triple"),
                            cl::desc("Machine to compile for, such as "
                                     "aarch64-linux-gnu; this one if left out"),
                            cl::cat(category), COMPILING);
cl::opt<std::string> cpu(
    "mcpu", cl::value_desc("name[,name|,+feature...]"),
    cl::desc("CPU, as clang names it; this machine's ('native') without "
             "--target. Several, or a CPU and what features are added one by "
             "one: an object for all of them, which chooses when it runs"),
    cl::cat(category), COMPILING);
cl::opt<std::string>
    features("mattr", cl::value_desc("+a,-b"),
             cl::desc("Features added to or taken from the CPU's"),
             cl::cat(category), COMPILING);
cl::opt<std::string>
    qconfig("qconfig", cl::value_desc("file.json"),
            cl::desc("What is quantized and how it is observed"),
            cl::cat(category), COMPILING);
cl::opt<std::string> table("table", cl::value_desc("file.qcal"),
                           cl::desc("Calibration table: compile to int8"),
                           cl::cat(category), QUANTIZING);
cl::list<std::string> data(
    "data", cl::value_desc("[name=]file.npy ..."),
    cl::desc(
        "Calibration samples, .npy or .npz with members named after inputs"),
    cl::cat(category), COMPILING);
cl::list<std::string>
    inputs("input", cl::value_desc("[name=]file.npy ..."),
           cl::desc("Arrays for the inputs: the model's shape, or multiples of "
                    "its first dimension"),
           cl::cat(category), cl::sub(runCommand), cl::sub(evalCommand),
           cl::sub(compareCommand));
static cl::alias inputsAlias("inputs", cl::NotHidden,
                             cl::desc("The same as --input"),
                             cl::aliasopt(inputs), cl::cat(category));
cl::opt<std::string> plan(
    "plan", cl::value_desc("file.json"),
    cl::desc("Plan to follow: which operations are integer and how they round"),
    cl::cat(category), PLANNING);
cl::opt<std::string> savePlan("save-plan", cl::value_desc("file.json"),
                              cl::desc("Write the plan that was followed"),
                              cl::cat(category), cl::sub(compileCommand));
cl::opt<std::string> requantize(
    "requantize", cl::value_desc("f32|fixed|fixed-double|shift"),
    cl::desc("Arithmetic of scale changes (f32; fixed with --strict-integer)"),
    cl::cat(category), QUANTIZING);
cl::opt<std::string> name(
    "name", cl::value_desc("identifier"),
    cl::desc(
        "Prefix of the functions in C; if left out, made from the file's name, "
        "or, of a .mlir, the function's"),
    cl::cat(category), cl::sub(compileCommand));
cl::opt<int64_t> batch("batch", cl::init(0), cl::value_desc("n"),
                       cl::desc("Size of a dynamic first dimension (1)"),
                       cl::cat(category), LOADING);
cl::list<int64_t> threads(
    "threads", cl::CommaSeparated, cl::value_desc("n"),
    cl::desc("Threads of a run (1), with the same results; bench compares "
             "several numbers: 1,2,4"),
    cl::cat(category), cl::sub(runCommand), cl::sub(evalCommand),
    cl::sub(calibrateCommand), cl::sub(profileCommand), cl::sub(benchCommand));
cl::opt<double> seconds("seconds", cl::init(1.0), cl::value_desc("s"),
                        cl::desc("Time to measure for (1; tune: for each of "
                                 "the tiles that a kernel could have)"),
                        cl::cat(category), cl::sub(profileCommand),
                        cl::sub(benchCommand), cl::sub(tuneCommand));
cl::opt<std::string> tuningPath(
    "tune", cl::value_desc("file.json"),
    cl::desc("Tiles as measured by 'quantc tune'; what the file doesn't know "
             "is chosen by a cost model. Results are the same"),
    cl::cat(category), cl::sub(compileCommand), cl::sub(runCommand),
    cl::sub(profileCommand), cl::sub(benchCommand));
cl::opt<bool> strips(
    "strips",
    cl::desc("Run layers by strips of rows where what is between them doesn't "
             "fit the cache: a smaller arena, but threads meet more often"),
    cl::cat(category), cl::sub(compileCommand), cl::sub(runCommand),
    cl::sub(profileCommand), cl::sub(benchCommand));
cl::opt<bool>
    unoptimized("unoptimized", cl::Hidden,
                cl::desc("Leave out LLVM's optimizer, which changes no result"),
                cl::cat(category), cl::sub(compileCommand));
cl::opt<int64_t> minPartCycles(
    "min-part-cycles", cl::init(0), cl::Hidden, cl::value_desc("n"),
    cl::desc("What a thread's part of a kernel takes at least; 1 cuts all"),
    cl::cat(category), cl::sub(compileCommand));
cl::opt<bool> isFloat("float",
                      cl::desc("Compile in float, without quantization"),
                      cl::cat(category), cl::sub(compileCommand),
                      cl::sub(runCommand), cl::sub(profileCommand),
                      cl::sub(benchCommand), cl::sub(tuneCommand));
cl::opt<bool> reference(
    "reference",
    cl::desc("Use plain loops instead of kernels: slow, with the same results"),
    cl::cat(category), cl::sub(compileCommand), cl::sub(runCommand),
    cl::sub(evalCommand));
cl::opt<bool> strictInteger("strict-integer",
                            cl::desc("Integers whatever they cost, and an "
                                     "error if anything but the conversion "
                                     "of inputs and outputs is float"),
                            cl::cat(category), PLANNING);
cl::opt<bool> integerIO(
    "integer-io",
    cl::desc("Inputs and outputs are integers, with scales in the header"),
    cl::cat(category), cl::sub(compileCommand), cl::sub(runCommand),
    cl::sub(profileCommand), cl::sub(benchCommand), cl::sub(tuneCommand));
cl::opt<bool> json("json", cl::desc("Print JSON"), cl::cat(category),
                   cl::sub(evalCommand), cl::sub(compareCommand),
                   cl::sub(profileCommand), cl::sub(benchCommand),
                   cl::sub(inspectCommand), cl::sub(tuneCommand));
cl::opt<bool> verbose(
    "verbose",
    cl::desc("Say what stays float and why, how large the files and the arena "
             "are, and what they are for"),
    cl::cat(category), cl::sub(compileCommand));
cl::opt<bool>
    verboseTiming("verbose-timing",
                  cl::desc("Print the time of each stage to standard error"),
                  cl::cat(category), LOADING);
cl::opt<std::string>
    compileTo("compile-to", cl::value_desc("phase"),
              cl::desc("Stop behind a phase and write the module: import, "
                       "prepare, observe, fold, "
                       "quantize, requantize, linalg, kernel, llvm or object"),
              cl::cat(category), cl::sub(compileCommand));
cl::list<std::string>
    outputs("output", cl::value_desc("[name=]file.npy"),
            cl::desc("File for an output, or a .npz for all of them"),
            cl::cat(category), cl::sub(runCommand));
cl::list<std::string> tables(cl::Positional, cl::desc("TABLE..."),
                             cl::cat(category), cl::sub(mergeCommand));
cl::opt<std::string> labels("labels", cl::value_desc("file.npy"),
                            cl::desc("The class of each sample, integers"),
                            cl::cat(category), cl::sub(evalCommand));
cl::opt<CompareScope>
    only("only", cl::desc("Round nothing but"),
         cl::values(clEnumValN(CompareScope::Weights, "weights", "constants"),
                    clEnumValN(CompareScope::Activations, "activations",
                               "values that depend on the input")),
         cl::init(CompareScope::All), cl::cat(category),
         cl::sub(compareCommand));

} // namespace quantc::tool
