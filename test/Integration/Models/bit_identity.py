#!/usr/bin/env python3
# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The same bytes from every backend.

In the modes of requantization and as floats, each backend's outputs are byte for
byte those of `--reference`, upstream's lowering to plain loops, in which floats
follow the rules. Backends that can't be run here are reported.
"""

import models

MANY, FEW = 8, 2  # samples; few where the processor is emulated in Bochs


def outputs(model, mode, backend, data):
    """The bytes that the object for `backend`, or the reference, writes."""
    name = f"{mode}-{backend.name if backend else 'reference'}".replace("-", "_")
    target = model.file(f"{name}.{backend.kind() if backend else 'o'}")
    header = target.with_suffix(".h")
    arguments = ["--float"] if mode == "float" else ["--table", model.table(), "--requantize", mode]
    arguments += backend.options() if backend else ["--reference"]
    models.quantc("compile", model.path, *arguments, "--name", "m", "-o", target)
    return models.execute(target, header, data, backend, model.work, ("-DNAME=m", "-DPREFIX=M"))


def write_samples(model, count):
    """A file of the first inputs, as raw bytes."""
    path = model.file(f"samples-{count}")
    path.write_bytes(model.inputs[:count].data.tobytes())
    return path


def check(arguments):
    model, mode = models.load(arguments.model, arguments.work), arguments.mode
    many, few = write_samples(model, MANY), write_samples(model, FEW)
    expected = outputs(model, mode, None, many)
    errors = []
    for backend in models.BACKENDS:
        try:
            data = few if backend.is_in_bochs() else many
            actual = outputs(model, mode, backend, data)
        except models.CannotRun as reason:
            print(f"{model.name} {mode} {backend.name}: skipped: {reason}")
            continue
        wanted = expected[:len(expected) * FEW // MANY] if data == few else expected
        size, differing = len(wanted), sum(a != b for a, b in zip(wanted, actual))
        if len(actual) != size or differing or len(set(wanted)) < 8:
            errors.append(f"{backend.name}: {differing} of {size} bytes differ")
        else:
            print(f"{model.name} {mode} {backend.name}: {size} bytes equal")
    if errors:
        raise models.Failed("; ".join(errors))


if __name__ == "__main__":
    models.main(check, mode={"choices": (*models.REQUANTIZE, "float"), "default": "f32"})
