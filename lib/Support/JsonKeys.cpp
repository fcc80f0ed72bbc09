// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Support/JsonKeys.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace quantc {

bool checkKeys(const json::Object &object, ArrayRef<StringLiteral> known,
               json::Path path) {
  std::optional<StringRef> stranger;
  for (const auto &[key, value] : object)
    if (StringRef name = key; !is_contained(known, name))
      stranger = std::min(stranger.value_or(name), name);
  if (stranger)
    path.field(*stranger).report("unknown key");
  return !stranger;
}

} // namespace quantc
