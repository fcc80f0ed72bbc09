// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// NumPy's files: `.npy` (versions 1 to 3, little-endian, row-major) and `.npz`
// (a zip archive of them, stored or deflated).

#ifndef QUANTC_EXECUTION_ARRAYFILE_H
#define QUANTC_EXECUTION_ARRAYFILE_H

#include "quantc/Target/ModelInterface.h"
#include <memory>

namespace quantc {

/// The header of an array.
struct ArrayHeader {
  ElementKind element = ElementKind::F32;
  llvm::SmallVector<int64_t> shape;

  /// For messages: "f32 100x3x32x32".
  std::string describe() const;
};

/// An open array. The elements stay in the file until they are read, so that
/// memory doesn't grow with the number of samples; only compressed members of
/// `.npz` are unpacked when opened.
class ArrayReader {
public:
  /// Opens a `.npy`. Error, which begins with the path, if there is no such
  /// file, or it is truncated, longer than its header says, big-endian,
  /// column-major, or of an element type that isn't in ElementKind.
  static llvm::Expected<ArrayReader> open(llvm::StringRef path);
  /// Opens all members of a `.npz`, in order, with their names (less ".npy").
  static llvm::Expected<std::vector<std::pair<std::string, ArrayReader>>>
  openAll(llvm::StringRef path);

  const ArrayHeader &getHeader() const { return header; }
  ElementKind getElement() const { return header.element; }
  llvm::ArrayRef<int64_t> getShape() const { return header.shape; }
  /// For messages: the path; for members, with the name in brackets.
  llvm::StringRef getName() const { return name; }
  int64_t getElementCount() const { return elements; }

  /// Reads the elements [begin, begin + count) into `out`, which has
  /// count · getByteSize(getElement()) bytes.
  llvm::Error read(int64_t begin, int64_t count, void *out) const;
  /// All elements as i64; error unless they are integers.
  llvm::Expected<std::vector<int64_t>> readIntegers() const;

private:
  struct File;
  static llvm::Expected<ArrayReader>
  parse(std::string name, std::shared_ptr<File> file, uint64_t begin,
        uint64_t end, std::shared_ptr<std::vector<char>> unpacked);
  llvm::Error readBytes(uint64_t offset, llvm::MutableArrayRef<char> out) const;

  std::string name;
  ArrayHeader header;
  int64_t elements = 0;
  std::shared_ptr<File> file;
  uint64_t dataOffset = 0;
  /// Instead of the file, for what was compressed.
  std::shared_ptr<std::vector<char>> unpacked;
};

/// An array in memory, to be written.
struct Array {
  std::string name;
  ArrayHeader header;
  std::vector<char> bytes;
};

/// Writes the file in one step. The same array gives the same bytes.
llvm::Error writeNpy(llvm::StringRef path, const Array &array);
llvm::Error writeNpz(llvm::StringRef path, llvm::ArrayRef<Array> arrays);

} // namespace quantc

#endif // QUANTC_EXECUTION_ARRAYFILE_H
