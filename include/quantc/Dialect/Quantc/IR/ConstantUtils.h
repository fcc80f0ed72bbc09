// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reading and building constants, whichever attribute holds them: small ones
// are DenseElementsAttr (printed, folded, uniqued), large ones raw blobs
// (DenseResourceElementsAttr), which are neither hashed nor copied.

#ifndef QUANTC_DIALECT_QUANTC_IR_CONSTANTUTILS_H
#define QUANTC_DIALECT_QUANTC_IR_CONSTANTUTILS_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include <optional>

namespace quantc {

/// From this number of elements on, constants are blobs.
inline constexpr int64_t minResourceElements = 64;

/// The elements of a constant, row-major, as `T`: float (f32), double (f64),
/// int8_t, int16_t, int32_t or int64_t (integers of that width; int64_t: index,
/// too). None where `attr` holds no such elements, or a blob that is absent or
/// has another size.
template <typename T>
std::optional<llvm::SmallVector<T>> readElements(mlir::Attribute attr);

/// The same for a value that a constant operation defines.
template <typename T>
std::optional<llvm::SmallVector<T>> readConstant(mlir::Value value);

/// The attribute that holds `values`, row-major, as a tensor of `type` (whose
/// elements have the width of `T`). `name` is the hint for the name of a blob;
/// one that has that name and these bytes already serves.
template <typename T>
mlir::ElementsAttr makeElements(mlir::RankedTensorType type,
                                llvm::ArrayRef<T> values, llvm::StringRef name);

/// `tosa.const` of shape `shape` and the element type of `T` (f32, i8, i16, i32
/// or i64).
template <typename T>
mlir::Value makeConstant(mlir::OpBuilder &builder, mlir::Location loc,
                         llvm::ArrayRef<int64_t> shape,
                         llvm::ArrayRef<T> values,
                         llvm::StringRef name = "constant");

/// The name of the blob that holds `attr`; empty where none does.
llvm::StringRef getResourceName(mlir::Attribute attr);

} // namespace quantc

#endif // QUANTC_DIALECT_QUANTC_IR_CONSTANTUTILS_H
