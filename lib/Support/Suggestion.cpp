// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Support/Suggestion.h"

using namespace llvm;

StringRef quantc::findNearest(StringRef wanted, ArrayRef<StringRef> known) {
  StringRef nearest;
  unsigned best = 2 + wanted.size() / 4;
  for (StringRef candidate : known) {
    unsigned distance =
        wanted.edit_distance(candidate, /*AllowReplacements=*/true, best);
    if (distance >= best)
      continue;
    best = distance;
    nearest = candidate;
  }
  return nearest;
}
