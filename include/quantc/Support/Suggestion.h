// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a misspelt word was meant to be.

#ifndef QUANTC_SUPPORT_SUGGESTION_H
#define QUANTC_SUPPORT_SUGGESTION_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace quantc {

/// The one of `known` that differs from `wanted` in few letters (one, and
/// one for each four of them), the first of several; empty if there is none.
llvm::StringRef findNearest(llvm::StringRef wanted,
                            llvm::ArrayRef<llvm::StringRef> known);

} // namespace quantc

#endif // QUANTC_SUPPORT_SUGGESTION_H
