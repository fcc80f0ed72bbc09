# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The networks of these tests, their data made ready, and quantc to run them.

`digits` is part of the project; the others are in the folder that the variable
QUANTC_MODELS names, whose README says how pictures become inputs.
"""

import array
import dataclasses
import json
import math
import os
import pathlib
import random
import re
import struct
import sys
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from backends import BACKENDS, ROOT, CannotRun, Failed, call, execute, tool  # noqa: E402,F401

NAMES = ("digits", "kws", "mnist", "cifar10", "tinyvit", "ultraface")
REQUANTIZE = ("f32", "fixed", "fixed-double", "shift")
CODES = {"<f4": "f", "|u1": "B", "|i1": "b", "<i4": "i", "<i8": "q"}
CIFAR_MEAN = (0.4914, 0.4822, 0.4465)
CIFAR_STD = (0.2023, 0.1994, 0.2010)


@dataclasses.dataclass
class Array:
    """A tensor: its shape, and its elements in row-major order."""

    shape: tuple
    data: array.array

    @classmethod
    def read(cls, path):
        """From a .npy file, version 1 or 2, little endian."""
        content = pathlib.Path(path).read_bytes()
        if content[:6] != b"\x93NUMPY":
            raise Failed(f"{path} is no .npy file")
        length, start = (struct.unpack_from("<H", content, 8)[0], 10) if content[6] == 1 else (
            struct.unpack_from("<I", content, 8)[0], 12)
        header = content[start:start + length].decode()
        if "'fortran_order': False" not in header:
            raise Failed(f"{path} is not in row-major order")
        code = CODES[re.search(r"'descr': '([^']+)'", header)[1]]
        shape = re.search(r"'shape': \(([^)]*)\)", header)[1]
        data = array.array(code)
        data.frombytes(content[start + length:])
        return cls(tuple(int(size) for size in re.findall(r"\d+", shape)), data)

    @classmethod
    def read_member(cls, archive, name, copy):
        """Of a .npz file, by way of the file `copy`."""
        with zipfile.ZipFile(archive) as members:
            copy.write_bytes(members.read(f"{name}.npy"))
        return cls.read(copy)

    def write(self, path):
        descr = next(key for key, code in CODES.items() if code == self.data.typecode)
        shape = ", ".join(map(str, self.shape)) + ("," if len(self.shape) == 1 else "")
        header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': ({shape}), }}"
        header += " " * (-(len(header) + 11) % 64) + "\n"
        pathlib.Path(path).write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header))
                                       + header.encode() + self.data.tobytes())
        return path

    def __getitem__(self, samples):
        """Some of the samples, a slice of the first dimension."""
        size = math.prod(self.shape[1:])
        start, stop, step = samples.indices(self.shape[0])
        assert step == 1
        return Array((max(stop - start, 0), *self.shape[1:]), self.data[start * size:stop * size])


def kws(folder):
    return Array.read(folder / "test_inputs.npy")


def mnist(folder):
    images = Array.read(folder / "test_images_u8.npy")
    count, height, width = images.shape
    return Array((count, 1, height, width), array.array("f", images.data))


def cifar10(folder):
    """Pictures N×32×32×3 as normalized channels N×3×32×32."""
    images = Array.read(folder / "test_images_u8.npy")
    count, height, width, channels = images.shape
    normalized = [[(value / 255 - mean) / std for value in range(256)]
                  for mean, std in zip(CIFAR_MEAN, CIFAR_STD)]
    data, pixels = array.array("f"), height * width * channels
    for first in range(0, len(images.data), pixels):
        for channel, table in enumerate(normalized):
            data.extend(table[value] for value in images.data[first + channel:first + pixels:channels])
    return Array((count, channels, height, width), data)


def tinyvit(folder, copy, count):
    """The one input that comes with it, and noise of its mean and deviation."""
    given = Array.read_member(folder / "inputs.npz", "arr_0", copy)
    mean = sum(given.data) / len(given.data)
    deviation = math.sqrt(sum((x - mean) ** 2 for x in given.data) / len(given.data))
    noise = random.Random(1)
    given.data.extend(noise.gauss(mean, deviation) for _ in range((count - 1) * len(given.data)))
    return Array((count, *given.shape[1:]), given.data)


def ultraface(count):
    """Noise: what is in a picture doesn't matter to bits."""
    noise, shape = random.Random(1), (3, 240, 320)
    return Array((count, *shape), array.array("f", (noise.uniform(-1, 1) for _ in range(count * math.prod(shape)))))


@dataclasses.dataclass
class Model:
    """A network, and files in `work` with its data."""

    name: str
    path: pathlib.Path
    work: pathlib.Path
    calibration: Array
    inputs: Array
    labels: Array
    disjoint: bool  # whether none of the inputs is among the calibration samples

    def file(self, name):
        return self.work / name

    def table(self):
        """The calibration table over all calibration samples."""
        table = self.file("table.qcal")
        if not table.exists():
            data = self.calibration.write(self.file("calibration.npy"))
            quantc("calibrate", self.path, "--data", data, "-o", table)
        return table


def load(name, work):
    """The network `name`; `work` is a folder for files, made if it is missing."""
    work = pathlib.Path(work).resolve()
    work.mkdir(parents=True, exist_ok=True)
    if name == "digits":
        folder = ROOT / "examples" / "digits"
        return Model(name, folder / "digits.onnx", work, Array.read(folder / "calibration.npy"),
                     Array.read(folder / "test_images.npy"), Array.read(folder / "test_labels.npy"), True)
    if not (models := os.environ.get("QUANTC_MODELS")):
        raise Failed(f"the variable QUANTC_MODELS must name the folder that has {name}")
    folder = pathlib.Path(models) / name
    if name == "tinyvit":  # Nothing is known of what its outputs mean.
        inputs, count = tinyvit(folder, work / "given.npy", 128), 64
        return Model(name, folder / "network.onnx", work, inputs[count:], inputs[:count],
                     Array((count,), array.array("q", [0] * count)), True)
    if name == "ultraface":
        inputs, count = ultraface(12), 8
        return Model(name, folder / "model.onnx", work, inputs[count:], inputs[:count],
                     Array((count,), array.array("q", [0] * count)), True)
    inputs = {"kws": kws, "mnist": mnist, "cifar10": cifar10}[name](folder)
    labels = Array.read(folder / "test_labels.npy")
    path = folder / "model.onnx"
    if name == "cifar10":  # There are only a hundred pictures: all of them are tested.
        return Model(name, path, work, inputs[:50], inputs, labels, False)
    return Model(name, path, work, inputs[:200], inputs[200:], labels[200:], True)


def quantc(*arguments, **options):
    return call("quantc", *arguments, **options)


def quantc_json(*arguments):
    return json.loads(quantc(*arguments, "--json"))


def main(check, **more):
    """Runs `check(arguments)` as a program: MODEL WORK, and `more` arguments."""
    import argparse
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__.splitlines()[0])
    parser.add_argument("model", choices=NAMES)
    parser.add_argument("work", help="folder for files, made if it is missing")
    for name, how in more.items():
        parser.add_argument(f"--{name.replace('_', '-')}", **how)
    arguments = parser.parse_args()
    try:
        sys.exit(check(arguments))
    except Failed as failure:
        sys.exit(f"error: {failure}")
