// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef QUANTC_UNITTESTS_QUANTIZATION_TESTUTILS_H
#define QUANTC_UNITTESTS_QUANTIZATION_TESTUTILS_H

#include "llvm/Support/Error.h"
#include "gtest/gtest.h"
#include <cstdint>
#include <string>

namespace quantc {

/// splitmix64: small, and the same in golden_observers.py.
class Random {
public:
  explicit Random(uint64_t seed) : state(seed) {}

  uint64_t next() {
    uint64_t z = (state += 0x9E3779B97F4A7C15ull);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
  }
  /// Uniform in [min, max].
  int64_t between(int64_t min, int64_t max) {
    return min + static_cast<int64_t>(next() %
                                      (static_cast<uint64_t>(max - min) + 1));
  }
  /// Uniform in [-1, 1), 24 bits.
  float symmetric() {
    return static_cast<float>(next() >> 40) * 0x1p-23f - 1.0f;
  }

private:
  uint64_t state;
};

template <typename T> T take(llvm::Expected<T> value) {
  if (!value)
    ADD_FAILURE() << llvm::toString(value.takeError());
  return std::move(*value);
}

/// The message of an error; "" for success.
inline std::string message(llvm::Error error) {
  return llvm::toString(std::move(error));
}
template <typename T> std::string message(llvm::Expected<T> value) {
  return value ? "" : llvm::toString(value.takeError());
}

inline bool contains(const std::string &text, const std::string &part) {
  return text.find(part) != std::string::npos;
}

#define EXPECT_MESSAGE(expression, part)                                       \
  do {                                                                         \
    std::string found_ = message(expression);                                  \
    EXPECT_TRUE(contains(found_, part)) << "got: " << found_;                  \
  } while (false)

} // namespace quantc

#endif // QUANTC_UNITTESTS_QUANTIZATION_TESTUTILS_H
