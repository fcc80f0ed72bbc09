// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Execution/ArrayFile.h"
#include "quantc/Support/OutputFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include <gtest/gtest.h>

using namespace quantc;

namespace {
class ArrayFileTest : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("quantc-test", folder));
  }
  void TearDown() override { llvm::sys::fs::remove_directories(folder); }
  std::string path(llvm::StringRef name) {
    llvm::SmallString<128> result(folder);
    llvm::sys::path::append(result, name);
    return result.str().str();
  }
  std::string write(std::string bytes) {
    std::string file = path("x.npy");
    EXPECT_FALSE(writeFile(file, llvm::StringRef(bytes)));
    return file;
  }
  std::string errorOf(std::string bytes) {
    auto array = ArrayReader::open(write(std::move(bytes)));
    return array ? "" : llvm::toString(array.takeError());
  }
  llvm::SmallString<128> folder;
};

/// A `.npy` as NumPy's format describes it, with a header of our choice.
std::string makeNpy(std::string dict, std::string data, char version = 1) {
  dict += '\n';
  std::string text = "\x93NUMPY";
  text += version;
  text += '\0';
  for (int i = 0; i != (version == 1 ? 2 : 4); ++i)
    text += static_cast<char>(dict.size() >> (8 * i));
  return text + dict + data;
}

std::string bytesOf(std::initializer_list<float> values) {
  return std::string(reinterpret_cast<const char *>(values.begin()),
                     values.size() * sizeof(float));
}
} // namespace

static const char goodHeader[] =
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }";

TEST_F(ArrayFileTest, ReadsAllVersions) {
  for (char version : {1, 2, 3}) {
    auto array = ArrayReader::open(
        write(makeNpy(goodHeader, bytesOf({1.5f, -2.0f}), version)));
    ASSERT_TRUE(bool(array)) << llvm::toString(array.takeError());
    EXPECT_EQ(array->getElement(), ElementKind::F32);
    EXPECT_EQ(array->getShape(), llvm::ArrayRef<int64_t>({2, 1}));
    float value = 0;
    ASSERT_FALSE(array->read(1, 1, &value));
    EXPECT_EQ(value, -2.0f);
  }
}

TEST_F(ArrayFileTest, HeaderInAnyOrderAndSpacing) {
  auto array = ArrayReader::open(write(makeNpy(
      "{\"shape\":( 2 ,),'fortran_order':True,'descr':'|u1'}   ", "\x01\xff")));
  ASSERT_TRUE(bool(array)) << llvm::toString(array.takeError());
  auto values = array->readIntegers();
  ASSERT_TRUE(bool(values));
  EXPECT_EQ(*values, (std::vector<int64_t>{1, 255}));
}

TEST_F(ArrayFileTest, RefusesWithReason) {
  auto header = [](std::string descr, std::string order, std::string shape) {
    return "{'descr': " + descr + ", 'fortran_order': " + order +
           ", 'shape': " + shape + "}";
  };
  auto has = [](const std::string &text, const char *part) {
    return text.find(part) != std::string::npos;
  };
  std::string data = bytesOf({1, 2});
  EXPECT_TRUE(has(errorOf(""), "not an array"));
  EXPECT_TRUE(has(errorOf(std::string(100, 'x')), "not an array"));
  EXPECT_TRUE(has(errorOf(makeNpy(goodHeader, data, 4)), "not an array"));
  EXPECT_TRUE(has(errorOf(makeNpy(goodHeader, data.substr(1))), "takes 8"));
  EXPECT_TRUE(has(errorOf(makeNpy(goodHeader, data + "x")), "takes 8"));
  EXPECT_TRUE(has(errorOf(makeNpy(header("'>f4'", "False", "(2,)"), data)),
                  "'>f4' are not supported"));
  EXPECT_TRUE(
      has(errorOf(makeNpy(header("[('a', '<f4')]", "False", "(2,)"), data)),
          "structured"));
  EXPECT_TRUE(has(errorOf(makeNpy(header("'<f4'", "True", "(2, 1)"), data)),
                  "column-major"));
  EXPECT_TRUE(
      has(errorOf(makeNpy(header("'<f4'", "False", "(4294967296, 4294967296)"),
                          data)),
          "too large"));
  EXPECT_TRUE(has(errorOf(makeNpy(header("'<f4'", "False", "(-2,)"), data)),
                  "damaged"));
  EXPECT_TRUE(has(errorOf(makeNpy("{'descr': '<f4'}", data)), "damaged"));
  EXPECT_TRUE(has(errorOf(makeNpy("{'descr", data)), "damaged"));
  std::string longHeader = makeNpy(goodHeader, data);
  longHeader[8] = '\xff';
  EXPECT_TRUE(has(errorOf(longHeader), "damaged"));
}

TEST_F(ArrayFileTest, EveryTruncationIsRefused) {
  std::string whole = makeNpy(goodHeader, bytesOf({1, 2}));
  for (size_t size = 0; size != whole.size(); ++size)
    EXPECT_NE(errorOf(whole.substr(0, size)), "") << size;
}

static Array makeArray(std::string name, std::vector<char> bytes) {
  Array array;
  array.name = std::move(name);
  array.header = {ElementKind::I8, {static_cast<int64_t>(bytes.size())}};
  array.bytes = std::move(bytes);
  return array;
}

TEST_F(ArrayFileTest, WritesWhatItReads) {
  ASSERT_FALSE(writeNpy(path("a.npy"), makeArray("a", {1, -1, 7})));
  auto array = ArrayReader::open(path("a.npy"));
  ASSERT_TRUE(bool(array)) << llvm::toString(array.takeError());
  auto values = array->readIntegers();
  ASSERT_TRUE(bool(values));
  EXPECT_EQ(*values, (std::vector<int64_t>{1, -1, 7}));
}

TEST_F(ArrayFileTest, Archive) {
  ASSERT_FALSE(
      writeNpz(path("a.npz"), {makeArray("x", {1}), makeArray("y", {2, 3})}));
  auto arrays = ArrayReader::openAll(path("a.npz"));
  ASSERT_TRUE(bool(arrays)) << llvm::toString(arrays.takeError());
  ASSERT_EQ(arrays->size(), 2u);
  EXPECT_EQ((*arrays)[1].first, "y");
  auto values = (*arrays)[1].second.readIntegers();
  ASSERT_TRUE(bool(values));
  EXPECT_EQ(*values, (std::vector<int64_t>{2, 3}));
}

/// Written by NumPy's savez_compressed; every changed byte is noticed or
/// harmless, never a crash.
TEST_F(ArrayFileTest, DeflatedArchiveFromNumPy) {
  std::string file =
      QUANTC_UNITTEST_DIR "/../../test/Tools/Inputs/conv-samples.npz";
  auto arrays = ArrayReader::openAll(file);
  ASSERT_TRUE(bool(arrays)) << llvm::toString(arrays.takeError());
  ASSERT_EQ(arrays->size(), 1u);
  EXPECT_EQ((*arrays)[0].first, "x");
  const ArrayReader &array = (*arrays)[0].second;
  EXPECT_EQ(array.getShape(), llvm::ArrayRef<int64_t>({6, 4, 4, 2}));
  std::vector<float> values(array.getElementCount());
  ASSERT_FALSE(array.read(0, values.size(), values.data()));
  for (size_t i = 0; i != values.size(); ++i)
    EXPECT_EQ(values[i], (static_cast<int>(i % 17) - 8) / 4.0f);

  auto whole = llvm::MemoryBuffer::getFile(file, false, false);
  ASSERT_TRUE(bool(whole));
  std::string bytes = (*whole)->getBuffer().str();
  int refused = 0;
  for (size_t i = 0; i != bytes.size(); ++i) {
    std::string changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 0x55);
    ASSERT_FALSE(writeFile(path("b.npz"), llvm::StringRef(changed)));
    auto result = ArrayReader::openAll(path("b.npz"));
    if (!result) {
      ++refused;
      llvm::consumeError(result.takeError());
    }
  }
  EXPECT_GT(refused, static_cast<int>(bytes.size() / 2));
}
