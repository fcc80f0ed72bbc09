// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Window.h"
#include "quantc/Dialect/Quantc/IR/Quantc.h"

using namespace mlir;
using namespace quantc;
using namespace quantc::onnximport;

/// Builds Conv: [N, C, spatial…], weight [M, C/group, kernel…], bias [M].
static void buildConv(Node &node) {
  node.checkArity(2, 3);
  if (node.failed() || !checkSpatialInput(node))
    return;
  HostTensorRef weight = node.getWeights(1, "the weight");
  HostTensorRef bias =
      node.hasInput(2) ? node.getWeights(2, "the bias") : nullptr;
  int64_t groups = node.getInt("group", 1);
  std::optional<Shape> kernelShape = node.getInts("kernel_shape");
  if (node.failed())
    return;

  ArrayRef<int64_t> input = node.getInputShape(0);
  if (weight->shape.size() != input.size() || weight->size() == 0) {
    node.error() << "the weight's shape " << formatShape(weight->shape)
                 << " doesn't suit the input's " << formatShape(input);
    return;
  }
  ArrayRef<int64_t> kernel = ArrayRef<int64_t>(weight->shape).drop_front(2);
  if (kernelShape && ArrayRef<int64_t>(*kernelShape) != kernel) {
    node.error() << "'kernel_shape' " << formatShape(*kernelShape)
                 << " isn't the weight's " << formatShape(kernel);
    return;
  }
  int64_t channels = input[1], outputs = weight->shape[0];
  int64_t groupChannels = weight->shape[1];
  if (groups < 1 || channels % groups || channels / groups != groupChannels ||
      outputs % groups) {
    node.error() << "the input has " << channels << " channels, the weight "
                 << formatShape(weight->shape) << " expects " << groupChannels
                 << " in each of " << groups << " groups";
    return;
  }
  if (bias && ArrayRef<int64_t>(bias->shape) != ArrayRef<int64_t>(outputs)) {
    node.error() << "the bias has shape " << formatShape(bias->shape)
                 << ", but the weight makes " << outputs << " channels";
    return;
  }
  std::optional<Window> window = readWindow(node, kernel, /*ceilMode=*/false);
  if (!window)
    return;

  // The weight in TOSA's order: OHWI, or HWCM where each group is one channel.
  bool depthwise = groups > 1 && groupChannels == 1;
  int64_t area = window->height.kernel * window->width.kernel;
  Shape shape{outputs, window->height.kernel, window->width.kernel,
              groupChannels};
  Shape strides{groupChannels * area, window->width.kernel, 1, area};
  if (depthwise) {
    int64_t multiplier = outputs / groups;
    shape = {window->height.kernel, window->width.kernel, channels, multiplier};
    strides = {window->width.kernel, 1, multiplier * area, area};
  }
  Value x = cropInput(node, node.toChannelsLast(node.getValue(0)), *window);
  HostTensorRef ordered = copyStrided(*weight, shape, 0, strides);
  Value w = node.constant(shape, ordered->floats, weight->name);
  Value b = bias ? node.constant(bias->shape, bias->floats, bias->name)
                 : node.constant({outputs}, std::vector<float>(outputs, 0.0f),
                                 "zero_bias");
  Shape result = window->outputShape(input[0], outputs);
  Type f32 = node.builder.getF32Type();
  Value y;
  if (groups > 1 && !depthwise) {
    auto array = [&](ArrayRef<int64_t> values) {
      return node.builder.getDenseI64ArrayAttr(values);
    };
    y = node.create<GroupedConv2DOp>(
        result, x, w, b, array(window->pad()), array(window->stride()),
        array(window->dilation()), node.builder.getI64IntegerAttr(groups),
        node.builder.getI32IntegerAttr(0));
  } else if (depthwise) {
    y = node.create<tosa::DepthwiseConv2DOp>(
        result, x, w, b, node.zeroPoint(), node.zeroPoint(), window->pad(),
        window->stride(), window->dilation(), f32);
  } else {
    y = node.create<tosa::Conv2DOp>(result, x, w, b, node.zeroPoint(),
                                    node.zeroPoint(), window->pad(),
                                    window->stride(), window->dilation(), f32);
  }
  node.setResult(node.toChannelsFirst(y, input.size()));
}

void quantc::onnximport::addConvolutionOperators(OperatorTable &table) {
  table["Conv"] = buildConv;
}
