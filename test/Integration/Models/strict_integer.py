#!/usr/bin/env python3
# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`--strict-integer` leaves no floating point in the code.

With `--integer-io`, no function has floating-point arithmetic or conversions;
without, only the edges do, by name: the kernels that convert inputs and
outputs. Every mode of requantization in whole numbers, every backend. With f32
it is an error.
"""

import subprocess
import sys

import models

CHECK = models.pathlib.Path(__file__).resolve().parents[1] / "check-strict-integer"
EDGES = r"(de)?quantize_\d+"


def check(arguments):
    model = models.load(arguments.model, arguments.work)
    table = model.table()
    for backend in (b for b in models.BACKENDS if not arguments.quick or b.name in ("avx2", "i8mm")):
        for mode in ("fixed", "fixed-double", "shift"):
            for io in ("integer", "float"):
                name = model.file(f"{backend.name}-{mode}-{io}.o")
                models.quantc("compile", model.path, "--table", table, "--strict-integer",
                              *(("--integer-io",) if io == "integer" else ()),
                              "--requantize", mode, *backend.options(), "-o", name)
                allow = () if io == "integer" else ("--allow", EDGES)
                done = subprocess.run((sys.executable, CHECK, *allow, name), capture_output=True, text=True)
                if done.returncode:
                    raise models.Failed(done.stdout[-2000:] + done.stderr[-2000:])
                print(done.stdout.replace(str(model.work) + "/", ""), end="")
            if arguments.quick:
                break
    done = subprocess.run(("quantc", "compile", model.path, "--table", table, "--strict-integer",
                           "--requantize", "f32", "-o", model.file("f32.o")), capture_output=True, text=True)
    print(done.stderr, end="")
    if done.returncode != 1 or "strict-integer" not in done.stderr or model.file("f32.o").exists():
        raise models.Failed(f"--strict-integer with f32: status {done.returncode}")


if __name__ == "__main__":
    models.main(check, quick={"action": "store_true", "help": "`fixed`, for one processor each"})
