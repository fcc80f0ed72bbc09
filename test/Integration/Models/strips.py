#!/usr/bin/env python3
# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A network by strips of rows takes less arena, and gives the same bytes."""

import array
import random
import re
import subprocess
import sys

import models


def main():
    model, work = sys.argv[1], models.pathlib.Path(sys.argv[3])
    shape = tuple(int(size) for size in sys.argv[2].split("x"))
    work.mkdir(parents=True, exist_ok=True)
    rng, count = random.Random(7), models.math.prod(shape)
    models.Array(shape, array.array("f", (rng.random() for _ in range(count)))).write(work / "x.npy")
    arena, results = [], []
    for options in ((), ("--strips",)):
        done = subprocess.run((models.tool("quantc"), "compile", model, "--float", *options, "--verbose",
                               "-o", work / "model.o"), capture_output=True, text=True, check=True)
        arena.append(int(re.search(r"arena +(\d+) bytes", done.stdout + done.stderr)[1]))
        result = work / "y.npy"
        models.call("quantc", "run", model, "--float", *options, "--input", work / "x.npy", "--output", result)
        results.append(result.read_bytes())
    print(f"arena {'smaller' if arena[1] < arena[0] else 'not smaller'}: {arena[0]}, by strips {arena[1]} bytes")
    print(f"outputs {'equal' if results[0] == results[1] else 'differ'}")


if __name__ == "__main__":
    main()
