// RUN: quant-opt %s --quantc-convert-floats-to-rules | FileCheck %s

#id = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>

// CHECK-LABEL: func.func @product
// CHECK: linalg.generic
// CHECK: ^bb0(%[[A:.*]]: f32, %[[B:.*]]: f32, %[[SUM:.*]]: f32):
// CHECK-NEXT: %[[NEXT:.*]] = math.fma %[[A]], %[[B]], %[[SUM]] : f32
// CHECK-NEXT: linalg.yield %[[NEXT]]
func.func @product(%a: tensor<1x2x3xf32>, %b: tensor<1x3x2xf32>, %zero: tensor<1x2x2xf32>) -> tensor<1x2x2xf32> {
  %y = linalg.batch_matmul ins(%a, %b : tensor<1x2x3xf32>, tensor<1x3x2xf32>) outs(%zero : tensor<1x2x2xf32>) -> tensor<1x2x2xf32>
  return %y : tensor<1x2x2xf32>
}

// Integers are exact anyway.
// CHECK-LABEL: func.func @integers
// CHECK: linalg.batch_matmul
func.func @integers(%a: tensor<1x2x3xi32>, %b: tensor<1x3x2xi32>, %zero: tensor<1x2x2xi32>) -> tensor<1x2x2xi32> {
  %y = linalg.batch_matmul ins(%a, %b : tensor<1x2x3xi32>, tensor<1x3x2xi32>) outs(%zero : tensor<1x2x2xi32>) -> tensor<1x2x2xi32>
  return %y : tensor<1x2x2xi32>
}

// Nothing else is contracted.
// CHECK-LABEL: func.func @elementwise
// CHECK: %[[P:.*]] = arith.mulf
// CHECK: arith.addf %[[P]]
func.func @elementwise(%x: tensor<2x3xf32>, %y: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %z = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<2x3xf32>) outs(%y : tensor<2x3xf32>) {
  ^bb0(%in: f32, %out: f32):
    %p = arith.mulf %in, %in : f32
    %s = arith.addf %p, %out : f32
    linalg.yield %s : f32
  } -> tensor<2x3xf32>
  return %z : tensor<2x3xf32>
}

// CHECK-LABEL: func.func @sum
// CHECK: arith.addf
// CHECK-NOT: math.fma
func.func @sum(%x: tensor<2x3xf32>, %y: tensor<2xf32>) -> tensor<2xf32> {
  %z = linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]} ins(%x : tensor<2x3xf32>) outs(%y : tensor<2xf32>) {
  ^bb0(%in: f32, %out: f32):
    %s = arith.addf %in, %out : f32
    linalg.yield %s : f32
  } -> tensor<2xf32>
  return %z : tensor<2xf32>
}

// e^x = ((1 + r + r² p(r)) · 2^⌊n / 2⌋) · 2^(n - ⌊n / 2⌋)
// CHECK-LABEL: func.func @exp
// CHECK-SAME: (%[[X:.*]]: f32)
// CHECK-DAG: %[[LN2:.*]] = arith.constant -0.693359375 : f32
// CHECK-DAG: %[[REST:.*]] = arith.constant 2.12194442E-4 : f32
// CHECK-DAG: %[[P4:.*]] = arith.constant 0.00138146023 : f32
// CHECK: %[[LIMITED:.*]] = arith.minimumf
// CHECK: %[[N:.*]] = math.roundeven
// CHECK: %[[R0:.*]] = math.fma %[[N]], %[[LN2]], %[[LIMITED]]
// CHECK: %[[R:.*]] = math.fma %[[N]], %[[REST]], %[[R0]]
// CHECK: math.fma %[[P4]], %[[R]]
// CHECK-COUNT-3: math.fma
// CHECK: %[[SQUARE:.*]] = arith.mulf %[[R]], %[[R]]
// CHECK: math.fma %{{.*}}, %[[SQUARE]], %[[R]]
// CHECK-NOT: math.exp
func.func @exp(%x: f32) -> f32 {
  %y = math.exp %x : f32
  return %y : f32
}

// CHECK-LABEL: func.func @others
// CHECK-NOT: math.{{(erf|tanh|log|rsqrt|powf)}}
// CHECK: return
func.func @others(%x: f32) -> f32 {
  %a = math.erf %x : f32
  %b = math.tanh %a : f32
  %c = math.log %b : f32
  %d = math.rsqrt %c : f32
  %e = math.powf %d, %x : f32
  return %e : f32
}
