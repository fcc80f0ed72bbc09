#!/usr/bin/env python3
# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Integer softmax and layer normalization of extreme rows, as each backend and
the reference compute them, against whole numbers of any size (oracle.py)."""

import array
import pathlib
import random
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import generate_attention as attention
import operations as ops
import oracle
from backends import BACKENDS, CannotRun, Failed, call, execute

LENGTHS = (1, 2, 3, 16, 17, 33, 255, 1000, 4096, 4097, 65536)
# Scales of the input and the result, and its zero point.
SOFTMAX = ((0.05, 1 / 256, -128), (1.0, 1 / 256, -128), (2.0 ** -9, 2.0 ** -18, -128), (0.3, 2.0 ** -24, 127),
           (1e-6, 2.0 ** -12, 5), (30.0, 2.0 ** 24, 0))
# ε, the largest step, and the zero point.
LAYER_NORM = ((0, 50, 0), (1, 300, -128), (1000, 10, 127), (1 << 40, 50, 3), (1 << 62, 300, -20))


def make_rows(length, rng):
    low, high = ops.limits("i8")
    rows = [[low] * length, [high] * length, [0] * length, [(low, high)[i % 2] for i in range(length)],
            [(37 * i + 5) % 256 - 128 for i in range(length)], [rng.randint(low, high) for _ in range(length)],
            [rng.randint(-2, 1) for _ in range(length)]]
    for at in (0, length // 2, length - 1):
        for one, others in ((high, low), (low, high), (1, 0)):
            rows.append([others] * length)
            rows[-1][at] = one
    return rows


class Module(ops.Module):
    """Remembers the values of its constants."""

    def constant(self, shape, element, values):
        self.constants.append(values)
        return super().constant(shape, element, values)


def describe(module):
    """What the operation that was written last has, as the oracle wants it."""
    about = {name: int(value) for name, value in re.findall(r"(\w+) = (-?\d+) : i\d+", module.body[-1])}
    constants = dict(zip(("table",) if "numerator" in about else ("gamma", "beta"), module.constants))
    return {**about, **constants}


def build():
    """A module of all cases, and (oracle's function, about, rows) of each."""
    module, cases = Module("m"), []
    for i, length in enumerate(LENGTHS):
        module.rng = random.Random(length)
        rows = make_rows(length, module.rng)
        for function, parameters in ((oracle.softmax, SOFTMAX[i % len(SOFTMAX)]),
                                     (oracle.layer_norm, LAYER_NORM[i % len(LAYER_NORM)])):
            module.constants = []
            module.begin(f"{function.__name__}{length}")
            x = module.argument((len(rows), length))
            result = getattr(attention, function.__name__)(module, x, *parameters)
            module.result(result)
            cases.append((function, describe(module), rows))
    return module, cases


def check(work):
    module, cases = build()
    source, data = work / "rows.mlir", work / "data"
    source.write_text(module.text())
    data.write_bytes(b"".join(array.array("b", row).tobytes() for _, _, rows in cases for row in rows))
    sizes = " ".join(f"T({len(rows) * len(rows[0])})" for _, _, rows in cases)
    wanted = [[function(about, row) for row in rows] for function, about, rows in cases]
    errors = []
    for backend in (None, *BACKENDS):
        name = backend.name if backend else "reference"
        target = work / f"{name}.{backend.kind() if backend else 'o'}"
        call("quantc", "compile", "--float", source, "--name", "m", "-o", target,
             *(backend.options() if backend else ("--reference",)))
        try:
            header = work / "interface.h"
            header.write_text(f'#include "{target.with_suffix(".h")}"\n#define NAME m\n#define PREFIX M\n'
                              f"#define INPUTS(T) {sizes}\n#define OUTPUTS(T) {sizes}\n")
            written = execute(target, header, data, backend, work)
        except CannotRun as reason:
            print(f"{name}: skipped: {reason}")
            continue
        found, at = array.array("b", written), 0
        differing = 0
        for (function, _, rows), results in zip(cases, wanted):
            for number, expected in enumerate(results):
                actual = list(found[at:at + len(expected)])
                at += len(expected)
                if actual != expected and (differing := differing + 1) == 1:
                    errors.append(f"{name}: {function.__name__} of {len(expected)}, row {number}: "
                                  f"{actual[:8]}..., not {expected[:8]}...")
        print(f"{name}: {sum(map(len, wanted))} rows, {differing} differ")
    values = {value for results in wanted for row in results for value in row}
    if len(values) < 200:
        errors.append(f"results have but {len(values)} values")
    if errors:
        raise Failed("\n".join(errors))


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        check(folder)
    except Failed as failure:
        sys.exit(f"error: {failure}")
