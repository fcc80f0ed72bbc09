#!/usr/bin/env python3
# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The inner loops of a model's object, as it ships, spill nothing.

For processors of every kind: no innermost loop that has their dot instruction
touches the stack, whatever register tile its layer got. (What the tiles are is
checked by X86/inner-loops.test and AArch64/inner-loops.test.)
"""

import subprocess
import sys

import models

CHECK = models.pathlib.Path(__file__).resolve().parents[1] / "check-inner-loops"
# Processors of each kind, and their dot instruction.
X86, ARM = "x86_64-linux-gnu", "aarch64-linux-gnu"
PROCESSORS = [(X86, "x86-64-v3", "vpmaddwd"), (X86, "haswell", "vpmaddwd"), (X86, "x86-64-v4", "vpmaddwd"),
              (X86, "znver4", "vpdpbusd"), (X86, "sapphirerapids", "vpdpbusd"), (ARM, "cortex-a53", "smlal"),
              (ARM, "cortex-a76", "sdot"), (ARM, "cortex-a55", "sdot"), (ARM, "neoverse-n1", "sdot")]
# With smmla, of every kind of scheduler that LLVM has: some reorder more than others.
PROCESSORS += [(ARM, cpu, "smmla") for cpu in (
    "generic,+dotprod,+i8mm", "cortex-a510", "cortex-a710", "cortex-a715", "cortex-x3", "neoverse-n2", "neoverse-n3",
    "neoverse-v1", "neoverse-v2", "ampere1b", "oryon-1")]


def check(arguments):
    model = models.load(arguments.model, arguments.work)
    table = model.table()
    for triple, cpu, dot in PROCESSORS:
        name = model.file(f"{cpu}.o")
        mcpu, _, mattr = cpu.partition(",")
        models.quantc("compile", model.path, "--table", table, "--target", triple, "--mcpu", mcpu,
                      *(("--mattr", mattr) if mattr else ()), "-o", name)
        features = ("--mattr=+dotprod,+i8mm",) if triple == ARM else ()
        code = models.call("llvm-objdump", "-d", "--no-show-raw-insn", *features, name)
        done = subprocess.run((sys.executable, CHECK, dot, "--loops", "3"),
                              input=code.decode(), capture_output=True, text=True)
        print(*(f"{cpu} {line}" for line in done.stdout.splitlines()), sep="\n")
        if done.returncode:
            raise models.Failed(f"{cpu}: " + done.stdout[-2000:] + done.stderr[-2000:])


if __name__ == "__main__":
    models.main(check)
