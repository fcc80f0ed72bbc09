// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Node.h"
#include "quantc/Dialect/Quantc/IR/ConstantUtils.h"
#include "quantc/Dialect/Quantc/IR/NodeLocation.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <cmath>

using namespace mlir;
using namespace quantc::onnximport;
using ::onnx::AttributeProto;

/// TOSA's level 8K (MAX_RANK), and what 32-bit indices reach.
static constexpr size_t maxRank = 6;
static constexpr int64_t maxTensorElements = INT32_MAX;

ArrayRef<int64_t> quantc::onnximport::getShape(Value value) {
  return value ? cast<RankedTensorType>(value.getType()).getShape()
               : ArrayRef<int64_t>();
}

static std::string escape(StringRef name) {
  constexpr size_t limit = 100;
  std::string text;
  llvm::raw_string_ostream os(text);
  llvm::printEscapedString(name.take_front(limit), os);
  if (name.size() > limit)
    os << "…";
  return text;
}

std::string quantc::onnximport::quoteName(StringRef name) {
  return "'" + escape(name) + "'";
}

std::string quantc::onnximport::describeNode(StringRef name, StringRef type) {
  return "node " + quoteName(name) + " (" + escape(type) + ")";
}

std::string quantc::onnximport::formatShape(ArrayRef<int64_t> shape) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << '[';
  interleaveComma(shape.take_front(16), os);
  os << (shape.size() > 16 ? ", …]" : "]");
  return text;
}

Node::Node(const ::onnx::NodeProto &proto, int64_t opset, OpBuilder &builder,
           Location diagnosticLoc, std::string name,
           SmallVector<GraphValue> inputs, int64_t &budget)
    : builder(builder),
      loc(getNodeLocation(builder.getContext(), name,
                          proto.op_type().empty() ? "?" : proto.op_type())),
      proto(proto), opsetVersion(opset), diagnosticLoc(diagnosticLoc),
      name(std::move(name)), inputs(std::move(inputs)), budget(budget) {
  results.resize(proto.output_size());
}

ErrorStream Node::error() {
  if (hasFailed)
    return {};
  hasFailed = true;
  ErrorStream stream(emitError(diagnosticLoc));
  stream << describeNode(name, proto.op_type()) << ": ";
  return stream;
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

const AttributeProto *Node::findAttribute(StringRef name,
                                          AttributeProto::AttributeType type) {
  knownAttributes.insert(name);
  const AttributeProto *found = nullptr;
  for (const AttributeProto &attribute : proto.attribute()) {
    if (attribute.name() != name)
      continue;
    if (found) {
      error() << "attribute '" << name << "' is there twice";
      return nullptr;
    }
    found = &attribute;
  }
  if (!found)
    return nullptr;
  if (!found->ref_attr_name().empty()) {
    error() << "attribute '" << name << "' refers to one of a function";
    return nullptr;
  }
  if (found->type() != type) {
    error() << "attribute '" << name << "' must be of type "
            << ::onnx::AttributeProto_AttributeType_Name(type) << ", but is "
            << ::onnx::AttributeProto_AttributeType_Name(found->type());
    return nullptr;
  }
  return found;
}

int64_t Node::getInt(StringRef name, int64_t defaultValue) {
  const AttributeProto *found = findAttribute(name, AttributeProto::INT);
  return found ? found->i() : defaultValue;
}

float Node::getFloat(StringRef name, float defaultValue) {
  const AttributeProto *found = findAttribute(name, AttributeProto::FLOAT);
  if (!found)
    return defaultValue;
  if (std::isnan(found->f()))
    error() << "attribute '" << name << "' is NaN";
  return found->f();
}

StringRef Node::getString(StringRef name, StringRef defaultValue) {
  const AttributeProto *found = findAttribute(name, AttributeProto::STRING);
  return found ? StringRef(found->s()) : defaultValue;
}

std::optional<Shape> Node::getInts(StringRef name) {
  const AttributeProto *found = findAttribute(name, AttributeProto::INTS);
  if (!found)
    return std::nullopt;
  return Shape(found->ints().begin(), found->ints().end());
}

std::optional<std::vector<float>> Node::getFloats(StringRef name) {
  const AttributeProto *found = findAttribute(name, AttributeProto::FLOATS);
  if (!found)
    return std::nullopt;
  return std::vector<float>(found->floats().begin(), found->floats().end());
}

const ::onnx::TensorProto *Node::getTensor(StringRef name) {
  const AttributeProto *found = findAttribute(name, AttributeProto::TENSOR);
  return found ? &found->t() : nullptr;
}

bool Node::hasAttribute(StringRef name) const {
  return llvm::any_of(proto.attribute(), [&](const AttributeProto &attribute) {
    return attribute.name() == name;
  });
}

void Node::ignoreAttributes(std::initializer_list<StringRef> names) {
  for (StringRef name : names)
    knownAttributes.insert(name);
}

void Node::checkAttributes() {
  for (const AttributeProto &attribute : proto.attribute())
    if (!knownAttributes.contains(attribute.name())) {
      error() << "attribute " << quoteName(attribute.name())
              << " isn't known (opset " << opsetVersion << ")";
      return;
    }
}

//===----------------------------------------------------------------------===//
// Operands and results
//===----------------------------------------------------------------------===//

void Node::checkArity(unsigned min, unsigned max) {
  if (inputs.size() > max) {
    error() << "has " << inputs.size() << " inputs, but takes at most " << max;
    return;
  }
  for (unsigned i = 0; i < min; ++i)
    if (!hasInput(i)) {
      error() << "input " << i << " is missing";
      return;
    }
}

Value Node::getValue(unsigned i) {
  if (hasFailed)
    return {};
  if (!hasInput(i)) {
    error() << "input " << i << " is missing";
    return {};
  }
  // A constant used by several nodes is built for each: they may want it in
  // different layouts, and the first user's location would be another's.
  return inputs[i].value ? inputs[i].value : materialize(*inputs[i].host);
}

ArrayRef<int64_t> Node::getInputShape(unsigned i) const {
  if (!hasInput(i))
    return {};
  return inputs[i].host ? ArrayRef<int64_t>(inputs[i].host->shape)
                        : getShape(inputs[i].value);
}

bool Node::allConstant() const {
  return all_of(inputs, [](const GraphValue &input) {
    return input.host || !input.isDefined();
  });
}

HostTensorRef Node::getWeights(unsigned i, StringRef role) {
  HostTensorRef host = getHost(i);
  if (hasFailed)
    return nullptr;
  if (!host) {
    error() << role << (hasInput(i) ? " must be constant" : " is missing");
    return nullptr;
  }
  if (!host->isFloat()) {
    error() << role << " must be float32, but " << quoteName(host->name)
            << " is " << nameElementType(host->elementType);
    return nullptr;
  }
  for (size_t k = 0; k < host->floats.size(); ++k)
    if (!std::isfinite(host->floats[k])) {
      error() << role << ", initializer " << quoteName(host->name)
              << ", is not finite: element " << k << " is "
              << (std::isnan(host->floats[k]) ? "NaN" : "infinite");
      return nullptr;
    }
  return host;
}

std::optional<Shape> Node::getIntOperand(unsigned i, StringRef role) {
  HostTensorRef host = getHost(i);
  if (hasFailed)
    return std::nullopt;
  if (!host)
    error() << role
            << (hasInput(i) ? " must be constant, so that shapes are static"
                            : " is missing");
  else if (host->isFloat() || host->shape.size() > 1)
    error() << role << " must hold integers in at most one dimension, but "
            << quoteName(host->name) << " is "
            << nameElementType(host->elementType) << " of shape "
            << formatShape(host->shape);
  else
    return Shape(host->ints.begin(), host->ints.end());
  return std::nullopt;
}

std::optional<float> Node::getScalar(unsigned i, StringRef role) {
  HostTensorRef host = getHost(i);
  if (hasFailed)
    return std::nullopt;
  if (!host)
    error() << role << " must be constant";
  else if (!host->isFloat() || host->size() != 1)
    error() << role << " must be a float32 scalar, but "
            << quoteName(host->name) << " is "
            << nameElementType(host->elementType) << " of shape "
            << formatShape(host->shape);
  else if (std::isnan(host->floats[0]))
    error() << role << ", initializer " << quoteName(host->name) << ", is NaN";
  else
    return host->floats[0];
  return std::nullopt;
}

int64_t Node::normalizeAxis(int64_t axis, int64_t rank, bool end) {
  if (axis < -rank || axis >= rank + end) {
    error() << "axis " << axis << " is out of range for rank " << rank;
    return 0;
  }
  return axis < 0 ? axis + rank : axis;
}

Shape Node::normalizeAxes(ArrayRef<int64_t> axes, int64_t rank) {
  Shape result;
  for (int64_t axis : axes) {
    int64_t normal = normalizeAxis(axis, rank);
    if (hasFailed)
      return {};
    if (is_contained(result, normal)) {
      error() << "axis " << axis << " is given twice";
      return {};
    }
    result.push_back(normal);
  }
  return result;
}

void Node::setResult(Value value, unsigned i) {
  if (i < results.size())
    results[i].value = value;
}

void Node::setResult(HostTensorRef host, unsigned i) {
  if (i >= results.size() || !host || !takeBudget(host->size()))
    return;
  if (host->shape.size() > maxHostRank) {
    error() << "a constant of rank " << host->shape.size()
            << " is needed, but at most " << maxHostRank << " are supported";
    return;
  }
  // Later messages name a folded tensor by the name it has in the graph.
  auto named = std::make_shared<HostTensor>(*host);
  named->name = proto.output(i);
  results[i].host = std::move(named);
}

//===----------------------------------------------------------------------===//
// Building
//===----------------------------------------------------------------------===//

RankedTensorType Node::makeType(ArrayRef<int64_t> shape) {
  if (hasFailed)
    return {};
  if (shape.size() > maxRank) {
    error() << "a tensor of rank " << shape.size() << " is needed, but at most "
            << maxRank << " are supported";
    return {};
  }
  for (int64_t dim : shape)
    if (dim < 1) {
      error() << "a tensor of shape " << formatShape(shape)
              << " would be empty";
      return {};
    }
  if (!countElements(shape, maxTensorElements)) {
    error() << "a tensor of shape " << formatShape(shape) << " exceeds "
            << maxTensorElements << " elements";
    return {};
  }
  return RankedTensorType::get(shape, builder.getF32Type());
}

bool Node::takeBudget(int64_t elements) {
  if (hasFailed)
    return false;
  if (elements > budget) {
    error() << "the model's constants are too large";
    return false;
  }
  budget -= elements;
  return true;
}

Value Node::constant(ArrayRef<int64_t> shape, ArrayRef<float> values,
                     StringRef name) {
  if (!makeType(shape) || !takeBudget(values.size()))
    return {};
  // Blob names are identifiers in the printed module.
  std::string blob;
  for (char c : name.take_front(100))
    blob += llvm::isAlnum(c) || c == '.' ? c : '_';
  if (blob.empty() || llvm::isDigit(blob[0]) || blob[0] == '.')
    blob = "c_" + blob;
  return makeConstant<float>(builder, loc, shape, values, blob);
}

Value Node::splat(float value, size_t rank) {
  if (!std::isfinite(value)) {
    error() << "a constant is not finite";
    return {};
  }
  return constant(Shape(rank, 1), value, "splat");
}

Value Node::materialize(const HostTensor &host) {
  if (hasFailed)
    return {};
  if (!host.isFloat()) {
    error() << "computes on float32, but " << quoteName(host.name) << " is "
            << nameElementType(host.elementType);
    return {};
  }
  for (float element : host.floats)
    if (!std::isfinite(element)) {
      error() << "constant " << quoteName(host.name)
              << " is not finite: it holds "
              << (std::isnan(element) ? "NaN" : "an infinity");
      return {};
    }
  return constant(host.shape, host.floats, host.name);
}

Value Node::zeroPoint() { return splat(0.0f, 1); }

Value Node::shapeOperand(ArrayRef<int64_t> values) {
  if (hasFailed)
    return {};
  auto type = tosa::shapeType::get(builder.getContext(), values.size());
  return tosa::ConstShapeOp::create(builder, loc, type,
                                    builder.getIndexTensorAttr(values));
}

Value Node::transpose(Value x, ArrayRef<int32_t> perms) {
  if (hasFailed)
    return {};
  Shape shape;
  for (int32_t perm : perms)
    shape.push_back(getShape(x)[perm]);
  return create<tosa::TransposeOp>(shape, x, perms);
}

Value Node::reshape(Value x, ArrayRef<int64_t> shape) {
  if (hasFailed || getShape(x) == shape)
    return hasFailed ? Value() : x;
  if (!makeType(shape))
    return {};
  return create<tosa::ReshapeOp>(shape, x, shapeOperand(shape));
}

Value Node::slice(Value x, ArrayRef<int64_t> start, ArrayRef<int64_t> size) {
  if (hasFailed || getShape(x) == size)
    return hasFailed ? Value() : x;
  if (!makeType(size))
    return {};
  Value startValue = shapeOperand(start);
  return create<tosa::SliceOp>(size, x, startValue, shapeOperand(size));
}

Value Node::pad(Value x, ArrayRef<int64_t> padding, float value) {
  if (hasFailed)
    return {};
  Shape shape(getShape(x));
  for (size_t i = 0; i < shape.size(); ++i)
    shape[i] += padding[2 * i] + padding[2 * i + 1];
  if (!makeType(shape))
    return {};
  Value paddingValue = shapeOperand(padding);
  return create<tosa::PadOp>(shape, x, paddingValue, splat(value, 1));
}

Value Node::concat(ValueRange parts, int64_t axis) {
  if (hasFailed || parts.size() == 1)
    return hasFailed ? Value() : parts[0];
  Shape shape(getShape(parts[0]));
  for (Value part : parts.drop_front())
    shape[axis] += getShape(part)[axis];
  return create<tosa::ConcatOp>(shape, parts, static_cast<uint32_t>(axis));
}

Value Node::clamp(Value x, float min, float max) {
  if (hasFailed)
    return {};
  return create<tosa::ClampOp>(getShape(x), x, builder.getF32FloatAttr(min),
                               builder.getF32FloatAttr(max));
}

Value Node::mul(Value a, Value b) {
  std::optional<Shape> shape = equalizeRanks(a, b);
  if (!shape)
    return {};
  // `shift` means something for i32 only.
  Value shift = makeConstant<int8_t>(builder, loc, {1}, {0});
  return create<tosa::MulOp>(*shape, a, b, shift);
}

std::optional<Shape> Node::equalizeRanks(Value &a, Value &b) {
  if (hasFailed)
    return std::nullopt;
  std::optional<Shape> shape = broadcastShapes(getShape(a), getShape(b));
  if (!shape) {
    error() << "shapes " << formatShape(getShape(a)) << " and "
            << formatShape(getShape(b)) << " don't broadcast together";
    return std::nullopt;
  }
  for (Value *operand : {&a, &b}) {
    Shape own(shape->size() - getShape(*operand).size(), 1);
    llvm::append_range(own, getShape(*operand));
    // A constant is built in its new shape, not reshaped.
    if (auto made = operand->getDefiningOp<tosa::ConstOp>();
        made && made->use_empty() && own.size() != getShape(*operand).size()) {
      auto values = cast<ElementsAttr>(made.getValues());
      auto type = RankedTensorType::get(own, builder.getF32Type());
      ElementsAttr reshaped;
      if (auto dense = dyn_cast<DenseElementsAttr>(values))
        reshaped = dense.reshape(type);
      else if (auto blob = dyn_cast<DenseResourceElementsAttr>(values))
        reshaped = DenseResourceElementsAttr::get(type, blob.getRawHandle());
      if (reshaped) {
        *operand = tosa::ConstOp::create(builder, loc, type, reshaped);
        made->erase();
        continue;
      }
    }
    *operand = reshape(*operand, own);
  }
  return hasFailed ? std::nullopt : shape;
}

Value Node::toChannelsLast(Value x) {
  if (hasFailed)
    return {};
  if (getShape(x).size() == 4)
    return transpose(x, {0, 2, 3, 1});
  ArrayRef<int64_t> s = getShape(x);
  return reshape(transpose(x, {0, 2, 1}), {s[0], 1, s[2], s[1]});
}

Value Node::toChannelsFirst(Value x, size_t rank) {
  if (hasFailed)
    return {};
  if (rank == 4)
    return transpose(x, {0, 3, 1, 2});
  ArrayRef<int64_t> s = getShape(x);
  return transpose(reshape(x, {s[0], s[2], s[3]}), {0, 2, 1});
}
