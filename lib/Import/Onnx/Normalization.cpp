// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Node.h"
#include <cmath>

using namespace mlir;
using namespace quantc::onnximport;

/// BatchNormalization at inference: x · a + b on the channel axis with
/// a = scale / √(var + ε), b = bias - mean · a, in double and rounded once.
static void buildBatchNormalization(Node &node) {
  node.ignoreAttributes({"momentum"});
  node.checkArity(5, 5);
  double epsilon = node.getFloat("epsilon", 1e-5f);
  if (node.getInt("training_mode", 0) != 0)
    node.error() << "training mode isn't supported; export the model for "
                    "inference";
  if (node.opset() < 9 && node.getInt("spatial", 1) != 1)
    node.error() << "'spatial' must be 1";
  for (unsigned i = 1; i < node.getNumOutputs(); ++i)
    if (node.wantsOutput(i))
      node.error() << "only the first output is supported; export the model "
                      "for inference";
  static constexpr StringLiteral roles[] = {"the scale", "the bias", "the mean",
                                            "the variance"};
  ArrayRef<int64_t> input = node.getInputShape(0);
  if (!node.failed() && (input.size() < 2 || input.size() > 4))
    node.error() << "an input of rank " << input.size()
                 << " isn't supported (2 to 4 are)";
  HostTensorRef parameters[4];
  for (int i = 0; i < 4; ++i) {
    parameters[i] = node.getWeights(i + 1, roles[i]);
    if (node.failed())
      return;
    if (ArrayRef<int64_t>(parameters[i]->shape) != input.slice(1, 1)) {
      node.error() << roles[i] << " has shape "
                   << formatShape(parameters[i]->shape)
                   << ", but the input has " << input[1] << " channels";
      return;
    }
  }

  int64_t channels = input[1];
  std::vector<float> a(channels), b(channels);
  for (int64_t c = 0; c < channels; ++c) {
    double variance = parameters[3]->floats[c] + epsilon;
    double factor = parameters[0]->floats[c] / std::sqrt(variance);
    a[c] = static_cast<float>(factor);
    b[c] = static_cast<float>(parameters[1]->floats[c] -
                              parameters[2]->floats[c] * factor);
    if (!(variance > 0) || !std::isfinite(a[c]) || !std::isfinite(b[c])) {
      node.error() << "channel " << c
                   << " has no finite normalization: its variance and epsilon "
                      "add up to "
                   << std::to_string(variance);
      return;
    }
  }

  Value x = node.getValue(0);
  if (input.size() > 2)
    x = node.toChannelsLast(x);
  Shape shape(getShape(x).size(), 1);
  if (node.failed())
    return;
  shape.back() = channels;
  Value scaled = node.mul(x, node.constant(shape, a, parameters[0]->name));
  Value y = node.binary<tosa::AddOp>(
      scaled, node.constant(shape, b, parameters[1]->name));
  node.setResult(input.size() > 2 ? node.toChannelsFirst(y, input.size()) : y);
}

void quantc::onnximport::addNormalizationOperators(OperatorTable &table) {
  table["BatchNormalization"] = buildBatchNormalization;
}
