// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The machine that code is generated for.

#ifndef QUANTC_TARGET_TARGETSPEC_H
#define QUANTC_TARGET_TARGETSPEC_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <string>

namespace llvm {
class TargetMachine;
} // namespace llvm

namespace quantc {

/// A target that LLVM has been asked about: creating a machine from it neither
/// warns nor aborts.
struct TargetSpec {
  /// Normalized, e.g. "x86_64-unknown-linux-gnu".
  std::string triple;
  /// Never empty, never "native".
  std::string cpu;
  /// As for llc: "+avx2,-fma"; beyond what the CPU implies.
  std::string features;

  /// Completes and checks what the user gave, each of which may be empty.
  /// Without a triple: this machine's. Without a CPU, or with "native": this
  /// machine's, with its features, if the triple wasn't given either (or names
  /// this machine's architecture and "native" was asked for), else the baseline
  /// of the architecture (x86-64-v3, generic). Errors for a triple that isn't
  /// ELF on x86-64 or AArch64 (little-endian), and for a CPU or feature that
  /// LLVM doesn't know.
  static llvm::Expected<TargetSpec> create(llvm::StringRef triple = "",
                                           llvm::StringRef cpu = "",
                                           llvm::StringRef features = "");

  /// Whether this process can run the code: same architecture, and no feature
  /// that this machine lacks.
  bool runsOnHost() const;

  /// Position-independent, without floating-point contraction.
  std::unique_ptr<llvm::TargetMachine> createMachine() const;
};

} // namespace quantc

#endif // QUANTC_TARGET_TARGETSPEC_H
