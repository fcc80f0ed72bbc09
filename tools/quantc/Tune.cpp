// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Driver.h"
#include "quantc/Execution/TileTuning.h"
#include "quantc/Support/OutputFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"

using namespace llvm;

namespace quantc::tool {

static void print(const TileTuningResult &result) {
  outs() << formatv("{0,10} {1,10} {2,7}  {3}\n", "us by cost", "us tuned",
                    "gain", "kernel: tile by cost -> tuned");
  int64_t changed = 0;
  for (const TunedKernel &kernel : result.kernels) {
    bool isOther = !(kernel.chosen == kernel.byCost);
    changed += isOther;
    outs() << formatv("{0,10:f2} {1,10:f2} {2,5:f1} %  {3}: {4}",
                      kernel.byCostSeconds * 1e6, kernel.chosenSeconds * 1e6,
                      100 * (kernel.byCostSeconds / kernel.chosenSeconds - 1),
                      kernel.kernel.describe(), kernel.byCost.describe());
    if (isOther)
      outs() << " -> " << kernel.chosen.describe();
    outs() << "\n";
  }
  outs() << formatv("{0} of {1} tiles changed; a run: median {2} with the "
                    "cost model's, {3} with the fastest\n",
                    changed, result.kernels.size(),
                    formatTime(result.byCost.median),
                    formatTime(result.chosen.median));
}

Error runTune() {
  const std::string path = output;
  if (path.empty())
    return createStringError("no output: give -o FILE.json");
  if (isCompiledFile(modelPath))
    return createStringError("'%s' is compiled already: its tiles can't change",
                             modelPath.c_str());
  // What other models and machines had stays.
  Tuning tuning;
  if (sys::fs::exists(path)) {
    auto loaded = Tuning::load(path);
    if (!loaded)
      return loaded.takeError();
    tuning = std::move(*loaded);
  }
  if (Error error = checkOutputs({path}))
    return error;

  Driver driver;
  auto compiler = driver.makeCompiler(isFloat || !wantsInteger());
  if (!compiler)
    return compiler.takeError();
  CompileOptions &options = compiler->getOptions();
  if (options.variants.size() > 1)
    return createStringError("tiles are timed for one processor at a time: "
                             "--mcpu names several");
  if (Error error = selectVariant(options))
    return error;
  auto target = selectTarget(options.target.triple, options.target.cpu,
                             options.target.features);
  if (!target)
    return target.takeError();
  auto module = driver.load();
  if (!module)
    return module.takeError();
  if (Error error = driver.quantize(**module, *compiler, Phase::Requantize))
    return error;
  auto result = tuneTiles(**module, *compiler, seconds, driver.getProgress());
  if (!result)
    return result.takeError();
  for (const TunedKernel &kernel : result->kernels)
    tuning.set(**target, kernel.kernel, kernel.chosen);
  report(driver, *result, print);
  return writeFile(path, StringRef(tuning.print()));
}

} // namespace quantc::tool
