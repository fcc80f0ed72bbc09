// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Target/ModelInterface.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace quantc {

namespace {
struct ElementInfo {
  ElementKind kind;
  StringRef name;
  int64_t bytes;
};
} // namespace

static constexpr ElementInfo elementInfos[] = {
    {ElementKind::F32, "f32", 4},  {ElementKind::F64, "f64", 8},
    {ElementKind::I8, "i8", 1},    {ElementKind::U8, "u8", 1},
    {ElementKind::I16, "i16", 2},  {ElementKind::U16, "u16", 2},
    {ElementKind::I32, "i32", 4},  {ElementKind::I64, "i64", 8},
    {ElementKind::Bool, "bool", 1}};

StringRef stringifyElementKind(ElementKind kind) {
  return elementInfos[static_cast<int>(kind)].name;
}

std::optional<ElementKind> symbolizeElementKind(StringRef name) {
  for (const ElementInfo &info : elementInfos)
    if (info.name == name)
      return info.kind;
  return std::nullopt;
}

int64_t getByteSize(ElementKind kind) {
  return elementInfos[static_cast<int>(kind)].bytes;
}

int64_t TensorInterface::getElementCount() const {
  int64_t count = 1;
  for (int64_t size : shape)
    count *= size;
  return count;
}

int64_t TensorInterface::getByteSize() const {
  return getElementCount() * quantc::getByteSize(element);
}

std::string makeIdentifier(StringRef text) {
  std::string name;
  for (char c : text)
    name += llvm::isAlnum(c) ? c : '_';
  if (name.empty() || llvm::isDigit(name.front()))
    name = "m" + name;
  return name;
}

func::FuncOp getModelFunction(ModuleOp module) {
  func::FuncOp found;
  for (auto function : module.getOps<func::FuncOp>()) {
    if (!function.isPublic() || function.isDeclaration())
      continue;
    if (found) {
      module.emitError("holds more than one public function: '")
          << found.getSymName() << "' and '" << function.getSymName()
          << "'; make all but the model's private";
      return {};
    }
    found = function;
  }
  if (!found)
    module.emitError("holds no public function: a model is one func.func");
  return found;
}

static std::optional<ElementKind> getElementKind(Type type) {
  if (type.isF32())
    return ElementKind::F32;
  if (type.isF64())
    return ElementKind::F64;
  auto integer = dyn_cast<IntegerType>(type);
  if (!integer)
    return std::nullopt;
  switch (integer.getWidth()) {
  case 1:
    return ElementKind::Bool;
  case 8:
    return integer.isUnsigned() ? ElementKind::U8 : ElementKind::I8;
  case 16:
    return integer.isUnsigned() ? ElementKind::U16 : ElementKind::I16;
  case 32:
    return ElementKind::I32;
  case 64:
    return ElementKind::I64;
  default:
    return std::nullopt;
  }
}

/// What a type and the attributes of an argument or result say.
static FailureOr<TensorInterface>
collectTensor(func::FuncOp function, Type type, DictionaryAttr attributes,
              StringRef kind, unsigned index) {
  TensorInterface tensor;
  if (attributes)
    if (auto name = attributes.getAs<StringAttr>("quantc.name"))
      tensor.name = name.str();
  if (tensor.name.empty())
    tensor.name = (kind + Twine(index)).str();
  auto fail = [&](StringRef what) {
    return function.emitError() << kind << " '" << tensor.name << "' " << what;
  };

  auto ranked = dyn_cast<RankedTensorType>(type);
  if (!ranked || !ranked.hasStaticShape())
    return fail("has no static shape");
  if (llvm::is_contained(ranked.getShape(), 0))
    return fail("has no elements");
  tensor.shape.assign(ranked.getShape().begin(), ranked.getShape().end());

  Type element = ranked.getElementType();
  quant::UniformQuantizedType params;
  if (attributes)
    if (auto attr = attributes.getAs<TypeAttr>("quantc.params"))
      params = dyn_cast<quant::UniformQuantizedType>(attr.getValue());
  if (auto quantized = dyn_cast<quant::UniformQuantizedType>(element))
    params = quantized;
  if (params) {
    tensor.params = QuantParams{params.getScale(), params.getZeroPoint()};
    // Storage types are signless; the parameters know the sign.
    unsigned bits = params.getStorageTypeIntegralWidth();
    element = IntegerType::get(function.getContext(), bits,
                               params.isSigned() ? IntegerType::Signed
                                                 : IntegerType::Unsigned);
  }
  std::optional<ElementKind> found = getElementKind(element);
  if (!found)
    return fail("has elements that C doesn't have");
  tensor.element = *found;
  return tensor;
}

FailureOr<ModelInterface> collectInterface(ModuleOp module) {
  func::FuncOp function = getModelFunction(module);
  if (!function)
    return failure();
  ModelInterface interface;
  interface.name = function.getSymName().str();
  for (auto [i, type] : llvm::enumerate(function.getArgumentTypes())) {
    auto tensor =
        collectTensor(function, type, function.getArgAttrDict(i), "input", i);
    if (failed(tensor))
      return failure();
    interface.inputs.push_back(std::move(*tensor));
  }
  for (auto [i, type] : llvm::enumerate(function.getResultTypes())) {
    auto tensor = collectTensor(function, type, function.getResultAttrDict(i),
                                "output", i);
    if (failed(tensor))
      return failure();
    interface.outputs.push_back(std::move(*tensor));
  }
  return interface;
}

void readArena(ModuleOp module, ModelInterface &interface) {
  auto read = [&](StringRef name, int64_t fallback) {
    auto attr = module->getAttrOfType<IntegerAttr>(name);
    return attr ? attr.getInt() : fallback;
  };
  interface.arenaBytes = read("quantc.arena_bytes", 0);
  interface.arenaAlign = read("quantc.arena_align", 64);
  interface.arenaLowerBound = read("quantc.arena_lower_bound", 0);
}

bool ModelInterface::runsOnHost() const {
  return variants.empty() ? target.runsOnHost()
                          : llvm::any_of(variants, [](const Variant &variant) {
                              return variant.target.runsOnHost();
                            });
}

std::string ModelInterface::describeTarget() const {
  if (variants.empty())
    return target.cpu;
  return llvm::join(
      llvm::map_range(variants, [](const Variant &v) { return v.name; }), ", ");
}

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

static llvm::json::Value toJSON(const TensorInterface &tensor) {
  llvm::json::Object object{{"name", tensor.name},
                            {"shape", llvm::json::Array(tensor.shape)},
                            {"element", stringifyElementKind(tensor.element)}};
  if (tensor.params) {
    object["scale"] = tensor.params->scale;
    object["zero_point"] = tensor.params->zeroPoint;
  }
  return object;
}

llvm::json::Value ModelInterface::toJSON() const {
  llvm::json::Array ins, outs;
  for (const TensorInterface &tensor : inputs)
    ins.push_back(quantc::toJSON(tensor));
  for (const TensorInterface &tensor : outputs)
    outs.push_back(quantc::toJSON(tensor));
  llvm::json::Object object{{"abi", abiVersion},
                            {"name", name},
                            {"arena_bytes", arenaBytes},
                            {"arena_align", arenaAlign},
                            {"arena_lower_bound", arenaLowerBound},
                            {"triple", target.triple},
                            {"cpu", target.cpu},
                            {"features", target.features},
                            {"inputs", std::move(ins)},
                            {"outputs", std::move(outs)}};
  llvm::json::Array list;
  for (const Variant &variant : variants)
    list.push_back(llvm::json::Object{{"name", variant.name},
                                      {"cpu", variant.target.cpu},
                                      {"features", variant.target.features}});
  if (!list.empty())
    object["variants"] = std::move(list);
  return object;
}

static bool fromJSON(const llvm::json::Value &value, Variant &variant,
                     llvm::json::Path path) {
  llvm::json::ObjectMapper map(value, path);
  return map && map.map("name", variant.name) &&
         map.map("cpu", variant.target.cpu) &&
         map.map("features", variant.target.features);
}

static bool fromJSON(const llvm::json::Value &value, TensorInterface &tensor,
                     llvm::json::Path path) {
  llvm::json::ObjectMapper map(value, path);
  std::string element;
  std::vector<int64_t> shape;
  std::optional<double> scale;
  int64_t zeroPoint = 0;
  if (!map || !map.map("name", tensor.name) || !map.map("shape", shape) ||
      !map.map("element", element) || !map.map("scale", scale) ||
      !map.mapOptional("zero_point", zeroPoint))
    return false;
  auto kind = symbolizeElementKind(element);
  if (!kind) {
    path.field("element").report("unknown element type");
    return false;
  }
  tensor.element = *kind;
  tensor.shape.assign(shape.begin(), shape.end());
  if (scale)
    tensor.params = QuantParams{*scale, zeroPoint};
  return true;
}

llvm::Expected<ModelInterface> ModelInterface::fromJSON(StringRef text) {
  auto value = llvm::json::parse(text);
  if (!value)
    return value.takeError();
  ModelInterface interface;
  std::vector<TensorInterface> ins, outs;
  int64_t abi = 0;
  llvm::json::Path::Root root("interface");
  llvm::json::ObjectMapper map(*value, root);
  if (!map || !map.map("abi", abi) || !map.map("name", interface.name) ||
      !map.map("arena_bytes", interface.arenaBytes) ||
      !map.map("arena_align", interface.arenaAlign) ||
      !map.mapOptional("arena_lower_bound", interface.arenaLowerBound) ||
      !map.map("triple", interface.target.triple) ||
      !map.map("cpu", interface.target.cpu) ||
      !map.map("features", interface.target.features) ||
      !map.map("inputs", ins) || !map.map("outputs", outs) ||
      !map.mapOptional("variants", interface.variants))
    return root.getError();
  for (Variant &variant : interface.variants)
    variant.target.triple = interface.target.triple;
  if (abi != abiVersion)
    return llvm::createStringError("compiled for ABI version %lld, not %lld",
                                   static_cast<long long>(abi),
                                   static_cast<long long>(abiVersion));
  // Alignments are powers of two; what is read decides how memory is allocated.
  if (interface.arenaBytes < 0 || !llvm::isPowerOf2_64(interface.arenaAlign))
    return llvm::createStringError(
        "the size or alignment of the arena is invalid");
  auto isValid = [](const TensorInterface &tensor) {
    return llvm::all_of(tensor.shape, [](int64_t size) { return size > 0; });
  };
  if (!llvm::all_of(ins, isValid) || !llvm::all_of(outs, isValid))
    return llvm::createStringError("a dimension isn't positive");
  interface.inputs.assign(ins.begin(), ins.end());
  interface.outputs.assign(outs.begin(), outs.end());
  return interface;
}

} // namespace quantc
