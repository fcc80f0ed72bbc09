// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Codegen/Tuning.h"
#include "llvm/Support/FormatVariadic.h"
#include "gtest/gtest.h"

using namespace quantc;

namespace {

KernelClass makeClass(KernelForm form, int64_t height, int64_t width,
                      int64_t columns, bool isFloat) {
  KernelClass kernel;
  kernel.form = form;
  kernel.input = kernel.result = isFloat ? "f32" : "i8";
  kernel.output = {1, height, width, columns};
  if (form != KernelForm::Depthwise)
    kernel.channels = 48;
  if (form != KernelForm::Matmul) {
    kernel.window = {3, 5};
    kernel.stride = {1, 2};
    kernel.dilation = {2, 1};
  }
  return kernel;
}

constexpr KernelForm kForms[] = {KernelForm::Gemm, KernelForm::Matmul,
                                 KernelForm::Depthwise};

/// Candidates are valid, different, and no more than asked for; there always is
/// one.
TEST(Tuning, Candidates) {
  for (const TargetDescription &target : getTargetDescriptions())
    for (KernelForm form : kForms)
      for (bool isFloat : {false, true})
        for (int64_t height : {1, 7})
          for (int64_t width : {1, 5, 56})
            for (int64_t columns : {1, 24, 1000}) {
              KernelClass kernel =
                  makeClass(form, height, width, columns, isFloat);
              const auto tiles = getCandidates(kernel, target, 6);
              EXPECT_GE(tiles.size(), 1u) << kernel.describe();
              EXPECT_LE(tiles.size(), 6u);
              for (const auto *tile = tiles.begin(); tile != tiles.end();
                   ++tile) {
                EXPECT_EQ(findFault(kernel, *tile, target), std::nullopt);
                EXPECT_EQ(std::find(std::next(tile), tiles.end(), *tile),
                          tiles.end());
              }
            }
}

TEST(Tuning, FileKeepsEverything) {
  Tuning tuning;
  size_t entries = 0;
  for (const TargetDescription &target : getTargetDescriptions())
    for (KernelForm form : kForms)
      for (bool isFloat : {false, true}) {
        KernelClass kernel = makeClass(form, 1, 12, 64, isFloat);
        tuning.set(target, kernel, getCandidates(kernel, target, 3).back());
        ++entries;
      }
  EXPECT_EQ(tuning.size(), entries);
  std::string text = tuning.print();
  auto again = Tuning::parse(text, "file");
  ASSERT_TRUE(bool(again)) << llvm::toString(again.takeError());
  EXPECT_EQ(again->print(), text);
  for (const TargetDescription &target : getTargetDescriptions())
    for (KernelForm form : kForms)
      for (bool isFloat : {false, true}) {
        KernelClass kernel = makeClass(form, 1, 12, 64, isFloat);
        const KernelTile *tile = again->find(target, kernel);
        ASSERT_TRUE(tile);
        EXPECT_EQ(*tile, *tuning.find(target, kernel));
        kernel.result = "i32";
        EXPECT_FALSE(again->find(target, kernel));
      }
}

std::string parse(llvm::StringRef kernel) {
  std::string text = R"({"version": 1, "kernels": [)" + kernel.str() + "]}";
  auto tuning = Tuning::parse(text, "F");
  return tuning ? "" : llvm::toString(tuning.takeError());
}

std::string makeEntry(llvm::StringRef form, llvm::StringRef more,
                      llvm::StringRef tile) {
  return llvm::formatv(
      R"({{"target": "aarch64-neon", "form": "{0}", "input": "i8",
           "result": "i8", "output": [1, 2, 7, 9], {1} "tile": {2}})",
      form, more, tile);
}

TEST(Tuning, Errors) {
  const char *window =
      R"("window": [1, 1], "stride": [1, 1], "dilation": [1, 1],)";
  std::string gemm = std::string(R"("channels": 8, )") + window;
  const char *tile = R"({"pixels": [2, 3], "registers": 2})";
  EXPECT_EQ(parse(makeEntry("gemm", gemm, tile)), "");
  EXPECT_EQ(parse(makeEntry("gemm", gemm, tile) + "," +
                  makeEntry("gemm", gemm, tile)),
            "F: kernels[1] (aarch64-neon, gemm i8 1×2×7×9, window 1×1 of 8, to "
            "i8): is there twice");
  auto fault = [&](llvm::StringRef form, llvm::StringRef more,
                   llvm::StringRef tile, llvm::StringRef expected) {
    std::string message = parse(makeEntry(form, more, tile));
    EXPECT_TRUE(llvm::StringRef(message).ends_with(expected)) << message;
  };
  fault("gemm", gemm, R"({"pixels": [3, 1], "registers": 1})",
        "3×1 pixels are more than the output's 2×7");
  fault("gemm", gemm, R"({"pixels": [1, 1], "registers": 4})",
        "4 registers are more than 9 columns fill");
  fault(
      "gemm", gemm, R"({"pixels": [0, 1], "registers": 1})",
      "expected integer of 1 to 2^24 at tuning file.kernels[0].tile.pixels[0]");
  fault("gemm", gemm, R"({"pixels": [1], "registers": 1})",
        "expected array of two at tuning file.kernels[0].tile.pixels");
  fault("gemm", gemm, R"({"pixels": [1, 1]})",
        "missing value at tuning file.kernels[0].tile.registers");
  fault("gemm", window, tile,
        "missing value at tuning file.kernels[0].channels");
  fault(
      "conv", gemm, tile,
      R"(expected "gemm", "matmul" or "depthwise" at tuning file.kernels[0].form)");
  fault("depthwise", gemm, R"({"pixels": [1, 2]})",
        "unknown key at tuning file.kernels[0].channels");
  fault("depthwise", window, R"({"pixels": [1, 7]})",
        "7 pixels don't fit the registers of aarch64-neon, at most 1 do");
  fault("depthwise", window, R"({"pixels": [2, 1]})",
        "a depthwise tile is some pixels of one row");
  fault("matmul", R"("channels": 99999,)", tile,
        "what the tile packs is too much for the stack");
}

} // namespace
