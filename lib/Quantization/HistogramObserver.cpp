// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// PyTorch's HistogramObserver (S28 to S30). Written from the behaviour of
// torch.ao.quantization.observer.HistogramObserver 2.13 on the CPU, down to the
// order of its f32 operations: the search for the range stops at comparisons of
// nearly equal sums, so a bit more or less can move a scale.

#include "ObserverState.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace quantc;
using namespace llvm;

//===----------------------------------------------------------------------===//
// f32 building blocks
//===----------------------------------------------------------------------===//

// torch.sum of contiguous f32: vectors of 8 lanes, 4 of them at a time, summed
// in blocks of 16 (or more) into 4 levels, then lane by lane (ATen's
// cascade_sum).
static float cascadeSum(ArrayRef<float> values) {
  constexpr size_t lanes = 8, rows = 4, levels = 4, width = lanes * rows;
  size_t vectors = values.size() / lanes, blocks = vectors / rows;
  unsigned levelBits =
      std::max(4u, blocks > 1 ? Log2_64_Ceil(blocks) / unsigned(levels) : 0u);
  size_t step = size_t(1) << levelBits, mask = step - 1;
  float acc[levels][width] = {};
  auto addBlock = [&](size_t block) {
    for (size_t lane = 0; lane < width; ++lane)
      acc[0][lane] += values[block * width + lane];
  };
  size_t i = 0;
  while (i + step <= blocks) {
    for (size_t j = 0; j < step; ++j)
      addBlock(i++);
    for (size_t level = 1; level < levels; ++level) {
      for (size_t lane = 0; lane < width; ++lane) {
        acc[level][lane] += acc[level - 1][lane];
        acc[level - 1][lane] = 0;
      }
      if (i & (mask << (level * levelBits)))
        break;
    }
  }
  for (; i < blocks; ++i)
    addBlock(i);
  for (size_t level = 1; level < levels; ++level)
    for (size_t lane = 0; lane < width; ++lane)
      acc[0][lane] += acc[level][lane];
  for (size_t v = blocks * rows; v < vectors; ++v)
    for (size_t lane = 0; lane < lanes; ++lane)
      acc[0][lane] += values[v * lanes + lane];
  for (size_t row = 1; row < rows; ++row)
    for (size_t lane = 0; lane < lanes; ++lane)
      acc[0][lane] += acc[0][row * lanes + lane];
  float sum = 0;
  for (float value : values.drop_front(vectors * lanes))
    sum += value;
  for (size_t lane = 0; lane < lanes; ++lane)
    sum += acc[0][lane];
  return sum;
}

// Element i of torch.linspace(start, end, steps) in f32: from the nearer end,
// fused.
static float linspaceAt(float start, float end, int64_t steps, int64_t i) {
  float step = (end - start) / static_cast<float>(steps - 1);
  return i < steps / 2
             ? std::fma(step, static_cast<float>(i), start)
             : std::fma(-step, static_cast<float>(steps - i - 1), end);
}

// torch.histc(data, bins, min, max). All data lie in `range`; the width of
// `range` times `bins` is finite. Counts are exact up to 2^24 per bin and call.
static SmallVector<float, 0> countBins(ArrayRef<float> data, FloatRange range,
                                       int64_t bins) {
  float left = range.min, right = range.max;
  if (left == right) {
    left = static_cast<float>(static_cast<double>(left) - 1);
    right = static_cast<float>(static_cast<double>(right) + 1);
  }
  SmallVector<float, 0> result(bins, 0.0f);
  if (left == right) { // so large that ±1 is lost: PyTorch fails here
    result[bins / 2] = static_cast<float>(data.size());
    return result;
  }
  float width = right - left, count = static_cast<float>(bins);
  int32_t last = static_cast<int32_t>(bins - 1);
  // Neighbouring values often share a bin; separate tables keep the increments
  // from waiting for each other.
  constexpr size_t tables = 4, block = 1024;
  SmallVector<uint32_t, 0> counts(tables * bins, 0);
  int32_t positions[block];
  for (size_t begin = 0; begin < data.size(); begin += block) {
    size_t size = std::min(block, data.size() - begin);
    const float *values = data.data() + begin;
    for (size_t i = 0; i < size; ++i) {
      int32_t position =
          static_cast<int32_t>((values[i] - left) * count / width);
      positions[i] = position > last ? last : position;
    }
    for (size_t i = 0; i < size; ++i)
      ++counts[(i % tables) * bins + positions[i]];
  }
  for (int64_t bin = 0; bin < bins; ++bin) {
    uint64_t total = 0;
    for (size_t table = 0; table < tables; ++table)
      total += counts[table * bins + bin];
    result[bin] = static_cast<float>(total);
  }
  return result;
}

// HistogramObserver._upscale_histogram: each bin becomes 16, whose middles fall
// into the bins of the new range.
static SmallVector<float, 0> moveBins(ArrayRef<float> histogram,
                                      FloatRange from, FloatRange to) {
  constexpr int64_t rate = 16;
  int64_t bins = histogram.size(), fine = bins * rate;
  SmallVector<float, 0> boundaries(bins + 1), result(bins, 0.0f);
  for (int64_t i = 0; i <= bins; ++i)
    boundaries[i] = linspaceAt(to.min, to.max, bins + 1, i);
  float halfWidth = 0.5f * ((from.max - from.min) / static_cast<float>(fine));
  for (int64_t i = 0; i < fine; ++i) {
    float middle = linspaceAt(from.min, from.max, fine + 1, i) + halfWidth;
    int64_t bin = upper_bound(boundaries, middle) - boundaries.begin() - 1;
    result[std::clamp<int64_t>(bin, 0, bins - 1)] +=
        histogram[i / rate] / static_cast<float>(rate);
  }
  return result;
}

//===----------------------------------------------------------------------===//
// The observer
//===----------------------------------------------------------------------===//

namespace {

class HistogramObserver : public Observer {
public:
  explicit HistogramObserver(const ObserverConfig &config) : Observer(config) {}
  std::unique_ptr<Observer> clone() const override {
    return std::make_unique<HistogramObserver>(*this);
  }

private:
  Error update(ArrayRef<float> data, ArrayRef<int64_t> shape) override;
  SmallVector<FloatRange> ranges() const override;
  void distribution(SmallVectorImpl<float> &values,
                    SmallVectorImpl<float> &counts) const override;
  void writeState(json::Object &state) const override;
  bool readState(const json::Object &state, json::Path path) override;
  Error mergeState(const Observer &other) override;

  Error checkWidth(FloatRange to) const;
  SmallVector<float, 0> movedTo(FloatRange to) const;
  float quantizationError(int64_t startBin, int64_t endBin,
                          MutableArrayRef<float> norm) const;

  FloatRange range;
  SmallVector<float, 0> histogram;
};

} // namespace

static FloatRange unite(FloatRange a, FloatRange b) {
  return {std::min(a.min, b.min), std::max(a.max, b.max)};
}

static bool same(FloatRange a, FloatRange b) {
  return a.min == b.min && a.max == b.max;
}

static void addTo(MutableArrayRef<float> sum, ArrayRef<float> values) {
  for (auto [to, value] : zip_equal(sum, values))
    to += value;
}

Error HistogramObserver::checkWidth(FloatRange to) const {
  if (std::isfinite((to.max - to.min) * static_cast<float>(config.bins)))
    return Error::success();
  return observerError(formatv(
      "the values from {0:e} to {1:e} are too far apart for a histogram",
      to.min, to.max));
}

// The histogram over a range that includes its own.
SmallVector<float, 0> HistogramObserver::movedTo(FloatRange to) const {
  if (same(to, range))
    return histogram;
  if (range.min != range.max)
    return moveBins(histogram, range, to);
  SmallVector<float, 0> result = countBins(range.min, to, config.bins);
  float total = cascadeSum(histogram);
  for (float &bin : result)
    bin *= total;
  return result;
}

// HistogramObserver.forward.
Error HistogramObserver::update(ArrayRef<float> data, ArrayRef<int64_t> shape) {
  FloatRange now = minMaxOf(data);
  FloatRange wide = observations ? unite(range, now) : now;
  if (Error err = checkWidth(wide))
    return err;
  SmallVector<float, 0> sum = countBins(data, wide, config.bins);
  if (observations)
    addTo(sum, movedTo(wide));
  histogram = std::move(sum);
  range = wide;
  return Error::success();
}

// HistogramObserver._compute_quantization_error: the L2 error, were the bins
// from startBin to endBin the quantized range and values spread evenly in each
// bin.
float HistogramObserver::quantizationError(int64_t startBin, int64_t endBin,
                                           MutableArrayRef<float> norm) const {
  int64_t levels = int64_t(1) << config.bits;
  double exactWidth =
      (static_cast<double>(range.max) - static_cast<double>(range.min)) /
      config.bins;
  double exactStep = exactWidth * (endBin - startBin + 1) / levels;
  if (exactStep == 0)
    return 0;
  float width = static_cast<float>(exactWidth),
        step = static_cast<float>(exactStep);
  float half = static_cast<float>(exactStep / 2),
        last = static_cast<float>(levels - 1);
  // The quotient of two f32 is never within f64's rounding of an integer it
  // isn't: floor is exact.
  auto levelOf = [=](float x) {
    float level = static_cast<float>(std::floor(static_cast<double>(x) / step));
    level = level < 0 ? 0 : level;
    return level > last ? last : level;
  };
  // density · ∫ x² from begin to end.
  auto integral = [](float begin, float end, float density) {
    return density * ((end * end * end - begin * begin * begin) / 3.0f);
  };
  for (int64_t i = 0; i < config.bins; ++i) {
    float begin = static_cast<float>(i - startBin) * width;
    float end = begin + width;
    float density = histogram[i] / width;
    float beginLevel = levelOf(begin), endLevel = levelOf(end);
    float sum = integral(begin - (beginLevel + 0.5f) * step, half, density);
    sum += (endLevel - beginLevel - 1.0f) * integral(-half, half, density);
    sum += integral(-half, end - (endLevel * step + half), density);
    norm[i] = sum;
  }
  return cascadeSum(norm);
}

// HistogramObserver._non_linear_param_search: moves the ends inwards, quantile
// by quantile, as long as the error falls.
SmallVector<FloatRange> HistogramObserver::ranges() const {
  int64_t bins = config.bins;
  double total = cascadeSum(histogram);
  SmallVector<float, 0> cumulative(bins), norm(bins);
  double running = 0;
  for (auto [sum, count] : zip_equal(cumulative, histogram))
    sum = static_cast<float>(running += count);

  constexpr double step = 1e-5;
  double alpha = 0, beta = 1;
  int64_t start = 0, end = bins - 1;
  double best = std::numeric_limits<double>::infinity();
  while (alpha < beta) {
    double nextAlpha = alpha + step, nextBeta = beta - step;
    // The cumulative sums don't fall, so walking ends where bisection does.
    float low = static_cast<float>(nextAlpha * total),
          high = static_cast<float>(nextBeta * total);
    auto *begin = cumulative.begin();
    int64_t left = std::lower_bound(begin + start, begin + end, low) - begin;
    int64_t right =
        std::upper_bound(begin + start + 1, begin + end + 1, high) - begin - 1;
    int64_t nextStart = start, nextEnd = end;
    if (left - start > end - right) {
      nextStart = left;
      alpha = nextAlpha;
    } else {
      nextEnd = right;
      beta = nextBeta;
    }
    if (nextStart == start && nextEnd == end)
      continue;
    double error = quantizationError(nextStart, nextEnd, norm);
    if (error > best)
      break;
    best = error;
    start = nextStart;
    end = nextEnd;
  }
  float width = (range.max - range.min) / static_cast<float>(bins);
  return {FloatRange{range.min + width * static_cast<float>(start),
                     range.min + width * static_cast<float>(end + 1)}};
}

// The middles of the bins.
void HistogramObserver::distribution(SmallVectorImpl<float> &values,
                                     SmallVectorImpl<float> &counts) const {
  float width = (range.max - range.min) / static_cast<float>(config.bins);
  for (int64_t i = 0; i < config.bins; ++i)
    values.push_back(range.min + width * (static_cast<float>(i) + 0.5f));
  counts.assign(histogram.begin(), histogram.end());
}

void HistogramObserver::writeState(json::Object &state) const {
  state["min"] = range.min;
  state["max"] = range.max;
  state["histogram"] = toJSONArray(histogram);
}

bool HistogramObserver::readState(const json::Object &state, json::Path path) {
  FloatRange newRange;
  SmallVector<float> newHistogram;
  if (!checkKeys(state, {"tensors", "min", "max", "histogram"}, path) ||
      !readFloat(state, "min", newRange.min, path) ||
      !readFloat(state, "max", newRange.max, path) ||
      !readFloats(state, "histogram", newHistogram, path))
    return false;
  if (newRange.min > newRange.max) {
    path.report("the minimum is greater than the maximum");
    return false;
  }
  if (static_cast<int64_t>(newHistogram.size()) != config.bins) {
    path.field("histogram")
        .report("the number of bins is not that of the config");
    return false;
  }
  if (any_of(newHistogram, [](float count) { return count < 0; })) {
    path.field("histogram").report("a count is negative");
    return false;
  }
  range = newRange;
  histogram.assign(newHistogram.begin(), newHistogram.end());
  return true;
}

Error HistogramObserver::mergeState(const Observer &observer) {
  const auto &other = static_cast<const HistogramObserver &>(observer);
  FloatRange wide = observations ? unite(range, other.range) : other.range;
  if (Error err = checkWidth(wide))
    return err;
  SmallVector<float, 0> sum = other.movedTo(wide);
  if (observations)
    addTo(sum, movedTo(wide));
  histogram = std::move(sum);
  range = wide;
  return Error::success();
}

std::unique_ptr<Observer>
quantc::createHistogramObserver(const ObserverConfig &config) {
  return std::make_unique<HistogramObserver>(config);
}
