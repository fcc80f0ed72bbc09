// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The tuning file (docs/Tuning.md): which register tile a kernel takes, where
// somebody has measured, instead of the one that the cost model chooses.

#ifndef QUANTC_CODEGEN_TUNING_H
#define QUANTC_CODEGEN_TUNING_H

#include "quantc/Codegen/TargetDescription.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/JSON.h"
#include <array>
#include <map>
#include <optional>
#include <tuple>

namespace mlir {
class Operation;
} // namespace mlir

namespace quantc {

/// The emitters that have a choice of tiles.
enum class KernelForm {
  /// A convolution with constant weights.
  Gemm,
  /// A batch of products of computed matrices.
  Matmul,
  Depthwise
};

/// What a tile is chosen by: kernels that agree in this have the same.
struct KernelClass {
  KernelForm form = KernelForm::Gemm;
  /// Element types in memory: "i8", "i16" or "f32" of the input.
  std::string input, result;
  /// [N, H, W, C]; of a matmul [batch, 1, rows, columns]. A 1×1 convolution
  /// whose pixels lie one after another has H = 1 and all of them in W.
  std::array<int64_t, 4> output{1, 1, 1, 1};
  /// Down and across.
  std::array<int64_t, 2> window{1, 1}, stride{1, 1}, dilation{1, 1};
  /// Of the input that each output sums over; 1 in a depthwise convolution.
  int64_t channels = 1;

  auto key() const {
    return std::tie(form, input, result, output, window, stride, dilation,
                    channels);
  }
  bool operator<(const KernelClass &other) const { return key() < other.key(); }
  bool operator==(const KernelClass &other) const {
    return key() == other.key();
  }
  /// "gemm i16 1×1×3136×64, window 1×1 of 256, to i16".
  std::string describe() const;
};

/// A block of outputs whose sums are in registers at once: `rowsH` × `rowsW`
/// pixels, `registers` of columns; of a depthwise convolution `rowsW` pixels,
/// `registers` being 1.
struct KernelTile {
  int64_t rowsH = 1, rowsW = 1, registers = 1;

  bool operator==(const KernelTile &other) const {
    return rowsH == other.rowsH && rowsW == other.rowsW &&
           registers == other.registers;
  }
  /// "1×6 pixels, 2 registers".
  std::string describe() const;
};

/// Nothing if `target` can run the tile: it isn't larger than the output, and
/// fits the registers and, of a matmul, the stack; else why not.
std::optional<std::string> findFault(const KernelClass &kernel,
                                     const KernelTile &tile,
                                     const TargetDescription &target);

/// At most `most` valid tiles worth timing, the cost model's cheapest first.
llvm::SmallVector<KernelTile> getCandidates(const KernelClass &kernel,
                                            const TargetDescription &target,
                                            size_t most);

/// What LowerKernels leaves on a kernel that had a choice, `quantc.shape` and
/// `quantc.tile`; later phases keep it.
void setTileAttributes(mlir::Operation *function, const KernelClass &kernel,
                       const KernelTile &tile);
std::optional<std::pair<KernelClass, KernelTile>>
getTileAttributes(mlir::Operation *function);

/// Choices for several targets and any number of kernels.
class Tuning {
public:
  static constexpr int64_t version = 1;

  /// Null where nothing is said.
  const KernelTile *find(const TargetDescription &target,
                         const KernelClass &kernel) const;
  /// Replaces what was said. The tile must be valid.
  void set(const TargetDescription &target, const KernelClass &kernel,
           const KernelTile &tile);
  size_t size() const { return entries.size(); }

  /// The file's text, a line for each entry, in an order that depends on
  /// nothing but the contents.
  std::string print() const;
  /// Errors begin with `fileName` and name the entry.
  static llvm::Expected<Tuning> parse(llvm::StringRef text,
                                      llvm::StringRef fileName);
  static llvm::Expected<Tuning> load(llvm::StringRef path);

private:
  /// By the target's name.
  std::map<std::pair<std::string, KernelClass>, KernelTile> entries;
};

} // namespace quantc

#endif // QUANTC_CODEGEN_TUNING_H
