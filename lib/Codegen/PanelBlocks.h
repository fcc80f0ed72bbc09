// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Panels of floats by blocks of K. The sums of all tiles wait in memory while
// the next block of weights comes, so each is still one chain of FMAs in the
// order of K (docs/rationale/Kernels.md).

#ifndef QUANTC_LIB_CODEGEN_PANELBLOCKS_H
#define QUANTC_LIB_CODEGEN_PANELBLOCKS_H

#include "PrefetchPanel.h"

namespace quantc {

/// Writes a panel by blocks; empty where all of it is taken at once.
class PanelBlocks {
public:
  using Sums = llvm::SmallVector<mlir::Value>; // [row][vector]

  /// What blocks are made of.
  struct Emitter {
    /// What the sums of a tile begin with.
    llvm::function_ref<Sums(const TilePlace &)> start;
    /// `steps` steps from `first` on of the run at tap (ky, kx).
    llvm::function_ref<Sums(const TilePlace &, mlir::Value ky, mlir::Value kx,
                            mlir::Value first, int64_t steps,
                            const PanelFetch &fetch, mlir::ValueRange sums)>
        run;
    /// Makes results of sums.
    llvm::function_ref<void(const TilePlace &, const Sums &)> finish;
  };

  PanelBlocks() = default;
  /// Blocks are equal parts of a run that the first-level cache holds, where
  /// weights come from memory and a panel is larger than that cache.
  PanelBlocks(KernelBuilder &kernel, const GemmShape &shape,
              const GemmTile &tile);

  explicit operator bool() const { return steps > 0; }
  /// Units of work are no less than panels: a thread does all blocks of one.
  void emit(KernelBuilder &kernel, mlir::Value weights, mlir::Value panel,
            int64_t vectors, const Emitter &emitter) const;

private:
  GemmShape shape;
  GemmTile tile;
  int64_t steps = 0;
  /// [N, H, W, vectors, lanes], on the stack.
  mlir::Value sums;
};

} // namespace quantc

#endif // QUANTC_LIB_CODEGEN_PANELBLOCKS_H
