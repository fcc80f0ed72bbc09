// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Codegen/TargetDescription.h"
#include "gtest/gtest.h"

using namespace quantc;

namespace {

std::string select(llvm::StringRef triple, llvm::StringRef cpu,
                   llvm::StringRef features) {
  auto target = selectTarget(triple, cpu, features);
  return target ? (*target)->name.str() : llvm::toString(target.takeError());
}

TEST(TargetDescription, TablesAreValid) {
  for (const TargetDescription &target : getTargetDescriptions())
    EXPECT_TRUE(target.validate()) << target.name.str();
}

TEST(TargetDescription, ValidateRefuses) {
  TargetDescription target = getTargetDescriptions().front();
  const RegisterTile tooLarge[] = {{target.registers, 1}};
  target.floatTiles = tooLarge;
  EXPECT_FALSE(target.validate());
  // 24 accumulators, eight rows, weights: it was seen to spill.
  TargetDescription matrix =
      **selectTarget("aarch64-linux-gnu", "neoverse-v2", "");
  const RegisterTile spills[] = {{8, 3}};
  matrix.integerTiles = spills;
  EXPECT_FALSE(matrix.validate());
  matrix.integerTiles = {};
  EXPECT_TRUE(matrix.validate());
  matrix.issuesPerCycle = 0;
  EXPECT_FALSE(matrix.validate());
  const RegisterTile empty[] = {{0, 1}};
  target.floatTiles = empty;
  EXPECT_FALSE(target.validate());
}

TEST(TargetDescription, SelectsByFeatures) {
  EXPECT_EQ(select("x86_64-linux-gnu", "x86-64-v3", ""), "x86-avx2");
  EXPECT_EQ(select("x86_64-linux-gnu", "x86-64-v4", ""), "x86-avx512");
  EXPECT_EQ(select("x86_64-linux-gnu", "x86-64-v4", "+avx512vnni"),
            "x86-avx512vnni");
  EXPECT_EQ(select("x86_64-linux-gnu", "icelake-server", ""), "x86-avx512vnni");
  EXPECT_EQ(select("x86_64-linux-gnu", "icelake-server", "-avx512vnni"),
            "x86-avx512");
  EXPECT_EQ(select("aarch64-linux-gnu", "generic", ""), "aarch64-neon");
  EXPECT_EQ(select("aarch64-linux-gnu", "cortex-a76", ""), "aarch64-dotprod");
  EXPECT_EQ(select("aarch64-linux-gnu", "neoverse-v1", ""), "aarch64-i8mm");
}

TEST(TargetDescription, NamesWhatIsUnknown) {
  EXPECT_NE(
      select("riscv64-linux-gnu", "", "").find("unsupported target 'riscv64"),
      std::string::npos);
  EXPECT_NE(
      select("x86_64-linux-gnu", "pentium9", "").find("unknown CPU 'pentium9'"),
      std::string::npos);
  EXPECT_NE(select("x86_64-linux-gnu", "x86-64-v3", "+sve9")
                .find("unknown feature '+sve9'"),
            std::string::npos);
  EXPECT_NE(select("x86_64-linux-gnu", "x86-64-v3", "avx2")
                .find("write +name or -name"),
            std::string::npos);
  EXPECT_NE(select("x86_64-linux-gnu", "x86-64", "").find("lacks"),
            std::string::npos);
}

} // namespace
