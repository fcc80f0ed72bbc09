// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Target/CpuFeatures.h"

using namespace llvm;

namespace quantc {

//===----------------------------------------------------------------------===//
// x86-64: Intel SDM volume 2, CPUID, and AMD APM volume 3, appendix E
//===----------------------------------------------------------------------===//

enum : uint32_t { Eax, Ebx, Ecx, Edx };
static constexpr CpuWord kLeaf1{1, 0, Ecx};
static constexpr CpuWord kLeaf7b{7, 0, Ebx}, kLeaf7c{7, 0, Ecx},
    kLeaf7d{7, 0, Edx};
static constexpr CpuWord kLeaf71a{7, 1, Eax}, kLeaf71d{7, 1, Edx};
static constexpr CpuWord kExtended{0x80000001, 0, Ecx};
/// Files of registers in XCR0: SSE and AVX; the three of AVX-512; APX.
static constexpr uint32_t kYmm = 0x6, kZmm = 0xe6, kApx = 0x80000;

/// A bit of a word.
static constexpr CpuFeature has(StringLiteral name, CpuWord word, uint8_t bit,
                                uint32_t xcr0 = 0) {
  return {name, word, bit, 1, 1, xcr0};
}

static constexpr CpuFeature kX86Features[] = {
    has("sse3", kLeaf1, 0),
    has("ssse3", kLeaf1, 9),
    has("fma", kLeaf1, 12, kYmm),
    has("cx16", kLeaf1, 13),
    has("sse4.1", kLeaf1, 19),
    has("sse4.2", kLeaf1, 20),
    has("movbe", kLeaf1, 22),
    has("popcnt", kLeaf1, 23),
    has("avx", kLeaf1, 28, kYmm),
    has("f16c", kLeaf1, 29, kYmm),
    has("sahf", kExtended, 0),
    has("lzcnt", kExtended, 5),
    has("sse4a", kExtended, 6),
    has("xop", kExtended, 11, kYmm),
    has("fma4", kExtended, 16, kYmm),
    has("tbm", kExtended, 21),
    has("bmi", kLeaf7b, 3),
    has("avx2", kLeaf7b, 5, kYmm),
    has("bmi2", kLeaf7b, 8),
    has("adx", kLeaf7b, 19),
    has("avx512f", kLeaf7b, 16, kZmm),
    has("avx512dq", kLeaf7b, 17, kZmm),
    has("avx512ifma", kLeaf7b, 21, kZmm),
    has("avx512cd", kLeaf7b, 28, kZmm),
    has("avx512bw", kLeaf7b, 30, kZmm),
    has("avx512vl", kLeaf7b, 31, kZmm),
    has("avx512vbmi", kLeaf7c, 1, kZmm),
    has("avx512vbmi2", kLeaf7c, 6, kZmm),
    has("gfni", kLeaf7c, 8),
    has("avx512vnni", kLeaf7c, 11, kZmm),
    has("avx512bitalg", kLeaf7c, 12, kZmm),
    has("avx512vpopcntdq", kLeaf7c, 14, kZmm),
    has("avx512vp2intersect", kLeaf7d, 8, kZmm),
    has("avx512fp16", kLeaf7d, 23, kZmm),
    has("avxvnni", kLeaf71a, 4, kYmm),
    has("avx512bf16", kLeaf71a, 5, kZmm),
    has("avxifma", kLeaf71a, 23, kYmm),
    has("avxvnniint8", kLeaf71d, 4, kYmm),
    has("avxneconvert", kLeaf71d, 5, kYmm),
    has("avxvnniint16", kLeaf71d, 10, kYmm),
    has("avx10.1", kLeaf71d, 19, kZmm),
    {"avx10.2", {0x24, 0, Ebx}, 0, 8, 2, kZmm},
    has("egpr", kLeaf71d, 21, kApx),
    has("push2pop2", kLeaf71d, 21, kApx),
    has("ppx", kLeaf71d, 21, kApx),
    has("ndd", kLeaf71d, 21, kApx),
    has("ccmp", kLeaf71d, 21, kApx),
    has("nf", kLeaf71d, 21, kApx),
    has("cf", kLeaf71d, 21, kApx),
    has("zu", kLeaf71d, 21, kApx),
};

//===----------------------------------------------------------------------===//
// AArch64: Arm ARM, D24.2, the fields that Linux shows to user code
// (Documentation/arch/arm64/cpu-feature-registers.rst)
//===----------------------------------------------------------------------===//

static constexpr CpuWord kPfr0{0, 0, 0, "S3_0_C0_C4_0"}; // ID_AA64PFR0_EL1
static constexpr CpuWord kZfr0{0, 0, 0, "S3_0_C0_C4_4"};
static constexpr CpuWord kIsar0{0, 0, 0, "S3_0_C0_C6_0"};
static constexpr CpuWord kIsar1{0, 0, 0, "S3_0_C0_C6_1"};
static constexpr CpuWord kIsar2{0, 0, 0, "S3_0_C0_C6_2"};

/// A field of four bits of a register.
static constexpr CpuFeature field(StringLiteral name, CpuWord word,
                                  uint8_t shift, uint8_t minimum = 1) {
  return {name, word, shift, 4, minimum, 0};
}

static constexpr CpuFeature unknown(StringLiteral name) {
  return {name, {}, 0, 0, 0, 0};
}

static constexpr CpuFeature kAArch64Features[] = {
    // The fields of half precision and SIMD are 15 where there is no floating
    // point at all, which quantc's code always needs.
    field("fullfp16", kPfr0, 16),
    field("sve", kPfr0, 32),
    field("sve2", kZfr0, 0),
    field("sve2p1", kZfr0, 0, 2),
    field("sve2-bitperm", kZfr0, 16),
    field("sve-bitperm", kZfr0, 16),
    field("sve-b16b16", kZfr0, 24),
    field("f32mm", kZfr0, 52),
    field("f64mm", kZfr0, 56),
    field("crc", kIsar0, 16),
    field("rdm", kIsar0, 28),
    field("sha3", kIsar0, 32),
    field("dotprod", kIsar0, 44),
    field("fp16fml", kIsar0, 48),
    field("flagm", kIsar0, 52),
    field("altnzcv", kIsar0, 52, 2),
    field("jsconv", kIsar1, 12),
    field("complxnum", kIsar1, 16),
    field("fptoint", kIsar1, 32),
    field("bf16", kIsar1, 44),
    field("i8mm", kIsar1, 52),
    field("mops", kIsar2, 16),
    field("hbc", kIsar2, 20),
    field("cssc", kIsar2, 52),
    // Newer than what systems in the field know to show.
    unknown("faminmax"),
    unknown("fprcvt"),
    unknown("cmpbr"),
    unknown("cpa"),
    unknown("f16f32dot"),
    unknown("f16f32mm"),
    unknown("f16mm"),
    unknown("sve2p2"),
    unknown("sve2p3"),
    unknown("sve-b16mm"),
};

ArrayRef<CpuFeature> getCpuFeatures(Triple::ArchType arch) {
  return arch == Triple::x86_64 ? ArrayRef<CpuFeature>(kX86Features)
                                : ArrayRef<CpuFeature>(kAArch64Features);
}

} // namespace quantc
