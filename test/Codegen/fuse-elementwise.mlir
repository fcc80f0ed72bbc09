// RUN: quant-opt %s --quantc-fuse-elementwise | FileCheck %s

#id = affine_map<(i) -> (i)>

// CHECK-LABEL: func.func @chain
// CHECK-SAME: %[[X:.*]]: tensor<8xi32>, %[[Y:.*]]: tensor<8xi32>
// CHECK: %[[R:.*]] = linalg.generic {{.*}} ins(%[[X]], %[[Y]] :
// CHECK-NEXT: ^bb0(%[[A:.*]]: i32, %[[B:.*]]: i32, %{{.*}}: i32):
// CHECK-NEXT: %[[S:.*]] = arith.addi %[[A]], %[[B]]
// CHECK-NEXT: %[[M:.*]] = arith.maxsi %[[S]], %[[A]]
// CHECK-NEXT: linalg.yield %[[M]]
// CHECK-NOT: linalg.generic
// CHECK: return %[[R]]
func.func @chain(%x: tensor<8xi32>, %y: tensor<8xi32>) -> tensor<8xi32> {
  %empty = tensor.empty() : tensor<8xi32>
  %a = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]} ins(%x, %y : tensor<8xi32>, tensor<8xi32>) outs(%empty : tensor<8xi32>) {
  ^bb0(%p: i32, %q: i32, %out: i32):
    %s = arith.addi %p, %q : i32
    linalg.yield %s : i32
  } -> tensor<8xi32>
  %b = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]} ins(%a, %x : tensor<8xi32>, tensor<8xi32>) outs(%empty : tensor<8xi32>) {
  ^bb0(%p: i32, %q: i32, %out: i32):
    %m = arith.maxsi %p, %q : i32
    linalg.yield %m : i32
  } -> tensor<8xi32>
  return %b : tensor<8xi32>
}

// What two consumers want is computed once.
// CHECK-LABEL: func.func @twice
// CHECK-COUNT-3: linalg.generic
// CHECK-NOT: linalg.generic
// CHECK: return
func.func @twice(%x: tensor<8xi32>) -> (tensor<8xi32>, tensor<8xi32>) {
  %empty = tensor.empty() : tensor<8xi32>
  %a = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%x : tensor<8xi32>) outs(%empty : tensor<8xi32>) {
  ^bb0(%p: i32, %out: i32):
    %s = arith.muli %p, %p : i32
    linalg.yield %s : i32
  } -> tensor<8xi32>
  %b = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%a : tensor<8xi32>) outs(%empty : tensor<8xi32>) {
  ^bb0(%p: i32, %out: i32):
    %s = arith.addi %p, %p : i32
    linalg.yield %s : i32
  } -> tensor<8xi32>
  %c = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%a : tensor<8xi32>) outs(%empty : tensor<8xi32>) {
  ^bb0(%p: i32, %out: i32):
    %s = arith.subi %out, %p : i32
    linalg.yield %s : i32
  } -> tensor<8xi32>
  return %b, %c : tensor<8xi32>, tensor<8xi32>
}
