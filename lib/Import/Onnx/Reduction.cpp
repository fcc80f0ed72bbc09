// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Node.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace quantc::onnximport;

namespace {
enum class Reduction { Mean, Sum, Max };
} // namespace

template <typename Op>
static Value reduceAxis(Node &node, Value x, int64_t axis) {
  if (node.failed())
    return {};
  Shape shape(getShape(x));
  shape[axis] = 1;
  return node.create<Op>(shape, x, static_cast<uint32_t>(axis));
}

/// The mean over two neighbouring inner dimensions of rank 4 as a pool, for
/// which there are integer kernels; null where it isn't one.
static Value meanAsPool(Node &node, Value x, ArrayRef<int64_t> axes) {
  if (node.failed() || getShape(x).size() != 4 || axes.size() != 2)
    return {};
  bool channelsFirst = axes[0] == 2 && axes[1] == 3;
  if (!channelsFirst && !(axes[0] == 1 && axes[1] == 2))
    return {};
  if (channelsFirst)
    x = node.toChannelsLast(x);
  if (node.failed())
    return {};
  ArrayRef<int64_t> s = getShape(x);
  Value y = node.create<tosa::AvgPool2dOp>(
      {s[0], 1, 1, s[3]}, x, node.zeroPoint(), node.zeroPoint(),
      Shape{s[1], s[2]}, Shape(2, 1), Shape(4, 0), node.builder.getF32Type());
  return channelsFirst ? node.toChannelsFirst(y, 4) : y;
}

static Value reduce(Node &node, Value x, ArrayRef<int64_t> axes,
                    Reduction kind) {
  if (kind == Reduction::Mean)
    if (Value pooled = meanAsPool(node, x, axes))
      return pooled;
  int64_t count = 1;
  for (int64_t axis : axes) {
    if (node.failed())
      return {};
    count *= getShape(x)[axis];
    x = kind == Reduction::Max ? reduceAxis<tosa::ReduceMaxOp>(node, x, axis)
                               : reduceAxis<tosa::ReduceSumOp>(node, x, axis);
  }
  if (kind == Reduction::Mean && count > 1)
    x = node.mul(x, node.splat(1.0f / count, getShape(x).size()));
  return x;
}

/// Axes are an attribute before opset 13 (sum) or 18, operand 1 since.
static void buildReduction(Node &node, Reduction kind) {
  std::optional<Shape> axes;
  if (node.opset() < (kind == Reduction::Sum ? 13 : 18)) {
    node.checkArity(1, 1);
    axes = node.getInts("axes");
  } else {
    node.checkArity(1, 2);
    if (node.hasInput(1))
      axes = node.getIntOperand(1, "'axes'");
  }
  bool keepDims = node.getInt("keepdims", 1) != 0;
  bool noop = node.getInt("noop_with_empty_axes", 0) != 0;
  Value x = node.getValue(0);
  if (node.failed())
    return;
  int64_t rank = getShape(x).size();
  if (!axes || axes->empty()) {
    if (noop)
      return node.setResult(x);
    axes.emplace();
    for (int64_t i = 0; i < rank; ++i)
      axes->push_back(i);
  }
  Shape normal = node.normalizeAxes(*axes, rank);
  llvm::sort(normal);
  Value y = reduce(node, x, normal, kind);
  if (node.failed())
    return;
  if (!keepDims) {
    Shape shape;
    for (int64_t i = 0; i < rank; ++i)
      if (!llvm::is_contained(normal, i))
        shape.push_back(getShape(y)[i]);
    y = node.reshape(y, shape);
  }
  node.setResult(y);
}

void quantc::onnximport::addReductionOperators(OperatorTable &table) {
  table["ReduceMean"] = [](Node &node) {
    buildReduction(node, Reduction::Mean);
  };
  table["ReduceSum"] = [](Node &node) { buildReduction(node, Reduction::Sum); };
  table["ReduceMax"] = [](Node &node) { buildReduction(node, Reduction::Max); };
}
