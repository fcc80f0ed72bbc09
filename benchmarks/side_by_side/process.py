# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Processes that run one runtime each (worker.py), seen from outside."""

import ctypes
import json
import os
import pathlib
import signal
import subprocess
import sys
import threading

TIMEOUT = 1800  # seconds, for whatever a worker is asked


LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1


class Failed(Exception):
    """What a runtime answered instead of doing what it was asked."""


def environment(job):
    """The environment that limits threads and instructions where a runtime heeds it."""
    # Threads that wait for OpenMP's next loop spin, as those of the others do.
    result = dict(os.environ, OMP_WAIT_POLICY="ACTIVE", OMP_NUM_THREADS=str(job["threads"]), MKL_NUM_THREADS=str(job["threads"]),
                  TF_CPP_MIN_LOG_LEVEL="3", OPENVINO_TELEMETRY_OPT_OUT="1", CXX=os.environ.get("CXX", "g++"))
    if job["isa"] == "avx2":
        result.update(ONEDNN_MAX_CPU_ISA="AVX2", ATEN_CPU_CAPABILITY="avx2", FBGEMM_ENABLE_INSTRUCTIONS="AVX2")
    return result


def processors(count):
    """The processors that `count` threads are pinned to."""
    return sorted(os.sched_getaffinity(0))[-count:]


class Worker:
    """A process that prepares or serves a job. Between requests it is stopped, so that threads
    of its own that wait by spinning take no time from others."""

    def __init__(self, action, job, pinned):
        self.job = job
        log = pathlib.Path(job["folder"]) / f"{job['runtime']}-{action}.log"
        cpus = processors(job["threads"])

        def begin():
            # Stopped processes would outlive a parent that is killed.
            LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if pinned:
                os.sched_setaffinity(0, cpus)
        self.process = subprocess.Popen(
            [sys.executable, pathlib.Path(__file__).with_name("worker.py"), action, json.dumps(job)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=open(log, "w"), text=True, env=environment(job),
            preexec_fn=begin)

    def answer(self):
        timer = threading.Timer(TIMEOUT, self.process.kill)
        timer.start()
        line = self.process.stdout.readline()
        timer.cancel()
        if not line:
            code = self.process.wait()
            raise Failed(f"killed by signal {signal.Signals(-code).name}" if code < 0 else f"exited with {code}")
        message = json.loads(line)
        if "error" in message:
            raise Failed(message["error"])
        return message

    def stop(self):
        self.process.send_signal(signal.SIGSTOP)

    def measure(self, seconds):
        """Times of runs in ns: as many as fit into `seconds`, but one at least."""
        self.process.send_signal(signal.SIGCONT)
        self.process.stdin.write(json.dumps({"seconds": seconds}) + "\n")
        self.process.stdin.flush()
        times = self.answer()["times"]
        self.stop()
        return times

    def close(self):
        self.process.kill()
        self.process.wait()


def prepare(job):
    """Makes what the runtime loads; returns the job with `artifact` and what that cost."""
    worker = Worker("prepare", job, pinned=False)
    try:
        return {**job, **worker.answer()}
    finally:
        worker.close()
