// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Files written in one step.

#ifndef QUANTC_SUPPORT_OUTPUTFILE_H
#define QUANTC_SUPPORT_OUTPUTFILE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace quantc {

/// Error, which names the path, unless a file can be created there: to be asked
/// before long work. "-" (standard output) always can.
llvm::Error checkWritable(llvm::StringRef path);

/// Writes beside the path and renames, so that no partial file is ever seen.
/// "-" is standard output; what is there and no plain file, such as a device or
/// a pipe, is written to as it is.
llvm::Error writeFile(llvm::StringRef path, llvm::ArrayRef<char> bytes);
llvm::Error writeFile(llvm::StringRef path, llvm::StringRef text);

} // namespace quantc

#endif // QUANTC_SUPPORT_OUTPUTFILE_H
