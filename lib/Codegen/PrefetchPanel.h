// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef QUANTC_LIB_CODEGEN_PREFETCHPANEL_H
#define QUANTC_LIB_CODEGEN_PREFETCHPANEL_H

#include "GemmShape.h"
#include "KernelBuilder.h"

namespace quantc {

/// A tile of a panel: its registers, its first output pixel, its rows.
struct TilePlace {
  mlir::Value panel, image, y, x;
  int64_t vectors, rowsH, rowsW;

  int64_t rows() const { return rowsH * rowsW; }
};

/// Of weights that are fetched while others are at work: more would drive
/// those out.
constexpr int64_t kMostFetchedBytes = 32 * 1024;

/// Whether the packed weights, of `elementBytes`, don't stay in the
/// second-level cache from one run to the next, and there are enough tiles to
/// share out what a panel has.
bool comesFromMemory(const TargetDescription &target, const GemmShape &shape,
                     const GemmTile &tile, int64_t elementBytes);

/// Fetches a share of the packed weights of the panel behind the tile's, where
/// these come from memory: the first tile that needs them would wait.
void prefetchPanel(KernelBuilder &kernel, const GemmShape &shape,
                   const GemmTile &tile, mlir::Value weights,
                   const TilePlace &place);

/// Fetches what belongs to `step` of a tile and those before the next that it
/// is called for.
using PanelFetch = std::function<void(mlir::Value step, int64_t together)>;

/// The share of the tile at `place` of the `steps` packed weights from step
/// `first` of its panel on, one behind the other with those of the next panel.
/// It comes by lines while the tile takes as many steps: all at once would take
/// the places of loads that wait.
PanelFetch fetchInShares(KernelBuilder &kernel, const GemmShape &shape,
                         const GemmTile &tile, mlir::Value weights,
                         mlir::Value first, int64_t steps,
                         const TilePlace &place);

/// The same of a panel of floats that is taken at once; null where weights
/// don't come from memory.
PanelFetch fetchNextPanel(KernelBuilder &kernel, const GemmShape &shape,
                          const GemmTile &tile, mlir::Value weights,
                          const TilePlace &place);

/// Fetches what the epilogue of a tile will read beside its sums, and where it
/// will write, from column `firstColumn` on: rows lie apart, so that nothing
/// but the loop over K hides the way there.
void prefetchResults(KernelBuilder &kernel, const GemmShape &shape,
                     const TilePlace &place, mlir::Value firstColumn);

} // namespace quantc

#endif // QUANTC_LIB_CODEGEN_PREFETCHPANEL_H
