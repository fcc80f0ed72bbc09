// RUN: quant-opt %s --quantc-fold-constant-reshapes | FileCheck %s

// The blob is shared, not copied.
// CHECK-LABEL: func.func @resource
// CHECK-NEXT: %[[W:.*]] = arith.constant dense_resource<weights> : tensor<2x3x4xi8>
// CHECK-NEXT: return %[[W]]
func.func @resource() -> tensor<2x3x4xi8> {
  %cst = arith.constant dense_resource<weights> : tensor<2x3x4x1xi8>
  %w = tensor.collapse_shape %cst [[0], [1], [2, 3]] : tensor<2x3x4x1xi8> into tensor<2x3x4xi8>
  return %w : tensor<2x3x4xi8>
}

// CHECK-LABEL: func.func @expand
// CHECK-NEXT: %[[W:.*]] = arith.constant dense<{{\[}}[1, 2], [3, 4]]> : tensor<2x2xi8>
// CHECK-NEXT: return %[[W]]
func.func @expand() -> tensor<2x2xi8> {
  %cst = arith.constant dense<[1, 2, 3, 4]> : tensor<4xi8>
  %w = tensor.expand_shape %cst [[0, 1]] output_shape [2, 2] : tensor<4xi8> into tensor<2x2xi8>
  return %w : tensor<2x2xi8>
}

// CHECK-LABEL: func.func @value
// CHECK-NEXT: tensor.collapse_shape
func.func @value(%x: tensor<2x2xi8>) -> tensor<4xi8> {
  %y = tensor.collapse_shape %x [[0, 1]] : tensor<2x2xi8> into tensor<4xi8>
  return %y : tensor<4xi8>
}

{-#
  dialect_resources: { builtin: { weights: "0x040000000102030405060708090A0B0C0D0E0F101112131415161718" } }
#-}
