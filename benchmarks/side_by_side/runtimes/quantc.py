# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""quantc: a shared object, called through ctypes (about 1 µs a call)."""

import ctypes
import pathlib
import re
import subprocess

import numpy as np

from cache import fingerprint

NAME = "quantc"
ARITHMETIC = {"int8": "f32", "int8 fixed": "fixed"}


def configurations(job):
    return [["int8"], ["int8 fixed"], ["float"]]


def quantc(job, *arguments):
    result = subprocess.run([job["quantc"], *map(str, arguments)], capture_output=True, text=True)
    if result.returncode:
        message = result.stderr.strip().removeprefix("quantc: error: ").replace(f"{job['onnx']}: ", "")
        raise RuntimeError(message or f"quantc {arguments[0]}: exit code {result.returncode}")


def supports_threads(job):
    text = subprocess.run([job["quantc"], "compile", "--help"], capture_output=True, text=True).stdout
    return re.search(r"^ *--threads", text, re.MULTILINE) is not None


def prepare(job, cache):
    options = ["--mcpu", job["mcpu"]] if job["mcpu"] else []
    if job["threads"] > 1:
        if not supports_threads(job):
            raise RuntimeError("quantc compile has no --threads")
        options += ["--threads", job["threads"]]
    tool = fingerprint(job["quantc"])
    if job["configuration"] != "float":
        table = cache.file("quantc.qcal", tool, lambda path: quantc(
            job, "calibrate", job["onnx"], "--data", job["calibration"], "-o", path))
        options += ["--table", table, "--requantize", ARITHMETIC[job["configuration"]]]
    else:
        options += ["--float"]
    name = "-".join(["quantc", *job["configuration"].split(), job["mcpu"] or "native", str(job["threads"])]) + ".so"
    return cache.file(name, [tool, list(map(str, options))], lambda path: quantc(
        job, "compile", job["onnx"], *options, "--name", "model", "-o", path))


def start(job):
    pass


def version():
    return ""


class Session:
    """The object's entry point, with buffers for its inputs, outputs and arena."""

    TYPES = {"float": np.float32, "int8_t": np.int8, "uint8_t": np.uint8, "int32_t": np.int32, "int64_t": np.int64}

    def __init__(self, job, artifact):
        header = pathlib.Path(artifact).with_suffix(".h").read_text()
        self.values = dict(re.findall(r"^#define MODEL_(\w+) (.*)$", header, re.MULTILINE))
        self.names = re.findall(r"^/\* (\S+) \*/$", header, re.MULTILINE)
        align = int(self.values["ARENA_ALIGN"])
        self.arena = self.buffer(int(self.values["ARENA_BYTES"]), max(align, 4096))
        self.inputs, self.results = self.tensors("INPUT"), self.tensors("OUTPUT")
        self.function = ctypes.CDLL(artifact).model_run
        self.arguments = [(ctypes.c_void_p * len(arrays))(*[array.ctypes.data for array in arrays])
                          for arrays in (self.inputs, self.results)]
        self.arguments += [ctypes.c_void_p(self.arena.ctypes.data), None]

    @staticmethod
    def buffer(size, align):
        whole = np.empty(size + align, np.uint8)
        offset = -whole.ctypes.data % align
        return whole[offset:offset + size]

    def tensors(self, kind):
        """Aligned arrays for the inputs or outputs."""
        arrays = []
        for i in range(int(self.values[f"NUM_{kind}S"])):
            prefix = f"{kind}_{i}_"
            dims = [int(d) for d in re.findall(r"\d+", self.values.get(prefix + "DIMS", ""))]
            data = self.buffer(int(self.values[prefix + "BYTES"]), 64)
            arrays.append(data.view(self.TYPES[self.values[prefix + "TYPE"]]).reshape(dims))
        return arrays

    def set_inputs(self, sample):
        for name, array in zip(self.names, self.inputs):
            array[...] = sample[name].reshape(array.shape)

    def run(self):
        code = self.function(*self.arguments)
        if code:
            raise RuntimeError(f"the model returned {code}")

    def outputs(self):
        return self.results
