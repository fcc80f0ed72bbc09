// The functions of rows of floats: sums by the tree (docs/Semantics.md, S32).
// RUN: quant-opt %s --quantc-convert-to-linalg --canonicalize | FileCheck %s
// RUN: quant-opt %s --quantc-convert-to-linalg=keep-rows | FileCheck %s --check-prefix=KEPT

// Element i goes to sum i mod 16, these are added by halves.
// CHECK-LABEL: func.func @softmax
// CHECK-SAME: %[[X:.*]]: tensor<3x20xf32>
// CHECK: %[[MAX:.*]] = linalg.generic {{.*}} iterator_types = ["parallel", "reduction"]} ins(%[[X]]
// CHECK: arith.maximumf
// CHECK: %[[EXP:.*]] = linalg.generic {{.*}} ins(%[[X]], %[[MAX]]
// CHECK: arith.subf
// CHECK: math.exp
// CHECK: %[[PADDED:.*]] = tensor.pad %[[EXP]] low[0, 0] high[0, 12]
// CHECK: %[[BLOCKS:.*]] = tensor.expand_shape %[[PADDED]] {{\[}}[0], [1, 2]] output_shape [3, 2, 16]
// CHECK: %[[SUMS:.*]] = linalg.generic {{.*}} iterator_types = ["parallel", "reduction", "parallel"]} ins(%[[BLOCKS]]
// CHECK: arith.addf
// CHECK: %[[LOW:.*]] = tensor.extract_slice %[[SUMS]][0, 0] [3, 8] [1, 1]
// CHECK: %[[HIGH:.*]] = tensor.extract_slice %[[SUMS]][0, 8] [3, 8] [1, 1]
// CHECK: linalg.generic {{.*}} ins(%[[LOW]], %[[HIGH]]
// CHECK: [0, 4] [3, 4] [1, 1]
// CHECK: [0, 2] [3, 2] [1, 1]
// CHECK: [0, 1] [3, 1] [1, 1]
// CHECK: linalg.generic {{.*}} ins(%[[EXP]],
// CHECK: %[[INVERSE:.*]] = arith.divf %{{.*}}, %{{.*}}
// CHECK: arith.mulf %{{.*}}, %[[INVERSE]]
// KEPT-LABEL: func.func @softmax
// KEPT: quantc.softmax
func.func @softmax(%x: tensor<3x20xf32>) -> tensor<3x20xf32> {
  %y = quantc.softmax %x : tensor<3x20xf32>
  return %y : tensor<3x20xf32>
}

// A row of one tree needs no padding.
// CHECK-LABEL: func.func @layer_norm
// CHECK-NOT: tensor.pad
// CHECK: tensor.expand_shape %{{.*}} {{\[}}[0, 1]] output_shape [1, 32]
// CHECK: arith.subf
// CHECK: arith.mulf
// CHECK: tensor.expand_shape
// CHECK: %[[ROOT:.*]] = math.sqrt
// CHECK: %[[SCALE:.*]] = arith.divf %{{.*}}, %[[ROOT]]
// CHECK: %[[NORMAL:.*]] = arith.mulf %{{.*}}, %[[SCALE]]
// CHECK: math.fma %[[NORMAL]]
// KEPT-LABEL: func.func @layer_norm
// KEPT: quantc.layer_norm
func.func @layer_norm(%x: tensor<32xf32>, %gamma: tensor<32xf32>, %beta: tensor<32xf32>) -> tensor<32xf32> {
  %y = quantc.layer_norm %x, %gamma, %beta {epsilon = 1.0e-5 : f32} : tensor<32xf32>, tensor<32xf32>
  return %y : tensor<32xf32>
}
