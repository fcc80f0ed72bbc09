# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What LLVM's models of processors (llvm-mca) say of instructions, all data in
the first-level cache, and where dot products are in an object; for
x86-throughput and aarch64-throughput."""

import collections
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "test" / "Integration"), str(ROOT / "benchmarks" / "kernels")]
from backends import CannotRun, Failed, call, tool  # noqa: E402


def analyze(triple, cpu, lines, iterations):
    """Cycles per iteration of a loop's body, whose branches go to .Lloop, and
    the shares of them in which resources are busy."""
    text = ".Lloop:\n" + "\n".join(lines) + "\n"
    report = json.loads(call(tool("llvm-mca-22", "llvm-mca"), f"-mtriple={triple}", f"-mcpu={cpu}",
                             f"-iterations={iterations}", "--json", "-", input=text.encode()))
    region, names = report["CodeRegions"][0], report["TargetInfo"]["Resources"]
    summary = region["SummaryView"]
    cycles = summary["TotalCycles"] / iterations
    usage = collections.Counter()
    for entry in region["ResourcePressureView"]["ResourcePressureInfo"]:
        if entry["InstructionIndex"] == len(region["Instructions"]):  # the sum of all
            # Units of one kind have a number for a last character.
            name = re.sub(r"[\x00-\x1f]$", lambda match: str(ord(match[0])), names[entry["ResourceIndex"]])
            usage[name] = entry["ResourceUsage"] / cycles
    usage["dispatch"] = summary["TotaluOps"] / iterations / summary["DispatchWidth"] / cycles
    return cycles, usage


def chosen_layers(layers, pattern, matches):
    """{name: layer} of the integer layers whose name is like `pattern`, with weights of all
    bits."""
    named = {name.removesuffix("_i8"): layer for name, layer in layers.make_layers().items()
             if layer.element == "i8" and "reduced" not in name and matches(layer)}
    chosen = {name: layer for name, layer in named.items() if pattern.fullmatch(name)}
    if not chosen:
        raise Failed(f"no layer is called {pattern.pattern}")
    return chosen


def run(name, main):
    """Runs main() as the script `name`."""
    try:
        sys.exit(main())
    except (Failed, CannotRun) as failure:
        sys.exit(f"{name}: {failure}")
