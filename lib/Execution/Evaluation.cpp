// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Execution/Evaluation.h"
#include <cmath>

using namespace llvm;

namespace quantc {

void NoiseRatio::add(ArrayRef<float> reference, ArrayRef<float> values) {
  assert(reference.size() == values.size());
  for (auto [r, v] : zip_equal(reference, values)) {
    double difference = static_cast<double>(r) - static_cast<double>(v);
    signal += static_cast<double>(r) * static_cast<double>(r);
    noise += difference * difference;
  }
}

double NoiseRatio::getDecibels() const {
  if (noise == 0)
    return std::numeric_limits<double>::infinity();
  return 10 * std::log10(signal / noise);
}

json::Value toJSON(double value) {
  return std::isfinite(value) ? json::Value(value) : json::Value(nullptr);
}

Expected<std::vector<Array>> runModel(const CompiledModel &model,
                                      const SampleReader &samples,
                                      ProgressFunction progress) {
  const ModelInterface &interface = model.getInterface();
  std::vector<Array> arrays;
  for (const TensorInterface &tensor : interface.outputs) {
    ArrayHeader header{tensor.element, tensor.shape};
    if (samples.getRunCount() != 1) {
      if (header.shape.empty())
        header.shape.push_back(samples.getRunCount());
      else
        header.shape.front() *= samples.getRunCount();
    }
    arrays.push_back({tensor.name, std::move(header), {}});
    arrays.back().bytes.reserve(tensor.getByteSize() * samples.getRunCount());
  }
  RunBuffers buffers(interface);
  for (int64_t run = 0, runs = samples.getRunCount(); run != runs; ++run) {
    if (progress)
      progress("run", run, runs);
    if (Error error = samples.read(run, buffers))
      return std::move(error);
    if (Error error = buffers.run(model))
      return std::move(error);
    for (auto [i, array] : enumerate(arrays)) {
      ArrayRef<char> bytes = buffers.getOutput(i);
      array.bytes.insert(array.bytes.end(), bytes.begin(), bytes.end());
    }
  }
  if (progress)
    progress("run", samples.getRunCount(), samples.getRunCount());
  return arrays;
}

//===----------------------------------------------------------------------===//
// Classification
//===----------------------------------------------------------------------===//

/// How many classes score better than `label`, ties going to the lower class.
static int64_t rankOf(ArrayRef<float> scores, int64_t label) {
  int64_t rank = 0;
  for (int64_t i = 0, e = scores.size(); i != e; ++i)
    rank +=
        scores[i] > scores[label] || (scores[i] == scores[label] && i < label);
  return rank;
}

static int64_t bestOf(ArrayRef<float> scores) {
  return llvm::max_element(scores) - scores.begin();
}

static void count(ArrayRef<float> scores, int64_t label, Accuracy &accuracy) {
  int64_t rank = rankOf(scores, label);
  accuracy.top1 += rank < 1;
  accuracy.top5 += rank < 5;
}

static ArrayRef<float> asFloats(ArrayRef<char> bytes) {
  return {reinterpret_cast<const float *>(bytes.data()),
          bytes.size() / sizeof(float)};
}

Expected<EvaluationResult> evaluate(const CompiledModel &floating,
                                    const CompiledModel &integer,
                                    const SampleReader &samples,
                                    ArrayRef<int64_t> labels,
                                    ProgressFunction progress) {
  const TensorInterface &output = floating.getInterface().outputs.front();
  int64_t batch = samples.getBatch();
  int64_t classes = output.getElementCount() / batch;
  if (output.element != ElementKind::F32 || classes < 2 ||
      output.getElementCount() % batch)
    return createStringError(
        "output '%s' (%s) isn't one row of scores per "
        "sample: this model can't be evaluated by labels",
        output.name.c_str(),
        ArrayHeader{output.element, output.shape}.describe().c_str());
  if (static_cast<int64_t>(labels.size()) != samples.getSampleCount())
    return createStringError("there are %lld samples, but %lld labels",
                             static_cast<long long>(samples.getSampleCount()),
                             static_cast<long long>(labels.size()));
  for (auto [i, label] : enumerate(labels))
    if (label < 0 || label >= classes)
      return createStringError(
          "label %lld of sample %zu is not one of the model's %lld classes",
          static_cast<long long>(label), i, static_cast<long long>(classes));

  EvaluationResult result;
  result.samples = samples.getSampleCount();
  RunBuffers reference(floating.getInterface());
  RunBuffers quantized(integer.getInterface());
  for (int64_t run = 0, runs = samples.getRunCount(); run != runs; ++run) {
    if (progress)
      progress("evaluate", run, runs);
    if (Error error = samples.read(run, reference))
      return std::move(error);
    if (Error error = samples.read(run, quantized))
      return std::move(error);
    if (Error error = reference.run(floating))
      return std::move(error);
    if (Error error = quantized.run(integer))
      return std::move(error);
    ArrayRef<float> expected = asFloats(reference.getOutput(0));
    ArrayRef<float> actual = asFloats(quantized.getOutput(0));
    result.noise.add(expected, actual);
    for (int64_t i = 0; i != batch; ++i) {
      int64_t label = labels[run * batch + i];
      ArrayRef<float> e = expected.slice(i * classes, classes);
      ArrayRef<float> a = actual.slice(i * classes, classes);
      count(e, label, result.floating);
      count(a, label, result.integer);
      result.agreeing += bestOf(e) == bestOf(a);
    }
  }
  if (progress)
    progress("evaluate", samples.getRunCount(), samples.getRunCount());
  return result;
}

json::Value EvaluationResult::toJSON() const {
  auto share = [&](int64_t count) {
    return samples ? static_cast<double>(count) / samples : 0.0;
  };
  auto accuracy = [&](const Accuracy &a) {
    return json::Object{{"top1", share(a.top1)}, {"top5", share(a.top5)}};
  };
  return json::Object{{"samples", samples},
                      {"float", accuracy(floating)},
                      {"int8", accuracy(integer)},
                      {"agreement", share(agreeing)},
                      {"output_sqnr_db", quantc::toJSON(noise.getDecibels())}};
}

} // namespace quantc
