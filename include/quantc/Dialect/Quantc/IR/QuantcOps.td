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
def Quantc_QuantizedTensor : RankedTensorOf<[Quantc_QuantizedElement]>;
def Quantc_StorageTensor : RankedTensorOf<[I8, I16, I32]>;
def Quantc_RealTensor : RankedTensorOf<[F32]>;

def Quantc_ObserveOp : Quantc_Op<"observe",
    [DeclareOpInterfaceMethods<MemoryEffectsOpInterface>, AllTypesMatch<["input", "output"]>]> {
  let summary = "record the range of a value during calibration";
  let description = [{
    Identity. The site name is stable: it is the key of the calibration table.
    The memory effect keeps it from being removed. `observer` says what to record and
    which parameters follow from it (docs/Semantics.md, S25 to S30).

    ```mlir
    %0 = quantc.observe %x "stem/relu" <kind = histogram, is_signed = true, quant_min = -128, quant_max = 127, qscheme = affine> : tensor<1x8x8x4xf32>
    ```
  }];
  let arguments = (ins Quantc_RealTensor:$input, StrAttr:$site, Quantc_ObserverAttr:$observer);
  let results = (outs Quantc_RealTensor:$output);
  let assemblyFormat = "$input $site $observer attr-dict `:` type($input)";
  let hasVerifier = 1;
}

def Quantc_FakeQuantOp : Quantc_Op<"fake_quant",
    [Pure, AttrSizedOperandSegments, AllTypesMatch<["input", "output"]>]> {
  let summary = "round a real value to what a quantized type can hold";
  let description = [{
    `(clamp(round(x / s) + zp, quant_min, quant_max) - zp) * s`, PyTorch's
    `fake_quantize` by default (multiplication by the f32 reciprocal, half even,
    zero point added after rounding; docs/Semantics.md, S10); `scaling` and
    `zero_point_placement` select the other forms. Parameters are either a
    `!quant.uniform` type in `params`, or operands (`scale`: tensor<1xf32> or
    tensor<Cxf32>, `zero_point`: i32 of the same shape) with `quant_min`, `quant_max`
    and, per channel, `axis`.

    ```mlir
    %0 = quantc.fake_quant %x as !quant.uniform<i8:f32, 0.5:3> : tensor<2x3xf32>
    %1 = quantc.fake_quant %x scale %scale : tensor<3xf32> zero_point %zp : tensor<3xi32> {axis = 1 : i64, quant_min = -128 : i64, quant_max = 127 : i64} : tensor<2x3xf32>
    ```
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

def Quantc_QuantizeOp : Quantc_Op<"quantize", [Pure, AllShapesMatch<["input", "output"]>]> {
  let summary = "real value to quantized value";
  let description = [{
    `clamp(round(x / s) + zp)` (docs/Semantics.md, S8). The parameters are those of the
    result's quantized type or, where the result holds storage integers, those of
    `params`.

    ```mlir
    %0 = quantc.quantize %x : tensor<2x3xf32> -> tensor<2x3x!quant.uniform<i8:f32, 0.5:3>>
    %1 = quantc.quantize %x as !quant.uniform<i8:f32, 0.5:3> : tensor<2x3xf32> -> tensor<2x3xi8>
    ```

    Folds: `quantize(dequantize(q)) = q` where both have the same parameters and at most
    16 bits; constants, where the result holds storage integers.
  }];
  let arguments = (ins Quantc_RealTensor:$input, OptionalAttr<TypeAttr>:$params,
    DefaultValuedAttr<Quantc_ScalingFormAttr, "::quantc::ScalingForm::Reciprocal">:$scaling,
    DefaultValuedAttr<Quantc_ZeroPointPlacementAttr, "::quantc::ZeroPointPlacement::AfterRounding">:$zero_point_placement);
  let results = (outs AnyTypeOf<[Quantc_QuantizedTensor, Quantc_StorageTensor]>:$output);
  let assemblyFormat = "$input (`as` $params^)? attr-dict `:` type($input) `->` type($output)";
  let extraClassDeclaration = [{
    /// The quantized type that the result has, or stands for.
    ::mlir::quant::QuantizedType getQuantizedType();
  }];
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Quantc_DequantizeOp : Quantc_Op<"dequantize", [Pure, AllShapesMatch<["input", "output"]>]> {
  let summary = "quantized value to real value";
  let description = [{
    `(q - zp) * s` (docs/Semantics.md, S9). The parameters are those of the operand's
    quantized type or, where the operand holds storage integers, those of `params`.
    `dequantize(quantize(x))` isn't `x` and doesn't fold.

    ```mlir
    %0 = quantc.dequantize %q : tensor<2x3x!quant.uniform<i8:f32, 0.5:3>> -> tensor<2x3xf32>
    %1 = quantc.dequantize %s as !quant.uniform<i8:f32, 0.5:3> : tensor<2x3xi8> -> tensor<2x3xf32>
    ```
  }];
  let arguments = (ins AnyTypeOf<[Quantc_QuantizedTensor, Quantc_StorageTensor]>:$input, OptionalAttr<TypeAttr>:$params);
  let results = (outs Quantc_RealTensor:$output);
  let assemblyFormat = "$input (`as` $params^)? attr-dict `:` type($input) `->` type($output)";
  let extraClassDeclaration = [{
    /// The quantized type that the operand has, or stands for.
    ::mlir::quant::QuantizedType getQuantizedType();
  }];
  let hasVerifier = 1;
}

def Quantc_RequantizeOp : Quantc_Op<"requantize", [Pure, AllShapesMatch<["input", "output"]>]> {
  let summary = "change the scale and zero point of a quantized value";
  let description = [{
    The real value that the operand stands for, rounded to the result's type and
    clamped to its storage range (docs/Semantics.md, S11). `rounding` says in which
    numbers, and where ties go: `<f32, half_even>`, `<fixed, half_up>` or
    `<fixed, double_round>`. The operand is quantized per tensor or along its last axis,
    the result per tensor. `--quantc-requantize-to-shift` turns it into `rescale`.

    ```mlir
    %0 = quantc.requantize %q <f32, half_even> : tensor<2x3x!quant.uniform<i32:f32:1, {0.5, 0.25, 0.5}>> -> tensor<2x3x!quant.uniform<i8:f32, 2.0:3>>
    ```

    Folds to the operand where both types are the same.
  }];
  let arguments = (ins Quantc_QuantizedTensor:$input, Quantc_RoundingAttr:$rounding);
  let results = (outs Quantc_QuantizedTensor:$output);
  let assemblyFormat = "$input $rounding attr-dict `:` type($input) `->` type($output)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Quantc_RescaleOp : Quantc_Op<"rescale", [Pure, AllShapesMatch<["input", "output"]>]> {
  let summary = "explicit scale change on storage integers";
  let description = [{
    `clamp(scale(x - input_zp) + output_zp, min, max)`, one multiplier per tensor or per
    channel of the last axis (docs/Semantics.md, S12 to S15):
    * `f32` domain (`multipliers` f32): `rint(f32(x) * m)`, half even;
    * `fixed` domain (`fixed_multipliers` i32 and `shifts`): `(x * m + round) >> shift` in 64 bits, single
      rounding (`half_up`) or double rounding (`double_round`) as TOSA's apply_scale_32;
    * `fixed` domain with `shifts` alone: a rounding right shift (`half_up`), a left shift where negative.

    ```mlir
    %0 = quantc.rescale %x <f32, half_even> {input_zp = 0 : i32, output_zp = 3 : i32, min = -128 : i32, max = 127 : i32, multipliers = array<f32: 0.25, 0.125, 0.25>} : tensor<2x3xi32> -> tensor<2x3xi8>
    %1 = quantc.rescale %x <fixed, half_up> {input_zp = 0 : i32, output_zp = 3 : i32, min = -128 : i32, max = 127 : i32, fixed_multipliers = array<i32: 1717986918>, shifts = array<i32: 34>} : tensor<2x3xi32> -> tensor<2x3xi8>
    %2 = quantc.rescale %x <fixed, half_up> {input_zp = 0 : i32, output_zp = 3 : i32, min = 3 : i32, max = 127 : i32, shifts = array<i32: 4>} : tensor<2x3xi32> -> tensor<2x3xi8>
    ```

    Folds constants below 64 elements, and to the operand where nothing changes.
  }];
  let arguments = (ins Quantc_StorageTensor:$input, Quantc_RoundingAttr:$rounding,
    OptionalAttr<DenseF32ArrayAttr>:$multipliers, OptionalAttr<DenseI32ArrayAttr>:$fixed_multipliers,
    OptionalAttr<DenseI32ArrayAttr>:$shifts,
    I32Attr:$input_zp, I32Attr:$output_zp, I32Attr:$min, I32Attr:$max);
  let results = (outs Quantc_StorageTensor:$output);
  let assemblyFormat = "$input $rounding attr-dict `:` type($input) `->` type($output)";
  let extraClassDeclaration = [{
    /// The result for one element of the given channel of the last axis.
    int32_t apply(int32_t value, int64_t channel);
  }];
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

    ```mlir
    %0 = quantc.grouped_conv2d %x, %w, %b {pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, groups = 2 : i64} : (tensor<1x8x8x4xf32>, tensor<6x3x3x2xf32>, tensor<6xf32>) -> tensor<1x8x8x6xf32>
    ```
  }];
  let arguments = (ins 4DTensorOf<[F32, I8]>:$input, 4DTensorOf<[F32, I8]>:$weight, 1DTensorOf<[F32, I32]>:$bias,
    DenseI64ArrayAttr:$pad, DenseI64ArrayAttr:$stride, DenseI64ArrayAttr:$dilation, I64Attr:$groups,
    DefaultValuedAttr<I32Attr, "0">:$input_zp);
  let results = (outs 4DTensorOf<[F32, I32]>:$output);
  let assemblyFormat = "$input `,` $weight `,` $bias attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def Quantc_ByteTensor : RankedTensorOf<[I8]>;

def Quantc_SoftmaxOp : Quantc_Op<"softmax", [Pure, SameOperandsAndResultType]> {
  let summary = "exp(x - max x) / Σ exp(x - max x) over the last dimension";
  let description = [{
    Decomposes to reductions, `tosa.exp` and a product with the reciprocal. The kernel sums
    by a fixed tree (docs/Semantics.md, S32). Quantized, it is `integer_softmax`.

    ```mlir
    %0 = quantc.softmax %x : tensor<12x128x128xf32>
    ```
  }];
  let arguments = (ins Quantc_RealTensor:$input);
  let results = (outs Quantc_RealTensor:$output);
  let assemblyFormat = "$input attr-dict `:` type($input)";
  let hasVerifier = 1;
}

def Quantc_LayerNormOp : Quantc_Op<"layer_norm", [Pure, AllTypesMatch<["input", "output"]>, AllTypesMatch<["gamma", "beta"]>]> {
  let summary = "normalize the last dimension to mean 0 and variance 1, then scale and shift";
  let description = [{
    `(x - mean x) / sqrt(mean (x - mean x)^2 + epsilon) * gamma + beta`, gamma and beta by the
    index in the last dimension. Decomposes to TOSA's reductions and elementwise operations.
    Quantized, it is `integer_layer_norm`.

    ```mlir
    %0 = quantc.layer_norm %x, %gamma, %beta {epsilon = 1.0e-5 : f32} : tensor<128x768xf32>, tensor<768xf32>
    ```
  }];
  let arguments = (ins Quantc_RealTensor:$input, 1DTensorOf<[F32]>:$gamma, 1DTensorOf<[F32]>:$beta, F32Attr:$epsilon);
  let results = (outs Quantc_RealTensor:$output);
  let assemblyFormat = "$input `,` $gamma `,` $beta attr-dict `:` type($input) `,` type($gamma)";
  let hasVerifier = 1;
}

def Quantc_GeluOp : Quantc_Op<"gelu", [Pure, SameOperandsAndResultType]> {
  let summary = "x times the probability of a normal variable below x";
  let description = [{
    `x / 2 * (1 + erf(x / sqrt(2)))`; with `tanh`, its approximation
    `x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)))`, which is
    `x * sigmoid(2 * sqrt(2 / pi) * (x + 0.044715 * x^3))`. Decomposes to TOSA's elementwise
    operations. Between 8-bit quantized values it becomes a table, as other unary functions do.

    ```mlir
    %0 = quantc.gelu %x : tensor<128x3072xf32>
    %1 = quantc.gelu %x {tanh} : tensor<128x3072xf32>
    ```

    Folds constants below 64 elements.
  }];
  let arguments = (ins Quantc_RealTensor:$input, UnitAttr:$tanh);
  let results = (outs Quantc_RealTensor:$output);
  let assemblyFormat = "$input attr-dict `:` type($input)";
  let extraClassDeclaration = [{
    /// The result for one element.
    double evaluate(double x);
  }];
  let hasFolder = 1;
}

def Quantc_IntegerSoftmaxOp : Quantc_Op<"integer_softmax", [Pure, AllTypesMatch<["input", "output"]>]> {
  let summary = "softmax over the last dimension, on storage integers";
  let description = [{
    With `d = max(row) - x` and `e = table[d]`, each row's result is
    `clamp((e * r + 2^(shift-1)) >> shift + output_zp, min, max)`, where
    `r = (numerator + s / 2) / s` and `s` is the sum of the row's `e` (docs/Semantics.md, S33).
    Sums stay in i32, products in i64.

    ```mlir
    %0 = quantc.integer_softmax %x, %table {numerator = 18014398509481984 : i64, shift = 46 : i32, output_zp = -128 : i32, min = -128 : i32, max = 127 : i32} : tensor<12x128x128xi8>, tensor<256xi32>
    ```
  }];
  let arguments = (ins Quantc_ByteTensor:$input, 1DTensorOf<[I32]>:$table, I64Attr:$numerator, I32Attr:$shift,
    I32Attr:$output_zp, I32Attr:$min, I32Attr:$max);
  let results = (outs Quantc_ByteTensor:$output);
  let assemblyFormat = "$input `,` $table attr-dict `:` type($input) `,` type($table)";
  let hasVerifier = 1;
}

def Quantc_IntegerLayerNormOp : Quantc_Op<"integer_layer_norm", [Pure, AllTypesMatch<["input", "output"]>, AllTypesMatch<["gamma", "beta"]>]> {
  let summary = "layer normalization over the last dimension, on storage integers";
  let description = [{
    Mean and variance are exact; their quotient is a fixed-point number of 16 bits, `gamma` and
    `beta` are i32 in the units of the result (docs/Semantics.md, S34). `epsilon` is
    n^2 times that of the source, in units of the operand's scale squared; normalized values
    have `places` binary places, and `shift` takes off those of the result.

    ```mlir
    %0 = quantc.integer_layer_norm %x, %gamma, %beta {epsilon = 589 : i64, places = 10 : i32, shift = 18 : i32, min = -128 : i32, max = 127 : i32} : tensor<128x768xi8>, tensor<768xi32>
    ```
  }];
  let arguments = (ins Quantc_ByteTensor:$input, 1DTensorOf<[I32]>:$gamma, 1DTensorOf<[I32]>:$beta,
    I64Attr:$epsilon, I32Attr:$places, I32Attr:$shift, I32Attr:$min, I32Attr:$max);
  let results = (outs Quantc_ByteTensor:$output);
  let assemblyFormat = "$input `,` $gamma `,` $beta attr-dict `:` type($input) `,` type($gamma)";
  let hasVerifier = 1;
}

#endif // QUANTC_DIALECT_QUANTC_IR_QUANTCOPS
