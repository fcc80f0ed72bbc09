# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What this machine is, and what its arithmetic can give."""

import json
import os
import platform
import re
import subprocess
import tempfile

from process import processors


def description():
    information = open("/proc/cpuinfo").read()
    name = re.search(r"model name\s*: (.*)", information)
    flags = set(re.search(r"^(?:flags|Features)\s*: (.*)$", information, re.MULTILINE)[1].split())
    notable = ("avx2", "avx512f", "avx_vnni", "avx512_vnni", "amx_int8", "asimddp", "i8mm")
    return {"cpu": name[1] if name else platform.machine(), "processors": os.cpu_count(),
            "features": [flag for flag in notable if flag in flags], "load": os.getloadavg()}


def peaks(build):
    """Multiply-adds per second of one core, by element type; measured by quantc-benchmarks,
    in loops that do nothing else."""
    tool = build / "bin" / "quantc-benchmarks"
    if not tool.exists():
        return {}
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        output = subprocess.run(
            ["taskset", "-c", str(processors(1)[0]), tool, "--benchmark_filter=^peak", "--benchmark_repetitions=5",
             "--benchmark_min_time=0.05", f"--benchmark_out={file.name}", "--benchmark_out_format=json"],
            capture_output=True, text=True, check=True).stdout
        runs = json.load(open(file.name))["benchmarks"]
    result = {}
    for kind, name, mark in (("int8", "peak_i8", "vpdpbusd|vpmaddwd|sdot|smmla|smlal"), ("float", "peak_f32", "fm")):
        rates = [run["MAC/s"] for run in runs if run["run_type"] == "iteration" and run["name"].startswith(name)]
        instructions = [line for line in re.findall(r"\| peak: (.*?) \|", output) if re.search(mark, line)]
        if rates:
            result[kind] = {"macs_per_s": max(rates), "instructions": instructions[0] if instructions else ""}
    return result
