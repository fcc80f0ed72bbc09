// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Threads for the `parallel_for` of compiled models.

#ifndef QUANTC_EXECUTION_THREADPOOL_H
#define QUANTC_EXECUTION_THREADPOOL_H

#include <cstdint>
#include <memory>

namespace quantc {

/// Threads that wait for work on the processor for a moment, and asleep then:
/// the layers of a model follow each other within microseconds, its runs maybe
/// not. For one caller at a time, the thread that made it; where there are
/// enough processors, each thread keeps to one, the caller's, too, as long as
/// the pool lives: what it starts meanwhile, another pool's threads, say, would
/// share that one.
class ThreadPool {
public:
  /// `threads` ≥ 1 counts the caller's. More than the system allows are a fatal
  /// error of LLVM's.
  explicit ThreadPool(int64_t threads);
  ~ThreadPool();

  int64_t size() const;

  /// Calls body(data, i) for every i from 0 to count - 1 and returns when all
  /// calls have; thread t does i = t, t + size(), …
  void run(int64_t count, void (*body)(void *data, int64_t i), void *data);

  /// `run` as NAME_options wants it; `context` is the pool.
  static void parallelFor(void *context, int64_t count,
                          void (*body)(void *data, int64_t i), void *data);

private:
  struct Impl;
  std::unique_ptr<Impl> impl;
};

} // namespace quantc

#endif // QUANTC_EXECUTION_THREADPOOL_H
