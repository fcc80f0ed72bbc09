// RUN: quant-opt %s --quantc-results-to-destinations | FileCheck %s

// One value returned twice, and private functions left alone.
// CHECK-LABEL: func.func @net
// CHECK-SAME: (%[[X:.*]]: tensor<4xi8> {bufferization.writable = false, quantc.name = "x"}, %[[A:.*]]: memref<4xi8> {quantc.name = "a"}, %[[B:.*]]: memref<4xi8> {quantc.name = "b"}) attributes {quantc.num_inputs = 1 : i64}
// CHECK: %[[Y:.*]] = tosa.clamp %[[X]]
// CHECK: bufferization.materialize_in_destination %[[Y]] in restrict writable %[[A]]
// CHECK: bufferization.materialize_in_destination %[[Y]] in restrict writable %[[B]]
// CHECK: return{{$}}
func.func @net(%x: tensor<4xi8> {quantc.name = "x"}) -> (tensor<4xi8> {quantc.name = "a"}, tensor<4xi8> {quantc.name = "b"}) {
  %0 = tosa.clamp %x {min_val = -3 : i8, max_val = 3 : i8} : (tensor<4xi8>) -> tensor<4xi8>
  return %0, %0 : tensor<4xi8>, tensor<4xi8>
}

// CHECK: func.func private @helper(%{{.*}}: tensor<4xi8>) -> tensor<4xi8> {
func.func private @helper(%x: tensor<4xi8>) -> tensor<4xi8> {
  return %x : tensor<4xi8>
}
