// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// What all observers share, and the four that record ranges (S25 to S27).

#include "ObserverState.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>
#include <cstring>

using namespace quantc;
using namespace llvm;

//===----------------------------------------------------------------------===//
// Helpers
//===----------------------------------------------------------------------===//

FloatRange quantc::minMaxOf(ArrayRef<float> data) {
  // Independent lanes, so that compilers may use vectors without reordering
  // anything that could be told apart.
  constexpr size_t lanes = 16;
  float min[lanes], max[lanes];
  std::fill_n(min, lanes, data[0]);
  std::fill_n(max, lanes, data[0]);
  size_t i = 0;
  for (; i + lanes <= data.size(); i += lanes)
    for (size_t lane = 0; lane < lanes; ++lane) {
      float value = data[i + lane];
      min[lane] = value < min[lane] ? value : min[lane];
      max[lane] = value > max[lane] ? value : max[lane];
    }
  for (; i < data.size(); ++i) {
    min[0] = std::min(min[0], data[i]);
    max[0] = std::max(max[0], data[i]);
  }
  return {*std::min_element(min, min + lanes) + 0.0f,
          *std::max_element(max, max + lanes) + 0.0f};
}

static uint32_t bitsOf(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}

static bool isFiniteFloat(float value) {
  return (bitsOf(value) & 0x7f800000) != 0x7f800000;
}

// Error if there are NaNs or infinities.
static Error checkFinite(ArrayRef<float> data) {
  uint32_t bad = 0;
  for (float value : data)
    bad += !isFiniteFloat(value);
  if (!bad)
    return Error::success();
  const float *first =
      find_if(data, [](float value) { return !isFiniteFloat(value); });
  return observerError(formatv(
      "{0} of {1} values are NaN or infinite, the first ({2}) at index {3}",
      bad, data.size(), std::isnan(*first) ? "NaN" : "infinity",
      first - data.begin()));
}

static bool toFloat(const json::Value &value, float &result, json::Path path) {
  std::optional<double> number = value.getAsNumber();
  if (number && std::abs(*number) <= std::numeric_limits<float>::max()) {
    result = static_cast<float>(*number);
    if (static_cast<double>(result) == *number)
      return true;
  }
  path.report("expected a finite number that f32 holds exactly");
  return false;
}

bool quantc::readFloat(const json::Object &state, StringLiteral key,
                       float &value, json::Path path) {
  const json::Value *field = state.get(key);
  if (!field) {
    path.report("the observer's state is incomplete");
    return false;
  }
  return toFloat(*field, value, path.field(key));
}

bool quantc::readFloats(const json::Object &state, StringLiteral key,
                        SmallVectorImpl<float> &values, json::Path path) {
  const json::Array *array = state.getArray(key);
  if (!array) {
    path.report("the observer's state is incomplete");
    return false;
  }
  values.resize(array->size());
  for (auto [i, element] : enumerate(*array))
    if (!toFloat(element, values[i], path.field(key).index(i)))
      return false;
  return true;
}

json::Array quantc::toJSONArray(ArrayRef<float> values) {
  json::Array array;
  array.reserve(values.size());
  for (float value : values) {
    // Counts are short as integers; doubles print with 17 digits.
    if (value >= 0 && value < 0x1p24f && value == std::trunc(value))
      array.push_back(static_cast<int64_t>(value));
    else
      array.push_back(value);
  }
  return array;
}

//===----------------------------------------------------------------------===//
// Observer
//===----------------------------------------------------------------------===//

Observer::~Observer() = default;

Error Observer::observe(ArrayRef<float> data, ArrayRef<int64_t> shape) {
  int64_t size = 1;
  for (int64_t extent : shape)
    if (extent < 0 || MulOverflow(size, extent, size))
      return observerError("the shape of the observed tensor is not valid");
  if (size != static_cast<int64_t>(data.size()))
    return observerError(
        formatv("the observed tensor has {0} values, but a shape for {1}",
                data.size(), size));
  if (data.empty())
    return Error::success();
  if (Error err = checkFinite(data))
    return err;
  if (Error err = update(data, shape))
    return err;
  ++observations;
  return Error::success();
}

Expected<SmallVector<FloatRange>> Observer::computeRanges() const {
  if (observations == 0)
    return observerError(
        "nothing was observed here: calibrate with at least one sample");
  return ranges();
}

Expected<SmallVector<QuantParams>> Observer::computeQParams() const {
  Expected<SmallVector<FloatRange>> values = computeRanges();
  if (!values)
    return values.takeError();
  SmallVector<QuantParams> result;
  for (FloatRange range : *values) {
    Expected<QuantParams> params = chooseQParams(
        range, config.effectiveRange(), config.scheme, config.isSigned);
    if (!params)
      return params.takeError();
    result.push_back(*params);
  }
  return result;
}

Expected<SmallVector<QuantParams>> Observer::computePowerOfTwoQParams() const {
  Expected<SmallVector<FloatRange>> wanted = computeRanges();
  if (!wanted)
    return wanted.takeError();
  SmallVector<float, 0> values, counts;
  distribution(values, counts);
  SmallVector<QuantParams> result;
  for (FloatRange range : *wanted) {
    Expected<QuantParams> params =
        choosePowerOfTwoQParams(range, values, counts, config.effectiveRange(),
                                config.scheme, config.isSigned);
    if (!params)
      return params.takeError();
    result.push_back(*params);
  }
  return result;
}

json::Value Observer::toJSON() const {
  json::Object state{{"tensors", observations}};
  if (observations)
    writeState(state);
  return state;
}

bool Observer::fromJSON(const json::Value &value, json::Path path) {
  const json::Object *state = value.getAsObject();
  std::optional<int64_t> tensors =
      state ? state->getInteger("tensors") : std::nullopt;
  if (!tensors || *tensors < 0) {
    path.report("expected the state of an observer");
    return false;
  }
  if (*tensors ? !readState(*state, path)
               : !checkKeys(*state, {"tensors"}, path))
    return false;
  observations = *tensors;
  return true;
}

Error Observer::merge(const Observer &other) {
  if (config != other.config)
    return observerError("the observers are configured differently");
  if (other.observations == 0)
    return Error::success();
  if (config.kind == ObserverKind::MovingAverageMinMax ||
      config.kind == ObserverKind::MovingAveragePerChannelMinMax)
    return observerError(
        "moving averages depend on the order of the data and cannot be merged: "
        "calibrate in one run, or with minmax or histogram observers");
  if (Error err = mergeState(other))
    return err;
  observations += other.observations;
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Ranges
//===----------------------------------------------------------------------===//

namespace {

// MinMaxObserver, MovingAverageMinMaxObserver and their per-channel forms: a
// tensor is one channel, or is cut along the axis.
class RangeObserver : public Observer {
public:
  explicit RangeObserver(const ObserverConfig &config) : Observer(config) {}
  std::unique_ptr<Observer> clone() const override {
    return std::make_unique<RangeObserver>(*this);
  }

private:
  Error update(ArrayRef<float> data, ArrayRef<int64_t> shape) override {
    ChannelLayout layout{1, static_cast<int64_t>(data.size())};
    if (config.isPerChannel()) {
      int64_t rank = shape.size();
      int64_t axis = config.axis < 0 ? config.axis + rank : config.axis;
      if (axis < 0 || axis >= rank)
        return observerError(formatv(
            "a tensor of rank {0} has no channel axis {1}", rank, config.axis));
      layout = ChannelLayout::of(shape, axis);
    }
    if (observations && layout.channels != static_cast<int64_t>(state.size()))
      return observerError(formatv(
          "a tensor with {0} channels was observed where there were {1}",
          layout.channels, state.size()));
    SmallVector<FloatRange> current = rangesOf(data, layout);
    if (observations == 0)
      state = std::move(current);
    else
      for (auto [old, now] : zip_equal(state, current))
        accumulate(old, now);
    return Error::success();
  }

  static SmallVector<FloatRange> rangesOf(ArrayRef<float> data,
                                          ChannelLayout layout) {
    SmallVector<FloatRange> result(layout.channels);
    int64_t size = data.size(), period = layout.channels * layout.inner;
    for (auto [channel, range] : enumerate(result))
      range = minMaxOf(data.slice(channel * layout.inner, layout.inner));
    for (int64_t begin = period; begin < size; begin += period) {
      ArrayRef<float> block = data.slice(begin, period);
      if (layout.inner == 1) { // channels last: side by side
        for (auto [range, value] : zip_equal(result, block)) {
          range.min = value < range.min ? value : range.min;
          range.max = value > range.max ? value : range.max;
        }
        continue;
      }
      for (auto [channel, range] : enumerate(result)) {
        FloatRange run =
            minMaxOf(block.slice(channel * layout.inner, layout.inner));
        range = {std::min(range.min, run.min), std::max(range.max, run.max)};
      }
    }
    // As in minMaxOf: the sign of a zero must not depend on the order.
    for (FloatRange &range : result)
      range = {range.min + 0.0f, range.max + 0.0f};
    return result;
  }

  void accumulate(FloatRange &old, FloatRange now) const {
    if (config.kind == ObserverKind::MinMax ||
        config.kind == ObserverKind::PerChannelMinMax) {
      old = {std::min(old.min, now.min), std::max(old.max, now.max)};
      return;
    }
    float weight = static_cast<float>(config.averagingConstant);
    old.min = old.min + weight * (now.min - old.min);
    old.max = old.max + weight * (now.max - old.max);
  }

  SmallVector<FloatRange> ranges() const override { return state; }

  void writeState(json::Object &object) const override {
    SmallVector<float> min, max;
    for (FloatRange range : state) {
      min.push_back(range.min);
      max.push_back(range.max);
    }
    object["min"] = toJSONArray(min);
    object["max"] = toJSONArray(max);
  }

  bool readState(const json::Object &object, json::Path path) override {
    SmallVector<float> min, max;
    if (!checkKeys(object, {"tensors", "min", "max"}, path) ||
        !readFloats(object, "min", min, path) ||
        !readFloats(object, "max", max, path))
      return false;
    if (min.size() != max.size() || min.empty() ||
        (!config.isPerChannel() && min.size() != 1)) {
      path.report("the number of minima and maxima is wrong");
      return false;
    }
    SmallVector<FloatRange> result;
    for (auto [low, high] : zip_equal(min, max)) {
      if (low > high) {
        path.report("a minimum is greater than its maximum");
        return false;
      }
      result.push_back({low, high});
    }
    state = std::move(result);
    return true;
  }

  // Min/max only; Observer::merge turned away the others.
  Error mergeState(const Observer &observer) override {
    const auto &other = static_cast<const RangeObserver &>(observer);
    if (observations == 0) {
      state = other.state;
      return Error::success();
    }
    if (state.size() != other.state.size())
      return observerError(
          formatv("observers of {0} and {1} channels cannot be merged",
                  state.size(), other.state.size()));
    for (auto [range, now] : zip_equal(state, other.state))
      accumulate(range, now);
    return Error::success();
  }

  SmallVector<FloatRange> state;
};

} // namespace

std::unique_ptr<Observer> Observer::create(const ObserverConfig &config) {
  if (config.kind == ObserverKind::Histogram)
    return createHistogramObserver(config);
  return std::make_unique<RangeObserver>(config);
}
