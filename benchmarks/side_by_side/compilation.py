# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What compiling and calibrating take, quantc beside ONNX Runtime's quantization.

quantc's figures are of the whole command, ONNX Runtime's of quantize_static
alone, all on one processor. quantize_static keeps all values of all samples
until it makes histograms of them: it gets MEMORY_LIMIT, and half as many samples
each time that it runs out.
"""

import json
import os
import pathlib
import re
import resource
import statistics
import subprocess
import sys
import time

import numpy as np

import machine
import models
from process import processors

SAMPLES = 200
REPETITIONS = 3
MEMORY_LIMIT = 14e9  # bytes
TIME_LIMIT = 3600  # seconds


def samples(description):
    """Calibration data of SAMPLES samples, .npz: those there are, and variants of them."""
    path = pathlib.Path(description["folder"]) / f"calibration-{SAMPLES}.npz"
    if not path.exists():
        random, data = np.random.default_rng(3), {}
        for name, array in np.load(description["calibration"]).items():
            array = array.reshape(-1, *description["input_shapes"][name])
            repeated = np.concatenate([array] * -(-SAMPLES // len(array)))[:SAMPLES]
            if array.dtype == np.float32 and name != "mask":
                scale = random.uniform(0.7, 1.1, (SAMPLES,) + (1,) * (array.ndim - 1))
                repeated = repeated * scale.astype(np.float32)
            data[name] = repeated.reshape(-1, *array.shape[2:])
        np.savez(path, **data)
    return path


def run(command, limit=None):
    """Seconds and peak bytes of a command on one processor, and what it printed."""
    def restrict():
        os.sched_setaffinity(0, processors(1))
        if limit:
            resource.setrlimit(resource.RLIMIT_AS, (int(limit), int(limit)))
    start = time.monotonic()
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               text=True, preexec_fn=restrict, env=dict(os.environ, OMP_NUM_THREADS="1"))
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.monotonic() - start
    if process.returncode:
        raise RuntimeError(" ".join(output.split())[-300:] or f"exit code {process.returncode}")
    return {"seconds": seconds, "cpu_seconds": usage.ru_utime + usage.ru_stime, "peak_bytes": usage.ru_maxrss * 1024,
            "output": output}


def repeated(command):
    """Medians of several runs."""
    runs = [run(command) for _ in range(REPETITIONS)]
    return {key: statistics.median(r[key] for r in runs) for key in ("seconds", "cpu_seconds", "peak_bytes")}


def stages(output):
    return {name: float(seconds) for name, seconds in re.findall(r"^(\w+) +([0-9.]+) s$", output, re.MULTILINE)}


def static_quantization(job, method, count):
    """Entry of a process of its own: quantize_static over `count` samples."""
    import logging
    from onnxruntime import quantization as q
    import onnxruntime
    from qdq import Samples
    logging.getLogger().setLevel(logging.ERROR)
    onnxruntime.set_default_logger_severity(3)
    output = pathlib.Path(job["folder"]) / "calibrated.onnx"
    start = time.monotonic()
    q.quantize_static(job["onnx"], output, Samples(job, count), quant_format=q.QuantFormat.QDQ, per_channel=True,
                      calibrate_method=getattr(q.CalibrationMethod, method))
    print(json.dumps({"seconds": time.monotonic() - start}))
    output.unlink()


def others(description, data, method):
    """quantize_static with `method`, with as many samples as memory allows."""
    job, count = {**description, "calibration": str(data)}, SAMPLES
    while count:
        try:
            result = run([sys.executable, __file__, json.dumps(job), method, count], MEMORY_LIMIT)
            result.update(json.loads(result.pop("output").splitlines()[-1]))
            return {**result, "samples": count}
        except RuntimeError as error:
            print(f"  ONNX Runtime {method}, {count} samples: {error}", file=sys.stderr)
            count //= 2
    raise RuntimeError("doesn't run")


def compare(description, arguments):
    quantc, folder = arguments.quantc, pathlib.Path(description["folder"])
    data, table, output = samples(description), folder / "compilation.qcal", folder / "compilation.o"
    rows = []

    def add(what, tool, measure):
        try:
            rows.append({"what": what, "tool": tool, **measure()})
        except RuntimeError as error:
            rows.append({"what": what, "tool": tool, "error": str(error)})

    calibrate = [quantc, "calibrate", description["onnx"], "--data", data, "-o", table]
    compiling = [quantc, "compile", description["onnx"], "--table", table, "-o", output]
    if arguments.mcpu:
        calibrate += ["--mcpu", arguments.mcpu]
        compiling += ["--mcpu", arguments.mcpu]
    add("calibrate, histograms", "quantc", lambda: {**repeated(calibrate), "samples": SAMPLES})
    add("compile", "quantc", lambda: repeated(compiling))
    add("stages", "quantc", lambda: {"stages": stages(run([*compiling, "--verbose-timing"])["output"])})
    if "onnxruntime" in arguments.runtimes:
        for method in ("Entropy", "Percentile"):
            add(f"calibrate, {method}", "ONNX Runtime", lambda: others(description, data, method))
    return {"model": description["name"], "rows": rows, "load": os.getloadavg()[0]}


def table(result):
    lines = [f"\n### {result['model']}: compiling and calibrating\n\nLoad of the machine {result['load']:.1f}\n",
             "| | | s | s of CPU | MB peak | s per sample |", "|---|---|---:|---:|---:|---:|"]
    for row in result["rows"]:
        name = f"| {row['tool']} | {row['what']}"
        if "error" in row:
            lines.append(f"{name} | {row['error']} | | | |")
        elif "seconds" in row:
            count = row.get("samples")
            samples = "" if not count else f", {count} samples"
            each = f"{row['seconds'] / count:.3f}" if count else ""
            lines.append(f"{name}{samples} | {row['seconds']:.2f} | {row['cpu_seconds']:.2f} | "
                         f"{row['peak_bytes'] / 1e6:.0f} | {each} |")
        elif "stages" in row:
            lines.append("\nStages of compilation, seconds: " + ", ".join(
                f"{stage} {seconds:.2f}" for stage, seconds in row["stages"].items()))
    # The stages come below the table.
    lines.sort(key=lambda line: line.startswith("\nStages"))
    return "\n".join(lines)


def main(arguments, cache):
    results = []
    for name in arguments.models or ["mobilenet_v2"]:
        results.append(compare(models.load(name, cache), arguments))
        print(table(results[-1]), flush=True)
    text = "\n".join(table(result) for result in results) + "\n"
    (arguments.output / "compilation.md").write_text(text)
    if arguments.json:
        arguments.json.write_text(json.dumps({"machine": machine.description(), "results": results}, indent=1) + "\n")
    return 0 if all("error" not in row for result in results for row in result["rows"]) else 1


if __name__ == "__main__":
    static_quantization(json.loads(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
