// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Tensors whose elements are known at import: initializers and what is computed
// from them.

#ifndef QUANTC_LIB_IMPORT_ONNX_HOSTTENSOR_H
#define QUANTC_LIB_IMPORT_ONNX_HOSTTENSOR_H

#include "OnnxProto.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace quantc::onnximport {

using Shape = llvm::SmallVector<int64_t, 6>;

/// Row-major elements: float32 in `floats`, integers and booleans of any width
/// in `ints`.
struct HostTensor {
  std::string name;
  int32_t elementType = ::onnx::TensorProto::FLOAT;
  Shape shape;
  std::vector<float> floats;
  std::vector<int64_t> ints;

  bool isFloat() const { return elementType == ::onnx::TensorProto::FLOAT; }
  int64_t size() const { return isFloat() ? floats.size() : ints.size(); }
};
using HostTensorRef = std::shared_ptr<const HostTensor>;

/// No tensor gets larger by folding than this.
inline constexpr int64_t maxFoldedElements = int64_t(1) << 24;

/// Nor of higher rank, so that no shape is long.
inline constexpr size_t maxHostRank = 16;

/// The product of the dimensions; none where one is negative or the product of
/// those that aren't zero exceeds `limit`.
std::optional<int64_t> countElements(llvm::ArrayRef<int64_t> shape,
                                     int64_t limit);

/// "int64", as ONNX names its element types in messages.
std::string nameElementType(int32_t type);

/// The elements of a TensorProto. Errors: an element type that isn't supported,
/// external data, data that doesn't fit the dimensions.
llvm::Expected<HostTensorRef> decodeTensor(const ::onnx::TensorProto &proto);

/// A tensor of type int64.
HostTensorRef makeIntTensor(llvm::StringRef name, llvm::ArrayRef<int64_t> shape,
                            llvm::ArrayRef<int64_t> values);

/// The elements at offset + Σ index·stride of `source` (in elements, possibly
/// negative), which must lie inside; transposes, slices, broadcasts.
HostTensorRef copyStrided(const HostTensor &source,
                          llvm::ArrayRef<int64_t> shape, int64_t offset,
                          llvm::ArrayRef<int64_t> strides);

/// The same elements under a shape of equal size.
HostTensorRef copyReshaped(const HostTensor &source,
                           llvm::ArrayRef<int64_t> shape);

/// Row-major strides in elements.
Shape getStrides(llvm::ArrayRef<int64_t> shape);

/// The shape of two operands broadcast together (NumPy's rule); none where they
/// don't fit.
std::optional<Shape> broadcastShapes(llvm::ArrayRef<int64_t> a,
                                     llvm::ArrayRef<int64_t> b);

/// `source` broadcast to `shape`.
HostTensorRef copyBroadcast(const HostTensor &source,
                            llvm::ArrayRef<int64_t> shape);

} // namespace quantc::onnximport

#endif // QUANTC_LIB_IMPORT_ONNX_HOSTTENSOR_H
