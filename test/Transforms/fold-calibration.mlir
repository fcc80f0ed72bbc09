// The table's "sum" saw [-1, 3] and "x:input" [0, 255].
// RUN: quant-opt %s --quantc-fold-calibration=table=%S/Inputs/fold-calibration.qcal | FileCheck %s
// RUN: quant-opt %s "--quantc-fold-calibration=table=%S/Inputs/fold-calibration.qcal power-of-two" | FileCheck %s --check-prefix=POWER

// Locations and the names of blobs aren't part of what the table belongs to.
// RUN: quant-opt %s --mlir-print-debuginfo | sed 's/constants/renamed/' | quant-opt --quantc-fold-calibration=table=%S/Inputs/fold-calibration.qcal | FileCheck %s

// CHECK-LABEL: func.func @net
// CHECK-NOT: quantc.observe
func.func @net(%x: tensor<1x4xf32> {quantc.name = "x"}) -> (tensor<1x4xf32>, tensor<16x2x2xf32>) {
  // Unsigned parameters move by 128: 0…255 with scale 1 and zero point 0.
  // CHECK: quantc.fake_quant %{{.*}} as !quant.uniform<i8:f32, 1.000000e+00:-128> : tensor<1x4xf32>
  // POWER: quantc.fake_quant %{{.*}} as !quant.uniform<i8:f32, 1.000000e+00:-128> : tensor<1x4xf32>
  %0 = quantc.observe %x "x:input" <kind = minmax, is_signed = false, quant_min = 0, quant_max = 255, qscheme = affine> : tensor<1x4xf32>
  // Constants are observed now: 63.5 / 127, and per channel along axis 1.
  // CHECK: quantc.fake_quant %{{.*}} as !quant.uniform<i8<-127:127>:f32, 5.000000e-01> : tensor<1x4xf32>
  // POWER: quantc.fake_quant %{{.*}} as !quant.uniform<i8<-127:127>:f32, 5.000000e-01> : tensor<1x4xf32>
  %k = "tosa.const"() {values = dense<[[1.0, -2.0, 3.0, 63.5]]> : tensor<1x4xf32>} : () -> tensor<1x4xf32>
  %1 = quantc.observe %k "sum:constant" <kind = minmax, is_signed = true, quant_min = -127, quant_max = 127, qscheme = symmetric> : tensor<1x4xf32>
  %2 = tosa.add %0, %1 : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  // 4 / 255, which lies above 2^-6; the zero point is -128 + 1 / scale.
  // CHECK: quantc.fake_quant %{{.*}} as !quant.uniform<i8:f32, 0.015686275437474251:-64> : tensor<1x4xf32>
  // POWER: quantc.fake_quant %{{.*}} as !quant.uniform<i8:f32, 3.125000e-02:-96> : tensor<1x4xf32>
  %3 = quantc.observe %2 "sum" <kind = minmax, is_signed = true, quant_min = -128, quant_max = 127, qscheme = affine> : tensor<1x4xf32>
  %w = "tosa.const"() {values = dense_resource<constants> : tensor<16x2x2xf32>} : () -> tensor<16x2x2xf32>
  // CHECK: quantc.fake_quant %{{.*}} as !quant.uniform<i8<-127:127>:f32:1, {0.0078740157186985015,0.015748031437397003}> : tensor<16x2x2xf32>
  // POWER: quantc.fake_quant %{{.*}} as !quant.uniform<i8<-127:127>:f32:1, {1.562500e-02,3.125000e-02}> : tensor<16x2x2xf32>
  %4 = quantc.observe %w "head:weight" <kind = per_channel_minmax, is_signed = true, quant_min = -127, quant_max = 127, qscheme = symmetric, axis = 1> : tensor<16x2x2xf32>
  return %3, %4 : tensor<1x4xf32>, tensor<16x2x2xf32>
}
{-#
  dialect_resources: {
    builtin: {
      constants: "0x040000000000803F000000BF00000040000080BF0000803F000000BF00000040000080BF0000803F000000BF00000040000080BF0000803F000000BF00000040000080BF0000803F000000BF00000040000080BF0000803F000000BF00000040000080BF0000803F000000BF00000040000080BF0000803F000000BF00000040000080BF0000803F000000BF00000040000080BF0000803F000000BF00000040000080BF0000803F000000BF00000040000080BF0000803F000000BF00000040000080BF0000803F000000BF00000040000080BF0000803F000000BF00000040000080BF0000803F000000BF00000040000080BF0000803F000000BF00000040000080BF"
    }
  }
#-}
