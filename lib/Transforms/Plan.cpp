// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Transforms/Plan.h"
#include "quantc/Dialect/Quantc/IR/TypeUtils.h"
#include "quantc/Support/JsonKeys.h"
#include "quantc/Support/OutputFile.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace llvm;
using namespace quantc;

const Plan::Entry *Plan::lookup(StringRef node) const {
  auto it = index.find(node);
  return it == index.end() ? nullptr : &entries[it->second];
}

void Plan::add(Entry entry) {
  [[maybe_unused]] bool isNew =
      index.try_emplace(entry.node, entries.size()).second;
  assert(isNew && "two entries for one node");
  entries.push_back(std::move(entry));
}

json::Value Plan::toJSON() const {
  json::Array nodes;
  for (const Entry &entry : entries) {
    json::Object object{{"node", entry.node},
                        {"form", entry.isInteger ? "integer" : "float"}};
    if (entry.isInteger)
      object["rounding"] = (stringifyRoundingDomain(entry.domain) + " " +
                            stringifyRoundingDirection(entry.direction))
                               .str();
    else
      object["reason"] = entry.reason;
    nodes.push_back(std::move(object));
  }
  return json::Object{{"version", version}, {"nodes", std::move(nodes)}};
}

static bool readEntry(const json::Value &value, Plan::Entry &entry,
                      json::Path path) {
  json::ObjectMapper map(value, path);
  std::string form;
  std::string rounding;
  std::optional<std::string> reason;
  if (!map || !map.map("node", entry.node) || !map.map("form", form) ||
      !map.mapOptional("rounding", rounding) || !map.map("reason", reason) ||
      !checkKeys(*value.getAsObject(), {"node", "form", "rounding", "reason"},
                 path))
    return false;
  if (form != "integer" && form != "float") {
    path.field("form").report("expected \"integer\" or \"float\"");
    return false;
  }
  entry.isInteger = form == "integer";
  if (!entry.isInteger) {
    entry.reason = reason.value_or("the plan says so");
    return true;
  }
  auto [domain, direction] = StringRef(rounding).split(' ');
  auto parsedDomain = symbolizeRoundingDomain(domain);
  auto parsedDirection = symbolizeRoundingDirection(direction);
  if (!parsedDomain || !parsedDirection ||
      !isSupported(*parsedDomain, *parsedDirection)) {
    path.field("rounding")
        .report("expected \"f32 half_even\", \"fixed "
                "half_up\" or \"fixed double_round\"");
    return false;
  }
  entry.domain = *parsedDomain;
  entry.direction = *parsedDirection;
  return true;
}

Expected<Plan> Plan::parse(StringRef text, StringRef fileName) {
  auto fail = [&](Error error) {
    return createStringError(fileName + ": " + toString(std::move(error)));
  };
  Expected<json::Value> value = json::parse(text);
  if (!value)
    return fail(
        createStringError("not valid JSON: " + toString(value.takeError())));
  json::Path::Root root("plan");
  json::Path path(root);
  json::ObjectMapper map(*value, path);
  int64_t fileVersion = 0;
  if (!map || !map.map("version", fileVersion))
    return fail(root.getError());
  if (fileVersion != version)
    return fail(createStringError("is a plan of version " + Twine(fileVersion) +
                                  ", not " + Twine(version)));
  if (!checkKeys(*value->getAsObject(), {"version", "nodes"}, path))
    return fail(root.getError());
  const json::Array *nodes = value->getAsObject()->getArray("nodes");
  if (!nodes)
    return fail(createStringError("lacks the array \"nodes\""));
  Plan plan;
  for (auto [i, node] : llvm::enumerate(*nodes)) {
    Entry entry;
    if (!readEntry(node, entry, path.field("nodes").index(i)))
      return fail(root.getError());
    if (plan.lookup(entry.node))
      return fail(
          createStringError("has two entries for node '" + entry.node + "'"));
    plan.add(std::move(entry));
  }
  return plan;
}

Expected<Plan> Plan::load(StringRef path) {
  auto buffer = MemoryBuffer::getFile(path, /*IsText=*/true);
  if (!buffer)
    return createStringError("can't read plan '" + path +
                             "': " + buffer.getError().message());
  return parse((*buffer)->getBuffer(), path);
}

Error Plan::save(StringRef path) const {
  return writeFile(path, StringRef(formatv("{0:2}\n", toJSON()).str()));
}
