// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef QUANTC_TRANSFORMS_PASSES
#define QUANTC_TRANSFORMS_PASSES

include "mlir/Pass/PassBase.td"

//===----------------------------------------------------------------------===//
// prepare: a smaller float graph
//===----------------------------------------------------------------------===//

def FoldBatchNormPass : Pass<"quantc-fold-batch-norm", "::mlir::func::FuncOp"> {
  let summary = "Fold per-channel scales and shifts into the convolution before them";
  let description = [{
    What batch normalization is at inference, `x * s[c] + t[c]`, costs a convolution
    nothing: its weight and bias take it over. Multiplications, additions and
    subtractions by a constant per channel or per tensor are folded, as many as
    follow each other, seen through reshapes that keep the channels. The new weight
    and bias are computed in f64 and rounded once; where they would overflow f32, the
    graph stays as it is. Additions alone are biases: `--quantc-fuse-epilogues`.

    ```mlir
    %0 = tosa.conv2d %x, %weight, %zeros, %zp, %zp {...} : (..., tensor<2x1x1x2xf32>, tensor<2xf32>, ...) -> tensor<1x4x4x2xf32>
    %1 = tosa.mul %0, %scale, %shift : (tensor<1x4x4x2xf32>, tensor<1x1x1x2xf32>, tensor<1xi8>) -> tensor<1x4x4x2xf32>
    %2 = tosa.add %1, %offset : (tensor<1x4x4x2xf32>, tensor<1x1x1x2xf32>) -> tensor<1x4x4x2xf32>
    ```
    becomes
    ```mlir
    %2 = tosa.conv2d %x, %weight', %bias', %zp, %zp {...} : (..., tensor<2x1x1x2xf32>, tensor<2xf32>, ...) -> tensor<1x4x4x2xf32>
    ```
  }];
  let dependentDialects = ["::mlir::tosa::TosaDialect"];
}

def FuseEpiloguesPass : Pass<"quantc-fuse-epilogues", "::mlir::func::FuncOp"> {
  let summary = "Bring biases and clamps to the operation whose values they change";
  let description = [{
    A bias, and a clamp right behind a convolution or an addition, cost nothing. So:
    * the addition or subtraction of a constant per channel behind a convolution
      becomes its bias, seen through reshapes that keep the channels;
    * `maximum` and `minimum` with a constant become clamps;
    * clamps that follow each other become one (each bound clamped by the next);
    * a clamp behind operations that move values (max pool, reshape, transpose,
      slice) goes before them, when the producer is then next to it. `max` is
      monotone, so `clamp(max(x)) = max(clamp(x))`.

    ```mlir
    %0 = tosa.conv2d ...
    %1 = tosa.max_pool2d %0 {...} : (tensor<1x4x4x2xf32>) -> tensor<1x2x2x2xf32>
    %2 = tosa.clamp %1 {min_val = 0.0 : f32, max_val = 6.0 : f32} : ...
    ```
    becomes
    ```mlir
    %0 = tosa.conv2d ...
    %1 = tosa.clamp %0 {min_val = 0.0 : f32, max_val = 6.0 : f32} : ...
    %2 = tosa.max_pool2d %1 {...} : (tensor<1x4x4x2xf32>) -> tensor<1x2x2x2xf32>
    ```
  }];
  let dependentDialects = ["::mlir::tosa::TosaDialect"];
}

def RemoveTransposesPass : Pass<"quantc-remove-transposes", "::mlir::func::FuncOp"> {
  let summary = "Choose the layout of each region so that the fewest elements are transposed";
  let description = [{
    Importers put a pair of transposes round each operation that wants NHWC. What
    stands between them (elementwise operations, concat, slice, pad, reductions,
    tile, reverse) computes the same in any layout, so each connected region of
    such operations gets the layout in which its border transposes the fewest
    elements, constants being free. Besides:
    * transposes of transposes and of constants (blobs, too) fold;
    * a transpose that moves dimensions of size 1 alone is a reshape;
    * a transpose before a flattening goes into the weight of the fully connected
      layers (1×1 convolutions) behind it;
    * a chain of transposes, reshapes and slices that is a strided view of its operand
      becomes one reshape, slice and reshape, with a transpose only where the order of
      the dimensions differs: a channel shuffle is a slice of every second channel;
    * transposes that leave rows as they are go behind softmax and layer normalization.

    ```mlir
    %0 = tosa.transpose %x {perms = array<i32: 0, 3, 1, 2>} : (tensor<1x4x5x2xf32>) -> tensor<1x2x4x5xf32>
    %1 = tosa.add %0, %bias : (tensor<1x2x4x5xf32>, tensor<1x2x1x1xf32>) -> tensor<1x2x4x5xf32>
    %2 = tosa.transpose %1 {perms = array<i32: 0, 2, 3, 1>} : (tensor<1x2x4x5xf32>) -> tensor<1x4x5x2xf32>
    ```
    becomes
    ```mlir
    %2 = tosa.add %x, %bias' : (tensor<1x4x5x2xf32>, tensor<1x1x1x2xf32>) -> tensor<1x4x5x2xf32>
    ```
  }];
  let dependentDialects = ["::mlir::tosa::TosaDialect"];
}

def FoldPadsPass : Pass<"quantc-fold-pads", "::mlir::func::FuncOp"> {
  let summary = "Fold explicit padding into the operation that reads it";
  let description = [{
    A `tosa.pad` of height and width becomes the padding of the convolution or max
    pool that reads it, where both mean the same:
    * convolutions pad with zero (the zero point of their input);
    * a max pool pads with the lowest value, which zero equals if no element is
      negative. Its padding stays smaller than its window.

    An average pool doesn't count its padding, so an explicit one stays, until its integer
    form, a convolution with ones, takes it: the pass runs in `prepare` and in `quantize`.

    ```mlir
    %0 = tosa.pad %x, %padding, %zero : (tensor<1x4x4x2xf32>, !tosa.shape<8>, tensor<1xf32>) -> tensor<1x6x6x2xf32>
    %1 = tosa.conv2d %0, ... {pad = array<i64: 0, 0, 0, 0>, ...}
    ```
    becomes
    ```mlir
    %1 = tosa.conv2d %x, ... {pad = array<i64: 1, 1, 1, 1>, ...}
    ```
  }];
  let dependentDialects = ["::mlir::tosa::TosaDialect"];
}

//===----------------------------------------------------------------------===//
// observe to requantize: from real numbers to storage integers
//===----------------------------------------------------------------------===//

def InsertObserversPass : Pass<"quantc-insert-observers", "::mlir::ModuleOp"> {
  let summary = "Put observers where values get quantization parameters";
  let description = [{
    A site is a value that gets quantization parameters. The QConfig (docs/QConfig.md)
    says for each node of the source model by which observer, or that it stays float.
    Sites are, of the operations with an integer form (`QuantizableOpInterface`):
    * results, but for those of operations that only move values (max pool, reshape,
      transpose, slice, pad), which keep the parameters of what they move;
    * not what a single clamp or concat reads, perhaps behind moves: the site is behind
      the clamp or concat, so that there is one rounding, not two;
    * constant weights, by the weight's observer, along their channel axis;
    * constants that stand for an activation;
    * function inputs and results of float operations that such an operation reads.

    Biases have none: their scale is that of input × weight. A site's name is that of
    its node, with `:weight`, `:constant` or `:input` (and the input's name) where it
    isn't the result, and `#1`, `#2`, … from the second of the same name on.

    ```mlir
    func.func @conv(%x: tensor<1x4x4x2xf32> {quantc.name = "image"}) -> tensor<1x4x4x3xf32> {
      ...
      %0 = tosa.conv2d %x, %w, %b, %zp, %zp {...} : ...
      %1 = tosa.clamp %0 {min_val = 0.0 : f32, max_val = 6.0 : f32} : ...
      return %1 : tensor<1x4x4x3xf32>
    ```
    becomes
    ```mlir
      %0 = quantc.observe %x "image:input" <kind = histogram, ...> : tensor<1x4x4x2xf32>
      %1 = quantc.observe %w "stem:weight" <kind = per_channel_minmax, ...> : tensor<3x1x1x2xf32>
      %2 = tosa.conv2d %0, %1, %b, %zp, %zp {...} : ...
      %3 = tosa.clamp %2 {min_val = 0.0 : f32, max_val = 6.0 : f32} : ...
      %4 = quantc.observe %3 "relu" <kind = histogram, ...> : tensor<1x4x4x3xf32>
      return %4 : tensor<1x4x4x3xf32>
    ```
  }];
  let dependentDialects = ["::quantc::QuantcDialect"];
  let options = [Option<"qconfig", "qconfig", "std::string", "",
                        "QConfig file (JSON); the default QConfig without">];
}

def ExportObservedPass : Pass<"quantc-export-observed", "::mlir::func::FuncOp"> {
  let summary = "Make observed values results of the function";
  let description = [{
    Calibration runs compiled code, which has no observers: each observed value becomes
    one more result, with the attributes `quantc.site` (its name) and `quantc.observer`.
    Constants are left out; they are observed when the calibration is folded.

    ```mlir
    func.func @net(%x: tensor<1x4xf32>) -> (tensor<1x4xf32> {quantc.name = "y"}) {
      ...
      %3 = quantc.observe %2 "sum" <kind = minmax, ...> : tensor<1x4xf32>
      return %3 : tensor<1x4xf32>
    ```
    becomes
    ```mlir
    func.func @net(%x: tensor<1x4xf32>) -> (tensor<1x4xf32> {quantc.name = "y"},
        tensor<1x4xf32> {quantc.observer = #quantc.observer<kind = minmax, ...>, quantc.site = "sum"}) {
      ...
      return %2, %2 : tensor<1x4xf32>, tensor<1x4xf32>
    ```
  }];
}

def FoldCalibrationPass : Pass<"quantc-fold-calibration", "::mlir::ModuleOp"> {
  let summary = "Turn observers and what they saw into fake quantization";
  let description = [{
    Each `observe` becomes a `fake_quant` with the scale and zero point that its observer
    gives (docs/Semantics.md, S5 to S7): by the calibration table, or by observing the
    constant. Unsigned storage becomes signed, its zero point moved by 128. The table
    must belong to this very module (`hashObserveModule`) and have all its sites.
    With `power-of-two`, all scales are powers of two (docs/Semantics.md, S7): by their error
    over the values of a constant and over a histogram, else rounded up. What a mask of
    attention takes away doesn't widen the range of the scores (docs/Semantics.md, S36).

    ```mlir
    %3 = quantc.observe %2 "sum" <kind = minmax, is_signed = true, quant_min = -128, quant_max = 127, qscheme = affine> : tensor<1x4xf32>
    ```
    where the values were in [-1, 3], becomes
    ```mlir
    %3 = quantc.fake_quant %2 as !quant.uniform<i8:f32, 0.015686275437474251:-64> : tensor<1x4xf32>
    ```
  }];
  let dependentDialects = ["::mlir::quant::QuantDialect"];
  let options = [
    Option<"table", "table", "std::string", "", "calibration table (.qcal)">,
    Option<"powerOfTwo", "power-of-two", "bool", "false",
           "snap scales to powers of two, for shift requantization">];
}

def QuantizePass : Pass<"quantc-quantize", "::mlir::ModuleOp"> {
  let summary = "Float operations between fake quantizations become integer";
  let description = [{
    Decides for each operation whether it becomes integer, and builds that form through
    `QuantizableOpInterface`. It can where its operands and its result have quantization
    parameters, its weight and bias are constants, and its i32 sums are proved not to
    overflow (docs/Semantics.md, S18). What can't stays float between `dequantize` and
    `quantize`. What can does so where it makes the whole cheaper: each operation has a
    cost in either form, each value between both kinds its conversion, and the choice is a
    minimum cut (docs/rationale/Plan.md). With `strict-integer`, all that can become
    integer. In particular:
    * what float operations compute, or the model is given, is rounded for integer readers
      alone (S37);
    * what a result is to be quantized to is taken back to its producer through single
      uses that keep the scale (clamp, concat, moves), so that there is one rounding;
    * biases become i32 at the scale input × weight; where one doesn't fit, its
      channel's weight scale is enlarged (S17);
    * operands of an addition are brought to a common i32 scale (S20);
    * an average without padding is a sum by a convolution with ones, 1 / count being
      part of its scale.

    Quantized types are on quantc's operations, storage integers in TOSA's, with
    `quant.scast` between them. `requantize` gives the rounding: f32 half even, fixed
    point with single or double rounding, or shifts, for which all scales must be powers
    of two. The plan (Plan.h) records each decision and its reason; given back, it is
    followed, and errors say where that is impossible. With `integer-io`, arguments and
    results are storage integers with an attribute `quantc.params`.

    ```mlir
    %0 = quantc.fake_quant %x as !quant.uniform<i8:f32, 0.5> : tensor<1x2x2x2xf32>
    %1 = quantc.fake_quant %w as !quant.uniform<i8<-127:127>:f32:0, {0.01, 0.005}> : tensor<2x1x1x2xf32>
    %2 = tosa.conv2d %0, %1, %b, %zp, %zp {acc_type = f32, ...} : ... -> tensor<1x2x2x2xf32>
    %3 = tosa.clamp %2 {min_val = 0.0 : f32, max_val = 1.0 : f32} : ...
    %4 = quantc.fake_quant %3 as !quant.uniform<i8:f32, 0.02:-100> : tensor<1x2x2x2xf32>
    ```
    becomes
    ```mlir
    %0 = quantc.quantize %x : tensor<1x2x2x2xf32> -> tensor<1x2x2x2x!quant.uniform<i8:f32, 0.5>>
    %1 = quant.scast %0 : ... to tensor<1x2x2x2xi8>
    %2 = tosa.conv2d %1, %w', %b', %c0, %c0 {acc_type = i32, ...} : ... -> tensor<1x2x2x2xi32>
    %3 = quant.scast %2 : ... to tensor<1x2x2x2x!quant.uniform<i32:f32:3, {0.005, 0.0025}>>
    %4 = quantc.requantize %3 <f32, half_even> : ... -> tensor<1x2x2x2x!quant.uniform<i8:f32, 0.02:-100>>
    %5 = quant.scast %4 : ... to tensor<1x2x2x2xi8>
    %6 = tosa.clamp %5 {min_val = -100 : i8, max_val = -50 : i8} : ...
    %7 = quant.scast %6 : ... to tensor<1x2x2x2x!quant.uniform<i8:f32, 0.02:-100>>
    %8 = quantc.dequantize %7 : ... -> tensor<1x2x2x2xf32>
    ```
  }];
  let dependentDialects = ["::mlir::quant::QuantDialect", "::mlir::tosa::TosaDialect", "::quantc::QuantcDialect"];
  let options = [
    Option<"requantize", "requantize", "std::string", "\"f32\"", "f32, fixed, fixed-double or shift">,
    Option<"plan", "plan", "std::string", "", "plan to follow (JSON)">,
    Option<"savePlan", "save-plan", "std::string", "", "file to write the plan to">,
    Option<"integerIO", "integer-io", "bool", "false", "inputs and outputs are storage integers">,
    Option<"strictInteger", "strict-integer", "bool", "false",
           "what has an integer form becomes integer, whatever it costs">];
}

def RequantizeToShiftPass : Pass<"quantc-requantize-to-shift"> {
  let summary = "Scale changes become arithmetic on storage integers";
  let description = [{
    Each `requantize` becomes a `rescale`, whose multipliers are input scale / output
    scale, computed in f64: as f32, as an integer multiplier with a rounding shift, or,
    where all are powers of two and ties go up, as the shift alone (which is the same
    function). `quantize` and `dequantize` keep their parameters as an attribute; no
    quantized type remains. A clamp behind a rescale becomes its bounds.

    ```mlir
    %0 = quant.scast %x : tensor<2x2xi32> to tensor<2x2x!quant.uniform<i32:f32:1, {0.005, 0.0025}>>
    %1 = quantc.requantize %0 <f32, half_even> : ... -> tensor<2x2x!quant.uniform<i8<-127:127>:f32, 0.02:-100>>
    %2 = quant.scast %1 : ... to tensor<2x2xi8>
    ```
    becomes
    ```mlir
    %2 = quantc.rescale %x <f32, half_even> {input_zp = 0 : i32, max = 127 : i32, min = -127 : i32, multipliers = array<f32: 0.25, 0.125>, output_zp = -100 : i32} : tensor<2x2xi32> -> tensor<2x2xi8>
    ```
  }];
  let dependentDialects = ["::quantc::QuantcDialect"];
}

def VerifyStrictIntegerPass : Pass<"quantc-verify-strict-integer", "::mlir::ModuleOp"> {
  let summary = "Reject what isn't integer arithmetic";
  let description = [{
    "Full integer" by proof: after `requantize`, no operation may work on real numbers
    but `quantize` of an argument and `dequantize` of a result, and no scale change may
    round in floating point. Each error names the operation and its node.

    ```mlir
    %1 = tosa.exp %0 : (tensor<4xf32>) -> tensor<4xf32>  // error: ... of node 'head/exp' (Exp) stays float
    ```
  }];
}

def FuseTablesPass : Pass<"quantc-fuse-tables", "::mlir::func::FuncOp"> {
  let summary = "Turn real functions of one byte into tables";
  let description = [{
    Elementwise operations between a `dequantize` and a `quantize` of i8, whatever
    their number, are a function of 256 values: sigmoid, tanh, erf, exp, log, sin,
    cos, rsqrt, reciprocal, abs, negate, floor, ceil, clamp, and add, sub, mul, pow,
    maximum, minimum with scalars or with each other (`x * sigmoid(x)`). They become
    one `tosa.table`, computed in f64, rounded to f32 and quantized as the `quantize`
    says. NaN gives the zero point.

    ```mlir
    %0 = quantc.dequantize %x : tensor<2x4x!quant.uniform<i8:f32, 0.5>> -> tensor<2x4xf32>
    %1 = tosa.abs %0 : (tensor<2x4xf32>) -> tensor<2x4xf32>
    %2 = quantc.quantize %1 : tensor<2x4xf32> -> tensor<2x4x!quant.uniform<i8:f32, 0.5>>
    ```
    becomes
    ```mlir
    %0 = quant.scast %x : tensor<2x4x!quant.uniform<i8:f32, 0.5>> to tensor<2x4xi8>
    %1 = tosa.table %0, %values : (tensor<2x4xi8>, tensor<256xi8>) -> tensor<2x4xi8>
    %2 = quant.scast %1 : tensor<2x4xi8> to tensor<2x4x!quant.uniform<i8:f32, 0.5>>
    ```
  }];
  let dependentDialects = ["::mlir::tosa::TosaDialect", "::mlir::quant::QuantDialect"];
}

def DecomposeCompositesPass : Pass<"quantc-decompose-composites", "::mlir::func::FuncOp"> {
  let summary = "Express composite operations in TOSA";
  let description = [{
    Replaces each operation that has `DecomposableOpInterface` by what it is made of,
    in float and integer forms alike: afterwards the graph is TOSA and scale changes.
    `keep-rows` leaves softmax and layer normalization to kernels of their own.

    ```mlir
    %0 = quantc.grouped_conv2d %x, %weight, %bias {groups = 2 : i64, ...} : (tensor<1x4x4x4xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>) -> tensor<1x4x4x2xf32>
    ```
    becomes
    ```mlir
    %0 = tosa.slice %x, ... : (tensor<1x4x4x4xf32>, ...) -> tensor<1x4x4x2xf32>
    %1 = tosa.conv2d %0, %weight0, %bias0, ... : (tensor<1x4x4x2xf32>, tensor<1x1x1x2xf32>, tensor<1xf32>, ...) -> tensor<1x4x4x1xf32>
    %2 = tosa.slice %x, ...
    %3 = tosa.conv2d %2, %weight1, %bias1, ...
    %4 = tosa.concat %1, %3 {axis = 3 : i32}
    ```
  }];
  let options = [
    Option<"keepRows", "keep-rows", "bool", "false", "leave the functions of rows as they are">
  ];
  let dependentDialects = ["::mlir::tosa::TosaDialect"];
}

def ResultsToDestinationsPass : Pass<"quantc-results-to-destinations", "::mlir::ModuleOp"> {
  let summary = "Let the caller give the buffers of the results";
  let description = [{
    Each result of a public function becomes a buffer behind its arguments, and the
    arguments can't be written to: the signature of the entry point. The number of
    inputs stays in `quantc.num_inputs`.

    ```mlir
    func.func @net(%x: tensor<4xi8>) -> tensor<4xi8> {
      %0 = tosa.clamp %x {...}
      return %0 : tensor<4xi8>
    }
    ```
    becomes
    ```mlir
    func.func @net(%x: tensor<4xi8> {bufferization.writable = false}, %out: memref<4xi8>) attributes {quantc.num_inputs = 1 : i64} {
      %0 = tosa.clamp %x {...}
      bufferization.materialize_in_destination %0 in restrict writable %out
      return
    }
    ```
  }];
  let dependentDialects = ["::mlir::bufferization::BufferizationDialect", "::mlir::memref::MemRefDialect"];
}

def AllocsToArenaPass : Pass<"quantc-allocs-to-arena", "::mlir::ModuleOp"> {
  let summary = "Give each buffer of the reference a place in the caller's arena";
  let description = [{
    For the reference path, which plans nothing: the buffers of the entry function
    (that with `quantc.num_inputs`) lie one behind the other in an arena, its new last
    argument. The module says its size and alignment.

    ```mlir
    func.func @net(%x: memref<4xi8>, %out: memref<4xi8>) attributes {quantc.num_inputs = 1 : i64} {
      %0 = memref.alloc() : memref<4xi8>
      %1 = memref.alloc() : memref<2xi32>
    ```
    becomes
    ```mlir
    func.func @net(%x: memref<4xi8>, %out: memref<4xi8>, %arena: memref<128xi8>) attributes {quantc.has_arena, quantc.num_inputs = 1 : i64} {
      %0 = memref.view %arena[%c0][] : memref<128xi8> to memref<4xi8>
      %1 = memref.view %arena[%c64][] : memref<128xi8> to memref<2xi32>
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect"];
}

def LowerCopiesPass : Pass<"quantc-lower-copies", "::mlir::func::FuncOp"> {
  let summary = "Copy buffers by loops instead of a runtime function";
  let description = [{
    Upstream lowers the copy of a strided buffer to a call of `memrefCopy`, which
    would have to be linked in.

    ```mlir
    memref.copy %a, %b : memref<4xi8> to memref<4xi8, strided<[2]>>
    ```
    becomes
    ```mlir
    linalg.copy ins(%a : memref<4xi8>) outs(%b : memref<4xi8, strided<[2]>>)
    ```
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect"];
}

def VerifyPhasePass : Pass<"quantc-verify-phase", "::mlir::ModuleOp"> {
  let summary = "Check what may leave a phase";
  let description = [{
    The contract of each phase, as a table of the dialects and operations that may
    leave it (`verifyPhase` in Phase.h). The error names the operation and the node
    of the source model that it comes from. Each pipeline ends with this pass.

    ```mlir
    // --quantc-verify-phase=phase=fold
    %0 = quantc.observe %x "input" <...>  // error: node 'input' ... may not leave the phase 'fold'
    ```
  }];
  let options = [Option<"phase", "phase", "std::string", "",
                        "import, prepare, observe, fold, quantize, requantize, linalg, kernel or llvm">];
}

#endif // QUANTC_TRANSFORMS_PASSES
