// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Codegen/TargetDescription.h"
#include "quantc/Target/TargetSpec.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace quantc {

namespace {
struct Candidate {
  Variant variant;
  /// Its place in the list of descriptions, best first.
  ptrdiff_t description;
  SmallVector<const CpuFeature *> needed;
};
} // namespace

/// Each processor's name, CPU and features, in the order of the list.
static Expected<std::vector<Variant>>
splitList(StringRef triple, StringRef cpus, StringRef features) {
  SmallVector<StringRef> parts;
  cpus.split(parts, ',');
  std::vector<Variant> variants;
  StringRef cpu;
  std::string added;
  for (StringRef part : parts) {
    part = part.trim();
    bool isFeature = part.starts_with("+") || part.starts_with("-");
    if (part.empty() && parts.size() > 1)
      return createStringError("--mcpu '%s' has an empty name",
                               cpus.str().c_str());
    if (isFeature && variants.empty())
      return createStringError(
          "--mcpu '%s' begins with a feature: name the CPU "
          "that it is added to before it, or use --mattr",
          cpus.str().c_str());
    if (isFeature) {
      added += (added.empty() ? "" : ",") + part.str();
    } else {
      cpu = part;
      added.clear();
    }
    std::string all = added;
    if (!features.empty())
      all += (all.empty() ? "" : ",") + features.str();
    auto target = TargetSpec::create(triple, cpu, all);
    if (!target)
      return target.takeError();
    std::string name = isFeature ? variants.back().name + part.str()
                       : cpu.empty() || cpu == "native" ? target->cpu
                                                        : cpu.str();
    variants.push_back({std::move(name), std::move(*target)});
  }
  return variants;
}

static Error checkAskable(const Candidate &candidate) {
  for (const CpuFeature *feature : candidate.needed)
    if (!feature->isAskable())
      return createStringError(
          "a program can't find out whether its processor has '%s', which '%s' "
          "may use: compile for that alone, or take it away with --mattr=-%s",
          feature->name.data(), candidate.variant.name.c_str(),
          feature->name.data());
  return Error::success();
}

Expected<std::vector<Variant>> parseVariants(StringRef triple, StringRef cpus,
                                             StringRef features) {
  auto variants = splitList(triple, cpus, features);
  if (!variants || variants->size() == 1)
    return variants;

  std::vector<Candidate> candidates;
  // Of two that are otherwise equal, the later one is the better.
  for (Variant &variant : reverse(*variants)) {
    const TargetSpec &spec = variant.target;
    auto description = selectTarget(spec.triple, spec.cpu, spec.features);
    if (!description)
      return description.takeError();
    Candidate candidate{variant, *description - getTargetDescriptions().begin(),
                        spec.getNeededFeatures()};
    if (Error error = checkAskable(candidate))
      return std::move(error);
    for (const Candidate &other : candidates)
      if (other.needed == candidate.needed)
        return createStringError("'%s' and '%s' of --mcpu need the same of a "
                                 "processor, so that only "
                                 "one of them would ever run: leave one out",
                                 candidate.variant.name.c_str(),
                                 other.variant.name.c_str());
    candidates.push_back(std::move(candidate));
  }
  stable_sort(candidates, [](const Candidate &a, const Candidate &b) {
    return std::make_pair(a.description, b.needed.size()) <
           std::make_pair(b.description, a.needed.size());
  });
  std::vector<Variant> ordered;
  for (Candidate &candidate : candidates)
    ordered.push_back(std::move(candidate.variant));
  return ordered;
}

} // namespace quantc
