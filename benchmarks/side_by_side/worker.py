# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""One runtime with one model, in a process of its own.

  worker.py prepare JOB    makes what the runtime loads, unless it is up to date
  worker.py serve JOB      loads it, then runs it whenever a line says how long

JOB is JSON; what goes to standard output is one JSON object per line. Whatever
libraries print goes to standard error.
"""

import importlib
import json
import os
import pathlib
import sys
import time
import traceback

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from cache import Cache, explain  # noqa: E402
from models import read_samples  # noqa: E402


def status(field):
    """A line of /proc/self/status in bytes."""
    for line in open("/proc/self/status"):
        if line.startswith(field + ":"):
            return int(line.split()[1]) * 1024
    raise KeyError(field)


def size(artifact):
    return sum(pathlib.Path(path).stat().st_size for path in ([artifact] if isinstance(artifact, str) else artifact))


def noise(outputs, reference):
    """The least ratio of signal to quantization noise among the outputs, in dB."""
    ratios = []
    for ours, exact in zip(outputs, reference):
        ours, exact = ours.astype(np.float64).ravel(), exact.astype(np.float64).ravel()
        if ours.size != exact.size:
            raise RuntimeError(f"an output has {ours.size} elements instead of {exact.size}")
        error = np.sum((ours - exact)**2)
        ratios.append(10 * np.log10(np.sum(exact**2) / error) if error > 0 else 200.0)
    return float(min(ratios))


def serve(job, runtime, answer):
    samples = read_samples(job["inputs"], job["input_shapes"])
    runtime.start(job)
    # From here on, what the model takes: the peak so far is forgotten.
    open("/proc/self/clear_refs", "w").write("5")
    before = status("VmRSS")
    start = time.perf_counter_ns()
    session = runtime.Session(job, job["artifact"])
    session.set_inputs(samples[0])
    loaded = time.perf_counter_ns()
    session.run()
    first = time.perf_counter_ns()
    memory = status("VmHWM") - before
    reference = [array for array in np.load(job["reference"]).values()]
    outputs = []
    for sample in samples:
        session.set_inputs(sample)
        session.run()
        outputs.append([np.array(array) for array in session.outputs()])
    together = [np.stack(column) for column in zip(*outputs)]
    session.set_inputs(samples[0])
    answer({"load_ns": loaded - start, "first_ns": first - start, "memory_bytes": memory,
            "artifact_bytes": size(job["artifact"]), "sqnr_db": noise(together, reference),
            "version": runtime.version()})
    run, clock = session.run, time.perf_counter_ns
    for line in sys.stdin:
        request = json.loads(line)
        run()  # Caches are another's.
        times, end = [], clock() + request["seconds"] * 1e9
        while not times or clock() < end:
            start = clock()
            run()
            times.append(clock() - start)
        answer({"times": times})


def main():
    # Our own descriptor for answers; what libraries print goes elsewhere.
    channel = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def answer(message):
        channel.write(json.dumps(message) + "\n")
        channel.flush()

    job = json.loads(sys.argv[2])
    try:
        runtime = importlib.import_module(f"runtimes.{job['runtime']}")
        if sys.argv[1] == "prepare":
            cache = Cache(job)
            artifact = runtime.prepare(job, cache)
            artifact = str(artifact) if not isinstance(artifact, (list, tuple)) else [str(path) for path in artifact]
            answer({"artifact": artifact, "cost": cache.cost})
        else:
            serve(job, runtime, answer)
    except Exception as error:
        traceback.print_exc()
        answer({"error": explain(error)})
        sys.exit(1)


if __name__ == "__main__":
    main()
