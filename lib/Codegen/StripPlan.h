// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How many rows of a chain of operations are computed at once, and which rows
// of what comes before them that takes.

#ifndef QUANTC_LIB_CODEGEN_STRIPPLAN_H
#define QUANTC_LIB_CODEGEN_STRIPPLAN_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include <cstdint>
#include <optional>

namespace quantc {

/// Rows begin … end - 1.
struct RowRange {
  int64_t begin = 0, end = 0;
  bool empty() const { return begin >= end; }
  int64_t size() const { return empty() ? 0 : end - begin; }
  bool operator==(const RowRange &other) const {
    return begin == other.begin && end == other.end;
  }
};

/// The rows of an operand that rows of a result are computed from: row y takes
/// [y * scale - before, y * scale - before + span), as far as they exist.
struct RowAccess {
  int64_t scale = 1, span = 1, before = 0;
};

/// An operation of a chain. All before it in the list come before it in the
/// program.
struct ChainLink {
  struct Use {
    unsigned producer; ///< in the list
    RowAccess access;
  };
  llvm::SmallVector<Use, 2> uses;
  int64_t rows = 0;
  /// Bytes of a row in memory; 0 for what is not stored: sums that an epilogue
  /// takes from registers.
  int64_t rowBytes = 0;
  /// Whether rows that the strip before had are taken over from it. What only
  /// surrounds them (a halo) is made anew.
  bool keepsRows = true;
};

/// What a strip does with a link: it needs `window`, of which `fresh` is
/// computed, and what is above stays from the strip before.
struct StripStep {
  RowRange window, fresh;
};

/// For each strip, for each link. None if rows would be needed of which
/// nothing is kept.
std::optional<llvm::SmallVector<llvm::SmallVector<StripStep>>>
planStrips(llvm::ArrayRef<ChainLink> links, int64_t stripRows);

/// The most bytes between operations at any strip: all windows but those of the
/// last link, and the strip that rows are taken from.
int64_t getStripBytes(llvm::ArrayRef<ChainLink> links,
                      llvm::ArrayRef<llvm::SmallVector<StripStep>> strips);

/// The most rows of the last link whose strips stay within `bytes`; if there
/// is such a number at most half as small, one that divides all rows. None
/// where not even `leastRows` fit.
std::optional<int64_t> chooseStripRows(llvm::ArrayRef<ChainLink> links,
                                       int64_t bytes, int64_t leastRows);

} // namespace quantc

#endif // QUANTC_LIB_CODEGEN_STRIPPLAN_H
