// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Driver.h"
#include "quantc/Execution/Comparison.h"
#include "quantc/Support/Text.h"
#include "llvm/Support/FormatVariadic.h"

using namespace llvm;

namespace quantc::tool {

//===----------------------------------------------------------------------===//
// eval
//===----------------------------------------------------------------------===//

static void print(const EvaluationResult &result) {
  auto percent = [&](int64_t count) {
    return formatv("{0,8:f2} %", 100.0 * count / result.samples).str();
  };
  outs() << formatv("{0,-6} {1,10} {2,10}\n", "", "top-1", "top-5");
  for (auto [name, accuracy] :
       {std::pair("float", result.floating), std::pair("int8", result.integer)})
    outs() << formatv("{0,-6} {1} {2}\n", name, percent(accuracy.top1),
                      percent(accuracy.top5));
  outs() << formatv("agreement on {0} samples {1}; outputs {2:f1} dB above the "
                    "noise\n",
                    result.samples, percent(result.agreeing),
                    result.noise.getDecibels());
}

Error runEval() {
  if (inputs.empty() || labels.empty())
    return createStringError("give --inputs and --labels");
  if (!wantsInteger())
    return createStringError("give --table or --data: the int8 model is "
                             "compared with the float model");
  auto file = ArrayReader::open(labels);
  if (!file)
    return file.takeError();
  auto classes = file->readIntegers();
  if (!classes)
    return classes.takeError();

  Driver driver;
  auto module = driver.load();
  if (!module)
    return module.takeError();
  auto interface = driver.getInterface(**module);
  if (!interface)
    return interface.takeError();
  auto samples = SampleReader::open(inputs, *interface);
  if (!samples)
    return samples.takeError();
  mlir::OwningOpRef<mlir::ModuleOp> copy = (*module)->clone();
  auto floating = driver.compileHere(*copy, /*floating=*/true);
  if (!floating)
    return floating.takeError();
  auto integer = driver.compileHere(**module, /*floating=*/false);
  if (!integer)
    return integer.takeError();
  auto pool = makePool();
  if (!pool)
    return pool.takeError();
  floating->useThreads(*pool);
  integer->useThreads(*pool);
  auto result =
      evaluate(*floating, *integer, *samples, *classes, driver.getProgress());
  if (!result)
    return result.takeError();
  report(driver, *result, print);
  return Error::success();
}

//===----------------------------------------------------------------------===//
// compare
//===----------------------------------------------------------------------===//

static std::string printDecibels(const std::optional<NoiseRatio> &ratio) {
  if (!ratio)
    return "-";
  double value = ratio->getDecibels();
  if (std::isinf(value))
    return value > 0 ? "exact" : "no signal";
  return formatv("{0:f1}", value);
}

static void print(const ComparisonResult &result) {
  outs() << formatv("Signal to quantization noise over {0} samples, dB: of a "
                    "site's own rounding, and of all up to it\n\n",
                    result.samples)
         << formatv("{0,10} {1,10}  {2}\n", "alone", "cumulative", "site");
  for (const SiteNoise &noise : result.sites)
    outs() << formatv("{0,10} {1,10}  {2}{3}\n", printDecibels(noise.alone),
                      printDecibels(noise.cumulative), inOneLine(noise.site),
                      noise.isWeight ? " (weight)" : "");
  for (const SiteNoise &noise : result.outputs)
    outs() << formatv("{0,10} {1,10}  output '{2}'\n", "",
                      printDecibels(noise.cumulative), inOneLine(noise.site));
}

Error runCompare() {
  if (inputs.empty() || !wantsInteger())
    return createStringError("give --inputs, and --table (or --data)");
  Driver driver;
  auto module = driver.load();
  if (!module)
    return module.takeError();
  auto interface = driver.getInterface(**module);
  if (!interface)
    return interface.takeError();
  if (Error error = SampleReader::open(inputs, *interface).takeError())
    return error;
  auto integer = driver.makeCompiler(/*floating=*/false);
  if (!integer)
    return integer.takeError();
  auto floating = driver.makeCompiler(/*floating=*/true);
  if (!floating)
    return floating.takeError();
  mlir::OwningOpRef<mlir::ModuleOp> observed = (*module)->clone();
  if (Error error = driver.quantize(*observed, *integer, Phase::Observe))
    return error;
  if (Error error = driver.quantize(**module, *integer, Phase::Fold))
    return error;
  auto result = compare(*observed, **module, *floating, inputs, only,
                        driver.getProgress());
  if (!result)
    return result.takeError();
  report(driver, *result, print);
  return Error::success();
}

} // namespace quantc::tool
