// RUN: quant-opt %s --quantc-parallelize-kernels --split-input-file | FileCheck %s
// RUN: quant-opt %s --quantc-parallelize-kernels --quantc-emit-entry-point --split-input-file | FileCheck %s --check-prefix=ENTRY

// The entry hands its options on; what isn't cut is called as before.
// CHECK-LABEL: llvm.func @net(
// CHECK-SAME: %[[X:.*]]: !llvm.ptr, %[[Y:.*]]: !llvm.ptr, %[[ARENA:.*]]: !llvm.ptr, %[[OPTIONS:.*]]: !llvm.ptr) attributes {quantc.has_arena, quantc.has_options,
// CHECK: llvm.call @conv_parallel(%[[X]], %[[ARENA]], %[[OPTIONS]])
// CHECK: llvm.call @small(%[[ARENA]], %[[Y]])

// CHECK-LABEL: llvm.func @conv(
// ENTRY: llvm.func internal @conv({{.*}} attributes {no_inline,

// CHECK-LABEL: llvm.func internal @conv_parallel(
// CHECK-SAME: %[[X:.*]]: !llvm.ptr, %[[Y:.*]]: !llvm.ptr, %[[OPTIONS:.*]]: !llvm.ptr) attributes {quantc.calls = @conv}
// CHECK-DAG: %[[ONE:.*]] = llvm.mlir.constant(1 : i64)
// CHECK-DAG: %[[NULL:.*]] = llvm.mlir.zero
// CHECK: %[[FRAME:.*]] = llvm.alloca
// CHECK: %[[NONE:.*]] = llvm.icmp "eq" %[[OPTIONS]], %[[NULL]]
// CHECK: llvm.cond_br %[[NONE]], ^[[ALONE:.*]], ^
// CHECK: %[[F:.*]] = llvm.load
// CHECK: %[[NO_F:.*]] = llvm.icmp "eq" %[[F]], %[[NULL]]
// CHECK: llvm.cond_br %[[NO_F]], ^[[ALONE]], ^
// CHECK: %[[AT:.*]] = llvm.getelementptr %[[OPTIONS]][0, 2]
// CHECK: %[[THREADS:.*]] = llvm.load %[[AT]] : !llvm.ptr -> i64
// CHECK: %[[MOST:.*]] = llvm.mlir.constant(5 : i64)
// CHECK: %[[PARTS:.*]] = llvm.intr.smin(%[[THREADS]], %[[MOST]])
// CHECK: %[[SEVERAL:.*]] = llvm.icmp "sgt" %[[PARTS]], %[[ONE]]
// CHECK: llvm.cond_br %[[SEVERAL]], ^{{.*}}, ^[[ALONE]]
// CHECK: %[[SLOT0:.*]] = llvm.getelementptr %[[FRAME]][0, 0, 0]
// CHECK: llvm.store %[[X]], %[[SLOT0]]
// CHECK: %[[SLOT1:.*]] = llvm.getelementptr %[[FRAME]][0, 0, 1]
// CHECK: llvm.store %[[Y]], %[[SLOT1]]
// CHECK: %[[SLOT2:.*]] = llvm.getelementptr %[[FRAME]][0, 1]
// CHECK: llvm.store %[[PARTS]], %[[SLOT2]]
// CHECK: %[[AT:.*]] = llvm.getelementptr %[[OPTIONS]][0, 1]
// CHECK: %[[CONTEXT:.*]] = llvm.load %[[AT]]
// CHECK: %[[PART:.*]] = llvm.mlir.addressof @conv_part
// CHECK: llvm.call %[[F]](%[[CONTEXT]], %[[PARTS]], %[[PART]], %[[FRAME]])
// CHECK: ^[[ALONE]]:
// CHECK: %[[ZERO:.*]] = llvm.mlir.constant(0 : i64)
// CHECK: llvm.call @conv(%[[X]], %[[Y]], %[[ZERO]], %[[ONE]])

// CHECK-LABEL: llvm.func internal @conv_part(
// CHECK-SAME: %[[FRAME:.*]]: !llvm.ptr, %[[NUMBER:.*]]: i64)
// CHECK: %[[SLOT0:.*]] = llvm.getelementptr %[[FRAME]][0, 0, 0]
// CHECK: %[[X:.*]] = llvm.load %[[SLOT0]]
// CHECK: %[[SLOT1:.*]] = llvm.getelementptr %[[FRAME]][0, 0, 1]
// CHECK: %[[Y:.*]] = llvm.load %[[SLOT1]]
// CHECK: %[[SLOT2:.*]] = llvm.getelementptr %[[FRAME]][0, 1]
// CHECK: %[[PARTS:.*]] = llvm.load %[[SLOT2]]
// CHECK: llvm.call @conv(%[[X]], %[[Y]], %[[NUMBER]], %[[PARTS]])

// ENTRY: llvm.func @net_run({{.*}}, %[[OPTIONS:.*]]: !llvm.ptr) -> i32
// ENTRY: llvm.call @net({{.*}}, %[[OPTIONS]])
module attributes {quantc.arena_bytes = 128 : i64, quantc.arena_align = 64 : i64} {
  llvm.func @net(%x: !llvm.ptr, %y: !llvm.ptr, %arena: !llvm.ptr) attributes {quantc.has_arena, quantc.num_inputs = 1 : i64} {
    %c0 = llvm.mlir.constant(0 : i64) : i64
    %c1 = llvm.mlir.constant(1 : i64) : i64
    llvm.call @conv(%x, %arena, %c0, %c1) : (!llvm.ptr, !llvm.ptr, i64, i64) -> ()
    llvm.call @small(%arena, %y) : (!llvm.ptr, !llvm.ptr) -> ()
    llvm.return
  }
  llvm.func @conv(%x: !llvm.ptr {llvm.noalias}, %y: !llvm.ptr {llvm.noalias}, %part: i64, %parts: i64) attributes {quantc.max_parts = 5 : i64} {
    llvm.return
  }
  llvm.func @small(%x: !llvm.ptr, %y: !llvm.ptr) {
    llvm.return
  }
}

// -----

// A module with nothing to cut stays as it is.
// CHECK-LABEL: llvm.func @tiny(%{{.*}}: !llvm.ptr, %{{.*}}: !llvm.ptr) attributes {quantc.num_inputs = 1 : i64}
// CHECK-NOT: _parallel
llvm.func @tiny(%x: !llvm.ptr, %y: !llvm.ptr) attributes {quantc.num_inputs = 1 : i64} {
  llvm.return
}
