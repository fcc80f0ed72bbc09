// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Loops that do nothing but the arithmetic of a kernel, to know what a core can
// give: multiply-adds of f32, and exact multiply-adds of int8 by the form that
// quantc selects on this machine.

#ifndef QUANTC_BENCHMARKS_KERNELS_PEAKS_H
#define QUANTC_BENCHMARKS_KERNELS_PEAKS_H

#include <cstdint>

struct Peak {
  const char *instructions;
  /// Runs `steps` steps of independent multiply-adds in registers.
  void (*run)(int64_t steps);
  int64_t macsPerStep;
};

/// The loop of float, or that of int8, for the processor this runs on.
Peak selectPeak(bool integer);

#endif // QUANTC_BENCHMARKS_KERNELS_PEAKS_H
