// Functions of rows and products of computed operands have kernels of their own.
// RUN: quant-opt %s --quantc-kernel-pipeline="triple=x86_64 mcpu=x86-64-v3" --split-input-file | FileCheck %s
// RUN: quant-opt %s --quantc-kernel-pipeline="triple=aarch64 mattr=+dotprod" --split-input-file | FileCheck %s --check-prefix=BYTES
// RUN: quant-opt %s --quantc-kernel-pipeline="triple=aarch64" --split-input-file | FileCheck %s --check-prefix=SINGLE

// Sixteen sums, whatever the target's registers; what is left of a row of 40
// is padded with what changes nothing. Exponentials come by twice as many.
// CHECK-LABEL: func.func private @softmax_0
// CHECK-SAME: quantc.kernel = "rows"
// CHECK-DAG: %[[LOWEST:.*]] = arith.constant dense<0xFF800000> : vector<16xf32>
// CHECK: vector.load {{.*}} : memref<3x40xf32>, vector<16xf32>
// CHECK: vector.load {{.*}} : memref<3x40xf32>, vector<8xf32>
// CHECK: vector.insert_strided_slice %{{.*}}, %[[LOWEST]] {{.*}} : vector<8xf32> into vector<16xf32>
// CHECK: vector.shuffle {{.*}} [0, 1, 2, 3, 4, 5, 6, 7]
// CHECK: vector.shuffle {{.*}} [8, 9, 10, 11, 12, 13, 14, 15]
// CHECK: math.fma {{.*}} : vector<32xf32>
// CHECK: %[[HALF:.*]] = vector.extract_strided_slice {{.*}} : vector<32xf32> to vector<16xf32>
// CHECK: arith.addf {{.*}}%[[HALF]]{{.*}} : vector<16xf32>
// CHECK: arith.divf {{.*}} : f32
// BYTES-LABEL: func.func private @softmax_0
// BYTES: vector<16xf32>
// SINGLE-LABEL: func.func private @softmax_0
// SINGLE: vector<16xf32>
func.func @softmax(%x: tensor<3x40xf32>) -> tensor<3x40xf32> {
  %0 = quantc.softmax %x : tensor<3x40xf32>
  return %0 : tensor<3x40xf32>
}

// -----

// CHECK-LABEL: func.func private @layer_norm_0
// CHECK-SAME: quantc.kernel = "rows"
// CHECK: vector.load {{.*}} : memref<2x64xf32>, vector<32xf32>
// CHECK: math.sqrt {{.*}} : f32
// CHECK: math.fma {{.*}} : vector<32xf32>
// BYTES-LABEL: func.func private @layer_norm_0
// SINGLE-LABEL: func.func private @layer_norm_0
func.func @layer_norm(%x: tensor<2x64xf32>) -> tensor<2x64xf32> {
  %g = arith.constant dense<2.0> : tensor<64xf32>
  %b = arith.constant dense<3.0> : tensor<64xf32>
  %0 = quantc.layer_norm %x, %g, %b {epsilon = 1.0e-5 : f32} : tensor<2x64xf32>, tensor<64xf32>
  return %0 : tensor<2x64xf32>
}

// -----

// One division for each row, and no float.
// CHECK-LABEL: func.func private @integer_softmax_0
// CHECK-SAME: quantc.kernel = "rows"
// CHECK-NOT: f32
// CHECK: memref.alloca() {alignment = 64 : i64} : memref<40xi32>
// CHECK: arith.maxsi {{.*}} : vector<32xi
// CHECK: arith.divui {{.*}} : i64
// CHECK-NOT: arith.divui
// CHECK: return
// BYTES-LABEL: func.func private @integer_softmax_0
// SINGLE-LABEL: func.func private @integer_softmax_0
func.func @integer_softmax(%x: tensor<3x40xi8>) -> tensor<3x40xi8> {
  %t = arith.constant dense<8388608> : tensor<256xi32>
  %0 = quantc.integer_softmax %x, %t {numerator = 18014398509481984 : i64, shift = 46 : i32, output_zp = -128 : i32, min = -128 : i32, max = 127 : i32} : tensor<3x40xi8>, tensor<256xi32>
  return %0 : tensor<3x40xi8>
}

// -----

// Both sums are dot products of pairs.
// CHECK-LABEL: func.func private @integer_layer_norm_0
// CHECK-SAME: quantc.kernel = "rows"
// CHECK-NOT: f32
// CHECK-COUNT-2: dot.accumulate {{.*}} : vector<8xi32>, vector<16xi16>
// CHECK: math.ctlz {{.*}} : i64
// CHECK: arith.shrsi {{.*}} : vector<16xi32>
// BYTES-LABEL: func.func private @integer_layer_norm_0
// SINGLE-LABEL: func.func private @integer_layer_norm_0
func.func @integer_layer_norm(%x: tensor<2x64xi8>) -> tensor<2x64xi8> {
  %g = arith.constant dense<2> : tensor<64xi32>
  %b = arith.constant dense<3> : tensor<64xi32>
  %0 = quantc.integer_layer_norm %x, %g, %b {epsilon = 589 : i64, places = 12 : i32, shift = 18 : i32, min = -128 : i32, max = 127 : i32} : tensor<2x64xi8>, tensor<64xi32>
  return %0 : tensor<2x64xi8>
}

// -----

// A panel of the right operand on the stack: floats as they are, in the order
// of K.
// CHECK-LABEL: func.func private @batch_matmul_0
// CHECK-SAME: quantc.kernel = "gemm"
// CHECK: memref.alloca() {alignment = 64 : i64} : memref<1x10x{{[1-4]}}x8xf32>
// CHECK: math.fma {{.*}} : vector<8xf32>
// BYTES-LABEL: func.func private @batch_matmul_0
// SINGLE-LABEL: func.func private @batch_matmul_0
func.func @floats(%a: tensor<2x7x10xf32>, %b: tensor<2x10x24xf32>) -> tensor<2x7x24xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2x7x24xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<2x7x24xf32>) -> tensor<2x7x24xf32>
  %0 = linalg.batch_matmul ins(%a, %b : tensor<2x7x10xf32>, tensor<2x10x24xf32>) outs(%i : tensor<2x7x24xf32>) -> tensor<2x7x24xf32>
  return %0 : tensor<2x7x24xf32>
}

// -----

// Bytes as pairs of i16 less the right operand's zero point 5, or as groups of
// four, which cost the sums of the left operand's rows.
// CHECK-LABEL: func.func private @quantized_batch_matmul_0
// CHECK-SAME: quantc.kernel = "gemm"
// CHECK: memref.alloca() {alignment = 64 : i64} : memref<1x5x{{[1-4]}}x16xi16>
// CHECK: arith.subi %{{.*}}, %{{.*}} : vector<8xi16>
// CHECK: vector.interleave {{.*}} : vector<8xi16>
// CHECK: dot.accumulate {{.*}} : vector<8xi32>, vector<16xi16>
// BYTES-LABEL: func.func private @quantized_batch_matmul_0
// BYTES: memref.alloca() {alignment = 64 : i64} : memref<1x3x{{[1-4]}}x16xi8>
// BYTES: vector.reduction <add>
// BYTES: dot.accumulate {{.*}} : vector<4xi32>, vector<16xi8>
// SINGLE-LABEL: func.func private @quantized_batch_matmul_0
// SINGLE-NOT: dot.accumulate
// SINGLE: arith.muli {{.*}} : vector<4xi32>
func.func @bytes(%a: tensor<2x7x10xi8>, %b: tensor<2x10x24xi8>) -> tensor<2x7x24xi32> {
  %zero = arith.constant 0 : i32
  %az = arith.constant -3 : i32
  %bz = arith.constant 5 : i32
  %e = tensor.empty() : tensor<2x7x24xi32>
  %i = linalg.fill ins(%zero : i32) outs(%e : tensor<2x7x24xi32>) -> tensor<2x7x24xi32>
  %0 = linalg.quantized_batch_matmul ins(%a, %b, %az, %bz : tensor<2x7x10xi8>, tensor<2x10x24xi8>, i32, i32) outs(%i : tensor<2x7x24xi32>) -> tensor<2x7x24xi32>
  return %0 : tensor<2x7x24xi32>
}
