// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Execution/Calibration.h"
#include "quantc/Transforms/ObserveModule.h"
#include "quantc/Transforms/Passes.h"

using namespace mlir;

namespace quantc {

llvm::Expected<CalibrationTable> calibrate(ModuleOp module,
                                           const Compiler &compiler,
                                           llvm::ArrayRef<std::string> data,
                                           ProgressFunction progress,
                                           std::shared_ptr<ThreadPool> pool) {
  auto table = makeCalibrationTable(module);
  if (!table)
    return table.takeError();
  DiagnosticCollector diagnostics(module.getContext());
  auto interface = collectInterface(module);
  if (failed(interface))
    return diagnostics.takeError("the model has no interface");
  // Before the long work of compiling.
  auto samples = SampleReader::open(data, *interface);
  if (!samples)
    return samples.takeError();
  if (samples->getRunCount() == 0)
    return llvm::createStringError("there are no samples to calibrate on");

  OwningOpRef<ModuleOp> exported = module.clone();
  PassManager passes(module.getContext(), ModuleOp::getOperationName());
  passes.addNestedPass<func::FuncOp>(createExportObservedPass());
  if (failed(passes.run(*exported)))
    return diagnostics.takeError("the observed values can't be exported");

  // Which output belongs to which site.
  func::FuncOp function = getModelFunction(*exported);
  std::vector<std::pair<std::string, unsigned>> sites;
  for (unsigned i = 0, e = function.getNumResults(); i != e; ++i)
    if (auto site = function.getResultAttrOfType<StringAttr>(i, siteAttrName))
      sites.emplace_back(site.str(), i);

  auto code = compiler.compile(*exported);
  if (!code)
    return code.takeError();
  auto model = CompiledModel::load(*code);
  if (!model)
    return model.takeError();
  model->useThreads(std::move(pool));

  RunBuffers buffers(model->getInterface());
  for (int64_t run = 0, runs = samples->getRunCount(); run != runs; ++run) {
    if (progress)
      progress("calibrate", run, runs);
    if (llvm::Error error = samples->read(run, buffers))
      return std::move(error);
    if (llvm::Error error = buffers.run(*model))
      return std::move(error);
    for (const auto &[site, output] : sites) {
      Observer *observer = table->lookup(site);
      if (!observer)
        return llvm::createStringError("internal: no observer for site '%s'",
                                       site.c_str());
      ArrayRef<char> bytes = buffers.getOutput(output);
      llvm::Error error =
          observer->observe({reinterpret_cast<const float *>(bytes.data()),
                             bytes.size() / sizeof(float)},
                            model->getInterface().outputs[output].shape);
      if (error)
        return llvm::createStringError(
            "sample %lld, site '%s': %s",
            static_cast<long long>(run * samples->getBatch()), site.c_str(),
            llvm::toString(std::move(error)).c_str());
    }
  }
  if (progress)
    progress("calibrate", samples->getRunCount(), samples->getRunCount());
  table->addSamples(samples->getSampleCount());
  return table;
}

} // namespace quantc
