// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Window.h"

using namespace mlir;
using namespace quantc::onnximport;

/// The window of a pool, with what TOSA (and ONNX Runtime) asks of it.
static std::optional<Window> readPoolWindow(Node &node) {
  node.checkArity(1, 1);
  bool ceilMode = node.getInt("ceil_mode", 0) != 0;
  std::optional<Shape> kernel = node.getInts("kernel_shape");
  if (!kernel)
    node.error() << "'kernel_shape' is missing";
  if (node.failed())
    return std::nullopt;
  std::optional<Window> window = readWindow(node, *kernel, ceilMode);
  if (!window)
    return std::nullopt;
  for (const Window::Dim &dim : {window->height, window->width}) {
    if (dim.dilation != 1) {
      node.error() << "'dilations' aren't supported in a pool";
      return std::nullopt;
    }
    if (std::max({dim.begin, dim.end, dim.declaredEnd}) >= dim.kernel) {
      node.error() << "the padding is no smaller than the window, "
                   << formatShape(*kernel);
      return std::nullopt;
    }
  }
  return window;
}

static Value maxPool(Node &node, Value x, const Window &window) {
  if (node.failed())
    return {};
  ArrayRef<int64_t> s = getShape(x);
  return node.create<tosa::MaxPool2dOp>(window.outputShape(s[0], s[3]), x,
                                        window.kernel(), window.stride(),
                                        window.pad());
}

static Value averagePool(Node &node, Value x, const Window &window) {
  if (node.failed())
    return {};
  ArrayRef<int64_t> s = getShape(x);
  return node.create<tosa::AvgPool2dOp>(
      window.outputShape(s[0], s[3]), x, node.zeroPoint(), node.zeroPoint(),
      window.kernel(), window.stride(), window.pad(),
      node.builder.getF32Type());
}

static void buildMaxPool(Node &node) {
  node.ignoreAttributes({"storage_order"}); // of the indices
  if (node.wantsOutput(1)) {
    node.error() << "the indices of a MaxPool aren't supported";
    return;
  }
  std::optional<Window> window = readPoolWindow(node);
  if (!window)
    return;
  Value x = cropInput(node, node.toChannelsLast(node.getValue(0)), *window);
  node.setResult(node.toChannelsFirst(maxPool(node, x, *window),
                                      node.getInputShape(0).size()));
}

static void buildAveragePool(Node &node) {
  bool countPadding = node.getInt("count_include_pad", 0) != 0;
  std::optional<Window> window = readPoolWindow(node);
  if (!window)
    return;
  Value x = cropInput(node, node.toChannelsLast(node.getValue(0)), *window);
  // TOSA divides by the number of elements that aren't padding. Padding that
  // counts becomes zeros; what ceil_mode adds never counts.
  if (countPadding) {
    Shape padding(8, 0);
    Window::Dim *dims[] = {&window->height, &window->width};
    bool any = false;
    for (int i = 0; i < 2; ++i) {
      int64_t end = std::min(dims[i]->end, dims[i]->declaredEnd);
      padding[2 + 2 * i] = dims[i]->begin;
      padding[3 + 2 * i] = end;
      any |= dims[i]->begin || end;
      dims[i]->begin = 0;
      dims[i]->end -= end;
    }
    if (any)
      x = node.pad(x, padding, 0.0f);
  }
  node.setResult(node.toChannelsFirst(averagePool(node, x, *window),
                                      node.getInputShape(0).size()));
}

/// One window over all of height and width.
static void buildGlobalPool(Node &node,
                            Value (*pool)(Node &, Value, const Window &)) {
  node.checkArity(1, 1);
  if (node.failed() || !checkSpatialInput(node))
    return;
  ArrayRef<int64_t> input = node.getInputShape(0);
  Window window;
  window.width.kernel = input.back();
  if (input.size() == 4)
    window.height.kernel = input[2];
  Value y = pool(node, node.toChannelsLast(node.getValue(0)), window);
  node.setResult(node.toChannelsFirst(y, input.size()));
}

void quantc::onnximport::addPoolingOperators(OperatorTable &table) {
  table["MaxPool"] = buildMaxPool;
  table["AveragePool"] = buildAveragePool;
  table["GlobalMaxPool"] = [](Node &node) { buildGlobalPool(node, maxPool); };
  table["GlobalAveragePool"] = [](Node &node) {
    buildGlobalPool(node, averagePool);
  };
}
