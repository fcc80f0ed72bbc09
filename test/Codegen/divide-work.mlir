// RUN: quant-opt %s --quantc-lower-kernels="mcpu=x86-64-v3 min-part-cycles=1" --canonicalize --cse --split-input-file | FileCheck %s
// RUN: quant-opt %s --quantc-lower-kernels=mcpu=x86-64-v3 --canonicalize --cse --split-input-file | FileCheck %s --check-prefix=WHOLE

#id2 = affine_map<(y, x) -> (y, x)>
// One loop has enough units: of 100 rows, a part does rows
// part * 100 / parts … (part + 1) * 100 / parts - 1.
// CHECK-LABEL: func.func private @loops
// CHECK-SAME: %[[PART:[a-z0-9]+]]: index, %[[PARTS:[a-z0-9]+]]: index) attributes {quantc.kernel = "loops", quantc.max_parts = 100 : i64}
// CHECK-DAG: %[[NEXT:.*]] = arith.addi %[[PART]], %c1
// CHECK-DAG: %[[P0:.*]] = arith.muli %[[PART]], %c100
// CHECK-DAG: %[[B:.*]] = arith.divui %[[P0]], %[[PARTS]]
// CHECK-DAG: %[[P1:.*]] = arith.muli %[[NEXT]], %c100
// CHECK-DAG: %[[E:.*]] = arith.divui %[[P1]], %[[PARTS]]
// CHECK: %[[B0:.*]] = arith.maxsi %[[B]], %c0
// CHECK: %[[LOWER:.*]] = arith.minsi %[[B0]], %c100
// CHECK: %[[E0:.*]] = arith.maxsi %[[E]], %c0
// CHECK: %[[E1:.*]] = arith.minsi %[[E0]], %c100
// CHECK: %[[UPPER:.*]] = arith.minsi %[[E1]], %c100
// CHECK: scf.for %{{.*}} = %[[LOWER]] to %[[UPPER]] step %c1 {
// CHECK-NEXT: scf.for %{{.*}} = %c0 to %c32 step %c16
// CHECK-NOT: scf.if
// CHECK-LABEL: func.func @net
// CHECK: call @loops(%{{.*}}, %{{.*}}, %c0, %c1)

// What a thread does must be worth it.
// WHOLE-LABEL: func.func private @loops
// WHOLE-SAME: attributes {quantc.kernel = "loops"}
// WHOLE: scf.for %{{.*}} = %c0 to %c100 step
func.func private @loops(%x: memref<100x37xi32>, %out: memref<100x37xi32, strided<[40, 1]>>) attributes {quantc.kernel} {
  %0 = bufferization.to_tensor %x restrict : memref<100x37xi32> to tensor<100x37xi32>
  %e = tensor.empty() : tensor<100x37xi32>
  %y = linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%0 : tensor<100x37xi32>) outs(%e : tensor<100x37xi32>) {
  ^bb0(%in: i32, %o: i32):
    %a = arith.addi %in, %in : i32
    linalg.yield %a : i32
  } -> tensor<100x37xi32>
  bufferization.materialize_in_destination %y in restrict writable %out : (tensor<100x37xi32>, memref<100x37xi32, strided<[40, 1]>>) -> ()
  return
}
func.func @net(%x: memref<100x37xi32>, %out: memref<100x37xi32, strided<[40, 1]>>) {
  call @loops(%x, %out) : (memref<100x37xi32>, memref<100x37xi32, strided<[40, 1]>>) -> ()
  return
}

// -----

#id2 = affine_map<(y, x) -> (y, x)>
// Three rows are few: of their 3 × (2 + 1) blocks, parts do ranges that begin
// and end within a row. What remains of a row is a unit of its own, of one
// register: it weighs half as much as a block, and a row five times as much.
// CHECK-LABEL: func.func private @nested
// CHECK-SAME: quantc.max_parts = 9 : i64
// CHECK: scf.for %[[ROW:[a-z0-9]+]] = %{{.*}} to %{{.*}} step %c1 {
// CHECK: %[[DONE:.*]] = arith.muli %[[ROW]], %c5
// CHECK: %[[RB:.*]] = arith.subi %{{.*}}, %[[DONE]]
// CHECK: %[[RE:.*]] = arith.subi %{{.*}}, %[[DONE]]
// CHECK: %[[BLOCKS:.*]] = arith.divui %{{.*}}, %c2
// CHECK: arith.minsi %[[BLOCKS]], %c2
// CHECK: %[[RB2:.*]] = arith.subi %[[RB]], %c4
// CHECK: %[[RE2:.*]] = arith.subi %[[RE]], %c4
// CHECK: scf.for
// CHECK: vector<16xi32>
// CHECK: %[[BEGUN:.*]] = arith.cmpi sle, %[[RB2]], %c0
// CHECK: %[[GOES_ON:.*]] = arith.cmpi sgt, %[[RE2]], %c0
// CHECK: %[[BOTH:.*]] = arith.andi %[[BEGUN]], %[[GOES_ON]]
// CHECK: scf.if %[[BOTH]] {
// CHECK: vector<5xi32>
func.func private @nested(%x: memref<3x37xi32>, %out: memref<3x37xi32, strided<[40, 1]>>) attributes {quantc.kernel} {
  %0 = bufferization.to_tensor %x restrict : memref<3x37xi32> to tensor<3x37xi32>
  %e = tensor.empty() : tensor<3x37xi32>
  %y = linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%0 : tensor<3x37xi32>) outs(%e : tensor<3x37xi32>) {
  ^bb0(%in: i32, %o: i32):
    %a = arith.addi %in, %in : i32
    %b = arith.muli %a, %in : i32
    linalg.yield %b : i32
  } -> tensor<3x37xi32>
  bufferization.materialize_in_destination %y in restrict writable %out : (tensor<3x37xi32>, memref<3x37xi32, strided<[40, 1]>>) -> ()
  return
}
func.func @net(%x: memref<3x37xi32>, %out: memref<3x37xi32, strided<[40, 1]>>) {
  call @nested(%x, %out) : (memref<3x37xi32>, memref<3x37xi32, strided<[40, 1]>>) -> ()
  return
}

// -----

// A GEMM of many rows and few weights is cut along the rows, for all panels
// alike; one of a single row between panels.
// CHECK-LABEL: func.func private @rows
// CHECK: scf.for %{{.*}} = %c0 to %c{{[0-9]+}} step %c1 {
// CHECK: scf.for %{{.*}} = %{{[0-9]+}} to %{{[0-9]+}} step
// CHECK-LABEL: func.func private @panels
// CHECK: scf.for %{{.*}} = %{{[0-9]+}} to %{{[0-9]+}} step %c1 {
func.func private @rows(%x: memref<1x1x120x16xf32>, %w: tensor<96x1x1x16xf32>, %out: memref<1x1x120x96xf32>) attributes {quantc.kernel} {
  %zero = arith.constant 0.0 : f32
  %0 = bufferization.to_tensor %x restrict : memref<1x1x120x16xf32> to tensor<1x1x120x16xf32>
  %e = tensor.empty() : tensor<1x1x120x96xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<1x1x120x96xf32>) -> tensor<1x1x120x96xf32>
  %a = linalg.conv_2d_nhwc_fhwc {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%0, %w : tensor<1x1x120x16xf32>, tensor<96x1x1x16xf32>) outs(%i : tensor<1x1x120x96xf32>) -> tensor<1x1x120x96xf32>
  bufferization.materialize_in_destination %a in restrict writable %out : (tensor<1x1x120x96xf32>, memref<1x1x120x96xf32>) -> ()
  return
}
func.func private @panels(%x: memref<1x1x1x16xf32>, %w: tensor<960x1x1x16xf32>, %out: memref<1x1x1x960xf32>) attributes {quantc.kernel} {
  %zero = arith.constant 0.0 : f32
  %0 = bufferization.to_tensor %x restrict : memref<1x1x1x16xf32> to tensor<1x1x1x16xf32>
  %e = tensor.empty() : tensor<1x1x1x960xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<1x1x1x960xf32>) -> tensor<1x1x1x960xf32>
  %a = linalg.conv_2d_nhwc_fhwc {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%0, %w : tensor<1x1x1x16xf32>, tensor<960x1x1x16xf32>) outs(%i : tensor<1x1x1x960xf32>) -> tensor<1x1x1x960xf32>
  bufferization.materialize_in_destination %a in restrict writable %out : (tensor<1x1x1x960xf32>, memref<1x1x1x960xf32>) -> ()
  return
}
func.func @net(%x: memref<1x1x120x16xf32>, %y: memref<1x1x1x16xf32>, %a: memref<1x1x120x96xf32>, %b: memref<1x1x1x960xf32>) {
  %v = arith.constant dense<1.0> : tensor<96x1x1x16xf32>
  %w = arith.constant dense<2.0> : tensor<960x1x1x16xf32>
  call @rows(%x, %v, %a) : (memref<1x1x120x16xf32>, tensor<96x1x1x16xf32>, memref<1x1x120x96xf32>) -> ()
  call @panels(%y, %w, %b) : (memref<1x1x1x16xf32>, tensor<960x1x1x16xf32>, memref<1x1x1x960xf32>) -> ()
  return
}

// -----

// A transposition goes from element to element: one of 30000 is worth two
// threads, an addition of as many isn't.
// WHOLE-LABEL: func.func private @transpose
// WHOLE-SAME: quantc.max_parts = 2 : i64
// WHOLE-LABEL: func.func private @add
// WHOLE-SAME: attributes {quantc.kernel = "loops"}
func.func private @transpose(%x: memref<200x150xf32>, %out: memref<150x200xf32>) attributes {quantc.kernel} {
  %0 = bufferization.to_tensor %x restrict : memref<200x150xf32> to tensor<200x150xf32>
  %e = tensor.empty() : tensor<150x200xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(y, x) -> (x, y)>, affine_map<(y, x) -> (y, x)>], iterator_types = ["parallel", "parallel"]} ins(%0 : tensor<200x150xf32>) outs(%e : tensor<150x200xf32>) {
  ^bb0(%in: f32, %o: f32):
    linalg.yield %in : f32
  } -> tensor<150x200xf32>
  bufferization.materialize_in_destination %y in restrict writable %out : (tensor<150x200xf32>, memref<150x200xf32>) -> ()
  return
}
func.func private @add(%x: memref<150x200xf32>, %out: memref<150x200xf32>) attributes {quantc.kernel} {
  %0 = bufferization.to_tensor %x restrict : memref<150x200xf32> to tensor<150x200xf32>
  %e = tensor.empty() : tensor<150x200xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(y, x) -> (y, x)>, affine_map<(y, x) -> (y, x)>], iterator_types = ["parallel", "parallel"]} ins(%0 : tensor<150x200xf32>) outs(%e : tensor<150x200xf32>) {
  ^bb0(%in: f32, %o: f32):
    %a = arith.addf %in, %in : f32
    linalg.yield %a : f32
  } -> tensor<150x200xf32>
  bufferization.materialize_in_destination %y in restrict writable %out : (tensor<150x200xf32>, memref<150x200xf32>) -> ()
  return
}
func.func @net(%x: memref<200x150xf32>, %t: memref<150x200xf32>, %out: memref<150x200xf32>) {
  call @transpose(%x, %t) : (memref<200x150xf32>, memref<150x200xf32>) -> ()
  call @add(%t, %out) : (memref<150x200xf32>, memref<150x200xf32>) -> ()
  return
}
