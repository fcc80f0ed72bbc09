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
      layers (1×1 convolutions) behind it.

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

    An average pool doesn't count its padding, so an explicit one stays.

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
  let dependentDialects = ["::quantc::QuantcDialect"];
  let options = [Option<"qconfig", "qconfig", "std::string", "",
                        "QConfig file (JSON); the default QConfig without">];
}

def ExportObservedPass : Pass<"quantc-export-observed", "::mlir::func::FuncOp"> {
  let summary = "Make observed values results of the function";
}

def FoldCalibrationPass : Pass<"quantc-fold-calibration", "::mlir::ModuleOp"> {
  let summary = "Turn observers and what they saw into fake quantization";
  let dependentDialects = ["::mlir::quant::QuantDialect"];
  let options = [
    Option<"table", "table", "std::string", "", "calibration table (.qcal)">,
    Option<"powerOfTwo", "power-of-two", "bool", "false",
           "snap scales to powers of two, for shift requantization">];
}

def QuantizePass : Pass<"quantc-quantize", "::mlir::ModuleOp"> {
  let summary = "Float operations between fake quantizations become integer";
  let dependentDialects = ["::mlir::quant::QuantDialect", "::mlir::tosa::TosaDialect", "::quantc::QuantcDialect"];
  let options = [
    Option<"requantize", "requantize", "std::string", "\"f32\"", "f32, fixed, fixed-double or shift">,
    Option<"plan", "plan", "std::string", "", "plan to follow (JSON)">,
    Option<"savePlan", "save-plan", "std::string", "", "file to write the plan to">,
    Option<"integerIO", "integer-io", "bool", "false", "inputs and outputs are storage integers">];
}

def RequantizeToShiftPass : Pass<"quantc-requantize-to-shift"> {
  let summary = "Scale changes become arithmetic on storage integers";
  let dependentDialects = ["::quantc::QuantcDialect"];
}

def VerifyStrictIntegerPass : Pass<"quantc-verify-strict-integer", "::mlir::ModuleOp"> {
  let summary = "Reject what isn't integer arithmetic";
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
