// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef QUANTC_DIALECT_QUANTC_IR_QUANTCATTRIBUTES
#define QUANTC_DIALECT_QUANTC_IR_QUANTCATTRIBUTES

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "quantc/Dialect/Quantc/IR/QuantcBase.td"
include "quantc/Quantization/Enums.td"

class Quantc_Attr<string name, string attrMnemonic> : AttrDef<Quantc_Dialect, name> {
  let mnemonic = attrMnemonic;
}

// AttrDef can neither hash nor parse a plain double.
def Quantc_DoubleParameter : AttrOrTypeParameter<"::llvm::APFloat", "a double"> {
  let comparator = "$_lhs.bitwiseIsEqual($_rhs)";
  let defaultValue = "::llvm::APFloat(0.01)";
  let parser = [{[&]() -> ::mlir::FailureOr<::llvm::APFloat> {
    double value;
    if (failed($_parser.parseFloat(value)))
      return ::mlir::failure();
    return ::llvm::APFloat(value);
  }()}];
  let printer = "$_printer.printFloat($_self)";
}

def Quantc_ObserverAttr : Quantc_Attr<"Observer", "observer"> {
  let summary = "what to record at a quantization site, and how to turn it into parameters";
  let description = [{
    PyTorch's observers by their arguments. `is_signed`, `quant_min` and
    `quant_max` give the storage (`qint8` is `is_signed = true`, -128, 127);
    `axis` is the channel axis of the per-channel kinds.

    ```mlir
    #quantc.observer<kind = histogram, is_signed = true, quant_min = -128, quant_max = 127, qscheme = affine>
    ```
  }];
  let parameters = (ins
    EnumParameter<Quantc_ObserverKind>:$kind,
    "bool":$is_signed,
    "int64_t":$quant_min,
    "int64_t":$quant_max,
    EnumParameter<Quantc_QScheme>:$qscheme,
    DefaultValuedParameter<"bool", "false">:$reduce_range,
    DefaultValuedParameter<"int64_t", "0">:$axis,
    Quantc_DoubleParameter:$averaging_constant,
    DefaultValuedParameter<"int64_t", "2048">:$bins);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

def Quantc_RoundingAttr : Quantc_Attr<"Rounding", "rounding"> {
  let summary = "domain × direction of a scale change";
  let description = [{
    The numbers a scale change computes in, and where ties go (docs/Semantics.md).
    quantc's own default is `#quantc.rounding<f32, half_even>`.
  }];
  let parameters = (ins
    EnumParameter<Quantc_RoundingDomain>:$domain,
    EnumParameter<Quantc_RoundingDirection>:$direction);
  let assemblyFormat = "`<` $domain `,` $direction `>`";
  let genVerifyDecl = 1;
}

def Quantc_ScalingFormAttr : EnumAttr<Quantc_Dialect, Quantc_ScalingForm, "scaling">;
def Quantc_ZeroPointPlacementAttr : EnumAttr<Quantc_Dialect, Quantc_ZeroPointPlacement, "zero_point">;

#endif // QUANTC_DIALECT_QUANTC_IR_QUANTCATTRIBUTES
