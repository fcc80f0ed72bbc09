#!/usr/bin/env python3
# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tiles change no byte.

Outputs with several tuning files of random valid tiles, in integer and in
float, are those with the cost model's tiles.
"""

import models
import tiles

SEEDS = 4
SAMPLES = 20


def check(arguments):
    model = models.load(arguments.model, arguments.work)
    inputs = model.inputs[:SAMPLES].write(model.file("inputs.npy"))
    processor = ("--target", "x86_64-linux-gnu", "--mcpu", "x86-64-v3")
    integer = ("--table", model.table(), "--requantize")
    for name, options in (("float", ("--float",)), ("f32", (*integer, "f32")), ("fixed", (*integer, "fixed"))):
        def outputs(tuning, path):
            models.quantc("run", model.path, *options, *processor, *tuning, "--input", inputs, "--output", path)
            return path.read_bytes()

        kernels = model.file(f"{name}.mlir")
        models.quantc("compile", model.path, *options, *processor, "--compile-to", "kernel", "-o", kernels)
        expected, changed = outputs((), model.file(f"{name}.npy")), 0
        for seed in range(SEEDS):
            file = model.file(f"{name}-{seed}.json")
            changed += tiles.write(kernels.read_text(), "avx2", seed, file)
            if outputs(("--tune", file), model.file(f"{name}-{seed}.npy")) != expected:
                raise models.Failed(f"{name}: {file} changes the outputs")
        print(f"{model.name}: {name}: the same bytes with {changed} other tiles")


if __name__ == "__main__":
    models.main(check)
