/* Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
   SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */

#include "dots.h"

#ifdef __AVX512VNNI__
#include <immintrin.h>
#endif

int dots_run(const void *const inputs[], void *const outputs[], void *arena,
             const dots_options *options) {
  (void)options;
  int32_t *sums = arena;
#ifdef __AVX512VNNI__
  _mm512_store_si512(sums, _mm512_dpbusd_epi32(_mm512_setzero_si512(),
                                               _mm512_loadu_si512(inputs[0]),
                                               _mm512_loadu_si512(inputs[1])));
#else
  const uint8_t *x = inputs[0];
  const int8_t *y = inputs[1];
  for (int i = 0; i < 16; ++i) {
    sums[i] = 0;
    for (int k = 0; k < 4; ++k)
      sums[i] += x[4 * i + k] * y[4 * i + k];
  }
#endif
  for (int i = 0; i < 16; ++i)
    ((int32_t *)outputs[0])[i] = sums[i];
  return 0;
}
