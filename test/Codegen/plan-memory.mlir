// RUN: quant-opt %s --quantc-plan-memory --split-input-file | FileCheck %s

#id2 = affine_map<(y, x) -> (y, x)>

// A chain: what is dead gives its place to what comes; the last result is made
// in the caller's memory. 8 × 8 bytes are one cache line: two alive at a time,
// and 64 bytes that may be read past the last.
// CHECK: module attributes
// CHECK-SAME: quantc.arena_align = 64
// CHECK-SAME: quantc.arena_bytes = 192
// CHECK-SAME: quantc.arena_lower_bound = 128
// CHECK-LABEL: func.func @chain
// CHECK-SAME: (%[[IN:.*]]: memref<8x8xi8>, %[[OUT:.*]]: memref<8x8xi8>, %[[ARENA:.*]]: memref<192xi8>)
// CHECK-SAME: quantc.has_arena
// CHECK-SAME: quantc.num_inputs = 1 : i64
// CHECK: %[[O0:.*]] = arith.constant [[A:0|64]] : index
// CHECK: %[[V0:.*]] = memref.view %[[ARENA]][%[[O0]]][] : memref<192xi8> to memref<8x8xi8>
// CHECK: call @k(%[[IN]], %[[V0]])
// CHECK: %[[V1:.*]] = memref.view %[[ARENA]]
// CHECK: %[[O2:.*]] = arith.constant [[B:0|64]] : index
// CHECK: %[[V2:.*]] = memref.view %[[ARENA]][%[[O2]]]
// CHECK: call @k(%[[V1]], %[[V2]])
// CHECK: %[[O4:.*]] = arith.constant [[A]] : index
// CHECK: %[[V4:.*]] = memref.view %[[ARENA]][%[[O4]]]
// CHECK: call @k(%{{.*}}, %[[V4]])
// CHECK: call @k(%{{.*}}, %[[OUT]])
// CHECK-NEXT: return
// CHECK: func.func private @k(%arg0: memref<8x8xi8> {llvm.noalias}, %arg1: memref<8x8xi8> {llvm.noalias})
// CHECK-NEXT: %[[T:.*]] = bufferization.to_tensor %arg0 restrict
// CHECK: %[[R:.*]] = linalg.generic
// CHECK: bufferization.materialize_in_destination %[[R]] in restrict writable %arg1
// CHECK-NEXT: return
func.func private @k(%x: tensor<8x8xi8>) -> tensor<8x8xi8> attributes {quantc.kernel} {
  %e = tensor.empty() : tensor<8x8xi8>
  %y = linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<8x8xi8>) outs(%e : tensor<8x8xi8>) {
  ^bb0(%in: i8, %out: i8):
    %a = arith.addi %in, %in : i8
    linalg.yield %a : i8
  } -> tensor<8x8xi8>
  return %y : tensor<8x8xi8>
}
func.func @chain(%x: tensor<8x8xi8>) -> tensor<8x8xi8> {
  %a = call @k(%x) : (tensor<8x8xi8>) -> tensor<8x8xi8>
  %b = call @k(%a) : (tensor<8x8xi8>) -> tensor<8x8xi8>
  %c = call @k(%b) : (tensor<8x8xi8>) -> tensor<8x8xi8>
  %d = call @k(%c) : (tensor<8x8xi8>) -> tensor<8x8xi8>
  return %d : tensor<8x8xi8>
}

// -----

// The operand is made inside of its halo, whose rim is filled on each run; a
// second halo gets a copy. The rim: rows above and below, then columns.
// CHECK-LABEL: func.func @pads
// CHECK: %[[HALO0:.*]] = memref.view {{.*}} to memref<25xi8>
// CHECK: %[[INNER:.*]] = memref.reinterpret_cast %[[HALO0]] to offset: [0], sizes: [4, 4], strides: [7, 1]
// CHECK: call @k(%arg0, %[[INNER]])
// CHECK: call @copy_0(
// CHECK-SAME: memref<4x4xi8, strided<[7, 1]>>, memref<4x4xi8, strided<[6, 1]>>
// CHECK: %[[WHOLE:.*]] = memref.view {{.*}} to memref<6x6xi8>
// CHECK: call @fill_halo_0(%[[WHOLE]])
// CHECK: call @fill_halo_1(
// CHECK-SAME: memref<4x7xi8>
// CHECK: func.func private @fill_halo_0(%[[M:.*]]: memref<6x6xi8>)
// CHECK: %[[FILL:.*]] = arith.constant 5 : i8
// CHECK: memref.subview %[[M]][0, 0] [1, 6] [1, 1]
// CHECK: linalg.fill ins(%[[FILL]] : i8)
// CHECK: memref.subview %[[M]][5, 0] [1, 6] [1, 1]
// CHECK: memref.subview %[[M]][1, 0] [4, 1] [1, 1]
// CHECK: memref.subview %[[M]][1, 5] [4, 1] [1, 1]
func.func private @k(%x: tensor<4x4xi8>) -> tensor<4x4xi8> attributes {quantc.kernel} {
  return %x : tensor<4x4xi8>
}
func.func private @p(%x: tensor<6x6xi8>) -> tensor<4x4xi8> attributes {quantc.kernel} {
  %e = tensor.empty() : tensor<4x4xi8>
  return %e : tensor<4x4xi8>
}
func.func private @q(%x: tensor<4x7xi8>) -> tensor<4x4xi8> attributes {quantc.kernel} {
  %e = tensor.empty() : tensor<4x4xi8>
  return %e : tensor<4x4xi8>
}
func.func @pads(%x: tensor<4x4xi8>) -> (tensor<4x4xi8>, tensor<4x4xi8>) {
  %five = arith.constant 5 : i8
  %a = call @k(%x) : (tensor<4x4xi8>) -> tensor<4x4xi8>
  %p = tensor.pad %a low[1, 1] high[1, 1] {
  ^bb0(%i: index, %j: index):
    tensor.yield %five : i8
  } : tensor<4x4xi8> to tensor<6x6xi8>
  %q = tensor.pad %a low[0, 2] high[0, 1] {
  ^bb0(%i: index, %j: index):
    tensor.yield %five : i8
  } : tensor<4x4xi8> to tensor<4x7xi8>
  %y = call @p(%p) : (tensor<6x6xi8>) -> tensor<4x4xi8>
  %z = call @q(%q) : (tensor<4x7xi8>) -> tensor<4x4xi8>
  return %y, %z : tensor<4x4xi8>, tensor<4x4xi8>
}

// -----

// The parts of a concat are made in their places; what comes twice is copied.
// Of one part: rows of the whole.
// CHECK-LABEL: func.func @concat
// CHECK-SAME: %[[IN:.*]]: memref<2x4xi8>, %[[OUT:.*]]: memref<2x12xi8>
// CHECK: %[[LEFT:.*]] = memref.reinterpret_cast %[[OUT]] to offset: [0], sizes: [2, 4], strides: [12, 1]
// CHECK: call @k(%[[IN]], %[[LEFT]])
// CHECK: %[[RIGHT:.*]] = memref.reinterpret_cast %[[OUT]] to offset: [8], sizes: [2, 4], strides: [12, 1]
// CHECK: call @k_v1(%[[IN]], %[[RIGHT]])
// CHECK: %[[MIDDLE:.*]] = memref.reinterpret_cast %[[OUT]] to offset: [4], sizes: [2, 4], strides: [12, 1]
// CHECK: call @copy_0(%{{.*}}, %[[MIDDLE]])
// CHECK-NOT: call
func.func private @k(%x: tensor<2x4xi8>) -> tensor<2x4xi8> attributes {quantc.kernel} {
  return %x : tensor<2x4xi8>
}
func.func @concat(%x: tensor<2x4xi8>) -> tensor<2x12xi8> {
  %a = call @k(%x) : (tensor<2x4xi8>) -> tensor<2x4xi8>
  %b = call @k(%x) : (tensor<2x4xi8>) -> tensor<2x4xi8>
  %e = tensor.empty() : tensor<2x12xi8>
  %0 = tensor.insert_slice %a into %e[0, 0] [2, 4] [1, 1] : tensor<2x4xi8> into tensor<2x12xi8>
  %1 = tensor.insert_slice %b into %0[0, 4] [2, 4] [1, 1] : tensor<2x4xi8> into tensor<2x12xi8>
  %2 = tensor.insert_slice %b into %1[0, 8] [2, 4] [1, 1] : tensor<2x4xi8> into tensor<2x12xi8>
  return %2 : tensor<2x12xi8>
}

// -----

// Two concats that begin alike share the beginning after CSE: it is copied into
// each before the rest, so the rest isn't made in place.
// CHECK-LABEL: func.func @shared_beginning
// CHECK-SAME: %[[IN:[^:]*]]: memref<4xi8>, %[[OUT0:[^:]*]]: memref<8xi8>, %[[OUT1:[^:]*]]: memref<8xi8>
// CHECK: call @copy_[[WHOLE:[0-9]+]](%{{[^,]*}}, %[[OUT0]]) : (memref<8xi8>
// CHECK: %[[REST0:.*]] = memref.reinterpret_cast %[[OUT0]] to offset: [4]
// CHECK-NEXT: call @copy_{{.*}}(%{{.*}}, %[[REST0]])
// CHECK: call @copy_[[WHOLE]](%{{[^,]*}}, %[[OUT1]]) : (memref<8xi8>
// CHECK: %[[REST1:.*]] = memref.reinterpret_cast %[[OUT1]] to offset: [4]
// CHECK-NEXT: call @copy_{{.*}}(%{{.*}}, %[[REST1]])
func.func private @k(%x: tensor<4xi8>) -> tensor<4xi8> attributes {quantc.kernel} {
  return %x : tensor<4xi8>
}
func.func private @l(%x: tensor<4xi8>) -> tensor<4xi8> attributes {quantc.kernel} {
  return %x : tensor<4xi8>
}
func.func @shared_beginning(%x: tensor<4xi8>) -> (tensor<8xi8>, tensor<8xi8>) {
  %a = call @k(%x) : (tensor<4xi8>) -> tensor<4xi8>
  %b = call @l(%x) : (tensor<4xi8>) -> tensor<4xi8>
  %c = call @l(%b) : (tensor<4xi8>) -> tensor<4xi8>
  %e = tensor.empty() : tensor<8xi8>
  %0 = tensor.insert_slice %a into %e[0] [4] [1] : tensor<4xi8> into tensor<8xi8>
  %1 = tensor.insert_slice %b into %0[4] [4] [1] : tensor<4xi8> into tensor<8xi8>
  %2 = tensor.insert_slice %c into %0[4] [4] [1] : tensor<4xi8> into tensor<8xi8>
  return %1, %2 : tensor<8xi8>, tensor<8xi8>
}

// -----

// Slices and reshapes only look. A window that isn't contiguous can't be one
// dimension, and vectors lie along unit strides: those are copied.
// CHECK-LABEL: func.func @looks
// CHECK-SAME: %[[IN:.*]]: memref<4x6xi8>
// CHECK: %[[ROWS:.*]] = memref.reinterpret_cast %[[IN]] to offset: [6], sizes: [12], strides: [1]
// CHECK-NEXT: call @k(%[[ROWS]],
// CHECK: call @copy_0(%{{.*}}, %{{.*}}) : (memref<4x3xi8, strided<[6, 1], offset: 2>>, memref<4x3xi8>)
// CHECK: %[[PACKED:.*]] = memref.view {{.*}} to memref<12xi8>
// CHECK: call @k_v1(%[[PACKED]],
// CHECK: call @copy_1(%{{.*}}, %{{.*}}) : (memref<4x1xi8, strided<[6, 1], offset: 5>>, memref<4x1xi8>)
// CHECK: %[[COLUMN:.*]] = memref.view {{.*}} to memref<4xi8>
// CHECK: call @c(%[[COLUMN]],
func.func private @k(%x: tensor<12xi8>) -> tensor<12xi8> attributes {quantc.kernel} {
  return %x : tensor<12xi8>
}
func.func private @c(%x: tensor<4xi8>) -> tensor<4xi8> attributes {quantc.kernel} {
  return %x : tensor<4xi8>
}
func.func @looks(%x: tensor<4x6xi8>) -> (tensor<12xi8>, tensor<12xi8>, tensor<4xi8>) {
  %s = tensor.extract_slice %x[1, 0] [2, 6] [1, 1] : tensor<4x6xi8> to tensor<2x6xi8>
  %r = tensor.collapse_shape %s [[0, 1]] : tensor<2x6xi8> into tensor<12xi8>
  %a = call @k(%r) : (tensor<12xi8>) -> tensor<12xi8>
  %t = tensor.extract_slice %x[0, 2] [4, 3] [1, 1] : tensor<4x6xi8> to tensor<4x3xi8>
  %u = tensor.collapse_shape %t [[0, 1]] : tensor<4x3xi8> into tensor<12xi8>
  %b = call @k(%u) : (tensor<12xi8>) -> tensor<12xi8>
  %v = tensor.extract_slice %x[0, 5] [4, 1] [1, 1] : tensor<4x6xi8> to tensor<4xi8>
  %c = call @c(%v) : (tensor<4xi8>) -> tensor<4xi8>
  return %a, %b, %c : tensor<12xi8>, tensor<12xi8>, tensor<4xi8>
}

// -----

// A convolution of bytes reads groups of channels, past the last pixel where
// there are but three: not in the caller's memory. Floats are read one by one.
// CHECK-LABEL: func.func @read_past
// CHECK-SAME: %[[BYTES:[^:]*]]: memref<1x2x2x3xi8>, %[[FLOATS:[^:]*]]: memref<1x2x2x3xf32>
// CHECK: %[[OWN:.*]] = memref.view {{.*}} to memref<1x2x2x3xi8>
// CHECK-NEXT: call @copy_0(%[[BYTES]], %[[OWN]])
// CHECK: %[[AGAIN:.*]] = memref.view {{.*}} to memref<1x2x2x3xi8>
// CHECK: call @bytes(%[[AGAIN]],
// CHECK: call @floats(%[[FLOATS]],
func.func private @bytes(%x: tensor<1x2x2x3xi8>, %w: tensor<1x1x1x3xi8>) -> tensor<1x2x2x1xi32> attributes {quantc.kernel} {
  %z = arith.constant 0 : i32
  %e = tensor.empty() : tensor<1x2x2x1xi32>
  %i = linalg.fill ins(%z : i32) outs(%e : tensor<1x2x2x1xi32>) -> tensor<1x2x2x1xi32>
  %y = linalg.conv_2d_nhwc_fhwc {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%x, %w : tensor<1x2x2x3xi8>, tensor<1x1x1x3xi8>) outs(%i : tensor<1x2x2x1xi32>) -> tensor<1x2x2x1xi32>
  return %y : tensor<1x2x2x1xi32>
}
func.func private @floats(%x: tensor<1x2x2x3xf32>, %w: tensor<1x1x1x3xf32>) -> tensor<1x2x2x1xf32> attributes {quantc.kernel} {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x2x2x1xf32>
  %i = linalg.fill ins(%z : f32) outs(%e : tensor<1x2x2x1xf32>) -> tensor<1x2x2x1xf32>
  %y = linalg.conv_2d_nhwc_fhwc {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%x, %w : tensor<1x2x2x3xf32>, tensor<1x1x1x3xf32>) outs(%i : tensor<1x2x2x1xf32>) -> tensor<1x2x2x1xf32>
  return %y : tensor<1x2x2x1xf32>
}
func.func @read_past(%x: tensor<1x2x2x3xi8>, %f: tensor<1x2x2x3xf32>) -> (tensor<1x2x2x1xi32>, tensor<1x2x2x1xf32>) {
  %w = arith.constant dense<[[[[1, 2, 3]]]]> : tensor<1x1x1x3xi8>
  %v = arith.constant dense<[[[[1.0, 2.0, 3.0]]]]> : tensor<1x1x1x3xf32>
  %y = call @bytes(%x, %w) : (tensor<1x2x2x3xi8>, tensor<1x1x1x3xi8>) -> tensor<1x2x2x1xi32>
  %z = call @floats(%f, %v) : (tensor<1x2x2x3xf32>, tensor<1x1x1x3xf32>) -> tensor<1x2x2x1xf32>
  return %y, %z : tensor<1x2x2x1xi32>, tensor<1x2x2x1xf32>
}

// -----

// Inputs and constants as outputs, and a value returned twice: copies.
// CHECK-LABEL: func.func @returns
// CHECK-SAME: %[[IN:[^:]*]]: memref<4xi8>, %[[OUT0:[^:]*]]: memref<4xi8>, %[[OUT1:[^:]*]]: memref<4xi8>, %[[OUT2:[^:]*]]: memref<4xi8>, %[[OUT3:[^:]*]]: memref<4xi8>
// CHECK: call @k(%[[IN]], %[[OUT0]])
// CHECK: call @copy_0{{.*}}(%[[OUT0]], %[[OUT1]])
// CHECK: call @copy_0{{.*}}(%[[IN]], %[[OUT2]])
// CHECK: %[[CONSTANT:.*]] = arith.constant dense<[1, 2, 3, 4]>
// CHECK: call @copy_0{{.*}}(%[[CONSTANT]], %[[OWN:.*]]) : (tensor<4xi8>, memref<4xi8>)
// CHECK: call @copy_0{{.*}}(%{{.*}}, %[[OUT3]])
func.func private @k(%x: tensor<4xi8>) -> tensor<4xi8> attributes {quantc.kernel} {
  return %x : tensor<4xi8>
}
func.func @returns(%x: tensor<4xi8>) -> (tensor<4xi8>, tensor<4xi8>, tensor<4xi8>, tensor<4xi8>) {
  %c = arith.constant dense<[1, 2, 3, 4]> : tensor<4xi8>
  %y = call @k(%x) : (tensor<4xi8>) -> tensor<4xi8>
  return %y, %y, %x, %c : tensor<4xi8>, tensor<4xi8>, tensor<4xi8>, tensor<4xi8>
}

// -----

// A model may have the name that a copy would get.
// CHECK-LABEL: func.func @copy_0(
// CHECK: call @copy_0_(%arg0, %arg1)
// CHECK: func.func private @copy_0_(
func.func @copy_0(%x: tensor<4xi8>) -> tensor<4xi8> {
  return %x : tensor<4xi8>
}

// -----

// Transformed tiles: 64 bytes lie between positions, else 1024 bytes apart.
// CHECK-LABEL: func.func @tiles
// CHECK: call @transform(%{{.*}}, %{{.*}}) : (memref<1x10x10x32xi16>, memref<16x16x32xi16, strided<[544, 32, 1]>>)
// CHECK: call @use(%{{.*}}, %{{.*}}) : (memref<16x16x32xi16, strided<[544, 32, 1]>>, memref<16x16x32xi16>)
func.func private @transform(%x: tensor<1x10x10x32xi16>) -> tensor<16x16x32xi16> attributes {quantc.kernel} {
  %y = dot.winograd_input %x {pixels = 2} : tensor<1x10x10x32xi16> -> tensor<16x16x32xi16>
  return %y : tensor<16x16x32xi16>
}
func.func private @use(%x: tensor<16x16x32xi16>) -> tensor<16x16x32xi16> attributes {quantc.kernel} {
  return %x : tensor<16x16x32xi16>
}
func.func @tiles(%x: tensor<1x10x10x32xi16>) -> tensor<16x16x32xi16> {
  %t = call @transform(%x) : (tensor<1x10x10x32xi16>) -> tensor<16x16x32xi16>
  %y = call @use(%t) : (tensor<16x16x32xi16>) -> tensor<16x16x32xi16>
  return %y : tensor<16x16x32xi16>
}
