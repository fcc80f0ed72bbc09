// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which operations become integer, and the conversions between them and those
// that don't. Values are what `quantize` and `dequantize` one behind the other
// leave of fake quantizations.

#ifndef QUANTC_LIB_TRANSFORMS_FORMCHOICE_H
#define QUANTC_LIB_TRANSFORMS_FORMCHOICE_H

#include "quantc/Dialect/Quantc/IR/Quantc.h"
#include "llvm/ADT/DenseSet.h"

namespace quantc {

/// The first quantization of `value`, whose parameters are its own; or null.
QuantizeOp getFirstQuantize(mlir::Value value);

struct FormChoiceOptions {
  /// Without: as many as possible become integer.
  bool byCost = true;
  /// Arguments are integers, and results where they can be.
  bool integerIO = false;
};

struct FormChoice {
  llvm::DenseSet<mlir::Operation *> integer;
  /// Why the others stay float: "it ...".
  llvm::DenseMap<mlir::Operation *, std::string> reasons;
};

/// Of all choices for `ops` (those that compute real numbers, in the order of
/// the module) one of least cost (FormCosts.h): a minimum cut, in which both
/// forms of an operation have a cost, and a value its conversion, once, where
/// operations on both sides have to do with it. Of equal ones, the one with the
/// most integer operations. `unable` says which have no integer form after all,
/// and why.
FormChoice
chooseForms(llvm::ArrayRef<mlir::Operation *> ops,
            const llvm::DenseMap<mlir::Operation *, std::string> &unable,
            FormChoiceOptions options);

/// Makes the conversions fit the choice: what a float operation has computed,
/// or the model is given, is rounded for integer readers alone; and where
/// values were moved in float, integer readers get them quantized behind.
void connectForms(llvm::ArrayRef<mlir::Operation *> ops,
                  const llvm::DenseSet<mlir::Operation *> &integer,
                  bool integerIO);

} // namespace quantc

#endif // QUANTC_LIB_TRANSFORMS_FORMCHOICE_H
