// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Support/OutputFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include <gtest/gtest.h>
#ifdef __unix__
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

using namespace quantc;

namespace {
class OutputFileTest : public testing::Test {
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
  int countFiles() {
    std::error_code code;
    int count = 0;
    for (llvm::sys::fs::directory_iterator it(folder, code), end;
         it != end && !code; it.increment(code))
      ++count;
    return count;
  }
  llvm::SmallString<128> folder;
};
} // namespace

TEST_F(OutputFileTest, WritesAndReplaces) {
  ASSERT_FALSE(checkWritable(path("a")));
  EXPECT_EQ(countFiles(), 0);
  ASSERT_FALSE(writeFile(path("a"), llvm::StringRef("first, and longer")));
  ASSERT_FALSE(writeFile(path("a"), llvm::StringRef("second")));
  auto file = llvm::MemoryBuffer::getFile(path("a"));
  ASSERT_TRUE(bool(file));
  EXPECT_EQ((*file)->getBuffer(), "second");
  EXPECT_EQ(countFiles(), 1);
}

TEST_F(OutputFileTest, SaysWhereItCannot) {
  std::string missing = path("missing/a");
  std::string message = llvm::toString(checkWritable(missing));
  EXPECT_NE(message.find("cannot write '" + missing + "'"), std::string::npos);
  message = llvm::toString(writeFile(missing, llvm::StringRef("x")));
  EXPECT_NE(message.find("cannot write '" + missing + "'"), std::string::npos);
  message = llvm::toString(checkWritable(folder));
  EXPECT_NE(message.find("folder"), std::string::npos);
  EXPECT_EQ(countFiles(), 0);
}

#ifdef __unix__
// A file that is renamed to its place would be there instead.
TEST_F(OutputFileTest, LeavesDevicesAndPipes) {
  ASSERT_EQ(mkfifo(path("pipe").c_str(), 0600), 0);
  int reader = open(path("pipe").c_str(), O_RDONLY | O_NONBLOCK);
  ASSERT_GE(reader, 0);
  ASSERT_FALSE(checkWritable(path("pipe")));
  ASSERT_FALSE(writeFile(path("pipe"), llvm::StringRef("text")));
  char buffer[8];
  EXPECT_EQ(read(reader, buffer, sizeof(buffer)), 4);
  close(reader);
  EXPECT_EQ(countFiles(), 1);
}

// A link, as a full device that a mistake could replace is nothing to test on.
TEST_F(OutputFileTest, SaysThatADeviceIsFull) {
  if (!llvm::sys::fs::exists("/dev/full"))
    GTEST_SKIP() << "there is no /dev/full";
  ASSERT_EQ(symlink("/dev/full", path("full").c_str()), 0);
  ASSERT_FALSE(checkWritable(path("full")));
  std::string message =
      llvm::toString(writeFile(path("full"), llvm::StringRef("text")));
  EXPECT_NE(message.find("full': No space left"), std::string::npos) << message;
  EXPECT_EQ(countFiles(), 1);
}
#endif
