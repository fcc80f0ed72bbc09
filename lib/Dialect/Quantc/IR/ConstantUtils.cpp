// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Dialect/Quantc/IR/ConstantUtils.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace quantc;

/// Blobs are aligned for the widest vectors, as they end up in `.rodata`.
static constexpr size_t blobAlignment = 64;

template <typename T> static bool holds(Type elementType) {
  if constexpr (std::is_same_v<T, float>)
    return elementType.isF32();
  else if constexpr (std::is_same_v<T, double>)
    return elementType.isF64();
  else
    return elementType.isInteger(8 * sizeof(T)) ||
           (std::is_same_v<T, int64_t> && elementType.isIndex());
}

template <typename T>
std::optional<SmallVector<T>> quantc::readElements(Attribute attr) {
  auto elements = dyn_cast_or_null<ElementsAttr>(attr);
  if (!elements || !holds<T>(elements.getElementType()))
    return std::nullopt;
  if (auto dense = dyn_cast<DenseElementsAttr>(attr))
    return llvm::to_vector(dense.getValues<T>());
  auto resource = dyn_cast<DenseResourceElementsAttr>(attr);
  size_t count = elements.getNumElements();
  if (!resource || resource.getData().size() != count * sizeof(T))
    return std::nullopt;
  SmallVector<T> values(count);
  llvm::copy(resource.getData(), reinterpret_cast<char *>(values.data()));
  return values;
}

template <typename T>
std::optional<SmallVector<T>> quantc::readConstant(Value value) {
  Attribute attr;
  if (!matchPattern(value, m_Constant(&attr)))
    return std::nullopt;
  return readElements<T>(attr);
}

template <typename T>
ElementsAttr quantc::makeElements(RankedTensorType type, ArrayRef<T> values,
                                  StringRef name) {
  assert(holds<T>(type.getElementType()) &&
         type.getNumElements() == static_cast<int64_t>(values.size()));
  ArrayRef<char> raw(reinterpret_cast<const char *>(values.data()),
                     values.size() * sizeof(T));
  if (type.getNumElements() < minResourceElements)
    return DenseElementsAttr::getFromRawBuffer(type, raw);
  auto &manager =
      DenseResourceElementsHandle::getManagerInterface(type.getContext());
  if (auto *entry = manager.getBlobManager().lookup(name))
    if (AsmResourceBlob *blob = entry->getBlob())
      if (blob->getDataAlignment() >= blobAlignment && blob->getData() == raw)
        return DenseResourceElementsAttr::get(
            type, DenseResourceElementsHandle(
                      entry, cast<BuiltinDialect>(manager.getDialect())));
  return DenseResourceElementsAttr::get(
      type, name,
      HeapAsmResourceBlob::allocateAndCopyWithAlign(raw, blobAlignment));
}

template <typename T>
Value quantc::makeConstant(OpBuilder &builder, Location loc,
                           ArrayRef<int64_t> shape, ArrayRef<T> values,
                           StringRef name) {
  Type element;
  if constexpr (std::is_same_v<T, float>)
    element = builder.getF32Type();
  else
    element = builder.getIntegerType(8 * sizeof(T));
  auto type = RankedTensorType::get(shape, element);
  return tosa::ConstOp::create(builder, loc, type,
                               makeElements(type, values, name));
}

StringRef quantc::getResourceName(Attribute attr) {
  if (auto resource = dyn_cast_or_null<DenseResourceElementsAttr>(attr))
    return resource.getRawHandle().getKey();
  return {};
}

#define INSTANTIATE(T)                                                         \
  template std::optional<SmallVector<T>> quantc::readElements<T>(Attribute);   \
  template std::optional<SmallVector<T>> quantc::readConstant<T>(Value);       \
  template ElementsAttr quantc::makeElements<T>(RankedTensorType, ArrayRef<T>, \
                                                StringRef)
#define INSTANTIATE_CONSTANT(T)                                                \
  INSTANTIATE(T);                                                              \
  template Value quantc::makeConstant<T>(                                      \
      OpBuilder &, Location, ArrayRef<int64_t>, ArrayRef<T>, StringRef)
INSTANTIATE_CONSTANT(float);
INSTANTIATE_CONSTANT(int8_t);
INSTANTIATE_CONSTANT(int16_t);
INSTANTIATE_CONSTANT(int32_t);
INSTANTIATE_CONSTANT(int64_t);
INSTANTIATE(double);
