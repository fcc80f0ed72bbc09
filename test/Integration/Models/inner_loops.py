#!/usr/bin/env python3
# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The inner loops of a model's object, as it ships, keep off the stack.

On every backend: each innermost loop that has the backend's dot instruction,
whatever register tile its layer got. (What the tiles are is checked by
X86/inner-loops.test and AArch64/inner-loops.test.)
"""

import subprocess
import sys

import models

CHECK = models.pathlib.Path(__file__).resolve().parents[1] / "check-inner-loops"
DOT = {"avx2": r"vpmaddwd .*%ymm", "avx512": r"vpmaddwd .*%zmm", "vnni": r"vpdpbusd .*%zmm",
       "neon": "smlal", "dotprod": "sdot", "i8mm": "smmla"}


def check(arguments):
    model = models.load(arguments.model, arguments.work)
    table = model.table()
    for backend in models.BACKENDS:
        name = model.file(f"{backend.name}.o")
        models.quantc("compile", model.path, "--table", table, *backend.options(), "-o", name)
        arm = () if backend.name in ("avx2", "avx512", "vnni") else ("--mattr=+dotprod,+i8mm",)
        code = models.call("llvm-objdump", "-d", "--no-show-raw-insn", *arm, name)
        done = subprocess.run((sys.executable, CHECK, DOT[backend.name], "--loops", "3"),
                              input=code.decode(), capture_output=True, text=True)
        print(backend.name, done.stdout.replace("\n", f"\n{backend.name} "))
        if done.returncode:
            raise models.Failed(f"{backend.name}: " + done.stdout[-2000:] + done.stderr[-2000:])


if __name__ == "__main__":
    models.main(check)
