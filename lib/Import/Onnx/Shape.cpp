// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Operators that change the shape and leave the elements in their order.

#include "Node.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace quantc::onnximport;

/// Input 0 under `shape`, which has as many elements.
static void setReshaped(Node &node, ArrayRef<int64_t> shape) {
  if (node.failed())
    return;
  if (HostTensorRef host = node.getHost(0))
    node.setResult(copyReshaped(*host, shape));
  else
    node.setResult(node.reshape(node.getValue(0), shape));
}

/// Reshape: 0 keeps the input's dimension (unless `allowzero`), -1 takes what
/// is left.
static void buildReshape(Node &node) {
  node.checkArity(2, 2);
  std::optional<Shape> target = node.getIntOperand(1, "the shape");
  bool allowZero = node.getInt("allowzero", 0) != 0;
  if (node.failed())
    return;
  ArrayRef<int64_t> input = node.getInputShape(0);
  Shape shape(*target);
  int64_t inferred = -1;
  for (size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 0 && !allowZero && i < input.size())
      shape[i] = input[i];
    else if (shape[i] == -1 && inferred < 0)
      inferred = i;
  }
  std::optional<int64_t> count = countElements(input, INT32_MAX);
  if (inferred >= 0) {
    shape[inferred] = 1;
    std::optional<int64_t> rest = countElements(shape, INT32_MAX);
    if (count && rest && *rest > 0 && *count % *rest == 0)
      shape[inferred] = *count / *rest;
  }
  if (!count || countElements(shape, INT32_MAX) != count) {
    node.error() << "shape " << formatShape(input) << " can't be reshaped to "
                 << formatShape(*target);
    return;
  }
  setReshaped(node, shape);
}

/// Flatten: the dimensions before `axis`, and those from it on.
static void buildFlatten(Node &node) {
  node.checkArity(1, 1);
  ArrayRef<int64_t> input = node.getInputShape(0);
  int64_t axis =
      node.normalizeAxis(node.getInt("axis", 1), input.size(), /*end=*/true);
  Shape shape{1, 1};
  for (size_t i = 0; i < input.size(); ++i)
    shape[static_cast<int64_t>(i) >= axis] *= input[i];
  setReshaped(node, shape);
}

/// The axes of Squeeze and Unsqueeze: an attribute before opset 13, operand 1
/// since.
static std::optional<Shape> readAxes(Node &node) {
  if (node.opset() < 13) {
    node.checkArity(1, 1);
    return node.getInts("axes");
  }
  node.checkArity(1, 2);
  return node.hasInput(1) ? node.getIntOperand(1, "'axes'") : std::nullopt;
}

static void buildSqueeze(Node &node) {
  std::optional<Shape> axes = readAxes(node);
  if (node.failed())
    return;
  ArrayRef<int64_t> input = node.getInputShape(0);
  Shape removed = axes ? node.normalizeAxes(*axes, input.size()) : Shape();
  Shape shape;
  for (size_t i = 0; i < input.size(); ++i) {
    bool remove = axes ? llvm::is_contained(removed, i) : input[i] == 1;
    if (!remove)
      shape.push_back(input[i]);
    else if (input[i] != 1)
      node.error() << "dimension " << i << " of " << formatShape(input)
                   << " isn't 1 and can't be squeezed";
  }
  setReshaped(node, shape);
}

static void buildUnsqueeze(Node &node) {
  std::optional<Shape> axes = readAxes(node);
  if (!node.failed() && !axes)
    node.error() << "'axes' are missing";
  if (node.failed())
    return;
  ArrayRef<int64_t> input = node.getInputShape(0);
  if (input.size() + axes->size() > maxHostRank) {
    node.error() << axes->size() << " axes are more than are supported";
    return;
  }
  Shape added = node.normalizeAxes(*axes, input.size() + axes->size());
  if (node.failed())
    return;
  Shape shape;
  for (size_t i = 0, next = 0; i < input.size() + added.size(); ++i)
    shape.push_back(llvm::is_contained(added, i) ? 1 : input[next++]);
  setReshaped(node, shape);
}

void quantc::onnximport::addShapeOperators(OperatorTable &table) {
  table["Reshape"] = buildReshape;
  table["Flatten"] = buildFlatten;
  table["Squeeze"] = buildSqueeze;
  table["Unsqueeze"] = buildUnsqueeze;
}
