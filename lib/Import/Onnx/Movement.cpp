// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Operators that move elements and compute nothing.

#include "Node.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace quantc::onnximport;

static void buildTranspose(Node &node) {
  node.checkArity(1, 1);
  ArrayRef<int64_t> input = node.getInputShape(0);
  Shape reversed;
  for (size_t i = input.size(); i-- > 0;)
    reversed.push_back(i);
  Shape perm = node.getInts("perm").value_or(reversed);
  if (node.failed())
    return;
  Shape sorted(perm), all(reversed);
  llvm::sort(sorted);
  llvm::sort(all);
  if (sorted != all) {
    node.error() << "'perm' " << formatShape(perm)
                 << " is no permutation of the dimensions of "
                 << formatShape(input);
    return;
  }
  if (HostTensorRef host = node.getHost(0)) {
    Shape shape, strides, own = getStrides(input);
    for (int64_t axis : perm) {
      shape.push_back(input[axis]);
      strides.push_back(own[axis]);
    }
    node.setResult(copyStrided(*host, shape, 0, strides));
    return;
  }
  SmallVector<int32_t> perms(perm.begin(), perm.end());
  node.setResult(node.transpose(node.getValue(0), perms));
}

//===----------------------------------------------------------------------===//
// Concat and Split
//===----------------------------------------------------------------------===//

template <typename T>
static void appendRows(const std::vector<T> &source, std::vector<T> &result,
                       int64_t row, int64_t rowSize) {
  result.insert(result.end(), source.begin() + row * rowSize,
                source.begin() + (row + 1) * rowSize);
}

static void foldConcat(Node &node, ArrayRef<int64_t> shape, int64_t axis) {
  int64_t rows = 1, inner = 1;
  for (size_t i = 0; i < shape.size(); ++i)
    if (static_cast<int64_t>(i) != axis)
      (static_cast<int64_t>(i) < axis ? rows : inner) *= shape[i];
  auto result = std::make_shared<HostTensor>();
  result->shape.assign(shape.begin(), shape.end());
  result->elementType = node.getHost(0)->elementType;
  for (int64_t row = 0; row < rows; ++row)
    for (unsigned i = 0; i < node.getNumInputs(); ++i) {
      const HostTensor &part = *node.getHost(i);
      int64_t rowSize = part.shape[axis] * inner;
      if (part.isFloat())
        appendRows(part.floats, result->floats, row, rowSize);
      else
        appendRows(part.ints, result->ints, row, rowSize);
    }
  node.setResult(HostTensorRef(result));
}

static void buildConcat(Node &node) {
  node.checkArity(1, INT_MAX);
  if (!node.hasAttribute("axis"))
    node.error() << "'axis' is missing";
  Shape shape(node.getInputShape(0));
  int64_t axis = node.normalizeAxis(node.getInt("axis", 0), shape.size());
  if (node.failed())
    return;
  bool fold = node.allConstant();
  for (unsigned i = 1; i < node.getNumInputs(); ++i) {
    Shape other(node.getInputShape(i));
    bool fits = node.hasInput(i) && other.size() == shape.size();
    int64_t extent = fits ? other[axis] : 0;
    if (fits)
      other[axis] = shape[axis];
    if (!fits || other != shape ||
        (fold &&
         node.getHost(i)->elementType != node.getHost(0)->elementType) ||
        llvm::AddOverflow(shape[axis], extent, shape[axis])) {
      node.error() << "input " << i << " of shape "
                   << formatShape(node.getInputShape(i))
                   << " can't be joined to " << formatShape(shape)
                   << " along axis " << axis;
      return;
    }
  }
  if (fold) {
    std::optional<int64_t> count = countElements(shape, maxFoldedElements);
    if (count)
      return foldConcat(node, shape, axis);
    node.error() << "a constant of shape " << formatShape(shape)
                 << " is too large";
    return;
  }
  SmallVector<Value> parts;
  for (unsigned i = 0; i < node.getNumInputs(); ++i)
    parts.push_back(node.getValue(i));
  node.setResult(node.concat(parts, axis));
}

/// [start, start + size) of `axis` of input 0.
static void setSlice(Node &node, int64_t axis, int64_t start, int64_t size,
                     unsigned result) {
  Shape shape(node.getInputShape(0));
  if (HostTensorRef host = node.getHost(0)) {
    Shape strides = getStrides(shape);
    shape[axis] = size;
    node.setResult(copyStrided(*host, shape, start * strides[axis], strides),
                   result);
    return;
  }
  Shape starts(shape.size(), 0);
  starts[axis] = start;
  shape[axis] = size;
  node.setResult(node.slice(node.getValue(0), starts, shape), result);
}

/// Split: sizes as an attribute before opset 13, as operand since; otherwise
/// equal parts, of which the last may be smaller since opset 18.
static void buildSplit(Node &node) {
  std::optional<Shape> sizes;
  if (node.opset() < 13) {
    node.checkArity(1, 1);
    sizes = node.getInts("split");
  } else {
    node.checkArity(1, 2);
    if (node.hasInput(1))
      sizes = node.getIntOperand(1, "'split'");
  }
  ArrayRef<int64_t> input = node.getInputShape(0);
  int64_t axis = node.normalizeAxis(node.getInt("axis", 0), input.size());
  int64_t count = node.getNumOutputs();
  if (node.getInt("num_outputs", count) != count)
    node.error() << "'num_outputs' isn't the number of outputs, " << count;
  if (node.failed())
    return;
  int64_t extent = input[axis];
  if (!sizes) {
    int64_t size = (extent + count - 1) / count;
    sizes = Shape(count, size);
    sizes->back() = extent - size * (count - 1);
    if (node.opset() < 18 && extent % count)
      sizes->clear();
  }
  int64_t rest = extent;
  for (int64_t size : *sizes)
    rest = size < 1 || size > rest ? -1 : rest - size;
  if (static_cast<int64_t>(sizes->size()) != count || rest != 0) {
    node.error() << "dimension " << axis << " of " << formatShape(input)
                 << " can't be split into " << count << " parts"
                 << (sizes->empty() ? "" : " of sizes ")
                 << (sizes->empty() ? "" : formatShape(*sizes));
    return;
  }
  int64_t start = 0;
  for (int64_t i = 0; i < count; ++i) {
    if (node.wantsOutput(i))
      setSlice(node, axis, start, (*sizes)[i], i);
    start += (*sizes)[i];
  }
}

//===----------------------------------------------------------------------===//
// Slice, Gather, Pad
//===----------------------------------------------------------------------===//

/// Slice: attributes before opset 10, operands since; values are cut in steps
/// of 1, constants in any.
static void buildSlice(Node &node) {
  std::optional<Shape> starts, ends, axes, steps;
  if (node.opset() < 10) {
    node.checkArity(1, 1);
    starts = node.getInts("starts");
    ends = node.getInts("ends");
    axes = node.getInts("axes");
  } else {
    node.checkArity(3, 5);
    starts = node.getIntOperand(1, "'starts'");
    ends = node.getIntOperand(2, "'ends'");
    if (node.hasInput(3))
      axes = node.getIntOperand(3, "'axes'");
    if (node.hasInput(4))
      steps = node.getIntOperand(4, "'steps'");
  }
  if (node.failed())
    return;
  ArrayRef<int64_t> input = node.getInputShape(0);
  if (!starts || !ends || starts->size() != ends->size() ||
      (axes && axes->size() != starts->size()) ||
      (steps && steps->size() != starts->size()) ||
      starts->size() > input.size()) {
    node.error() << "'starts', 'ends', 'axes' and 'steps' don't have the same "
                    "length, or more than the input has dimensions";
    return;
  }
  if (!axes) {
    axes.emplace();
    for (size_t i = 0; i < starts->size(); ++i)
      axes->push_back(i);
  }
  Shape normal = node.normalizeAxes(*axes, input.size());
  if (node.failed())
    return;

  Shape begin(input.size(), 0), size(input), step(input.size(), 1);
  for (auto [i, axis] : llvm::enumerate(normal)) {
    int64_t extent = input[axis], by = steps ? (*steps)[i] : 1;
    if (by == 0 || by == INT64_MIN) {
      node.error() << "a step of " << by << " isn't possible";
      return;
    }
    int64_t first = (*starts)[i], last = (*ends)[i];
    first += first < 0 ? extent : 0;
    last += last < 0 ? extent : 0;
    // The index after the last is -1 going down.
    int64_t low = by > 0 ? 0 : -1, high = by > 0 ? extent : extent - 1;
    first = std::clamp(first, by > 0 ? int64_t(0) : low, high);
    last = std::clamp(last, low, high);
    int64_t distance = by > 0 ? last - first : first - last;
    int64_t stride = by > 0 ? by : -by;
    begin[axis] = first;
    step[axis] = by;
    size[axis] = distance > 0 ? (distance - 1) / stride + 1 : 0;
  }
  if (HostTensorRef host = node.getHost(0)) {
    Shape strides = getStrides(input);
    int64_t offset = 0;
    for (size_t i = 0; i < input.size(); ++i) {
      if (size[i] > 0)
        offset += begin[i] * strides[i];
      // A single element needs no step, however large it is.
      strides[i] = size[i] > 1 ? strides[i] * step[i] : 0;
    }
    node.setResult(copyStrided(*host, size, offset, strides));
    return;
  }
  for (size_t i = 0; i < input.size(); ++i)
    if (step[i] != 1 && size[i] > 1) {
      node.error() << "steps other than 1 aren't supported";
      return;
    }
  node.setResult(node.slice(node.getValue(0), begin, size));
}

/// Indices of Gather in 0 … extent - 1.
static bool normalizeIndices(Node &node, std::vector<int64_t> &indices,
                             int64_t extent) {
  for (int64_t &index : indices) {
    if (index < -extent || index >= extent) {
      node.error() << "index " << index << " is out of range for dimension "
                   << extent;
      return false;
    }
    index += index < 0 ? extent : 0;
  }
  return true;
}

static void foldGather(Node &node, ArrayRef<int64_t> shape, int64_t axis,
                       ArrayRef<int64_t> indices) {
  const HostTensor &source = *node.getHost(0);
  auto result = std::make_shared<HostTensor>();
  result->elementType = source.elementType;
  result->shape.assign(shape.begin(), shape.end());
  int64_t extent = source.shape[axis], outer = 1, inner = 1;
  for (int64_t i = 0; i < static_cast<int64_t>(source.shape.size()); ++i)
    if (i != axis)
      (i < axis ? outer : inner) *= source.shape[i];
  for (int64_t row = 0; row < outer; ++row)
    for (int64_t index : indices) {
      if (source.isFloat())
        appendRows(source.floats, result->floats, row * extent + index, inner);
      else
        appendRows(source.ints, result->ints, row * extent + index, inner);
    }
  node.setResult(HostTensorRef(result));
}

/// Gather with constant indices: of values as slices, one for each run of
/// consecutive indices.
static void buildGather(Node &node) {
  node.checkArity(2, 2);
  ArrayRef<int64_t> input = node.getInputShape(0);
  int64_t axis = node.normalizeAxis(node.getInt("axis", 0), input.size());
  if (node.failed())
    return;
  HostTensorRef indexTensor = node.getHost(1);
  if (!indexTensor || indexTensor->isFloat()) {
    node.error() << "the indices must be constant integers";
    return;
  }
  std::vector<int64_t> indices = indexTensor->ints;
  if (!normalizeIndices(node, indices, input[axis]))
    return;
  Shape shape(input.take_front(axis));
  shape.append(indexTensor->shape);
  llvm::append_range(shape, input.drop_front(axis + 1));
  std::optional<int64_t> count = countElements(shape, maxFoldedElements);
  if (node.getHost(0)) {
    if (count)
      return foldGather(node, shape, axis, indices);
    node.error() << "a constant of shape " << formatShape(shape)
                 << " is too large";
    return;
  }
  if (!node.makeType(shape))
    return;
  Value x = node.getValue(0);
  SmallVector<Value> runs;
  for (size_t i = 0; i < indices.size();) {
    size_t end = i + 1;
    while (end < indices.size() && indices[end] == indices[end - 1] + 1)
      ++end;
    Shape start(input.size(), 0), size(input);
    start[axis] = indices[i];
    size[axis] = end - i;
    runs.push_back(node.slice(x, start, size));
    i = end;
  }
  constexpr size_t maxRuns = 64;
  if (runs.size() > maxRuns) {
    node.error() << "indices in more than " << maxRuns
                 << " runs of consecutive numbers aren't supported";
    return;
  }
  node.setResult(node.reshape(node.concat(runs, axis), shape));
}

/// Pad with a constant: attributes before opset 11, operands since.
static void buildPad(Node &node) {
  StringRef mode = node.getString("mode", "constant");
  std::optional<Shape> pads, axes;
  float value = 0.0f;
  if (node.opset() < 11) {
    node.checkArity(1, 1);
    pads = node.getInts("pads");
    value = node.getFloat("value", 0.0f);
  } else {
    node.checkArity(2, 4);
    pads = node.getIntOperand(1, "'pads'");
    if (node.hasInput(2))
      value = node.getScalar(2, "the padding value").value_or(0.0f);
    if (node.hasInput(3))
      axes = node.getIntOperand(3, "'axes'");
  }
  if (mode != "constant")
    node.error() << "mode " << quoteName(mode)
                 << " isn't supported (constant is)";
  if (node.failed())
    return;
  int64_t rank = node.getInputShape(0).size();
  if (!axes) {
    axes.emplace();
    for (int64_t i = 0; i < rank; ++i)
      axes->push_back(i);
  }
  Shape normal = node.normalizeAxes(*axes, rank);
  if (node.failed())
    return;
  if (!pads || pads->size() != 2 * normal.size()) {
    node.error() << "'pads' must hold two numbers for each of " << normal.size()
                 << " dimensions";
    return;
  }
  Shape padding(2 * rank, 0);
  for (auto [i, axis] : llvm::enumerate(normal))
    for (int side = 0; side < 2; ++side) {
      int64_t amount = (*pads)[i + side * normal.size()];
      if (amount < 0 || amount > INT32_MAX) {
        node.error() << "a padding of " << amount << " isn't supported";
        return;
      }
      padding[2 * axis + side] = amount;
    }
  Value x = node.getValue(0);
  if (llvm::any_of(padding, [](int64_t amount) { return amount != 0; }))
    x = node.pad(x, padding, value);
  node.setResult(x);
}

void quantc::onnximport::addMovementOperators(OperatorTable &table) {
  table["Transpose"] = buildTranspose;
  table["Concat"] = buildConcat;
  table["Split"] = buildSplit;
  table["Slice"] = buildSlice;
  table["Gather"] = buildGather;
  table["Pad"] = buildPad;
}
