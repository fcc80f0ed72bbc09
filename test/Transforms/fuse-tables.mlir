// Functions one after another: tables are numbered as they are made.
// RUN: quant-opt %s --mlir-disable-threading --quantc-fuse-tables | FileCheck %s

// The example of the documentation. Entry i is |i - 128|; 128 doesn't fit.
// CHECK-LABEL: func @abs
// CHECK-SAME: %[[X:.*]]: tensor<2x4x!quant.uniform<i8:f32, 5.000000e-01>>
func.func @abs(%x: tensor<2x4x!quant.uniform<i8:f32, 0.5>>) -> tensor<2x4x!quant.uniform<i8:f32, 0.5>> {
  // CHECK: %[[S:.*]] = quant.scast %[[X]]
  // CHECK: %[[T:.*]] = "tosa.const"() <{values = dense_resource<table> : tensor<256xi8>}>
  // CHECK: %[[Y:.*]] = tosa.table %[[S]], %[[T]]
  // CHECK: %[[Q:.*]] = quant.scast %[[Y]]
  // CHECK-NOT: dequantize
  // CHECK: return %[[Q]]
  %0 = quantc.dequantize %x : tensor<2x4x!quant.uniform<i8:f32, 0.5>> -> tensor<2x4xf32>
  %1 = tosa.abs %0 : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %2 = quantc.quantize %1 : tensor<2x4xf32> -> tensor<2x4x!quant.uniform<i8:f32, 0.5>>
  return %2 : tensor<2x4x!quant.uniform<i8:f32, 0.5>>
}

// x · sigmoid(x) + 1 reads one value twice. On storage integers, with
// parameters as attributes.
// CHECK-LABEL: func @swish
// CHECK-SAME: %[[X:.*]]: tensor<2x4xi8>
func.func @swish(%x: tensor<2x4xi8>) -> tensor<2x4xi8> {
  // CHECK: %[[T:.*]] = "tosa.const"() <{values = dense_resource<table_1>
  // CHECK: %[[Y:.*]] = tosa.table %[[X]], %[[T]]
  // CHECK-NOT: tosa.sigmoid
  // CHECK: return %[[Y]]
  %one = "tosa.const"() {values = dense<1.0> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %0 = quantc.dequantize %x as !quant.uniform<i8:f32, 0.0625:-8> : tensor<2x4xi8> -> tensor<2x4xf32>
  %1 = tosa.sigmoid %0 : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %2 = tosa.mul %0, %1, %shift : (tensor<2x4xf32>, tensor<2x4xf32>, tensor<1xi8>) -> tensor<2x4xf32>
  %3 = tosa.add %2, %one : (tensor<2x4xf32>, tensor<1x1xf32>) -> tensor<2x4xf32>
  %4 = quantc.quantize %3 as !quant.uniform<i8:f32, 0.03125:-100> : tensor<2x4xf32> -> tensor<2x4xi8>
  return %4 : tensor<2x4xi8>
}

// Two values, a constant that isn't the same everywhere, parameters per channel.
// CHECK-LABEL: func @stays
func.func @stays(%x: tensor<2x4xi8>, %y: tensor<2x4xi8>, %z: tensor<2x4x!quant.uniform<i8:f32:1, {0.5, 1.0, 2.0, 4.0}>>) -> (tensor<2x4xi8>, tensor<2x4xi8>, tensor<2x4xi8>) {
  // CHECK-NOT: tosa.table
  %c = "tosa.const"() {values = dense<[[1.0, 2.0, 3.0, 4.0]]> : tensor<1x4xf32>} : () -> tensor<1x4xf32>
  %0 = quantc.dequantize %x as !quant.uniform<i8:f32, 0.5> : tensor<2x4xi8> -> tensor<2x4xf32>
  %1 = quantc.dequantize %y as !quant.uniform<i8:f32, 0.5> : tensor<2x4xi8> -> tensor<2x4xf32>
  %2 = tosa.add %0, %1 : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %3 = quantc.quantize %2 as !quant.uniform<i8:f32, 0.5> : tensor<2x4xf32> -> tensor<2x4xi8>
  %4 = tosa.add %0, %c : (tensor<2x4xf32>, tensor<1x4xf32>) -> tensor<2x4xf32>
  %5 = quantc.quantize %4 as !quant.uniform<i8:f32, 0.5> : tensor<2x4xf32> -> tensor<2x4xi8>
  %6 = quantc.dequantize %z : tensor<2x4x!quant.uniform<i8:f32:1, {0.5, 1.0, 2.0, 4.0}>> -> tensor<2x4xf32>
  %7 = tosa.exp %6 : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %8 = quantc.quantize %7 as !quant.uniform<i8:f32, 0.5> : tensor<2x4xf32> -> tensor<2x4xi8>
  return %3, %5, %8 : tensor<2x4xi8>, tensor<2x4xi8>, tensor<2x4xi8>
}


// CHECK-LABEL: func @gelu
// CHECK: tosa.table
// CHECK-NOT: quantc.gelu
// CHECK: return
func.func @gelu(%x: tensor<2x4xi8>) -> tensor<2x4xi8> {
  %0 = quantc.dequantize %x as !quant.uniform<i8:f32, 0.0625:-8> : tensor<2x4xi8> -> tensor<2x4xf32>
  %1 = quantc.gelu %0 : tensor<2x4xf32>
  %2 = quantc.quantize %1 as !quant.uniform<i8:f32, 0.0625:-100> : tensor<2x4xf32> -> tensor<2x4xi8>
  return %2 : tensor<2x4xi8>
}
