#!/usr/bin/env python3
# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The inner loops of a model's object, as it ships, spill nothing.

On six processors: each innermost loop that has their dot instruction,
whatever register tile its layer got, writes nothing to the stack. Where all
channels of a layer fit one step, the loop is along pixels, and weights and
multipliers for which there is no register are constants read from the stack.
(What the tiles are, and that they never touch it, is checked by
X86/inner-loops.test and AArch64/inner-loops.test.)
"""

import subprocess
import sys

import models

CHECK = models.pathlib.Path(__file__).resolve().parents[1] / "check-inner-loops"
# Processors of each kind, and their dot instruction.
X86, ARM = "x86_64-linux-gnu", "aarch64-linux-gnu"
PROCESSORS = [(X86, "x86-64-v3", r"vpmaddwd .*%ymm"), (X86, "x86-64-v4", r"vpmaddwd .*%zmm"),
              (X86, "znver4", r"vpdpbusd .*%zmm"), (ARM, "cortex-a53", "smlal"),
              (ARM, "cortex-a76", "sdot"), (ARM, "neoverse-v1", "smmla")]


def check(arguments):
    model = models.load(arguments.model, arguments.work)
    table = model.table()
    for triple, cpu, dot in PROCESSORS:
        name = model.file(f"{cpu}.o")
        models.quantc("compile", model.path, "--table", table, "--target", triple, "--mcpu", cpu, "-o", name)
        features = ("--mattr=+dotprod,+i8mm",) if triple == ARM else ()
        code = models.call("llvm-objdump", "-d", "--no-show-raw-insn", *features, name)
        done = subprocess.run((sys.executable, CHECK, dot, "--constants", "--loops", "3"),
                              input=code.decode(), capture_output=True, text=True)
        print(*(f"{cpu} {line}" for line in done.stdout.splitlines()), sep="\n")
        if done.returncode:
            raise models.Failed(f"{cpu}: " + done.stdout[-2000:] + done.stderr[-2000:])


if __name__ == "__main__":
    models.main(check)
