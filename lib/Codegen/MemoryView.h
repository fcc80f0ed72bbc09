// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A strided window into a buffer.

#ifndef QUANTC_LIB_CODEGEN_MEMORYVIEW_H
#define QUANTC_LIB_CODEGEN_MEMORYVIEW_H

#include "mlir/IR/BuiltinTypes.h"
#include <optional>

namespace quantc {

/// Bytes of an element in memory.
int64_t getElementBytes(mlir::Type type);

/// Where a tensor lies. Offset and strides count elements; the last dimension's
/// stride is 1 (or its size is), as vectors of it are loaded and stored.
struct View {
  unsigned buffer = 0;
  int64_t offset = 0;
  llvm::SmallVector<int64_t> shape, strides;
  mlir::Type elementType;

  /// Whether both are the same elements in the same shape.
  bool operator==(const View &other) const;

  static llvm::SmallVector<int64_t>
  identityStrides(llvm::ArrayRef<int64_t> shape);
  bool isContiguous() const;
  /// Elements from the first to behind the last.
  int64_t extent() const;
  View window(llvm::ArrayRef<int64_t> offsets,
              llvm::ArrayRef<int64_t> sizes) const;
  /// The same elements as `newShape`, if strides can say so.
  std::optional<View> reshaped(llvm::ArrayRef<int64_t> newShape) const;
};

} // namespace quantc

#endif // QUANTC_LIB_CODEGEN_MEMORYVIEW_H
