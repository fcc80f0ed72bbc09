// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Execution/Profiling.h"
#include "PeakRate.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "quantc/Dialect/Quantc/IR/NodeLocation.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/TargetParser/Triple.h"
#include <chrono>

using namespace mlir;

namespace quantc {

using Clock = std::chrono::steady_clock;

static double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

static double medianOf(std::vector<double> values) {
  auto middle = values.begin() + values.size() / 2;
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

static constexpr int64_t minRuns = 10;
/// Between changes of the number of threads.
static constexpr double turnSeconds = 0.02;

namespace {
/// Runs of a model on zeros.
class Repetition {
public:
  explicit Repetition(const CompiledModel &model)
      : model(model), buffers(model.getInterface()) {
    for (size_t i = 0, e = model.getInterface().inputs.size(); i != e; ++i)
      llvm::fill(buffers.getInput(i), 0);
  }

  /// Once without being counted, then until `seconds` have passed and there are
  /// `runs` of them.
  llvm::Error run(double seconds, int64_t runs) {
    Clock::time_point start = Clock::now();
    if (llvm::Error error = buffers.run(model))
      return error;
    while (static_cast<int64_t>(times.size()) < runs ||
           secondsSince(start) < seconds) {
      Clock::time_point begin = Clock::now();
      if (llvm::Error error = buffers.run(model))
        return error;
      times.push_back(secondsSince(begin));
    }
    return llvm::Error::success();
  }

  BenchResult getResult(int64_t threads) const {
    return {threads, static_cast<int64_t>(times.size()), medianOf(times),
            *llvm::min_element(times)};
  }

private:
  const CompiledModel &model;
  RunBuffers buffers;
  std::vector<double> times;
};
} // namespace

llvm::Expected<std::vector<BenchResult>>
bench(CompiledModel &model, llvm::ArrayRef<int64_t> threads, double seconds) {
  std::vector<Repetition> repetitions;
  for (size_t i = 0; i != threads.size(); ++i)
    repetitions.emplace_back(model);
  Clock::time_point start = Clock::now();
  for (int64_t turn = 1; turn == 1 || secondsSince(start) < seconds; ++turn)
    for (auto [repetition, count] : llvm::zip_equal(repetitions, threads)) {
      // One pool at a time: it decides where its caller runs.
      if (count > 1)
        model.useThreads(std::make_shared<ThreadPool>(count));
      double time = threads.size() > 1 ? turnSeconds : seconds;
      if (llvm::Error error = repetition.run(time, minRuns))
        return std::move(error);
      model.useThreads(nullptr);
    }
  std::vector<BenchResult> results;
  for (auto [repetition, count] : llvm::zip_equal(repetitions, threads))
    results.push_back(repetition.getResult(count));
  return results;
}

//===----------------------------------------------------------------------===//
// Time stamps
//===----------------------------------------------------------------------===//

/// The counter that both the compiled code and this process can read.
static StringRef getCounterIntrinsic() {
#if defined(__x86_64__)
  return "llvm.readcyclecounter";
#else
  return "llvm.readsteadycounter"; // user code may not read AArch64's cycles
#endif
}

static uint64_t readCounter() {
#if defined(__x86_64__)
  return __builtin_readcyclecounter();
#else
  return __builtin_readsteadycounter();
#endif
}

/// The calls of kernels: from the function that NAME_run calls, or itself.
static SmallVector<LLVM::CallOp> getKernelCalls(ModuleOp module,
                                                StringRef name) {
  SmallVector<LLVM::CallOp> calls;
  auto collect = [&](LLVM::LLVMFuncOp function) {
    function.walk([&](LLVM::CallOp call) {
      auto callee = call.getCallee();
      if (!callee)
        return;
      auto target = module.lookupSymbol<LLVM::LLVMFuncOp>(*callee);
      if (target && !target.isExternal())
        calls.push_back(call);
    });
  };
  if (auto inner = module.lookupSymbol<LLVM::LLVMFuncOp>(name))
    collect(inner);
  if (calls.empty())
    if (auto entry =
            module.lookupSymbol<LLVM::LLVMFuncOp>((name + "_run").str()))
      collect(entry);
  return calls;
}

/// Adds the time of each call to its element of a global array.
static void insertTimeStamps(ModuleOp module, ArrayRef<LLVM::CallOp> calls,
                             StringRef symbol) {
  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  Location loc = module.getLoc();
  Type i64 = builder.getI64Type();
  auto array = LLVM::LLVMArrayType::get(i64, calls.size());
  auto global = LLVM::GlobalOp::create(
      builder, loc, array,
      /*isConstant=*/false, LLVM::Linkage::External, symbol, Attribute());
  Block *body = builder.createBlock(&global.getInitializerRegion());
  builder.setInsertionPointToStart(body);
  LLVM::ReturnOp::create(builder, loc,
                         LLVM::ZeroOp::create(builder, loc, array).getResult());

  auto pointer = LLVM::LLVMPointerType::get(module.getContext());
  auto counter = builder.getStringAttr(getCounterIntrinsic());
  auto stamp = [&]() -> Value {
    return LLVM::CallIntrinsicOp::create(builder, loc, i64, counter,
                                         ValueRange())
        .getResult(0);
  };
  for (auto [i, call] : llvm::enumerate(llvm::to_vector(calls))) {
    module.lookupSymbol<LLVM::LLVMFuncOp>(*call.getCallee()).setNoInline(true);
    builder.setInsertionPoint(call);
    Value begin = stamp();
    builder.setInsertionPointAfter(call);
    Value time = LLVM::SubOp::create(builder, loc, stamp(), begin);
    Value base = LLVM::AddressOfOp::create(builder, loc, global);
    Value slot =
        LLVM::GEPOp::create(builder, loc, pointer, i64, base,
                            ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(i)});
    Value sum = LLVM::AddOp::create(
        builder, loc, LLVM::LoadOp::create(builder, loc, i64, slot), time);
    LLVM::StoreOp::create(builder, loc, sum, slot);
  }
}

/// Several kernels may come from one node (or one from several): the slowest
/// call with a node's name is the one that multiplies.
static void assignMacs(MutableArrayRef<KernelTime> kernels,
                       ArrayRef<LayerInfo> layers) {
  llvm::StringMap<int64_t> macs;
  for (const LayerInfo &layer : layers)
    if (!layer.node.empty())
      macs[layer.node] += layer.macs;
  llvm::StringMap<KernelTime *> slowest;
  for (KernelTime &kernel : kernels) {
    KernelTime *&best = slowest[kernel.node];
    if (!best || best->seconds < kernel.seconds)
      best = &kernel;
  }
  for (auto &entry : slowest)
    entry.second->macs = macs.lookup(entry.first());
}

KernelTimer::KernelTimer(CompiledModel model, std::vector<KernelTime> calls,
                         uint64_t *stamps)
    : model(std::move(model)), buffers(this->model.getInterface()),
      calls(std::move(calls)), stamps(stamps), ticks(this->calls.size()) {
  for (size_t i = 0, e = this->model.getInterface().inputs.size(); i != e; ++i)
    llvm::fill(buffers.getInput(i), 0);
}

llvm::Expected<KernelTimer> KernelTimer::create(ModuleOp lowered,
                                                const ModelInterface &interface,
                                                const Compiler &compiler) {
  OwningOpRef<ModuleOp> module = lowered.clone();
  SmallVector<LLVM::CallOp> calls = getKernelCalls(*module, interface.name);
  if (calls.empty())
    return llvm::createStringError(
        "the compiled model calls no kernels whose time could be taken");
  std::vector<KernelTime> kernels;
  for (LLVM::CallOp call : calls) {
    KernelTime kernel;
    kernel.node = getNodeName(call.getLoc()).str();
    // Its name where a thread's share of it is called through another.
    auto callee = module->lookupSymbol<LLVM::LLVMFuncOp>(*call.getCallee());
    auto inner = callee->getAttrOfType<FlatSymbolRefAttr>("quantc.calls");
    kernel.kernel = inner ? inner.getValue().str() : callee.getName().str();
    kernels.push_back(std::move(kernel));
  }
  std::string symbol = interface.name + "_profile";
  insertTimeStamps(*module, calls, symbol);

  auto program = compiler.translate(*module, interface);
  if (!program)
    return program.takeError();
  auto object = compiler.generate(*program);
  if (!object)
    return object.takeError();
  auto model = CompiledModel::load({interface, std::move(*object)});
  if (!model)
    return model.takeError();
  auto *stamps = static_cast<uint64_t *>(model->lookup(symbol));
  if (!stamps)
    return llvm::createStringError("internal: the time stamps are missing");
  return KernelTimer(std::move(*model), std::move(kernels), stamps);
}

llvm::Error KernelTimer::run(double seconds, int64_t runs) {
  if (llvm::Error error = buffers.run(model))
    return error;
  Clock::time_point start = Clock::now();
  uint64_t firstTick = readCounter();
  for (int64_t done = 0; done < runs || secondsSince(start) < seconds; ++done) {
    std::fill_n(stamps, calls.size(), 0);
    Clock::time_point begin = Clock::now();
    if (llvm::Error error = buffers.run(model))
      return error;
    times.push_back(secondsSince(begin));
    for (auto [i, list] : llvm::enumerate(ticks))
      list.push_back(static_cast<double>(stamps[i]));
  }
  allTicks += static_cast<double>(readCounter() - firstTick);
  allSeconds += secondsSince(start);
  return llvm::Error::success();
}

void KernelTimer::forget() {
  for (std::vector<double> &list : ticks)
    list.clear();
  times.clear();
  allTicks = allSeconds = 0;
}

BenchResult KernelTimer::getWhole(int64_t threads) const {
  return {threads, static_cast<int64_t>(times.size()), medianOf(times),
          *llvm::min_element(times)};
}

std::vector<KernelTime> KernelTimer::getTimes(size_t first) const {
  std::vector<KernelTime> result = calls;
  for (auto [kernel, list] : llvm::zip_equal(result, ticks))
    kernel.seconds =
        medianOf({list.begin() + first, list.end()}) * allSeconds / allTicks;
  return result;
}

/// The strips of a layer (--quantc-fuse-strips) as one row: calls for a node
/// whose kernels differ in their numbers alone.
static std::vector<KernelTime> mergeStrips(std::vector<KernelTime> calls) {
  std::vector<KernelTime> rows;
  llvm::StringMap<size_t> rowOf;
  for (KernelTime &call : calls) {
    StringRef kind = StringRef(call.kernel).rtrim("0123456789");
    if (kind.consume_back("_v"))
      kind = kind.rtrim("0123456789");
    size_t row = rows.size();
    if (!call.node.empty())
      row =
          rowOf.try_emplace((call.node + "|" + kind).str(), row).first->second;
    if (row == rows.size())
      rows.push_back(std::move(call));
    else
      rows[row].seconds += call.seconds;
  }
  return rows;
}

llvm::Expected<ProfileResult>
profile(ModuleOp lowered, const ModelInterface &interface,
        const Compiler &compiler, ArrayRef<LayerInfo> layers, double seconds,
        std::shared_ptr<ThreadPool> pool) {
  auto timer = KernelTimer::create(lowered, interface, compiler);
  if (!timer)
    return timer.takeError();
  int64_t threads = pool ? pool->size() : 1;
  timer->useThreads(std::move(pool));
  if (llvm::Error error = timer->run(seconds, minRuns))
    return std::move(error);
  ProfileResult result;
  result.whole = timer->getWhole(threads);
  result.kernels = mergeStrips(timer->getTimes());
  assignMacs(result.kernels, layers);
  auto peak = measurePeakRate(lowered.getContext(), compiler,
                              !compiler.getOptions().isFloat);
  if (!peak)
    return peak.takeError();
  result.peak = *peak * static_cast<double>(threads);
  return result;
}

llvm::json::Value ProfileResult::toJSON() const {
  double total = 0;
  for (const KernelTime &kernel : kernels)
    total += kernel.seconds;
  llvm::json::Array rows;
  for (const KernelTime &kernel : kernels) {
    llvm::json::Object row{{"node", kernel.node},
                           {"kernel", kernel.kernel},
                           {"seconds", kernel.seconds},
                           {"share", total > 0 ? kernel.seconds / total : 0.0},
                           {"macs", kernel.macs}};
    if (kernel.macs && kernel.seconds > 0) {
      double rate = static_cast<double>(kernel.macs) / kernel.seconds;
      row["gmacs_per_second"] = rate / 1e9;
      row["share_of_peak"] = rate / peak;
    }
    rows.push_back(std::move(row));
  }
  return llvm::json::Object{{"threads", whole.threads},
                            {"runs", whole.runs},
                            {"median_seconds", whole.median},
                            {"minimum_seconds", whole.minimum},
                            {"peak_gmacs_per_second", peak / 1e9},
                            {"layers", std::move(rows)}};
}

} // namespace quantc
