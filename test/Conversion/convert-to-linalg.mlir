// Each rounding of docs/Semantics.md. Values are checked elsewhere, against an
// oracle; here, the shape of the arithmetic.
// RUN: quant-opt %s --quantc-convert-to-linalg | FileCheck %s

// Products that are surely i32 are rounded to integers; narrowing saturates, and
// the clamp and the zero point are for words.
// CHECK-LABEL: func.func @f32
// CHECK: linalg.generic {{.*}} ins(%arg0 : tensor<4xi32>)
// CHECK: %[[X:.*]] = arith.sitofp %{{.*}} : i32 to f32
// CHECK: %[[M:.*]] = arith.mulf %[[X]], %[[HALF:.*]] : f32
// CHECK: %[[R:.*]] = math.roundeven %[[M]]
// CHECK: %[[I:.*]] = arith.fptosi %[[R]] : f32 to i32
// CHECK: %[[LEAST:.*]] = arith.maxsi %[[I]], %c-32768_i32
// CHECK: %[[MOST:.*]] = arith.minsi %[[LEAST]], %c32767_i32
// CHECK: %[[W:.*]] = arith.trunci %[[MOST]] overflow<nsw> : i32 to i16
// CHECK: %[[LO:.*]] = arith.maxsi %[[W]], %c-131_i16
// CHECK: %[[HI:.*]] = arith.minsi %[[LO]], %c124_i16
// CHECK: %[[S:.*]] = arith.addi %[[HI]], %c3_i16
// CHECK: arith.trunci %[[S]] overflow<nsw> : i16 to i8
func.func @f32(%x: tensor<4xi32>) -> tensor<4xi8> {
  %r = quantc.rescale %x <f32, half_even> {multipliers = array<f32: 0.5>, input_zp = 0 : i32, output_zp = 3 : i32, min = -128 : i32, max = 127 : i32} : tensor<4xi32> -> tensor<4xi8>
  return %r : tensor<4xi8>
}

// Else the clamp comes first, then 1.5 · 2^23 rounds half even into the low bits of the
// mantissa; the constant added to them takes it off and adds the zero point 3.
// CHECK-LABEL: func.func @f32m
// CHECK: linalg.generic {{.*}} ins(%arg0 : tensor<4xi32>)
// CHECK: %[[X:.*]] = arith.sitofp %{{.*}} : i32 to f32
// CHECK: %[[M:.*]] = arith.mulf %[[X]], %{{.*}} : f32
// CHECK: %[[LO:.*]] = arith.constant -1.310000e+02 : f32
// CHECK: %[[HI:.*]] = arith.constant 1.240000e+02 : f32
// CHECK: %[[GT:.*]] = arith.cmpf ogt, %[[M]], %[[LO]]
// CHECK: %[[A:.*]] = arith.select %[[GT]], %[[M]], %[[LO]]
// CHECK: %[[LT:.*]] = arith.cmpf olt, %[[A]], %[[HI]]
// CHECK: %[[C:.*]] = arith.select %[[LT]], %[[A]], %[[HI]]
// CHECK: %[[MAGIC:.*]] = arith.constant 0x4B400000 : f32
// CHECK: %[[R:.*]] = arith.addf %[[C]], %[[MAGIC]]
// CHECK: %[[B:.*]] = arith.bitcast %[[R]] : f32 to i32
// CHECK: %[[ZP:.*]] = arith.constant -1262485501 : i32
// CHECK: %[[S:.*]] = arith.addi %[[B]], %[[ZP]]
// CHECK: arith.trunci %[[S]] overflow<nsw> : i32 to i8
func.func @f32m(%x: tensor<4xi32>) -> tensor<4xi8> {
  %r = quantc.rescale %x <f32, half_even> {multipliers = array<f32: 2.5>, input_zp = 0 : i32, output_zp = 3 : i32, min = -128 : i32, max = 127 : i32} : tensor<4xi32> -> tensor<4xi8>
  return %r : tensor<4xi8>
}

// A range too wide for that: rounded, then saturated on both sides.
// CHECK-LABEL: func.func @f32w
// CHECK: %[[X:.*]] = arith.subi %{{.*}}, %c5_i32
// CHECK: arith.sitofp %[[X]]
// CHECK: %[[R:.*]] = math.roundeven
// CHECK: arith.fptosi %{{.*}} : f32 to i32
// CHECK: %[[OVER:.*]] = arith.cmpf oge, %[[R]], %{{.*}}
// CHECK: arith.select %[[OVER]], %c2147483647_i32, %{{.*}}
func.func @f32w(%x: tensor<4xi8>) -> tensor<4xi32> {
  %r = quantc.rescale %x <f32, half_even> {multipliers = array<f32: 10000000.5>, input_zp = 5 : i32, output_zp = 0 : i32, min = -2147483648 : i32, max = 2147483647 : i32} : tensor<4xi8> -> tensor<4xi32>
  return %r : tensor<4xi32>
}

// 133 · 1000.5 stays far from the bounds: only rounded.
// CHECK-LABEL: func.func @f32n
// CHECK: %[[R:.*]] = math.roundeven
// CHECK-NEXT: %[[I:.*]] = arith.fptosi %[[R]] : f32 to i32
// CHECK-NEXT: linalg.yield %[[I]]
func.func @f32n(%x: tensor<4xi8>) -> tensor<4xi32> {
  %r = quantc.rescale %x <f32, half_even> {multipliers = array<f32: 1000.5>, input_zp = 5 : i32, output_zp = 0 : i32, min = -2147483648 : i32, max = 2147483647 : i32} : tensor<4xi8> -> tensor<4xi32>
  return %r : tensor<4xi32>
}

// One rounding, on the upper words of the products: 2^(n-33) + zp · 2^(n-32) is
// added to them. Multipliers and shifts along the last dimension.
// CHECK-LABEL: func.func @fixed
// CHECK-DAG: %[[MS:.*]] = arith.constant dense<[1073741824, 1500000000]>
// CHECK-DAG: %[[ADD:.*]] = arith.constant dense<[7, 896]>
// CHECK-DAG: %[[SS:.*]] = arith.constant dense<[1, 8]>
// CHECK: linalg.generic {indexing_maps = [#{{.*}}, #[[LAST:.*]], #[[LAST]], #[[LAST]], #{{.*}}]{{.*}} ins(%arg0, %[[MS]], %[[ADD]], %[[SS]] :
// CHECK: ^bb0(%[[IN:.*]]: i32, %[[M:.*]]: i32, %[[A:.*]]: i32, %[[S:.*]]: i32, %{{.*}}: i8):
// CHECK: %{{.*}}, %[[HIGH:.*]] = arith.mulsi_extended %[[IN]], %[[M]] : i32
// CHECK: %[[T:.*]] = arith.addi %[[HIGH]], %[[A]] : i32
// CHECK: arith.shrsi %[[T]], %[[S]] : i32
// CHECK: arith.trunci %{{.*}} overflow<nsw> : i32 to i16
// CHECK: arith.maxsi %{{.*}}, %c-128_i16
// CHECK: arith.minsi %{{.*}}, %c127_i16
func.func @fixed(%x: tensor<2x2xi32>) -> tensor<2x2xi8> {
  %r = quantc.rescale %x <fixed, half_up> {fixed_multipliers = array<i32: 1073741824, 1500000000>, shifts = array<i32: 33, 40>, input_zp = 0 : i32, output_zp = 3 : i32, min = -128 : i32, max = 127 : i32} : tensor<2x2xi32> -> tensor<2x2xi8>
  return %r : tensor<2x2xi8>
}

// Bytes are shifted to the left where n is below 33.
// CHECK-LABEL: func.func @fixed8
// CHECK: %[[X:.*]] = arith.subi %{{.*}}, %c5_i32
// CHECK: %[[L:.*]] = arith.shli %[[X]], %c21_i32
// CHECK: %{{.*}}, %[[HIGH:.*]] = arith.mulsi_extended %[[L]], %c1500000000_i32
// CHECK: %[[T:.*]] = arith.addi %[[HIGH]], %c1_i32
// CHECK: arith.shrsi %[[T]], %c1_i32
func.func @fixed8(%x: tensor<4xi8>) -> tensor<4xi32> {
  %r = quantc.rescale %x <fixed, half_up> {fixed_multipliers = array<i32: 1500000000>, shifts = array<i32: 12>, input_zp = 5 : i32, output_zp = 0 : i32, min = -2147483648 : i32, max = 2147483647 : i32} : tensor<4xi8> -> tensor<4xi32>
  return %r : tensor<4xi32>
}

// Of i32 there may be no room for the shift: what would leave 32 bits saturates
// anyway, and may be clamped before.
// CHECK-LABEL: func.func @fixed32
// CHECK-DAG: %[[MS:.*]] = arith.constant dense<[1073741824, 1500000000]>
// CHECK-DAG: %[[LEFT:.*]] = arith.constant dense<[1, 0]>
// CHECK-DAG: %[[LEAST:.*]] = arith.constant dense<[-1073741824, -2147483648]>
// CHECK-DAG: %[[MOST:.*]] = arith.constant dense<[1073741823, 2147483647]>
// CHECK: ins(%arg0, %[[MS]], %{{.*}}, %{{.*}}, %[[LEFT]], %[[LEAST]], %[[MOST]] :
// CHECK: ^bb0(%[[IN:.*]]: i32, %[[M:.*]]: i32, %[[A:.*]]: i32, %[[N:.*]]: i32, %[[L:.*]]: i32, %[[LOW:.*]]: i32, %[[HIGH:.*]]: i32,
// CHECK: %[[ABOVE:.*]] = arith.maxsi %[[IN]], %[[LOW]] : i32
// CHECK: %[[INSIDE:.*]] = arith.minsi %[[ABOVE]], %[[HIGH]] : i32
// CHECK: %[[X:.*]] = arith.shli %[[INSIDE]], %[[L]] : i32
// CHECK: %{{.*}}, %[[WORD:.*]] = arith.mulsi_extended %[[X]], %[[M]] : i32
// CHECK: %[[T:.*]] = arith.addi %[[WORD]], %[[A]]
// CHECK: arith.shrsi %[[T]], %[[N]]
func.func @fixed32(%x: tensor<2x2xi32>) -> tensor<2x2xi8> {
  %r = quantc.rescale %x <fixed, half_up> {fixed_multipliers = array<i32: 1073741824, 1500000000>, shifts = array<i32: 32, 40>, input_zp = 0 : i32, output_zp = 3 : i32, min = -128 : i32, max = 127 : i32} : tensor<2x2xi32> -> tensor<2x2xi8>
  return %r : tensor<2x2xi8>
}

// Where the result has 32 bits itself, 64 bits are in between.
// CHECK-LABEL: func.func @fixed_wide
// CHECK-DAG: %[[MS:.*]] = arith.constant dense<[1073741824, 1500000000]>
// CHECK-DAG: %[[SS:.*]] = arith.constant dense<[32, 40]>
// CHECK: linalg.generic {indexing_maps = [#{{.*}}, #[[LAST:.*]], #[[LAST]], #{{.*}}]{{.*}} ins(%arg0, %[[MS]], %[[SS]] :
// CHECK: ^bb0(%[[IN:.*]]: i32, %[[M:.*]]: i32, %[[S:.*]]: i32, %{{.*}}: i32):
// CHECK: %[[M64:.*]] = arith.extsi %[[M]] : i32 to i64
// CHECK: %[[S64:.*]] = arith.extsi %[[S]] : i32 to i64
// CHECK: %[[X64:.*]] = arith.extsi %[[IN]] : i32 to i64
// CHECK: %[[P:.*]] = arith.muli %[[X64]], %[[M64]] : i64
// CHECK: %[[LESS:.*]] = arith.subi %[[S64]], %{{.*}} : i64
// CHECK: %[[ROUND:.*]] = arith.shli %{{.*}}, %[[LESS]] : i64
// CHECK: %[[T:.*]] = arith.addi %[[P]], %[[ROUND]] : i64
// CHECK: arith.shrsi %[[T]], %[[S64]] : i64
func.func @fixed_wide(%x: tensor<2x2xi32>) -> tensor<2x2xi32> {
  %r = quantc.rescale %x <fixed, half_up> {fixed_multipliers = array<i32: 1073741824, 1500000000>, shifts = array<i32: 32, 40>, input_zp = 0 : i32, output_zp = 0 : i32, min = -2147483648 : i32, max = 2147483647 : i32} : tensor<2x2xi32> -> tensor<2x2xi32>
  return %r : tensor<2x2xi32>
}

// A sum of 1 may be clamped to where it saturates (2^27), but not to 0.
// CHECK-LABEL: func.func @fixed3
// CHECK: arith.mulsi_extended
func.func @fixed3(%x: tensor<4xi32>) -> tensor<4xi8> {
  %r = quantc.rescale %x <fixed, half_up> {fixed_multipliers = array<i32: 1073741824>, shifts = array<i32: 3>, input_zp = 0 : i32, output_zp = 3 : i32, min = -128 : i32, max = 127 : i32} : tensor<4xi32> -> tensor<4xi8>
  return %r : tensor<4xi8>
}

// CHECK-LABEL: func.func @fixed2
// CHECK-NOT: arith.mulsi_extended
// CHECK: arith.muli %{{.*}} : i64
func.func @fixed2(%x: tensor<4xi32>) -> tensor<4xi8> {
  %r = quantc.rescale %x <fixed, half_up> {fixed_multipliers = array<i32: 1073741824>, shifts = array<i32: 2>, input_zp = 0 : i32, output_zp = 3 : i32, min = -128 : i32, max = 127 : i32} : tensor<4xi32> -> tensor<4xi8>
  return %r : tensor<4xi8>
}

// TOSA's two roundings: a nudge of ±2^30 by the operand's sign where the shift
// exceeds 31. Its half is added to the half of the lower word.
// CHECK-LABEL: func.func @double
// CHECK: %[[LOW:.*]], %[[HIGH:.*]] = arith.mulsi_extended %[[IN:.*]], %c1073741824_i32
// CHECK: %[[SIGN:.*]] = arith.shrsi %[[IN]], %c31_i32
// CHECK: %[[L:.*]] = arith.xori %[[LOW]], %[[SIGN]]
// CHECK: %[[H:.*]] = arith.xori %[[HIGH]], %[[SIGN]]
// CHECK: %[[HALF:.*]] = arith.shrui %[[L]], %c1_i32
// CHECK: %[[SUM:.*]] = arith.addi %[[HALF]], %c536870912_i32
// CHECK: %[[CARRY:.*]] = arith.shrui %[[SUM]], %c31_i32
// CHECK: %[[T:.*]] = arith.addi %[[H]], %[[CARRY]]
// CHECK: arith.xori %[[T]], %[[SIGN]]
func.func @double(%x: tensor<4xi32>) -> tensor<4xi8> {
  %r = quantc.rescale %x <fixed, double_round> {fixed_multipliers = array<i32: 1073741824>, shifts = array<i32: 33>, input_zp = 0 : i32, output_zp = 3 : i32, min = -128 : i32, max = 127 : i32} : tensor<4xi32> -> tensor<4xi8>
  return %r : tensor<4xi8>
}

// Where double rounding has none.
// CHECK-LABEL: func.func @double31
// CHECK-DAG: arith.constant dense<[0, 1073741824, 536870912]>
// CHECK-DAG: arith.constant dense<[2, 1, 0]>
func.func @double31(%x: tensor<2x3xi32>) -> tensor<2x3xi8> {
  %r = quantc.rescale %x <fixed, double_round> {fixed_multipliers = array<i32: 1073741824, 1500000000, 1100000000>, shifts = array<i32: 31, 32, 33>, input_zp = 0 : i32, output_zp = 3 : i32, min = -128 : i32, max = 127 : i32} : tensor<2x3xi32> -> tensor<2x3xi8>
  return %r : tensor<2x3xi8>
}

// (x >> 7) + bit 6, in 32 bits without overflow.
// CHECK-LABEL: func.func @shift
// CHECK-NOT: i64
// CHECK: %[[BIT:.*]] = arith.shrsi %[[IN:.*]], %c6_i32
// CHECK: %[[ONE:.*]] = arith.andi %[[BIT]], %c1_i32
// CHECK: %[[Q:.*]] = arith.shrsi %[[IN]], %c7_i32
// CHECK: arith.addi %[[Q]], %[[ONE]]
func.func @shift(%x: tensor<4xi32>) -> tensor<4xi8> {
  %r = quantc.rescale %x <fixed, half_up> {shifts = array<i32: 7>, input_zp = 0 : i32, output_zp = 3 : i32, min = -128 : i32, max = 127 : i32} : tensor<4xi32> -> tensor<4xi8>
  return %r : tensor<4xi8>
}

// Left shifts that may leave 32 bits are done in 64.
// CHECK-LABEL: func.func @shiftl
// CHECK-DAG: arith.constant dense<[7, 0]>
// CHECK-DAG: arith.constant dense<[6, 0]>
// CHECK-DAG: arith.constant dense<[1, 0]>
// CHECK-DAG: arith.constant dense<[0, 2]>
// CHECK: arith.shli %{{.*}}, %{{.*}} : i64
// CHECK: arith.maxsi %{{.*}}, %c-128_i64
func.func @shiftl(%x: tensor<2x2xi32>) -> tensor<2x2xi8> {
  %r = quantc.rescale %x <fixed, half_up> {shifts = array<i32: 7, -2>, input_zp = 0 : i32, output_zp = 3 : i32, min = -128 : i32, max = 127 : i32} : tensor<2x2xi32> -> tensor<2x2xi8>
  return %r : tensor<2x2xi8>
}

// CHECK-LABEL: func.func @shiftl8
// CHECK-NOT: i64
// CHECK: arith.shli %{{.*}}, %c20_i32
func.func @shiftl8(%x: tensor<4xi8>) -> tensor<4xi32> {
  %r = quantc.rescale %x <fixed, half_up> {shifts = array<i32: -20>, input_zp = 3 : i32, output_zp = 0 : i32, min = -2147483648 : i32, max = 2147483647 : i32} : tensor<4xi8> -> tensor<4xi32>
  return %r : tensor<4xi32>
}

// NaN gives the zero point, which is added to integers.
// CHECK-LABEL: func.func @quantize
// CHECK: %[[P:.*]] = arith.mulf %{{.*}}, %cst
// CHECK: %[[NAN:.*]] = arith.cmpf uno, %[[P]], %[[P]]
// CHECK: %[[X:.*]] = arith.select %[[NAN]], %{{.*}}, %[[P]]
// CHECK: arith.cmpf ogt, %[[X]]
// CHECK: arith.cmpf olt
// CHECK-NOT: arith.cmpf
// CHECK: %[[BITS:.*]] = arith.bitcast %{{.*}} : f32 to i32
// CHECK: %[[ZP:.*]] = arith.constant -1262485501 : i32
// CHECK: %[[SUM:.*]] = arith.addi %[[BITS]], %[[ZP]]
// CHECK: arith.trunci %[[SUM]] overflow<nsw> : i32 to i8
func.func @quantize(%x: tensor<4xf32>) -> tensor<4xi8> {
  %r = quantc.quantize %x as !quant.uniform<i8:f32, 0.25:3> : tensor<4xf32> -> tensor<4xi8>
  return %r : tensor<4xi8>
}

// Division by the scale itself, the zero point added before rounding.
// CHECK-LABEL: func.func @divide
// CHECK: %[[D:.*]] = arith.divf %{{.*}}, %cst
// CHECK-NOT: math.roundeven
// CHECK: arith.addf %{{.*}}, %cst_0
// CHECK: arith.bitcast
func.func @divide(%x: tensor<4xf32>) -> tensor<4xi8> {
  %r = quantc.quantize %x as !quant.uniform<i8:f32, 0.25:3> {scaling = #quantc<scaling divide>, zero_point_placement = #quantc<zero_point before_rounding>} : tensor<4xf32> -> tensor<4xi8>
  return %r : tensor<4xi8>
}

// CHECK-LABEL: func.func @dequantize
// CHECK: %[[Q:.*]] = arith.subi %{{.*}}, %c3_i32
// CHECK: %[[F:.*]] = arith.sitofp %[[Q]] : i32 to f32
// CHECK: %[[R:.*]] = arith.mulf %[[F]], %cst
// CHECK: linalg.yield %[[R]]
func.func @dequantize(%x: tensor<4xi8>) -> tensor<4xf32> {
  %r = quantc.dequantize %x as !quant.uniform<i8:f32, 0.25:3> : tensor<4xi8> -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// CHECK-LABEL: func.func @per_axis
// CHECK: linalg.generic {indexing_maps = [#{{.*}}, #[[FIRST:.*]], #[[FIRST]], #{{.*}}]{{.*}} ins(%arg0, %{{.*}}, %{{.*}} : tensor<2x3xi8>, tensor<2xf32>, tensor<2xi32>)
func.func @per_axis(%x: tensor<2x3xi8>) -> tensor<2x3xf32> {
  %r = quantc.dequantize %x as !quant.uniform<i8:f32:0, {0.25:3, 0.5:-1}> : tensor<2x3xi8> -> tensor<2x3xf32>
  return %r : tensor<2x3xf32>
}

// Nothing is left of 32 bits shifted by 40: (x >> 31) + bit 31 is 0, too.
// CHECK-LABEL: func.func @shift_all
// CHECK: %[[SIGN:.*]] = arith.shrsi %[[IN:.*]], %c31_i32
// CHECK: %[[ONE:.*]] = arith.andi %[[SIGN]], %c1_i32
// CHECK: %[[Q:.*]] = arith.shrsi %[[IN]], %c31_i32
// CHECK: arith.addi %[[Q]], %[[ONE]]
func.func @shift_all(%x: tensor<4xi32>) -> tensor<4xi8> {
  %r = quantc.rescale %x <fixed, half_up> {shifts = array<i32: 40>, input_zp = 0 : i32, output_zp = 3 : i32, min = -128 : i32, max = 127 : i32} : tensor<4xi32> -> tensor<4xi8>
  return %r : tensor<4xi8>
}

// 2^k times a byte.
// CHECK-LABEL: func.func @left
// CHECK: %[[Q:.*]] = arith.subi %{{.*}}, %c5_i32
// CHECK-NEXT: %{{.*}} = arith.constant 20 : i32
// CHECK-NEXT: %[[S:.*]] = arith.shli %[[Q]], %c20_i32
// CHECK-NEXT: linalg.yield %[[S]]
func.func @left(%x: tensor<4xi8>) -> tensor<4xi32> {
  %r = quantc.rescale %x <f32, half_even> {multipliers = array<f32: 1048576.0>, input_zp = 5 : i32, output_zp = 0 : i32, min = -2147483648 : i32, max = 2147483647 : i32} : tensor<4xi8> -> tensor<4xi32>
  return %r : tensor<4xi32>
}
