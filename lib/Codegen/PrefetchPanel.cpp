// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "PrefetchPanel.h"

using namespace mlir;
using namespace quantc;

/// Among fewer tiles the next panel isn't shared out, and a larger one would
/// drive out what is at work.
static constexpr int64_t kLeastTiles = 8, kMostFetchedBytes = 32 * 1024;

void quantc::prefetchPanel(KernelBuilder &kernel, const GemmShape &shape,
                           const GemmTile &tile, Value weights, Value panel,
                           ArrayRef<Value> first) {
  OpBuilder &b = kernel.builder;
  Location loc = kernel.loc;
  auto type = cast<MemRefType>(weights.getType());
  int64_t panels = type.getDimSize(0), steps = type.getDimSize(1);
  int64_t elementBytes = type.getElementTypeBitWidth() / 8;
  int64_t stepBytes = type.getDimSize(2) * type.getDimSize(3) * elementBytes;
  int64_t tilesH = llvm::divideCeil(shape.height, tile.rowsH),
          tilesW = llvm::divideCeil(shape.width, tile.rowsW);
  // Steps of less than a line are fetched together.
  int64_t together = std::max<int64_t>(kCacheLine / stepBytes, 1);
  int64_t share = llvm::alignTo(
      llvm::divideCeil(steps, shape.batch * tilesH * tilesW), together);
  if (panels * steps * stepBytes <= kernel.target.l2Bytes || panels < 2 ||
      steps * stepBytes > kMostFetchedBytes || share > steps / kLeastTiles)
    return;
  auto number = [&](Value at, int64_t size) -> Value {
    return size == 1 ? at
                     : arith::DivUIOp::create(b, loc, at, kernel.index(size))
                           .getResult();
  };
  Value tilesAbove =
      kernel.add(kernel.scale(first[0], tilesH), number(first[1], tile.rowsH));
  Value tilesBefore = kernel.add(kernel.scale(tilesAbove, tilesW),
                                 number(first[2], tile.rowsW));
  Value next = arith::MinUIOp::create(b, loc, kernel.add(panel, 1),
                                      kernel.index(panels - 1));
  Value from = kernel.scale(tilesBefore, share);
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
