// RUN: quant-opt %s --split-input-file --verify-diagnostics --quantc-allocs-to-arena | FileCheck %s

// CHECK: module attributes {quantc.arena_align = 64 : i64, quantc.arena_bytes = 192 : i64}
// CHECK-LABEL: func.func @net
// CHECK-SAME: %[[ARENA:[a-z0-9]*]]: memref<192xi8>) attributes {quantc.has_arena, quantc.num_inputs = 1 : i64}
// CHECK: %[[C0:.*]] = arith.constant 0 : index
// CHECK: %[[A:.*]] = memref.view %[[ARENA]][%[[C0]]][] : memref<192xi8> to memref<17xi32>
// CHECK: %[[C128:.*]] = arith.constant 128 : index
// CHECK: %[[B:.*]] = memref.view %[[ARENA]][%[[C128]]][] : memref<192xi8> to memref<4xi8>
// CHECK-NOT: memref.alloc
func.func @net(%x: memref<4xi8>, %out: memref<4xi8>) attributes {quantc.num_inputs = 1 : i64} {
  %0 = memref.alloc() : memref<17xi32>
  %1 = memref.alloc() {alignment = 64 : i64} : memref<4xi8>
  linalg.copy ins(%x : memref<4xi8>) outs(%1 : memref<4xi8>)
  linalg.copy ins(%1 : memref<4xi8>) outs(%out : memref<4xi8>)
  return
}

// -----

func.func @loop(%x: memref<4xi8>) attributes {quantc.num_inputs = 1 : i64} {
  affine.for %i = 0 to 4 {
    // expected-error@below {{needs a static shape, outside of loops, to have a place in the arena}}
    %0 = memref.alloc() : memref<4xi8>
    linalg.copy ins(%x : memref<4xi8>) outs(%0 : memref<4xi8>)
  }
  return
}
