// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Codegen/TargetDescription.h"
#include "llvm/Support/Error.h"
#include <gtest/gtest.h>

using namespace llvm;
using namespace quantc;

namespace {

std::string select(StringRef triple, StringRef cpu, StringRef features = "") {
  auto target = selectTarget(triple, cpu, features);
  return target ? (*target)->name.str() : toString(target.takeError());
}

TEST(TargetDescription, TilesFitTheRegisters) {
  for (const TargetDescription &target : getTargetDescriptions())
    EXPECT_TRUE(target.validate()) << target.name.str();
}

// Tiles that were seen to spill.
TEST(TargetDescription, TilesThatDoNotFitAreRefused) {
  struct {
    StringRef target;
    RegisterTile integer;
  } cases[] = {{"x86-avx512vnni", {7, 4}},
               {"x86-avx512", {14, 2}},
               {"x86-avx2", {4, 3}},
               {"aarch64-i8mm", {8, 4}},
               {"aarch64-neon", {0, 1}}};
  for (const auto &[name, tile] : cases)
    for (TargetDescription target : getTargetDescriptions())
      if (target.name == name) {
        target.integerTiles = tile;
        EXPECT_FALSE(target.validate()) << name.str();
      }
  for (TargetDescription target : getTargetDescriptions()) {
    RegisterTile tile{target.registers, 1};
    target.floatTiles = tile;
    EXPECT_FALSE(target.validate()) << target.name.str();
  }
}

TEST(TargetDescription, SelectsTheBestThatTheProcessorHas) {
  EXPECT_EQ(select("x86_64", "x86-64-v3"), "x86-avx2");
  EXPECT_EQ(select("x86_64", "x86-64-v4"), "x86-avx512");
  EXPECT_EQ(select("x86_64", "znver4"), "x86-avx512vnni");
  EXPECT_EQ(select("x86_64", "znver4", "-avx512vnni"), "x86-avx512");
  EXPECT_EQ(select("aarch64", "generic"), "aarch64-neon");
  EXPECT_EQ(select("aarch64", "neoverse-n1"), "aarch64-dotprod");
  EXPECT_EQ(select("aarch64", "generic", "+dotprod,+i8mm"), "aarch64-i8mm");
}

TEST(TargetDescription, ErrorsNameWhatIsUnknownOrMissing) {
  EXPECT_EQ(select("riscv64-linux-gnu", ""),
            "unsupported target 'riscv64-unknown-linux-gnu': quantc compiles for x86_64 and aarch64");
  EXPECT_EQ(select("x86_64", "znver99"), "unknown CPU 'znver99' for x86_64");
  EXPECT_EQ(select("x86_64", "x86-64-v3", "+warp"),
            "unknown feature '+warp' for x86_64: write +name or -name as for llc");
  EXPECT_NE(select("x86_64", "x86-64").find("lacks what quantc's kernels need"),
            std::string::npos);
}

} // namespace
