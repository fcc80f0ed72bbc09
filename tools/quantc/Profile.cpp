// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Driver.h"
#include "quantc/Execution/Profiling.h"
#include "quantc/Support/Text.h"
#include "llvm/Support/FormatVariadic.h"

using namespace llvm;

namespace quantc::tool {

static void print(const BenchResult &result) {
  TimeUnit unit = getTimeUnit(result.median);
  outs() << formatv("median {0}, minimum {1} of {2} runs\n",
                    formatTime(result.median, unit),
                    formatTime(result.minimum, unit), result.runs);
}

Error runBench() {
  Driver driver;
  auto model = driver.loadCompiled();
  if (!model)
    return model.takeError();
  driver.clearProgress();
  SmallVector<int64_t> counts(threads.begin(), threads.end());
  if (counts.empty())
    counts.push_back(1);
  auto results = bench(*model, counts, seconds);
  if (!results)
    return results.takeError();
  if (json) {
    json::Array rows;
    for (const BenchResult &result : *results)
      rows.push_back(
          json::Object{{"threads", result.threads},
                       {"runs", result.runs},
                       {"median_seconds", result.median},
                       {"minimum_seconds", result.minimum},
                       {"arena_bytes", model->getInterface().arenaBytes}});
    printJSON(std::move(rows));
    return Error::success();
  }
  for (const BenchResult &result : *results) {
    if (results->size() > 1)
      outs() << formatv("{0} thread{1}: ", result.threads,
                        result.threads == 1 ? "" : "s");
    print(result);
  }
  return Error::success();
}

static void print(const ProfileResult &result) {
  double total = 0;
  for (const KernelTime &kernel : result.kernels)
    total += kernel.seconds;
  outs() << formatv("{0,10} {1,7} {2,8} {3,7}  {4}\n", "us", "share", "GMAC/s",
                    "peak", "layer (kernel)");
  for (const KernelTime &kernel : result.kernels) {
    std::string rate, share;
    if (kernel.macs && kernel.seconds > 0) {
      double perSecond = kernel.macs / kernel.seconds;
      rate = formatv("{0:f2}", perSecond / 1e9);
      share = formatv("{0:f1} %", 100 * perSecond / result.peak);
    }
    outs() << formatv(
        "{0,10:f2} {1,5:f1} % {2,8} {3,7}  {4} ({5})\n", kernel.seconds * 1e6,
        total > 0 ? 100 * kernel.seconds / total : 0.0, rate, share,
        kernel.node.empty() ? "-" : inOneLine(kernel.node), kernel.kernel);
  }
  outs() << formatv("peak: {0:f1} GMAC/s, measured on one core in registers",
                    result.peak / 1e9);
  if (result.whole.threads > 1)
    outs() << formatv(", times {0} threads", result.whole.threads);
  outs() << "\n";
  print(result.whole);
}

Error runProfile() {
  if (isCompiledFile(modelPath)) {
    if (!json)
      outs() << "A compiled file holds no time stamps; the whole:\n";
    return runBench();
  }
  Driver driver;
  auto module = driver.load();
  if (!module)
    return module.takeError();
  auto compiler = driver.makeCompiler(isFloat || !wantsInteger());
  if (!compiler)
    return compiler.takeError();
  if (Error error = selectVariant(compiler->getOptions()))
    return error;
  // What remains after folding is what costs.
  mlir::OwningOpRef<mlir::ModuleOp> prepared = (*module)->clone();
  if (Error error = driver.quantize(*prepared, *compiler, Phase::Prepare))
    return error;
  FailureOr<ModelInfo> info = failure();
  {
    DiagnosticCollector diagnostics(&driver.getContext());
    info = inspect(*prepared);
    if (failed(info))
      return diagnostics.takeError("the model can't be inspected");
  }
  if (Error error = driver.quantize(**module, *compiler, Phase::Requantize))
    return error;
  auto interface = compiler->lower(**module);
  if (!interface)
    return interface.takeError();
  auto pool = makePool();
  if (!pool)
    return pool.takeError();
  auto result = profile(**module, *interface, *compiler, info->layers, seconds,
                        std::move(*pool));
  if (!result)
    return result.takeError();
  report(driver, *result, print);
  return Error::success();
}

} // namespace quantc::tool
