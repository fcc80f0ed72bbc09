#!/usr/bin/env python3
# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""int8 against float where outputs have no meaning: their noise alone.

How much of it is the rounding to 8 bits that quantization asked for, the same
network in float says, with each fake quantization as a quantization and its
inverse. Integers do the same but for the rounding inside of softmax, layer
normalization and additions, which is far below a step of 8 bits: 0.5 dB at
most, that is, an eighth of the noise. `shift` is compared with a network of its
own scales.
"""

import math
import re

import models

DECIBELS = 0.5
FAKE_QUANT = re.compile(r"^( *%\S+) = quantc\.fake_quant (%\S+) as (!quant\.uniform<.*>) : "
                        r"(tensor<[^<>]*xf32>)(.*)$", re.M)


def rounded(module):
    """`module`, as the phase `fold` leaves it, with roundings for fake quantizations."""
    count = 0

    def split(match):
        nonlocal count
        count += 1
        result, operand, parameters, real, location = match.groups()
        integers, name = real.replace("xf32>", "xi8>"), f"%rounded{count}"
        return (f"{name} = quantc.quantize {operand} as {parameters} : {real} -> {integers}{location}\n"
                f"{result} = quantc.dequantize {name} as {parameters} : {integers} -> {real}{location}")

    text = FAKE_QUANT.sub(split, module)
    if not count or "quantc.fake_quant" in text:
        raise models.Failed("fake quantizations in another form than this test knows")
    return text


def decibels(reference, outputs):
    """Of the reference over its distance from the outputs."""
    signal = math.fsum(x * x for x in reference.data)
    noise = math.fsum((x - y) ** 2 for x, y in zip(reference.data, outputs.data, strict=True))
    return 10 * math.log10(signal / noise)


def check(arguments):
    model = models.load(arguments.model, arguments.work)
    table = model.table()
    inputs = model.inputs.write(model.file("inputs.npy"))

    def run(path, *options):
        models.quantc("run", path, *options, "--input", inputs, "--output", model.file("outputs.npy"))
        return models.Array.read(model.file("outputs.npy"))

    reference = run(model.path, "--float")
    errors = []
    for mode in models.REQUANTIZE:
        options = ("--table", table, "--requantize", mode)
        fold, fake = model.file("fold.mlir"), model.file("rounded.mlir")
        models.quantc("compile", model.path, *options, "--compile-to", "fold", "-o", fold)
        fake.write_text(rounded(fold.read_text()))
        limit = decibels(reference, run(fake, "--float")) - DECIBELS
        found = decibels(reference, run(model.path, *options))
        print(f"  {mode:12} {found:.2f} dB, fake quantization {limit + DECIBELS:.2f} dB")
        if found < limit:
            errors.append(f"{mode}: {found:.2f} dB, less than {limit:.2f}")
    if errors:
        raise models.Failed("; ".join(errors))


if __name__ == "__main__":
    models.main(check)
