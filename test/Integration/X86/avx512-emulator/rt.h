/* Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
   SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */

/** \file
 * What a program under `run-emulated` has in place of a C library. `main` takes
 * no arguments and returns the exit status; a CPU exception prints its vector
 * and address and ends the program with status 128 + vector. */

#ifndef QUANTC_TEST_AVX512_EMULATOR_RT_H
#define QUANTC_TEST_AVX512_EMULATOR_RT_H

#include <stddef.h>
#include <stdint.h>

void *memcpy(void *restrict to, const void *restrict from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);

int putchar(int c);
/** Prints the text and a newline. */
int puts(const char *text);
/** Prints the text alone. */
void print(const char *text);
/** Prints `value` in hexadecimal, at least `digits` (1 to 16) long. */
void printHex(uint64_t value, int digits);
/** Writes bytes as they are, many at once. They come before all text. */
void writeBytes(const void *from, size_t bytes);
_Noreturn void exit(int status);

/** The bytes of `run-emulated --data`, aligned to 4096; null and 0 without. */
const void *inputData(size_t *bytes);

#endif
