// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Driver.h"
#include "quantc/Execution/ArrayFile.h"
#include "quantc/Execution/Inspection.h"
#include "quantc/Support/Text.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace llvm;

namespace quantc::tool {

static std::string describe(const TensorInterface &tensor) {
  std::string text = ArrayHeader{tensor.element, tensor.shape}.describe();
  if (tensor.params)
    raw_string_ostream(text)
        << ", scale " << format("%.9g", tensor.params->scale) << ", zero point "
        << tensor.params->zeroPoint;
  return text;
}

static void print(const ModelInterface &interface) {
  for (const TensorInterface &tensor : interface.inputs)
    outs() << formatv("input   {0,-24} {1}\n", inOneLine(tensor.name),
                      describe(tensor));
  for (const TensorInterface &tensor : interface.outputs)
    outs() << formatv("output  {0,-24} {1}\n", inOneLine(tensor.name),
                      describe(tensor));
}

/// The variant of a fat object that runs here, which is the first that can.
static const Variant *findVariant(const ModelInterface &interface) {
  auto found = find_if(interface.variants, [](const Variant &variant) {
    return variant.target.runsOnHost();
  });
  return found == interface.variants.end() ? nullptr : &*found;
}

/// What a compiled file says of itself.
static Error inspectCompiled() {
  auto file = MemoryBuffer::getFile(modelPath, /*IsText=*/false,
                                    /*RequiresNullTerminator=*/false);
  if (!file)
    return createStringError(file.getError(), "'%s': %s", modelPath.c_str(),
                             file.getError().message().c_str());
  auto interface = readInterface(**file);
  if (!interface)
    return interface.takeError();
  const Variant *here = findVariant(*interface);
  if (json) {
    json::Value value = interface->toJSON();
    if (here)
      (*value.getAsObject())["runs_here"] = here->name;
    printJSON(std::move(value));
    return Error::success();
  }
  outs() << formatv("entry   {0}_run\n", interface->name);
  print(*interface);
  printArena(*interface, outs());
  outs() << formatv("target  {0}", interface->target.triple);
  if (interface->variants.empty())
    outs() << formatv(" ({0})", interface->target.cpu);
  outs() << "\n";
  for (const Variant &variant : interface->variants)
    outs() << formatv("variant {0}{1}\n", variant.name,
                      &variant == here ? "  (runs here)" : "");
  return Error::success();
}

static void print(const ModelInfo &info) {
  print(info.interface);
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
        inOneLine(layer.node), inOneLine(layer.type));
  outs() << formatv("{0,14} {1,12}  in all\n", info.macs, info.parameters);
}

Error runInspect() {
  if (isCompiledFile(modelPath))
    return inspectCompiled();
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
  report(driver, *info, print);
  return Error::success();
}

} // namespace quantc::tool
