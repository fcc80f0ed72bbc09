// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Offsets in one arena for buffers whose lifetimes are known.

#ifndef QUANTC_LIB_CODEGEN_ARENAPLANNER_H
#define QUANTC_LIB_CODEGEN_ARENAPLANNER_H

#include "llvm/ADT/ArrayRef.h"
#include <cstdint>

namespace quantc {

/// Alignment of the arena and of every buffer in it, a cache line.
inline constexpr int64_t arenaAlign = 64;

/// A buffer that holds data from the step `first` to the step `last`,
/// inclusive.
struct ArenaBuffer {
  int64_t bytes = 0;
  int64_t first = 0;
  int64_t last = 0;
  int64_t offset = 0; ///< the result
};

/// Sets the offsets, each as low as the buffers that live at the same time and
/// were placed before allow, in the best of a few orders (by size, by
/// lifetime). Returns the size of the arena.
int64_t planArena(llvm::MutableArrayRef<ArenaBuffer> buffers);

/// The most bytes that live at one step: no plan can do with less.
int64_t arenaLowerBound(llvm::ArrayRef<ArenaBuffer> buffers);

} // namespace quantc

#endif // QUANTC_LIB_CODEGEN_ARENAPLANNER_H
