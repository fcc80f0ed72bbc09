// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef QUANTC_DIALECT_QUANTC_IR_QUANTCOPS
#define QUANTC_DIALECT_QUANTC_IR_QUANTCOPS

include "mlir/IR/BuiltinAttributes.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "quantc/Dialect/Quantc/IR/QuantcAttributes.td"

def Quantc_QuantizedElement : Type<CPred<"::llvm::isa<::mlir::quant::UniformQuantizedType, ::mlir::quant::UniformQuantizedPerAxisType>($_self)">,
    "uniform quantized type">;
def Quantc_QuantizedTensor : TensorOf<[Quantc_QuantizedElement]>;
def Quantc_StorageTensor : TensorOf<[I8, I16, I32]>;
def Quantc_RealTensor : TensorOf<[F32]>;

def Quantc_ObserveOp : Quantc_Op<"observe",
    [DeclareOpInterfaceMethods<MemoryEffectsOpInterface>, AllTypesMatch<["input", "output"]>]> {
  let summary = "record the range of a value during calibration";
  let description = [{
    Identity. The site name is stable: it is the key of the calibration table.
    The memory effect keeps it from being removed.
  }];
  let arguments = (ins Quantc_RealTensor:$input, StrAttr:$site, Quantc_ObserverAttr:$observer);
  let results = (outs Quantc_RealTensor:$output);
  let assemblyFormat = "$input $site $observer attr-dict `:` type($input)";
}

def Quantc_FakeQuantOp : Quantc_Op<"fake_quant",
    [Pure, AttrSizedOperandSegments, AllTypesMatch<["input", "output"]>]> {
  let summary = "round a real value to what a quantized type can hold";
  let description = [{
    `(clamp(round(x / s) + zp, quant_min, quant_max) - zp) * s`, PyTorch's
    `fake_quantize` by default (multiplication by the f32 reciprocal, half even,
    zero point added after rounding); `scaling` and `zero_point_placement` select the
    other forms. Parameters are either a `!quant.uniform` type in `params`, or
    operands (`scale`: tensor<1xf32> or tensor<Cxf32>, `zero_point`: i32 of the same
    shape) with `quant_min`, `quant_max` and, per channel, `axis`.
  }];
  let arguments = (ins Quantc_RealTensor:$input,
    Optional<1DTensorOf<[F32]>>:$scale, Optional<1DTensorOf<[I32]>>:$zero_point,
    OptionalAttr<TypeAttr>:$params,
    OptionalAttr<I64Attr>:$quant_min, OptionalAttr<I64Attr>:$quant_max, OptionalAttr<I64Attr>:$axis,
    DefaultValuedAttr<Quantc_ScalingFormAttr, "::quantc::ScalingForm::Reciprocal">:$scaling,
    DefaultValuedAttr<Quantc_ZeroPointPlacementAttr, "::quantc::ZeroPointPlacement::AfterRounding">:$zero_point_placement);
  let results = (outs Quantc_RealTensor:$output);
  let assemblyFormat = [{
    $input (`scale` $scale^ `:` type($scale))? (`zero_point` $zero_point^ `:` type($zero_point))?
    (`as` $params^)? attr-dict `:` type($input)
  }];
  let hasVerifier = 1;
}

def Quantc_QuantizeOp : Quantc_Op<"quantize", [Pure]> {
  let summary = "real value to quantized value";
  let description = [{
    `clamp(round(x / s) + zp)`. The parameters are those of the result's quantized
    type or, where the result holds storage integers, those of `params`.
  }];
  let arguments = (ins Quantc_RealTensor:$input, OptionalAttr<TypeAttr>:$params,
    DefaultValuedAttr<Quantc_ScalingFormAttr, "::quantc::ScalingForm::Reciprocal">:$scaling,
    DefaultValuedAttr<Quantc_ZeroPointPlacementAttr, "::quantc::ZeroPointPlacement::AfterRounding">:$zero_point_placement);
  let results = (outs AnyTypeOf<[Quantc_QuantizedTensor, Quantc_StorageTensor]>:$output);
  let assemblyFormat = "$input (`as` $params^)? attr-dict `:` type($input) `->` type($output)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Quantc_DequantizeOp : Quantc_Op<"dequantize", [Pure]> {
  let summary = "quantized value to real value";
  let description = [{
    `(q - zp) * s`. The parameters are those of the operand's quantized type or,
    where the operand holds storage integers, those of `params`.
  }];
  let arguments = (ins AnyTypeOf<[Quantc_QuantizedTensor, Quantc_StorageTensor]>:$input, OptionalAttr<TypeAttr>:$params);
  let results = (outs Quantc_RealTensor:$output);
  let assemblyFormat = "$input (`as` $params^)? attr-dict `:` type($input) `->` type($output)";
  let hasVerifier = 1;
}

def Quantc_RequantizeOp : Quantc_Op<"requantize", [Pure]> {
  let summary = "change the scale and zero point of a quantized value";
  let description = [{
    The real value that the operand stands for, rounded to the result's type and
    clamped to its storage range. `rounding` says in which numbers, and where ties go.
    `--quantc-requantize-to-shift` turns it into `rescale`.
  }];
  let arguments = (ins Quantc_QuantizedTensor:$input, Quantc_RoundingAttr:$rounding);
  let results = (outs Quantc_QuantizedTensor:$output);
  let assemblyFormat = "$input $rounding attr-dict `:` type($input) `->` type($output)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Quantc_RescaleOp : Quantc_Op<"rescale", [Pure]> {
  let summary = "explicit scale change on storage integers";
  let description = [{
    `clamp(scale(x - input_zp) + output_zp, min, max)`, one multiplier per tensor or per
    channel of the last axis:
    * `f32` domain (`multipliers` f32): `rint(f32(x) * m)`, half even;
    * `fixed` domain (`fixed_multipliers` i32 and `shifts`): `(x * m + round) >> shift` in 64 bits, single
      rounding (`half_up`) or double rounding (`double_round`) as TOSA's apply_scale_32;
    * `fixed` domain with `shifts` alone: a rounding right shift (`half_up`), a left shift where negative.
  }];
  let arguments = (ins Quantc_StorageTensor:$input, Quantc_RoundingAttr:$rounding,
    OptionalAttr<DenseF32ArrayAttr>:$multipliers, OptionalAttr<DenseI32ArrayAttr>:$fixed_multipliers,
    OptionalAttr<DenseI32ArrayAttr>:$shifts,
    I32Attr:$input_zp, I32Attr:$output_zp, I32Attr:$min, I32Attr:$max);
  let results = (outs Quantc_StorageTensor:$output);
  let assemblyFormat = "$input $rounding attr-dict `:` type($input) `->` type($output)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Quantc_GroupedConv2DOp : Quantc_Op<"grouped_conv2d", [Pure]> {
  let summary = "2-D convolution in groups, which TOSA lacks";
  let description = [{
    As `tosa.conv2d` (NHWC input, OHWI weight with I = C / groups, bias of O elements,
    pad [top, bottom, left, right], exact fit), the channels split into `groups` equal parts.
    f32, or i8 × i8 → i32 with the zero point of the input in `input_zp`.
    Decomposes to slices, `tosa.conv2d` and a concat.
  }];
  let arguments = (ins 4DTensorOf<[F32, I8]>:$input, 4DTensorOf<[F32, I8]>:$weight, 1DTensorOf<[F32, I32]>:$bias,
    DenseI64ArrayAttr:$pad, DenseI64ArrayAttr:$stride, DenseI64ArrayAttr:$dilation, I64Attr:$groups,
    DefaultValuedAttr<I32Attr, "0">:$input_zp);
  let results = (outs 4DTensorOf<[F32, I32]>:$output);
  let assemblyFormat = "$input `,` $weight `,` $bias attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

#endif // QUANTC_DIALECT_QUANTC_IR_QUANTCOPS
