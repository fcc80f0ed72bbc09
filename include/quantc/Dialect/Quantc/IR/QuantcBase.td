// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef QUANTC_DIALECT_QUANTC_IR_QUANTCBASE
#define QUANTC_DIALECT_QUANTC_IR_QUANTCBASE

include "mlir/IR/OpBase.td"
include "mlir/IR/DialectBase.td"

def Quantc_Dialect : Dialect {
  let name = "quantc";
  let cppNamespace = "::quantc";
  let summary = "Quantization: from observers to integer scale changes";
  let description = [{
    Holds what TOSA and `quant` lack: observers, fake quantization, conversions
    between real and quantized values with a stated rounding, scale changes, and
    composite operators. The types are those of the `quant` dialect.

    The arithmetic of each operation is given by a rule in docs/Semantics.md and
    implemented once, in lib/Quantization.
  }];
  let useDefaultAttributePrinterParser = 1;
  let hasConstantMaterializer = 1;
  let dependentDialects = ["::mlir::quant::QuantDialect", "::mlir::tensor::TensorDialect", "::mlir::tosa::TosaDialect"];
}

class Quantc_Op<string mnemonic, list<Trait> traits = []>
    : Op<Quantc_Dialect, mnemonic, traits>;

#endif // QUANTC_DIALECT_QUANTC_IR_QUANTCBASE
