// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "StripPlan.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>

using namespace quantc;
using llvm::ArrayRef;
using llvm::SmallVector;

static RowRange getNeeded(RowRange rows, const RowAccess &access,
                          int64_t existing) {
  if (rows.empty())
    return {};
  int64_t first = rows.begin * access.scale - access.before;
  int64_t last = (rows.end - 1) * access.scale - access.before + access.span;
  return {std::max<int64_t>(first, 0), std::min(last, existing)};
}

static RowRange hull(RowRange a, RowRange b) {
  if (a.empty() || b.empty())
    return a.empty() ? b : a;
  return {std::min(a.begin, b.begin), std::max(a.end, b.end)};
}

std::optional<SmallVector<SmallVector<StripStep>>>
quantc::planStrips(ArrayRef<ChainLink> links, int64_t stripRows) {
  SmallVector<SmallVector<StripStep>> strips;
  SmallVector<RowRange> had(links.size()); // the latest window
  int64_t rows = links.back().rows;
  for (int64_t begin = 0; begin < rows; begin += stripRows) {
    SmallVector<StripStep> steps(links.size());
    steps.back().window = {begin, std::min(begin + stripRows, rows)};
    for (int64_t i = links.size() - 1; i >= 0; --i) {
      StripStep &step = steps[i];
      if (step.window.empty())
        continue;
      step.fresh = step.window;
      if (links[i].keepsRows && had[i].end > step.window.begin) {
        if (had[i].begin > step.window.begin)
          return std::nullopt;
        step.fresh.begin = std::min(had[i].end, step.window.end);
      }
      had[i] = step.window;
      for (const ChainLink::Use &use : links[i].uses) {
        RowRange needed =
            getNeeded(step.fresh, use.access, links[use.producer].rows);
        if (needed.empty() && !step.fresh.empty())
          return std::nullopt;
        RowRange &window = steps[use.producer].window;
        window = hull(window, needed);
      }
    }
    strips.push_back(std::move(steps));
  }
  return strips;
}

int64_t quantc::getStripBytes(ArrayRef<ChainLink> links,
                              ArrayRef<SmallVector<StripStep>> strips) {
  int64_t most = 0;
  for (const auto &steps : strips) {
    int64_t bytes = 0;
    for (size_t i = 0; i + 1 < links.size(); ++i) {
      int64_t rows = steps[i].window.size();
      if (steps[i].window.begin < steps[i].fresh.begin)
        rows *= 2;
      bytes += rows * links[i].rowBytes;
    }
    most = std::max(most, bytes);
  }
  return most;
}

std::optional<int64_t> quantc::chooseStripRows(ArrayRef<ChainLink> links,
                                               int64_t bytes,
                                               int64_t leastRows) {
  int64_t rows = links.back().rows;
  auto fits = [&](int64_t size) {
    auto strips = planStrips(links, size);
    return strips && getStripBytes(links, *strips) <= bytes;
  };
  int64_t most = 0;
  for (int64_t count = 1; count <= rows && !most; ++count) {
    int64_t size = llvm::divideCeil(rows, count);
    if (size < leastRows)
      return std::nullopt;
    if (fits(size))
      most = size;
  }
  // Strips of one size share their kernels.
  for (int64_t size = most; size >= leastRows && 2 * size >= most; --size)
    if (size > 0 && rows % size == 0 && fits(size))
      return size;
  return most ? std::optional(most) : std::nullopt;
}
