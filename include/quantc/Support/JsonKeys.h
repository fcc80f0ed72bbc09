// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a JSON object may hold.

#ifndef QUANTC_SUPPORT_JSONKEYS_H
#define QUANTC_SUPPORT_JSONKEYS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/JSON.h"

namespace quantc {

/// Whether `object` has no other keys than `known`. If it has, the first one
/// (by the alphabet) is reported at its own path: what a misspelt key says must
/// not be lost without a word.
bool checkKeys(const llvm::json::Object &object,
               llvm::ArrayRef<llvm::StringLiteral> known,
               llvm::json::Path path);

} // namespace quantc

#endif // QUANTC_SUPPORT_JSONKEYS_H
