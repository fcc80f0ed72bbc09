/* Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
   SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */

/* The interface that quantc gives an object, of a model with two inputs. */
#include <stdint.h>

#define DOTS_NUM_INPUTS 2
#define DOTS_NUM_OUTPUTS 1
#define DOTS_INPUT_0_BYTES 64
#define DOTS_INPUT_1_BYTES 64
#define DOTS_OUTPUT_0_BYTES 64
#define DOTS_ARENA_BYTES 64
#define DOTS_ARENA_ALIGN 64

typedef struct dots_options dots_options;

/** 16 dot products of four bytes, unsigned by signed. */
int dots_run(const void *const inputs[], void *const outputs[], void *arena,
             const dots_options *options);
