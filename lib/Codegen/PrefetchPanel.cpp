// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "PrefetchPanel.h"

using namespace mlir;
using namespace quantc;

/// Among fewer tiles a panel isn't shared out.
static constexpr int64_t kLeastTiles = 8;

static int64_t countTiles(const GemmShape &shape, const GemmTile &tile) {
  return shape.batch * llvm::divideCeil(shape.height, tile.rowsH) *
         llvm::divideCeil(shape.width, tile.rowsW);
}

static int64_t getStepElements(Value weights) {
  auto type = cast<MemRefType>(weights.getType());
  return type.getDimSize(2) * type.getDimSize(3);
}
static int64_t getElementBytes(Value weights) {
  return cast<MemRefType>(weights.getType()).getElementTypeBitWidth() / 8;
}

/// How many tiles of the panel come before the one at `place`.
static Value getNumber(KernelBuilder &kernel, const GemmShape &shape,
                       const GemmTile &tile, const TilePlace &place) {
  auto divide = [&](Value at, int64_t size) -> Value {
    return size == 1 ? at
                     : arith::DivUIOp::create(kernel.builder, kernel.loc, at,
                                              kernel.index(size))
                           .getResult();
  };
  int64_t tilesH = llvm::divideCeil(shape.height, tile.rowsH),
          tilesW = llvm::divideCeil(shape.width, tile.rowsW);
  Value above = kernel.add(kernel.scale(place.image, tilesH),
                           divide(place.y, tile.rowsH));
  return kernel.add(kernel.scale(above, tilesW), divide(place.x, tile.rowsW));
}

bool quantc::comesFromMemory(const TargetDescription &target,
                             const GemmShape &shape, const GemmTile &tile,
                             int64_t elementBytes) {
  int64_t panels = llvm::divideCeil(shape.vectors(), tile.vectors);
  int64_t bytes = panels * tile.vectors * shape.lanes * shape.group *
                  shape.steps() * elementBytes;
  return panels > 1 && bytes > target.l2Bytes &&
         countTiles(shape, tile) >= kLeastTiles;
}

void quantc::prefetchPanel(KernelBuilder &kernel, const GemmShape &shape,
                           const GemmTile &tile, Value weights,
                           const TilePlace &place) {
  OpBuilder &b = kernel.builder;
  Location loc = kernel.loc;
  auto type = cast<MemRefType>(weights.getType());
  int64_t panels = type.getDimSize(0), steps = type.getDimSize(1);
  int64_t elementBytes = getElementBytes(weights);
  int64_t stepBytes = getStepElements(weights) * elementBytes;
  // Steps of less than a line are fetched together.
  int64_t together = std::max<int64_t>(kCacheLine / stepBytes, 1);
  int64_t share =
      llvm::alignTo(llvm::divideCeil(steps, countTiles(shape, tile)), together);
  if (!comesFromMemory(kernel.target, shape, tile, elementBytes) ||
      steps * stepBytes > kMostFetchedBytes || share > steps / kLeastTiles)
    return;
  Value next = arith::MinUIOp::create(b, loc, kernel.add(place.panel, 1),
                                      kernel.index(panels - 1));
  Value from = kernel.scale(getNumber(kernel, shape, tile, place), share);
  kernel.loopCarrying(0, share, together, {}, [&](Value i, ValueRange) {
    Value step = arith::MinUIOp::create(b, loc, kernel.add(from, i),
                                        kernel.index(steps - 1));
    for (int64_t at = 0; at < stepBytes; at += kCacheLine)
      memref::PrefetchOp::create(
          b, loc, weights,
          ValueRange{next, step,
                     kernel.index(at / elementBytes / type.getDimSize(3)),
                     kernel.index(at / elementBytes % type.getDimSize(3))},
          /*isWrite=*/false, /*localityHint=*/2, /*isDataCache=*/true);
    return SmallVector<Value>();
  });
}

PanelFetch quantc::fetchInShares(KernelBuilder &kernel, const GemmShape &shape,
                                 const GemmTile &tile, Value weights,
                                 Value first, int64_t steps,
                                 const TilePlace &place) {
  // Rounded up, a tile fetches a little of what the next one does.
  int64_t perStep =
      llvm::divideCeil(getStepElements(weights), countTiles(shape, tile));
  Value from =
      kernel.scale(getNumber(kernel, shape, tile, place), perStep * steps);
  // Behind the last panel is nothing to fetch, and a prefetch doesn't fault.
  return [=, &kernel, panel = place.panel](Value step, int64_t together) {
    int64_t line = kCacheLine / getElementBytes(weights);
    for (int64_t at = 0; at < perStep * together; at += line)
      memref::PrefetchOp::create(
          kernel.builder, kernel.loc, weights,
          ValueRange{
              panel, first, kernel.index(0),
              kernel.add(kernel.add(from, kernel.scale(step, perStep)), at)},
          /*isWrite=*/false, /*localityHint=*/2, /*isDataCache=*/true);
  };
}

PanelFetch quantc::fetchNextPanel(KernelBuilder &kernel, const GemmShape &shape,
                                  const GemmTile &tile, Value weights,
                                  const TilePlace &place) {
  int64_t bytes =
      shape.steps() * getStepElements(weights) * getElementBytes(weights);
  if (shape.runs() > 1 || bytes > kMostFetchedBytes ||
      !comesFromMemory(kernel.target, shape, tile, getElementBytes(weights)))
    return {};
  return fetchInShares(kernel, shape, tile, weights,
                       kernel.index(shape.steps()), shape.steps(), place);
}

void quantc::prefetchResults(KernelBuilder &kernel, const GemmShape &shape,
                             const TilePlace &place, Value firstColumn) {
  auto fetch = [&](Value memref, bool isWrite) {
    int64_t bytes =
        cast<MemRefType>(memref.getType()).getElementTypeBitWidth() / 8;
    int64_t columns = place.vectors * shape.lanes;
    for (int64_t row = 0; row < place.rows(); ++row)
      for (int64_t at = 0; at < columns; at += kCacheLine / bytes)
        memref::PrefetchOp::create(
            kernel.builder, kernel.loc, memref,
            ValueRange{place.image, kernel.add(place.y, row / place.rowsW),
                       kernel.add(place.x, row % place.rowsW),
                       kernel.add(firstColumn, at)},
            isWrite, /*localityHint=*/3, /*isDataCache=*/true);
  };
  fetch(kernel.destination, /*isWrite=*/true);
  if (auto epilogue = kernel.root.getDefiningOp<linalg::GenericOp>())
    for (OpOperand *operand : epilogue.getDpsInputOperands())
      if (Value memref = kernel.getMemRef(operand->get());
          memref && epilogue.getMatchingIndexingMap(operand).isIdentity())
        fetch(memref, /*isWrite=*/false);
}
