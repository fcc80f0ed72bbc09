// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Peaks.h"

// Inline assembly, for a compiler would hoist or merge what has no effect. Each
// loop has more chains of accumulators than latency × rate.

#define TWELVE(x) x(0) x(1) x(2) x(3) x(4) x(5) x(6) x(7) x(8) x(9) x(10) x(11)

#if defined(__x86_64__)

#define LOOP(text)                                                             \
  for (int64_t i = 0; i < steps; ++i)                                          \
  asm volatile(text ::                                                         \
                   : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6",   \
                     "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12",        \
                     "xmm13", "xmm14")

// Zeros as data: no denormals.
__attribute__((target("avx2"))) static void clearRegisters() {
  asm volatile("vzeroall");
}

__attribute__((target("avx2,fma"))) static void fmaYmm(int64_t steps) {
  clearRegisters();
#define STEP(n) "vfmadd231ps %%ymm12, %%ymm13, %%ymm" #n "\n"
  LOOP(TWELVE(STEP));
#undef STEP
}

__attribute__((target("avx512f"))) static void fmaZmm(int64_t steps) {
  clearRegisters();
#define STEP(n) "vfmadd231ps %%zmm12, %%zmm13, %%zmm" #n "\n"
  LOOP(TWELVE(STEP));
#undef STEP
}

// Every product has its sum, but the sums don't wait for the products: what the
// ports can give. Where they do, the same instructions reach 76 to 85 % of it
// (Zen 3), by their order; a kernel that is not slower is as good as can be.
#define PRODUCT(r) "vpmaddwd %%" r "12, %%" r "13, %%" r "14\n"
#define SUM(n, r) "vpaddd %%" r "13, %%" r #n ", %%" r #n "\n"

__attribute__((target("avx2"))) static void pairsYmm(int64_t steps) {
  clearRegisters();
#define PRODUCTS(n) PRODUCT("ymm")
#define SUMS(n) SUM(n, "ymm")
  LOOP(TWELVE(PRODUCTS) TWELVE(SUMS));
#undef PRODUCTS
#undef SUMS
}

__attribute__((target("avx512bw"))) static void pairsZmm(int64_t steps) {
  clearRegisters();
#define PRODUCTS(n) PRODUCT("zmm")
#define SUMS(n) SUM(n, "zmm")
  LOOP(TWELVE(PRODUCTS) TWELVE(SUMS));
#undef PRODUCTS
#undef SUMS
}

__attribute__((target("avx512vnni"))) static void bytesZmm(int64_t steps) {
  clearRegisters();
#define STEP(n) "vpdpbusd %%zmm12, %%zmm13, %%zmm" #n "\n"
  LOOP(TWELVE(STEP));
#undef STEP
}

Peak selectPeak(bool integer) {
  bool wide = __builtin_cpu_supports("avx512f") &&
              __builtin_cpu_supports("avx512bw") &&
              __builtin_cpu_supports("avx512vl");
  if (!integer)
    return wide ? Peak{"vfmadd231ps zmm", fmaZmm, 12 * 16}
                : Peak{"vfmadd231ps ymm", fmaYmm, 12 * 8};
  if (wide && __builtin_cpu_supports("avx512vnni"))
    return {"vpdpbusd zmm", bytesZmm, 12 * 64};
  return wide ? Peak{"vpmaddwd + vpaddd zmm", pairsZmm, 12 * 32}
              : Peak{"vpmaddwd + vpaddd ymm", pairsYmm, 12 * 16};
}

#elif defined(__aarch64__)

#include <asm/hwcap.h>
#include <sys/auxv.h>

#define LOOP(text)                                                             \
  for (int64_t i = 0; i < steps; ++i)                                          \
  asm volatile(text ::                                                         \
                   : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8",     \
                     "v9", "v10", "v11", "v12", "v13")

static void fma(int64_t steps) {
#define STEP(n) "fmla v" #n ".4s, v12.4s, v13.4s\n"
  LOOP(TWELVE(STEP));
#undef STEP
}

static void single(int64_t steps) {
#define STEP(n) "smlal v" #n ".4s, v12.4h, v13.4h\n"
  LOOP(TWELVE(STEP));
#undef STEP
}

static void bytes(int64_t steps) {
#define STEP(n) "sdot v" #n ".4s, v12.16b, v13.16b\n"
  LOOP(".arch_extension dotprod\n" TWELVE(STEP));
#undef STEP
}

static void matrix(int64_t steps) {
#define STEP(n) "smmla v" #n ".4s, v12.16b, v13.16b\n"
  LOOP(".arch_extension i8mm\n" TWELVE(STEP));
#undef STEP
}

Peak selectPeak(bool integer) {
  if (!integer)
    return {"fmla v.4s", fma, 12 * 4};
  if (getauxval(AT_HWCAP2) & HWCAP2_I8MM)
    return {"smmla", matrix, 12 * 32};
  if (getauxval(AT_HWCAP) & HWCAP_ASIMDDP)
    return {"sdot", bytes, 12 * 16};
  return {"smlal", single, 12 * 4};
}

#endif
