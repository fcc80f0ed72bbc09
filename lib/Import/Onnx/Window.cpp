// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Window.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace quantc::onnximport;

/// Beyond this nothing is a window any more; sums and products stay in 64 bits.
static constexpr int64_t maxExtent = INT32_MAX;

bool quantc::onnximport::checkSpatialInput(Node &node) {
  size_t rank = node.getInputShape(0).size();
  if (!node.failed() && rank != 3 && rank != 4)
    node.error() << "its input has rank " << rank
                 << "; one (rank 3) or two (rank 4) spatial dimensions are "
                    "supported";
  return !node.failed();
}

/// An attribute of `count` integers from `min` to maxExtent, all `fallback`
/// where it isn't there.
static Shape readExtents(Node &node, StringRef name, size_t count, int64_t min,
                         int64_t fallback) {
  Shape values = node.getInts(name).value_or(Shape(count, fallback));
  if (values.size() != count)
    node.error() << "'" << name << "' has " << values.size()
                 << " elements, but " << count << " are needed";
  else if (llvm::any_of(values, [&](int64_t value) {
             return value < min || value > maxExtent;
           }))
    node.error() << "'" << name << "' " << formatShape(values)
                 << " has an element out of range (at least " << min << ")";
  else
    return values;
  return Shape(count, fallback);
}

/// Output size and exact padding of one dimension; false where the window
/// doesn't fit.
static bool fit(Window::Dim &dim, StringRef autoPad, bool ceilMode) {
  int64_t extent = (dim.kernel - 1) * dim.dilation + 1;
  if (extent > maxExtent)
    return false;
  dim.begin = dim.declaredBegin;
  if (autoPad.starts_with("SAME")) {
    dim.output = (dim.input + dim.stride - 1) / dim.stride;
    int64_t total = std::max<int64_t>(
        (dim.output - 1) * dim.stride + extent - dim.input, 0);
    dim.begin = autoPad == "SAME_LOWER" ? (total + 1) / 2 : total / 2;
    dim.declaredBegin = dim.begin;
    dim.declaredEnd = total - dim.begin;
  } else {
    int64_t room = dim.input + dim.begin + dim.declaredEnd - extent;
    if (room < 0)
      return false;
    dim.output = room / dim.stride + 1;
    // A window that hangs over must begin inside the input or its left padding.
    if (ceilMode && room % dim.stride != 0 &&
        dim.output * dim.stride < dim.input + dim.begin)
      ++dim.output;
  }
  dim.end = (dim.output - 1) * dim.stride + extent - dim.input - dim.begin;
  if (dim.end < 0) {
    dim.crop = -dim.end;
    dim.end = 0;
  }
  // Windows that see padding alone.
  return dim.crop < dim.input;
}

std::optional<Window> quantc::onnximport::readWindow(Node &node,
                                                     ArrayRef<int64_t> kernel,
                                                     bool ceilMode) {
  if (!checkSpatialInput(node))
    return std::nullopt;
  ArrayRef<int64_t> input = node.getInputShape(0).drop_front(2);
  size_t rank = input.size();
  Shape strides = readExtents(node, "strides", rank, 1, 1);
  Shape dilations = readExtents(node, "dilations", rank, 1, 1);
  Shape pads = readExtents(node, "pads", 2 * rank, 0, 0);
  StringRef autoPad = node.getString("auto_pad", "NOTSET");
  if (node.failed())
    return std::nullopt;
  if (kernel.size() != rank || llvm::any_of(kernel, [](int64_t size) {
        return size < 1 || size > maxExtent;
      })) {
    node.error() << "a window of " << formatShape(kernel)
                 << " doesn't suit the input " << formatShape(input);
    return std::nullopt;
  }
  if (autoPad != "NOTSET" && autoPad != "SAME_UPPER" &&
      autoPad != "SAME_LOWER" && autoPad != "VALID") {
    node.error() << "'auto_pad' is " << quoteName(autoPad)
                 << ", not NOTSET, SAME_UPPER, SAME_LOWER or VALID";
    return std::nullopt;
  }
  if (autoPad != "NOTSET" && llvm::any_of(pads, [](int64_t p) { return p; })) {
    node.error() << "'pads' and 'auto_pad' exclude each other";
    return std::nullopt;
  }

  Window window;
  for (size_t i = 0; i < rank; ++i) {
    Window::Dim &dim = rank == 1 || i == 1 ? window.width : window.height;
    dim.input = input[i];
    dim.kernel = kernel[i];
    dim.stride = strides[i];
    dim.dilation = dilations[i];
    dim.declaredBegin = pads[i];
    dim.declaredEnd = pads[rank + i];
    if (!fit(dim, autoPad, ceilMode)) {
      node.error() << "a window of " << formatShape(kernel) << ", dilations "
                   << formatShape(dilations) << ", pads " << formatShape(pads)
                   << " doesn't fit the input " << formatShape(input);
      return std::nullopt;
    }
  }
  return window;
}

Value quantc::onnximport::cropInput(Node &node, Value x, const Window &window) {
  if (node.failed() || (!window.height.crop && !window.width.crop))
    return x;
  Shape size(getShape(x));
  size[1] -= window.height.crop;
  size[2] -= window.width.crop;
  return node.slice(x, Shape(4, 0), size);
}
