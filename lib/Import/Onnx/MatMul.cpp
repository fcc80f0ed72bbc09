// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Node.h"

using namespace mlir;
using namespace quantc::onnximport;

static int64_t product(ArrayRef<int64_t> shape) {
  int64_t result = 1;
  for (int64_t dim : shape)
    result *= dim;
  return result;
}

/// x [M, K] · weightᵀ [N, K] + bias [N] as a 1×1 convolution whose width is M.
static Value buildDense(Node &node, Value x, const HostTensor &weight,
                        Value bias) {
  if (node.failed())
    return {};
  int64_t rows = getShape(x)[0], depth = getShape(x)[1];
  int64_t columns = weight.shape[0];
  Value image = node.reshape(x, {1, 1, rows, depth});
  Value w = node.constant({columns, 1, 1, depth}, weight.floats, weight.name);
  Value y = node.create<tosa::Conv2DOp>(
      {1, 1, rows, columns}, image, w, bias, node.zeroPoint(), node.zeroPoint(),
      Shape(4, 0), Shape(2, 1), Shape(2, 1), node.builder.getF32Type());
  return node.reshape(y, {rows, columns});
}

static Value zeroBias(Node &node, int64_t size) {
  if (node.failed())
    return {};
  return node.constant({size}, std::vector<float>(size, 0.0f), "zero_bias");
}

/// The constant matrix of operand `i`, transposed where `flip`.
static HostTensorRef getMatrix(Node &node, unsigned i, bool flip) {
  HostTensorRef matrix = node.getWeights(i, "the weight");
  if (!matrix || !flip)
    return matrix;
  int64_t rows = matrix->shape[0], columns = matrix->shape[1];
  return copyStrided(*matrix, {columns, rows}, 0, {1, columns});
}

/// tosa.matmul of [B, M, K] and [B, K, N].
static Value matmul(Node &node, Value a, Value b) {
  if (node.failed())
    return {};
  return node.create<tosa::MatMulOp>(
      {getShape(a)[0], getShape(a)[1], getShape(b)[2]}, a, b, node.zeroPoint(),
      node.zeroPoint());
}

//===----------------------------------------------------------------------===//
// Gemm
//===----------------------------------------------------------------------===//

/// α · A · B + β · C with A [M, K], B [K, N], C broadcast to [M, N].
static void buildGemm(Node &node) {
  node.checkArity(2, 3);
  float alpha = node.getFloat("alpha", 1.0f),
        beta = node.getFloat("beta", 1.0f);
  bool transA = node.getInt("transA", 0) != 0;
  bool transB = node.getInt("transB", 0) != 0;
  if (node.failed())
    return;
  ArrayRef<int64_t> sa = node.getInputShape(0), sb = node.getInputShape(1);
  if (sa.size() != 2 || sb.size() != 2) {
    node.error() << "operands must be matrices, but have shapes "
                 << formatShape(sa) << " and " << formatShape(sb);
    return;
  }
  if (!node.makeType(sa) || !node.makeType(sb))
    return;
  int64_t rows = sa[transA], depth = sa[!transA], columns = sb[!transB];
  if (depth != sb[transB]) {
    node.error() << "shapes " << formatShape(sa) << " and " << formatShape(sb)
                 << " don't fit a product (transA " << int(transA)
                 << ", transB " << int(transB) << ")";
    return;
  }
  if (node.hasInput(2)) {
    std::optional<Shape> shape =
        broadcastShapes({rows, columns}, node.getInputShape(2));
    if (!shape || *shape != Shape{rows, columns}) {
      node.error() << "C of shape " << formatShape(node.getInputShape(2))
                   << " doesn't broadcast to " << formatShape({rows, columns});
      return;
    }
  }
  Value a = node.getValue(0);
  if (transA)
    a = node.transpose(a, {1, 0});

  auto scaled = [&](const HostTensor &host, float factor) {
    auto result = std::make_shared<HostTensor>(host);
    for (float &element : result->floats)
      element *= factor;
    return result;
  };
  auto addC = [&](Value y) {
    if (!node.hasInput(2))
      return y;
    Value c = node.getValue(2);
    if (beta != 1.0f)
      c = node.mul(c, node.splat(beta, getShape(c).size()));
    return node.binary<tosa::AddOp>(y, c);
  };

  if (!node.getHost(1)) {
    Value b = node.getValue(1);
    if (transB)
      b = node.transpose(b, {1, 0});
    a = node.reshape(a, {1, rows, depth});
    b = node.reshape(b, {1, depth, columns});
    Value y = node.reshape(matmul(node, a, b), {rows, columns});
    if (alpha != 1.0f)
      y = node.mul(y, node.splat(alpha, 2));
    return node.setResult(addC(y));
  }

  HostTensorRef weight = getMatrix(node, 1, /*flip=*/!transB);
  if (!weight)
    return;
  if (alpha != 1.0f)
    weight = scaled(*weight, alpha);
  // A constant C that is the same for every row is the bias.
  HostTensorRef c = node.getHost(2);
  if (c && c->size() == (c->shape.empty() ? 1 : c->shape.back())) {
    c = node.getWeights(2, "C");
    if (!c)
      return;
    c = copyBroadcast(*copyReshaped(*scaled(*c, beta), {c->size()}), {columns});
    Value bias = node.constant({columns}, c->floats, c->name);
    return node.setResult(buildDense(node, a, *weight, bias));
  }
  node.setResult(addC(buildDense(node, a, *weight, zeroBias(node, columns))));
}

//===----------------------------------------------------------------------===//
// MatMul
//===----------------------------------------------------------------------===//

/// Repeats a [batch…, R, C] so that the batch is `batch`, then [B, R, C].
static Value expandBatch(Node &node, Value x, ArrayRef<int64_t> batch) {
  if (node.failed())
    return {};
  Shape shape(getShape(x)), full(batch), multiples(batch.size() + 2, 1);
  shape.insert(shape.begin(), full.size() + 2 - shape.size(), 1);
  bool repeats = false;
  for (size_t i = 0; i < batch.size(); ++i) {
    multiples[i] = batch[i] / shape[i];
    repeats |= multiples[i] != 1;
  }
  full.append({shape[shape.size() - 2], shape.back()});
  if (repeats) {
    x = node.reshape(x, shape);
    x = node.create<tosa::TileOp>(full, x, node.shapeOperand(multiples));
  }
  std::optional<int64_t> count = countElements(batch, INT32_MAX);
  if (!count)
    node.makeType(batch); // says what is too large
  return node.reshape(x,
                      {count.value_or(1), full[full.size() - 2], full.back()});
}

static void buildMatMul(Node &node) {
  node.checkArity(2, 2);
  if (node.failed())
    return;
  Shape a(node.getInputShape(0)), b(node.getInputShape(1));
  bool vectorA = a.size() == 1, vectorB = b.size() == 1;
  if (vectorA)
    a.insert(a.begin(), 1);
  if (vectorB)
    b.push_back(1);
  if (a.size() < 2 || b.size() < 2 || a.back() != b[b.size() - 2]) {
    node.error() << "shapes " << formatShape(node.getInputShape(0)) << " and "
                 << formatShape(node.getInputShape(1))
                 << " don't fit a product";
    return;
  }
  if (!node.makeType(a) || !node.makeType(b))
    return;
  ArrayRef<int64_t> batchA = ArrayRef<int64_t>(a).drop_back(2);
  ArrayRef<int64_t> batchB = ArrayRef<int64_t>(b).drop_back(2);
  int64_t rows = a[a.size() - 2], depth = a.back(), columns = b.back();
  std::optional<Shape> batch = broadcastShapes(batchA, batchB);
  if (!batch) {
    node.error() << "batch dimensions " << formatShape(batchA) << " and "
                 << formatShape(batchB) << " don't broadcast together";
    return;
  }
  Shape result(*batch);
  if (!vectorA)
    result.push_back(rows);
  if (!vectorB)
    result.push_back(columns);

  // Without a batch on the right, the left one is more rows.
  bool flattens = product(batchB) == 1 && batch->size() == batchA.size();
  if (flattens && node.getHost(1) && !node.getHost(0)) {
    HostTensorRef weight = node.getWeights(1, "the weight");
    if (!weight)
      return;
    weight = copyStrided(*weight, {columns, depth}, 0, {1, columns});
    Value x = node.reshape(node.getValue(0), {product(batchA) * rows, depth});
    Value y = buildDense(node, x, *weight, zeroBias(node, columns));
    return node.setResult(node.reshape(y, result));
  }
  Value left = node.reshape(node.getValue(0), a);
  Value right = node.reshape(node.getValue(1), b);
  if (flattens) {
    left = node.reshape(left, {1, product(batchA) * rows, depth});
    right = node.reshape(right, {1, depth, columns});
  } else {
    left = expandBatch(node, left, *batch);
    right = expandBatch(node, right, *batch);
  }
  node.setResult(node.reshape(matmul(node, left, right), result));
}

void quantc::onnximport::addMatMulOperators(OperatorTable &table) {
  table["Gemm"] = buildGemm;
  table["MatMul"] = buildMatMul;
}
