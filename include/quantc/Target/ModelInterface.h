// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a caller must know of a compiled model: its inputs, outputs and arena.

#ifndef QUANTC_TARGET_MODELINTERFACE_H
#define QUANTC_TARGET_MODELINTERFACE_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "quantc/Quantization/QuantParams.h"
#include "quantc/Target/TargetSpec.h"
#include "llvm/Support/JSON.h"
#include <optional>
#include <string>

namespace quantc {

/// The version of the entry point's ABI, NAME_ABI_VERSION in headers.
inline constexpr int64_t abiVersion = 1;

enum class ElementKind { F32, F64, I8, U8, I16, U16, I32, I64, Bool };

/// What NAME_run of a fat object returns on a processor that none of its
/// variants is for.
inline constexpr int noVariantCode = 3;

/// "f32", "i8", "u8", …
llvm::StringRef stringifyElementKind(ElementKind kind);
std::optional<ElementKind> symbolizeElementKind(llvm::StringRef name);
int64_t getByteSize(ElementKind kind);

struct TensorInterface {
  /// In the source model.
  std::string name;
  llvm::SmallVector<int64_t> shape;
  ElementKind element = ElementKind::F32;
  /// Where the elements are quantized: real = (q - zeroPoint) * scale.
  std::optional<QuantParams> params;

  int64_t getElementCount() const;
  int64_t getByteSize() const;
};

struct ModelInterface {
  /// The prefix of the entry point, NAME_run: a C identifier.
  std::string name;
  llvm::SmallVector<TensorInterface> inputs, outputs;
  int64_t arenaBytes = 0;
  int64_t arenaAlign = 64;
  /// The most bytes that live at one step: no plan can do with less.
  int64_t arenaLowerBound = 0;
  /// What the code was compiled for; of a fat object, the last of `variants`.
  TargetSpec target;
  /// A fat object's, in the order in which it tries them; empty otherwise.
  std::vector<Variant> variants;

  /// Whether this process can run the code, or a variant of it.
  bool runsOnHost() const;
  /// The CPU, or the names of the variants with commas between.
  std::string describeTarget() const;

  llvm::json::Value toJSON() const;
  static llvm::Expected<ModelInterface> fromJSON(llvm::StringRef text);
};

/// The public function of a model, or null after an error at the module.
mlir::func::FuncOp getModelFunction(mlir::ModuleOp module);

/// Reads inputs and outputs from the types and attributes (`quantc.name`,
/// `quantc.params`) of the model's function, in any phase before `kernel`.
/// Emits an error for dynamic shapes and elements that C doesn't have.
llvm::FailureOr<ModelInterface> collectInterface(mlir::ModuleOp module);

/// Completes `interface` from the attributes `quantc.arena_bytes`,
/// `quantc.arena_align` and `quantc.arena_lower_bound` that the `kernel` phase
/// leaves on the module (0, 64 and 0 where it left none).
void readArena(mlir::ModuleOp module, ModelInterface &interface);

/// A C identifier made from any text: "my-model.v2" → "my_model_v2".
std::string makeIdentifier(llvm::StringRef text);

} // namespace quantc

#endif // QUANTC_TARGET_MODELINTERFACE_H
