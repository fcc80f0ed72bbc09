// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Target/CpuFeatures.h"
#include "quantc/Target/TargetSpec.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/TargetParser/AArch64TargetParser.h"
#include "llvm/TargetParser/Host.h"
#include <gtest/gtest.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

using namespace llvm;
using namespace quantc;

static StringSet<> namesOf(Triple::ArchType arch) {
  StringSet<> names;
  for (const CpuFeature &feature : getCpuFeatures(arch))
    names.insert(feature.name);
  return names;
}

TEST(CpuFeatures, LLVMKnowsTheNames) {
  for (const CpuFeature &feature : getCpuFeatures(Triple::x86_64)) {
    auto spec = TargetSpec::create("x86_64-linux-gnu", "x86-64",
                                   "+" + feature.name.str());
    EXPECT_TRUE(bool(spec)) << toString(spec.takeError());
  }
  for (const CpuFeature &feature : getCpuFeatures(Triple::aarch64)) {
    auto spec = TargetSpec::create("aarch64-linux-gnu", "generic",
                                   "+" + feature.name.str());
    EXPECT_TRUE(bool(spec)) << toString(spec.takeError());
  }
}

/// What no code that comes from a model contains: baseline, cryptography,
/// atomics and system instructions, tiles, which nothing here asks for.
TEST(CpuFeatures, EveryOtherX86FeatureIsKnownNotToMatter) {
  StringSet<> ignored = {
      "64bit",     "cmov",       "cx8",       "fxsr",      "mmx",
      "sse",       "sse2",       "crc32",     "aes",       "pclmul",
      "vaes",      "vpclmulqdq", "sha",       "sha512",    "sm3",
      "sm4",       "kl",         "widekl",    "rdrnd",     "rdseed",
      "xsave",     "xsavec",     "xsaveopt",  "xsaves",    "clflushopt",
      "clwb",      "cldemote",   "clzero",    "cmpccxadd", "raoint",
      "enqcmd",    "fsgsbase",   "hreset",    "invpcid",   "lwp",
      "movdir64b", "movdiri",    "movrs",     "mwaitx",    "pconfig",
      "pku",       "prefetchi",  "prfchw",    "ptwrite",   "rdpid",
      "rdpru",     "rtm",        "serialize", "sgx",       "shstk",
      "tsxldtrk",  "uintr",      "usermsr",   "waitpkg",   "wbnoinvd",
      "amx-tile",  "amx-int8",   "amx-bf16",  "amx-fp16",  "amx-complex",
      "amx-fp8",   "amx-tf32",   "amx-movrs", "amx-avx512"};
  StringSet<> known = namesOf(Triple::x86_64);
  if (Triple(sys::getProcessTriple()).getArch() != Triple::x86_64)
    GTEST_SKIP() << "LLVM lists the features of x86-64 there alone";
  for (const auto &feature : sys::getHostCPUFeatures())
    EXPECT_NE(known.contains(feature.first()),
              ignored.contains(feature.first()))
        << feature.first().str();
}

TEST(CpuFeatures, EveryOtherAArch64FeatureIsKnownNotToMatter) {
  StringSet<> ignored = {
      // Part of what quantc's code needs anyway.
      "fp-armv8", "neon",
      // Cryptography and random numbers.
      "aes", "sha2", "sm4", "crypto", "rand", "sve-aes", "sve-aes2", "sve2-aes",
      "sve-sha3", "sve2-sha3", "sve-sm4", "sve2-sm4",
      // Atomics, and orders of memory.
      "lse", "lse2", "lse128", "lsfe", "lsui", "ls64", "lscp", "rcpc",
      "rcpc-immo", "rcpc3", "the", "d128", "lor",
      // Asked for by intrinsics alone, or by attributes of functions.
      "lut", "fp8", "fp8dot2", "fp8dot4", "fp8fma", "f8f16mm", "f8f32mm",
      "sve-bfscale", "sve-f16f32mm", "sme", "sme2", "sme2p1", "sme2p2",
      "sme2p3", "sme-b16b16", "sme-f16f16", "sme-f64f64", "sme-f8f16",
      "sme-f8f32", "sme-fa64", "sme-i16i64", "sme-lutv2", "sme-mop4",
      "sme-tmop", "ssve-aes", "ssve-bitperm", "ssve-fexpa", "ssve-fp8dot2",
      "ssve-fp8dot4", "ssve-fp8fma", "bti", "pauth", "pauth-lr", "gcs", "mte",
      "cmh", "pcdphint", "poe2", "btie", "mops-go", "mtetc",
      // System instructions and registers.
      "am", "amvs", "brbe", "ccdp", "ccidx", "ccpp", "chk", "clrbhb", "dit",
      "ecv", "ete", "fgt", "fpac", "gcie", "hcx", "ite", "mec", "mpam",
      "mpamv2", "nmi", "nv", "occmo", "pan", "pan-rwv", "perfmon", "pops",
      "predres", "prfm-slc-target", "ras", "rasv2", "rme", "sb", "sel2", "spe",
      "spe-eef", "specres2", "specrestrict", "ssbs", "tev", "tlb-rmi", "tlbid",
      "tlbiw", "tracev8.4", "trbe", "uaops", "vh", "wfxt", "xs"};
  StringSet<> known = namesOf(Triple::aarch64);
  for (const AArch64::ExtensionInfo &extension : AArch64::Extensions) {
    StringRef name = extension.PosTargetFeature.drop_front();
    EXPECT_NE(known.contains(name), ignored.contains(name)) << name.str();
  }
}

#if defined(__x86_64__)
static uint32_t readWord(const CpuWord &word) {
  uint32_t results[4] = {};
  return __get_cpuid_count(word.leaf, word.subleaf, &results[0], &results[1],
                           &results[2], &results[3])
             ? results[word.result]
             : 0;
}

static uint32_t readXcr0() {
  if (!(readWord({1, 0, 2}) >> 27 & 1))
    return 0;
  uint32_t low, high;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

/// LLVM has the same bits, in code.
TEST(CpuFeatures, SayOfThisMachineWhatLLVMSays) {
  StringMap<bool> ofHost = sys::getHostCPUFeatures();
  unsigned compared = 0;
  for (const CpuFeature &feature : getCpuFeatures(Triple::x86_64)) {
    auto known = ofHost.find(feature.name);
    if (known == ofHost.end())
      continue;
    uint32_t field =
        readWord(feature.word) >> feature.shift & ((1u << feature.width) - 1);
    bool has =
        field >= feature.minimum && (readXcr0() & feature.xcr0) == feature.xcr0;
    EXPECT_EQ(has, known->second) << feature.name.str();
    ++compared;
  }
  EXPECT_GT(compared, 40u);
}
#endif

//===----------------------------------------------------------------------===//
// Variants
//===----------------------------------------------------------------------===//

static std::vector<std::string> variantsOf(StringRef triple, StringRef cpus,
                                           StringRef features = "") {
  auto variants = parseVariants(triple, cpus, features);
  if (!variants)
    return {"error: " + toString(variants.takeError())};
  std::vector<std::string> names;
  for (const Variant &variant : *variants)
    names.push_back(variant.name);
  return names;
}

using Names = std::vector<std::string>;

TEST(Variants, AreTriedBestFirst) {
  Names x86 = {"znver4", "x86-64-v4", "x86-64-v3"};
  EXPECT_EQ(variantsOf("x86_64-linux-gnu", "x86-64-v3,x86-64-v4,znver4"), x86);
  EXPECT_EQ(variantsOf("x86_64-linux-gnu", "znver4,x86-64-v3, x86-64-v4"), x86);
  // Fewer features than alderlake's, but the better kernels.
  EXPECT_EQ(variantsOf("x86_64-linux-gnu", "alderlake,x86-64-v4"),
            (Names{"x86-64-v4", "alderlake"}));
  EXPECT_EQ(variantsOf("x86_64-linux-gnu", "haswell"), Names{"haswell"});
}

TEST(Variants, FeaturesAreAddedOneByOne) {
  auto variants =
      parseVariants("aarch64-linux-gnu", "armv8-a,+dotprod,+i8mm", "");
  ASSERT_TRUE(bool(variants)) << toString(variants.takeError());
  ASSERT_EQ(variants->size(), 3u);
  EXPECT_EQ((*variants)[0].name, "armv8-a+dotprod+i8mm");
  EXPECT_EQ((*variants)[0].target.features, "+v8a,+dotprod,+i8mm");
  EXPECT_EQ((*variants)[1].name, "armv8-a+dotprod");
  EXPECT_EQ((*variants)[2].name, "armv8-a");
  EXPECT_EQ((*variants)[2].target.cpu, "generic");
  EXPECT_EQ(variantsOf("aarch64-linux-gnu", "armv8-a,+dotprod", "+bf16"),
            (Names{"armv8-a+dotprod", "armv8-a"}));
}

TEST(Variants, Errors) {
  auto error = [](StringRef triple, StringRef cpus) {
    return variantsOf(triple, cpus).front();
  };
  auto has = [](const std::string &text, StringRef part) {
    return StringRef(text).contains(part) ? testing::AssertionSuccess()
                                          : testing::AssertionFailure()
                                                << text << " lacks '"
                                                << part.str() << "'";
  };
  EXPECT_TRUE(has(error("x86_64-linux-gnu", "x86-64-v3,cortex-a76"),
                  "it is one of --target aarch64-linux-gnu"));
  EXPECT_TRUE(has(error("aarch64-linux-gnu", "armv8-a,haswell"),
                  "it is one of --target x86_64-linux-gnu"));
  EXPECT_TRUE(has(error("x86_64-linux-gnu", "x86-64-v3,z80"), "unknown CPU"));
  EXPECT_TRUE(
      has(error("x86_64-linux-gnu", "x86-64-v3,,znver4"), "empty name"));
  EXPECT_TRUE(has(error("x86_64-linux-gnu", "+avx2"), "begins with a feature"));
  EXPECT_TRUE(
      has(error("x86_64-linux-gnu", "haswell,haswell"), "need the same"));
  EXPECT_TRUE(has(error("x86_64-linux-gnu", "x86-64-v3,x86-64"), "lacks"));
  EXPECT_TRUE(has(error("aarch64-linux-gnu", "generic,+faminmax"),
                  "can't find out whether its processor has 'faminmax'"));
}
