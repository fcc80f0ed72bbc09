// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <stdio.h>

int card_run(const void *const inputs[], void *const outputs[], void *arena,
             const void *options);

/* More than the net needs. */
static _Alignas(64) char arena[4096];

int main(void) {
  signed char x[16], y[4] = {99, 99, 99, 99};
  for (int i = 0; i < 16; ++i)
    x[i] = (signed char)(3 * (i % 4) + 5 * (i / 4) - 40);
  const void *inputs[] = {x}, *missing[] = {0};
  void *outputs[] = {y};
  printf("null %d\n", card_run(missing, outputs, arena, 0));
  printf("misaligned %d\n", card_run(inputs, outputs, arena + 4, 0));
  printf("status %d\n", card_run(inputs, outputs, arena, 0));
  printf("%d %d\n%d %d\n", y[0], y[1], y[2], y[3]);
  return 0;
}
