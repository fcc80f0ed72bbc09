/* Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
   SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */

/* Runs an object of quantc's over samples and writes its outputs as raw bytes,
   both under run-emulated (samples by --data) and as an ordinary program
   (samples on standard input), so that `cmp` can tell whether they agree:

     clang-22 -DNAME=m -DPREFIX=M -include m.h run-object.c avx2.o
     run-emulated --cflags="-DNAME=m -DPREFIX=M -include m.h" run-object.c
   vnni.o

   A sample is its inputs one after the other; the header of a .npy file before
   the first is skipped. -DSAMPLES=n stops after n. Exits with what the object
   returned, or with 2 if the data are no whole number of samples. */

#include <stdint.h>

#if __STDC_HOSTED__
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define puts(text) fputs(text "\n", stderr)

static const void *inputData(size_t *bytes) {
  char *data = NULL;
  size_t capacity = 0, got;
  *bytes = 0;
  do {
    if (*bytes == capacity)
      data = realloc(data, capacity = 2 * capacity + 4096);
    got = data ? fread(data + *bytes, 1, capacity - *bytes, stdin) : 0;
    *bytes += got;
  } while (got);
  return data;
}

static void writeBytes(const void *from, size_t bytes) {
  fwrite(from, 1, bytes, stdout);
}
#else
#include "rt.h"
#endif

#ifndef SAMPLES
#define SAMPLES SIZE_MAX
#endif

#define PASTE(A, B) A##B
#define JOIN(A, B) PASTE(A, B)
#define OF(SUFFIX) JOIN(PREFIX, SUFFIX)
#define RUN JOIN(NAME, _run)

#define TENSOR(KIND, I)                                                        \
  {OF(_##KIND##_##I##_BYTES), (char[OF(_##KIND##_##I##_BYTES)]){0}}

struct Tensor {
  size_t Bytes;
  void *At;
};

static const struct Tensor Inputs[] = {
    TENSOR(INPUT, 0),
#if OF(_NUM_INPUTS) > 1
    TENSOR(INPUT, 1),
#endif
#if OF(_NUM_INPUTS) > 2
    TENSOR(INPUT, 2),
#endif
#if OF(_NUM_INPUTS) > 3
    TENSOR(INPUT, 3),
#endif
};

static const struct Tensor Outputs[] = {
    TENSOR(OUTPUT, 0),
#if OF(_NUM_OUTPUTS) > 1
    TENSOR(OUTPUT, 1),
#endif
#if OF(_NUM_OUTPUTS) > 2
    TENSOR(OUTPUT, 2),
#endif
#if OF(_NUM_OUTPUTS) > 3
    TENSOR(OUTPUT, 3),
#endif
};

enum {
  NumInputs = sizeof Inputs / sizeof *Inputs,
  NumOutputs = sizeof Outputs / sizeof *Outputs
};
_Static_assert(NumInputs == OF(_NUM_INPUTS) && NumOutputs == OF(_NUM_OUTPUTS),
               "at most four inputs and four outputs");

static _Alignas(OF(_ARENA_ALIGN)) char Arena[OF(_ARENA_BYTES) + 1];

int main(void) {
  size_t left, sampleBytes = 0;
  const unsigned char *data = inputData(&left);
  if (left > 10 && !memcmp(data, "\x93NUMPY", 6)) {
    size_t header = 10 + data[8] + 256u * data[9];
    if (data[6] > 1)
      header += 2 + 65536u * data[10] + 16777216u * data[11];
    if (header > left)
      return puts("the .npy header is cut off"), 2;
    data += header;
    left -= header;
  }

  const void *inputs[NumInputs];
  void *outputs[NumOutputs];
  for (int i = 0; i < NumInputs; ++i) {
    inputs[i] = Inputs[i].At;
    sampleBytes += Inputs[i].Bytes;
  }
  for (int i = 0; i < NumOutputs; ++i)
    outputs[i] = Outputs[i].At;
  if (!left || left % sampleBytes)
    return puts("the data are no whole number of samples"), 2;

  for (size_t done = 0; left && done < SAMPLES; ++done, left -= sampleBytes) {
    for (int i = 0; i < NumInputs; data += Inputs[i++].Bytes)
      memcpy(Inputs[i].At, data, Inputs[i].Bytes);
    /* What an earlier sample left in the arena must not matter. */
    memset(Arena, (int)done, sizeof Arena);
    int status = RUN(inputs, outputs, Arena, NULL);
    if (status)
      return status;
    for (int i = 0; i < NumOutputs; ++i)
      writeBytes(Outputs[i].At, Outputs[i].Bytes);
  }
  return 0;
}
