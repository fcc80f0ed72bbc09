#!/usr/bin/env python3
# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Float outputs against golden ones, or ONNX Runtime's: max|Δ| / max|ref| ≤ 1e-4.

The ratio is taken for each sample and each output tensor. `--golden` reads the
golden_* folders beside the model, `--onnxruntime PYTHON` asks ONNX Runtime, as
PYTHON has it, about a hundred samples.
"""

import array
import re

import models

TOLERANCE = 1e-4
SAMPLES = 100
FLOAT = 1  # TensorProto.DataType


def varint(content, at):
    value = shift = 0
    while True:
        byte = content[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def fields(content):
    """(number, value) of each field of a Protocol Buffers message."""
    at = 0
    while at < len(content):
        key, at = varint(content, at)
        if key & 7 == 0:
            value, at = varint(content, at)
        else:
            size, at = {1: (8, at), 5: (4, at), 2: None}[key & 7] or varint(content, at)
            value, at = content[at:at + size], at + size
        yield key >> 3, value


def read_tensor(path):
    """The floats of a TensorProto, and its shape."""
    shape, data = [], array.array("f")
    for number, value in fields(path.read_bytes()):
        if number == 1 and isinstance(value, int):
            shape.append(value)
        elif number == 1:  # packed
            at = 0
            while at < len(value):
                size, at = varint(value, at)
                shape.append(size)
        elif number == 2 and value != FLOAT:
            raise models.Failed(f"{path} is not of floats")
        elif number in (4, 9):
            data.frombytes(value)
    return models.Array(tuple(shape), data)


def run(model, inputs, name):
    outputs = model.file(f"{name}-outputs.npy")
    models.quantc("run", model.path, "--float", "--input", inputs.write(model.file(f"{name}.npy")),
                  "--output", outputs)
    return models.Array.read(outputs)


def ratio(expected, actual):
    """The largest of the samples' max|Δ| / max|ref|."""
    if expected.shape != actual.shape:
        raise models.Failed(f"the outputs' shape is {actual.shape}, not {expected.shape}")
    return max(max(abs(a - b) for a, b in zip(expected[i:i + 1].data, actual[i:i + 1].data))
               / max(map(abs, expected[i:i + 1].data)) for i in range(expected.shape[0]))


def report(name, against, found):
    print(f"{name}: {found:.2e} of the largest output, against {against}")
    return 0 if found <= TOLERANCE else f"error: more than {TOLERANCE:.0e}"


def check_golden(model):
    if (archive := model.path.parent / "outputs.npz").exists():
        golden = models.Array.read_member(archive, "input", model.file("golden.npy"))
        return report(model.name, "its golden output", ratio(golden, run(model, model.inputs[:1], "golden")))
    folders = sorted(path for path in model.path.parent.iterdir() if re.fullmatch(r"golden_\d+", path.name))
    pairs = [[read_tensor(folder / f"{kind}_0.pb") for kind in ("input", "output")] for folder in folders]
    found = max(ratio(golden, run(model, given, "golden")) for given, golden in pairs)
    return report(model.name, f"{len(pairs)} golden outputs", found)


def check_onnxruntime(model, python):
    inputs, outputs = model.inputs[:SAMPLES], model.file("onnxruntime.npy")
    actual = run(model, inputs, "inputs")
    models.call(python, models.pathlib.Path(__file__).parent / "run_onnxruntime.py", model.path,
                model.file("inputs.npy"), outputs)
    return report(model.name, f"ONNX Runtime on {inputs.shape[0]} samples",
                  ratio(models.Array.read(outputs), actual))


def check(arguments):
    model = models.load(arguments.model, arguments.work)
    if arguments.golden:
        return check_golden(model)
    return check_onnxruntime(model, arguments.onnxruntime)


if __name__ == "__main__":
    models.main(check, golden={"action": "store_true"}, onnxruntime={"metavar": "PYTHON"})
