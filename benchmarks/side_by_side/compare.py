# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The comparison itself: see benchmarks/run."""

import argparse
import importlib
import json
import os
import pathlib
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import machine  # noqa: E402
import models  # noqa: E402
import report  # noqa: E402
from process import Failed, Worker, prepare  # noqa: E402

RUNTIMES = ("quantc", "onnxruntime", "openvino", "litert", "pytorch", "iree")
# An int8 configuration that is this much noisier than the runtime's best saturates somewhere,
# or rounds weights more coarsely.
NOISE_MARGIN = 3.0  # dB


def candidates(description, arguments, threads):
    """Jobs, in groups of alternatives of which the best is taken."""
    for runtime in arguments.runtimes:
        job = {**description, "runtime": runtime, "threads": threads, "isa": arguments.isa, "mcpu": arguments.mcpu,
               "quantc": str(arguments.quantc), "tune": arguments.tune}
        module = importlib.import_module(f"runtimes.{runtime}")
        for group in module.configurations(job):
            if group[0].split()[0] in arguments.arithmetic:
                yield module.NAME, [{**job, "configuration": configuration} for configuration in group]


def installed(build, runtime):
    """The message of the installation that failed, if it did."""
    packages = {"openvino": ["openvino"], "litert": ["ai-edge-litert"], "pytorch": ["torch"],
                "onnxruntime": ["onnxruntime"], "iree": ["iree-base-compiler", "iree-base-runtime"]}
    for package in packages.get(runtime, []):
        log = build / "benchmarks" / "environment" / "failed" / package
        if log.exists():
            raise Failed(f"can't be installed: {log.read_text().strip().splitlines()[-1]}")


def begin(job, arguments):
    """A worker that has loaded the model, and the row of the table it will fill."""
    installed(arguments.build, job["runtime"])
    job = prepare(job)
    worker = Worker("serve", job, pinned=True)
    try:
        loaded = worker.answer()
        worker.stop()
        loaded["prepare"] = job["cost"]
        if job["runtime"] == "quantc" and job["tune"]:
            loaded["version"] = "tuned"
        return worker, loaded
    except Failed:
        worker.close()
        raise


def choose(name, group, arguments):
    """The fastest of a group of alternatives, and the fastest of those as exact as any of them
    if that is another one. Returns rows with their workers, or with None if none runs."""
    runs, tried = [], {}
    for job in group:
        configuration = job["configuration"]
        try:
            worker, row = begin(job, arguments)
            row.update(runtime=name, configuration=configuration, times=[])
            fastest = min(worker.measure(min(arguments.seconds, 0.3))) if len(group) > 1 else 0
        except Failed as failure:
            tried[configuration] = {"error": str(failure)}
            print(f"  {name} {configuration}: {failure}", file=sys.stderr)
            continue
        tried[configuration] = {"minimum_ns": fastest, "sqnr_db": row["sqnr_db"]}
        runs.append((fastest, row, worker))
    if not runs:
        label = group[0]["configuration"].split()[0] if len(group) > 1 else group[0]["configuration"]
        return [({"runtime": name, "configuration": label, "error": next(iter(tried.values()))["error"]}, None)]
    runs.sort(key=lambda run: run[0])
    least = max(row["sqnr_db"] for _, row, _ in runs) - NOISE_MARGIN
    exact = next(run for run in runs if run[1]["sqnr_db"] >= least)
    chosen = [runs[0]] if exact is runs[0] else [runs[0], exact]
    for _, row, worker in runs:
        row["noisier"] = row["sqnr_db"] < least
        if len(group) > 1:
            row["alternatives"] = tried
        if all(worker is not kept for _, _, kept in chosen):
            worker.close()
    return [(row, worker) for _, row, worker in chosen]


def measure(description, arguments, threads):
    """All runtimes on one model: rows of results, in the order of RUNTIMES."""
    rows, running = [], []
    for name, group in candidates(description, arguments, threads):
        for row, worker in choose(name, group, arguments):
            rows.append(row)
            if worker:
                running.append((row, worker))
    loads = []
    try:
        for turn in range(arguments.rounds):
            first = turn * 2 % max(len(running), 1)
            for row, worker in running[first:] + running[:first]:
                row["times"] += worker.measure(arguments.seconds)
            loads.append(os.getloadavg()[0])
    finally:
        for _, worker in running:
            worker.close()
    for row, _ in running:
        times = sorted(row.pop("times"))
        row.update(runs=len(times), median_ns=statistics.median(times), minimum_ns=times[0],
                   p90_ns=times[len(times) * 9 // 10])
    return {"model": description["name"], "threads": threads, "macs": description["macs"], "rows": rows,
            "load": [round(load, 2) for load in loads]}


def parse():
    def listed(text):
        return [item for item in text.split(",") if item]
    parser = argparse.ArgumentParser(prog="benchmarks/run", formatter_class=argparse.RawDescriptionHelpFormatter,
                                     description="Compares quantc with other runtimes, side by side; "
                                     "--kernels: single layers; --compilation: times and memory of the compiler.")
    parser.add_argument("--models", type=listed, default=None, help=",".join(models.NAMES))
    parser.add_argument("--runtimes", type=listed, default=list(RUNTIMES), help=",".join(RUNTIMES))
    parser.add_argument("--threads", type=lambda text: [int(n) for n in listed(text)], default=[1])
    parser.add_argument("--arithmetic", type=listed, default=["int8", "float"], help="int8,float")
    parser.add_argument("--isa", choices=["native", "avx2"], default="native",
                        help="avx2: limits quantc (--mcpu haswell) and the others that can be limited")
    parser.add_argument("--mcpu", default="", help="what quantc and IREE compile for; this machine's if left out")
    parser.add_argument("--quantc", type=pathlib.Path, help="the tool, of another build")
    parser.add_argument("--tune", action="store_true",
                        help="give quantc's kernels the tiles that `quantc tune` finds fastest, first of all")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=0.3, help="of each runtime in each round")
    parser.add_argument("--json", type=pathlib.Path, help="file for all figures")
    parser.add_argument("--output", type=pathlib.Path, help="folder for tables and plots (build/benchmarks/output)")
    parser.add_argument("--compilation", action="store_true", help="time the compiler and calibration instead")
    parser.add_argument("--build", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    for chosen, known in ((arguments.models or [], models.NAMES), (arguments.runtimes, RUNTIMES),
                          (arguments.arithmetic, ("int8", "float"))):
        for name in chosen:
            if name not in known:
                parser.error(f"'{name}' is none of {', '.join(known)}")
    if arguments.isa == "avx2":
        arguments.mcpu = arguments.mcpu or "haswell"
    if max(arguments.threads) > os.cpu_count():
        parser.error(f"this machine has {os.cpu_count()} processors")
    arguments.quantc = arguments.quantc or arguments.build / "bin" / "quantc"
    arguments.output = arguments.output or arguments.build / "benchmarks" / "output"
    arguments.output.mkdir(parents=True, exist_ok=True)
    return arguments


def main():
    arguments = parse()
    cache = arguments.build / "benchmarks" / "models"
    if arguments.compilation:
        import compilation
        return compilation.main(arguments, cache)
    everything = {"machine": machine.description(), "date": time.strftime("%Y-%m-%d %H:%M"), "isa": arguments.isa,
                  "mcpu": arguments.mcpu, "peaks": machine.peaks(arguments.build), "results": []}
    for name in arguments.models or models.DEFAULT:
        try:
            description = models.load(name, cache)
        except Exception as error:  # of any library that reads models
            print(f"{name}: {error}", file=sys.stderr)
            continue
        for threads in arguments.threads:
            everything["results"].append(measure(description, arguments, threads))
            print(report.table(everything["results"][-1], everything["peaks"]), flush=True)
            write(everything, arguments)
    # The clock may have changed in between.
    for kind, peak in machine.peaks(arguments.build).items():
        everything["peaks"][kind] = max(peak, everything["peaks"][kind], key=lambda one: one["macs_per_s"])
    print(f"\n{report.summary(everything['results'], everything['peaks'])}\n")
    for path in write(everything, arguments):
        print(f"wrote {path}")
    return 0 if any("error" not in row for result in everything["results"] for row in result["rows"]) else 1


def write(everything, arguments):
    """Writes what is known so far; returns the files."""
    files = [arguments.output / "comparison.md", *([arguments.json] if arguments.json else [])]
    files[0].write_text(report.document(everything))
    if arguments.json:
        arguments.json.write_text(json.dumps(everything, indent=1) + "\n")
    return files + list(report.plots(everything, arguments.output))


if __name__ == "__main__":
    sys.exit(main())
