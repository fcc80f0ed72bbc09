// RUN: quant-opt %s --quantc-bits-to-bytes --split-input-file | FileCheck %s

#id = affine_map<(i, j) -> (i, j)>

// What compares stores bytes, what chooses reads them; what moves has no need
// to look at them.
// CHECK-LABEL: func.func @mask(
// CHECK-SAME: %[[X:.*]]: tensor<4x8xf32>
// CHECK: %[[E:.*]] = tensor.empty() : tensor<4x8xi8>
// CHECK: %[[C:.*]] = linalg.generic {{.*}} ins(%[[X]] : tensor<4x8xf32>) outs(%[[E]] : tensor<4x8xi8>)
// CHECK: %[[BIT:.*]] = arith.cmpf ogt
// CHECK: %[[BYTE:.*]] = arith.extui %[[BIT]] : i1 to i8
// CHECK: linalg.yield %[[BYTE]] : i8
// CHECK: %[[T:.*]] = linalg.transpose ins(%[[C]] : tensor<4x8xi8>) outs(%{{.*}} : tensor<8x4xi8>)
// CHECK: %[[P:.*]] = tensor.pad %[[T]]
// CHECK: %[[FILL:.*]] = arith.extui %true : i1 to i8
// CHECK: tensor.yield %[[FILL]] : i8
// CHECK: tensor<8x4xi8> to tensor<8x5xi8>
// CHECK: linalg.generic {{.*}} ins(%[[P]], %{{.*}} : tensor<8x5xi8>, tensor<8x5xf32>)
// CHECK: ^bb0(%[[MASK:.*]]: i8, %[[V:.*]]: f32, %{{.*}}: f32):
// CHECK: %[[CHOOSE:.*]] = arith.trunci %[[MASK]] : i8 to i1
// CHECK: arith.select %[[CHOOSE]], %[[V]]
func.func @mask(%x: tensor<4x8xf32>, %y: tensor<8x5xf32>) -> tensor<8x5xf32> {
  %zero = arith.constant 0.0 : f32
  %true = arith.constant true
  %e = tensor.empty() : tensor<4x8xi1>
  %c = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<4x8xf32>) outs(%e : tensor<4x8xi1>) {
  ^bb0(%in: f32, %out: i1):
    %b = arith.cmpf ogt, %in, %zero : f32
    linalg.yield %b : i1
  } -> tensor<4x8xi1>
  %et = tensor.empty() : tensor<8x4xi1>
  %t = linalg.transpose ins(%c : tensor<4x8xi1>) outs(%et : tensor<8x4xi1>) permutation = [1, 0]
  %p = tensor.pad %t low[0, 0] high[0, 1] {
  ^bb0(%i: index, %j: index):
    tensor.yield %true : i1
  } : tensor<8x4xi1> to tensor<8x5xi1>
  %ey = tensor.empty() : tensor<8x5xf32>
  %r = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]} ins(%p, %y : tensor<8x5xi1>, tensor<8x5xf32>) outs(%ey : tensor<8x5xf32>) {
  ^bb0(%m: i1, %v: f32, %out: f32):
    %s = arith.select %m, %v, %zero : f32
    linalg.yield %s : f32
  } -> tensor<8x5xf32>
  return %r : tensor<8x5xf32>
}

// -----

#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>

// Constants, sums that start with a bit, tables; arguments and results stay.
// CHECK-LABEL: func.func @edges(
// CHECK-SAME: %[[X:.*]]: tensor<2x2xi1>) -> tensor<2xi1>
// CHECK: %[[IN:.*]] = linalg.generic {{.*}} ins(%[[X]] : tensor<2x2xi1>) outs(%{{.*}} : tensor<2x2xi8>)
// CHECK: %[[K:.*]] = arith.constant dense<{{\[\[}}1, 0], [0, 1]]> : tensor<2x2xi8>
// CHECK: %[[TABLE:.*]] = arith.constant dense<[1, 0]> : tensor<2xi8>
// CHECK: %[[FALSE:.*]] = arith.extui %false
// CHECK: %[[START:.*]] = linalg.fill ins(%[[FALSE]] : i8) outs(%{{.*}} : tensor<2xi8>)
// CHECK: %[[ANY:.*]] = linalg.generic {{.*}} ins(%[[IN]], %[[K]] : tensor<2x2xi8>, tensor<2x2xi8>) outs(%[[START]] : tensor<2xi8>)
// CHECK: %[[ENTRY:.*]] = tensor.extract %[[TABLE]]
// CHECK: arith.trunci %[[ENTRY]] : i8 to i1
// CHECK: %[[OUT:.*]] = linalg.generic {{.*}} ins(%[[ANY]] : tensor<2xi8>) outs(%{{.*}} : tensor<2xi1>)
// CHECK: return %[[OUT]] : tensor<2xi1>
func.func @edges(%x: tensor<2x2xi1>) -> tensor<2xi1> {
  %k = arith.constant dense<[[true, false], [false, true]]> : tensor<2x2xi1>
  %table = arith.constant dense<[true, false]> : tensor<2xi1>
  %false = arith.constant false
  %e = tensor.empty() : tensor<2xi1>
  %start = linalg.fill ins(%false : i1) outs(%e : tensor<2xi1>) -> tensor<2xi1>
  %any = linalg.generic {indexing_maps = [#id, #id, #row], iterator_types = ["parallel", "reduction"]} ins(%x, %k : tensor<2x2xi1>, tensor<2x2xi1>) outs(%start : tensor<2xi1>) {
  ^bb0(%a: i1, %b: i1, %s: i1):
    %i = linalg.index 0 : index
    %t = tensor.extract %table[%i] : tensor<2xi1>
    %0 = arith.andi %a, %b : i1
    %1 = arith.xori %0, %t : i1
    %2 = arith.ori %1, %s : i1
    linalg.yield %2 : i1
  } -> tensor<2xi1>
  return %any : tensor<2xi1>
}
