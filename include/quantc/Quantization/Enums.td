// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The vocabulary that the arithmetic, the dialect and the tools share. Plain
// enums without IR, so that lib/Quantization can use them, too.

#ifndef QUANTC_QUANTIZATION_ENUMS
#define QUANTC_QUANTIZATION_ENUMS

include "mlir/IR/EnumAttr.td"

class Quantc_Enum<string name, string summary, list<I32EnumAttrCase> cases>
    : I32EnumAttr<name, summary, cases> {
  let cppNamespace = "::quantc";
  let genSpecializedAttr = 0;
}

def Quantc_ObserverKind : Quantc_Enum<"ObserverKind", "what an observer records", [
  I32EnumAttrCase<"MinMax", 0, "minmax">,
  I32EnumAttrCase<"MovingAverageMinMax", 1, "moving_average_minmax">,
  I32EnumAttrCase<"PerChannelMinMax", 2, "per_channel_minmax">,
  I32EnumAttrCase<"MovingAveragePerChannelMinMax", 3, "moving_average_per_channel_minmax">,
  I32EnumAttrCase<"Histogram", 4, "histogram">
]>;

def Quantc_QScheme : Quantc_Enum<"QScheme", "whether the zero point is free", [
  I32EnumAttrCase<"Affine", 0, "affine">,
  I32EnumAttrCase<"Symmetric", 1, "symmetric">
]>;

def Quantc_RoundingDomain : Quantc_Enum<"RoundingDomain", "the numbers a scale change computes in", [
  I32EnumAttrCase<"F32", 0, "f32">,
  I32EnumAttrCase<"F64", 1, "f64">,
  I32EnumAttrCase<"Fixed", 2, "fixed">
]>;

def Quantc_RoundingDirection : Quantc_Enum<"RoundingDirection", "where ties go", [
  I32EnumAttrCase<"HalfEven", 0, "half_even">,
  I32EnumAttrCase<"HalfUp", 1, "half_up">,
  I32EnumAttrCase<"HalfAway", 2, "half_away">,
  I32EnumAttrCase<"DoubleRound", 3, "double_round">
]>;

def Quantc_ScalingForm : Quantc_Enum<"ScalingForm", "multiply by the reciprocal of the scale, or divide by it", [
  I32EnumAttrCase<"Reciprocal", 0, "reciprocal">,
  I32EnumAttrCase<"Divide", 1, "divide">
]>;

def Quantc_ZeroPointPlacement : Quantc_Enum<"ZeroPointPlacement", "add the zero point before or after rounding", [
  I32EnumAttrCase<"BeforeRounding", 0, "before_rounding">,
  I32EnumAttrCase<"AfterRounding", 1, "after_rounding">
]>;

def Quantc_RequantizeMode : Quantc_Enum<"RequantizeMode", "how real multipliers become arithmetic", [
  I32EnumAttrCase<"F32", 0, "f32">,
  I32EnumAttrCase<"Fixed", 1, "fixed">,
  I32EnumAttrCase<"FixedDouble", 2, "fixed-double">,
  I32EnumAttrCase<"Shift", 3, "shift">
]>;

#endif // QUANTC_QUANTIZATION_ENUMS
