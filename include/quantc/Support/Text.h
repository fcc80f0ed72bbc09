// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Text for people.

#ifndef QUANTC_SUPPORT_TEXT_H
#define QUANTC_SUPPORT_TEXT_H

#include "llvm/ADT/StringRef.h"
#include <string>

namespace quantc {

/// `name`, which may come from anybody's file, in one line: control characters,
/// line breaks among them, as "\0A".
std::string inOneLine(llvm::StringRef name);

} // namespace quantc

#endif // QUANTC_SUPPORT_TEXT_H
