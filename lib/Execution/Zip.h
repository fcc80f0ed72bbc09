// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// As much of the zip format (PKWARE's APPNOTE.TXT) as NumPy's `.npz` files use:
// stored and deflated members, zip64 sizes.

#ifndef QUANTC_LIB_EXECUTION_ZIP_H
#define QUANTC_LIB_EXECUTION_ZIP_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/Error.h"
#include <string>
#include <vector>

namespace quantc::zip {

struct Member {
  std::string name;
  bool deflated = false;
  /// Of the data, from the start of the file.
  uint64_t offset = 0;
  /// In the file, and unpacked.
  uint64_t size = 0, unpackedSize = 0;
  uint32_t crc = 0;
};

using ReadFile =
    llvm::function_ref<llvm::Error(uint64_t, llvm::MutableArrayRef<char>)>;

/// The members in the order of the archive's directory; every one lies within
/// the file.
llvm::Expected<std::vector<Member>> list(uint64_t fileSize, ReadFile read);

/// Unpacks a deflated member and checks its checksum.
llvm::Expected<std::vector<char>> inflate(const Member &member, ReadFile read);

/// An archive of (name, data), stored. Error from 4 GiB on.
llvm::Expected<std::string>
store(llvm::ArrayRef<std::pair<std::string, std::string>> members);

} // namespace quantc::zip

#endif // QUANTC_LIB_EXECUTION_ZIP_H
