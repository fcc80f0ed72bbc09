/* Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
   SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */

/* Runs go on at the same time, each with an arena of its own: two threads, many
   times over different samples, write what one alone writes. Compiled with
   -include of the object's header, -DNAME and -DPREFIX; samples, raw, from
   standard input. */

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PASTE(A, B) A##B
#define JOIN(A, B) PASTE(A, B)
#define OF(SUFFIX) JOIN(PREFIX, SUFFIX)
#define RUN JOIN(NAME, _run)

enum { Samples = 8, Rounds = 200, Threads = 2 };

struct Output {
  _Alignas(16) char bytes[OF(_OUTPUT_0_BYTES)];
};

static struct Input {
  _Alignas(16) char bytes[OF(_INPUT_0_BYTES)];
} inputs[Samples];
static struct Output expected[Samples];

static struct Arena {
  _Alignas(OF(_ARENA_ALIGN)) char bytes[OF(_ARENA_BYTES)];
} arenas[Threads];

static int runOnce(int sample, struct Arena *arena, struct Output *output) {
  const void *in[] = {inputs[sample].bytes};
  void *out[] = {output->bytes};
  return RUN(in, out, arena, NULL);
}

/* Returns the number of runs that failed or differ. */
static void *work(void *arena) {
  size_t wrong = 0;
  for (int i = 0; i < Rounds; ++i) {
    /* The threads go through the samples in different orders. */
    int sample =
        (int)((i * (1 + 2 * ((struct Arena *)arena - arenas))) % Samples);
    struct Output output;
    wrong += runOnce(sample, arena, &output) ||
             memcmp(&output, &expected[sample], sizeof output);
  }
  return (void *)wrong;
}

int main(void) {
  pthread_t threads[Threads];
  size_t wrong = 0;
  for (int i = 0; i < Samples; ++i)
    if (fread(inputs[i].bytes, 1, sizeof inputs[i].bytes, stdin) !=
            sizeof inputs[i].bytes ||
        runOnce(i, arenas, &expected[i]))
      return fputs("no samples, or a run that failed\n", stderr), 2;
  if (!memcmp(expected, expected + 1, sizeof *expected))
    return fputs("two samples have the same outputs\n", stderr), 2;
  for (int i = 0; i < Threads; ++i)
    if (pthread_create(threads + i, NULL, work, arenas + i))
      return fputs("no threads\n", stderr), 2;
  for (int i = 0; i < Threads; ++i) {
    void *result;
    pthread_join(threads[i], &result);
    wrong += (size_t)result;
  }
  printf("%d runs in %d threads, %zu differ\n", Threads * Rounds, Threads,
         wrong);
  return wrong != 0;
}
