// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "PanelBlocks.h"
#include "StackMemory.h"

using namespace mlir;
using namespace quantc;

/// Of a block: what the first-level cache holds beside the pixels of a tile,
/// and what makes up for moving the sums.
static constexpr int64_t kMostBlockBytes = 24 * 1024,
                         kLeastBlockBytes = 8 * 1024;
/// Of the sums that wait, which are on the stack.
static constexpr int64_t kMostSumBytes = 48 * 1024;

PanelBlocks::PanelBlocks(KernelBuilder &kernel, const GemmShape &shape,
                         const GemmTile &tile)
    : shape(shape), tile(tile) {
  int64_t elements = tile.vectors * shape.lanes, stepBytes = 4 * elements;
  int64_t pixels = shape.batch * shape.height * shape.width;
  if (!shape.isFloat || !comesFromMemory(kernel.target, shape, tile, 4) ||
      shape.steps() * stepBytes <= kMostFetchedBytes ||
      pixels * stepBytes > kMostSumBytes)
    return;
  int64_t most = std::min(kMostBlockBytes / stepBytes, shape.stepsPerRun());
  while (most > 1 && shape.stepsPerRun() % most)
    --most;
  if (most * stepBytes < kLeastBlockBytes)
    return;
  steps = most;
  sums = allocateOnStack(
      kernel, MemRefType::get({shape.batch, shape.height, shape.width,
                               tile.vectors, shape.lanes},
                              kernel.builder.getF32Type()));
}

void PanelBlocks::emit(KernelBuilder &kernel, Value weights, Value panel,
                       int64_t vectors, const Emitter &emitter) const {
  auto forEach = [&](int64_t total, int64_t size,
                     function_ref<void(Value, int64_t)> body) {
    int64_t whole = total - total % size;
    kernel.loopCarrying(0, whole, size, {}, [&](Value i, ValueRange) {
      body(i, size);
      return Sums();
    });
    if (whole < total)
      body(kernel.index(whole), total - whole);
  };
  auto forEachTile = [&](int64_t mostH, int64_t mostW,
                         function_ref<void(const TilePlace &)> body) {
    forEach(shape.batch, 1, [&](Value image, int64_t) {
      forEach(shape.height, mostH, [&](Value y, int64_t rowsH) {
        forEach(shape.width, mostW, [&](Value x, int64_t rowsW) {
          body({panel, image, y, x, vectors, rowsH, rowsW});
        });
      });
    });
  };
  auto at = [&](const TilePlace &place, int64_t i) -> Sums {
    int64_t row = i / vectors;
    return {place.image, kernel.add(place.y, row / place.rowsW),
            kernel.add(place.x, row % place.rowsW), kernel.index(i % vectors),
            kernel.index(0)};
  };
  auto load = [&](const TilePlace &place) {
    Sums loaded;
    for (int64_t i = 0; i < place.rows() * vectors; ++i)
      loaded.push_back(kernel.load(sums, at(place, i), shape.lanes));
    return loaded;
  };
  auto store = [&](const TilePlace &place, ValueRange values) {
    for (auto [i, value] : llvm::enumerate(values))
      kernel.store(value, sums, at(place, i));
  };

  forEachTile(1, 1, [&](const TilePlace &place) {
    store(place, emitter.start(place));
  });
  int64_t taps = shape.runs() / shape.kernelHeight, size = shape.stepsPerRun();
  forEach(shape.kernelHeight, 1, [&](Value ky, int64_t) {
    forEach(taps, 1, [&](Value kx, int64_t) {
      Value run = kernel.add(kernel.scale(ky, taps), kx);
      forEach(size, steps, [&](Value first, int64_t) {
        Value behind =
            kernel.add(kernel.add(kernel.scale(run, size), first), steps);
        forEachTile(tile.rowsH, tile.rowsW, [&](const TilePlace &place) {
          PanelFetch fetch =
              fetchInShares(kernel, shape, tile, weights, behind, steps, place);
          store(place,
                emitter.run(place, ky, kx, first, steps, fetch, load(place)));
        });
      });
    });
  });
  forEachTile(1, 1, [&](const TilePlace &place) {
    emitter.finish(place, load(place));
  });
}
