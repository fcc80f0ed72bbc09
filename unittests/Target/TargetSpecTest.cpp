// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Target/TargetSpec.h"
#include "llvm/Target/TargetMachine.h"
#include <gtest/gtest.h>

using namespace quantc;

static std::string errorOf(llvm::StringRef triple, llvm::StringRef cpu,
                           llvm::StringRef features) {
  auto spec = TargetSpec::create(triple, cpu, features);
  return spec ? "" : llvm::toString(spec.takeError());
}

TEST(TargetSpec, HostIsCompleteAndRuns) {
  auto spec = TargetSpec::create();
  ASSERT_TRUE(bool(spec)) << llvm::toString(spec.takeError());
  EXPECT_FALSE(spec->triple.empty());
  EXPECT_FALSE(spec->cpu.empty());
  EXPECT_NE(spec->cpu, "native");
  EXPECT_TRUE(spec->runsOnHost());
  auto machine = spec->createMachine();
  ASSERT_TRUE(machine);
  EXPECT_EQ(machine->getTargetCPU(), spec->cpu);
}

TEST(TargetSpec, BaselineWithTriple) {
  auto x86 = TargetSpec::create("x86_64-linux-gnu");
  ASSERT_TRUE(bool(x86));
  EXPECT_EQ(x86->triple, "x86_64-unknown-linux-gnu");
  EXPECT_EQ(x86->cpu, "x86-64-v3");
  EXPECT_EQ(x86->features, "");
  auto arm = TargetSpec::create("aarch64-linux-gnu", "", "+dotprod");
  ASSERT_TRUE(bool(arm));
  EXPECT_EQ(arm->cpu, "generic");
  EXPECT_EQ(arm->features, "+dotprod");
  // At most one of the two is this machine's architecture.
  EXPECT_FALSE(x86->runsOnHost() && arm->runsOnHost());
}

TEST(TargetSpec, UnknownNamesAreErrors) {
  EXPECT_NE(errorOf("mips-linux-gnu", "", "").find("not supported"),
            std::string::npos);
  EXPECT_NE(errorOf("nonsense", "", "").find("not supported"),
            std::string::npos);
  EXPECT_NE(errorOf("x86_64-apple-darwin", "", "").find("not supported"),
            std::string::npos);
  EXPECT_NE(errorOf("x86_64-linux-gnux32", "", "").find("not supported"),
            std::string::npos);
  EXPECT_NE(errorOf("x86_64-linux-gnu", "cortex-a57", "").find("unknown CPU"),
            std::string::npos);
  EXPECT_NE(errorOf("x86_64-linux-gnu", "", "+neon").find("unknown feature"),
            std::string::npos);
  EXPECT_NE(errorOf("x86_64-linux-gnu", "", "avx2").find("begin with + or -"),
            std::string::npos);
}

TEST(TargetSpec, WhatLLVMWouldAbortOn) {
  EXPECT_NE(errorOf("x86_64-linux-gnu", "i386", "").find("lacks"),
            std::string::npos);
  EXPECT_NE(errorOf("x86_64-linux-gnu", "", "-sse2").find("lacks"),
            std::string::npos);
  EXPECT_NE(errorOf("aarch64-linux-gnu", "", "-neon").find("lacks"),
            std::string::npos);
}
