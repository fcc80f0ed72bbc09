// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Quantization/CalibrationTable.h"
#include "quantc/Support/JsonKeys.h"
#include "quantc/Support/OutputFile.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

using namespace quantc;
using namespace llvm;

static Error error(const Twine &message) {
  return createStringError(inconvertibleErrorCode(), message);
}

static constexpr StringLiteral versionKey = "quantc_calibration";

Expected<Observer &> CalibrationTable::addSite(StringRef name,
                                               const ObserverConfig &config) {
  if (!json::isUTF8(name))
    return error("the name of a calibration site is not UTF-8");
  if (Error err = config.validate())
    return error(
        formatv("calibration site '{0}': {1}", name, toString(std::move(err))));
  if (!index.try_emplace(name, sites.size()).second)
    return error(formatv("there are two calibration sites '{0}'", name));
  sites.push_back({name.str(), Observer::create(config)});
  return *sites.back().observer;
}

Observer *CalibrationTable::lookup(StringRef name) const {
  auto it = index.find(name);
  return it == index.end() ? nullptr : sites[it->second].observer.get();
}

void CalibrationTable::write(raw_ostream &os) const {
  os << "{\n\"" << versionKey << "\": " << version << ",\n";
  os << "\"module\": " << json::Value(moduleHash) << ",\n";
  os << "\"samples\": " << samples << ",\n\"sites\": [";
  for (const Site &site : sites) {
    os << (&site == sites.data() ? "\n" : ",\n");
    os << json::Value(
        json::Object{{"name", site.name},
                     {"config", site.observer->getConfig().toJSON()},
                     {"state", site.observer->toJSON()}});
  }
  os << "\n]\n}\n";
}

static bool fail(json::Path path, StringLiteral message) {
  path.report(message);
  return false;
}

static bool readSite(const json::Value &value, CalibrationTable &table,
                     json::Path path) {
  const json::Object *site = value.getAsObject();
  std::optional<StringRef> name = site ? site->getString("name") : std::nullopt;
  const json::Value *configValue = site ? site->get("config") : nullptr;
  const json::Value *state = site ? site->get("state") : nullptr;
  if (!name || !configValue || !state)
    return fail(path, "expected a site with name, config and state");
  if (!checkKeys(*site, {"name", "config", "state"}, path))
    return false;
  ObserverConfig config;
  if (!ObserverConfig::fromJSON(*configValue, config, path.field("config")))
    return false;
  Expected<Observer &> observer = table.addSite(*name, config);
  if (!observer) { // the config is valid and JSON is UTF-8: the name is taken
    consumeError(observer.takeError());
    return fail(path.field("name"), "the site occurs twice");
  }
  return observer->fromJSON(*state, path.field("state"));
}

Expected<CalibrationTable> CalibrationTable::parse(StringRef text,
                                                   StringRef fileName) {
  if (text.trim().empty())
    return error(fileName + ": the file is empty, not a calibration table");
  Expected<json::Value> value = json::parse(text);
  if (!value) {
    std::string problem = toString(value.takeError());
    if (text.take_front(64).contains(versionKey))
      return error(
          fileName +
          ": the calibration table is truncated or damaged: " + problem);
    return error(fileName + ": not a calibration table: " + problem);
  }
  const json::Object *object = value->getAsObject();
  const json::Value *foundVersion = object ? object->get(versionKey) : nullptr;
  if (!foundVersion)
    return error(fileName + ": not a calibration table (there is no \"" +
                 versionKey + "\")");
  if (foundVersion->getAsInteger() != version)
    return error(formatv(
        "{0}: the calibration table has version {1}; this quantc reads version "
        "{2}: calibrate again",
        fileName, *foundVersion, version));
  std::optional<StringRef> hash = object->getString("module");
  std::optional<int64_t> count = object->getInteger("samples");
  const json::Array *array = object->getArray("sites");
  if (!hash || !count || *count < 0 || !array)
    return error(fileName +
                 ": the calibration table lacks module, samples or sites");

  CalibrationTable table(hash->str());
  table.samples = *count;
  json::Path::Root root("table");
  json::Path path(root);
  auto readSites = [&] {
    for (auto [i, site] : enumerate(*array))
      if (!readSite(site, table, path.field("sites").index(i)))
        return false;
    return true;
  };
  if (!checkKeys(*object, {versionKey, "module", "samples", "sites"}, path) ||
      !readSites())
    return error(fileName + ": the calibration table is damaged: " +
                 toString(root.getError()));
  return table;
}

Expected<CalibrationTable> CalibrationTable::load(StringRef path) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> buffer =
      MemoryBuffer::getFile(path, /*IsText=*/true);
  if (!buffer)
    return error(path + ": " + buffer.getError().message());
  return parse((*buffer)->getBuffer(), path);
}

Error CalibrationTable::save(StringRef path) const {
  std::string text;
  raw_string_ostream os(text);
  write(os);
  return writeFile(path, StringRef(text));
}

Error CalibrationTable::checkModule(StringRef expectedHash) const {
  if (moduleHash == expectedHash)
    return Error::success();
  return error(formatv("the calibration table belongs to another module (hash "
                       "{0}, expected {1}): "
                       "the model, the qconfig or the options before "
                       "calibration differ; calibrate "
                       "again",
                       moduleHash, expectedHash));
}

Error CalibrationTable::merge(const CalibrationTable &other) {
  if (moduleHash != other.moduleHash)
    return error(formatv("the calibration tables belong to different modules "
                         "(hashes {0} and {1})",
                         moduleHash, other.moduleHash));
  for (const Site &site : other.sites)
    if (!index.contains(site.name))
      return error(
          formatv("calibration site '{0}' is in one table only", site.name));
  // Merged into copies, so that an error leaves everything as it was.
  std::vector<std::unique_ptr<Observer>> merged;
  for (const Site &site : sites) {
    const Observer *from = other.lookup(site.name);
    if (!from)
      return error(
          formatv("calibration site '{0}' is in one table only", site.name));
    std::unique_ptr<Observer> copy = site.observer->clone();
    if (Error err = copy->merge(*from))
      return error(formatv("calibration site '{0}': {1}", site.name,
                           toString(std::move(err))));
    merged.push_back(std::move(copy));
  }
  for (auto [site, observer] : zip_equal(sites, merged))
    site.observer = std::move(observer);
  samples += other.samples;
  return Error::success();
}
