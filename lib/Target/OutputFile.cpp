// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Target/OutputFile.h"
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

Error checkWritable(StringRef path) {
  if (path == "-")
    return Error::success();
  auto file = createBeside(path);
  if (!file)
    return describe(path, file.takeError());
  return file->discard();
}

Error writeFile(StringRef path, ArrayRef<char> bytes) {
  if (path == "-") {
    outs().write(bytes.data(), bytes.size());
    outs().flush();
    return Error::success();
  }
  auto file = createBeside(path);
  if (!file)
    return describe(path, file.takeError());
  raw_fd_ostream os(file->FD, /*shouldClose=*/false);
  os.write(bytes.data(), bytes.size());
  os.flush();
  if (std::error_code code = os.error()) {
    os.clear_error();
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
