// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Operators that make constants, and those that do nothing.

#include "Node.h"
#include <cmath>

using namespace mlir;
using namespace quantc::onnximport;
using ::onnx::TensorProto;

static HostTensorRef makeFloatTensor(ArrayRef<int64_t> shape,
                                     std::vector<float> values) {
  auto tensor = std::make_shared<HostTensor>();
  tensor->shape.assign(shape.begin(), shape.end());
  tensor->floats = std::move(values);
  return tensor;
}

/// Constant: exactly one of the attributes.
static void buildConstant(Node &node) {
  node.checkArity(0, 0);
  HostTensorRef result;
  auto set = [&](HostTensorRef value) {
    if (result)
      node.error() << "it has more than one value";
    result = std::move(value);
  };
  if (const TensorProto *proto = node.getTensor("value")) {
    llvm::Expected<HostTensorRef> tensor = decodeTensor(*proto);
    if (!tensor) {
      node.error() << "its value: " << llvm::toString(tensor.takeError());
      return;
    }
    set(*tensor);
  }
  if (node.hasAttribute("value_float"))
    set(makeFloatTensor({}, {node.getFloat("value_float", 0)}));
  if (node.hasAttribute("value_int"))
    set(makeIntTensor("", {}, {node.getInt("value_int", 0)}));
  if (std::optional<std::vector<float>> values = node.getFloats("value_floats"))
    set(makeFloatTensor({static_cast<int64_t>(values->size())}, *values));
  if (std::optional<Shape> values = node.getInts("value_ints"))
    set(makeIntTensor("", {static_cast<int64_t>(values->size())}, *values));
  if (!result)
    node.error() << "it has no value of a supported kind (dense floats and "
                    "integers are)";
  node.setResult(result);
}

/// ConstantOfShape: a tensor of one repeated value, float32 zero by default.
static void buildConstantOfShape(Node &node) {
  node.checkArity(1, 1);
  std::optional<Shape> shape = node.getIntOperand(0, "the shape");
  const TensorProto *proto = node.getTensor("value");
  if (!shape)
    return;
  std::optional<int64_t> count = countElements(*shape, maxFoldedElements);
  if (!count) {
    node.error() << "a constant of shape " << formatShape(*shape)
                 << " is too large, or has a negative dimension";
    return;
  }
  HostTensorRef value = makeFloatTensor({}, {0.0f});
  if (proto) {
    llvm::Expected<HostTensorRef> tensor = decodeTensor(*proto);
    if (!tensor) {
      node.error() << "its value: " << llvm::toString(tensor.takeError());
      return;
    }
    value = *tensor;
  }
  if (value->size() != 1) {
    node.error() << "its value must be one element, but has " << value->size();
    return;
  }
  node.setResult(copyBroadcast(*copyReshaped(*value, {}), *shape));
}

/// Shape: static, so known; `start` and `end` since opset 15.
static void buildShape(Node &node) {
  node.checkArity(1, 1);
  ArrayRef<int64_t> shape = node.getInputShape(0);
  int64_t rank = shape.size();
  auto clampIndex = [&](int64_t index) {
    return std::clamp<int64_t>(index < 0 ? index + rank : index, 0, rank);
  };
  int64_t start = clampIndex(node.getInt("start", 0));
  int64_t end = clampIndex(node.getInt("end", rank));
  Shape part;
  if (start < end)
    part.assign(shape.begin() + start, shape.begin() + end);
  node.setResult(makeIntTensor("", {static_cast<int64_t>(part.size())}, part));
}

static void buildSize(Node &node) {
  node.checkArity(1, 1);
  std::optional<int64_t> count =
      countElements(node.getInputShape(0), INT32_MAX);
  node.setResult(makeIntTensor("", {}, {count.value_or(0)}));
}

static void forward(Node &node) {
  if (HostTensorRef host = node.getHost(0))
    node.setResult(host);
  else
    node.setResult(node.getValue(0));
}

static void buildIdentity(Node &node) {
  node.checkArity(1, 1);
  forward(node);
}

/// Dropout at inference.
static void buildDropout(Node &node) {
  node.ignoreAttributes({"ratio", "seed"});
  node.checkArity(1, 3);
  if (node.wantsOutput(1))
    node.error() << "the mask of a Dropout isn't supported";
  if (node.hasInput(2)) {
    HostTensorRef training = node.getHost(2);
    if (!training || training->isFloat() || training->size() != 1 ||
        training->ints[0] != 0)
      node.error() << "training mode isn't supported; export the model for "
                      "inference";
  }
  forward(node);
}

/// `value` as an integer of ONNX type `type`, cut to its width.
static int64_t wrapInteger(int64_t value, int32_t type) {
  switch (type) {
  case TensorProto::BOOL:
    return value != 0;
  case TensorProto::INT8:
    return static_cast<int8_t>(value);
  case TensorProto::UINT8:
    return static_cast<uint8_t>(value);
  case TensorProto::INT16:
    return static_cast<int16_t>(value);
  case TensorProto::UINT16:
    return static_cast<uint16_t>(value);
  case TensorProto::INT32:
    return static_cast<int32_t>(value);
  case TensorProto::UINT32:
    return static_cast<uint32_t>(value);
  default:
    return value;
  }
}

static bool isIntegerType(int64_t type) {
  switch (type) {
  case TensorProto::BOOL:
  case TensorProto::INT8:
  case TensorProto::UINT8:
  case TensorProto::INT16:
  case TensorProto::UINT16:
  case TensorProto::INT32:
  case TensorProto::UINT32:
  case TensorProto::INT64:
    return true;
  default:
    return false;
  }
}

/// Cast: of constants, and of float32 to itself.
static void buildCast(Node &node) {
  node.ignoreAttributes({"saturate"}); // for 8-bit floats
  node.checkArity(1, 1);
  int64_t to = node.getInt("to", TensorProto::UNDEFINED);
  if (node.failed())
    return;
  if (to == TensorProto::FLOAT && node.isFloat(0))
    return forward(node);
  HostTensorRef host = node.getHost(0);
  if (!host || (to != TensorProto::FLOAT && !isIntegerType(to))) {
    bool known = to >= 0 && to <= INT32_MAX;
    node.error() << "a cast to "
                 << nameElementType(known ? static_cast<int32_t>(to) : -1)
                 << (host ? " isn't supported"
                          : " isn't supported (constants can be cast)");
    return;
  }
  auto result = std::make_shared<HostTensor>();
  result->shape = host->shape;
  result->elementType = static_cast<int32_t>(to);
  if (to == TensorProto::FLOAT) {
    result->floats.assign(host->ints.begin(), host->ints.end());
  } else {
    result->ints = host->ints;
    for (float element : host->floats) {
      // Beyond 2⁶³ the result isn't defined.
      if (!(std::fabs(element) < 9.2e18f)) {
        node.error() << "constant " << quoteName(host->name)
                     << " doesn't fit an integer";
        return;
      }
      result->ints.push_back(to == TensorProto::BOOL
                                 ? element != 0
                                 : static_cast<int64_t>(element));
    }
    for (int64_t &element : result->ints)
      element = wrapInteger(element, result->elementType);
  }
  node.setResult(HostTensorRef(result));
}

void quantc::onnximport::addConstantOperators(OperatorTable &table) {
  table["Constant"] = buildConstant;
  table["ConstantOfShape"] = buildConstantOfShape;
  table["Shape"] = buildShape;
  table["Size"] = buildSize;
  table["Identity"] = buildIdentity;
  table["Dropout"] = buildDropout;
  table["Cast"] = buildCast;
}
