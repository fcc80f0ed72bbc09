// RUN: quant-opt %s | quant-opt | FileCheck %s

// Every kind of observer; defaults aren't printed.
// CHECK-LABEL: module @observers
module @observers attributes {
  // CHECK-DAG: quantc.a = #quantc.observer<kind = minmax, is_signed = true, quant_min = -128, quant_max = 127, qscheme = affine>
  quantc.a = #quantc.observer<kind = minmax, is_signed = true, quant_min = -128, quant_max = 127, qscheme = affine, bins = 2048, averaging_constant = 0.01>,
  // CHECK-DAG: quantc.b = #quantc.observer<kind = moving_average_minmax, is_signed = false, quant_min = 0, quant_max = 255, qscheme = symmetric, reduce_range = true, averaging_constant = 5.000000e-02>
  quantc.b = #quantc.observer<kind = moving_average_minmax, is_signed = false, quant_min = 0, quant_max = 255, qscheme = symmetric, reduce_range = true, averaging_constant = 0.05>,
  // CHECK-DAG: quantc.c = #quantc.observer<kind = per_channel_minmax, is_signed = true, quant_min = -127, quant_max = 127, qscheme = symmetric, axis = 3>
  quantc.c = #quantc.observer<kind = per_channel_minmax, is_signed = true, quant_min = -127, quant_max = 127, qscheme = symmetric, axis = 3>,
  // CHECK-DAG: quantc.d = #quantc.observer<kind = moving_average_per_channel_minmax, is_signed = true, quant_min = -127, quant_max = 127, qscheme = symmetric>
  quantc.d = #quantc.observer<kind = moving_average_per_channel_minmax, is_signed = true, quant_min = -127, quant_max = 127, qscheme = symmetric>,
  // CHECK-DAG: quantc.e = #quantc.observer<kind = histogram, is_signed = true, quant_min = -128, quant_max = 127, qscheme = affine, bins = 512>
  quantc.e = #quantc.observer<kind = histogram, is_signed = true, quant_min = -128, quant_max = 127, qscheme = affine, bins = 512>
} {}

// CHECK-LABEL: module @roundings
module @roundings attributes {
  // CHECK-DAG: quantc.a = #quantc.rounding<f32, half_even>
  quantc.a = #quantc.rounding<f32, half_even>,
  // CHECK-DAG: quantc.b = #quantc.rounding<f64, half_away>
  quantc.b = #quantc.rounding<f64, half_away>,
  // CHECK-DAG: quantc.c = #quantc.rounding<fixed, half_up>
  quantc.c = #quantc.rounding<fixed, half_up>,
  // CHECK-DAG: quantc.d = #quantc.rounding<fixed, double_round>
  quantc.d = #quantc.rounding<fixed, double_round>,
  // CHECK-DAG: quantc.e = #quantc<scaling divide>
  quantc.e = #quantc<scaling divide>,
  // CHECK-DAG: quantc.f = #quantc<scaling reciprocal>
  quantc.f = #quantc<scaling reciprocal>,
  // CHECK-DAG: quantc.g = #quantc<zero_point before_rounding>
  quantc.g = #quantc<zero_point before_rounding>,
  // CHECK-DAG: quantc.h = #quantc<zero_point after_rounding>
  quantc.h = #quantc<zero_point after_rounding>
} {}
