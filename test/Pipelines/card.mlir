// Card-style: a small quantized net goes through the tools, door by door, to an
// object that a C program links and runs. The object wants nothing from outside.
// RUN: quant-opt %s --quantc-verify-phase=phase=requantize --quantc-linalg-pipeline \
// RUN:   --quantc-kernel-pipeline=mcpu=x86-64-v3 --quantc-llvm-pipeline=mcpu=x86-64-v3 -o %t.mlir
// RUN: mlir-translate --mlir-to-llvmir %t.mlir | llc -O2 -mcpu=x86-64-v3 -relocation-model=pic -filetype=obj -o %t.o
// RUN: llvm-nm --undefined-only %t.o | count 0
// RUN: llvm-nm --extern-only --defined-only %t.o | FileCheck %s --check-prefix=SYMBOLS
// RUN: clang -std=c99 %S/Inputs/card.c %t.o -o %t.exe && %t.exe | FileCheck %s

// SYMBOLS: T card_run
// SYMBOLS-NOT: {{.}}

// The input is 3x + 5y - 40 at (x, y), its zero point -8. The first layer takes
// differences, right minus left and below minus above: inside of the image 6 and
// 10, at the rim against the zero point. The second adds their halves and 2, which
// gives 10 inside; the pool takes the largest of four.
// CHECK: null 1
// CHECK: misaligned 2
// CHECK: status 0
// CHECK-NEXT: 10 17
// CHECK-NEXT: 15 15

func.func @card(%x: tensor<1x4x4x1xi8> {quantc.name = "x"}) -> (tensor<1x2x2x1xi8> {quantc.name = "y"}) {
  %zx = "tosa.const"() {values = dense<-8> : tensor<1xi8>} : () -> tensor<1xi8>
  %zy = "tosa.const"() {values = dense<1> : tensor<1xi8>} : () -> tensor<1xi8>
  %z = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %w0 = "tosa.const"() {values = dense<[[[[0], [0], [0]], [[-1], [0], [1]], [[0], [0], [0]]], [[[0], [-1], [0]], [[0], [0], [0]], [[0], [1], [0]]]]> : tensor<2x3x3x1xi8>} : () -> tensor<2x3x3x1xi8>
  %b0 = "tosa.const"() {values = dense<0> : tensor<2xi32>} : () -> tensor<2xi32>
  %0 = tosa.conv2d %x, %w0, %b0, %zx, %z {acc_type = i32, pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>} : (tensor<1x4x4x1xi8>, tensor<2x3x3x1xi8>, tensor<2xi32>, tensor<1xi8>, tensor<1xi8>) -> tensor<1x4x4x2xi32>
  %1 = quantc.rescale %0 <f32, half_even> {multipliers = array<f32: 0.5>, input_zp = 0 : i32, output_zp = 1 : i32, min = -128 : i32, max = 127 : i32} : tensor<1x4x4x2xi32> -> tensor<1x4x4x2xi8>
  %w1 = "tosa.const"() {values = dense<1> : tensor<1x1x1x2xi8>} : () -> tensor<1x1x1x2xi8>
  %b1 = "tosa.const"() {values = dense<2> : tensor<1xi32>} : () -> tensor<1xi32>
  %2 = tosa.conv2d %1, %w1, %b1, %zy, %z {acc_type = i32, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>} : (tensor<1x4x4x2xi8>, tensor<1x1x1x2xi8>, tensor<1xi32>, tensor<1xi8>, tensor<1xi8>) -> tensor<1x4x4x1xi32>
  %3 = quantc.rescale %2 <f32, half_even> {multipliers = array<f32: 1.0>, input_zp = 0 : i32, output_zp = 0 : i32, min = -128 : i32, max = 127 : i32} : tensor<1x4x4x1xi32> -> tensor<1x4x4x1xi8>
  %4 = tosa.max_pool2d %3 {kernel = array<i64: 2, 2>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 2, 2>} : (tensor<1x4x4x1xi8>) -> tensor<1x2x2x1xi8>
  return %4 : tensor<1x2x2x1xi8>
}
