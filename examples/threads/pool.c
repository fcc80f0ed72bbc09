/* Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
   SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */

/* Layers follow each other within microseconds, and a sleeping thread takes
   fifty to wake: so threads look for work for a while before they sleep. */

#include "pool.h"
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

/* How often a thread looks before it sleeps: some 100 µs. */
enum { MaxLooks = 5000 };

struct Worker {
  Pool *pool;
  int number; /* from 1; the caller of poolParallelFor is 0 */
  pthread_t thread;
};

struct Pool {
  /* What is to be done, while `round` doesn't change. */
  int64_t count;
  void (*body)(void *data, int64_t i);
  void *data;
  int stops;

  uint64_t round; /* of calls of poolParallelFor; atomic */
  int busy;       /* workers that haven't finished this round; atomic */
  int sleeping;   /* workers; atomic */
  pthread_mutex_t mutex;
  pthread_cond_t wake;

  int workers;
  struct Worker worker[];
};

static void waitShortly(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb");
#endif
}

static void doShare(Pool *pool, int number) {
  for (int64_t i = number; i < pool->count; i += pool->workers + 1)
    pool->body(pool->data, i);
}

static uint64_t awaitRound(Pool *pool, uint64_t last) {
  uint64_t now = last;
  for (int look = 0; look < MaxLooks; ++look) {
    now = __atomic_load_n(&pool->round, __ATOMIC_ACQUIRE);
    if (now != last)
      return now;
    waitShortly();
  }
  pthread_mutex_lock(&pool->mutex);
  /* Either this thread sees the new round, or the caller sees it sleep. */
  __atomic_fetch_add(&pool->sleeping, 1, __ATOMIC_SEQ_CST);
  while ((now = __atomic_load_n(&pool->round, __ATOMIC_SEQ_CST)) == last)
    pthread_cond_wait(&pool->wake, &pool->mutex);
  __atomic_fetch_sub(&pool->sleeping, 1, __ATOMIC_SEQ_CST);
  pthread_mutex_unlock(&pool->mutex);
  return now;
}

static void *work(void *argument) {
  struct Worker *worker = argument;
  Pool *pool = worker->pool;
  for (uint64_t last = 0;;) {
    last = awaitRound(pool, last);
    if (pool->stops)
      return NULL;
    doShare(pool, worker->number);
    __atomic_fetch_sub(&pool->busy, 1, __ATOMIC_RELEASE);
  }
}

static void startRound(Pool *pool) {
  __atomic_store_n(&pool->busy, pool->workers, __ATOMIC_RELAXED);
  __atomic_fetch_add(&pool->round, 1, __ATOMIC_SEQ_CST);
  if (__atomic_load_n(&pool->sleeping, __ATOMIC_SEQ_CST) == 0)
    return;
  pthread_mutex_lock(&pool->mutex);
  pthread_cond_broadcast(&pool->wake);
  pthread_mutex_unlock(&pool->mutex);
}

Pool *poolCreate(int threads) {
  Pool *pool = calloc(1, sizeof *pool + (size_t)threads * sizeof *pool->worker);
  if (!pool)
    return NULL;
  pthread_mutex_init(&pool->mutex, NULL);
  pthread_cond_init(&pool->wake, NULL);
  for (int i = 1; i < threads; ++i) {
    struct Worker *worker = &pool->worker[i - 1];
    worker->pool = pool;
    worker->number = i;
    if (pthread_create(&worker->thread, NULL, work, worker)) {
      poolDestroy(pool);
      return NULL;
    }
    ++pool->workers; /* read once there is work */
  }
  return pool;
}

void poolDestroy(Pool *pool) {
  pool->stops = 1;
  startRound(pool);
  for (int i = 0; i < pool->workers; ++i)
    pthread_join(pool->worker[i].thread, NULL);
  pthread_cond_destroy(&pool->wake);
  pthread_mutex_destroy(&pool->mutex);
  free(pool);
}

void poolParallelFor(void *context, int64_t count,
                     void (*body)(void *data, int64_t i), void *data) {
  Pool *pool = context;
  pool->count = count;
  pool->body = body;
  pool->data = data;
  startRound(pool);
  doShare(pool, 0);
  for (int look = 0; __atomic_load_n(&pool->busy, __ATOMIC_ACQUIRE); ++look) {
    waitShortly();
    if (look >= MaxLooks) /* the processor may be wanted by who is waited for */
      sched_yield();
  }
}
