// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Quantization/Observers.h"
#include "TestUtils.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/CRC.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include <chrono>
#include <cmath>

using namespace quantc;
using namespace llvm;

namespace {

struct Tensor {
  std::vector<float> data;
  std::vector<int64_t> shape;
};

// As tensor() in golden_observers.py.
Tensor makeTensor(const json::Object &recipe) {
  Tensor tensor;
  int64_t count = 1;
  for (const json::Value &extent : *recipe.getArray("shape")) {
    tensor.shape.push_back(*extent.getAsInteger());
    count *= tensor.shape.back();
  }
  Random random(*recipe.getInteger("seed"));
  float scale = *recipe.getNumber("scale"),
        offset = *recipe.getNumber("offset");
  std::optional<double> floor = recipe.getNumber("floor");
  for (int64_t i = 0; i < count; ++i) {
    float u = random.symmetric(), v = u;
    for (int64_t k = 1; k < *recipe.getInteger("power"); ++k)
      v = v * u;
    v = v * scale + offset;
    tensor.data.push_back(floor ? std::max(v, static_cast<float>(*floor)) : v);
  }
  return tensor;
}

ObserverConfig makeConfig(const json::Value &value) {
  ObserverConfig config;
  json::Path::Root root;
  EXPECT_TRUE(ObserverConfig::fromJSON(value, config, root))
      << message(root.getError());
  return config;
}

std::unique_ptr<Observer> makeObserver(ObserverKind kind, int64_t bins = 2048) {
  ObserverConfig config;
  config.kind = kind;
  config.bins = bins;
  return Observer::create(config);
}

std::string print(const json::Value &value) { return formatv("{0}", value); }

void observe(Observer &observer, const Tensor &tensor) {
  ASSERT_EQ(message(observer.observe(tensor.data, tensor.shape)), "");
}

Tensor randomTensor(uint64_t seed, int64_t size, float scale) {
  Tensor tensor{{}, {size}};
  Random random(seed);
  for (int64_t i = 0; i < size; ++i)
    tensor.data.push_back(scale * random.symmetric() * random.symmetric());
  return tensor;
}

} // namespace

// Every kind, type, scheme and range on streams of all shapes, against PyTorch:
// minima, maxima, scales, zero points and whole histograms to the bit.
TEST(Observers, EqualPyTorch) {
  auto buffer =
      MemoryBuffer::getFile(QUANTC_UNITTEST_DIR "/golden_observers.json");
  ASSERT_TRUE(buffer);
  json::Value golden = take(json::parse((*buffer)->getBuffer()));
  const json::Object &streams = *golden.getAsObject()->getObject("streams");
  StringMap<std::vector<Tensor>> tensors;
  for (const auto &[name, recipes] : streams)
    for (const json::Value &recipe : *recipes.getAsArray())
      tensors[StringRef(name)].push_back(makeTensor(*recipe.getAsObject()));

  int64_t cases = 0;
  for (const json::Value &value : *golden.getAsObject()->getArray("cases")) {
    const json::Object &object = *value.getAsObject();
    SCOPED_TRACE(
        formatv("{0}: {1}", *object.getString("name"), *object.get("config"))
            .str());
    ObserverConfig config = makeConfig(*object.get("config"));
    std::unique_ptr<Observer> observer = Observer::create(config);
    for (const Tensor &tensor : tensors[*object.getString("name")])
      observe(*observer, tensor);

    const json::Object &expected = *object.getObject("expected");
    json::Value stateValue = observer->toJSON();
    const json::Object &state = *stateValue.getAsObject();
    for (StringRef key : {"min", "max"}) {
      const json::Array &wanted = *expected.getArray(key);
      json::Value found = *state.get(key);
      json::Array single{found};
      const json::Array &values =
          found.getAsArray() ? *found.getAsArray() : single;
      ASSERT_EQ(values.size(), wanted.size());
      for (auto [a, b] : zip_equal(values, wanted))
        EXPECT_EQ(*a.getAsNumber(), *b.getAsNumber()) << key.str();
    }
    if (const json::Array *bins = state.getArray("histogram")) {
      std::vector<float> counts;
      for (const json::Value &count : *bins)
        counts.push_back(*count.getAsNumber());
      auto bytes = ArrayRef(reinterpret_cast<const uint8_t *>(counts.data()),
                            4 * counts.size());
      EXPECT_EQ(llvm::crc32(bytes), *expected.getInteger("histogram_crc32"));
    }
    SmallVector<QuantParams> params = take(observer->computeQParams());
    const json::Array &scales = *expected.getArray("scale");
    const json::Array &zeroPoints = *expected.getArray("zero_point");
    ASSERT_EQ(params.size(), scales.size());
    for (size_t i = 0; i < params.size(); ++i) {
      EXPECT_EQ(params[i].scale, *scales[i].getAsNumber());
      EXPECT_EQ(params[i].zeroPoint, *zeroPoints[i].getAsInteger());
    }
    ++cases;
  }
  EXPECT_GE(cases, 400);
}

TEST(Observers, StateSurvivesTheRoundTrip) {
  for (ObserverKind kind :
       {ObserverKind::MinMax, ObserverKind::MovingAverageMinMax,
        ObserverKind::PerChannelMinMax,
        ObserverKind::MovingAveragePerChannelMinMax, ObserverKind::Histogram}) {
    std::unique_ptr<Observer> observer = makeObserver(kind);
    std::unique_ptr<Observer> fresh = makeObserver(kind);
    auto reload = [&] {
      json::Value parsed = take(json::parse(print(observer->toJSON())));
      json::Path::Root root;
      EXPECT_TRUE(fresh->fromJSON(parsed, root)) << message(root.getError());
      EXPECT_EQ(print(fresh->toJSON()), print(observer->toJSON()));
      EXPECT_EQ(fresh->getObservationCount(), observer->getObservationCount());
    };
    reload();
    for (int i = 0; i < 4; ++i)
      observe(*observer, randomTensor(i, 100, 0.1f + i));
    reload();
    // They go on alike.
    observe(*observer, randomTensor(9, 100, 7.3f));
    observe(*fresh, randomTensor(9, 100, 7.3f));
    EXPECT_EQ(print(fresh->toJSON()), print(observer->toJSON()));
    EXPECT_EQ(take(fresh->computeQParams()), take(observer->computeQParams()));
  }
}

TEST(Observers, DamagedStateIsRefused) {
  auto refuses = [](ObserverKind kind, StringRef text, StringRef part) {
    std::unique_ptr<Observer> observer = makeObserver(kind, 4);
    json::Value value = take(json::parse(text));
    json::Path::Root root("state");
    EXPECT_FALSE(observer->fromJSON(value, root)) << text.str();
    EXPECT_MESSAGE(root.getError(), part.str());
    EXPECT_EQ(observer->getObservationCount(), 0);
  };
  refuses(ObserverKind::MinMax, "[]", "expected the state");
  refuses(ObserverKind::MinMax, "{}", "expected the state");
  refuses(ObserverKind::MinMax, R"({"tensors": -1})", "expected the state");
  refuses(ObserverKind::MinMax, R"({"tensors": 1})", "incomplete");
  refuses(ObserverKind::MinMax, R"({"tensors": 1, "min": [0.1], "max": [1]})",
          "finite number that f32 holds exactly at state.min[0]");
  refuses(ObserverKind::MinMax, R"({"tensors": 1, "min": [0], "max": [1e300]})",
          "state.max[0]");
  refuses(ObserverKind::MinMax, R"({"tensors": 1, "min": [2], "max": [1]})",
          "greater");
  refuses(ObserverKind::MinMax,
          R"({"tensors": 1, "min": [0, 0], "max": [1, 1]})", "number of");
  refuses(ObserverKind::PerChannelMinMax,
          R"({"tensors": 1, "min": [0, 0], "max": [1]})", "number of");
  refuses(ObserverKind::Histogram,
          R"({"tensors": 1, "min": 0, "max": 1, "histogram": [1, 2, 3]})",
          "number of bins");
  refuses(ObserverKind::Histogram,
          R"({"tensors": 1, "min": 0, "max": 1, "histogram": [1, 2, 3, -1]})",
          "negative");
  refuses(ObserverKind::Histogram,
          R"({"tensors": 1, "min": 0, "max": 1, "histogram": [1, 2, 3, "x"]})",
          "histogram[3]");
}

TEST(Observers, BadTensorsChangeNothing) {
  for (ObserverKind kind : {ObserverKind::MinMax, ObserverKind::Histogram}) {
    std::unique_ptr<Observer> observer = makeObserver(kind);
    EXPECT_MESSAGE(observer->computeQParams(), "nothing was observed");
    observe(*observer, randomTensor(1, 50, 1.0f));
    std::string before = print(observer->toJSON());
    std::vector<float> bad(100, 1.0f);
    bad[17] = NAN;
    bad[40] = -INFINITY;
    EXPECT_MESSAGE(
        observer->observe(bad, {100}),
        "2 of 100 values are NaN or infinite, the first (NaN) at index 17");
    EXPECT_MESSAGE(
        observer->observe(ArrayRef<float>(bad).take_front(10), {3, 4}),
        "10 values, but a shape for 12");
    EXPECT_MESSAGE(observer->observe({}, {int64_t(1) << 40, int64_t(1) << 40}),
                   "not valid");
    EXPECT_EQ(message(observer->observe({}, {0, 3})), "");
    EXPECT_EQ(print(observer->toJSON()), before);
  }
  std::unique_ptr<Observer> histogram = makeObserver(ObserverKind::Histogram);
  EXPECT_MESSAGE(histogram->observe({-3e38f, 3e38f}, {2}), "too far apart");
  std::unique_ptr<Observer> channels =
      makeObserver(ObserverKind::PerChannelMinMax);
  EXPECT_MESSAGE(channels->observe({1.0f}, {}), "rank 0 has no channel axis 0");
  observe(*channels, {{1, 2, 3, 4}, {2, 2}});
  EXPECT_MESSAGE(channels->observe({1, 2, 3}, {3}),
                 "3 channels was observed where there were 2");
}

// PyTorch's histc fails on constants too large for ±1 to matter.
TEST(Observers, HugeConstants) {
  std::unique_ptr<Observer> observer = makeObserver(ObserverKind::Histogram);
  observe(*observer, {{1e10f, 1e10f}, {2}});
  observe(*observer, {{1e10f, 1e10f}, {2}});
  SmallVector<QuantParams> params = take(observer->computeQParams());
  EXPECT_EQ(params[0].scale, 1e10f / 255.0f);
  EXPECT_EQ(params[0].zeroPoint, -128);
}

TEST(Observers, MinMaxShardsMergeToOneRun) {
  for (ObserverKind kind :
       {ObserverKind::MinMax, ObserverKind::PerChannelMinMax}) {
    std::unique_ptr<Observer> whole = makeObserver(kind);
    std::unique_ptr<Observer> shards[3] = {
        makeObserver(kind), makeObserver(kind), makeObserver(kind)};
    for (int i = 0; i < 12; ++i) {
      Tensor tensor = randomTensor(i, 60, 1.0f + (i * 5) % 7);
      tensor.shape = {4, 15};
      observe(*whole, tensor);
      observe(*shards[i % 2], tensor); // the third sees nothing
    }
    EXPECT_EQ(message(shards[2]->merge(*shards[1])), "");
    EXPECT_EQ(message(shards[2]->merge(*shards[0])), "");
    EXPECT_EQ(print(shards[2]->toJSON()), print(whole->toJSON()));
  }
}

// A value moves by a bin at most: the cumulative counts of the merged histogram
// lie between those of the data themselves one bin below and above.
TEST(Observers, HistogramShardsMergeWithinABin) {
  for (float ratio : {1.0f, 1.3f, 4.0f, 50.0f}) {
    std::unique_ptr<Observer> a = makeObserver(ObserverKind::Histogram);
    std::unique_ptr<Observer> b = makeObserver(ObserverKind::Histogram);
    std::vector<float> all;
    for (int i = 0; i < 6; ++i) {
      Tensor tensor = randomTensor(100 + i, 5000, i % 2 ? ratio : 1.0f);
      // The same range in each shard: merging is what is tested.
      tensor.data[0] = -(i % 2 ? ratio : 1.0f);
      tensor.data[1] = i % 2 ? ratio : 1.0f;
      observe(i % 2 ? *a : *b, tensor);
      all.insert(all.end(), tensor.data.begin(), tensor.data.end());
    }
    ASSERT_EQ(message(a->merge(*b)), "");
    EXPECT_EQ(a->getObservationCount(), 6);
    llvm::sort(all);
    json::Value state = a->toJSON();
    const json::Array &bins = *state.getAsObject()->getArray("histogram");
    double width = 2.0 * ratio / bins.size(), sum = 0;
    for (size_t i = 0; i < bins.size(); ++i) {
      sum += *bins[i].getAsNumber();
      double edge = -ratio + width * (i + 1);
      auto below = [&](double x) {
        return std::lower_bound(all.begin(), all.end(), x) - all.begin();
      };
      EXPECT_GE(sum, below(edge - 1.01 * width) - 0.01) << i;
      EXPECT_LE(sum, below(edge + 1.01 * width) + 0.01) << i;
    }
    EXPECT_EQ(sum, all.size());
  }
}

TEST(Observers, MergeOfConstantHistograms) {
  std::unique_ptr<Observer> a = makeObserver(ObserverKind::Histogram);
  std::unique_ptr<Observer> b = makeObserver(ObserverKind::Histogram);
  observe(*a, {std::vector<float>(10, 1.0f), {10}});
  observe(*b, {std::vector<float>(20, -1.0f), {20}});
  ASSERT_EQ(message(a->merge(*b)), "");
  json::Value state = a->toJSON();
  const json::Array &bins = *state.getAsObject()->getArray("histogram");
  EXPECT_EQ(*bins.front().getAsNumber(), 20);
  EXPECT_EQ(*bins.back().getAsNumber(), 10);
}

// Histograms know where the values are; what knows the ends alone rounds up.
TEST(Observers, PowersOfTwo) {
  Tensor tensor = randomTensor(9, 20000, 1.0f);
  for (float &x : tensor.data)
    x = x * x * x * x; // most are small
  tensor.data[0] = 1.05f;
  for (ObserverKind kind : {ObserverKind::MinMax, ObserverKind::Histogram}) {
    std::unique_ptr<Observer> observer = makeObserver(kind);
    EXPECT_MESSAGE(observer->computePowerOfTwoQParams(),
                   "nothing was observed");
    observe(*observer, tensor);
    QuantParams params = take(observer->computePowerOfTwoQParams()).front();
    // 1.05 / 255 lies above 2^-8.
    EXPECT_EQ(params.scale, kind == ObserverKind::MinMax ? 0x1p-7 : 0x1p-8);
    EXPECT_EQ(params.zeroPoint, -128);
  }
}

TEST(Observers, MovingAveragesRefuseToMerge) {
  for (ObserverKind kind : {ObserverKind::MovingAverageMinMax,
                            ObserverKind::MovingAveragePerChannelMinMax}) {
    std::unique_ptr<Observer> a = makeObserver(kind), b = makeObserver(kind);
    observe(*a, randomTensor(1, 9, 1.0f));
    observe(*b, randomTensor(2, 9, 1.0f));
    std::string before = print(a->toJSON());
    EXPECT_MESSAGE(a->merge(*b), "depend on the order of the data");
    EXPECT_EQ(print(a->toJSON()), before);
  }
  std::unique_ptr<Observer> a = makeObserver(ObserverKind::MinMax);
  EXPECT_MESSAGE(a->merge(*makeObserver(ObserverKind::Histogram)),
                 "configured differently");
}

TEST(Observers, ConfigRoundTripAndMistakes) {
  ObserverConfig config;
  config.kind = ObserverKind::MovingAveragePerChannelMinMax;
  config.isSigned = false;
  config.bits = 16;
  config.range = {0, 1000};
  config.scheme = QScheme::Symmetric;
  config.axis = -1;
  config.averagingConstant = 0.1;
  config.bins = 77;
  EXPECT_EQ(makeConfig(config.toJSON()), config);

  auto refuses = [](StringRef text, StringRef part) {
    json::Value value = take(json::parse(text));
    json::Path::Root root("observer");
    ObserverConfig config;
    EXPECT_FALSE(ObserverConfig::fromJSON(value, config, root)) << text.str();
    EXPECT_MESSAGE(root.getError(), part.str());
    EXPECT_EQ(config, ObserverConfig());
  };
  refuses("3", "expected an object");
  refuses(R"({"kind": "max"})", "expected minmax");
  refuses(R"({"kind": 3})", "expected minmax");
  refuses(R"({"dtype": "float"})", "expected int8");
  refuses(R"({"dtype": "int32"})", "expected int8");
  refuses(R"({"qscheme": "odd"})",
          "expected affine or symmetric at observer.qscheme");
  refuses(R"({"quant_min": 1.5})", "expected an integer at observer.quant_min");
  refuses(R"({"quant_min": 1})", "contradictory");
  refuses(R"({"quant_max": 200})", "contradictory");
  refuses(R"({"dtype": "uint8", "qscheme": "symmetric", "reduce_range": true})",
          "contradictory");
  refuses(R"({"bins": 0})", "contradictory");
  refuses(R"({"averaging_constant": 0})", "contradictory");
  refuses(R"({"qsheme": "affine"})",
          "unknown key in an observer at observer.qsheme");
}
