// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Support/Text.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;

std::string quantc::inOneLine(StringRef name) {
  std::string text;
  for (unsigned char c : name) {
    bool isControl = c < 0x20 || c == 0x7f;
    text += isControl ? "\\" + utohexstr(c, /*LowerCase=*/false, /*Width=*/2)
                      : std::string(1, c);
  }
  return text;
}
