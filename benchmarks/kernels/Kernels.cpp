// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Times single compiled layers and prints them beside the peaks of the machine,
// which are measured in the same run. GB/s counts inputs and outputs once.

#include "Peaks.h"
#include <algorithm>
#include <benchmark/benchmark.h>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#define LAYER(name, integer, macs, output, arena, ...)                         \
  extern "C" int name##_run(const void *const *, void *const *, void *,        \
                            const void *);
#include "Layers.inc"
#undef LAYER

namespace {

using RunFn = int (*)(const void *const *, void *const *, void *, const void *);

struct Layer {
  const char *name;
  RunFn run;
  bool integer;
  int64_t macs, outputBytes, arenaBytes;
  std::vector<int64_t> inputBytes;
};

const Layer kLayers[] = {
#define LAYER(name, integer, macs, output, arena, ...)                         \
  {#name, name##_run, integer, macs, output, arena, {__VA_ARGS__}},
#include "Layers.inc"
#undef LAYER
};

struct Free {
  void operator()(void *p) const { std::free(p); }
};
using Buffer = std::unique_ptr<char, Free>;

/// Aligned as an arena wants it, with what kernels may read beyond the end.
Buffer allocate(int64_t bytes) {
  return Buffer(static_cast<char *>(
      std::aligned_alloc(4096, (bytes + 64 + 4095) / 4096 * 4096)));
}

Buffer makeInput(const Layer &layer, int64_t bytes) {
  Buffer buffer = allocate(bytes);
  std::mt19937 random(1);
  if (layer.integer) {
    std::uniform_int_distribution<int> value(-128, 127);
    std::generate_n(reinterpret_cast<int8_t *>(buffer.get()), bytes,
                    [&] { return value(random); });
  } else {
    std::normal_distribution<float> value;
    std::generate_n(reinterpret_cast<float *>(buffer.get()), bytes / 4,
                    [&] { return value(random); });
  }
  return buffer;
}

void timeLayer(benchmark::State &state, const Layer &layer) {
  std::vector<Buffer> inputs;
  std::vector<const void *> pointers;
  for (int64_t bytes : layer.inputBytes) {
    inputs.push_back(makeInput(layer, bytes));
    pointers.push_back(inputs.back().get());
  }
  Buffer output = allocate(layer.outputBytes),
         arena = allocate(layer.arenaBytes);
  void *outputs[] = {output.get()};
  for (auto _ : state)
    if (int code = layer.run(pointers.data(), outputs, arena.get(), nullptr)) {
      state.SkipWithError(("error " + std::to_string(code)).c_str());
      return;
    }
  state.counters["MAC/s"] = benchmark::Counter(
      double(layer.macs), benchmark::Counter::kIsIterationInvariantRate);
  state.counters["runs/s"] =
      benchmark::Counter(1, benchmark::Counter::kIsIterationInvariantRate);
}

void timePeak(benchmark::State &state, Peak peak) {
  constexpr int64_t steps = 10000;
  for (auto _ : state)
    peak.run(steps);
  state.counters["MAC/s"] =
      benchmark::Counter(double(peak.macsPerStep * steps),
                         benchmark::Counter::kIsIterationInvariantRate);
  state.counters["runs/s"] =
      benchmark::Counter(1, benchmark::Counter::kIsIterationInvariantRate);
}

/// Remembers the best repetition of each benchmark: what disturbs a measurement
/// only ever slows it.
class BestReporter : public benchmark::ConsoleReporter {
public:
  BestReporter() : ConsoleReporter(OO_Tabular) {}

  void ReportRuns(const std::vector<Run> &runs) override {
    for (const Run &run : runs)
      if (run.run_type == Run::RT_Iteration && !run.error_occurred) {
        Rates &rates = best[run.run_name.function_name];
        rates.runs = std::max(rates.runs, double(run.counters.at("runs/s")));
        rates.macs = std::max(rates.macs, double(run.counters.at("MAC/s")));
      }
    // Of many repetitions, their statistics are enough to look at.
    std::vector<Run> shown;
    std::copy_if(runs.begin(), runs.end(), std::back_inserter(shown),
                 [](const Run &run) {
                   return run.run_type == Run::RT_Aggregate ||
                          run.repetitions <= 1;
                 });
    ConsoleReporter::ReportRuns(shown);
  }

  void printTable() const {
    std::printf("\n| layer | µs | GMAC/s | of peak | GB/s "
                "|\n|---|---:|---:|---:|---:|\n");
    for (bool integer : {false, true})
      if (auto peak = best.find(peakName(integer)); peak != best.end())
        std::printf("| peak: %s | | %.1f | | |\n",
                    selectPeak(integer).instructions, peak->second.macs / 1e9);
    for (const Layer &layer : kLayers) {
      auto found = best.find(layer.name);
      if (found == best.end())
        continue;
      Rates rates = found->second;
      std::printf("| `%s` | %.1f | ", layer.name, 1e6 / rates.runs);
      auto peak = best.find(peakName(layer.integer));
      if (layer.macs)
        std::printf("%.1f | ", rates.macs / 1e9);
      else
        std::printf("| ");
      if (layer.macs && peak != best.end())
        std::printf("%.0f %% | ", 100 * rates.macs / peak->second.macs);
      else
        std::printf("| ");
      int64_t bytes = std::accumulate(
          layer.inputBytes.begin(), layer.inputBytes.end(), layer.outputBytes);
      std::printf("%.1f |\n", double(bytes) * rates.runs / 1e9);
    }
  }

  static const char *peakName(bool integer) {
    return integer ? "peak_i8" : "peak_f32";
  }

private:
  struct Rates {
    double runs = 0, macs = 0; ///< per second
  };
  std::map<std::string, Rates> best;
};

} // namespace

int main(int argc, char **argv) {
  // The peaks before and after: the clock may change in between.
  auto registerPeaks = [] {
    for (bool integer : {false, true})
      benchmark::RegisterBenchmark(BestReporter::peakName(integer), timePeak,
                                   selectPeak(integer));
  };
  registerPeaks();
  for (const Layer &layer : kLayers)
    benchmark::RegisterBenchmark(layer.name, timeLayer, layer);
  registerPeaks();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv))
    return 1;
  BestReporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  reporter.printTable();
}
