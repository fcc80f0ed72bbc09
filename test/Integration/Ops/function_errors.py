#!/usr/bin/env python3
# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""quantc's own float functions against double precision, in units of the last
place, for many operands of every magnitude; and what the ends of the range
give."""

import array
import math
import pathlib
import random
import struct
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Models"))
from models import Array  # noqa: E402

COUNT = 1 << 18
# Bounds in units of the last place, the operands' range, special operands.
FUNCTIONS = {
    "exp": (math.exp, 1.0, (-103.0, 88.7), {-3e38: 0.0, 3e38: math.inf, -104.5: 0.0,
                                            89.0: math.inf, 0.0: 1.0, -1e-40: 1.0}),
    "erf": (math.erf, 1.3, (-4.5, 4.5), {-3e38: -1.0, 3e38: 1.0, 4.0: 1.0, 0.0: 0.0}),
    "tanh": (math.tanh, 1.4, (-11.0, 11.0), {-3e38: -1.0, 3e38: 1.0, 20.0: 1.0, 0.0: 0.0}),
}


def f32(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


def unit(value):
    """Of the last place of an f32; that of the least normal for what is smaller."""
    return 2.0 ** (max(math.frexp(value)[1] - 1, -126) - 23)


def operands(rng, low, high, special):
    """Evenly spread ones, and ones of every magnitude."""
    values = list(special)
    while len(values) < COUNT:
        x = rng.uniform(low, high)
        values.append(f32(x if len(values) % 2 else x * 2.0 ** rng.uniform(-20, 0)))
    return values


def main():
    work = pathlib.Path(sys.argv[1])
    work.mkdir(parents=True)
    rng, failed = random.Random(1), False
    for name, (function, bound, limits, special) in FUNCTIONS.items():
        kind = f"tensor<{COUNT}xf32>"
        (work / f"{name}.mlir").write_text(
            f'func.func @f(%x: {kind} {{quantc.name = "x"}}) -> ({kind} {{quantc.name = "y"}}) {{\n'
            f"  %y = tosa.{name} %x : ({kind}) -> {kind}\n  return %y : {kind}\n}}\n")
        given = operands(rng, *limits, special)
        Array((COUNT,), array.array("f", given)).write(work / "x.npy")
        subprocess.run(("quantc", "run", work / f"{name}.mlir", "--float", "--input", work / "x.npy",
                        "--output", work / "y.npy"), check=True)
        found = Array.read(work / "y.npy").data
        for x, y in zip(special, found):
            if y != f32(special[x]):
                failed = True
                print(f"{name}({x}) = {y}, not {special[x]}")
        worst, where = max((abs(y - function(x)) / unit(function(x)), x)
                           for x, y in zip(given[len(special):], found[len(special):]))
        print(f"{name}: {worst:.3f} units of the last place at {where}, {bound} allowed")
        failed |= worst > bound
    sys.exit(failed)


if __name__ == "__main__":
    main()
