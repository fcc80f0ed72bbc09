// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Execution/Samples.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include <gtest/gtest.h>

using namespace quantc;

namespace {
class SamplesTest : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("quantc-test", folder));
    interface.name = "net";
    interface.inputs.push_back({"x", {2, 1, 3}, ElementKind::F32, {}});
  }
  void TearDown() override { llvm::sys::fs::remove_directories(folder); }

  template <typename T>
  std::string write(llvm::StringRef name, ElementKind kind,
                    llvm::ArrayRef<int64_t> shape,
                    const std::vector<T> &values) {
    llvm::SmallString<128> path(folder);
    llvm::sys::path::append(path, name);
    Array array;
    array.header.element = kind;
    array.header.shape.assign(shape.begin(), shape.end());
    array.bytes.resize(values.size() * sizeof(T));
    memcpy(array.bytes.data(), values.data(), array.bytes.size());
    EXPECT_FALSE(writeNpy(path, array));
    return path.str().str();
  }
  std::string errorOf(std::vector<std::string> arguments) {
    auto reader = SampleReader::open(arguments, interface);
    return reader ? "" : llvm::toString(reader.takeError());
  }

  llvm::SmallString<128> folder;
  ModelInterface interface;
};
} // namespace

static std::vector<float> count(int n) {
  std::vector<float> values;
  for (int i = 0; i != n; ++i)
    values.push_back(i);
  return values;
}

TEST_F(SamplesTest, BatchesFollowEachOther) {
  std::string a = write("a.npy", ElementKind::F32, {4, 1, 3}, count(12));
  std::string b = write("b.npy", ElementKind::F32, {2, 3}, count(6));
  auto reader = SampleReader::open({a, "x=" + b}, interface);
  ASSERT_TRUE(bool(reader)) << llvm::toString(reader.takeError());
  EXPECT_EQ(reader->getRunCount(), 3);
  EXPECT_EQ(reader->getBatch(), 2);
  EXPECT_EQ(reader->getSampleCount(), 6);
  RunBuffers buffers(interface);
  auto first = [&](int64_t run) {
    EXPECT_FALSE(reader->read(run, buffers));
    return *reinterpret_cast<const float *>(buffers.getInput(0).data());
  };
  EXPECT_EQ(first(0), 0.0f);
  EXPECT_EQ(first(1), 6.0f);
  EXPECT_EQ(first(2), 0.0f);
}

TEST_F(SamplesTest, SmallIntegersConvertExactly) {
  std::string a = write<uint8_t>("a.npy", ElementKind::U8, {2, 3},
                                 {0, 1, 127, 128, 254, 255});
  auto reader = SampleReader::open({a}, interface);
  ASSERT_TRUE(bool(reader));
  RunBuffers buffers(interface);
  ASSERT_FALSE(reader->read(0, buffers));
  auto *values = reinterpret_cast<const float *>(buffers.getInput(0).data());
  EXPECT_EQ(values[3], 128.0f);
  EXPECT_EQ(values[5], 255.0f);
}

TEST_F(SamplesTest, RefusesWithReason) {
  auto has = [](const std::string &text, const char *part) {
    return text.find(part) != std::string::npos;
  };
  std::string good = write("a.npy", ElementKind::F32, {2, 1, 3}, count(6));
  EXPECT_TRUE(has(errorOf({}), "no data for input 'x'"));
  EXPECT_TRUE(has(errorOf({"y=" + good}), "no input 'y', but 'x'"));
  std::string odd = write("odd.npy", ElementKind::F32, {3, 1, 3}, count(9));
  EXPECT_TRUE(has(errorOf({odd}), "the shape [3, 1, 3]"));
  std::string other = write("other.npy", ElementKind::F32, {2, 1, 4}, count(8));
  EXPECT_TRUE(has(errorOf({other}), "the shape [2, 1, 4]"));
  std::string none = write("none.npy", ElementKind::F32, {0, 1, 3}, count(0));
  EXPECT_TRUE(has(errorOf({none}), "the shape [0, 1, 3]"));
  std::string wide = write<int32_t>("wide.npy", ElementKind::I32, {2, 1, 3},
                                    {1, 2, 3, 4, 5, 6});
  EXPECT_TRUE(
      has(errorOf({wide}), "holds elements i32, but the model takes f32"));

  interface.inputs.push_back({"y", {2, 1, 3}, ElementKind::F32, {}});
  EXPECT_TRUE(has(errorOf({good}), "say which input it is for"));
  std::string twice =
      write("twice.npy", ElementKind::F32, {4, 1, 3}, count(12));
  EXPECT_TRUE(has(errorOf({"x=" + good, "y=" + twice}), "for 1 runs"));
}

TEST_F(SamplesTest, NamesTheSampleThatIsNotFinite) {
  std::vector<float> values = count(12);
  values[10] = std::numeric_limits<float>::infinity();
  std::string a = write("a.npy", ElementKind::F32, {4, 1, 3}, values);
  auto reader = SampleReader::open({a}, interface);
  ASSERT_TRUE(bool(reader));
  RunBuffers buffers(interface);
  EXPECT_FALSE(reader->read(0, buffers));
  std::string message = llvm::toString(reader->read(1, buffers));
  EXPECT_NE(message.find("sample 3 for input 'x' holds infinity"),
            std::string::npos)
      << message;
}

TEST_F(SamplesTest, CountsSamplesByTheInputsOwnDimension) {
  interface.inputs.push_back({"y", {1, 2}, ElementKind::F32, {}});
  std::string a = write("a.npy", ElementKind::F32, {4, 3}, count(12));
  std::vector<float> values = count(4);
  values[3] = NAN;
  std::string b = write("b.npy", ElementKind::F32, {2, 2}, values);
  auto reader = SampleReader::open({"x=" + a, "y=" + b}, interface);
  ASSERT_TRUE(bool(reader)) << llvm::toString(reader.takeError());
  RunBuffers buffers(interface);
  EXPECT_FALSE(reader->read(0, buffers));
  EXPECT_EQ(llvm::toString(reader->read(1, buffers)),
            "'" + b + "': sample 1 for input 'y' holds NaN");
}
