// RUN: quant-opt %s --quantc-convert-dot-to-llvm="features=+avx2,+avx512bw,+avx512vbmi" | FileCheck %s --check-prefix=VBMI
// RUN: quant-opt %s --quantc-convert-dot-to-llvm="features=+avx2" | FileCheck %s --check-prefix=AVX2
// RUN: quant-opt %s --quantc-convert-dot-to-llvm="features=+neon" | FileCheck %s --check-prefix=NEON
// RUN: quant-opt %s --quantc-convert-dot-to-llvm | FileCheck %s --check-prefix=LOADS

// Filled up to a register; the sign chooses the half.
// VBMI-LABEL: func.func @forty(
// VBMI: %[[X:.*]] = vector.shuffle %arg1, %arg1 [0, 1, {{.*}} 38, 39, 39, {{.*}} 39] : vector<40xi8>, vector<40xi8>
// VBMI: %[[NEGATIVE:.*]] = arith.cmpi slt, %[[X]], %{{.*}} : vector<64xi8>
// VBMI: %[[T0:.*]] = vector.load %arg0[%c0] : memref<256xi8>, vector<64xi8>
// VBMI: %[[T1:.*]] = vector.load %arg0[%c64] : memref<256xi8>, vector<64xi8>
// VBMI: %[[LOW:.*]] = llvm.call_intrinsic "llvm.x86.avx512.vpermi2var.qi.512"(%[[T0]], %[[X]], %[[T1]])
// VBMI: %[[HIGH:.*]] = llvm.call_intrinsic "llvm.x86.avx512.vpermi2var.qi.512"(%{{.*}}, %[[X]], %{{.*}})
// VBMI: %[[ALL:.*]] = arith.select %[[NEGATIVE]], %[[LOW]], %[[HIGH]]
// VBMI: vector.extract_strided_slice {{.*}} {offsets = [0], sizes = [40], strides = [1]} : vector<64xi8> to vector<40xi8>

// Sixteen rows for each 32 indices, the first of them as they are, the others
// as differences.
// AVX2-LABEL: func.func @forty(
// AVX2: %[[MIDDLE:.*]] = arith.xori %{{.*}}, %{{.*}} : vector<32xi8>
// AVX2: %[[R0:.*]] = vector.load %arg0[%c0] : memref<256xi8>, vector<16xi8>
// AVX2: %[[ROW:.*]] = vector.shuffle %[[R0]], %[[R0]] [0, 1, {{.*}} 15, 0, 1, {{.*}} 15]
// AVX2: %[[FIRST:.*]] = llvm.call_intrinsic "llvm.x86.avx2.pshuf.b"(%[[ROW]], %[[MIDDLE]])
// AVX2: %[[R1:.*]] = vector.load %arg0[%c16] : memref<256xi8>, vector<16xi8>
// AVX2: %[[D1:.*]] = arith.xori %[[R1]], %[[R0]] : vector<16xi8>
// AVX2: %[[AT:.*]] = llvm.intr.ssub.sat(%[[MIDDLE]], %{{.*}}) : (vector<32xi8>, vector<32xi8>) -> vector<32xi8>
// AVX2-COUNT-31: llvm.call_intrinsic "llvm.x86.avx2.pshuf.b"
// AVX2-NOT: pshuf.b
// AVX2: vector.extract_strided_slice {{.*}} sizes = [40]

// NEON-LABEL: func.func @forty(
// NEON: %[[FROM0:.*]] = arith.subi %[[X:.*]], %{{.*}} : vector<16xi8>
// NEON: %[[A:.*]] = llvm.call_intrinsic "llvm.aarch64.neon.tbl4.v16i8"({{.*}}, %[[FROM0]])
// NEON: %[[FROM64:.*]] = arith.subi %[[X]], %{{.*}} : vector<16xi8>
// NEON: %[[B:.*]] = llvm.call_intrinsic "llvm.aarch64.neon.tbx4.v16i8"(%[[A]], {{.*}}, %[[FROM64]])
// NEON-COUNT-2: llvm.aarch64.neon.tbx4.v16i8
// NEON: llvm.aarch64.neon.tbl4.v16i8

// LOADS-LABEL: func.func @forty(
// LOADS-COUNT-40: memref.load %arg0
// LOADS-NOT: memref.load
func.func @forty(%table: memref<256xi8>, %x: vector<40xi8>) -> vector<40xi8> {
  %r = dot.lookup %table[%x] : memref<256xi8>, vector<40xi8>
  return %r : vector<40xi8>
}

// Half a register of NEON's takes one lookup; of AVX2's, loads are as fast.
// NEON-LABEL: func.func @eight(
// NEON: tbl4
// NEON-NOT: memref.load
// AVX2-LABEL: func.func @eight(
// AVX2-COUNT-8: memref.load %arg0
// LOADS-LABEL: func.func @eight(
func.func @eight(%table: memref<256xi8>, %x: vector<8xi8>) -> vector<8xi8> {
  %r = dot.lookup %table[%x] : memref<256xi8>, vector<8xi8>
  return %r : vector<8xi8>
}
