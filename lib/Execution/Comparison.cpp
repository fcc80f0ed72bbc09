// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Execution/Comparison.h"
#include "mlir/IR/Matchers.h"
#include "quantc/Dialect/Quantc/IR/ConstantUtils.h"
#include "quantc/Dialect/Quantc/IR/Quantc.h"

using namespace mlir;

namespace quantc {

namespace {
/// A quantization site: an `observe`, or the `fake_quant` that it became.
struct Site {
  std::string name;
  bool isWeight = false;
  SmallVector<QuantParams> params;
  QuantRange range;
  ChannelLayout layout;

  void fakeQuantize(ArrayRef<float> in, MutableArrayRef<float> out) const {
    quantc::fakeQuantize(in, out, params, range, layout);
  }
};
} // namespace

static Site makeSite(ObserveOp observe, FakeQuantOp fakeQuant) {
  Site site;
  site.name = observe.getSite().str();
  site.isWeight = matchPattern(observe.getInput(), m_Constant());
  Type type = fakeQuant.getParams().value();
  if (auto perAxis = dyn_cast<quant::UniformQuantizedPerAxisType>(type)) {
    for (auto [scale, zero] :
         llvm::zip_equal(perAxis.getScales(), perAxis.getZeroPoints()))
      site.params.push_back({scale, zero});
    site.layout = ChannelLayout::of(fakeQuant.getInput().getType().getShape(),
                                    perAxis.getQuantizedDimension());
  } else {
    auto perTensor = cast<quant::UniformQuantizedType>(type);
    site.params.push_back({perTensor.getScale(), perTensor.getZeroPoint()});
  }
  auto quantized = cast<quant::QuantizedType>(type);
  site.range = {quantized.getStorageTypeMin(), quantized.getStorageTypeMax()};
  return site;
}

static SmallVector<FakeQuantOp> getFakeQuants(ModuleOp module) {
  SmallVector<FakeQuantOp> ops;
  module.walk([&](FakeQuantOp op) { ops.push_back(op); });
  return ops;
}

/// `fold` replaces every `observe` by a `fake_quant`, in place.
static llvm::Expected<std::vector<Site>> collectSites(ModuleOp observed,
                                                      ModuleOp folded) {
  SmallVector<ObserveOp> observes;
  observed.walk([&](ObserveOp op) { observes.push_back(op); });
  SmallVector<FakeQuantOp> fakeQuants = getFakeQuants(folded);
  if (observes.size() != fakeQuants.size())
    return llvm::createStringError(
        "the model fake-quantizes values that calibration didn't observe");
  std::vector<Site> sites;
  for (auto [observe, fakeQuant] : llvm::zip_equal(observes, fakeQuants))
    sites.push_back(makeSite(observe, fakeQuant));
  return sites;
}

static bool inScope(const Site &site, CompareScope scope) {
  return scope == CompareScope::All ||
         site.isWeight == (scope == CompareScope::Weights);
}

/// The constant that a weight becomes.
static Value makeRoundedWeight(OpBuilder &builder, FakeQuantOp op,
                               const Site &site) {
  auto values = readConstant<float>(op.getInput());
  if (!values)
    return {};
  site.fakeQuantize(*values, *values);
  return makeConstant<float>(builder, op.getLoc(),
                             op.getInput().getType().getShape(), *values,
                             site.name + ".rounded");
}

/// The arithmetic of a fake quantization, in operations that compile.
static Value makeRoundedActivation(OpBuilder &builder, FakeQuantOp op) {
  auto params = cast<quant::QuantizedType>(op.getParams().value());
  auto type = op.getInput().getType();
  auto storage = cast<RankedTensorType>(type).clone(
      builder.getIntegerType(params.getStorageTypeIntegralWidth()));
  auto quantize = QuantizeOp::create(
      builder, op.getLoc(), storage, op.getInput(), op.getParamsAttr(),
      op.getScaling(), op.getZeroPointPlacement());
  return DequantizeOp::create(builder, op.getLoc(), type, quantize.getOutput(),
                              op.getParamsAttr());
}

/// A float module that returns, after its own results, the values of all
/// activation sites in order; fake quantizations in `scope` are computed, the
/// rest removed.
static llvm::Expected<OwningOpRef<ModuleOp>>
makeModule(ModuleOp folded, ArrayRef<Site> sites,
           std::optional<CompareScope> scope) {
  OwningOpRef<ModuleOp> module = folded.clone();
  func::FuncOp function = getModelFunction(*module);
  Operation *terminator = function.front().getTerminator();
  SmallVector<Value> results(terminator->getOperands());
  for (auto [op, site] : llvm::zip_equal(getFakeQuants(*module), sites)) {
    OpBuilder builder(op);
    Value value = op.getInput();
    if (scope && inScope(site, *scope))
      value = site.isWeight ? makeRoundedWeight(builder, op, site)
                            : makeRoundedActivation(builder, op);
    if (!value)
      return llvm::createStringError("the constant of site '%s' can't be read",
                                     site.name.c_str());
    op.getOutput().replaceAllUsesWith(value);
    for (Value &result : results)
      if (result == op.getOutput())
        result = value;
    if (!site.isWeight)
      results.push_back(value);
    op.erase();
  }
  terminator->setOperands(results);
  SmallVector<Attribute> attributes;
  if (ArrayAttr given = function.getAllResultAttrs())
    attributes.assign(given.begin(), given.end());
  attributes.resize(results.size(), DictionaryAttr::get(module->getContext()));
  function.setType(FunctionType::get(module->getContext(),
                                     function.getArgumentTypes(),
                                     terminator->getOperandTypes()));
  function.setAllResultAttrs(attributes);
  return module;
}

static llvm::Expected<CompiledModel> compileModel(ModuleOp module,
                                                  const Compiler &compiler) {
  auto code = compiler.compile(module);
  if (!code)
    return code.takeError();
  return CompiledModel::load(*code);
}

static ArrayRef<float> asFloats(ArrayRef<char> bytes) {
  return {reinterpret_cast<const float *>(bytes.data()),
          bytes.size() / sizeof(float)};
}

/// The noise of the weights, which needs no samples.
static llvm::Error addWeights(ModuleOp folded, ArrayRef<Site> sites,
                              CompareScope scope,
                              std::vector<SiteNoise> &noises) {
  for (auto [i, op] : llvm::enumerate(getFakeQuants(folded))) {
    if (!sites[i].isWeight || !inScope(sites[i], scope))
      continue;
    auto values = readConstant<float>(op.getInput());
    if (!values)
      return llvm::createStringError("the constant of site '%s' can't be read",
                                     sites[i].name.c_str());
    SmallVector<float> rounded(values->size());
    sites[i].fakeQuantize(*values, rounded);
    noises[i].alone.emplace().add(*values, rounded);
    noises[i].cumulative = noises[i].alone;
  }
  return llvm::Error::success();
}

llvm::Expected<ComparisonResult> compare(ModuleOp observed, ModuleOp folded,
                                         const Compiler &compiler,
                                         llvm::ArrayRef<std::string> data,
                                         CompareScope scope,
                                         ProgressFunction progress) {
  auto sites = collectSites(observed, folded);
  if (!sites)
    return sites.takeError();
  auto floatModule = makeModule(folded, *sites, std::nullopt);
  if (!floatModule)
    return floatModule.takeError();
  auto roundedModule = makeModule(folded, *sites, scope);
  if (!roundedModule)
    return roundedModule.takeError();
  auto floating = compileModel(**floatModule, compiler);
  if (!floating)
    return floating.takeError();
  auto rounded = compileModel(**roundedModule, compiler);
  if (!rounded)
    return rounded.takeError();
  auto samples = SampleReader::open(data, floating->getInterface());
  if (!samples)
    return samples.takeError();

  ComparisonResult result;
  result.samples = samples->getSampleCount();
  for (const Site &site : *sites)
    result.sites.push_back({site.name, site.isWeight, {}, {}});
  if (llvm::Error error = addWeights(folded, *sites, scope, result.sites))
    return std::move(error);
  size_t outputs = getModelFunction(folded).getNumResults();
  for (size_t i = 0; i != outputs; ++i) {
    const TensorInterface &tensor = floating->getInterface().outputs[i];
    result.outputs.push_back({tensor.name, false, {}, {}});
    if (tensor.element == ElementKind::F32)
      result.outputs.back().cumulative.emplace();
  }

  RunBuffers reference(floating->getInterface());
  RunBuffers values(rounded->getInterface());
  std::vector<float> own;
  for (int64_t run = 0, runs = samples->getRunCount(); run != runs; ++run) {
    if (progress)
      progress("compare", run, runs);
    for (auto *buffers : {&reference, &values})
      if (llvm::Error error = samples->read(run, *buffers))
        return std::move(error);
    if (llvm::Error error = reference.run(*floating))
      return std::move(error);
    if (llvm::Error error = values.run(*rounded))
      return std::move(error);
    size_t output = 0;
    for (; output != outputs; ++output)
      if (auto &ratio = result.outputs[output].cumulative)
        ratio->add(asFloats(reference.getOutput(output)),
                   asFloats(values.getOutput(output)));
    for (auto [site, noise] : llvm::zip_equal(*sites, result.sites)) {
      if (site.isWeight)
        continue;
      ArrayRef<float> expected = asFloats(reference.getOutput(output));
      if (!noise.cumulative)
        noise.cumulative.emplace();
      noise.cumulative->add(expected, asFloats(values.getOutput(output++)));
      if (!inScope(site, scope))
        continue;
      own.resize(expected.size());
      site.fakeQuantize(expected, own);
      if (!noise.alone)
        noise.alone.emplace();
      noise.alone->add(expected, own);
    }
  }
  if (progress)
    progress("compare", samples->getRunCount(), samples->getRunCount());
  return result;
}

static llvm::json::Value toJSON(const std::optional<NoiseRatio> &ratio) {
  return ratio ? quantc::toJSON(ratio->getDecibels()) : nullptr;
}

static llvm::json::Value toJSON(const SiteNoise &noise) {
  return llvm::json::Object{{"site", noise.site},
                            {"kind", noise.isWeight ? "weight" : "activation"},
                            {"alone_db", toJSON(noise.alone)},
                            {"cumulative_db", toJSON(noise.cumulative)}};
}

llvm::json::Value ComparisonResult::toJSON() const {
  llvm::json::Array all, results;
  for (const SiteNoise &noise : sites)
    all.push_back(quantc::toJSON(noise));
  for (const SiteNoise &noise : outputs)
    results.push_back(llvm::json::Object{
        {"output", noise.site},
        {"cumulative_db", quantc::toJSON(noise.cumulative)}});
  return llvm::json::Object{{"samples", samples},
                            {"sites", std::move(all)},
                            {"outputs", std::move(results)}};
}

} // namespace quantc
