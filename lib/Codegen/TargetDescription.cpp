// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Codegen/TargetDescription.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"
#include <mutex>

using namespace llvm;
using namespace quantc;

// Tiles as measured (docs/Performance.md): tall enough to hide the latency of
// the dot instruction, wide enough to share the broadcast of an activation.
static constexpr RegisterTile kZmmTiles[] = {
    {12, 2}, {14, 2}, {6, 4}, {14, 1}, {9, 3}};
static constexpr RegisterTile kZmmByteTiles[] = {
    {12, 2}, {6, 4}, {14, 1}, {9, 3}};
static constexpr RegisterTile kZmmPairTiles[] = {{12, 2}, {7, 3}, {14, 1}};
static constexpr RegisterTile kYmmTiles[] = {{4, 3}, {6, 2}, {12, 1}};
static constexpr RegisterTile kYmmPairTiles[] = {{6, 2}, {3, 3}, {12, 1}};
static constexpr RegisterTile kYmmByteTiles[] = {
    {4, 2}, {5, 2}, {3, 3}, {9, 1}};
static constexpr RegisterTile kNeonTiles[] = {{6, 4}, {8, 2}, {12, 1}};
static constexpr RegisterTile kNeonDotTiles[] = {
    {5, 4}, {7, 3}, {8, 2}, {12, 1}};
static constexpr RegisterTile kMatrixTiles[] = {
    {6, 4}, {4, 6}, {6, 3}, {10, 2}, {12, 1}};

static constexpr TargetDescription kAvx512{
    "x86-avx512",
    "+avx2,+avx512f,+avx512bw,+avx512vl,+fma",
    16,
    DotForm::Pairs,
    0,
    kZmmPairTiles,
    kZmmTiles,
    32,
    1 << 20,
    true};
static constexpr TargetDescription kAvx2{
    "x86-avx2",    "+avx2,+fma", 8,  DotForm::Pairs, 0,
    kYmmPairTiles, kYmmTiles,    16, 512 << 10,      true};

/// The processor that multiplies `words`, as vpmaddubsw multiplies bytes. The
/// name stays: tuning files tell the two apart by a kernel's input.
static constexpr TargetDescription asBytes(TargetDescription words,
                                           ArrayRef<RegisterTile> tiles) {
  words.dotForm = DotForm::Bytes;
  words.lhsOffset = 128;
  words.integerTiles = tiles;
  words.saturates = true;
  return words;
}
static constexpr TargetDescription kAvx512Bytes =
                                       asBytes(kAvx512, kZmmByteTiles),
                                   kAvx2Bytes = asBytes(kAvx2, kYmmByteTiles);

static constexpr TargetDescription withBytes(TargetDescription words,
                                             const TargetDescription *bytes) {
  words.byteForm = bytes;
  return words;
}

static constexpr TargetDescription kTargets[] = {
    {"x86-avx512vnni", "+avx2,+avx512f,+avx512bw,+avx512vl,+avx512vnni,+fma",
     16, DotForm::Bytes, 128, kZmmByteTiles, kZmmTiles, 32, 1 << 20, true},
    withBytes(kAvx512, &kAvx512Bytes),
    withBytes(kAvx2, &kAvx2Bytes),
    {"aarch64-i8mm", "+neon,+dotprod,+i8mm", 4, DotForm::Matrix, 0,
     kMatrixTiles, kNeonTiles, 32, 512 << 10, false, 4, 6},
    {"aarch64-dotprod", "+neon,+dotprod", 4, DotForm::Bytes, 0, kNeonDotTiles,
     kNeonTiles, 32, 512 << 10, false},
    {"aarch64-neon", "+neon", 4, DotForm::Single, 0, kNeonTiles, kNeonTiles, 32,
     512 << 10, false},
};

int64_t TargetDescription::kGroup() const {
  switch (dotForm) {
  case DotForm::Bytes:
    return 4;
  case DotForm::Pairs:
    return 2;
  case DotForm::Single:
    return 1;
  case DotForm::Matrix:
    return 8;
  }
  llvm_unreachable("covered");
}

/// Of NEON's.
static constexpr int64_t kRegisterBytes = 16;

int64_t TargetDescription::groupsPerLoad() const {
  // Only NEON's registers are as short as that.
  if (lanes > 4)
    return 1;
  bool isBytes = dotForm == DotForm::Bytes || dotForm == DotForm::Matrix;
  return isBytes ? kRegisterBytes / kGroup() : 1;
}

bool TargetDescription::fits(const RegisterTile &tile, bool isFloat) const {
  if (tile.rows < 1 || tile.vectors < 1)
    return false;
  // Accumulators, the weights of a step, activations, a product or the flip.
  int64_t rows = tile.rows, weights = 1, others = 1;
  if (!isFloat) {
    bool pairs = dotForm == DotForm::Pairs, matrix = dotForm == DotForm::Matrix;
    others = pairs || lhsOffset ? 2 : 1;
    // The ones that words are multiplied by.
    others += saturates;
    // A load of several groups stays in its register.
    if (groupsPerLoad() > 1)
      others = rows;
    // Rows go in pairs; beside them, weights come two at a time.
    if (matrix) {
      rows += rows % 2;
      weights = 0;
      others = rows + 2;
    }
  }
  return tile.vectors * (rows + weights) + others <= registers;
}

bool TargetDescription::validate() const {
  // The matrix instruction's tiles are chosen by cycles.
  bool hasRates =
      dotForm != DotForm::Matrix || (vectorsPerCycle > 0 && issuesPerCycle > 0);
  return hasRates && (!byteForm || byteForm->validate()) &&
         llvm::all_of(
             integerTiles,
             [&](const RegisterTile &tile) { return fits(tile, false); }) &&
         llvm::all_of(floatTiles, [&](const RegisterTile &tile) {
           return fits(tile, true);
         });
}

int64_t TargetDescription::depthwiseOutputs(bool isFloat) const {
  int64_t group = isFloat ? 1 : 32 / activationBits();
  // Sums, the column at hand and what interleaving takes.
  if (group == 4 && memoryOperands)
    return (registers - 8) / group;
  int64_t others = group < 4 ? 4 : 20;
  return std::min<int64_t>((registers - others) / (2 * group), 8);
}

ArrayRef<TargetDescription> quantc::getTargetDescriptions() { return kTargets; }

static void initializeTargets() {
  static std::once_flag once;
  std::call_once(once, [] {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86TargetMC();
    LLVMInitializeAArch64TargetInfo();
    LLVMInitializeAArch64TargetMC();
  });
}

namespace {

struct Selection {
  const TargetDescription *description;
  std::unique_ptr<MCSubtargetInfo> subtarget;
};

} // namespace

static Expected<Selection> select(StringRef tripleName, StringRef cpuName,
                                  StringRef features) {
  initializeTargets();
  Triple host(sys::getProcessTriple());
  Triple triple =
      tripleName.empty() ? host : Triple(Triple::normalize(tripleName));
  if (!triple.isX86_64() && !triple.isAArch64(64))
    return createStringError("unsupported target '%s': quantc compiles for "
                             "x86_64 and aarch64",
                             triple.str().c_str());
  std::string message;
  const Target *target = TargetRegistry::lookupTarget(triple, message);
  if (!target)
    return createStringError("unsupported target '%s': %s",
                             triple.str().c_str(), message.c_str());
  std::string cpu = cpuName.str(), all;
  if (cpu == "native" || (cpu.empty() && triple.getArch() == host.getArch())) {
    cpu = sys::getHostCPUName().str();
    for (const auto &feature : sys::getHostCPUFeatures())
      all += (feature.second ? "+" : "-") + feature.first().str() + ",";
  }
  if (cpu.empty())
    cpu = "generic";
  all += features.str();

  std::unique_ptr<MCSubtargetInfo> known(
      target->createMCSubtargetInfo(triple, "generic", ""));
  if (!known->isCPUStringValid(cpu))
    return createStringError("unknown CPU '%s' for %s", cpu.c_str(),
                             triple.str().c_str());
  SmallVector<StringRef> parts;
  features.split(parts, ',', -1, /*KeepEmpty=*/false);
  for (StringRef part : parts) {
    StringRef name = part.drop_front();
    if ((part.front() != '+' && part.front() != '-') ||
        llvm::none_of(known->getAllProcessorFeatures(),
                      [&](const auto &kv) { return name == kv.Key; }))
      return createStringError("unknown feature '%s' for %s: write +name or "
                               "-name as for llc",
                               part.str().c_str(), triple.str().c_str());
  }

  std::unique_ptr<MCSubtargetInfo> subtarget(
      target->createMCSubtargetInfo(triple, cpu, all));
  for (const TargetDescription &candidate : kTargets)
    if (candidate.name.starts_with(triple.isX86_64() ? "x86" : "aarch64") &&
        subtarget->checkFeatures(candidate.features))
      return Selection{&candidate, std::move(subtarget)};
  // A native CPU's features are a hundred.
  return createStringError("CPU '%s'%s lacks what quantc's kernels need (%s)",
                           cpu.c_str(),
                           features.empty() ? "" : ", with these features,",
                           triple.isX86_64() ? "AVX2 and FMA; x86-64-v3 has "
                                               "them"
                                             : "NEON");
}

Expected<const TargetDescription *>
quantc::selectTarget(StringRef triple, StringRef cpu, StringRef features) {
  auto selection = select(triple, cpu, features);
  if (!selection)
    return selection.takeError();
  return selection->description;
}

Expected<std::string> quantc::getInstructionFeatures(StringRef triple,
                                                     StringRef cpu,
                                                     StringRef features) {
  auto selection = select(triple, cpu, features);
  if (!selection)
    return selection.takeError();
  std::string result = selection->description->features.str();
  if (selection->description->name.starts_with("x86") &&
      selection->subtarget->checkFeatures("+avx512vbmi"))
    result += ",+avx512vbmi";
  return result;
}
