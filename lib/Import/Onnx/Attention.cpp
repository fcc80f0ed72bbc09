// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What transformers have between their matrix products: functions of rows.

#include "Node.h"
#include "quantc/Dialect/Quantc/IR/Quantc.h"

using namespace mlir;
using namespace quantc;
using namespace quantc::onnximport;

/// Softmax: over `axis` since opset 13, over all dimensions from `axis` on
/// before.
static void buildSoftmax(Node &node) {
  node.checkArity(1, 1);
  Value x = node.getValue(0);
  Shape shape(getShape(x));
  bool flattens = node.opset() < 13;
  int64_t rank = shape.size();
  int64_t axis =
      node.normalizeAxis(node.getInt("axis", flattens ? 1 : -1), rank);
  if (node.failed())
    return;
  if (axis + 1 == rank)
    return node.setResult(node.create<SoftmaxOp>(shape, x));
  if (flattens) {
    Shape matrix{1, 1};
    for (int64_t i = 0; i < rank; ++i)
      matrix[i >= axis] *= shape[i];
    Value y = node.create<SoftmaxOp>(matrix, node.reshape(x, matrix));
    return node.setResult(node.reshape(y, shape));
  }
  // Rows lie along the last dimension: the two change places, and back.
  SmallVector<int32_t> swap = llvm::to_vector(llvm::seq<int32_t>(0, rank));
  std::swap(swap[axis], swap.back());
  x = node.transpose(x, swap);
  node.setResult(node.transpose(node.create<SoftmaxOp>(getShape(x), x), swap));
}

/// The constant operand `i`, broadcast to `shape`, as a vector.
static Value getParameters(Node &node, unsigned i, StringRef role,
                           ArrayRef<int64_t> shape) {
  HostTensorRef host = node.getWeights(i, role);
  if (!host)
    return {};
  std::optional<Shape> full = broadcastShapes(host->shape, shape);
  if (!full || ArrayRef<int64_t>(*full) != shape) {
    node.error() << role << " has shape " << formatShape(host->shape)
                 << ", but what is normalized " << formatShape(shape);
    return {};
  }
  HostTensorRef all = copyBroadcast(*host, shape);
  return node.constant({static_cast<int64_t>(all->floats.size())}, all->floats,
                       host->name);
}

/// LayerNormalization over all dimensions from `axis` on.
static void buildLayerNormalization(Node &node) {
  node.checkArity(2, 3);
  float epsilon = node.getFloat("epsilon", 1e-5f);
  if (node.getInt("stash_type", 1) != 1)
    node.error() << "'stash_type' must be 1 (float)";
  if (!(epsilon >= 0) || std::isinf(epsilon))
    node.error() << "'epsilon' must be a finite number that isn't negative";
  for (unsigned i = 1; i < node.getNumOutputs(); ++i)
    if (node.wantsOutput(i))
      node.error() << "only the first output is supported; export the model "
                      "for inference";
  Value x = node.getValue(0);
  Shape shape(getShape(x));
  int64_t axis = node.normalizeAxis(node.getInt("axis", -1), shape.size());
  if (node.failed())
    return;
  ArrayRef<int64_t> normalized = ArrayRef<int64_t>(shape).drop_front(axis);
  Value scale = getParameters(node, 1, "the scale", normalized);
  if (node.failed())
    return;
  int64_t length = getShape(scale)[0];
  Value bias = node.hasInput(2)
                   ? getParameters(node, 2, "the bias", normalized)
                   : node.constant({length}, std::vector<float>(length, 0.0f),
                                   "zero_bias");
  Shape rows(shape.begin(), shape.begin() + axis);
  rows.push_back(length);
  Value y = node.create<LayerNormOp>(rows, node.reshape(x, rows), scale, bias,
                                     node.builder.getF32FloatAttr(epsilon));
  node.setResult(node.reshape(y, shape));
}

/// Gelu, exact or approximated by tanh.
static void buildGelu(Node &node) {
  node.checkArity(1, 1);
  StringRef form = node.getString("approximate", "none");
  if (form != "none" && form != "tanh")
    node.error() << "'approximate' must be 'none' or 'tanh'";
  Value x = node.getValue(0);
  node.setResult(node.create<GeluOp>(getShape(x), x,
                                     form == "tanh" ? node.builder.getUnitAttr()
                                                    : UnitAttr()));
}

void quantc::onnximport::addAttentionOperators(OperatorTable &table) {
  table["Softmax"] = buildSoftmax;
  table["LayerNormalization"] = buildLayerNormalization;
  table["Gelu"] = buildGelu;
}
