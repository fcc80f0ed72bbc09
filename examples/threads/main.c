/* Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
   SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */

/* Runs the digits network, compiled for a batch of images, on one thread and on
   several, and compares results and times.

     threads [N]

   N (2) is the number of threads. Exits with 1 if a result differs. */

#define _POSIX_C_SOURCE 199309L /* clock_gettime */

#include "digits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifdef _OPENMP
#define KIND "OpenMP"
#else
#include "pool.h"
#define KIND "a pool"
#endif

enum { Runs = 200 };

static float images[DIGITS_INPUT_0_ELEMENTS];
static float expected[DIGITS_OUTPUT_0_ELEMENTS];
static float logits[DIGITS_OUTPUT_0_ELEMENTS];
static char memory[DIGITS_ARENA_BYTES + DIGITS_ARENA_ALIGN];

static int runOnce(const digits_options *options, float *output) {
  const void *inputs[] = {images};
  void *outputs[] = {output};
  char *arena =
      memory + DIGITS_ARENA_ALIGN - (uintptr_t)memory % DIGITS_ARENA_ALIGN;
  return digits_run(inputs, outputs, arena, options);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e6 + (double)time.tv_nsec * 1e-3;
}

/* The shortest of many runs, µs; counts those that differ. */
static double measure(const digits_options *options, int *wrong) {
  double best = 1e30;
  for (int i = 0; i < Runs; ++i) {
    memset(logits, 0xff, sizeof logits);
    double start = now();
    int status = runOnce(options, logits);
    double time = now() - start;
    best = time < best ? time : best;
    *wrong += status || memcmp(logits, expected, sizeof expected);
  }
  return best;
}

int main(int argc, char **argv) {
  int threads = argc > 1 ? atoi(argv[1]) : 2, wrong = 0;
  digits_options options = {NULL, NULL, threads};
  if (threads < 1 || threads > 1024)
    return fputs("usage: threads [N], N from 1 to 1024\n", stderr), 2;
#ifdef _OPENMP
  options.parallel_for = digits_openmp_parallel_for;
#else
  Pool *pool = poolCreate(threads);
  if (!pool)
    return fputs("the system has no more threads\n", stderr), 2;
  options.parallel_for = poolParallelFor;
  options.context = pool;
#endif
  srand(1);
  for (int i = 0; i < DIGITS_INPUT_0_ELEMENTS; ++i)
    images[i] = (float)(rand() % 17) / 16;
  if (runOnce(NULL, expected))
    return fputs("digits_run failed\n", stderr), 2;
  printf("alone: %.1f us\n", measure(NULL, &wrong));
  printf("%d threads of " KIND ": %.1f us\n", threads,
         measure(&options, &wrong));
  printf("%d of %d results differ\n", wrong, 2 * Runs);
#ifndef _OPENMP
  poolDestroy(pool);
#endif
  return wrong != 0;
}
