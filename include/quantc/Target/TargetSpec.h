// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The machine that code is generated for.

#ifndef QUANTC_TARGET_TARGETSPEC_H
#define QUANTC_TARGET_TARGETSPEC_H

#include "quantc/Target/CpuFeatures.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <string>
#include <vector>

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
  /// of the architecture (x86-64-v3, generic). The CPU may be an architecture
  /// of AArch64 ("armv8.2-a"). Errors for a triple that isn't ELF on x86-64 or
  /// AArch64 (little-endian), and for a CPU or feature that LLVM doesn't know.
  static llvm::Expected<TargetSpec> create(llvm::StringRef triple = "",
                                           llvm::StringRef cpu = "",
                                           llvm::StringRef features = "");

  /// Whether this process can run the code: same architecture, and none of
  /// `getNeededFeatures` that this machine lacks.
  bool runsOnHost() const;

  /// The features that code for this target may contain.
  llvm::SmallVector<const CpuFeature *> getNeededFeatures() const;

  /// Position-independent, without floating-point contraction.
  std::unique_ptr<llvm::TargetMachine> createMachine() const;
};

/// A processor that a fat object has code for.
struct Variant {
  /// As the user named it, with the features added: "armv8-a+dotprod".
  std::string name;
  TargetSpec target;

  bool operator==(const Variant &other) const { return name == other.name; }
};

/// The processors of `cpus`, names with commas between: "x86-64-v3,znver4".
/// What begins with + or - is the one before it with a feature more or less:
/// "armv8-a,+dotprod,+i8mm" are three. `features` hold for all. The triple is
/// completed as by `TargetSpec::create`. The result is what an object tries, in
/// this order: the best kernels first, then what needs most features. Errors
/// beyond those of `create`: a processor that quantc has no kernels for, two
/// that need the same features, and, for more than one, a feature that can't be
/// asked for at run time.
llvm::Expected<std::vector<Variant>> parseVariants(llvm::StringRef triple,
                                                   llvm::StringRef cpus,
                                                   llvm::StringRef features);

} // namespace quantc

#endif // QUANTC_TARGET_TARGETSPEC_H
