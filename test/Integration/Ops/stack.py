#!/usr/bin/env python3
# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Objects need less than 64 KiB of stack, whatever their kernels keep there.

The largest of what is kept: panels of computed operands, attention, sums of the Winograd
domain, exponentials of a row. For every backend.
"""

import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import generate_attention as attention
import operations as ops
import stack_sizes
from backends import BACKENDS, Failed, call


def winograd(m, channels, columns, stride=1):
    # 36 tiles of 4 × 4, or 144 of 2 × 2.
    x = m.argument((1, 23 * stride + 3, 23 * stride + 3, channels))
    sums = ops.convolve(m, x, columns, (3, 3), stride=(stride, stride))
    m.result(ops.activate(m, "f32", sums, 0))


def product(m, rows, depth, columns, element):
    left, right = (m.argument(shape, element) for shape in ((1, rows, depth), (1, depth, columns)))
    m.result(attention.matmul(m, left, right))


def softmax(m, length):
    m.result(attention.softmax(m, m.argument((3, length)), 0.05, 1 / 256, -128))


def one_kernel(m, keys, depth, element):
    """Attention: the most that is one kernel, and what just isn't."""
    parts = [m.argument(shape, element) for shape in ((1, 32, depth), (1, depth, keys), (1, keys, depth))]
    scores = attention.matmul(m, *parts[:2])
    if element == "i8":
        scores = attention.to_bytes(m, "f32", scores, 3)
        weights = attention.softmax(m, scores, 0.05, 2.0 ** -9, -128)
    else:
        weights = attention.same(m, f"quantc.softmax {scores.name} : {scores.type}", scores)
    m.result(attention.matmul(m, weights, parts[2]))


CASES = [(winograd, 64, 64), (winograd, 128, 128), (winograd, 512, 64), (winograd, 64, 512), (winograd, 64, 64, 2),
         *((product, rows, depth, columns, element) for rows in (5, 64) for depth in (64, 500, 1000, 2000, 4000)
           for columns in (16, 64) for element in ("i8", "f32")),
         *((one_kernel, keys, 64, "i8") for keys in (128, 144, 160, 250, 270, 290)),
         *((one_kernel, keys, 64, "f32") for keys in (40, 64, 72, 80)),
         (softmax, 1000), (softmax, 4096), (softmax, 20000)]


def check(work):
    most = {}
    for number, (build, *parameters) in enumerate(CASES):
        module = ops.Module(f"m{number}")
        module.rng = random.Random(number)
        module.begin(build.__name__)
        build(module, *parameters)
        source, target = work / "case.mlir", work / "case.o"
        source.write_text(module.text())
        for backend in BACKENDS:
            call("quantc", "compile", "--float", source, "--name", "m", *backend.options(), "-o", target)
            size, chain = stack_sizes.deepest(target, "m_run")
            what = f"{build.__name__} {parameters}: {size} bytes: {', '.join(chain)}"
            most[backend.name] = max(most.get(backend.name, (0, "")), (size, what))
    for name, (size, what) in most.items():
        print(f"{name}: {what}")
    if any(size >= stack_sizes.LIMIT for size, _ in most.values()):
        raise Failed("that is too much stack")


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    try:
        check(folder)
    except Failed as failure:
        sys.exit(f"error: {failure}")
