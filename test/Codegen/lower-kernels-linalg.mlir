// What linalg can say and the kernels for products and convolutions can't: that
// is left to loops.
// RUN: quant-opt %s --quantc-lower-kernels="triple=x86_64-linux-gnu mcpu=x86-64-v3" --split-input-file | FileCheck %s
// RUN: quant-opt %s --quantc-lower-kernels="triple=x86_64-linux-gnu mcpu=x86-64-v4 mattr=+avx512vnni" --split-input-file | FileCheck %s

// CHECK-LABEL: func.func private @plain({{.*}}quantc.kernel = "gemm"
func.func private @plain(%a: memref<2x9x24xi8>, %b: memref<2x24x20xi8>, %out: memref<2x9x20xi32>) attributes {quantc.kernel} {
  %zero = arith.constant 0 : i32
  %0 = bufferization.to_tensor %a restrict : memref<2x9x24xi8> to tensor<2x9x24xi8>
  %1 = bufferization.to_tensor %b restrict : memref<2x24x20xi8> to tensor<2x24x20xi8>
  %e = tensor.empty() : tensor<2x9x20xi32>
  %i = linalg.fill ins(%zero : i32) outs(%e : tensor<2x9x20xi32>) -> tensor<2x9x20xi32>
  %s = linalg.batch_matmul ins(%0, %1 : tensor<2x9x24xi8>, tensor<2x24x20xi8>) outs(%i : tensor<2x9x20xi32>) -> tensor<2x9x20xi32>
  bufferization.materialize_in_destination %s in restrict writable %out : (tensor<2x9x20xi32>, memref<2x9x20xi32>) -> ()
  return
}
func.func @calls(%a: memref<2x9x24xi8>, %b: memref<2x24x20xi8>, %out: memref<2x9x20xi32>) {
  call @plain(%a, %b, %out) : (memref<2x9x24xi8>, memref<2x24x20xi8>, memref<2x9x20xi32>) -> ()
  return
}

// -----

#left = affine_map<(b, m, n, k) -> (b, k, m)>
#right = affine_map<(b, m, n, k) -> (b, k, n)>
#out = affine_map<(b, m, n, k) -> (b, m, n)>
// CHECK-LABEL: func.func private @transposed({{.*}}quantc.kernel = "loops"
func.func private @transposed(%a: memref<2x24x24xi8>, %b: memref<2x24x20xi8>, %out: memref<2x24x20xi32>) attributes {quantc.kernel} {
  %zero = arith.constant 0 : i32
  %0 = bufferization.to_tensor %a restrict : memref<2x24x24xi8> to tensor<2x24x24xi8>
  %1 = bufferization.to_tensor %b restrict : memref<2x24x20xi8> to tensor<2x24x20xi8>
  %e = tensor.empty() : tensor<2x24x20xi32>
  %i = linalg.fill ins(%zero : i32) outs(%e : tensor<2x24x20xi32>) -> tensor<2x24x20xi32>
  %s = linalg.batch_matmul indexing_maps = [#left, #right, #out] ins(%0, %1 : tensor<2x24x24xi8>, tensor<2x24x20xi8>) outs(%i : tensor<2x24x20xi32>) -> tensor<2x24x20xi32>
  bufferization.materialize_in_destination %s in restrict writable %out : (tensor<2x24x20xi32>, memref<2x24x20xi32>) -> ()
  return
}
func.func @calls(%a: memref<2x24x24xi8>, %b: memref<2x24x20xi8>, %out: memref<2x24x20xi32>) {
  call @transposed(%a, %b, %out) : (memref<2x24x24xi8>, memref<2x24x20xi8>, memref<2x24x20xi32>) -> ()
  return
}

// -----

// CHECK-LABEL: func.func private @words({{.*}}quantc.kernel = "loops"
func.func private @words(%a: memref<2x9x24xi16>, %b: memref<2x24x20xi16>, %out: memref<2x9x20xi32>) attributes {quantc.kernel} {
  %zero = arith.constant 0 : i32
  %0 = bufferization.to_tensor %a restrict : memref<2x9x24xi16> to tensor<2x9x24xi16>
  %1 = bufferization.to_tensor %b restrict : memref<2x24x20xi16> to tensor<2x24x20xi16>
  %e = tensor.empty() : tensor<2x9x20xi32>
  %i = linalg.fill ins(%zero : i32) outs(%e : tensor<2x9x20xi32>) -> tensor<2x9x20xi32>
  %s = linalg.batch_matmul ins(%0, %1 : tensor<2x9x24xi16>, tensor<2x24x20xi16>) outs(%i : tensor<2x9x20xi32>) -> tensor<2x9x20xi32>
  bufferization.materialize_in_destination %s in restrict writable %out : (tensor<2x9x20xi32>, memref<2x9x20xi32>) -> ()
  return
}
func.func @calls(%a: memref<2x9x24xi16>, %b: memref<2x24x20xi16>, %out: memref<2x9x20xi32>) {
  call @words(%a, %b, %out) : (memref<2x9x24xi16>, memref<2x24x20xi16>, memref<2x9x20xi32>) -> ()
  return
}

// -----

// A zero point that no byte holds; of bytes the same is a GEMM.
// CHECK-LABEL: func.func private @zero_point({{.*}}quantc.kernel = "loops"
func.func private @zero_point(%a: memref<2x9x24xi8>, %b: memref<2x24x20xi8>, %out: memref<2x9x20xi32>) attributes {quantc.kernel} {
  %zero = arith.constant 0 : i32
  %zp = arith.constant 100000 : i32
  %0 = bufferization.to_tensor %a restrict : memref<2x9x24xi8> to tensor<2x9x24xi8>
  %1 = bufferization.to_tensor %b restrict : memref<2x24x20xi8> to tensor<2x24x20xi8>
  %e = tensor.empty() : tensor<2x9x20xi32>
  %i = linalg.fill ins(%zero : i32) outs(%e : tensor<2x9x20xi32>) -> tensor<2x9x20xi32>
  %s = linalg.quantized_batch_matmul ins(%0, %1, %zero, %zp : tensor<2x9x24xi8>, tensor<2x24x20xi8>, i32, i32) outs(%i : tensor<2x9x20xi32>) -> tensor<2x9x20xi32>
  bufferization.materialize_in_destination %s in restrict writable %out : (tensor<2x9x20xi32>, memref<2x9x20xi32>) -> ()
  return
}
func.func @calls(%a: memref<2x9x24xi8>, %b: memref<2x24x20xi8>, %out: memref<2x9x20xi32>) {
  call @zero_point(%a, %b, %out) : (memref<2x9x24xi8>, memref<2x24x20xi8>, memref<2x9x20xi32>) -> ()
  return
}

// -----

// A result whose channels come first isn't one sequence.
// CHECK-LABEL: func.func private @scattered(
// CHECK-SAME: memref<1x16x16x32xi32>
// CHECK-COUNT-2: scf.for
#id = affine_map<(n, y, x, c) -> (n, y, x, c)>
#channels_first = affine_map<(n, y, x, c) -> (n, c, y, x)>
func.func private @scattered(%a: memref<1x16x16x32xi32>, %out: memref<1x32x16x16xi32>) attributes {quantc.kernel} {
  %0 = bufferization.to_tensor %a restrict : memref<1x16x16x32xi32> to tensor<1x16x16x32xi32>
  %e = tensor.empty() : tensor<1x32x16x16xi32>
  %s = linalg.generic {indexing_maps = [#id, #id, #channels_first], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%0, %0 : tensor<1x16x16x32xi32>, tensor<1x16x16x32xi32>) outs(%e : tensor<1x32x16x16xi32>) {
  ^bb0(%x: i32, %y: i32, %o: i32):
    %d = arith.addi %x, %y : i32
    linalg.yield %d : i32
  } -> tensor<1x32x16x16xi32>
  bufferization.materialize_in_destination %s in restrict writable %out : (tensor<1x32x16x16xi32>, memref<1x32x16x16xi32>) -> ()
  return
}
func.func @calls(%a: memref<1x16x16x32xi32>, %out: memref<1x32x16x16xi32>) {
  call @scattered(%a, %out) : (memref<1x16x16x32xi32>, memref<1x32x16x16xi32>) -> ()
  return
}
