/* Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
   SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */

/* What the tests with AVX-512 objects rest on: that the emulated CPU has the
   extensions quantc compiles for, and that each instruction class its kernels
   use computes what scalar code does, bit for bit. */

#include "rt.h"

#include <immintrin.h>

enum { Lanes = 16, Rounds = 2000 };

static uint32_t state = 1;

static uint32_t next(void) {
  state ^= state << 13;
  state ^= state >> 17;
  return state ^= state << 5;
}

static int32_t asInt(float x) {
  int32_t i;
  memcpy(&i, &x, sizeof i);
  return i;
}

static float asFloat(uint32_t i) {
  float x;
  memcpy(&x, &i, sizeof x);
  return x;
}

static int isNan(float x) { return x != x; }

static int failures;

static void expect(int good, const char *what) {
  if (good)
    return;
  ++failures;
  print("FAILED: ");
  puts(what);
}

static void testCpuid(void) {
  static const struct {
    int Register, Bit; /* of leaf 7: ebx 0, ecx 1 */
    const char *Name;
  } features[] = {{0, 5, "avx2"},       {0, 16, "avx512f"},
                  {0, 17, "avx512dq"},  {0, 28, "avx512cd"},
                  {0, 30, "avx512bw"},  {0, 31, "avx512vl"},
                  {1, 11, "avx512vnni"}};
  uint32_t a = 7, b, c = 0, d;
  __asm__("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
  for (size_t i = 0; i < sizeof features / sizeof *features; ++i)
    if ((features[i].Register ? c : b) >> features[i].Bit & 1) {
      print("cpu has ");
      puts(features[i].Name);
    }
}

/* The vector code by itself, so that what it is compared with stays scalar. */
#define VECTOR                                                                 \
  __attribute__((                                                              \
      noinline,                                                                \
      target(                                                                  \
          "fma,avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"))) static void

VECTOR dot512(int32_t *result, const int32_t *c, const void *u, const void *s) {
  _mm512_storeu_si512(result, _mm512_dpbusd_epi32(_mm512_loadu_si512(c),
                                                  _mm512_loadu_si512(u),
                                                  _mm512_loadu_si512(s)));
}

VECTOR dot256(int32_t *result, const int32_t *c, const void *u, const void *s) {
  _mm256_storeu_si256((__m256i *)result,
                      _mm256_dpbusd_epi32(_mm256_loadu_epi32(c),
                                          _mm256_loadu_epi32(u),
                                          _mm256_loadu_epi32(s)));
}

VECTOR dotWords(int32_t *result, const int32_t *c, const void *x,
                const void *y) {
  _mm512_storeu_si512(result, _mm512_dpwssd_epi32(_mm512_loadu_si512(c),
                                                  _mm512_loadu_si512(x),
                                                  _mm512_loadu_si512(y)));
}

VECTOR integers(int32_t *product, int8_t *narrow, uint16_t *less,
                const int32_t *x, const int32_t *y) {
  __m512i a = _mm512_loadu_si512(x), b = _mm512_loadu_si512(y);
  _mm512_storeu_si512(product, _mm512_mullo_epi32(a, b));
  _mm_storeu_si128((__m128i *)narrow, _mm512_cvtsepi32_epi8(a));
  *less = _mm512_cmplt_epi32_mask(a, b);
}

VECTOR floats(float *fused, int32_t *rounded, const float *x, const float *y,
              const float *z) {
  __m512 a = _mm512_loadu_ps(x), b = _mm512_loadu_ps(y), c = _mm512_loadu_ps(z);
  _mm512_storeu_ps(fused, _mm512_fmadd_ps(a, b, c));
  _mm512_storeu_si512(rounded, _mm512_cvtps_epi32(a));
}

static void testDot(void) {
  uint8_t u[64];
  int8_t s[64];
  int32_t accumulator[Lanes], full[Lanes], half[8], words[Lanes];
  for (int round = 0; round < Rounds; ++round) {
    int extreme = round & 1;
    for (int i = 0; i < 64; ++i) {
      u[i] = (uint8_t)(extreme ? (next() & 1 ? 255 : 0) : next());
      s[i] = (int8_t)(extreme ? (next() & 1 ? 127 : -128) : next());
    }
    for (int i = 0; i < Lanes; ++i)
      accumulator[i] = (int32_t)next() / 2;
    dot512(full, accumulator, u, s);
    dot256(half, accumulator, u, s);
    dotWords(words, accumulator, u, s);
    for (int i = 0; i < Lanes; ++i) {
      int32_t sum = accumulator[i];
      for (int k = 0; k < 4; ++k)
        sum += u[4 * i + k] * s[4 * i + k];
      expect(full[i] == sum, "vpdpbusd zmm");
      expect(i >= 8 || half[i] == sum, "vpdpbusd ymm");

      int16_t x[2], y[2];
      memcpy(x, u + 4 * i, 4);
      memcpy(y, s + 4 * i, 4);
      uint32_t wide = (uint32_t)accumulator[i] + (uint32_t)(x[0] * y[0]) +
                      (uint32_t)(x[1] * y[1]);
      expect((uint32_t)words[i] == wide, "vpdpwssd zmm");
    }
  }
}

static void testInteger(void) {
  int32_t x[Lanes], y[Lanes], product[Lanes];
  int8_t narrow[Lanes];
  uint16_t less;
  for (int round = 0; round < Rounds; ++round) {
    for (int i = 0; i < Lanes; ++i) {
      x[i] = (int32_t)next() >> (round & 31);
      y[i] = (int32_t)next();
    }
    integers(product, narrow, &less, x, y);
    for (int i = 0; i < Lanes; ++i) {
      expect((uint32_t)product[i] == (uint32_t)x[i] * (uint32_t)y[i],
             "vpmulld zmm");
      expect(narrow[i] == (x[i] < -128  ? -128
                           : x[i] > 127 ? 127
                                        : x[i]),
             "vpmovsdb");
      expect((less >> i & 1) == (x[i] < y[i]), "vpcmpd to a mask");
    }
  }
}

/* x · y + z rounded once, where double arithmetic can tell: the product of two
   floats is exact, and `error`, the rounding error of the sum, must be 0. */
static int fusedIsKnown(float x, float y, float z, float *fused) {
  double product = (double)x * y, sum = product + z, part = sum - z;
  double error = (product - part) + (z - (sum - part));
  *fused = (float)sum;
  return error == 0 || isNan(*fused);
}

static int32_t roundHalfEven(float x) {
  if (!(x >= -2147483648.0f && x < 2147483648.0f))
    return INT32_MIN;
  int32_t nearest = (int32_t)x;
  float rest = x - (float)nearest, size = rest < 0 ? -rest : rest;
  if (size > 0.5f || (size == 0.5f && nearest % 2 != 0))
    nearest += rest < 0 ? -1 : 1;
  return nearest;
}

static void testFloat(void) {
  float x[Lanes], y[Lanes], z[Lanes], fused[Lanes], expected;
  int32_t rounded[Lanes];
  int known = 0;
  for (int round = 0; round < Rounds; ++round) {
    /* Any bits at all, denormals and infinities too; then moderate numbers, of
       which every fourth is halfway between two integers. */
    for (int i = 0; i < Lanes; ++i) {
      int any = round & 1;
      x[i] = any ? asFloat(next()) : (float)(int32_t)next() / 65536;
      y[i] = any ? asFloat(next()) : (float)(int32_t)next() / 65536;
      if (!any && i % 4 == 0)
        x[i] = (float)((int)(next() % 4096) - 2048) + 0.5f;
      z[i] = any ? asFloat(next()) : -(x[i] * y[i]);
    }
    floats(fused, rounded, x, y, z);
    for (int i = 0; i < Lanes; ++i) {
      if (fusedIsKnown(x[i], y[i], z[i], &expected)) {
        known += !isNan(expected);
        expect(isNan(expected) ? isNan(fused[i])
                               : asInt(fused[i]) == asInt(expected),
               "vfmadd zmm");
      }
      expect(rounded[i] == roundHalfEven(x[i]), "vcvtps2dq zmm, half to even");
    }
  }
  expect(known > Rounds * Lanes / 2, "enough sums that double can tell");
}

int main(void) {
  testCpuid();
  testDot();
  testInteger();
  testFloat();
  puts(failures ? "self test failed" : "self test passed");
  return failures != 0;
}
