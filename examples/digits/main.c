/* Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
   SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */

/* The digits network in a C program, compiled twice by quantc: in float and in
   int8. Runs both over the test images and compares them.

     digits test_images.npy test_labels.npy digits_float.o digits_int8.o

   The objects are linked in; their paths are given for their sizes only. Exits
   with 1 if int8 is more than one point less accurate than float. */

#define _POSIX_C_SOURCE 199309L /* clock_gettime */

#include "digits_float.h"
#include "digits_int8.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { Pixels = 8 * 8, Classes = 10, Passes = 20 };

#if DIGITS_FLOAT_INPUT_0_BYTES != 256 || DIGITS_INT8_INPUT_0_BYTES != 256 ||   \
    DIGITS_FLOAT_OUTPUT_0_BYTES != 40 || DIGITS_INT8_OUTPUT_0_BYTES != 40
#error "compile the models with a batch of 1 and float inputs and outputs"
#endif

static void fail(const char *file, const char *what) {
  fprintf(stderr, "%s: %s\n", file, what);
  exit(2);
}

static void *allocate(size_t bytes) {
  void *memory = malloc(bytes);
  if (!memory)
    fail("digits", "out of memory");
  return memory;
}

/* Reads a .npy file of elements `type` (numpy's notation) and `elementBytes`,
   in C order, versions 1 to 3. The first dimension goes to `*rows`, which must
   have `rowElements` elements each. The caller frees the result. */
static void *readNpy(const char *file, const char *type, size_t elementBytes,
                     size_t rowElements, size_t *rows) {
  FILE *stream = fopen(file, "rb");
  unsigned char start[12];
  if (!stream)
    fail(file, "cannot be opened");
  if (fread(start, 1, 10, stream) != 10 || memcmp(start, "\x93NUMPY", 6) != 0)
    fail(file, "is not a .npy file");
  size_t headerBytes = start[8] + 256u * start[9];
  if (start[6] > 1) { /* two more bytes of length */
    if (fread(start + 10, 1, 2, stream) != 2)
      fail(file, "is cut off");
    headerBytes += 65536u * start[10] + 16777216u * start[11];
  }
  char *header = allocate(headerBytes + 1);
  if (fread(header, 1, headerBytes, stream) != headerBytes)
    fail(file, "is cut off");
  header[headerBytes] = '\0';
  const char *shape = strstr(header, "'shape': (");
  if (!strstr(header, type) || !strstr(header, "'fortran_order': False") ||
      !shape)
    fail(file, "has another element type or order than expected");

  size_t row = 1;
  char *end;
  *rows = strtoul(shape + strlen("'shape': ("), &end, 10);
  while (*end == ',' && end[1] == ' ') {
    const char *next = end + 2;
    row *= strtoul(next, &end, 10);
  }
  if (row != rowElements || *rows == 0 || *rows > 1000000)
    fail(file, "has another shape than expected");

  void *data = allocate(*rows * row * elementBytes);
  if (fread(data, elementBytes, *rows * row, stream) != *rows * row)
    fail(file, "is cut off");
  fclose(stream);
  free(header);
  return data;
}

static long fileBytes(const char *file) {
  FILE *stream = fopen(file, "rb");
  if (!stream || fseek(stream, 0, SEEK_END) != 0)
    fail(file, "cannot be read");
  long bytes = ftell(stream);
  fclose(stream);
  return bytes;
}

/* One of the two compiled networks, and what is measured of it. */
typedef struct {
  const char *name;
  int (*run)(const float *image, float *logits, void *arena);
  size_t arenaBytes, arenaAlign;
  int *predicted; /* the class of each sample */
  double top1;    /* percent */
  double latency; /* median, µs */
} Network;

static int runFloat(const float *image, float *logits, void *arena) {
  const void *inputs[] = {image};
  void *outputs[] = {logits};
  return digits_float_run(inputs, outputs, arena, NULL);
}

static int runInt8(const float *image, float *logits, void *arena) {
  const void *inputs[] = {image};
  void *outputs[] = {logits};
  return digits_int8_run(inputs, outputs, arena, NULL);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e6 + (double)time.tv_nsec * 1e-3;
}

static int compareDoubles(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void measure(Network *network, const float *images,
                    const int64_t *labels, size_t samples) {
  char *memory = allocate(network->arenaBytes + network->arenaAlign);
  void *arena =
      memory + network->arenaAlign - (uintptr_t)memory % network->arenaAlign;
  double *times = allocate(Passes * samples * sizeof *times);
  size_t right = 0;
  network->predicted = allocate(samples * sizeof *network->predicted);
  for (size_t i = 0; i < Passes * samples; ++i) {
    float logits[Classes];
    size_t sample = i % samples;
    double start = now();
    int status = network->run(images + sample * Pixels, logits, arena);
    times[i] = now() - start;
    if (status != 0) {
      fprintf(stderr, "%s: returned %d\n", network->name, status);
      exit(2);
    }
    int best = 0;
    for (int k = 1; k < Classes; ++k)
      if (logits[k] > logits[best])
        best = k;
    network->predicted[sample] = best;
    right += i < samples && best == labels[sample];
  }
  qsort(times, Passes * samples, sizeof *times, compareDoubles);
  network->latency = times[Passes * samples / 2];
  network->top1 = 100.0 * (double)right / (double)samples;
  free(times);
  free(memory);
}

int main(int argc, char **argv) {
  if (argc != 5) {
    fprintf(stderr,
            "usage: %s test_images.npy test_labels.npy FLOAT.o INT8.o\n",
            argv[0]);
    return 2;
  }
  size_t samples, numLabels, agreeing = 0;
  float *images = readNpy(argv[1], "'<f4'", sizeof(float), Pixels, &samples);
  int64_t *labels = readNpy(argv[2], "'<i8'", sizeof(int64_t), 1, &numLabels);
  if (numLabels != samples)
    fail(argv[2], "has not one label for each image");

  Network networks[] = {
      {"float", runFloat, DIGITS_FLOAT_ARENA_BYTES, DIGITS_FLOAT_ARENA_ALIGN,
       NULL, 0, 0},
      {"int8", runInt8, DIGITS_INT8_ARENA_BYTES, DIGITS_INT8_ARENA_ALIGN, NULL,
       0, 0},
  };
  printf("%-6s %9s %12s %13s %12s\n", "", "top-1", "latency", "object bytes",
         "arena bytes");
  for (int i = 0; i < 2; ++i) {
    measure(&networks[i], images, labels, samples);
    printf("%-6s %7.2f %% %9.2f us %13ld %12lu\n", networks[i].name,
           networks[i].top1, networks[i].latency, fileBytes(argv[3 + i]),
           (unsigned long)networks[i].arenaBytes);
  }
  for (size_t i = 0; i < samples; ++i)
    agreeing += networks[0].predicted[i] == networks[1].predicted[i];
  printf("%lu test images, the same class from both for %.2f %%\n",
         (unsigned long)samples, 100.0 * (double)agreeing / (double)samples);

  int good = networks[1].top1 >= networks[0].top1 - 1.0;
  if (!good)
    fprintf(stderr, "int8 is more than one point less accurate than float\n");
  for (int i = 0; i < 2; ++i)
    free(networks[i].predicted);
  free(images);
  free(labels);
  return !good;
}
