// RUN: quant-opt %s --quantc-convert-dot-to-llvm=features=+avx512vnni,+avx512bw,+avx2 | FileCheck %s --check-prefixes=CHECK,VNNI
// RUN: quant-opt %s --quantc-convert-dot-to-llvm=features=+avx2 | FileCheck %s --check-prefixes=CHECK,AVX2
// RUN: quant-opt %s --quantc-convert-dot-to-llvm=features=+avx2,-avx2 | FileCheck %s --check-prefixes=CHECK,GENERIC
// RUN: quant-opt %s --quantc-convert-dot-to-llvm=features=+dotprod,+i8mm | FileCheck %s --check-prefixes=CHECK,ARM
// RUN: quant-opt %s --quantc-convert-dot-to-llvm=features=+neon | FileCheck %s --check-prefixes=CHECK,NEON
// RUN: quant-opt %s --quantc-convert-dot-to-llvm | FileCheck %s --check-prefixes=CHECK,GENERIC

// The activation's sign is flipped, on i32 lanes: x + 128 as an unsigned byte.
// CHECK-LABEL: func.func @bytes_with_offset
// VNNI: %[[WORDS:.*]] = vector.bitcast %arg1 : vector<64xi8> to vector<16xi32>
// VNNI: %[[FLIP:.*]] = arith.constant dense<-2139062144> : vector<16xi32>
// VNNI: %[[X:.*]] = arith.xori %[[WORDS]], %[[FLIP]]
// VNNI: %[[A:.*]] = vector.bitcast %[[X]] : vector<16xi32> to vector<64xi8>
// VNNI: llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"(%arg0, %[[A]], %arg2)
// The definition: unsigned times signed bytes, four per lane.
// GENERIC: %[[A:.*]] = arith.extui %{{.*}} : vector<64xi8> to vector<64xi32>
// GENERIC: %[[B:.*]] = arith.extsi %arg2 : vector<64xi8> to vector<64xi32>
// GENERIC: %[[P:.*]] = arith.muli %[[A]], %[[B]]
// GENERIC: %[[P0:.*]] = vector.shuffle %[[P]], %[[P]] [0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44, 48, 52, 56, 60]
// GENERIC: %[[S0:.*]] = arith.addi %arg0, %[[P0]]
// GENERIC: %[[P1:.*]] = vector.shuffle %[[P]], %[[P]] [1, 5,
// GENERIC: %[[S1:.*]] = arith.addi %[[S0]], %[[P1]]
// GENERIC: vector.shuffle %[[P]], %[[P]] [2, 6,
// GENERIC: vector.shuffle %[[P]], %[[P]] [3, 7,
// CHECK: return
func.func @bytes_with_offset(%acc: vector<16xi32>, %a: vector<64xi8>, %b: vector<64xi8>) -> vector<16xi32> {
  %0 = dot.accumulate %acc, %a, %b {lhs_offset = 128 : i32} : vector<16xi32>, vector<64xi8>
  return %0 : vector<16xi32>
}

// Pairs of products that fit 16 bits, and their sums.
// CHECK-LABEL: func.func @bytes_in_words
// VNNI: llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.256"
// AVX2: %[[X:.*]] = arith.xori
// AVX2: %[[A:.*]] = vector.bitcast %[[X]] : vector<8xi32> to vector<32xi8>
// AVX2: %[[P:.*]] = llvm.call_intrinsic "llvm.x86.avx2.pmadd.ub.sw"(%[[A]], %arg2) : (vector<32xi8>, vector<32xi8>) -> vector<16xi16>
// AVX2: %[[ONES:.*]] = arith.constant dense<1> : vector<16xi16>
// AVX2: %[[S:.*]] = llvm.call_intrinsic "llvm.x86.avx2.pmadd.wd"(%[[P]], %[[ONES]]) : (vector<16xi16>, vector<16xi16>) -> vector<8xi32>
// AVX2-NEXT: arith.addi %arg0, %[[S]]
// GENERIC: arith.extui
// CHECK: return
func.func @bytes_in_words(%acc: vector<8xi32>, %a: vector<32xi8>, %b: vector<32xi8>) -> vector<8xi32> {
  %0 = dot.accumulate %acc, %a, %b {lhs_offset = 128 : i32, pairs_fit_words} : vector<8xi32>, vector<32xi8>
  return %0 : vector<8xi32>
}

// CHECK-LABEL: func.func @pairs
// VNNI: llvm.call_intrinsic "llvm.x86.avx2.pmadd.wd"
// AVX2: %[[P:.*]] = llvm.call_intrinsic "llvm.x86.avx2.pmadd.wd"(%arg1, %arg2) : (vector<16xi16>, vector<16xi16>) -> vector<8xi32>
// AVX2-NEXT: arith.addi %arg0, %[[P]]
// GENERIC: arith.extsi %arg1 : vector<16xi16> to vector<16xi32>
// CHECK: return
func.func @pairs(%acc: vector<8xi32>, %a: vector<16xi16>, %b: vector<16xi16>) -> vector<8xi32> {
  %0 = dot.accumulate %acc, %a, %b : vector<8xi32>, vector<16xi16>
  return %0 : vector<8xi32>
}

// CHECK-LABEL: func.func @wide_pairs
// VNNI: %[[P:.*]] = llvm.call_intrinsic "llvm.x86.avx512.pmaddw.d.512"(%arg1, %arg2)
// VNNI-NEXT: arith.addi %arg0, %[[P]]
// AVX2: arith.extsi
// CHECK: return
func.func @wide_pairs(%acc: vector<16xi32>, %a: vector<32xi16>, %b: vector<32xi16>) -> vector<16xi32> {
  %0 = dot.accumulate %acc, %a, %b : vector<16xi32>, vector<32xi16>
  return %0 : vector<16xi32>
}

// CHECK-LABEL: func.func @bytes
// ARM: llvm.call_intrinsic "llvm.aarch64.neon.sdot"(%arg0, %arg2, %arg1) : (vector<4xi32>, vector<16xi8>, vector<16xi8>) -> vector<4xi32>
// GENERIC: arith.extsi %arg1 : vector<16xi8> to vector<16xi32>
// CHECK: return
func.func @bytes(%acc: vector<4xi32>, %a: vector<16xi8>, %b: vector<16xi8>) -> vector<4xi32> {
  %0 = dot.accumulate %acc, %a, %b : vector<4xi32>, vector<16xi8>
  return %0 : vector<4xi32>
}

// CHECK-LABEL: func.func @matmul
// ARM: llvm.call_intrinsic "llvm.aarch64.neon.smmla"(%arg0, %arg1, %arg2) : (vector<4xi32>, vector<16xi8>, vector<16xi8>) -> vector<4xi32>
// CHECK: return
func.func @matmul(%acc: vector<4xi32>, %a: vector<16xi8>, %b: vector<16xi8>) -> vector<4xi32> {
  %0 = dot.matmul %acc, %a, %b : vector<4xi32>, vector<16xi8>
  return %0 : vector<4xi32>
}

// Products of 64 bits of the even lanes, of the odd ones, and their words.
// CHECK-LABEL: func.func @high_words
// AVX2: %[[A:.*]] = vector.bitcast %arg0 : vector<8xi32> to vector<4xi64>
// AVX2: %[[SA:.*]] = arith.shli %[[A]], %[[HALF:.*]] : vector<4xi64>
// AVX2: %[[XA:.*]] = arith.shrsi %[[SA]], %[[HALF]] : vector<4xi64>
// AVX2: %[[P:.*]] = arith.muli %[[XA]], %{{.*}} : vector<4xi64>
// AVX2: %[[EVEN:.*]] = vector.bitcast %[[P]] : vector<4xi64> to vector<8xi32>
// AVX2: vector.shuffle %arg0, %arg0 [1, 1, 3, 3, 5, 5, 7, 7]
// AVX2: vector.shuffle %arg1, %arg1 [1, 1, 3, 3, 5, 5, 7, 7]
// AVX2: arith.muli %{{.*}}, %{{.*}} : vector<4xi64>
// AVX2: %[[ODD:.*]] = vector.bitcast %{{.*}} : vector<4xi64> to vector<8xi32>
// AVX2: %[[HIGH:.*]] = vector.shuffle %[[EVEN]], %[[ODD]] [1, 9, 3, 11, 5, 13, 7, 15]
// AVX2: return %[[HIGH]]
// GENERIC: arith.mulsi_extended
// ARM: arith.mulsi_extended
func.func @high_words(%a: vector<8xi32>, %b: vector<8xi32>) -> vector<8xi32> {
  %low, %high = arith.mulsi_extended %a, %b : vector<8xi32>
  return %high : vector<8xi32>
}

// Saturation is the narrowing instruction's, of two registers.
// CHECK-LABEL: func.func @saturate
// AVX2: %[[X:.*]] = vector.extract_strided_slice %arg0 {offsets = [0], sizes = [8], strides = [1]}
// AVX2: %[[Y:.*]] = vector.extract_strided_slice %arg0 {offsets = [8], sizes = [8], strides = [1]}
// AVX2: %[[P:.*]] = llvm.call_intrinsic "llvm.x86.avx2.packssdw"(%[[X]], %[[Y]])
// AVX2: vector.shuffle %[[P]], %[[P]] [0, 1, 2, 3, 8, 9, 10, 11, 4, 5, 6, 7, 12, 13, 14, 15]
// GENERIC: arith.trunci
// ARM: arith.trunci
func.func @saturate(%x: vector<16xi32>) -> vector<16xi16> {
  %low = arith.constant dense<-32768> : vector<16xi32>
  %high = arith.constant dense<32767> : vector<16xi32>
  %above = arith.maxsi %x, %low : vector<16xi32>
  %inside = arith.minsi %above, %high : vector<16xi32>
  %r = arith.trunci %inside : vector<16xi32> to vector<16xi16>
  return %r : vector<16xi16>
}

// Rounding to integers is one instruction.
// CHECK-LABEL: func.func @round
// AVX2: %[[R:.*]] = llvm.call_intrinsic "llvm.lrint"(%arg0) : (vector<8xf32>) -> vector<8xi32>
// AVX2-NOT: math.roundeven
// AVX2: return %[[R]]
// NEON: %[[LOW:.*]] = vector.extract_strided_slice %arg0 {offsets = [0], sizes = [4], strides = [1]}
// NEON: %[[L:.*]] = llvm.call_intrinsic "llvm.aarch64.neon.fcvtns"(%[[LOW]]) : (vector<4xf32>) -> vector<4xi32>
// NEON: %[[HIGH:.*]] = vector.extract_strided_slice %arg0 {offsets = [4], sizes = [4], strides = [1]}
// NEON: llvm.call_intrinsic "llvm.aarch64.neon.fcvtns"(%[[HIGH]])
// NEON-NOT: math.roundeven
// GENERIC: math.roundeven
func.func @round(%x: vector<8xf32>) -> vector<8xi32> {
  %r = math.roundeven %x : vector<8xf32>
  %i = arith.fptosi %r : vector<8xf32> to vector<8xi32>
  return %i : vector<8xi32>
}

// No instruction, but what is behind stays there.
// CHECK-LABEL: func.func @barrier
// CHECK: llvm.inline_asm has_side_effects "", ""
func.func @barrier() {
  dot.schedule_barrier
  return
}

// The same value, which LLVM doesn't know.
// CHECK-LABEL: func.func @opaque
// CHECK: %[[IN:.*]] = arith.index_cast %arg0 : index to i64
// CHECK: %[[SAME:.*]] = llvm.inline_asm has_side_effects "", "=r,0" %[[IN]] : (i64) -> i64
// CHECK: %[[OUT:.*]] = arith.index_cast %[[SAME]] : i64 to index
// CHECK: return %[[OUT]]
func.func @opaque(%first: index) -> index {
  %channel = dot.opaque %first
  return %channel : index
}

// Values stay in the registers that they are in; loads stay behind them.
// CHECK-LABEL: func.func @hold
// NEON: %[[A:.*]] = llvm.inline_asm has_side_effects "", "=w,0,~{memory}" %arg0 : (vector<4xi32>) -> vector<4xi32>
// NEON: %[[B:.*]] = llvm.inline_asm has_side_effects "", "=w,=w,0,1,~{memory}" %[[A]], %arg1 : {{.*}} -> !llvm.struct<(vector<4xi32>, vector<16xi8>)>
// NEON: llvm.extractvalue %[[B]][0]
// NEON: llvm.extractvalue %[[B]][1]
// AVX2: llvm.inline_asm has_side_effects "", "=v,0,~{memory}" %arg0
func.func @hold(%sum: vector<4xi32>, %a: vector<16xi8>) -> (vector<4xi32>, vector<16xi8>) {
  %0 = dot.schedule_barrier(%sum : vector<4xi32>)
  %1:2 = dot.schedule_barrier(%0, %a : vector<4xi32>, vector<16xi8>)
  return %1#0, %1#1 : vector<4xi32>, vector<16xi8>
}

// The end of an epilogue: nearest words, clamped, a zero point added. AVX-512
// adds it with saturation and packs within each 16 bytes; i32 in order at last.
// CHECK-LABEL: func.func @narrow_four
// VNNI: %[[X0:.*]] = vector.extract_strided_slice %arg0 {offsets = [0], sizes = [16]
// VNNI: %[[X1:.*]] = vector.extract_strided_slice %arg0 {offsets = [16], sizes = [16]
// VNNI: %[[P:.*]] = llvm.call_intrinsic "llvm.x86.avx512.packssdw.512"(%[[X0]], %[[X1]]) : (vector<16xi32>, vector<16xi32>) -> vector<32xi16>
// VNNI: %[[ZP:.*]] = arith.constant dense<5> : vector<32xi16>
// VNNI: %[[A:.*]] = llvm.intr.sadd.sat(%[[P]], %[[ZP]])
// VNNI: llvm.call_intrinsic "llvm.x86.avx512.packssdw.512"
// VNNI: %[[B:.*]] = llvm.intr.sadd.sat
// VNNI: %[[BYTES:.*]] = llvm.call_intrinsic "llvm.x86.avx512.packsswb.512"(%[[A]], %[[B]]) : (vector<32xi16>, vector<32xi16>) -> vector<64xi8>
// VNNI: %[[LOW:.*]] = arith.constant dense<-20> : vector<64xi8>
// VNNI: %[[M:.*]] = arith.maxsi %[[BYTES]], %[[LOW]] : vector<64xi8>
// VNNI-NOT: arith.minsi
// VNNI: %[[R:.*]] = vector.shuffle %[[M]], %[[M]] [0, 1, 2, 3, 16, 17, 18, 19, 32, 33, 34, 35, 48, 49, 50, 51, 4, 5,
// VNNI: return %[[R]]
// AVX2: arith.trunci %{{.*}} : vector<64xi16> to vector<64xi8>
// GENERIC: arith.trunci %{{.*}} : vector<64xi16> to vector<64xi8>
func.func @narrow_four(%x: vector<64xi32>) -> vector<64xi8> {
  %least = arith.constant dense<-32768> : vector<64xi32>
  %most = arith.constant dense<32767> : vector<64xi32>
  %low = arith.constant dense<-25> : vector<64xi16>
  %high = arith.constant dense<122> : vector<64xi16>
  %zp = arith.constant dense<5> : vector<64xi16>
  %a = arith.maxsi %x, %least : vector<64xi32>
  %b = arith.minsi %a, %most : vector<64xi32>
  %c = arith.trunci %b : vector<64xi32> to vector<64xi16>
  %d = arith.maxsi %c, %low : vector<64xi16>
  %e = arith.minsi %d, %high : vector<64xi16>
  %f = arith.addi %e, %zp overflow<nsw> : vector<64xi16>
  %g = arith.trunci %f : vector<64xi16> to vector<64xi8>
  return %g : vector<64xi8>
}

// From 0 to 255 without a sign: the zero point is that of all bytes.
// CHECK-LABEL: func.func @narrow_unsigned
// VNNI: %[[P:.*]] = llvm.call_intrinsic "llvm.x86.avx512.packssdw.512"
// VNNI: %[[M:.*]] = arith.maxsi %[[P]], %{{.*}} : vector<32xi16>
// VNNI: %[[N:.*]] = arith.minsi %[[M]], %{{.*}} : vector<32xi16>
// VNNI: %[[B:.*]] = arith.trunci %[[N]] : vector<32xi16> to vector<32xi8>
// VNNI: %[[S:.*]] = arith.addi %[[B]], %{{.*}} : vector<32xi8>
// VNNI: vector.shuffle %[[S]], %[[S]] [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27, 4, 5,
func.func @narrow_unsigned(%x: vector<32xi32>) -> vector<32xi8> {
  %least = arith.constant dense<-32768> : vector<32xi32>
  %most = arith.constant dense<32767> : vector<32xi32>
  %low = arith.constant dense<0> : vector<32xi16>
  %high = arith.constant dense<255> : vector<32xi16>
  %zp = arith.constant dense<-128> : vector<32xi16>
  %a = arith.maxsi %x, %least : vector<32xi32>
  %b = arith.minsi %a, %most : vector<32xi32>
  %c = arith.trunci %b : vector<32xi32> to vector<32xi16>
  %d = arith.maxsi %c, %low : vector<32xi16>
  %e = arith.minsi %d, %high : vector<32xi16>
  %f = arith.addi %e, %zp overflow<nsw> : vector<32xi16>
  %g = arith.trunci %f : vector<32xi16> to vector<32xi8>
  return %g : vector<32xi8>
}

// What may not fit bytes, or words, stays as it is.
// CHECK-LABEL: func.func @narrow_wraps
// VNNI-NOT: packss
// VNNI-NOT: sadd.sat
// CHECK: return
func.func @narrow_wraps(%x: vector<64xi32>) -> (vector<64xi8>, vector<64xi8>) {
  %least = arith.constant dense<-32768> : vector<64xi32>
  %most = arith.constant dense<32767> : vector<64xi32>
  %low = arith.constant dense<-25> : vector<64xi16>
  %high = arith.constant dense<123> : vector<64xi16>
  %zp = arith.constant dense<5> : vector<64xi16>
  %a = arith.maxsi %x, %least : vector<64xi32>
  %b = arith.minsi %a, %most : vector<64xi32>
  %c = arith.trunci %b : vector<64xi32> to vector<64xi16>
  %d = arith.maxsi %c, %low : vector<64xi16>
  %e = arith.minsi %d, %high : vector<64xi16>
  %f = arith.addi %e, %zp : vector<64xi16>
  %g = arith.trunci %f : vector<64xi16> to vector<64xi8>
  %h = arith.addi %c, %zp : vector<64xi16>
  %i = arith.maxsi %h, %low : vector<64xi16>
  %j = arith.minsi %i, %zp : vector<64xi16>
  %k = arith.trunci %j : vector<64xi16> to vector<64xi8>
  return %g, %k : vector<64xi8>, vector<64xi8>
}
