// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Target/TargetSpec.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Target/TargetOptions.h"
#include "llvm/TargetParser/AArch64TargetParser.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

using namespace llvm;

namespace quantc {

static void initializeTargets() {
  static const bool done = [] {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    LLVMInitializeX86AsmParser();
    LLVMInitializeAArch64TargetInfo();
    LLVMInitializeAArch64Target();
    LLVMInitializeAArch64TargetMC();
    LLVMInitializeAArch64AsmPrinter();
    LLVMInitializeAArch64AsmParser();
    return true;
  }();
  (void)done;
}

static const Target *lookup(const Triple &triple) {
  initializeTargets();
  std::string reason;
  return TargetRegistry::lookupTarget(triple, reason);
}

static std::unique_ptr<MCSubtargetInfo> makeSubtarget(const Triple &triple,
                                                      StringRef cpu = "",
                                                      StringRef features = "") {
  return std::unique_ptr<MCSubtargetInfo>(
      lookup(triple)->createMCSubtargetInfo(triple, cpu, features));
}

/// What this CPU has and, as important under emulators and hypervisors, lacks.
static std::string getHostFeatures() {
  std::vector<std::string> features;
  for (const auto &feature : sys::getHostCPUFeatures())
    features.push_back((feature.second ? "+" : "-") + feature.first().str());
  llvm::sort(features);
  return join(features, ",");
}

/// LLVM warns at unknown names and ignores them.
static Error checkNames(const MCSubtargetInfo &known, const TargetSpec &spec) {
  if (!known.isCPUStringValid(spec.cpu)) {
    bool isX86 = Triple(spec.triple).getArch() == Triple::x86_64;
    StringRef other = isX86 ? "aarch64-linux-gnu" : "x86_64-linux-gnu";
    bool isOthers = makeSubtarget(Triple(other))->isCPUStringValid(spec.cpu) ||
                    (isX86 && AArch64::parseArch(spec.cpu));
    return createStringError(
        "unknown CPU '%s' for target '%s'%s", spec.cpu.c_str(),
        spec.triple.c_str(),
        isOthers ? ("; it is one of --target " + other).str().c_str() : "");
  }
  SmallVector<StringRef> features;
  StringRef(spec.features).split(features, ',', -1, /*KeepEmpty=*/false);
  for (StringRef feature : features) {
    StringRef name = feature;
    if (!name.consume_front("+") && !name.consume_front("-"))
      return createStringError("feature '%s' must begin with + or -",
                               feature.str().c_str());
    if (none_of(known.getAllProcessorFeatures(),
                [&](const SubtargetFeatureKV &kv) { return name == kv.Key; }))
      return createStringError("unknown feature '%s' for target '%s'",
                               feature.str().c_str(), spec.triple.c_str());
  }
  return Error::success();
}

Expected<TargetSpec> TargetSpec::create(StringRef tripleText, StringRef cpu,
                                        StringRef features) {
  Triple host(sys::getProcessTriple());
  Triple triple(tripleText.empty() ? host.str()
                                   : Triple::normalize(tripleText));
  bool isX86 = triple.getArch() == Triple::x86_64;
  bool isElf = triple.isOSBinFormatELF() && !triple.isX32();
  if ((!isX86 && triple.getArch() != Triple::aarch64) || !isElf ||
      !lookup(triple))
    return createStringError(
        "target '%s' is not supported: quantc compiles for x86-64 and AArch64 "
        "with ELF objects, such as x86_64-linux-gnu and aarch64-linux-gnu",
        tripleText.str().c_str());

  TargetSpec spec{triple.str(), cpu.str(), features.str()};
  bool native = cpu == "native" || (cpu.empty() && tripleText.empty());
  if (native) {
    if (triple.getArch() != host.getArch())
      return createStringError("the CPU of this machine (--mcpu=native) can't "
                               "be used for target '%s'",
                               spec.triple.c_str());
    spec.cpu = sys::getHostCPUName().str();
    std::string ofHost = getHostFeatures();
    spec.features = features.empty() ? ofHost : ofHost + "," + features.str();
  } else if (auto *arch = isX86 ? nullptr : AArch64::parseArch(cpu)) {
    spec.cpu = "generic";
    spec.features = arch->ArchFeature.str();
    if (!features.empty())
      spec.features += "," + features.str();
  } else if (cpu.empty()) {
    spec.cpu = isX86 ? "x86-64-v3" : "generic"; // kernels need AVX2
  }

  if (Error error = checkNames(*makeSubtarget(triple), spec))
    return error;
  // Without these LLVM aborts: the ABI passes floats in vector registers.
  StringRef required = isX86 ? "+64bit,+sse2" : "+neon";
  if (!makeSubtarget(triple, spec.cpu, spec.features)->checkFeatures(required))
    return createStringError("CPU '%s' with features '%s' lacks what '%s' "
                             "code needs (%s)",
                             spec.cpu.c_str(), features.str().c_str(),
                             triple.getArchName().str().c_str(),
                             required.str().c_str());
  return spec;
}

SmallVector<const CpuFeature *> TargetSpec::getNeededFeatures() const {
  Triple parsed(triple);
  auto subtarget = makeSubtarget(parsed, cpu, features);
  SmallVector<const CpuFeature *> needed;
  for (const CpuFeature &feature : getCpuFeatures(parsed.getArch()))
    if (subtarget->checkFeatures(("+" + feature.name).str()))
      needed.push_back(&feature);
  return needed;
}

bool TargetSpec::runsOnHost() const {
  if (Triple(triple).getArch() != Triple(sys::getProcessTriple()).getArch())
    return false;
  StringMap<bool> ofHost = sys::getHostCPUFeatures();
  return none_of(getNeededFeatures(), [&](const CpuFeature *feature) {
    auto known = ofHost.find(feature->name);
    return known != ofHost.end() && !known->second;
  });
}

std::unique_ptr<TargetMachine> TargetSpec::createMachine() const {
  TargetOptions options;
  // Kernels ask for what is fused; a product and a sum never are.
  options.AllowFPOpFusion = FPOpFusion::Strict;
  Triple parsed(triple);
  return std::unique_ptr<TargetMachine>(lookup(parsed)->createTargetMachine(
      parsed, cpu, features, options, Reloc::PIC_, std::nullopt,
      CodeGenOptLevel::Default));
}

} // namespace quantc
