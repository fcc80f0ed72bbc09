// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef QUANTC_INTERFACES_DECOMPOSABLEOPINTERFACE
#define QUANTC_INTERFACES_DECOMPOSABLEOPINTERFACE

include "mlir/IR/OpBase.td"

def DecomposableOpInterface : OpInterface<"DecomposableOpInterface"> {
  let cppNamespace = "::quantc";
  let description = [{
    A composite that TOSA lacks, and what it is made of in TOSA. It holds in every
    phase: the decomposition of a float form is float, that of an integer form integer.
  }];
  let methods = [
    InterfaceMethod<[{Builds the same values from TOSA's operations, at `builder`'s insertion point, and returns one
      per result, of its type. Failure, with nothing built, where there is no such form.}],
      "::mlir::FailureOr<::llvm::SmallVector<::mlir::Value>>", "decomposeToTosa",
      (ins "::mlir::OpBuilder &":$builder)>,
  ];
}

#endif // QUANTC_INTERFACES_DECOMPOSABLEOPINTERFACE
