// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Quantization/QConfig.h"
#include "quantc/Support/Suggestion.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace quantc;
using namespace llvm;

static Error error(const Twine &message) {
  return createStringError(inconvertibleErrorCode(), message);
}

//===----------------------------------------------------------------------===//
// Presets
//===----------------------------------------------------------------------===//

static std::optional<OpQConfig> getPresetConfig(StringRef name) {
  ObserverConfig activation, weight;
  activation.kind = ObserverKind::Histogram;
  weight.kind = ObserverKind::PerChannelMinMax;
  weight.scheme = QScheme::Symmetric;
  if (name == "default") {
    // TFLite's weights: without -128 the scale is max|w| / 127.
    weight.range = {-127, 127};
  } else if (name == "x86") {
    // PyTorch adds reduce_range, against 16-bit saturation that our kernels
    // don't have.
    activation.isSigned = false;
    activation.range = {0, 255};
  } else if (name == "qnnpack") {
    activation.isSigned = false;
    activation.range = {0, 255};
    weight.kind = ObserverKind::MinMax;
  } else {
    return std::nullopt;
  }
  return OpQConfig{activation, weight};
}

Expected<QConfig> QConfig::getPreset(StringRef name) {
  QConfig result;
  result.global = getPresetConfig(name);
  if (!result.global)
    return error("there is no preset '" + name +
                 "': use default, x86 or qnnpack");
  return result;
}

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

static bool fail(json::Path path, StringLiteral message) {
  path.report(message);
  return false;
}

// null, a preset's name, or {"activation": {…}, "weight": {…}} on top of
// `base`.
static bool entryFromJSON(const json::Value &value, const OpQConfig &base,
                          std::optional<OpQConfig> &entry, json::Path path) {
  entry.reset();
  if (value.getAsNull())
    return true;
  if (std::optional<StringRef> preset = value.getAsString()) {
    entry = getPresetConfig(*preset);
    return entry || fail(path, "unknown preset: use default, x86 or qnnpack");
  }
  const json::Object *object = value.getAsObject();
  if (!object)
    return fail(
        path,
        "expected an object, the name of a preset, or null (leave in float)");
  OpQConfig result = base;
  for (const auto &[key, field] : *object) {
    StringRef name = key;
    ObserverConfig *observer = StringSwitch<ObserverConfig *>(name)
                                   .Case("activation", &result.activation)
                                   .Case("weight", &result.weight)
                                   .Default(nullptr);
    if (!observer)
      return fail(path.field(name),
                  "unknown key: expected activation or weight");
    if (!ObserverConfig::fromJSON(field, *observer, path.field(name)))
      return false;
  }
  if (result.activation.isPerChannel())
    return fail(path.field("activation"),
                "activations are quantized per tensor: use minmax, "
                "moving_average_minmax or histogram");
  entry = result;
  return true;
}

bool QConfig::fromJSON(const json::Value &value, QConfig &config,
                       json::Path path) {
  const json::Object *object = value.getAsObject();
  if (!object)
    return fail(path, "expected an object");
  for (const auto &[key, field] : *object)
    if (!is_contained({"preset", "global", "op_type", "name", "name_regex"},
                      StringRef(key)))
      return fail(
          path.field(StringRef(key)),
          "unknown key: expected preset, global, op_type, name or name_regex");

  config.global = getPresetConfig("default");
  if (const json::Value *preset = object->get("preset")) {
    config.global = getPresetConfig(preset->getAsString().value_or(""));
    if (!config.global)
      return fail(path.field("preset"),
                  "unknown preset: use default, x86 or qnnpack");
  }
  OpQConfig base = *config.global;
  if (const json::Value *global = object->get("global")) {
    if (!entryFromJSON(*global, base, config.global, path.field("global")))
      return false;
    base = config.global.value_or(base);
  }

  auto readMap = [&](StringLiteral key, StringMap<Entry> &entries) {
    const json::Value *field = object->get(key);
    if (!field)
      return true;
    const json::Object *map = field->getAsObject();
    if (!map)
      return fail(path.field(key), "expected an object");
    for (const auto &[name, entry] : *map)
      if (!entryFromJSON(entry, base, entries[StringRef(name)],
                         path.field(key).field(StringRef(name))))
        return false;
    return true;
  };
  if (!readMap("op_type", config.opTypes) || !readMap("name", config.names))
    return false;

  const json::Value *field = object->get("name_regex");
  if (!field)
    return true;
  const json::Array *array = field->getAsArray();
  if (!array)
    return fail(path.field("name_regex"),
                "expected an array of [regex, config] pairs");
  json::Path list = path.field("name_regex"); // paths point to their parents
  for (auto [i, element] : enumerate(*array)) {
    json::Path at = list.index(i);
    const json::Array *pair = element.getAsArray();
    std::optional<StringRef> pattern =
        pair && pair->size() == 2 ? (*pair)[0].getAsString() : std::nullopt;
    if (!pattern)
      return fail(at, "expected a [regex, config] pair");
    // From the beginning of the name, as in Python's re.match.
    Regex regex(("^(" + *pattern + ")").str());
    std::string problem;
    if (!regex.isValid(problem))
      return fail(at.index(0), "not a POSIX extended regular expression");
    RegexEntry entry{pattern->str(), std::nullopt};
    if (!entryFromJSON((*pair)[1], base, entry.config, at.index(1)))
      return false;
    config.regexes.push_back(std::move(entry));
    config.compiled.push_back(std::move(regex));
  }
  return true;
}

Expected<QConfig> QConfig::parse(StringRef text, StringRef fileName) {
  if (text.trim().empty())
    return error(fileName + ": the file is empty; a QConfig is at least {}");
  Expected<json::Value> value = json::parse(text);
  if (!value)
    return error(fileName + ": not valid JSON: " + toString(value.takeError()));
  json::Path::Root root("qconfig");
  QConfig result;
  if (!fromJSON(*value, result, root))
    return error(fileName + ": " + toString(root.getError()));
  return result;
}

Expected<QConfig> QConfig::load(StringRef path) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> buffer =
      MemoryBuffer::getFile(path, /*IsText=*/true);
  if (!buffer)
    return error(path + ": " + buffer.getError().message());
  return parse((*buffer)->getBuffer(), path);
}

const OpQConfig *QConfig::lookup(StringRef opType, StringRef nodeName) const {
  auto pointer = [](const Entry &entry) { return entry ? &*entry : nullptr; };
  if (auto it = names.find(nodeName); it != names.end())
    return pointer(it->second);
  for (auto [entry, regex] : zip_equal(regexes, compiled))
    if (regex.match(nodeName))
      return pointer(entry.config);
  if (auto it = opTypes.find(opType); it != opTypes.end())
    return pointer(it->second);
  return pointer(global);
}

std::vector<std::string> QConfig::describeUnused(ArrayRef<Node> nodes) const {
  SmallVector<StringRef> nodeNames, nodeTypes;
  for (const Node &node : nodes) {
    nodeNames.push_back(node.name);
    nodeTypes.push_back(node.type);
  }
  std::vector<std::string> unused;
  auto checkMap = [&](StringRef key, StringRef what,
                      const StringMap<Entry> &entries,
                      ArrayRef<StringRef> known) {
    SmallVector<StringRef> wanted(entries.keys());
    llvm::sort(wanted);
    for (StringRef name : wanted) {
      if (is_contained(known, name))
        continue;
      std::string text = (key + " \"" + name + "\" is no " + what +
                          " that is left in the model")
                             .str();
      if (StringRef nearest = findNearest(name, known); !nearest.empty())
        text += ("; did you mean \"" + nearest + "\"?").str();
      unused.push_back(std::move(text));
    }
  };
  checkMap("name", "node", names, nodeNames);
  for (auto [entry, regex] : zip_equal(regexes, compiled))
    if (none_of(nodeNames, [&, &regex = regex](StringRef name) {
          return regex.match(name);
        }))
      unused.push_back("name_regex \"" + entry.pattern +
                       "\" matches no node that is left in the model");
  checkMap("op_type", "type of a node", opTypes, nodeTypes);
  return unused;
}

json::Value QConfig::toJSON() const {
  auto entryToJSON = [](const Entry &entry) -> json::Value {
    if (!entry)
      return nullptr;
    return json::Object{{"activation", entry->activation.toJSON()},
                        {"weight", entry->weight.toJSON()}};
  };
  auto mapToJSON = [&](const StringMap<Entry> &entries) {
    json::Object map;
    for (const auto &[name, entry] : entries)
      map[name] = entryToJSON(entry);
    return map;
  };
  json::Array pairs;
  for (const RegexEntry &entry : regexes)
    pairs.push_back(json::Array{entry.pattern, entryToJSON(entry.config)});
  return json::Object{{"global", entryToJSON(global)},
                      {"op_type", mapToJSON(opTypes)},
                      {"name", mapToJSON(names)},
                      {"name_regex", std::move(pairs)}};
}
