// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Codegen/Tuning.h"
#include "GemmShape.h"
#include "mlir/IR/Builders.h"
#include "quantc/Support/JsonKeys.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace llvm;
using namespace quantc;

static constexpr std::pair<StringLiteral, KernelForm> kForms[] = {
    {"gemm", KernelForm::Gemm},
    {"matmul", KernelForm::Matmul},
    {"depthwise", KernelForm::Depthwise}};

static StringRef stringify(KernelForm form) {
  return find_if(kForms, [&](auto &entry) { return entry.second == form; })
      ->first;
}

static std::optional<KernelForm> symbolize(StringRef name) {
  for (const auto &[known, form] : kForms)
    if (known == name)
      return form;
  return std::nullopt;
}

std::string KernelClass::describe() const {
  auto times = [](auto values) {
    return join(map_range(values, [](int64_t v) { return itostr(v); }), "×");
  };
  std::string text =
      formatv("{0} {1} {2}", stringify(form), input, times(output)).str();
  if (form != KernelForm::Matmul)
    text += ", window " + times(window);
  if (form != KernelForm::Depthwise)
    text += formatv(" of {0}", channels).str();
  if (stride != std::array<int64_t, 2>{1, 1})
    text += ", stride " + times(stride);
  if (dilation != std::array<int64_t, 2>{1, 1})
    text += ", dilation " + times(dilation);
  return text + ", to " + result;
}

std::string KernelTile::describe() const {
  return formatv("{0}×{1} pixels, {2} register{3}", rowsH, rowsW, registers,
                 registers == 1 ? "" : "s");
}

//===----------------------------------------------------------------------===//
// Tiles
//===----------------------------------------------------------------------===//

/// The form of `target` that multiplies what the kernel reads.
static const TargetDescription &getForm(const KernelClass &kernel,
                                        const TargetDescription &target) {
  bool isBytes = kernel.form == KernelForm::Gemm && kernel.input == "i8";
  return isBytes && target.byteForm ? *target.byteForm : target;
}

/// As far as tiles depend on it: whether a run is a row of the window or a tap
/// is a matter of the input's place in memory.
static GemmShape getShape(const KernelClass &kernel,
                          const TargetDescription &target) {
  GemmShape shape{};
  shape.isFloat = kernel.input == "f32";
  std::tie(shape.batch, shape.height, shape.width, shape.columns) =
      std::tuple_cat(kernel.output);
  std::tie(shape.kernelHeight, shape.kernelWidth) =
      std::tuple_cat(kernel.window);
  shape.channels = kernel.channels;
  std::tie(shape.strideH, shape.strideW) = std::tuple_cat(kernel.stride);
  std::tie(shape.dilationH, shape.dilationW) = std::tuple_cat(kernel.dilation);
  shape.rowRuns = true;
  shape.runLength = kernel.channels * shape.kernelWidth;
  shape.form = target.dotForm;
  // A matmul has bytes where there is a matrix instruction.
  if (kernel.form == KernelForm::Matmul && shape.form == DotForm::Matrix)
    shape.form = DotForm::Bytes;
  shape.group = shape.isFloat                  ? 1
                : shape.form == DotForm::Bytes ? 4
                                               : target.kGroup();
  shape.lanes = target.lanes;
  return shape;
}

std::optional<std::string> quantc::findFault(const KernelClass &kernel,
                                             const KernelTile &tile,
                                             const TargetDescription &known) {
  const TargetDescription &target = getForm(kernel, known);
  int64_t height = kernel.output[1], width = kernel.output[2];
  bool isFloat = kernel.input == "f32";
  if (tile.rowsH < 1 || tile.rowsW < 1 || tile.registers < 1)
    return "a tile has at least one pixel and one register";
  if (tile.rowsH > height || tile.rowsW > width)
    return formatv("{0}×{1} pixels are more than the output's {2}×{3}",
                   tile.rowsH, tile.rowsW, height, width)
        .str();
  if (kernel.form == KernelForm::Depthwise) {
    int64_t most = target.depthwiseOutputs(isFloat);
    if (tile.rowsH > 1 || tile.registers > 1)
      return "a depthwise tile is some pixels of one row";
    if (tile.rowsW > most)
      return formatv("{0} pixels don't fit the registers of {1}, at most {2} "
                     "do",
                     tile.rowsW, target.name, most)
          .str();
    return std::nullopt;
  }
  GemmShape shape = getShape(kernel, target);
  if (tile.registers > shape.vectors())
    return formatv("{0} registers are more than {1} columns fill",
                   tile.registers, kernel.output[3])
        .str();
  // Rows first, for their product must not overflow.
  if (std::max(tile.rowsH, tile.rowsW) > target.registers ||
      !target.fits({tile.rowsH * tile.rowsW, tile.registers}, isFloat))
    return formatv("{0}×{1} pixels × {2} registers don't fit the {3} registers "
                   "of {4}",
                   tile.rowsH, tile.rowsW, tile.registers, target.registers,
                   target.name)
        .str();
  GemmTile stays = fitStack(shape, {tile.rowsH, tile.rowsW, tile.registers});
  if (kernel.form == KernelForm::Matmul &&
      (stays.rowsW < tile.rowsW || stays.vectors < tile.registers))
    return "what the tile packs is too much for the stack";
  return std::nullopt;
}

SmallVector<KernelTile> quantc::getCandidates(const KernelClass &kernel,
                                              const TargetDescription &known,
                                              size_t most) {
  const TargetDescription &target = getForm(kernel, known);
  int64_t height = kernel.output[1], width = kernel.output[2];
  GemmShape shape = getShape(kernel, target);
  SmallVector<std::pair<double, KernelTile>> all;
  auto consider = [&](KernelTile tile) {
    if (findFault(kernel, tile, target))
      return;
    // Of a depthwise convolution: larger tiles and fewer remainders first.
    double cost =
        kernel.form == KernelForm::Depthwise
            ? double(divideCeil(width, tile.rowsW))
            : getCost(shape, {tile.rowsH, tile.rowsW, tile.registers}, target);
    all.push_back({cost, tile});
  };
  int64_t columnRegisters = kernel.form == KernelForm::Depthwise
                                ? 1
                                : std::min(shape.vectors(), target.registers);
  for (int64_t registers = 1; registers <= columnRegisters; ++registers)
    for (int64_t rowsH = 1; rowsH <= std::min(height, target.registers);
         ++rowsH)
      for (int64_t rowsW = 1; rowsW <= std::min(width, target.registers);
           ++rowsW)
        // Several rows only of whole rows or parts of equal size: others leave
        // more remainders than they save.
        if (rowsH == 1 || width % rowsW == 0)
          consider({rowsH, rowsW, registers});
  llvm::stable_sort(
      all, [](const auto &a, const auto &b) { return a.first < b.first; });
  SmallVector<KernelTile> result;
  for (const auto &[cost, tile] : ArrayRef(all).take_front(most))
    result.push_back(tile);
  return result;
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

void quantc::setTileAttributes(mlir::Operation *function,
                               const KernelClass &kernel,
                               const KernelTile &tile) {
  mlir::Builder b(function->getContext());
  auto name = [&](StringRef text) { return b.getStringAttr(text); };
  function->setAttr(
      "quantc.shape",
      b.getDictionaryAttr(
          {b.getNamedAttr("form", name(stringify(kernel.form))),
           b.getNamedAttr("input", name(kernel.input)),
           b.getNamedAttr("result", name(kernel.result)),
           b.getNamedAttr("output", b.getDenseI64ArrayAttr(kernel.output)),
           b.getNamedAttr("window", b.getDenseI64ArrayAttr(kernel.window)),
           b.getNamedAttr("stride", b.getDenseI64ArrayAttr(kernel.stride)),
           b.getNamedAttr("dilation", b.getDenseI64ArrayAttr(kernel.dilation)),
           b.getNamedAttr("channels", b.getI64IntegerAttr(kernel.channels))}));
  function->setAttr(
      "quantc.tile",
      b.getDenseI64ArrayAttr({tile.rowsH, tile.rowsW, tile.registers}));
}

std::optional<std::pair<KernelClass, KernelTile>>
quantc::getTileAttributes(mlir::Operation *function) {
  auto values = function->getAttrOfType<mlir::DictionaryAttr>("quantc.shape");
  auto sizes = function->getAttrOfType<mlir::DenseI64ArrayAttr>("quantc.tile");
  if (!values || !sizes || sizes.size() != 3)
    return std::nullopt;
  KernelClass kernel;
  bool complete = true;
  auto readText = [&](StringRef name) -> std::string {
    auto value = values.getAs<mlir::StringAttr>(name);
    complete &= bool(value);
    return value ? value.str() : "";
  };
  auto readArray = [&](StringRef name, auto &into) {
    auto value = values.getAs<mlir::DenseI64ArrayAttr>(name);
    bool fits = value && value.size() == int64_t(into.size());
    complete &= fits;
    if (fits)
      llvm::copy(value.asArrayRef(), into.begin());
  };
  auto form = symbolize(readText("form"));
  kernel.input = readText("input");
  kernel.result = readText("result");
  readArray("output", kernel.output);
  readArray("window", kernel.window);
  readArray("stride", kernel.stride);
  readArray("dilation", kernel.dilation);
  auto channels = values.getAs<mlir::IntegerAttr>("channels");
  if (!complete || !form || !channels)
    return std::nullopt;
  kernel.form = *form;
  kernel.channels = channels.getInt();
  return std::pair{kernel, KernelTile{sizes[0], sizes[1], sizes[2]}};
}

//===----------------------------------------------------------------------===//
// The file
//===----------------------------------------------------------------------===//

const KernelTile *Tuning::find(const TargetDescription &target,
                               const KernelClass &kernel) const {
  auto found = entries.find({target.name.str(), kernel});
  return found == entries.end() ? nullptr : &found->second;
}

void Tuning::set(const TargetDescription &target, const KernelClass &kernel,
                 const KernelTile &tile) {
  entries[{target.name.str(), kernel}] = tile;
}

std::string Tuning::print() const {
  std::vector<std::string> lines;
  for (const auto &[key, tile] : entries) {
    const auto &[target, kernel] = key;
    bool isDepthwise = kernel.form == KernelForm::Depthwise;
    json::Object sizes{{"pixels", json::Array{tile.rowsH, tile.rowsW}}};
    if (!isDepthwise)
      sizes["registers"] = tile.registers;
    json::Object entry{{"target", target},
                       {"form", stringify(kernel.form)},
                       {"input", kernel.input},
                       {"result", kernel.result},
                       {"output", json::Array(kernel.output)},
                       {"tile", std::move(sizes)}};
    if (!isDepthwise)
      entry["channels"] = kernel.channels;
    if (kernel.form != KernelForm::Matmul) {
      entry["window"] = json::Array(kernel.window);
      entry["stride"] = json::Array(kernel.stride);
      entry["dilation"] = json::Array(kernel.dilation);
    }
    lines.push_back(formatv("{0}", json::Value(std::move(entry))));
  }
  return formatv("{{\"version\":{0},\"kernels\":[\n{1}\n]}\n", version,
                 join(lines, ",\n"));
}

/// So that products of two of them, and a few small factors, fit 64 bits.
static constexpr int64_t kLargestSize = int64_t(1) << 24;

namespace {
/// Reads the fields of an object, which may have no others.
class FieldReader {
public:
  FieldReader(const json::Value &value, json::Path path)
      : object(value.getAsObject()), path(path) {
    if (!object)
      report("expected object");
  }

  bool succeeded() const { return ok; }
  bool has(StringLiteral name) const { return object && object->get(name); }
  json::Path at(StringLiteral name) const { return path.field(name); }

  std::string readText(StringLiteral name) {
    const json::Value *value = get(name);
    auto text = value ? value->getAsString() : std::nullopt;
    if (value && !text)
      fail(name, "expected string");
    return text.value_or("").str();
  }
  int64_t readSize(StringLiteral name) {
    const json::Value *value = get(name);
    return value ? toSize(*value, path.field(name)) : 1;
  }
  template <size_t N>
  void readSizes(StringLiteral name, std::array<int64_t, N> &into) {
    const json::Value *value = get(name);
    const json::Array *array = value ? value->getAsArray() : nullptr;
    if (!value)
      return;
    if (!array || array->size() != N)
      return fail(name, N == 2 ? StringLiteral("expected array of two")
                               : StringLiteral("expected array of four"));
    json::Path list = path.field(name); // paths point to their parents
    for (auto [i, element] : enumerate(*array))
      into[i] = toSize(element, list.index(i));
  }
  const json::Value *get(StringLiteral name) {
    used.push_back(name);
    const json::Value *value = object ? object->get(name) : nullptr;
    if (object && !value)
      fail(name, "missing value");
    return value;
  }
  /// An error where there is a field that nobody has asked for.
  void finish() {
    if (ok && object)
      ok = checkKeys(*object, used, path);
  }
  void fail(StringLiteral name, StringLiteral message) {
    if (std::exchange(ok, false))
      path.field(name).report(message);
  }

private:
  void report(StringLiteral message) {
    if (std::exchange(ok, false))
      path.report(message);
  }
  int64_t toSize(const json::Value &value, json::Path at) {
    auto size = value.getAsInteger();
    if (size && *size >= 1 && *size <= kLargestSize)
      return *size;
    if (std::exchange(ok, false))
      at.report("expected integer of 1 to 2^24");
    return 1;
  }

  const json::Object *object;
  json::Path path;
  SmallVector<StringLiteral> used;
  bool ok = true;
};
} // namespace

static bool readEntry(const json::Value &value, json::Path path,
                      std::string &target, KernelClass &kernel,
                      KernelTile &tile) {
  FieldReader fields(value, path);
  target = fields.readText("target");
  std::string form = fields.readText("form");
  kernel.input = fields.readText("input");
  kernel.result = fields.readText("result");
  fields.readSizes("output", kernel.output);
  if (!fields.succeeded())
    return false;
  auto known = symbolize(form);
  if (!known) {
    fields.fail("form", "expected \"gemm\", \"matmul\" or \"depthwise\"");
    return false;
  }
  kernel.form = *known;
  if (!is_contained({"i8", "i16", "f32"}, StringRef(kernel.input)))
    fields.fail("input", "expected \"i8\", \"i16\" or \"f32\"");
  if (kernel.form != KernelForm::Depthwise)
    kernel.channels = fields.readSize("channels");
  if (kernel.form != KernelForm::Matmul) {
    fields.readSizes("window", kernel.window);
    fields.readSizes("stride", kernel.stride);
    fields.readSizes("dilation", kernel.dilation);
  }
  const json::Value *sizes = fields.get("tile");
  fields.finish();
  if (!fields.succeeded())
    return false;
  FieldReader inner(*sizes, fields.at("tile"));
  std::array<int64_t, 2> pixels{1, 1};
  inner.readSizes("pixels", pixels);
  std::tie(tile.rowsH, tile.rowsW) = std::tuple_cat(pixels);
  if (kernel.form != KernelForm::Depthwise)
    tile.registers = inner.readSize("registers");
  inner.finish();
  return inner.succeeded();
}

Expected<Tuning> Tuning::parse(StringRef text, StringRef fileName) {
  auto fail = [&](const Twine &message) {
    return createStringError(fileName + ": " + message);
  };
  Expected<json::Value> value = json::parse(text);
  if (!value)
    return fail("not valid JSON: " + toString(value.takeError()));
  json::Path::Root root("tuning file");
  json::Path path(root);
  json::ObjectMapper map(*value, path);
  int64_t fileVersion = 0;
  if (!map || !map.map("version", fileVersion))
    return fail(toString(root.getError()));
  if (fileVersion != version)
    return fail("is a tuning file of version " + Twine(fileVersion) + ", not " +
                Twine(version));
  if (!checkKeys(*value->getAsObject(), {"version", "kernels"}, path))
    return fail(toString(root.getError()));
  const json::Array *kernels = value->getAsObject()->getArray("kernels");
  if (!kernels)
    return fail("lacks the array \"kernels\"");
  Tuning tuning;
  json::Path list = path.field("kernels"); // paths point to their parents
  for (auto [i, element] : enumerate(*kernels)) {
    std::string name;
    KernelClass kernel;
    KernelTile tile;
    if (!readEntry(element, list.index(i), name, kernel, tile))
      return fail(toString(root.getError()));
    std::string entry =
        formatv("kernels[{0}] ({1}, {2})", i, name, kernel.describe());
    const auto *target =
        find_if(getTargetDescriptions(),
                [&](const TargetDescription &t) { return t.name == name; });
    if (target == getTargetDescriptions().end())
      return fail(entry + ": quantc knows no target '" + name + "'");
    if (auto fault = findFault(kernel, tile, *target))
      return fail(entry + ": " + *fault);
    if (tuning.find(*target, kernel))
      return fail(entry + ": is there twice");
    tuning.set(*target, kernel, tile);
  }
  return tuning;
}

Expected<Tuning> Tuning::load(StringRef path) {
  auto buffer = MemoryBuffer::getFile(path, /*IsText=*/true);
  if (!buffer)
    return createStringError("can't read tuning file '" + path +
                             "': " + buffer.getError().message());
  return parse((*buffer)->getBuffer(), path);
}
