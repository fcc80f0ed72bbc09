// RUN: quant-opt %s --quantc-insert-observers --split-input-file | FileCheck %s
// RUN: quant-opt %s --quantc-insert-observers=qconfig=%S/Inputs/partly-float.json --split-input-file | FileCheck %s --check-prefix=PARTLY

// The input, the weight (per channel), and the value behind the activation: a
// convolution that only its clamp reads isn't observed itself.
// CHECK-LABEL: func.func @conv
// CHECK-SAME: (%[[X:.*]]: tensor<1x4x4x2xf32>
// CHECK: %[[OX:.*]] = quantc.observe %[[X]] "image:input" <kind = histogram, is_signed = true, quant_min = -128, quant_max = 127, qscheme = affine>
// CHECK: %[[B:.*]] = "tosa.const"() {{.*}} : () -> tensor<3xf32>
// CHECK: %[[OW:.*]] = quantc.observe %{{.*}} "stem:weight" <kind = per_channel_minmax, is_signed = true, quant_min = -127, quant_max = 127, qscheme = symmetric> : tensor<3x1x1x2xf32>
// CHECK: %[[Y:.*]] = tosa.conv2d %[[OX]], %[[OW]], %[[B]]
// CHECK-NEXT: %[[R:.*]] = tosa.clamp %[[Y]]
// CHECK-NEXT: %[[OR:.*]] = quantc.observe %[[R]] "relu" <kind = histogram
// CHECK-NEXT: return %[[OR]]
func.func @conv(%x: tensor<1x4x4x2xf32> {quantc.name = "image"}) -> tensor<1x4x4x3xf32> {
  %zp = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %w = "tosa.const"() {values = dense<0.5> : tensor<3x1x1x2xf32>} : () -> tensor<3x1x1x2xf32>
  %b = "tosa.const"() {values = dense<0.5> : tensor<3xf32>} : () -> tensor<3xf32>
  %0 = tosa.conv2d %x, %w, %b, %zp, %zp {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x4x4x2xf32>, tensor<3x1x1x2xf32>, tensor<3xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x4x3xf32> loc(#stem)
  %1 = tosa.clamp %0 {min_val = 0.0 : f32, max_val = 6.0 : f32} : (tensor<1x4x4x3xf32>) -> tensor<1x4x4x3xf32> loc(#relu)
  return %1 : tensor<1x4x4x3xf32>
}
#stem = loc("stem"("Conv"))
#relu = loc("relu"("Relu"))

// "stem" is left in float: neither it nor its clamp is observed.
// PARTLY-LABEL: func.func @conv
// PARTLY-NOT: quantc.observe
// PARTLY: return

// -----

// Values that only move keep the site of what they move. Nodes of one name are
// told apart.
// CHECK-LABEL: func.func @moves
// CHECK-SAME: (%[[X:.*]]: tensor<1x4x4x2xf32>, %[[Y:.*]]: tensor<1x4x4x2xf32>)
// CHECK-DAG: %[[OX:.*]] = quantc.observe %[[X]] "arg0:input"
// CHECK-DAG: %[[OY:.*]] = quantc.observe %[[Y]] "arg1:input"
// CHECK: %[[S:.*]] = tosa.add %[[OX]], %[[OY]]
// CHECK-NEXT: %[[OS:.*]] = quantc.observe %[[S]] "sum"
// CHECK-NEXT: %[[P:.*]] = tosa.max_pool2d %[[OS]]
// CHECK-NEXT: %[[T:.*]] = tosa.transpose %[[P]]
// CHECK-NEXT: %[[D:.*]] = tosa.sub %[[T]], %[[T]]
// CHECK-NEXT: %[[OD:.*]] = quantc.observe %[[D]] "sum#1"
// CHECK-NEXT: return %[[OD]]
func.func @moves(%x: tensor<1x4x4x2xf32>, %y: tensor<1x4x4x2xf32>) -> tensor<1x2x2x2xf32> {
  %0 = tosa.add %x, %y : (tensor<1x4x4x2xf32>, tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32> loc("sum"("Sum"))
  %1 = tosa.max_pool2d %0 {kernel = array<i64: 2, 2>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 2, 2>} : (tensor<1x4x4x2xf32>) -> tensor<1x2x2x2xf32>
  %2 = tosa.transpose %1 {perms = array<i32: 0, 3, 2, 1>} : (tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  %3 = tosa.sub %2, %2 : (tensor<1x2x2x2xf32>, tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32> loc("sum"("Sum"))
  return %3 : tensor<1x2x2x2xf32>
}

// By type: no Sum becomes integer, so nobody needs parameters.
// PARTLY-LABEL: func.func @moves
// PARTLY-NOT: quantc.observe
// PARTLY: return

// -----

// A concat sets the range: what is made for it alone (perhaps behind moves) has
// no site; what others read, too, has one. The input is observed before it is
// moved.
// CHECK-LABEL: func.func @concat
// CHECK: %[[OX:.*]] = quantc.observe %{{.*}} "arg0:input"
// CHECK: %[[A:.*]] = tosa.add %[[OX]], %[[OX]]
// CHECK-NEXT: %[[F:.*]] = tosa.reshape %[[A]]
// CHECK-NEXT: %[[M:.*]] = tosa.mul
// CHECK-NEXT: %[[OM:.*]] = quantc.observe %[[M]] "product"
// CHECK-NEXT: %[[C:.*]] = tosa.concat %[[F]], %[[OM]]
// CHECK-NEXT: %[[OC:.*]] = quantc.observe %[[C]] "joined"
// CHECK-NEXT: return %[[OC]], %[[OM]]
func.func @concat(%x: tensor<2x4xf32>) -> (tensor<8x2xf32>, tensor<4x2xf32>) {
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %shape = tosa.const_shape {values = dense<[4, 2]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %r = tosa.reshape %x, %shape : (tensor<2x4xf32>, !tosa.shape<2>) -> tensor<4x2xf32>
  %0 = tosa.add %x, %x : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32> loc("sum"("Add"))
  %1 = tosa.reshape %0, %shape : (tensor<2x4xf32>, !tosa.shape<2>) -> tensor<4x2xf32>
  %2 = tosa.mul %r, %r, %shift : (tensor<4x2xf32>, tensor<4x2xf32>, tensor<1xi8>) -> tensor<4x2xf32> loc("product"("Mul"))
  %3 = tosa.concat %1, %2 {axis = 0 : i32} : (tensor<4x2xf32>, tensor<4x2xf32>) -> tensor<8x2xf32> loc("joined"("Concat"))
  return %3, %2 : tensor<8x2xf32>, tensor<4x2xf32>
}

// -----

// A constant that stands for an activation has a site. What only float
// operations make and read has none, but what an integer one reads does.
// CHECK-LABEL: func.func @float
// CHECK-SAME: (%[[X:.*]]: tensor<1x4xf32>)
// CHECK: %[[E:.*]] = tosa.exp %[[X]]
// CHECK-NEXT: %[[C:.*]] = tosa.clamp %[[E]]
// CHECK-NEXT: %[[L:.*]] = tosa.log %[[C]]
// CHECK-NEXT: %[[OL:.*]] = quantc.observe %[[L]] "log"
// CHECK-NEXT: %[[OK:.*]] = quantc.observe %{{.*}} "shifted:constant"
// CHECK-NEXT: %[[A:.*]] = tosa.add %[[OL]], %[[OK]]
// CHECK-NEXT: %[[OA:.*]] = quantc.observe %[[A]] "shifted"
// CHECK-NEXT: tosa.exp %[[OA]]
// CHECK-NEXT: return
func.func @float(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %k = "tosa.const"() {values = dense<[[1.0, 2.0, 3.0, 4.0]]> : tensor<1x4xf32>} : () -> tensor<1x4xf32>
  %0 = tosa.exp %x : (tensor<1x4xf32>) -> tensor<1x4xf32> loc("exp"("Exp"))
  %1 = tosa.clamp %0 {min_val = 1.0 : f32, max_val = 6.0 : f32} : (tensor<1x4xf32>) -> tensor<1x4xf32> loc("clip"("Clip"))
  %2 = tosa.log %1 : (tensor<1x4xf32>) -> tensor<1x4xf32> loc("log"("Log"))
  %3 = tosa.add %2, %k : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32> loc("shifted"("Add"))
  %4 = tosa.exp %3 : (tensor<1x4xf32>) -> tensor<1x4xf32> loc("exp2"("Exp"))
  return %4 : tensor<1x4xf32>
}

// The QConfig of a regular expression: "shift.*" is observed by min and max.
// PARTLY-LABEL: func.func @float
// PARTLY: quantc.observe {{.*}} "log" <kind = minmax, is_signed = false, quant_min = 0, quant_max = 255
// PARTLY: quantc.observe {{.*}} "shifted" <kind = minmax, is_signed = false, quant_min = 0, quant_max = 255
