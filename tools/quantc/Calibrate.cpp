// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Driver.h"
#include "quantc/Execution/Calibration.h"
#include "quantc/Support/OutputFile.h"

using namespace llvm;

namespace quantc::tool {

Error runCalibrate() {
  if (output.empty())
    return createStringError("no output: give -o FILE.qcal");
  if (data.empty())
    return createStringError("no samples: give --data");
  if (Error error = checkOutputs({output}))
    return error;
  Driver driver;
  auto compiler = driver.makeCompiler(/*floating=*/true);
  if (!compiler)
    return compiler.takeError();
  auto module = driver.load();
  if (!module)
    return module.takeError();
  CompileOptions observing;
  observing.qconfig = qconfig;
  if (Error error = Compiler(observing, driver.getProgress())
                        .runAfter(**module, Phase::Import, Phase::Observe))
    return error;
  auto pool = makePool();
  if (!pool)
    return pool.takeError();
  auto made = calibrate(**module, *compiler, data, driver.getProgress(),
                        std::move(*pool));
  if (!made)
    return made.takeError();
  driver.clearProgress();
  return made->save(output);
}

Error runMerge() {
  if (tables.size() < 2)
    return createStringError("give at least two tables to merge");
  if (output.empty())
    return createStringError("no output: give -o FILE.qcal");
  if (Error error = checkWritable(output))
    return error;
  auto merged = CalibrationTable::load(tables.front());
  if (!merged)
    return merged.takeError();
  for (const std::string &path : drop_begin(tables)) {
    auto next = CalibrationTable::load(path);
    if (!next)
      return next.takeError();
    if (Error error = merged->merge(*next))
      return createStringError(path + ": " + toString(std::move(error)));
  }
  return merged->save(output);
}

} // namespace quantc::tool
