// Powers of two by their error (Semantics S7).
// RUN: quant-opt %s --quantc-fold-calibration=table=%S/Inputs/fold-calibration-power-of-two.qcal | FileCheck %s
// RUN: quant-opt %s "--quantc-fold-calibration=table=%S/Inputs/fold-calibration-power-of-two.qcal power-of-two" | FileCheck %s --check-prefix=POWER

// CHECK-LABEL: func.func @net
// POWER-LABEL: func.func @net
func.func @net(%x: tensor<1x4xf32> {quantc.name = "x"}) -> (tensor<1x4xf32>, tensor<1x4xf32>, tensor<2x8xf32>) {
  // Histograms over [0, 4.3], of whose 16 bins the last isn't to be reached. At
  // 2^-6 it is clipped, at 2^-5 it is not: one value in 136 isn't worth it, one in
  // 1,081 is.
  // CHECK: quantc.fake_quant %{{.*}} as !quant.uniform<i8:f32, 0.015808824449777603:-128>
  // CHECK: quantc.fake_quant %{{.*}} as !quant.uniform<i8:f32, 0.015808824449777603:-128>
  // POWER: quantc.fake_quant %{{.*}} as !quant.uniform<i8:f32, 3.125000e-02:-128>
  // POWER: quantc.fake_quant %{{.*}} as !quant.uniform<i8:f32, 1.562500e-02:-128>
  %0 = quantc.observe %x "one in 136" <kind = histogram, is_signed = true, quant_min = -128, quant_max = 127, qscheme = affine, bins = 16> : tensor<1x4xf32>
  %1 = quantc.observe %x "one in 1,081" <kind = histogram, is_signed = true, quant_min = -128, quant_max = 127, qscheme = affine, bins = 16> : tensor<1x4xf32>
  // 1.01 / 127 lies above 2^-7. The first channel has it in all its values; in the
  // second it is clipped to 127 · 2^-7, for the sake of the others.
  // CHECK: quantc.fake_quant %{{.*}} as !quant.uniform<i8<-127:127>:f32:0, {0.0079527562484145164,0.0079527562484145164}> : tensor<2x8xf32>
  // POWER: quantc.fake_quant %{{.*}} as !quant.uniform<i8<-127:127>:f32:0, {1.562500e-02,7.812500e-03}> : tensor<2x8xf32>
  %w = "tosa.const"() {values = dense<[[1.01, 1.01, 1.01, 1.01, -1.01, -1.01, 1.01, 1.01], [1.01, 0.0073, 0.0402, 0.0557, -0.0236, 0.0081, -0.0242, 0.0071]]> : tensor<2x8xf32>} : () -> tensor<2x8xf32>
  %2 = quantc.observe %w "w:weight" <kind = per_channel_minmax, is_signed = true, quant_min = -127, quant_max = 127, qscheme = symmetric, axis = 0> : tensor<2x8xf32>
  return %0, %1, %2 : tensor<1x4xf32>, tensor<1x4xf32>, tensor<2x8xf32>
}
