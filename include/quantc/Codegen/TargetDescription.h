// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the kernel room knows of a processor: data, not code.

#ifndef QUANTC_CODEGEN_TARGETDESCRIPTION_H
#define QUANTC_CODEGEN_TARGETDESCRIPTION_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace quantc {

/// How the channels of an integer GEMM are grouped for the dot instruction, and
/// with that how its weights are packed. K counts elements of a run, NR
/// columns.
enum class DotForm {
  /// i8 in groups of four per i32 lane: [K/4][NR][4].
  Bytes,
  /// i16 pairs per lane: [K/2][NR][2]. Activations are i16 in memory; weights
  /// are i8 and extended by the load.
  Pairs,
  /// i16, one element per lane: [K][NR].
  Single,
  /// Blocks of two columns × eight bytes: [K/8][NR/2][2][8].
  Matrix
};

/// A block of the result that stays in registers: `rows` output pixels ×
/// `vectors` registers of columns.
struct RegisterTile {
  int64_t rows;
  int64_t vectors;
};

/// One kind of processor.
struct TargetDescription {
  llvm::StringRef name;
  /// The features that must be there, e.g. "+avx2,+fma".
  llvm::StringRef features;
  /// i32 or f32 lanes of a register.
  int64_t lanes;
  DotForm dotForm;
  /// Added to every activation by the dot instruction; taken back in the bias.
  int32_t lhsOffset;
  /// Best first; the first that fits the shape well is taken.
  llvm::ArrayRef<RegisterTile> integerTiles;
  llvm::ArrayRef<RegisterTile> floatTiles;
  int64_t registers;
  /// Of the second-level cache of a core: the least that common processors of
  /// this kind have.
  int64_t l2Bytes;
  /// Whether instructions take operands from memory, as x86's do.
  bool memoryOperands;
  /// Vector instructions, and instructions, that wide cores of this kind start
  /// in a cycle; 0 where the cost model doesn't ask.
  int64_t vectorsPerCycle = 0, issuesPerCycle = 0;
  /// Whether the dot instruction saturates sums of two products, so that it
  /// serves only where these are proved to fit 16 bits (docs/Semantics.md,
  /// S19).
  bool saturates = false;
  /// Where words are multiplied: the same processor, as it multiplies bytes
  /// where that is exact.
  const TargetDescription *byteForm = nullptr;

  /// Elements of K in one step of the inner loop.
  int64_t kGroup() const;

  /// Groups of a row's activations that one load takes: a register of them
  /// where the dot instruction takes a group from any place of one (sdot), or
  /// where pairs of rows are made of whole ones (smmla), else 1.
  int64_t groupsPerLoad() const;
  /// Of a quantized activation in memory.
  int64_t activationBits() const { return dotForm == DotForm::Pairs ? 16 : 8; }
  /// Whether a tile fits the registers: accumulators, one row of weights and an
  /// activation.
  bool fits(const RegisterTile &tile, bool isFloat) const;
  /// Whether every tile of the table does.
  bool validate() const;
  /// How many neighbours of a depthwise convolution fit the registers: their
  /// sums, and as many columns, with the weights of a tap and what interleaving
  /// takes; one column, where dot products of four taps read weights from
  /// memory.
  int64_t depthwiseOutputs(bool isFloat) const;
};

/// The descriptions, best first within an architecture.
llvm::ArrayRef<TargetDescription> getTargetDescriptions();

/// The best description for a triple, CPU and feature string as llc takes them
/// (empty: the host's triple; for the host's triple, the host's CPU). An error
/// names what is unknown or missing.
llvm::Expected<const TargetDescription *>
selectTarget(llvm::StringRef triple, llvm::StringRef cpu,
             llvm::StringRef features);

/// The features by which instructions are chosen, of what selectTarget()
/// describes: its own, and those that help a single operation and that the CPU
/// has, too.
llvm::Expected<std::string> getInstructionFeatures(llvm::StringRef triple,
                                                   llvm::StringRef cpu,
                                                   llvm::StringRef features);

} // namespace quantc

#endif // QUANTC_CODEGEN_TARGETDESCRIPTION_H
