// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Support/OutputFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace quantc {

static Error describe(StringRef path, Error error) {
  return createStringError("cannot write '%s': %s", path.str().c_str(),
                           toString(std::move(error)).c_str());
}

static Expected<sys::fs::TempFile> createBeside(StringRef path) {
  if (path.empty())
    return createStringError("no file name");
  if (sys::fs::is_directory(path))
    return createStringError("it is a folder");
  return sys::fs::TempFile::create(path + ".%%%%%%%%.tmp");
}

/// Devices and pipes, which a renamed file must not replace.
static bool isSpecial(StringRef path) {
  sys::fs::file_status status;
  return !sys::fs::status(path, status) && sys::fs::exists(status) &&
         !sys::fs::is_regular_file(status) && !sys::fs::is_directory(status);
}

Error checkWritable(StringRef path) {
  if (path == "-")
    return Error::success();
  if (isSpecial(path)) {
    if (auto code = sys::fs::access(path, sys::fs::AccessMode::Write))
      return describe(path, errorCodeToError(code));
    return Error::success();
  }
  auto file = createBeside(path);
  if (!file)
    return describe(path, file.takeError());
  return file->discard();
}

static std::error_code write(raw_fd_ostream &os, ArrayRef<char> bytes) {
  os.write(bytes.data(), bytes.size());
  os.flush();
  std::error_code code = os.error();
  os.clear_error(); // or the stream ends the program
  return code;
}

/// To what is there, without a file beside it.
static std::error_code writeThrough(StringRef path, ArrayRef<char> bytes) {
  std::error_code code;
  raw_fd_ostream os(path, code);
  return code ? code : write(os, bytes);
}

Error writeFile(StringRef path, ArrayRef<char> bytes) {
  if (path == "-" || isSpecial(path)) {
    if (auto code = writeThrough(path, bytes))
      return describe(path == "-" ? "standard output" : path,
                      errorCodeToError(code));
    return Error::success();
  }
  auto file = createBeside(path);
  if (!file)
    return describe(path, file.takeError());
  raw_fd_ostream os(file->FD, /*shouldClose=*/false);
  if (auto code = write(os, bytes)) {
    consumeError(file->discard());
    return describe(path, errorCodeToError(code));
  }
  if (Error error = file->keep(path))
    return describe(path, std::move(error));
  return Error::success();
}

Error writeFile(StringRef path, StringRef text) {
  return writeFile(path, ArrayRef<char>(text.data(), text.size()));
}

} // namespace quantc
