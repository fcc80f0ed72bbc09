// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Support/Text.h"
#include <gtest/gtest.h>

using namespace quantc;

TEST(Text, OneLine) {
  EXPECT_EQ(inOneLine("layer/é \"1\""), "layer/é \"1\"");
  EXPECT_EQ(inOneLine("a\nb\r\tc"), "a\\0Ab\\0D\\09c");
  EXPECT_EQ(inOneLine("\x1b[2J\x7f"), "\\1B[2J\\7F");
}
