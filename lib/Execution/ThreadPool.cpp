// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Execution/ThreadPool.h"
#include "llvm/Support/thread.h"
#include <atomic>
#include <cassert>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>
#ifdef __linux__
#include <sched.h>
#endif

namespace quantc {

/// How often a waiting thread looks before it sleeps: about 100 µs, longer than
/// what lies between two layers.
static constexpr int maxLooks = 2000;

static void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("isb"); // `yield` takes no time
#endif
}

namespace {
/// Gives threads a processor each: a scheduler that wakes a thread where its
/// caller runs makes them take turns, often for as long as a whole run.
class Processors {
public:
  /// Those that the calling thread may use.
  Processors() {
#ifdef __linux__
    known = sched_getaffinity(0, sizeof allowed, &allowed) == 0;
#endif
  }

  /// Puts the calling thread, the given one of `threads`, on its own, if there
  /// are enough.
  void take(int64_t thread, int64_t threads) const {
#ifdef __linux__
    if (!known || threads > CPU_COUNT(&allowed))
      return;
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
      if (CPU_ISSET(cpu, &allowed) && thread-- == 0) {
        cpu_set_t own;
        CPU_ZERO(&own);
        CPU_SET(cpu, &own);
        sched_setaffinity(0, sizeof own, &own);
      }
#endif
  }

  /// Lets the calling thread use all of them again.
  void release() const {
#ifdef __linux__
    if (known)
      sched_setaffinity(0, sizeof allowed, &allowed);
#endif
  }

private:
#ifdef __linux__
  cpu_set_t allowed;
  bool known;
#endif
};
} // namespace

/// A cache line: what different threads write stays apart. From one processor
/// to another it takes 50 to 250 ns.
static constexpr size_t lineBytes = 64;

struct ThreadPool::Impl {
  /// What is to be done, together with what says that it is new: a waiting
  /// thread gets all of it at once.
  struct alignas(lineBytes) Task {
    /// Counts the calls of run(). The rest is valid while it doesn't change.
    std::atomic<uint64_t> round{0};
    int64_t count = 0;
    void (*body)(void *, int64_t) = nullptr;
    void *data = nullptr;
    bool stops = false;
  } task;

  /// The last round that a worker finished. Nobody else writes it.
  struct alignas(lineBytes) Progress {
    std::atomic<uint64_t> finished{0};
  };

  alignas(lineBytes) std::atomic<int64_t> sleeping{0};
  std::mutex mutex;
  std::condition_variable wake;
  /// LLVM's, whose failure to start has a message.
  std::vector<llvm::thread> workers;
  std::unique_ptr<Progress[]> progress; // of each worker
  Processors processors;

  int64_t size() const { return static_cast<int64_t>(workers.size()) + 1; }

  void share(int64_t thread) {
    for (int64_t i = thread; i < task.count; i += size())
      task.body(task.data, i);
  }

  uint64_t awaitRound(uint64_t last) {
    for (int look = 0; look < maxLooks; ++look) {
      uint64_t now = task.round.load(std::memory_order_acquire);
      if (now != last)
        return now;
      pause();
    }
    std::unique_lock<std::mutex> lock(mutex);
    // Sequentially consistent, as the store in start(): either this thread
    // sees the new round, or that one sees this thread sleep.
    sleeping.fetch_add(1);
    wake.wait(lock, [&] { return task.round.load() != last; });
    sleeping.fetch_sub(1);
    return task.round.load();
  }

  void start() {
    task.round.fetch_add(1);
    if (sleeping.load() == 0)
      return;
    // A thread that is about to sleep holds the mutex.
    std::lock_guard<std::mutex> lock(mutex);
    wake.notify_all();
  }

  void work(int64_t thread) {
    processors.take(thread, size());
    for (uint64_t last = 0;;) {
      last = awaitRound(last);
      if (task.stops)
        return;
      share(thread);
      progress[thread - 1].finished.store(last, std::memory_order_release);
    }
  }
};

ThreadPool::ThreadPool(int64_t threads) : impl(std::make_unique<Impl>()) {
  assert(threads >= 1 && "the caller's thread counts");
  // All of them see the final size.
  impl->workers.resize(threads - 1);
  impl->progress = std::make_unique<Impl::Progress[]>(threads - 1);
  for (int64_t i = 1; i < threads; ++i)
    impl->workers[i - 1] = llvm::thread([this, i] { impl->work(i); });
  impl->processors.take(0, threads);
}

ThreadPool::~ThreadPool() {
  impl->task.stops = true;
  impl->start();
  for (llvm::thread &worker : impl->workers)
    worker.join();
  impl->processors.release();
}

int64_t ThreadPool::size() const { return impl->size(); }

void ThreadPool::run(int64_t count, void (*body)(void *, int64_t), void *data) {
  Impl::Task &task = impl->task;
  task.count = count;
  task.body = body;
  task.data = data;
  impl->start();
  impl->share(0);
  uint64_t round = task.round.load(std::memory_order_relaxed);
  int look = 0;
  for (size_t i = 0; i < impl->workers.size(); ++i)
    while (impl->progress[i].finished.load(std::memory_order_acquire) !=
           round) {
      pause();
      // The processor may be needed by the thread that is waited for.
      if (++look > maxLooks)
        std::this_thread::yield();
    }
}

void ThreadPool::parallelFor(void *context, int64_t count,
                             void (*body)(void *, int64_t), void *data) {
  static_cast<ThreadPool *>(context)->run(count, body, data);
}

} // namespace quantc
