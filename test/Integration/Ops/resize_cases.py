#!/usr/bin/env python3
# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Resize and Upsample in each mode and opset, against ONNX Runtime.

    resize_cases.py --quantc QUANTC WORK

A model for each opset, with a node for each case; needs numpy and onnxruntime
(see requirements.txt). Prints the cases whose outputs differ by more than 1e-5
of the largest; exit code 1 if there are any.
"""

import argparse
import itertools
import pathlib
import subprocess
import sys

import numpy
import onnxruntime

TOLERANCE = 1e-5
COORDINATES = {11: ["half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric", "tf_half_pixel_for_nn"],
               13: ["half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"],
               19: ["half_pixel", "half_pixel_symmetric", "align_corners", "asymmetric"]}
COORDINATES[18] = COORDINATES[13]
NEAREST = ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"]
# Scales of height and width; sizes from [5, 6] and [9, 4] pixels.
SCALES = [(2, 2), (1.5, 3), (0.5, 2.5), (1, 0.75)]
SIZES = [(10, 12), (7, 3), (1, 9)]


# ---- The parts of ONNX's protocol buffers that cases need ---------------------


def varint(value):
    parts = []
    while True:
        value, low = value >> 7, value & 127
        parts.append(low | (128 if value else 0))
        if not value:
            return bytes(parts)


def field(number, value):
    """A number, text, or message (bytes)."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value & (1 << 64) - 1)
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


def attribute(name, value):
    if isinstance(value, str):
        return field(1, name) + field(4, value) + field(20, 3)
    if isinstance(value, int):
        return field(1, name) + field(3, value) + field(20, 2)
    if all(isinstance(one, int) for one in value):
        return field(1, name) + b"".join(field(8, one) for one in value) + field(20, 7)
    packed = numpy.array(value, numpy.float32).tobytes()
    return field(1, name) + field(7, packed) + field(20, 6)


def tensor(name, values, dtype):
    values = numpy.array(values, dtype)
    dims = b"".join(field(1, size) for size in values.shape)
    return dims + field(2, {"float32": 1, "int64": 7}[dtype]) + field(8, name) + field(9, values.tobytes())


def value_info(name, shape):
    dims = b"" if shape is None else field(2, b"".join(field(1, field(1, size)) for size in shape))
    return field(1, name) + field(2, field(1, field(1, 1) + dims))


class Model:
    def __init__(self, opset, inputs):
        self.opset, self.inputs, self.nodes, self.initializers, self.names = opset, inputs, [], [], []

    def add(self, kind, operands, **attributes):
        """A node whose operands are names and (values, type)."""
        about = [kind, *map(str, operands), *(f"{key}={value}" for key, value in attributes.items())]
        name = f"y{len(self.names)}"
        self.names.append(" ".join(about))
        names = []
        for operand in operands:
            if isinstance(operand, tuple):
                self.initializers.append(tensor(f"c{len(self.initializers)}", *operand))
                operand = f"c{len(self.initializers) - 1}"
            names.append(operand)
        self.nodes.append(b"".join(field(1, operand) for operand in names) + field(2, name) + field(3, name)
                          + field(4, kind)
                          + b"".join(field(5, attribute(key, value)) for key, value in attributes.items()))

    def write(self, path):
        graph = b"".join(field(1, node) for node in self.nodes) + field(2, "cases")
        graph += b"".join(field(5, constant) for constant in self.initializers)
        graph += b"".join(field(11, value_info(name, array.shape)) for name, array in self.inputs.items())
        graph += b"".join(field(12, value_info(f"y{i}", None)) for i in range(len(self.names)))
        path.write_bytes(field(1, 8) + field(7, graph) + field(8, field(1, "") + field(2, self.opset)))


# ---- Cases ------------------------------------------------------------------


def build(opset, inputs):
    model = Model(opset, inputs)
    if opset < 11:
        for mode, (height, width) in itertools.product(("nearest", "linear"), SCALES):
            for x in ("x", "z"):
                scales = [1, 1, height, width]
                if opset == 10:
                    model.add("Resize", [x, (scales, "float32")], mode=mode)
                elif min(scales) < 1:
                    continue  # Upsample doesn't shrink.
                elif opset == 9:
                    model.add("Upsample", [x, (scales, "float32")], mode=mode)
                else:
                    model.add("Upsample", [x], mode=mode, scales=[float(scale) for scale in scales])
        return model
    none = ([], "float32")
    modes = [("nearest", {"nearest_mode": nearest}) for nearest in NEAREST] + [("linear", {})]
    for coordinates, (mode, more) in itertools.product(COORDINATES[opset], modes):
        # Linear isn't meant, and ceil reads a whole element beyond the input.
        if coordinates == "tf_half_pixel_for_nn" and more.get("nearest_mode", "ceil") == "ceil":
            continue
        about = {"mode": mode, "coordinate_transformation_mode": coordinates, **more}
        for height, width in SCALES:
            model.add("Resize", ["x", none, ([1, 1, height, width], "float32")], **about)
        for size in SIZES:
            model.add("Resize", ["z", none, none, ([1, 2, *size], "int64")], **about)
        model.add("Resize", ["w", none, ([1, 1, 2], "float32")], **about)
        if opset >= 18:
            model.add("Resize", ["z", "", "", (SIZES[0], "int64")], axes=[2, 3], **about)
    return model


def check(opset, arguments):
    random = numpy.random.default_rng(opset)
    inputs = {name: random.standard_normal(shape, numpy.float32)
              for name, shape in (("x", (1, 3, 5, 6)), ("z", (1, 2, 9, 4)), ("w", (1, 4, 7)))}
    model = build(opset, inputs)
    if opset < 11:
        del inputs["w"]
    path = arguments.work / f"opset-{opset}.onnx"
    model.write(path)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    expected = session.run(None, inputs)
    command = [arguments.quantc, "run", path, "--float"]
    for name, array in inputs.items():
        numpy.save(arguments.work / f"{name}.npy", array)
        command += ["--input", f"{name}={arguments.work / name}.npy"]
    outputs = [arguments.work / f"y{i}.npy" for i in range(len(model.names))]
    for i, output in enumerate(outputs):
        command += ["--output", f"y{i}={output}"]
    if subprocess.run(list(map(str, command))).returncode:
        sys.exit(f"error: quantc can't run {path}")
    failures = 0
    for case, output, wanted in zip(model.names, outputs, expected):
        actual = numpy.load(output)
        if actual.shape == wanted.shape and abs(actual - wanted).max() <= TOLERANCE * abs(wanted).max():
            continue
        failures += 1
        print(f"opset {opset}: {case}: ", end="")
        print(f"shape {actual.shape}, not {wanted.shape}" if actual.shape != wanted.shape else
              f"{(abs(actual - wanted) > TOLERANCE).mean():.0%} of the elements differ")
    print(f"opset {opset}: {len(model.names) - failures} of {len(model.names)} cases as ONNX Runtime has them")
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quantc", default="quantc")
    parser.add_argument("work", type=pathlib.Path)
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    return bool(sum([check(opset, arguments) for opset in (8, 9, 10, 11, 13, 18, 19)]))


if __name__ == "__main__":
    sys.exit(main())
