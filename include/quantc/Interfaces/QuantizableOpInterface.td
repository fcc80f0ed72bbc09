// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef QUANTC_INTERFACES_QUANTIZABLEOPINTERFACE
#define QUANTC_INTERFACES_QUANTIZABLEOPINTERFACE

include "mlir/IR/OpBase.td"

def QuantizableOpInterface : OpInterface<"QuantizableOpInterface"> {
  let cppNamespace = "::quantc";
  let description = [{
    What the quantization passes ask of an operation (with one result). TOSA's operations get
    it as external models (QuantizableOps.h), so no pass switches on op names.
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
    InterfaceMethod<[{Whether the integer form wants its activation operands and its result to have one scale
      and zero point, because values only move or are cut (max pool, reshape, transpose, concat, clamp, slice, pad).}],
      "bool", "sharesScale", (ins), "", "return false;">,
    InterfaceMethod<[{Of those that share: whether the result's range is another than that of each operand (clamp,
      concat). The site then belongs behind the operation, and what is only made for it has none of its own.}],
      "bool", "setsRange", (ins), "", "return false;">,
    InterfaceMethod<[{What the operation costs in integers and in float (FormCosts.h), the conversions between
      them left out; by default what it costs to move as many elements as the result has. Shapes are static.}],
      "::quantc::FormCosts", "getFormCosts", (ins), "", "return ::quantc::getMovingCosts($_op->getResult(0));">,
    InterfaceMethod<[{Builds the integer form and returns its value, of type `resultType` (quantized). `operands` are
      the operation's own, but activations and weights are values of quantized type (all of them that of the result
      where `sharesScale`), and a bias is a constant of i32 at the scale input × weight. Returns failure with `reason`
      ("it ...") set where there is no integer form for these operands; what has been built by then is dead.}],
      "::mlir::FailureOr<::mlir::Value>", "buildInteger",
      (ins "::mlir::OpBuilder &":$builder, "::mlir::ValueRange":$operands, "::mlir::RankedTensorType":$resultType,
           "::quantc::RoundingAttr":$rounding, "std::string &":$reason)>,
  ];
}

#endif // QUANTC_INTERFACES_QUANTIZABLEOPINTERFACE
