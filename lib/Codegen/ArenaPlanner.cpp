// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "ArenaPlanner.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/MathExtras.h"

using namespace quantc;

int64_t quantc::planArena(llvm::MutableArrayRef<ArenaBuffer> buffers) {
  llvm::SmallVector<ArenaBuffer *> order;
  for (ArenaBuffer &buffer : buffers)
    order.push_back(&buffer);
  llvm::stable_sort(order, [](ArenaBuffer *a, ArenaBuffer *b) {
    return a->bytes > b->bytes;
  });
  llvm::SmallVector<ArenaBuffer *> placed; // by offset
  int64_t size = 0;
  for (ArenaBuffer *buffer : order) {
    int64_t bytes = llvm::alignTo(buffer->bytes, arenaAlign), offset = 0;
    for (ArenaBuffer *other : placed) {
      if (other->last < buffer->first || buffer->last < other->first)
        continue;
      if (offset + bytes <= other->offset)
        break;
      offset = std::max<int64_t>(
          offset, other->offset + llvm::alignTo(other->bytes, arenaAlign));
    }
    buffer->offset = offset;
    size = std::max(size, offset + bytes);
    placed.insert(llvm::upper_bound(placed, buffer,
                                    [](ArenaBuffer *a, ArenaBuffer *b) {
                                      return a->offset < b->offset;
                                    }),
                  buffer);
  }
  return size;
}

int64_t quantc::arenaLowerBound(llvm::ArrayRef<ArenaBuffer> buffers) {
  int64_t bound = 0;
  for (const ArenaBuffer &at : buffers) {
    int64_t live = 0;
    for (const ArenaBuffer &other : buffers)
      if (other.first <= at.first && at.first <= other.last)
        live += llvm::alignTo(other.bytes, arenaAlign);
    bound = std::max(bound, live);
  }
  return bound;
}
