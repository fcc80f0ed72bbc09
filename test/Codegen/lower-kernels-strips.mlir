// RUN: quant-opt %s --quantc-lower-kernels="mcpu=x86-64-v3 min-part-cycles=1000000000" | FileCheck %s
// RUN: quant-opt %s --quantc-lower-kernels=mcpu=x86-64-v3 --canonicalize | FileCheck %s --check-prefix=DIVIDED

// Half a MiB of input doesn't stay in the second-level cache from panel to
// panel: both panels take 78 tiles of 6 pixels before the next (85 would leave a
// much shorter last strip). A tile of four pixels remains.
// CHECK-LABEL: func.func private @strips(
// CHECK-SAME: quantc.tile = array<i64: 1, 6, 2>
// CHECK: scf.for %[[FIRST:.*]] = %{{.*}} to %[[ALL:.*]] step %[[STRIP:.*]] {
// CHECK: %[[END:.*]] = arith.minsi
// CHECK: scf.for %[[PANEL:.*]] = %{{.*}} to %{{.*}} step %{{.*}} {
// CHECK: scf.for %[[X:.*]] = %[[FIRST]] to %[[END]] step
// CHECK: dot.accumulate
// CHECK: scf.for %[[LAST:.*]] = %{{.*}} to %{{.*}} step %{{.*}} {
// CHECK: memref<1x64x64x64xi16>
// Parts of a call take strips and panels.
// DIVIDED-LABEL: func.func private @strips(
// DIVIDED-SAME: quantc.max_parts = {{[1-9][0-9]*}}
// DIVIDED: scf.for %{{.*}} = %{{[0-9]+}} to %{{[0-9]+}} step %c468

// The whole input stays there.
// CHECK-LABEL: func.func private @whole(
// CHECK-NOT: arith.minsi
// CHECK: return
func.func private @strips(%x: memref<1x64x64x64xi16>, %w: tensor<32x1x1x64xi8>, %out: memref<1x64x64x32xi32>) attributes {quantc.kernel} {
  %zero = arith.constant 0 : i32
  %0 = bufferization.to_tensor %x restrict : memref<1x64x64x64xi16> to tensor<1x64x64x64xi16>
  %e = tensor.empty() : tensor<1x64x64x32xi32>
  %i = linalg.fill ins(%zero : i32) outs(%e : tensor<1x64x64x32xi32>) -> tensor<1x64x64x32xi32>
  %y = linalg.conv_2d_nhwc_fhwc {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%0, %w : tensor<1x64x64x64xi16>, tensor<32x1x1x64xi8>) outs(%i : tensor<1x64x64x32xi32>) -> tensor<1x64x64x32xi32>
  bufferization.materialize_in_destination %y in restrict writable %out : (tensor<1x64x64x32xi32>, memref<1x64x64x32xi32>) -> ()
  return
}
func.func private @whole(%x: memref<1x32x32x64xi16>, %w: tensor<32x1x1x64xi8>, %out: memref<1x32x32x32xi32>) attributes {quantc.kernel} {
  %zero = arith.constant 0 : i32
  %0 = bufferization.to_tensor %x restrict : memref<1x32x32x64xi16> to tensor<1x32x32x64xi16>
  %e = tensor.empty() : tensor<1x32x32x32xi32>
  %i = linalg.fill ins(%zero : i32) outs(%e : tensor<1x32x32x32xi32>) -> tensor<1x32x32x32xi32>
  %y = linalg.conv_2d_nhwc_fhwc {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%0, %w : tensor<1x32x32x64xi16>, tensor<32x1x1x64xi8>) outs(%i : tensor<1x32x32x32xi32>) -> tensor<1x32x32x32xi32>
  bufferization.materialize_in_destination %y in restrict writable %out : (tensor<1x32x32x32xi32>, memref<1x32x32x32xi32>) -> ()
  return
}
func.func @net(%x: memref<1x64x64x64xi16>, %out: memref<1x64x64x32xi32>, %a: memref<1x32x32x64xi16>, %b: memref<1x32x32x32xi32>) {
  %w = arith.constant dense<2> : tensor<32x1x1x64xi8>
  call @strips(%x, %w, %out) : (memref<1x64x64x64xi16>, tensor<32x1x1x64xi8>, memref<1x64x64x32xi32>) -> ()
  call @whole(%a, %w, %b) : (memref<1x32x32x64xi16>, tensor<32x1x1x64xi8>, memref<1x32x32x32xi32>) -> ()
  return
}
