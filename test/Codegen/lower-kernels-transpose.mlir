// The last dimension moves: squares of sixteen bytes are read by rows and
// written by columns, after as many rounds of interleaving as a number of a row
// has bits.
// RUN: quant-opt %s --quantc-lower-kernels="triple=x86_64-linux-gnu mcpu=x86-64-v3" --canonicalize --cse | FileCheck %s
// RUN: quant-opt %s --quantc-lower-kernels="triple=aarch64-linux-gnu" --canonicalize --cse | FileCheck %s

// CHECK-LABEL: func.func private @floats(
// CHECK-SAME: %[[X:[^ :]*]]: memref<8x2x12xf32>
// CHECK-SAME: %[[Y:[^ :]*]]: memref<2x12x8xf32>
// CHECK-SAME: quantc.kernel = "transpose"
// CHECK: scf.for %[[I:.*]] = %c0 to %c2 step %c1
// CHECK: scf.for %[[J:.*]] = %c0 to %c12 step %c4
// CHECK: scf.for %[[K:.*]] = %c0 to %c8 step %c4
// CHECK: %[[R0:.*]] = vector.load %[[X]][%[[K]], %[[I]], %[[J]]] : memref<8x2x12xf32>, vector<4xf32>
// CHECK: %[[K1:.*]] = arith.addi %[[K]], %c1
// CHECK: %[[R1:.*]] = vector.load %[[X]][%[[K1]], %[[I]], %[[J]]]
// CHECK: %[[K2:.*]] = arith.addi %[[K]], %c2
// CHECK: %[[R2:.*]] = vector.load %[[X]][%[[K2]], %[[I]], %[[J]]]
// CHECK: %[[K3:.*]] = arith.addi %[[K]], %c3
// CHECK: %[[R3:.*]] = vector.load %[[X]][%[[K3]], %[[I]], %[[J]]]
// CHECK: %[[A:.*]] = vector.shuffle %[[R0]], %[[R2]] [0, 4, 1, 5]
// CHECK: %[[B:.*]] = vector.shuffle %[[R0]], %[[R2]] [2, 6, 3, 7]
// CHECK: %[[C:.*]] = vector.shuffle %[[R1]], %[[R3]] [0, 4, 1, 5]
// CHECK: %[[D:.*]] = vector.shuffle %[[R1]], %[[R3]] [2, 6, 3, 7]
// CHECK: %[[C0:.*]] = vector.shuffle %[[A]], %[[C]] [0, 4, 1, 5]
// CHECK: %[[C1:.*]] = vector.shuffle %[[A]], %[[C]] [2, 6, 3, 7]
// CHECK: vector.store %[[C0]], %[[Y]][%[[I]], %[[J]], %[[K]]]
// CHECK: %[[J1:.*]] = arith.addi %[[J]], %c1
// CHECK: vector.store %[[C1]], %[[Y]][%[[I]], %[[J1]], %[[K]]]
func.func private @floats(%x: memref<8x2x12xf32>, %y: memref<2x12x8xf32>) attributes {quantc.kernel} {
  %0 = bufferization.to_tensor %x restrict : memref<8x2x12xf32> to tensor<8x2x12xf32>
  %e = tensor.empty() : tensor<2x12x8xf32>
  %t = linalg.transpose ins(%0 : tensor<8x2x12xf32>) outs(%e : tensor<2x12x8xf32>) permutation = [1, 2, 0]
  bufferization.materialize_in_destination %t in restrict writable %y : (tensor<2x12x8xf32>, memref<2x12x8xf32>) -> ()
  return
}

// What comes before and after it, point by point, happens on the way.
// CHECK-LABEL: func.func private @narrowed(
// CHECK-SAME: quantc.kernel = "transpose"
// CHECK: vector.load {{.*}} vector<16xi16>
// CHECK: arith.trunci {{.*}} : vector<16xi16> to vector<16xi8>
// CHECK-COUNT-64: vector.shuffle
// CHECK-NOT: vector.shuffle
// CHECK: arith.xori {{.*}} : vector<16xi8>
// CHECK: vector.store
#id = affine_map<(i, j) -> (i, j)>
func.func private @narrowed(%x: memref<32x16xi16>, %y: memref<16x32xi8>) attributes {quantc.kernel} {
  %0 = bufferization.to_tensor %x restrict : memref<32x16xi16> to tensor<32x16xi16>
  %e0 = tensor.empty() : tensor<32x16xi8>
  %n = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%0 : tensor<32x16xi16>) outs(%e0 : tensor<32x16xi8>) {
  ^bb0(%in: i16, %out: i8):
    %s = arith.trunci %in : i16 to i8
    linalg.yield %s : i8
  } -> tensor<32x16xi8>
  %e = tensor.empty() : tensor<16x32xi8>
  %t = linalg.transpose ins(%n : tensor<32x16xi8>) outs(%e : tensor<16x32xi8>) permutation = [1, 0]
  %c = arith.constant -128 : i8
  %f = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%t : tensor<16x32xi8>) outs(%e : tensor<16x32xi8>) {
  ^bb0(%in: i8, %out: i8):
    %s = arith.xori %in, %c : i8
    linalg.yield %s : i8
  } -> tensor<16x32xi8>
  bufferization.materialize_in_destination %f in restrict writable %y : (tensor<16x32xi8>, memref<16x32xi8>) -> ()
  return
}

// A row of each channel becomes pixels: of 18, sixteen are read and written, and
// then two. Each register of the result takes from one channel after the other.
// CHECK-LABEL: func.func private @pixels(
// CHECK-SAME: %[[X:[^ :]*]]: memref<3x18xi8>
// CHECK-SAME: %[[Y:[^ :]*]]: memref<18x3xi8>
// CHECK-SAME: quantc.kernel = "transpose"
// CHECK: %[[R0:.*]] = vector.load %[[X]][%c0, %c0] : memref<3x18xi8>, vector<16xi8>
// CHECK: %[[R1:.*]] = vector.load %[[X]][%c1, %c0]
// CHECK: %[[R2:.*]] = vector.load %[[X]][%c2, %c0]
// CHECK: %[[A:.*]] = vector.shuffle %[[R0]], %[[R1]] [0, 16, -1, 1, 17, -1, 2, 18, -1, 3, 19, -1, 4, 20, -1, 5]
// CHECK: %[[B:.*]] = vector.shuffle %[[A]], %[[R2]] [0, 1, 16, 3, 4, 17, 6, 7, 18, 9, 10, 19, 12, 13, 20, 15]
// CHECK: vector.store %[[B]], %[[Y]][%c0, %c0] : memref<18x3xi8>, vector<16xi8>
// CHECK: vector.store {{.*}}, %[[Y]][%c5, %c1] : memref<18x3xi8>, vector<16xi8>
// CHECK: vector.store {{.*}}, %[[Y]][%c10, %c2] : memref<18x3xi8>, vector<16xi8>
// CHECK: vector.load %[[X]][%c0, %c16] : memref<3x18xi8>, vector<2xi8>
// CHECK: vector.store {{.*}}, %[[Y]][%c16, %c0] : memref<18x3xi8>, vector<2xi8>
// CHECK: vector.store {{.*}}, %[[Y]][%c16, %c2] : memref<18x3xi8>, vector<2xi8>
// CHECK: vector.store {{.*}}, %[[Y]][%c17, %c1] : memref<18x3xi8>, vector<2xi8>
func.func private @pixels(%x: memref<3x18xi8>, %y: memref<18x3xi8>) attributes {quantc.kernel} {
  %0 = bufferization.to_tensor %x restrict : memref<3x18xi8> to tensor<3x18xi8>
  %e = tensor.empty() : tensor<18x3xi8>
  %t = linalg.transpose ins(%0 : tensor<3x18xi8>) outs(%e : tensor<18x3xi8>) permutation = [1, 0]
  bufferization.materialize_in_destination %t in restrict writable %y : (tensor<18x3xi8>, memref<18x3xi8>) -> ()
  return
}

// Squares don't cover ten rows; and where the last dimension stays, rows are
// copied.
// CHECK-LABEL: func.func private @rest(
// CHECK-SAME: quantc.kernel = "loops"
func.func private @rest(%x: memref<10x8xf32>, %y: memref<8x10xf32>) attributes {quantc.kernel} {
  %0 = bufferization.to_tensor %x restrict : memref<10x8xf32> to tensor<10x8xf32>
  %e = tensor.empty() : tensor<8x10xf32>
  %t = linalg.transpose ins(%0 : tensor<10x8xf32>) outs(%e : tensor<8x10xf32>) permutation = [1, 0]
  bufferization.materialize_in_destination %t in restrict writable %y : (tensor<8x10xf32>, memref<8x10xf32>) -> ()
  return
}
// CHECK-LABEL: func.func private @rows(
// CHECK-SAME: quantc.kernel = "loops"
func.func private @rows(%x: memref<8x4x16xf32>, %y: memref<4x8x16xf32>) attributes {quantc.kernel} {
  %0 = bufferization.to_tensor %x restrict : memref<8x4x16xf32> to tensor<8x4x16xf32>
  %e = tensor.empty() : tensor<4x8x16xf32>
  %t = linalg.transpose ins(%0 : tensor<8x4x16xf32>) outs(%e : tensor<4x8x16xf32>) permutation = [1, 0, 2]
  bufferization.materialize_in_destination %t in restrict writable %y : (tensor<4x8x16xf32>, memref<4x8x16xf32>) -> ()
  return
}
func.func @net(%a: memref<8x2x12xf32>, %b: memref<2x12x8xf32>, %c: memref<32x16xi16>, %d: memref<16x32xi8>, %e: memref<10x8xf32>, %f: memref<8x10xf32>, %g: memref<8x4x16xf32>, %h: memref<4x8x16xf32>, %i: memref<3x18xi8>, %j: memref<18x3xi8>) {
  call @floats(%a, %b) : (memref<8x2x12xf32>, memref<2x12x8xf32>) -> ()
  call @narrowed(%c, %d) : (memref<32x16xi16>, memref<16x32xi8>) -> ()
  call @pixels(%i, %j) : (memref<3x18xi8>, memref<18x3xi8>) -> ()
  call @rest(%e, %f) : (memref<10x8xf32>, memref<8x10xf32>) -> ()
  call @rows(%g, %h) : (memref<8x4x16xf32>, memref<4x8x16xf32>) -> ()
  return
}
