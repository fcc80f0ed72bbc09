/* Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
   SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */

/* Threads for the parallel_for of a compiled model. */

#ifndef POOL_H
#define POOL_H

#include <stdint.h>

typedef struct Pool Pool;

/* `threads` ≥ 1 counts the caller's. NULL if the system has no more. */
Pool *poolCreate(int threads);
void poolDestroy(Pool *pool);

/* Calls body(data, i) for every i from 0 to count - 1 and returns when all
   calls have; `pool` is a Pool. For one caller at a time. */
void poolParallelFor(void *pool, int64_t count,
                     void (*body)(void *data, int64_t i), void *data);

#endif
