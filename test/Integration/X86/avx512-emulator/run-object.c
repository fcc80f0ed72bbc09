/* Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
   SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */

/* Runs an object of quantc's over samples and writes its outputs as raw bytes,
   both under run-emulated (samples by --data) and as an ordinary program
   (samples on standard input), so that `cmp` can tell whether they agree:

     clang-22 -DNAME=m -DPREFIX=M -include m.h run-object.c avx2.o
     run-emulated --cflags="-DNAME=m -DPREFIX=M -include m.h" run-object.c
   vnni.o

   A sample is its inputs one after the other; the header of a .npy file before
   the first is skipped. -DSAMPLES=n stops after n; -DDIVIDED cuts the kernels
   of sample after sample into other numbers of parts, done in backward order.
   Exits with what the object returned, with 2 if the data are no whole number
   of samples, with 4 if the object wrote behind an output or its arena, or with
   5 if another variant of a fat object than the one of -DVARIANT=name runs. */

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

/* The header says how many bytes each tensor has; a test without a header
   defines INPUTS and OUTPUTS itself, as lists of any length. */
#ifndef INPUTS
#define BYTES(KIND, I) OF(_##KIND##_##I##_BYTES)
#if OF(_NUM_INPUTS) > 4 || OF(_NUM_OUTPUTS) > 4
#error "more than four inputs or outputs: define INPUTS and OUTPUTS"
#endif
#if OF(_NUM_INPUTS) == 1
#define INPUTS(T) T(BYTES(INPUT, 0))
#elif OF(_NUM_INPUTS) == 2
#define INPUTS(T) T(BYTES(INPUT, 0)) T(BYTES(INPUT, 1))
#elif OF(_NUM_INPUTS) == 3
#define INPUTS(T) T(BYTES(INPUT, 0)) T(BYTES(INPUT, 1)) T(BYTES(INPUT, 2))
#else
#define INPUTS(T)                                                              \
  T(BYTES(INPUT, 0))                                                           \
  T(BYTES(INPUT, 1)) T(BYTES(INPUT, 2)) T(BYTES(INPUT, 3))
#endif
#if OF(_NUM_OUTPUTS) == 1
#define OUTPUTS(T) T(BYTES(OUTPUT, 0))
#elif OF(_NUM_OUTPUTS) == 2
#define OUTPUTS(T) T(BYTES(OUTPUT, 0)) T(BYTES(OUTPUT, 1))
#elif OF(_NUM_OUTPUTS) == 3
#define OUTPUTS(T) T(BYTES(OUTPUT, 0)) T(BYTES(OUTPUT, 1)) T(BYTES(OUTPUT, 2))
#else
#define OUTPUTS(T)                                                             \
  T(BYTES(OUTPUT, 0))                                                          \
  T(BYTES(OUTPUT, 1)) T(BYTES(OUTPUT, 2)) T(BYTES(OUTPUT, 3))
#endif
#endif

struct Tensor {
  size_t Bytes;
  void *At;
};

/* Aligned as any element is, and no better; behind it, what must stay. */
enum { GuardBytes = 64, GuardValue = 0xa5 };
#define TENSOR(BYTES) {BYTES, (uint64_t[((BYTES) + GuardBytes + 7) / 8]){0}},
static const struct Tensor Inputs[] = {INPUTS(TENSOR)};
static const struct Tensor Outputs[] = {OUTPUTS(TENSOR)};

enum {
  NumInputs = sizeof Inputs / sizeof *Inputs,
  NumOutputs = sizeof Outputs / sizeof *Outputs
};

static _Alignas(OF(_ARENA_ALIGN)) char Arena[OF(_ARENA_BYTES) + GuardBytes];

static void guard(void *end) { memset(end, GuardValue, GuardBytes); }

static int isIntact(const void *end) {
  for (int i = 0; i < GuardBytes; ++i)
    if (((const unsigned char *)end)[i] != GuardValue)
      return 0;
  return 1;
}

#ifdef DIVIDED
static void backward(void *context, int64_t count,
                     void (*body)(void *data, int64_t i), void *data) {
  (void)context;
  while (count-- > 0)
    body(data, count);
}

struct Options {
  void (*parallelFor)(void *context, int64_t count,
                      void (*body)(void *data, int64_t i), void *data);
  void *context;
  int64_t threads;
};
static const int Parts[] = {2, 3, 7, 64, 1};
#define OPTIONS(SAMPLE)                                                        \
  (const void *)&(struct Options) {                                            \
    backward, NULL, Parts[(SAMPLE) % (sizeof Parts / sizeof *Parts)]           \
  }
#else
#define OPTIONS(SAMPLE) NULL
#endif

#ifdef VARIANT
#define TEXT(WORDS) #WORDS
#define TEXT_OF(MACRO) TEXT(MACRO)
static int runsVariant(void) {
  static const char wanted[] = TEXT_OF(VARIANT);
  const char *actual = JOIN(NAME, _variant)();
  return actual && !memcmp(actual, wanted, sizeof wanted);
}
#else
static int runsVariant(void) { return 1; }
#endif

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

  if (!runsVariant())
    return puts("another variant runs"), 5;

  const void *inputs[NumInputs];
  void *outputs[NumOutputs];
  for (int i = 0; i < NumInputs; ++i) {
    inputs[i] = Inputs[i].At;
    sampleBytes += Inputs[i].Bytes;
  }
  for (int i = 0; i < NumOutputs; ++i) {
    outputs[i] = Outputs[i].At;
    guard((char *)Outputs[i].At + Outputs[i].Bytes);
  }
  guard(Arena + OF(_ARENA_BYTES));
  if (!left || left % sampleBytes)
    return puts("the data are no whole number of samples"), 2;

  for (size_t done = 0; left && done < SAMPLES; ++done, left -= sampleBytes) {
    for (int i = 0; i < NumInputs; data += Inputs[i++].Bytes)
      memcpy(Inputs[i].At, data, Inputs[i].Bytes);
    /* What an earlier sample left in the arena must not matter. */
    memset(Arena, (int)done, OF(_ARENA_BYTES));
    int status = RUN(inputs, outputs, Arena, OPTIONS(done));
    if (status)
      return status;
    if (!isIntact(Arena + OF(_ARENA_BYTES)))
      return puts("wrote behind the arena"), 4;
    for (int i = 0; i < NumOutputs; ++i) {
      if (!isIntact((char *)Outputs[i].At + Outputs[i].Bytes))
        return puts("wrote behind an output"), 4;
      writeBytes(Outputs[i].At, Outputs[i].Bytes);
    }
  }
  return 0;
}
