// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Import/Onnx/OnnxImport.h"
#include "Composites.h"
#include "Node.h"
#include "Parse.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Verifier.h"
#include "quantc/Dialect/Quantc/IR/NodeLocation.h"
#include "quantc/Dialect/Quantc/IR/Quantc.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace quantc;
using namespace quantc::onnximport;
using ::onnx::TensorProto;

// Before 7, operators broadcast by attributes; what comes after the last one
// may mean something else by the same name.
static constexpr int64_t minOpset = 7, maxOpset = 24;

static const OperatorTable &getOperators() {
  static const OperatorTable table = [] {
    OperatorTable result;
    addAttentionOperators(result);
    addConstantOperators(result);
    addConvolutionOperators(result);
    addElementwiseOperators(result);
    addMatMulOperators(result);
    addMovementOperators(result);
    addNormalizationOperators(result);
    addPoolingOperators(result);
    addReductionOperators(result);
    addResizeOperators(result);
    addShapeOperators(result);
    return result;
  }();
  return table;
}

namespace {
class Importer {
public:
  Importer(const ParsedModel &parsed, MLIRContext *context,
           const OnnxImportOptions &options)
      : parsed(parsed), model(*parsed.proto), graph(model.graph()),
        options(options), builder(context) {
    // Room for every initializer in some layouts: as many elements as bytes.
    budget = 4 * maxFoldedElements + model.ByteSizeLong();
  }

  OwningOpRef<ModuleOp> run();

private:
  InFlightDiagnostic error() { return emitError(parsed.fileLocation); }
  DictionaryAttr nameDictionary(StringRef name) {
    return builder.getDictionaryAttr(
        builder.getNamedAttr("quantc.name", builder.getStringAttr(name)));
  }
  LogicalResult readOpset();
  LogicalResult readInitializers();
  LogicalResult addArguments(func::FuncOp function);
  FailureOr<Shape> readInputShape(const ::onnx::ValueInfoProto &input);
  LogicalResult importNode(int index);
  FailureOr<GraphValue> lookUp(StringRef name, const std::string &nodeName,
                               const ::onnx::NodeProto &node, Location loc);
  LogicalResult addReturn(func::FuncOp function);

  const ParsedModel &parsed;
  const ::onnx::ModelProto &model;
  const ::onnx::GraphProto &graph;
  const OnnxImportOptions &options;
  OpBuilder builder;
  int64_t opset = 0;
  int64_t budget;
  bool hasDynamicBatch = false;
  llvm::StringMap<GraphValue> values;
  /// Decoded at their first use.
  llvm::StringMap<const TensorProto *> initializers;
};
} // namespace

LogicalResult Importer::readOpset() {
  bool found = false;
  for (const auto &import : model.opset_import()) {
    if (!import.domain().empty() && import.domain() != "ai.onnx")
      continue;
    if (found)
      return error() << "the model imports ONNX's operators twice";
    found = true;
    opset = import.version();
  }
  if (!found)
    return error() << "the model names no version of ONNX's operators "
                      "(opset_import); is it an ONNX model?";
  if (opset < minOpset || opset > maxOpset)
    return error() << "opset " << opset << " isn't supported (" << minOpset
                   << " to " << maxOpset
                   << " are); convert the model with onnx.version_converter";
  return success();
}

LogicalResult Importer::readInitializers() {
  if (graph.sparse_initializer_size())
    return error() << "sparse initializers aren't supported";
  for (const TensorProto &tensor : graph.initializer()) {
    if (tensor.name().empty())
      return error() << "an initializer has no name";
    if (!initializers.try_emplace(tensor.name(), &tensor).second)
      return error() << "initializer " << quoteName(tensor.name())
                     << " is there twice";
  }
  return success();
}

FailureOr<Shape> Importer::readInputShape(const ::onnx::ValueInfoProto &input) {
  auto fail = [&]() -> InFlightDiagnostic {
    return error() << "graph input " << quoteName(input.name()) << ": ";
  };
  if (!input.type().has_tensor_type())
    return fail() << "only tensors are supported";
  const auto &tensor = input.type().tensor_type();
  if (tensor.elem_type() != TensorProto::FLOAT)
    return fail() << "its element type is "
                  << nameElementType(tensor.elem_type())
                  << ", but only float32 inputs are supported";
  if (!tensor.has_shape())
    return fail() << "its rank is unknown; give it a shape, for example with "
                     "onnx.tools.update_model_dims";
  Shape shape;
  for (const auto &dim : tensor.shape().dim()) {
    if (dim.has_dim_value()) {
      if (dim.dim_value() < 1)
        return fail() << "dimension " << shape.size() << " is "
                      << dim.dim_value() << ", but must be positive";
      shape.push_back(dim.dim_value());
    } else if (shape.empty()) {
      hasDynamicBatch = true;
      shape.push_back(options.batch.value_or(1));
    } else {
      return fail() << "dimension " << shape.size()
                    << (dim.dim_param().empty()
                            ? std::string()
                            : " (" + quoteName(dim.dim_param()) + ")")
                    << " is dynamic, which only the first may be; fix it, for "
                       "example with onnx.tools.update_model_dims";
    }
  }
  if (shape.size() > 6)
    return fail() << "rank " << shape.size() << " exceeds 6";
  if (!countElements(shape, INT32_MAX))
    return fail() << "shape " << formatShape(shape) << " exceeds " << INT32_MAX
                  << " elements";
  return shape;
}

LogicalResult Importer::addArguments(func::FuncOp function) {
  SmallVector<Type> types;
  SmallVector<StringRef> names;
  SmallVector<Attribute> attributes;
  for (const ::onnx::ValueInfoProto &input : graph.input()) {
    // Up to IR version 3 initializers were listed as inputs.
    if (initializers.contains(input.name()))
      continue;
    if (input.name().empty())
      return error() << "a graph input has no name";
    if (!values.try_emplace(input.name()).second)
      return error() << "graph input " << quoteName(input.name())
                     << " is there twice";
    FailureOr<Shape> shape = readInputShape(input);
    if (failed(shape))
      return failure();
    names.push_back(input.name());
    attributes.push_back(nameDictionary(input.name()));
    types.push_back(RankedTensorType::get(*shape, builder.getF32Type()));
  }
  auto hasBatch = [&](Type type) {
    Shape shape(cast<RankedTensorType>(type).getShape());
    return !shape.empty() && shape.front() == *options.batch;
  };
  if (options.batch && !hasDynamicBatch && llvm::none_of(types, hasBatch))
    return error() << "no graph input has a dynamic first dimension that could "
                      "become "
                   << *options.batch
                   << ": the model is for one batch size; export it with a "
                      "dynamic one";
  function.setType(builder.getFunctionType(types, {}));
  Block *entry = function.addEntryBlock();
  function.setAllArgAttrs(attributes);
  for (auto [name, argument] : llvm::zip(names, entry->getArguments())) {
    argument.setLoc(NameLoc::get(builder.getStringAttr(name)));
    values[name].value = argument;
  }
  builder.setInsertionPointToStart(entry);
  return success();
}

FailureOr<GraphValue> Importer::lookUp(StringRef name,
                                       const std::string &nodeName,
                                       const ::onnx::NodeProto &node,
                                       Location loc) {
  if (name.empty()) // an optional operand that isn't there
    return GraphValue();
  if (auto found = values.find(name); found != values.end())
    return found->second;
  auto fail = [&]() -> InFlightDiagnostic {
    return emitError(loc) << describeNode(nodeName, node.op_type()) << ": ";
  };
  auto initializer = initializers.find(name);
  if (initializer == initializers.end()) {
    bool comesLater = llvm::any_of(graph.node(), [&](const auto &other) {
      return llvm::is_contained(other.output(), name);
    });
    if (comesLater)
      return fail() << "input " << quoteName(name)
                    << " is computed by a later node: the graph has a cycle or "
                       "isn't sorted";
    return fail() << "input " << quoteName(name)
                  << " isn't defined: it is no graph input, no initializer and "
                     "no node's output";
  }
  llvm::Expected<HostTensorRef> tensor = decodeTensor(*initializer->second);
  if (!tensor)
    return fail() << "initializer " << quoteName(name) << ": "
                  << llvm::toString(tensor.takeError());
  return values[name] = GraphValue{{}, *tensor};
}

LogicalResult Importer::importNode(int index) {
  const ::onnx::NodeProto &proto = graph.node(index);
  std::string name = proto.name();
  for (int i = 0; name.empty() && i < proto.output_size(); ++i)
    name = proto.output(i);
  if (name.empty())
    name = "#" + std::to_string(index);

  FileLineColLoc fileLoc = index < static_cast<int>(parsed.nodeLocations.size())
                               ? parsed.nodeLocations[index]
                               : parsed.fileLocation;
  auto diagnosticLoc = NameLoc::get(builder.getStringAttr(name), fileLoc);

  SmallVector<GraphValue> inputs;
  auto found = getOperators().find(proto.op_type());
  bool isOnnx = proto.domain().empty() || proto.domain() == "ai.onnx";
  bool isKnown = isOnnx && found != getOperators().end();
  if (isKnown)
    for (const std::string &input : proto.input()) {
      FailureOr<GraphValue> value = lookUp(input, name, proto, diagnosticLoc);
      if (failed(value))
        return failure();
      inputs.push_back(*value);
    }

  Node node(proto, opset, builder, diagnosticLoc, name, std::move(inputs),
            budget);
  if (!isKnown) {
    node.error() << "the operator isn't supported ("
                 << (isOnnx ? "opset " + std::to_string(opset)
                            : "domain " + quoteName(proto.domain()))
                 << "); express it by others, or cut the graph before it";
    return failure();
  }
  if (proto.output_size() == 0)
    node.error() << "it has no outputs";
  for (const std::string &output : proto.output())
    if (!output.empty() &&
        (values.contains(output) || initializers.contains(output)))
      node.error() << "output " << quoteName(output)
                   << " is already defined elsewhere";
  if (!node.failed())
    found->second(node);
  if (!node.failed())
    node.checkAttributes();
  for (int i = 0; i < proto.output_size() && !node.failed(); ++i) {
    const GraphValue &result = node.getResults()[i];
    if (proto.output(i).empty())
      continue;
    if (!result.isDefined())
      node.error() << "output " << i << " isn't supported";
    else if (!values.try_emplace(proto.output(i), result).second)
      node.error() << "output " << quoteName(proto.output(i))
                   << " is there twice";
  }
  return success(!node.failed());
}

LogicalResult Importer::addReturn(func::FuncOp function) {
  if (graph.output_size() == 0)
    return error() << "the graph has no outputs";
  SmallVector<Value> results;
  llvm::StringSet<> names;
  for (const ::onnx::ValueInfoProto &output : graph.output()) {
    auto fail = [&]() -> InFlightDiagnostic {
      return error() << "graph output " << quoteName(output.name()) << ": ";
    };
    if (!names.insert(output.name()).second)
      return fail() << "it is there twice";
    auto found = values.find(output.name());
    if (found == values.end())
      return fail() << "no node computes it";
    Value value = found->second.value;
    if (!value)
      return fail() << "it is constant; quantc compiles what depends on inputs";

    const auto &type = output.type().tensor_type();
    if (output.type().has_tensor_type() && type.elem_type() &&
        type.elem_type() != TensorProto::FLOAT)
      return fail() << "it is declared as " << nameElementType(type.elem_type())
                    << ", but the graph computes float32";
    if (output.type().has_tensor_type() && type.has_shape()) {
      Shape declared;
      for (const auto &dim : type.shape().dim())
        declared.push_back(dim.has_dim_value() ? dim.dim_value() : -1);
      ArrayRef<int64_t> actual = getShape(value);
      bool agrees = declared.size() == actual.size();
      for (size_t i = 0; agrees && i < actual.size(); ++i)
        agrees = declared[i] < 0 || declared[i] == actual[i] ||
                 (i == 0 && hasDynamicBatch);
      if (!agrees)
        return fail() << "it is declared with shape " << formatShape(declared)
                      << ", but the graph computes " << formatShape(actual);
    }
    results.push_back(value);
  }
  func::ReturnOp::create(builder, builder.getUnknownLoc(), results);
  function.setType(builder.getFunctionType(function.getArgumentTypes(),
                                           ValueRange(results).getTypes()));
  SmallVector<Attribute> attributes;
  for (const ::onnx::ValueInfoProto &output : graph.output())
    attributes.push_back(nameDictionary(output.name()));
  function.setAllResultAttrs(attributes);
  return success();
}

OwningOpRef<ModuleOp> Importer::run() {
  if (!model.has_graph()) {
    error() << "the model has no graph; is it an ONNX model?";
    return {};
  }
  if (options.batch.value_or(1) < 1) {
    error() << "the batch size must be positive, but is " << *options.batch;
    return {};
  }
  if (failed(readOpset()) || failed(readInitializers()))
    return {};

  std::string functionName = options.functionName;
  if (functionName.empty())
    functionName = makeFunctionName(
        llvm::sys::path::stem(parsed.fileLocation.getFilename().getValue()));
  if (functionName != makeFunctionName(functionName)) {
    error() << quoteName(functionName)
            << " can't be the function's name: it is no C identifier";
    return {};
  }
  OwningOpRef<ModuleOp> module(ModuleOp::create(builder.getUnknownLoc()));
  builder.setInsertionPointToEnd(module->getBody());
  auto function =
      func::FuncOp::create(builder, builder.getUnknownLoc(), functionName,
                           builder.getFunctionType({}, {}));
  if (failed(addArguments(function)))
    return {};
  for (int i = 0; i < graph.node_size(); ++i)
    if (failed(importNode(i)))
      return {};
  if (failed(addReturn(function)))
    return {};
  recognizeComposites(function);
  if (failed(verify(*module)))
    return {};
  return module;
}

//===----------------------------------------------------------------------===//
// Entry points
//===----------------------------------------------------------------------===//

std::string quantc::makeFunctionName(StringRef stem) {
  std::string name;
  for (char c : stem)
    name += llvm::isAlnum(c) ? c : '_';
  if (name.empty() || llvm::isDigit(name[0]))
    name = "model_" + name;
  return name;
}

OwningOpRef<ModuleOp> quantc::importOnnx(llvm::MemoryBufferRef buffer,
                                         MLIRContext *context,
                                         const OnnxImportOptions &options) {
  context->loadDialect<func::FuncDialect, tosa::TosaDialect, QuantcDialect>();
  ParsedModel parsed = parseModel(buffer, context);
  if (!parsed.proto)
    return {};
  return Importer(parsed, context, options).run();
}

OwningOpRef<ModuleOp> quantc::importOnnxFile(StringRef path,
                                             MLIRContext *context,
                                             const OnnxImportOptions &options) {
  auto buffer = llvm::MemoryBuffer::getFileOrSTDIN(path);
  if (!buffer) {
    emitError(FileLineColLoc::get(context, path, 0, 0))
        << "can't be read: " << buffer.getError().message();
    return {};
  }
  return importOnnx((*buffer)->getMemBufferRef(), context, options);
}
