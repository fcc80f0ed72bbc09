// RUN: quant-opt %s --quantc-emit-entry-point --split-input-file --verify-diagnostics | FileCheck %s

// All but the entry becomes internal, and no loop becomes a call of memset. What
// it calls isn't inlined.
// CHECK-LABEL: llvm.func internal @helper() attributes {no_inline, passthrough = ["no-builtins"]}
// CHECK: llvm.func internal @net(
// CHECK-NOT: no_inline
// CHECK: llvm.func @net_run(%[[IN:.*]]: !llvm.ptr, %[[OUT:.*]]: !llvm.ptr, %[[ARENA:.*]]: !llvm.ptr, %{{.*}}: !llvm.ptr) -> i32
// CHECK: %[[NULL:.*]] = llvm.mlir.zero : !llvm.ptr
// CHECK: %[[C0:.*]] = llvm.icmp "eq" %[[IN]], %[[NULL]]
// CHECK: llvm.cond_br %[[C0]], ^[[BAD:.*]], ^
// CHECK: %[[S0:.*]] = llvm.getelementptr %[[IN]][0]
// CHECK: %[[A:.*]] = llvm.load %[[S0]]
// CHECK: %[[C1:.*]] = llvm.icmp "eq" %[[A]], %[[NULL]]
// CHECK: llvm.cond_br %[[C1]], ^[[BAD]], ^
// CHECK: %[[S1:.*]] = llvm.getelementptr %[[IN]][1]
// CHECK: %[[B:.*]] = llvm.load %[[S1]]
// CHECK: %[[C3:.*]] = llvm.icmp "eq" %[[OUT]], %[[NULL]]
// CHECK: llvm.cond_br %[[C3]], ^[[BAD]], ^
// CHECK: %[[S2:.*]] = llvm.getelementptr %[[OUT]][0]
// CHECK: %[[Y:.*]] = llvm.load %[[S2]]
// CHECK: %[[C5:.*]] = llvm.icmp "eq" %[[ARENA]], %[[NULL]]
// CHECK: llvm.cond_br %[[C5]], ^[[BAD]], ^
// CHECK: %[[ADDRESS:.*]] = llvm.ptrtoint %[[ARENA]]
// CHECK: %[[MASK:.*]] = llvm.mlir.constant(63 : i64)
// CHECK: %[[LOW:.*]] = llvm.and %[[ADDRESS]], %[[MASK]]
// CHECK: %[[C6:.*]] = llvm.icmp "ne" %[[LOW]], %{{.*}}
// CHECK: llvm.cond_br %[[C6]], ^[[ODD:.*]], ^
// CHECK: llvm.call @net(%[[A]], %[[B]], %[[Y]], %[[ARENA]])
// CHECK: %[[ZERO:.*]] = llvm.mlir.constant(0 : i32)
// CHECK: llvm.return %[[ZERO]]
// CHECK: ^[[BAD]]:
// CHECK: %[[ONE:.*]] = llvm.mlir.constant(1 : i32)
// CHECK: llvm.return %[[ONE]]
// CHECK: ^[[ODD]]:
// CHECK: %[[TWO:.*]] = llvm.mlir.constant(2 : i32)
// CHECK: llvm.return %[[TWO]]
module attributes {quantc.arena_bytes = 128 : i64, quantc.arena_align = 64 : i64} {
  llvm.func @helper() {
    llvm.return
  }
  llvm.func @net(%a: !llvm.ptr, %b: !llvm.ptr, %y: !llvm.ptr, %arena: !llvm.ptr) attributes {quantc.has_arena, quantc.num_inputs = 2 : i64} {
    llvm.return
  }
}

// -----

// An arena of no bytes may be null.
// CHECK-LABEL: llvm.func @tiny_run
// CHECK-NOT: llvm.ptrtoint
// CHECK: llvm.call @tiny(
// CHECK-NOT: llvm.ptrtoint
module attributes {quantc.arena_bytes = 0 : i64, quantc.arena_align = 64 : i64} {
  llvm.func @tiny(%a: !llvm.ptr, %y: !llvm.ptr, %arena: !llvm.ptr) attributes {quantc.has_arena, quantc.num_inputs = 1 : i64} {
    llvm.return
  }
}

// -----

// expected-error @+1 {{needs one function with quantc.num_inputs, but has 0}}
module @none {
  llvm.func @net(%a: !llvm.ptr) {
    llvm.return
  }
}
