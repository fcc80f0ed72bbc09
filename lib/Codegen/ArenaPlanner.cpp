// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "ArenaPlanner.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/MathExtras.h"

using namespace quantc;

/// Attempts per order.
static constexpr int64_t kRounds = 32;

/// Places the buffers in the order given, each as low as those placed before it
/// and alive at the same time allow. Returns the size.
static int64_t place(llvm::ArrayRef<ArenaBuffer *> order) {
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

int64_t quantc::planArena(llvm::MutableArrayRef<ArenaBuffer> buffers) {
  llvm::SmallVector<ArenaBuffer *> order;
  for (ArenaBuffer &buffer : buffers)
    order.push_back(&buffer);
  // No single order is best for every graph; these are cheap to try.
  using Less = bool (*)(const ArenaBuffer *, const ArenaBuffer *);
  const Less orders[] = {
      [](const ArenaBuffer *a, const ArenaBuffer *b) {
        return a->bytes > b->bytes;
      },
      [](const ArenaBuffer *a, const ArenaBuffer *b) {
        return a->bytes * (a->last - a->first + 1) >
               b->bytes * (b->last - b->first + 1);
      },
      [](const ArenaBuffer *a, const ArenaBuffer *b) {
        return a->last - a->first > b->last - b->first;
      },
      [](const ArenaBuffer *a, const ArenaBuffer *b) {
        return a->first < b->first;
      },
  };
  int64_t best = std::numeric_limits<int64_t>::max();
  const int64_t bound = arenaLowerBound(buffers);
  llvm::SmallVector<int64_t> offsets;
  for (Less less : orders) {
    llvm::stable_sort(order, less);
    // Then let the buffer that ended up on top choose first, a few times.
    for (int64_t round = 0; round < kRounds && best > bound; ++round) {
      int64_t size = place(order);
      if (size < best) {
        best = size;
        offsets.clear();
        for (const ArenaBuffer &buffer : buffers)
          offsets.push_back(buffer.offset);
      }
      auto *top = llvm::max_element(order, [](ArenaBuffer *a, ArenaBuffer *b) {
        return a->offset + a->bytes < b->offset + b->bytes;
      });
      std::rotate(order.begin(), top, std::next(top));
    }
  }
  for (auto [buffer, offset] : llvm::zip_equal(buffers, offsets))
    buffer.offset = offset;
  return best;
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
