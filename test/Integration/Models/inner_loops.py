#!/usr/bin/env python3
# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The inner loops of a model's object, as it ships, spill nothing.

For processors of every kind in the default mode, and for every dot instruction and
length of registers in each requantize mode: no innermost loop that has the instruction
touches the stack, whatever register tile its layer got and whatever epilogue is in it.
(What the tiles are is checked by X86/inner-loops.test and AArch64/inner-loops.test.)
"""

import itertools
import subprocess
import sys

import models

CHECK = models.pathlib.Path(__file__).resolve().parents[1] / "check-inner-loops"
# A processor for each dot instruction: these in each mode.
X86, ARM = "x86_64-linux-gnu", "aarch64-linux-gnu"
PROCESSORS = [(X86, "x86-64-v3", "vpmaddwd"), (X86, "x86-64-v4", "vpmaddwd"), (X86, "znver4", "vpdpbusd"),
              (ARM, "cortex-a53", "smlal"), (ARM, "cortex-a76", "sdot"), (ARM, "generic,+dotprod,+i8mm", "smmla")]
# Others whose scheduler orders the same code its own way, in the default mode; with
# smmla of every kind that LLVM has: some reorder more than others. (In the other modes
# a loop of few trips is worth a spill to some of them: docs/Performance.md.)
OTHERS = [(X86, "haswell", "vpmaddwd"), (X86, "sapphirerapids", "vpdpbusd"), (ARM, "cortex-a55", "sdot"),
          (ARM, "neoverse-n1", "sdot"),
          *((ARM, cpu, "smmla") for cpu in (
              "cortex-a510", "cortex-a710", "cortex-a715", "cortex-x3", "neoverse-n2", "neoverse-n3",
              "neoverse-v1", "neoverse-v2", "ampere1b", "oryon-1"))]
CASES = [*itertools.product(models.REQUANTIZE, PROCESSORS), *itertools.product(["f32"], OTHERS)]


def check(arguments):
    model = models.load(arguments.model, arguments.work)
    table = model.table()
    for mode, (triple, cpu, dot) in CASES:
        name = model.file(f"{mode}-{cpu}.o")
        mcpu, _, mattr = cpu.partition(",")
        models.quantc("compile", model.path, "--table", table, "--requantize", mode, "--target", triple, "--mcpu", mcpu,
                      *(("--mattr", mattr) if mattr else ()), "-o", name)
        features = ("--mattr=+dotprod,+i8mm",) if triple == ARM else ()
        code = models.call("llvm-objdump", "-d", "--no-show-raw-insn", *features, name)
        done = subprocess.run((sys.executable, CHECK, dot, "--loops", "3"),
                              input=code.decode(), capture_output=True, text=True)
        print(*(f"{mode} {cpu} {line}" for line in done.stdout.splitlines()), sep="\n")
        if done.returncode:
            raise models.Failed(f"{mode} {cpu}: " + done.stdout[-2000:] + done.stderr[-2000:])


if __name__ == "__main__":
    models.main(check)
