#!/usr/bin/env python3
# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Networks for pictures, as floats and in int8, against ONNX Runtime.

    pictures.py MODEL WORK

Float outputs are within 1e-4 of ONNX Runtime's largest, on this processor and,
where qemu is, on AArch64. int8 outputs, calibrated on the same few pictures,
have so many decibels, and say the same of the pictures. Needs numpy,
onnxruntime and Pillow (see requirements.txt).
"""

import argparse
import dataclasses
import json
import os
import pathlib
import sys

import numpy
import onnxruntime
from PIL import Image

import models

TOLERANCE = 1e-4


def resized(folder, pattern, width, height):
    """N × height × width × RGB."""
    return numpy.stack([numpy.asarray(Image.open(path).convert("RGB").resize((width, height), Image.BILINEAR),
                                      numpy.float32) for path in sorted(folder.glob(pattern))])


def channels_first(pictures):
    return numpy.ascontiguousarray(pictures.transpose(0, 3, 1, 2), numpy.float32)


def fastestdet(folder):
    return channels_first(resized(folder, "*.jpg", 352, 352)[..., ::-1] / 255)


def ultraface(folder):
    return channels_first((resized(folder, "*.jpg", 320, 240) - 127) / 128)


def vww(folder):
    return channels_first(resized(folder, "*.bmp", 96, 96) / 255)


def super_resolution(folder):
    """The Y channel of pictures of another model."""
    pictures = resized(folder.parent / "fastestdet", "[01].jpg", 224, 224) / 255
    return channels_first(pictures @ numpy.array([[0.299], [0.587], [0.114]]))


# ---- What outputs say -------------------------------------------------------


def best_class(output):
    """Of the cell that FastestDet is surest of: 1 + 4 + 80 channels."""
    score = output[0] ** 0.6 * output[5:].max(axis=0) ** 0.4
    return output[5:].argmax(axis=0).flat[score.argmax()]


def same_objects(float_outputs, int8_outputs):
    (expected,), (actual,) = float_outputs, int8_outputs
    return [best_class(a) == best_class(b) for a, b in zip(expected, actual)]


def same_faces(float_outputs, int8_outputs):
    """The surest face, and where it is in int8, within a hundredth."""
    (scores, boxes), (int8_scores, int8_boxes) = float_outputs, int8_outputs
    best = scores[:, :, 1].argmax(axis=1)
    return [int8_scores[i, face, 1] >= 0.9 and abs(int8_boxes[i, face] - boxes[i, face]).max() <= 0.01
            for i, face in enumerate(best)]


def same_class(float_outputs, int8_outputs):
    (expected,), (actual,) = float_outputs, int8_outputs
    return list(expected.argmax(axis=1) == actual.argmax(axis=1))


@dataclasses.dataclass
class Network:
    pictures: object
    decibels: tuple  # at least, of each output
    same: object = None
    qconfig: dict = dataclasses.field(default_factory=dict)


NETWORKS = {
    # What it joins last has neither range nor meaning in common.
    "fastestdet": Network(fastestdet, (14.0,), same_objects, {"name": {"Concat_264": None}}),
    "ultraface": Network(ultraface, (40.0, 40.0), same_faces),
    "vww": Network(vww, (20.0,), same_class),
    "super_resolution": Network(super_resolution, (20.0,)),
}


# ---- Checks -----------------------------------------------------------------


def ratio(expected, actual):
    return max(abs(a - b).max() / abs(a).max() for a, b in zip(expected, actual))


def decibels(expected, actual):
    noise = numpy.square(expected.astype(numpy.float64) - actual).sum()
    return 10 * numpy.log10(numpy.square(expected.astype(numpy.float64)).sum() / noise)


def expect(path, samples):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    (about,) = session.get_inputs()
    results = [session.run(None, {about.name: sample[None]}) for sample in samples]
    return [output.name for output in session.get_outputs()], [numpy.concatenate(parts) for parts in zip(*results)]


def run(path, names, work, *options):
    outputs = [work / f"{i}.npy" for i in range(len(names))]
    models.quantc("run", path, *options, "--input", work / "samples.npy",
                  *(part for name, output in zip(names, outputs) for part in ("--output", f"{name}={output}")))
    return [numpy.load(output) for output in outputs]


def run_aarch64(path, expected, samples, work):
    """The float outputs of an object for AArch64, one sample after another."""
    backend = next(backend for backend in models.BACKENDS if backend.name == "neon")
    target, data = work / "neon.o", work / "samples.raw"
    models.quantc("compile", path, "--float", "--name", "m", *backend.options(), "-o", target)
    data.write_bytes(samples.tobytes())
    content = models.execute(target, target.with_suffix(".h"), data, backend, work, ("-DNAME=m", "-DPREFIX=M"))
    parts = numpy.frombuffer(content, numpy.float32).reshape(len(samples), -1)
    ends = numpy.cumsum([output[0].size for output in expected])[:-1]
    return [part.reshape(output[:len(samples)].shape)
            for part, output in zip(numpy.split(parts, ends, axis=1), expected)]


def check(name, work):
    network, errors = NETWORKS[name], []
    folder = pathlib.Path(os.environ["QUANTC_MODELS"]) / name
    path = folder / "model.onnx"
    samples = network.pictures(folder)
    numpy.save(work / "samples.npy", samples)
    names, expected = expect(path, samples)

    def compare(where, actual):
        found = max(map(ratio, expected, actual))
        print(f"{name}: float on {where}: {found:.2e} of the largest output, {len(actual[0])} pictures")
        if not found <= TOLERANCE:
            errors.append(f"float on {where} is {found:.2e} off")

    compare("this processor", run(path, names, work, "--float"))
    try:
        compare("AArch64", run_aarch64(path, expected, samples[:1], work))
    except models.CannotRun as reason:
        print(f"{name}: float on AArch64: skipped: {reason}")

    qconfig, table = work / "qconfig.json", work / "table.qcal"
    qconfig.write_text(json.dumps(network.qconfig))
    models.quantc("calibrate", path, "--qconfig", qconfig, "--data", work / "samples.npy", "-o", table)
    actual = run(path, names, work, "--qconfig", qconfig, "--table", table)
    for output, wanted, a, b in zip(names, network.decibels, expected, actual):
        found = decibels(a, b)
        print(f"{name}: int8 {output}: {found:.1f} dB")
        if not found >= wanted:
            errors.append(f"{output} has {found:.1f} dB, not {wanted}")
    if network.same:
        same = network.same(expected, actual)
        print(f"{name}: int8 says the same of {sum(same)} of {len(same)} pictures")
        if not all(same):
            errors.append("int8 says something else")
    if errors:
        raise models.Failed("; ".join(errors))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", choices=NETWORKS)
    parser.add_argument("work", type=pathlib.Path)
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    try:
        check(arguments.model, arguments.work)
    except models.Failed as failure:
        sys.exit(f"error: {failure}")


if __name__ == "__main__":
    main()
