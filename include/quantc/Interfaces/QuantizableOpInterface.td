// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef QUANTC_INTERFACES_QUANTIZABLEOPINTERFACE
#define QUANTC_INTERFACES_QUANTIZABLEOPINTERFACE

include "mlir/IR/OpBase.td"

def QuantizableOpInterface : OpInterface<"QuantizableOpInterface"> {
  let cppNamespace = "::quantc";
  let description = [{
    What the quantization passes ask of an operation. TOSA's operations get it as
    external models (TosaQuantizableOps.h), so no pass switches on op names.
  }];
  let methods = [
    InterfaceMethod<"The operand that holds a constant weight, or none.",
      "std::optional<unsigned>", "getWeightOperand", (ins), "", "return std::nullopt;">,
    InterfaceMethod<"The output-channel axis of the weight operand.",
      "int64_t", "getWeightAxis", (ins), "", "return 0;">,
    InterfaceMethod<"The operand that holds a bias, which takes the scale input × weight, or none.",
      "std::optional<unsigned>", "getBiasOperand", (ins), "", "return std::nullopt;">,
    InterfaceMethod<"The operands that carry activations (those that get quantization sites).",
      "::llvm::SmallVector<unsigned>", "getActivationOperands", (ins), "", "return {0u};">,
    InterfaceMethod<[{Whether the result has the scale and zero point of its activation operands because
      values only move (max pool, reshape, transpose, concat, clamp, slice, pad).}],
      "bool", "sharesScale", (ins), "", "return false;">,
    InterfaceMethod<[{Builds the integer form: `operands` are, for activations and weights, values of quantized
      type, for the rest the original ones; the result has type `resultType` (quantized). Returns failure with
      `reason` set where there is none for these operands; nothing has been built then.}],
      "::mlir::FailureOr<::mlir::Value>", "buildInteger",
      (ins "::mlir::OpBuilder &":$builder, "::mlir::ValueRange":$operands, "::mlir::RankedTensorType":$resultType,
           "::quantc::RoundingAttr":$rounding, "std::string &":$reason)>,
  ];
}

#endif // QUANTC_INTERFACES_QUANTIZABLEOPINTERFACE
