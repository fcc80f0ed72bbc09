// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How a running program finds out what its processor has, as data: for each
// feature that the code generator makes use of by itself, the bits that tell.
// The processor is asked, not the C library: CPUID on x86-64, the ID registers
// on AArch64 (which Linux and FreeBSD let user code read, and filter).

#ifndef QUANTC_TARGET_CPUFEATURES_H
#define QUANTC_TARGET_CPUFEATURES_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/TargetParser/Triple.h"

namespace quantc {

/// A 32- or 64-bit value that a processor says about itself.
struct CpuWord {
  /// x86-64: CPUID with eax = leaf and ecx = subleaf; 0 to 3 for what it leaves
  /// in eax, ebx, ecx, edx. Zero where the processor has no such leaf.
  uint32_t leaf = 0, subleaf = 0, result = 0;
  /// AArch64: the ID register, by the name that every assembler knows.
  llvm::StringLiteral idRegister = "";

  bool operator==(const CpuWord &other) const {
    return leaf == other.leaf && subleaf == other.subleaf &&
           result == other.result && idRegister == other.idRegister;
  }
};

struct CpuFeature {
  /// As LLVM calls it, without the sign.
  llvm::StringLiteral name;
  CpuWord word;
  /// The processor has it if the `width` bits from `shift` on are at least
  /// `minimum`. A width of 0: there is no way to ask.
  uint8_t shift = 0, width = 1, minimum = 1;
  /// x86-64: bits of XCR0, the register files that the system must save.
  uint32_t xcr0 = 0;

  bool isAskable() const { return width != 0; }
};

/// The features of an architecture beyond what all of its processors have that
/// compiled code may contain. Others (cryptography, system instructions,
/// atomics) never come from a model.
llvm::ArrayRef<CpuFeature> getCpuFeatures(llvm::Triple::ArchType arch);

} // namespace quantc

#endif // QUANTC_TARGET_CPUFEATURES_H
