// RUN: quant-opt %s --quantc-convert-sampling-to-linalg --split-input-file | FileCheck %s
// RUN: quant-opt %s --quantc-convert-sampling-to-linalg=only-rounded --split-input-file | FileCheck %s --check-prefix=ROUNDED

// The example of the documentation. Position (o - 1) / 2, rounded half up.
// CHECK-DAG: #[[ROW:.*]] = affine_map<(d0, d1, d2, d3) -> (d1)>
// CHECK-DAG: #[[COLUMN:.*]] = affine_map<(d0, d1, d2, d3) -> (d2)>
// CHECK-LABEL: func.func @nearest
// CHECK-SAME: %[[X:.*]]: tensor<1x2x2x8xi8>
// CHECK: %[[ROWS:.*]] = arith.constant dense<[0, 0, 1, 1]> : tensor<4xi32>
// CHECK: %[[COLUMNS:.*]] = arith.constant dense<[0, 0, 1, 1]> : tensor<4xi32>
// CHECK: linalg.generic {indexing_maps = [#[[ROW]], #[[COLUMN]], {{.*}}} ins(%[[ROWS]], %[[COLUMNS]] : tensor<4xi32>, tensor<4xi32>)
// CHECK: ^bb0(%[[ROW:.*]]: i32, %[[COLUMN:.*]]: i32, %{{.*}}: i8):
// CHECK-DAG: %[[N:.*]] = linalg.index 0
// CHECK-DAG: %[[I:.*]] = arith.index_cast %[[ROW]] : i32 to index
// CHECK-DAG: %[[J:.*]] = arith.index_cast %[[COLUMN]] : i32 to index
// CHECK-DAG: %[[C:.*]] = linalg.index 3
// CHECK: %[[READ:.*]] = tensor.extract %[[X]][%[[N]], %[[I]], %[[J]], %[[C]]]
// CHECK: linalg.yield %[[READ]]
// ROUNDED-LABEL: func.func @nearest
// ROUNDED: tosa.resize
func.func @nearest(%x: tensor<1x2x2x8xi8>) -> tensor<1x4x4x8xi8> {
  %scale = tosa.const_shape {values = dense<[2, 1, 2, 1]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %offset = tosa.const_shape {values = dense<[-1, -1]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %border = tosa.const_shape {values = dense<[0, 0]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %y = tosa.resize %x, %scale, %offset, %border {mode = NEAREST_NEIGHBOR} : (tensor<1x2x2x8xi8>, !tosa.shape<4>, !tosa.shape<2>, !tosa.shape<2>) -> tensor<1x4x4x8xi8>
  return %y : tensor<1x4x4x8xi8>
}

// -----

// Between the middles of elements: (2 o - 1) / 4. Before the first and behind
// the last there is but one element. A width of 1 is only scaled.
// CHECK-LABEL: func.func @bilinear_integer
// CHECK: arith.constant dense<[0, 0, 0, 1]> : tensor<4xi32>
// CHECK: arith.constant dense<[0, 1, 1, 1]> : tensor<4xi32>
// CHECK: arith.constant dense<[1, 3, 1, 3]> : tensor<4xi32>
// CHECK: arith.constant dense<[3, 1, 3, 1]> : tensor<4xi32>
// CHECK: ^bb0(%{{[a-z0-9_]+}}: i32, %{{[a-z0-9_]+}}: i32, %[[FIRST:[a-z0-9_]+]]: i32, %[[SECOND:[a-z0-9_]+]]: i32,
// CHECK: %[[A:.*]] = arith.muli %{{.*}}, %c3_i32
// CHECK: %[[B:.*]] = arith.muli %{{.*}}, %c3_i32
// CHECK-DAG: %[[L:.*]] = arith.muli %[[A]], %[[FIRST]]
// CHECK-DAG: %[[R:.*]] = arith.muli %[[B]], %[[SECOND]]
// CHECK: arith.addi %[[L]], %[[R]]
// ROUNDED-LABEL: func.func @bilinear_integer
// ROUNDED-NOT: tosa.resize
// ROUNDED: return
func.func @bilinear_integer(%x: tensor<1x2x1x8xi8>) -> tensor<1x4x3x8xi32> {
  %scale = tosa.const_shape {values = dense<[4, 2, 3, 1]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %offset = tosa.const_shape {values = dense<[-1, 0]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %border = tosa.const_shape {values = dense<[1, 2]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %y = tosa.resize %x, %scale, %offset, %border {mode = BILINEAR} : (tensor<1x2x1x8xi8>, !tosa.shape<4>, !tosa.shape<2>, !tosa.shape<2>) -> tensor<1x4x3x8xi32>
  return %y : tensor<1x4x3x8xi32>
}

// -----

// CHECK-LABEL: func.func @bilinear_float
// CHECK: arith.constant dense<[1.000000e+00, 5.000000e-01, 1.000000e+00]> : tensor<3xf32>
// CHECK: arith.constant dense<[0.000000e+00, 5.000000e-01, 0.000000e+00]> : tensor<3xf32>
// CHECK-COUNT-4: arith.mulf
// CHECK: arith.addf
// Halves are floats.
// ROUNDED-LABEL: func.func @bilinear_float
// ROUNDED: tosa.resize
func.func @bilinear_float(%x: tensor<1x2x2x8xf32>) -> tensor<1x3x3x8xf32> {
  %scale = tosa.const_shape {values = dense<[2, 1, 2, 1]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %zero = tosa.const_shape {values = dense<[0, 0]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %y = tosa.resize %x, %scale, %zero, %zero {mode = BILINEAR} : (tensor<1x2x2x8xf32>, !tosa.shape<4>, !tosa.shape<2>, !tosa.shape<2>) -> tensor<1x3x3x8xf32>
  return %y : tensor<1x3x3x8xf32>
}

// -----

// Thirds aren't.
// CHECK-LABEL: func.func @bilinear_thirds
// CHECK: arith.constant dense<[1.000000e+00, 0.666666627, 0.333333313, 1.000000e+00]> : tensor<4xf32>
// CHECK: arith.constant dense<[0.000000e+00, 0.333333343, 0.666666686, 0.000000e+00]> : tensor<4xf32>
// ROUNDED-LABEL: func.func @bilinear_thirds
// ROUNDED-NOT: tosa.resize
// ROUNDED: return
func.func @bilinear_thirds(%x: tensor<1x2x2x8xf32>) -> tensor<1x4x3x8xf32> {
  %scale = tosa.const_shape {values = dense<[3, 1, 2, 1]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %zero = tosa.const_shape {values = dense<[0, 0]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %y = tosa.resize %x, %scale, %zero, %zero {mode = BILINEAR} : (tensor<1x2x2x8xf32>, !tosa.shape<4>, !tosa.shape<2>, !tosa.shape<2>) -> tensor<1x4x3x8xf32>
  return %y : tensor<1x4x3x8xf32>
}

// -----

// The odd channels. Longer steps aren't worth it.
// CHECK-DAG: #[[ODD:.*]] = affine_map<(d0, d1) -> (d0 + 1, d1, 1)>
// CHECK-LABEL: func.func @shuffle
// CHECK-SAME: %[[X:.*]]: tensor<4x24x2xi8>
// CHECK: %[[Y:.*]] = linalg.generic {indexing_maps = [#[[ODD]], {{.*}}} ins(%[[X]] : tensor<4x24x2xi8>) outs(%{{.*}} : tensor<3x24xi8>)
// CHECK: tensor.expand_shape %[[Y]] {{\[}}[0], [1, 2]] output_shape [3, 24, 1]
// CHECK: tosa.slice
// ROUNDED-LABEL: func.func @shuffle
// ROUNDED-NOT: linalg
// ROUNDED: return
func.func @shuffle(%x: tensor<4x24x2xi8>, %z: tensor<4x24x9xi8>) -> (tensor<3x24x1xi8>, tensor<3x24x1xi8>) {
  %start = tosa.const_shape {values = dense<[1, 0, 1]> : tensor<3xindex>} : () -> !tosa.shape<3>
  %size = tosa.const_shape {values = dense<[3, 24, 1]> : tensor<3xindex>} : () -> !tosa.shape<3>
  %0 = tosa.slice %x, %start, %size : (tensor<4x24x2xi8>, !tosa.shape<3>, !tosa.shape<3>) -> tensor<3x24x1xi8>
  %1 = tosa.slice %z, %start, %size : (tensor<4x24x9xi8>, !tosa.shape<3>, !tosa.shape<3>) -> tensor<3x24x1xi8>
  return %0, %1 : tensor<3x24x1xi8>, tensor<3x24x1xi8>
}
