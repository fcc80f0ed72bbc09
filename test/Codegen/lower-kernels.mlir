// RUN: quant-opt %s --quantc-lower-kernels=mcpu=x86-64-v3 --canonicalize --cse --split-input-file | FileCheck %s

#id = affine_map<(n, y, x, c) -> (n, y, x, c)>

// Floats: fused multiply-add in K order, and the epilogue on the accumulators.
// Seven columns: the last lane is cut off.
// CHECK-LABEL: func.func private @float
// CHECK-SAME: quantc.kernel = "gemm"
// CHECK: scf.for %[[K:[a-z0-9]+]] =
// CHECK: %[[S:.*]] = memref.load %{{.*}}[{{.*}}, %[[K]]] : memref<1x1x5x16xf32>
// CHECK: %[[V:.*]] = vector.broadcast %[[S]] : f32 to vector<8xf32>
// CHECK: math.fma %[[V]], %{{.*}}, %{{.*}} : vector<8xf32>
// CHECK: %[[C:.*]] = vector.shuffle {{.*}} [0, 1, 2, 3, 4, 5, 6]
// CHECK: %[[M:.*]] = arith.maximumf %[[C]], %{{.*}} : vector<7xf32>
// CHECK: vector.store %[[M]], {{.*}}, vector<7xf32>
func.func private @float(%x: memref<1x1x5x16xf32>, %w: tensor<7x1x1x16xf32>, %out: memref<1x1x5x7xf32>) attributes {quantc.kernel} {
  %zero = arith.constant 0.0 : f32
  %0 = bufferization.to_tensor %x restrict : memref<1x1x5x16xf32> to tensor<1x1x5x16xf32>
  %e = tensor.empty() : tensor<1x1x5x7xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<1x1x5x7xf32>) -> tensor<1x1x5x7xf32>
  %a = linalg.conv_2d_nhwc_fhwc {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%0, %w : tensor<1x1x5x16xf32>, tensor<7x1x1x16xf32>) outs(%i : tensor<1x1x5x7xf32>) -> tensor<1x1x5x7xf32>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%a : tensor<1x1x5x7xf32>) outs(%e : tensor<1x1x5x7xf32>) {
  ^bb0(%in: f32, %o: f32):
    %m = arith.maximumf %in, %zero : f32
    linalg.yield %m : f32
  } -> tensor<1x1x5x7xf32>
  bufferization.materialize_in_destination %y in restrict writable %out : (tensor<1x1x5x7xf32>, memref<1x1x5x7xf32>) -> ()
  return
}
func.func @net(%x: memref<1x1x5x16xf32>, %out: memref<1x1x5x7xf32>) {
  %w = arith.constant dense<2.0> : tensor<7x1x1x16xf32>
  call @float(%x, %w, %out) : (memref<1x1x5x16xf32>, tensor<7x1x1x16xf32>, memref<1x1x5x7xf32>) -> ()
  return
}

// -----

// Everything else: loops along the result, vectors of its last dimension, and
// what remains of it as a narrower vector. 2 × 8 lanes twice, then one of 5.
// CHECK-LABEL: func.func private @loops
// CHECK-SAME: quantc.kernel = "loops"
// CHECK: scf.for %[[Y:[a-z0-9]+]] = %c0 to %c3 step
// CHECK-NEXT: scf.for %[[X:[a-z0-9]+]] = %c0 to %c32 step %c16
// CHECK: %[[A:.*]] = vector.load %{{.*}}[%[[Y]], %[[X]]] : memref<3x37xi32>, vector<16xi32>
// CHECK: arith.addi %[[A]], %[[A]] : vector<16xi32>
// CHECK: vector.load %{{.*}}[%[[Y]], %c32] : memref<3x37xi32>, vector<5xi32>
// CHECK: vector.store {{.*}}, vector<5xi32>
#id2 = affine_map<(y, x) -> (y, x)>
func.func private @loops(%x: memref<3x37xi32>, %out: memref<3x37xi32, strided<[40, 1]>>) attributes {quantc.kernel} {
  %0 = bufferization.to_tensor %x restrict : memref<3x37xi32> to tensor<3x37xi32>
  %e = tensor.empty() : tensor<3x37xi32>
  %y = linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%0 : tensor<3x37xi32>) outs(%e : tensor<3x37xi32>) {
  ^bb0(%in: i32, %o: i32):
    %a = arith.addi %in, %in : i32
    linalg.yield %a : i32
  } -> tensor<3x37xi32>
  bufferization.materialize_in_destination %y in restrict writable %out : (tensor<3x37xi32>, memref<3x37xi32, strided<[40, 1]>>) -> ()
  return
}
func.func @net(%x: memref<3x37xi32>, %out: memref<3x37xi32, strided<[40, 1]>>) {
  call @loops(%x, %out) : (memref<3x37xi32>, memref<3x37xi32, strided<[40, 1]>>) -> ()
  return
}

// -----

// Dimensions that lie as one sequence on both sides are one loop: 111 elements.
// CHECK-LABEL: func.func private @flat
// CHECK: scf.for %[[X:[a-z0-9]+]] = %c0 to %c96 step %c16
// CHECK-NEXT: vector.load %{{.*}}[%c0, %[[X]]] : memref<3x37xi32>, vector<16xi32>
// CHECK: vector.load %{{.*}}[%c0, %c96] : memref<3x37xi32>, vector<15xi32>
#id2 = affine_map<(y, x) -> (y, x)>
func.func private @flat(%x: memref<3x37xi32>, %out: memref<3x37xi32>) attributes {quantc.kernel} {
  %0 = bufferization.to_tensor %x restrict : memref<3x37xi32> to tensor<3x37xi32>
  %e = tensor.empty() : tensor<3x37xi32>
  %y = linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%0 : tensor<3x37xi32>) outs(%e : tensor<3x37xi32>) {
  ^bb0(%in: i32, %o: i32):
    %a = arith.addi %in, %in : i32
    linalg.yield %a : i32
  } -> tensor<3x37xi32>
  bufferization.materialize_in_destination %y in restrict writable %out : (tensor<3x37xi32>, memref<3x37xi32>) -> ()
  return
}
func.func @net(%x: memref<3x37xi32>, %out: memref<3x37xi32>) {
  call @flat(%x, %out) : (memref<3x37xi32>, memref<3x37xi32>) -> ()
  return
}

// -----

// What neither form covers stays for upstream, marked; its constants are memrefs
// in one pool, equal ones once.
// CHECK: memref.global "private" constant @constant_0 : memref<4xi32> = dense<[1, 2, 3, 4]> {alignment = 64 : i64}
// CHECK-NOT: memref.global
// CHECK-LABEL: func.func private @indexed
// CHECK-SAME: quantc.kernel = "fallback"
// CHECK: linalg.index
// CHECK-LABEL: func.func @net
// CHECK: %[[G:.*]] = memref.get_global @constant_0
// CHECK: call @indexed(%[[G]], %[[G]], %arg0)
#id1 = affine_map<(i) -> (i)>
func.func private @indexed(%x: tensor<4xi32>, %z: tensor<4xi32>, %out: memref<4xi32>) attributes {quantc.kernel} {
  %e = tensor.empty() : tensor<4xi32>
  %y = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]} ins(%x, %z : tensor<4xi32>, tensor<4xi32>) outs(%e : tensor<4xi32>) {
  ^bb0(%in: i32, %in2: i32, %o: i32):
    %i = linalg.index 0 : index
    %j = arith.index_cast %i : index to i32
    %a = arith.addi %in, %j : i32
    %b = arith.addi %a, %in2 : i32
    linalg.yield %b : i32
  } -> tensor<4xi32>
  bufferization.materialize_in_destination %y in restrict writable %out : (tensor<4xi32>, memref<4xi32>) -> ()
  return
}
func.func @net(%out: memref<4xi32>) {
  %w = arith.constant dense<[1, 2, 3, 4]> : tensor<4xi32>
  %v = arith.constant dense<[1, 2, 3, 4]> : tensor<4xi32>
  call @indexed(%w, %v, %out) : (tensor<4xi32>, tensor<4xi32>, memref<4xi32>) -> ()
  return
}

// -----

// A 1 × 1 convolution walks all pixels as one row of fifteen, if its epilogue
// can: one that wants to know the column of a pixel can't.
// CHECK-LABEL: func.func private @pixels
// CHECK: vector.load %arg0[%c0, %c0, %c14, %c0] : memref<1x3x5x4xi16>, vector<2xi16>
// CHECK: dot.opaque %c0
// CHECK: vector.store %{{.*}}, %arg1[%c0, %c0, %c14, %{{.*}}]
// CHECK-LABEL: func.func private @columns
// CHECK-NOT: %c14
// CHECK: scf.for %[[X:.*]] = %c0 to %c5 step %c1
// CHECK: %[[ANEW:.*]] = dot.opaque %c0
// CHECK: %[[R:.*]] = vector.load %arg1[%[[X]], %[[ANEW]]] : memref<5x8xi32>, vector<8xi32>
// CHECK: %[[Y:.*]] = arith.addi %{{.*}}, %[[R]]
// CHECK: vector.store %[[Y]], %arg2[%c0, %{{.*}}, %[[X]], %[[ANEW]]]
func.func private @pixels(%x: memref<1x3x5x4xi16>, %w: tensor<8x1x1x4xi8>, %out: memref<1x3x5x8xi32>) attributes {quantc.kernel} {
  %zero = arith.constant 0 : i32
  %0 = bufferization.to_tensor %x restrict : memref<1x3x5x4xi16> to tensor<1x3x5x4xi16>
  %e = tensor.empty() : tensor<1x3x5x8xi32>
  %i = linalg.fill ins(%zero : i32) outs(%e : tensor<1x3x5x8xi32>) -> tensor<1x3x5x8xi32>
  %a = linalg.conv_2d_nhwc_fhwc {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%0, %w : tensor<1x3x5x4xi16>, tensor<8x1x1x4xi8>) outs(%i : tensor<1x3x5x8xi32>) -> tensor<1x3x5x8xi32>
  bufferization.materialize_in_destination %a in restrict writable %out : (tensor<1x3x5x8xi32>, memref<1x3x5x8xi32>) -> ()
  return
}
func.func private @columns(%x: memref<1x3x5x4xi16>, %r: memref<5x8xi32>, %w: tensor<8x1x1x4xi8>, %out: memref<1x3x5x8xi32>) attributes {quantc.kernel} {
  %zero = arith.constant 0 : i32
  %0 = bufferization.to_tensor %x restrict : memref<1x3x5x4xi16> to tensor<1x3x5x4xi16>
  %1 = bufferization.to_tensor %r restrict : memref<5x8xi32> to tensor<5x8xi32>
  %e = tensor.empty() : tensor<1x3x5x8xi32>
  %i = linalg.fill ins(%zero : i32) outs(%e : tensor<1x3x5x8xi32>) -> tensor<1x3x5x8xi32>
  %a = linalg.conv_2d_nhwc_fhwc {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%0, %w : tensor<1x3x5x4xi16>, tensor<8x1x1x4xi8>) outs(%i : tensor<1x3x5x8xi32>) -> tensor<1x3x5x8xi32>
  %y = linalg.generic {indexing_maps = [affine_map<(n, y, x, c) -> (n, y, x, c)>, affine_map<(n, y, x, c) -> (x, c)>, affine_map<(n, y, x, c) -> (n, y, x, c)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%a, %1 : tensor<1x3x5x8xi32>, tensor<5x8xi32>) outs(%e : tensor<1x3x5x8xi32>) {
  ^bb0(%in: i32, %in2: i32, %o: i32):
    %s = arith.addi %in, %in2 : i32
    linalg.yield %s : i32
  } -> tensor<1x3x5x8xi32>
  bufferization.materialize_in_destination %y in restrict writable %out : (tensor<1x3x5x8xi32>, memref<1x3x5x8xi32>) -> ()
  return
}
func.func @net(%x: memref<1x3x5x4xi16>, %r: memref<5x8xi32>, %out: memref<1x3x5x8xi32>) {
  %w = arith.constant dense<2> : tensor<8x1x1x4xi8>
  call @pixels(%x, %w, %out) : (memref<1x3x5x4xi16>, tensor<8x1x1x4xi8>, memref<1x3x5x8xi32>) -> ()
  call @columns(%x, %r, %w, %out) : (memref<1x3x5x4xi16>, memref<5x8xi32>, tensor<8x1x1x4xi8>, memref<1x3x5x8xi32>) -> ()
  return
}

// -----

// A body that reads a tensor in memory at rows from a table: vectors of
// channels, the row once for all of them. The width is walked backwards.
// CHECK-LABEL: func.func private @rows
// CHECK-SAME: %[[X:[a-z0-9]+]]: memref<4x3x16xi8> {{.*}}, %[[ROWS:[a-z0-9]+]]: memref<5xi32>
// CHECK-SAME: quantc.kernel = "loops"
// CHECK: scf.for %[[Y:[a-z0-9]+]] =
// CHECK: %[[ROW:.*]] = memref.load %[[ROWS]][%[[Y]]]
// CHECK: %[[I:.*]] = arith.index_cast %[[ROW]] : i32 to index
// CHECK: %[[J:.*]] = arith.subi %c2, %{{.*}} : index
// CHECK: vector.load %[[X]][%[[I]], %[[J]], %{{.*}}] : memref<4x3x16xi8>, vector<16xi8>
func.func private @rows(%x: memref<4x3x16xi8>, %rows: tensor<5xi32>, %out: memref<5x3x16xi8>) attributes {quantc.kernel} {
  %0 = bufferization.to_tensor %x restrict : memref<4x3x16xi8> to tensor<4x3x16xi8>
  %e = tensor.empty() : tensor<5x3x16xi8>
  %y = linalg.generic {indexing_maps = [affine_map<(y, x, c) -> (y)>, affine_map<(y, x, c) -> (y, x, c)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%rows : tensor<5xi32>) outs(%e : tensor<5x3x16xi8>) {
  ^bb0(%row: i32, %o: i8):
    %i = arith.index_cast %row : i32 to index
    %c2 = arith.constant 2 : index
    %x1 = linalg.index 1 : index
    %j = arith.subi %c2, %x1 : index
    %c = linalg.index 2 : index
    %r = tensor.extract %0[%i, %j, %c] : tensor<4x3x16xi8>
    linalg.yield %r : i8
  } -> tensor<5x3x16xi8>
  bufferization.materialize_in_destination %y in restrict writable %out : (tensor<5x3x16xi8>, memref<5x3x16xi8>) -> ()
  return
}
func.func @net(%x: memref<4x3x16xi8>, %out: memref<5x3x16xi8>) {
  %rows = arith.constant dense<[0, 1, 1, 2, 3]> : tensor<5xi32>
  call @rows(%x, %rows, %out) : (memref<4x3x16xi8>, tensor<5xi32>, memref<5x3x16xi8>) -> ()
  return
}

// -----

// Every third element, from the second on: one load, and the lanes picked.
// CHECK-LABEL: func.func private @third
// CHECK-SAME: quantc.kernel = "loops"
// CHECK: %[[ALL:.*]] = vector.load %{{.*}}[%{{.*}}, %c0, %c0] : memref<4x5x3xi8>, vector<15xi8>
// CHECK: %[[PICKED:.*]] = vector.shuffle %[[ALL]], %[[ALL]] [1, 4, 7, 10, 13]
// CHECK: vector.store %[[PICKED]], %{{.*}} vector<5xi8>
func.func private @third(%x: memref<4x5x3xi8>, %out: memref<4x5xi8>) attributes {quantc.kernel} {
  %0 = bufferization.to_tensor %x restrict : memref<4x5x3xi8> to tensor<4x5x3xi8>
  %e = tensor.empty() : tensor<4x5xi8>
  %y = linalg.generic {indexing_maps = [affine_map<(y, c) -> (y, c, 1)>, affine_map<(y, c) -> (y, c)>], iterator_types = ["parallel", "parallel"]} ins(%0 : tensor<4x5x3xi8>) outs(%e : tensor<4x5xi8>) {
  ^bb0(%in: i8, %o: i8):
    linalg.yield %in : i8
  } -> tensor<4x5xi8>
  bufferization.materialize_in_destination %y in restrict writable %out : (tensor<4x5xi8>, memref<4x5xi8>) -> ()
  return
}
func.func @net(%x: memref<4x5x3xi8>, %out: memref<4x5xi8>) {
  call @third(%x, %out) : (memref<4x5x3xi8>, memref<4x5xi8>) -> ()
  return
}
