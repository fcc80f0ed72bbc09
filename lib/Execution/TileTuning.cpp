// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Execution/TileTuning.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;

namespace quantc {

/// Of a class, the cost model's tile being one of them.
static constexpr size_t kMostCandidates = 10;
/// Turns that the objects take.
static constexpr int64_t kRounds = 10;
/// Timed runs of a turn, at least.
static constexpr int64_t kRunsOfTurn = 2;
/// Below this, a tile isn't faster than another.
static constexpr double kLeastGain = 1.01;
/// So many turns may disagree.
static constexpr int64_t kMostLost = 1;

namespace {

/// What is known of a class while its tiles are timed.
struct Candidates {
  KernelTile byCost;
  SmallVector<KernelTile> tiles; ///< byCost first
  std::vector<std::string> nodes;
  SmallVector<double> seconds; ///< of each tile
};

/// An object whose kernels have certain tiles.
struct TimedVariant {
  KernelTimer timer;
  /// The classes of its kernels, by name.
  llvm::StringMap<KernelClass> classes;
};

class TileTuner {
public:
  TileTuner(ModuleOp module, const Compiler &compiler,
            const TargetDescription &target, double seconds,
            const ProgressFunction &progress)
      : module(module), compiler(compiler), target(target), seconds(seconds),
        progress(progress) {}

  llvm::Expected<TileTuningResult> run();

private:
  /// Compiles with these tiles, and the cost model's for all else.
  llvm::Expected<TimedVariant> compile(Tuning tuning);
  /// Runs them in turns; `done` sees, after a turn, whose it was and its first
  /// run.
  llvm::Error
  measure(llvm::StringRef stage, ArrayRef<TimedVariant *> variants,
          llvm::function_ref<void(size_t variant, size_t first)> done = {});
  /// The time of each class in a run, by the runs from `first` on.
  static std::map<KernelClass, double> sumTimes(const TimedVariant &variant,
                                                size_t first = 0);

  ModuleOp module;
  const Compiler &compiler;
  const TargetDescription &target;
  double seconds;
  const ProgressFunction &progress;
  /// The cost model's choice, from the first object.
  std::map<KernelClass, Candidates> classes;
};

} // namespace

bool isFaster(ArrayRef<double> times, ArrayRef<double> others) {
  SmallVector<double> ratios;
  for (auto [time, other] : llvm::zip_equal(times, others))
    ratios.push_back(other / time);
  llvm::sort(ratios);
  return ratios[kMostLost] > 1 && ratios[(ratios.size() - 1) / 2] >= kLeastGain;
}

llvm::Expected<TimedVariant> TileTuner::compile(Tuning tuning) {
  CompileOptions options = compiler.getOptions();
  options.tuning = std::make_shared<Tuning>(std::move(tuning));
  Compiler own(std::move(options)); // its stages are steps of ours
  OwningOpRef<ModuleOp> copy = module.clone();
  auto interface = own.lower(*copy);
  if (!interface)
    return interface.takeError();
  bool isFirst = classes.empty();
  llvm::StringMap<KernelClass> byName;
  for (auto function : copy->getOps<LLVM::LLVMFuncOp>())
    if (auto found = getTileAttributes(function)) {
      auto &[kernel, tile] = *found;
      byName[function.getName()] = kernel;
      if (isFirst)
        classes[kernel].byCost = tile;
    }
  if (byName.empty())
    return llvm::createStringError(
        "no kernel of this model has a choice of tiles");
  auto timer = KernelTimer::create(*copy, *interface, own);
  if (!timer)
    return timer.takeError();
  return TimedVariant{std::move(*timer), std::move(byName)};
}

llvm::Error TileTuner::measure(llvm::StringRef stage,
                               ArrayRef<TimedVariant *> variants,
                               llvm::function_ref<void(size_t, size_t)> done) {
  for (int64_t round = 0; round < kRounds; ++round) {
    progress(stage, round, kRounds);
    for (size_t i = 0; i < variants.size(); ++i) {
      // Another goes first in each round.
      size_t turn = (i + round) % variants.size();
      KernelTimer &timer = variants[turn]->timer;
      size_t first = timer.getRuns();
      if (llvm::Error error = timer.run(seconds / kRounds, kRunsOfTurn))
        return error;
      if (done)
        done(turn, first);
    }
  }
  progress(stage, kRounds, kRounds);
  return llvm::Error::success();
}

std::map<KernelClass, double> TileTuner::sumTimes(const TimedVariant &variant,
                                                  size_t first) {
  std::map<KernelClass, double> sums;
  for (const KernelTime &call : variant.timer.getTimes(first))
    if (auto found = variant.classes.find(call.kernel);
        found != variant.classes.end())
      sums[found->second] += call.seconds;
  return sums;
}

llvm::Expected<TileTuningResult> TileTuner::run() {
  // Not in the result: how many variants there are.
  progress("compiling", 0, kMostCandidates);
  std::vector<TimedVariant> variants;
  auto first = compile(Tuning());
  if (!first)
    return first.takeError();
  variants.push_back(std::move(*first));
  size_t most = 1;
  for (auto &[kernel, candidates] : classes) {
    candidates.tiles.push_back(candidates.byCost);
    for (const KernelTile &tile :
         getCandidates(kernel, target, kMostCandidates))
      if (!(tile == candidates.byCost) &&
          candidates.tiles.size() < kMostCandidates)
        candidates.tiles.push_back(tile);
    most = std::max(most, candidates.tiles.size());
  }
  for (const KernelTime &call : variants[0].timer.getCalls())
    if (auto found = variants[0].classes.find(call.kernel);
        found != variants[0].classes.end() && !call.node.empty())
      classes[found->second].nodes.push_back(call.node);

  // Whoever has no i-th candidate starts again, and is timed more often.
  auto tileOf = [](const Candidates &candidates, size_t i) {
    return candidates.tiles[i % candidates.tiles.size()];
  };
  while (variants.size() < most) {
    progress("compiling", variants.size(), most);
    Tuning tuning;
    for (const auto &[kernel, candidates] : classes)
      tuning.set(target, kernel, tileOf(candidates, variants.size()));
    auto variant = compile(std::move(tuning));
    if (!variant)
      return variant.takeError();
    variants.push_back(std::move(*variant));
  }
  progress("compiling", most, most);
  SmallVector<TimedVariant *> all;
  for (TimedVariant &variant : variants)
    all.push_back(&variant);
  if (llvm::Error error = measure("timing", all))
    return std::move(error);
  for (auto [i, variant] : llvm::enumerate(variants))
    for (const auto &[kernel, time] : sumTimes(variant)) {
      auto &[byCost, tiles, nodes, times] = classes[kernel];
      // The least of its turns, for what disturbs only slows.
      size_t at = i % tiles.size();
      if (at == times.size())
        times.push_back(time);
      else
        times[at] = std::min(times[at], time);
    }

  // The fastest, together, against the cost model's.
  Tuning fastest;
  for (const auto &[kernel, candidates] : classes) {
    const auto &times = candidates.seconds;
    size_t best = std::distance(times.begin(), llvm::min_element(times));
    if (times[best] * kLeastGain > times[0])
      best = 0;
    fastest.set(target, kernel, candidates.tiles[best]);
  }
  variants.erase(variants.begin() + 1, variants.end());
  auto chosen = compile(fastest);
  if (!chosen)
    return chosen.takeError();
  variants[0].timer.forget();
  TimedVariant *both[] = {&variants[0], &*chosen};
  std::map<KernelClass, SmallVector<double>> rounds[2];
  auto collect = [&](size_t i, size_t first) {
    for (const auto &[kernel, time] : sumTimes(*both[i], first))
      rounds[i][kernel].push_back(time);
  };
  if (llvm::Error error = measure("checking", both, collect))
    return std::move(error);
  auto before = sumTimes(variants[0]), after = sumTimes(*chosen);
  TileTuningResult result;
  result.byCost = variants[0].timer.getWhole();
  result.chosen = chosen->timer.getWhole();
  for (const auto &[kernel, candidates] : classes) {
    TunedKernel tuned{kernel,
                      candidates.nodes,
                      candidates.byCost,
                      *fastest.find(target, kernel),
                      before[kernel],
                      after[kernel],
                      static_cast<int64_t>(candidates.tiles.size())};
    if (tuned.chosen == tuned.byCost ||
        !isFaster(rounds[1][kernel], rounds[0][kernel])) {
      tuned.chosen = tuned.byCost;
      tuned.chosenSeconds = tuned.byCostSeconds;
    }
    result.kernels.push_back(std::move(tuned));
  }
  return result;
}

llvm::Expected<TileTuningResult> tuneTiles(ModuleOp module,
                                           const Compiler &compiler,
                                           double seconds,
                                           const ProgressFunction &progress) {
  const TargetSpec &spec = compiler.getOptions().target;
  auto target = selectTarget(spec.triple, spec.cpu, spec.features);
  if (!target)
    return target.takeError();
  return TileTuner(module, compiler, **target, seconds, progress).run();
}

llvm::json::Value TileTuningResult::toJSON() const {
  auto tileToJSON = [](const KernelTile &tile) {
    return llvm::json::Object{
        {"pixels", llvm::json::Array{tile.rowsH, tile.rowsW}},
        {"registers", tile.registers}};
  };
  llvm::json::Array rows;
  for (const TunedKernel &kernel : kernels)
    rows.push_back(
        llvm::json::Object{{"kernel", kernel.kernel.describe()},
                           {"nodes", llvm::json::Array(kernel.nodes)},
                           {"candidates", kernel.candidates},
                           {"by_cost", tileToJSON(kernel.byCost)},
                           {"by_cost_seconds", kernel.byCostSeconds},
                           {"chosen", tileToJSON(kernel.chosen)},
                           {"chosen_seconds", kernel.chosenSeconds}});
  return llvm::json::Object{{"by_cost_seconds", byCost.median},
                            {"chosen_seconds", chosen.median},
                            {"kernels", std::move(rows)}};
}

} // namespace quantc
