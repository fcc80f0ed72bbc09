// RUN: quant-opt %s | quant-opt | FileCheck %s
// RUN: quant-opt %s --mlir-print-op-generic | quant-opt | FileCheck %s

// CHECK-LABEL: func.func @accumulate
// CHECK: dot.accumulate %arg0, %arg1, %arg1 : vector<16xi32>, vector<64xi8>
// CHECK: dot.accumulate %{{.*}}, %arg1, %arg1 {lhs_offset = 128 : i32} : vector<16xi32>, vector<64xi8>
// CHECK: dot.accumulate %{{.*}}, %arg2, %arg2 : vector<16xi32>, vector<32xi16>
func.func @accumulate(%acc: vector<16xi32>, %a: vector<64xi8>, %b: vector<32xi16>) -> vector<16xi32> {
  %0 = dot.accumulate %acc, %a, %a : vector<16xi32>, vector<64xi8>
  %1 = dot.accumulate %0, %a, %a {lhs_offset = 128 : i32} : vector<16xi32>, vector<64xi8>
  %2 = dot.accumulate %1, %b, %b : vector<16xi32>, vector<32xi16>
  return %2 : vector<16xi32>
}

// CHECK-LABEL: func.func @matmul
// CHECK: dot.matmul %arg0, %arg1, %arg2 : vector<4xi32>, vector<16xi8>
func.func @matmul(%acc: vector<4xi32>, %a: vector<16xi8>, %b: vector<16xi8>) -> vector<4xi32> {
  %0 = dot.matmul %acc, %a, %b : vector<4xi32>, vector<16xi8>
  return %0 : vector<4xi32>
}

// CHECK-LABEL: func.func @barrier
// CHECK: dot.schedule_barrier{{$}}
// CHECK: dot.schedule_barrier(%arg0, %arg1 : vector<4xi32>, vector<16xi8>)
func.func @barrier(%sum: vector<4xi32>, %a: vector<16xi8>) -> (vector<4xi32>, vector<16xi8>) {
  dot.schedule_barrier
  %0:2 = dot.schedule_barrier(%sum, %a : vector<4xi32>, vector<16xi8>)
  return %0#0, %0#1 : vector<4xi32>, vector<16xi8>
}

// CHECK-LABEL: func.func @opaque
// CHECK: dot.opaque %arg0
func.func @opaque(%first: index) -> index {
  %channel = dot.opaque %first
  return %channel : index
}

// CHECK-LABEL: func.func @lookup
// CHECK: dot.lookup %arg0[%arg1] : memref<256xi8>, vector<32xi8>
func.func @lookup(%table: memref<256xi8>, %x: vector<32xi8>) -> vector<32xi8> {
  %r = dot.lookup %table[%x] : memref<256xi8>, vector<32xi8>
  return %r : vector<32xi8>
}

// CHECK-LABEL: func.func @winograd
// CHECK: dot.winograd_input %arg0 {pixels = 2 : i64} : tensor<1x10x10x32xi16> -> tensor<16x16x32xi16>
// CHECK: dot.winograd_output %arg1 {pixels = 2 : i64} : tensor<16x16x32xi32> -> tensor<1x8x7x32xi32>
// CHECK: dot.winograd_input %arg2 {pixels = 2 : i64, stride = 2 : i64} : tensor<1x9x13x8xi16> -> tensor<25x6x8xi16>
// CHECK: dot.winograd_output %arg3 {pixels = 2 : i64, stride = 2 : i64} : tensor<25x6x8xi32> -> tensor<1x4x5x8xi32>
func.func @winograd(%x: tensor<1x10x10x32xi16>, %m: tensor<16x16x32xi32>, %s: tensor<1x9x13x8xi16>, %n: tensor<25x6x8xi32>)
    -> (tensor<16x16x32xi16>, tensor<1x8x7x32xi32>, tensor<25x6x8xi16>, tensor<1x4x5x8xi32>) {
  %0 = dot.winograd_input %x {pixels = 2} : tensor<1x10x10x32xi16> -> tensor<16x16x32xi16>
  %1 = dot.winograd_output %m {pixels = 2} : tensor<16x16x32xi32> -> tensor<1x8x7x32xi32>
  %2 = dot.winograd_input %s {pixels = 2, stride = 2} : tensor<1x9x13x8xi16> -> tensor<25x6x8xi16>
  %3 = dot.winograd_output %n {pixels = 2, stride = 2} : tensor<25x6x8xi32> -> tensor<1x4x5x8xi32>
  return %0, %1, %2, %3 : tensor<16x16x32xi16>, tensor<1x8x7x32xi32>, tensor<25x6x8xi16>, tensor<1x4x5x8xi32>
}
