// Three rows in groups of four, as a depthwise convolution has them.
// RUN: quant-opt %s --quantc-convert-dot-to-llvm="features=+avx512f,+avx512vnni" --cse | FileCheck %s
// RUN: quant-opt %s --quantc-convert-dot-to-llvm="features=+avx512f,+avx512vnni,+avx512vbmi" --cse | FileCheck %s --check-prefix=VBMI

// Signs are flipped in three rows, not in four registers of groups.
// CHECK-LABEL: func.func @three_rows
// CHECK-COUNT-3: arith.xori {{.*}} : vector<16xi32>
// CHECK-NOT: arith.xori
// CHECK: %[[GROUPS:.*]] = vector.shuffle {{.*}} [0, 1, 64, 65,
// CHECK: "llvm.x86.avx512.vpdpbusd.512"(%{{.*}}, %[[GROUPS]], %{{.*}})

// An instruction takes the bytes of the third row from where they are: for the
// second dot product, those from the fourth on.
// VBMI-LABEL: func.func @three_rows
// VBMI: %[[FIRST:.*]] = arith.constant dense<[0, 1, 64, 64, 2, 3, 65, 65,
// VBMI: %[[FLOATS:.*]] = vector.bitcast %[[FIRST]] : vector<64xi8> to vector<16xf32>
// VBMI: arith.constant dense<[8, 9, 68, 68, 10, 11, 69, 69,
// VBMI: arith.xori
// VBMI: arith.xori
// VBMI: %[[XORED:.*]] = arith.xori
// VBMI: %[[ROW:.*]] = vector.bitcast %[[XORED]] : vector<16xi32> to vector<64xi8>
// VBMI: %[[PAIRS:.*]] = vector.shuffle {{.*}} [0, 64, 1, 65,
// VBMI: %[[FENCED:.*]] = llvm.call_intrinsic "llvm.arithmetic.fence"(%[[FLOATS]])
// VBMI: %[[INDICES:.*]] = vector.bitcast %[[FENCED]] : vector<16xf32> to vector<64xi8>
// VBMI: %[[GROUPS:.*]] = llvm.call_intrinsic "llvm.x86.avx512.vpermi2var.qi.512"(%[[PAIRS]], %[[INDICES]], %[[ROW]])
// VBMI: "llvm.x86.avx512.vpdpbusd.512"(%{{.*}}, %[[GROUPS]], %{{.*}})

func.func @three_rows(%a: vector<64xi8>, %b: vector<64xi8>, %c: vector<64xi8>, %w: vector<64xi8>, %acc: vector<16xi32>) -> (vector<16xi32>, vector<16xi32>) {
  %ab = vector.shuffle %a, %b [0, 64, 1, 65, 2, 66, 3, 67, 4, 68, 5, 69, 6, 70, 7, 71, 16, 80, 17, 81, 18, 82, 19, 83, 20, 84, 21, 85, 22, 86, 23, 87, 32, 96, 33, 97, 34, 98, 35, 99, 36, 100, 37, 101, 38, 102, 39, 103, 48, 112, 49, 113, 50, 114, 51, 115, 52, 116, 53, 117, 54, 118, 55, 119] : vector<64xi8>, vector<64xi8>
  %cc = vector.shuffle %c, %c [0, 64, 1, 65, 2, 66, 3, 67, 4, 68, 5, 69, 6, 70, 7, 71, 16, 80, 17, 81, 18, 82, 19, 83, 20, 84, 21, 85, 22, 86, 23, 87, 32, 96, 33, 97, 34, 98, 35, 99, 36, 100, 37, 101, 38, 102, 39, 103, 48, 112, 49, 113, 50, 114, 51, 115, 52, 116, 53, 117, 54, 118, 55, 119] : vector<64xi8>, vector<64xi8>
  %first = vector.shuffle %ab, %cc [0, 1, 64, 65, 2, 3, 66, 67, 4, 5, 68, 69, 6, 7, 70, 71, 16, 17, 80, 81, 18, 19, 82, 83, 20, 21, 84, 85, 22, 23, 86, 87, 32, 33, 96, 97, 34, 35, 98, 99, 36, 37, 100, 101, 38, 39, 102, 103, 48, 49, 112, 113, 50, 51, 114, 115, 52, 53, 116, 117, 54, 55, 118, 119] : vector<64xi8>, vector<64xi8>
  %second = vector.shuffle %ab, %cc [8, 9, 72, 73, 10, 11, 74, 75, 12, 13, 76, 77, 14, 15, 78, 79, 24, 25, 88, 89, 26, 27, 90, 91, 28, 29, 92, 93, 30, 31, 94, 95, 40, 41, 104, 105, 42, 43, 106, 107, 44, 45, 108, 109, 46, 47, 110, 111, 56, 57, 120, 121, 58, 59, 122, 123, 60, 61, 124, 125, 62, 63, 126, 127] : vector<64xi8>, vector<64xi8>
  %0 = dot.accumulate %acc, %first, %w {lhs_offset = 128 : i32} : vector<16xi32>, vector<64xi8>
  %1 = dot.accumulate %acc, %second, %w {lhs_offset = 128 : i32} : vector<16xi32>, vector<64xi8>
  return %0, %1 : vector<16xi32>, vector<16xi32>
}
