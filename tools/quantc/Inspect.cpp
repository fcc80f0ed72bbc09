// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Driver.h"
#include "quantc/Execution/ArrayFile.h"
#include "quantc/Execution/Inspection.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace llvm;

namespace quantc::tool {

static std::string describe(const TensorInterface &tensor) {
  return ArrayHeader{tensor.element, tensor.shape}.describe();
}

static void print(const ModelInfo &info) {
  for (const TensorInterface &tensor : info.interface.inputs)
    outs() << formatv("input   {0,-24} {1}\n", tensor.name, describe(tensor));
  for (const TensorInterface &tensor : info.interface.outputs)
    outs() << formatv("output  {0,-24} {1}\n", tensor.name, describe(tensor));
  outs() << "\noperations\n";
  for (const auto &[name, count] : info.operations)
    outs() << formatv("{0,6}  {1}\n", count, name);
  outs() << formatv("\n{0,14} {1,12}  {2,-20} {3}\n", "MACs", "parameters",
                    "output", "layer");
  for (const LayerInfo &layer : info.layers)
    outs() << formatv(
        "{0,14} {1,12}  {2,-20} {3} ({4})\n", layer.macs, layer.parameters,
        join(map_range(layer.outputShape,
                       [](int64_t n) { return std::to_string(n); }),
             "x"),
        layer.node, layer.type);
  outs() << formatv("{0,14} {1,12}  in all\n", info.macs, info.parameters);
}

Error runInspect() {
  Driver driver;
  auto module = driver.load();
  if (!module)
    return module.takeError();
  // What remains after folding is what costs.
  auto compiler = driver.makeCompiler(/*floating=*/true);
  if (!compiler)
    return compiler.takeError();
  if (Error error = compiler->run(**module, Phase::Prepare))
    return error;
  DiagnosticCollector diagnostics(&driver.getContext());
  auto info = inspect(**module);
  if (failed(info))
    return diagnostics.takeError("the model can't be inspected");
  driver.clearProgress();
  if (json)
    printJSON(info->toJSON());
  else
    print(*info);
  return Error::success();
}

} // namespace quantc::tool
