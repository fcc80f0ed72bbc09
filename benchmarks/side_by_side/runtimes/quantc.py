# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""quantc: a shared object, called through ctypes (about 1 µs a call)."""

import ctypes
import json
import mmap
import pathlib
import re
import subprocess

import numpy as np

from cache import fingerprint

NAME = "quantc"
ARITHMETIC = {"int8": "f32", "int8 fixed": "fixed", "int8 reduced": "f32"}
# Weights of 7 bits, which AVX2 multiplies faster; with VNNI they are as fast as those of 8.
REDUCED = {"global": {"weight": {"reduce_range": True}}}


def configurations(job):
    return [[name] for name in (*ARITHMETIC, "float")]


def quantc(job, *arguments):
    result = subprocess.run([job["quantc"], *map(str, arguments)], capture_output=True, text=True)
    if result.returncode:
        message = result.stderr.strip().removeprefix("quantc: error: ").replace(f"{job['onnx']}: ", "")
        raise RuntimeError(message or f"quantc {arguments[0]}: exit code {result.returncode}")


# The caller's side of threads: OpenMP, as the header has it.
PARALLEL = """#include "%s"
model_options quantc_options(int64_t threads) {
  model_options options = {model_openmp_parallel_for, 0, threads};
  return options;
}
"""


def make_parallel(path, header):
    """A shared object that gives the options for a number of threads."""
    if "_openmp_parallel_for" not in header.read_text():
        raise RuntimeError("quantc's objects don't use threads")
    source = path.with_suffix(".c")
    source.write_text(PARALLEL % header)
    command = ["cc", "-O2", "-fopenmp", "-shared", "-fPIC", source, "-o", path]
    result = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if result.returncode:
        raise RuntimeError(f"cc -fopenmp: {result.stderr}")


def prepare(job, cache):
    options = ["--mcpu", job["mcpu"]] if job["mcpu"] else []
    tool = fingerprint(job["quantc"])
    if job["configuration"] != "float":
        table, qconfig = "quantc.qcal", []
        if job["configuration"] == "int8 reduced":
            config = cache.file("reduced.json", REDUCED, lambda path: path.write_text(json.dumps(REDUCED)))
            table, qconfig = "quantc-reduced.qcal", ["--qconfig", config]
        table = cache.file(table, tool, lambda path: quantc(
            job, "calibrate", job["onnx"], *qconfig, "--data", job["calibration"], "-o", path))
        options += [*qconfig, "--table", table, "--requantize", ARITHMETIC[job["configuration"]]]
    else:
        options += ["--float"]
    name = "-".join(["quantc", *job["configuration"].split(), job["mcpu"] or "native"]) + ".so"
    if job["tune"]:  # Anew: what was measured before may be of another machine.
        tiles = cache.folder / name.replace(".so", ".tiles.json")
        tiles.unlink(missing_ok=True)
        quantc(job, "tune", job["onnx"], *options, "-o", tiles)
        options += ["--tune", tiles]
        tool = [tool, tiles.read_text()]
    shared = cache.file(name, [tool, list(map(str, options))], lambda path: quantc(
        job, "compile", job["onnx"], *options, "--name", "model", "-o", path))
    if job["threads"] > 1:
        cost = cache.cost
        cache.file("parallel.so", tool, lambda path: make_parallel(path, shared.with_suffix(".h")))
        cache.cost = cost
    return shared


class Header:
    """What a C compiler would know of the object before it is loaded."""

    def __init__(self, path):
        text = path.read_text()
        self.values = dict(re.findall(r"^#define MODEL_(\w+) (.*)$", text, re.MULTILINE))
        self.names = re.findall(r"^/\* (\S+) \*/$", text, re.MULTILINE)
        self.dims = {name: [int(d) for d in re.findall(r"\d+", value)] for name, value in self.values.items()
                     if name.endswith("_DIMS")}


def start(job):
    global header
    header = Header(pathlib.Path(job["artifact"]).with_suffix(".h"))
    if job["threads"] > 1:
        ctypes.CDLL(str(pathlib.Path(job["folder"]) / "parallel.so"))


def version():
    return ""


class Options(ctypes.Structure):
    _fields_ = [("parallel_for", ctypes.c_void_p), ("context", ctypes.c_void_p), ("threads", ctypes.c_int64)]


class Session:
    """The object's entry point, with buffers for its inputs, outputs and arena."""

    TYPES = {"float": np.float32, "int8_t": np.int8, "uint8_t": np.uint8, "int32_t": np.int32, "int64_t": np.int64}

    def __init__(self, job, artifact):
        self.arena = self.make_arena(int(header.values["ARENA_BYTES"]))
        self.inputs, self.results = self.tensors("INPUT"), self.tensors("OUTPUT")
        self.function = ctypes.CDLL(artifact).model_run
        self.arguments = [(ctypes.c_void_p * len(arrays))(*[array.ctypes.data for array in arrays])
                          for arrays in (self.inputs, self.results)]
        self.arguments += [ctypes.c_void_p(self.arena.ctypes.data), None]
        if job["threads"] > 1:
            make = ctypes.CDLL(str(pathlib.Path(job["folder"]) / "parallel.so")).quantc_options
            make.restype, make.argtypes = Options, [ctypes.c_int64]
            self.options = make(job["threads"])
            self.arguments[-1] = ctypes.byref(self.options)

    HUGE = 2 << 20

    @classmethod
    def make_arena(cls, size):
        """As the header advises where the arena is large: in pages of 2 MiB."""
        if size < cls.HUGE // 2:
            return cls.buffer(size, 4096)
        pages = mmap.mmap(-1, -(-size // cls.HUGE) * cls.HUGE + cls.HUGE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        pages.madvise(mmap.MADV_HUGEPAGE)
        whole = np.frombuffer(pages, np.uint8)
        offset = -whole.ctypes.data % cls.HUGE
        return whole[offset:offset + size]

    @staticmethod
    def buffer(size, align):
        whole = np.empty(size + align, np.uint8)
        offset = -whole.ctypes.data % align
        return whole[offset:offset + size]

    def tensors(self, kind):
        """Aligned arrays for the inputs or outputs."""
        arrays = []
        for i in range(int(header.values[f"NUM_{kind}S"])):
            prefix = f"{kind}_{i}_"
            data = self.buffer(int(header.values[prefix + "BYTES"]), 64)
            dims = header.dims.get(prefix + "DIMS", [])
            arrays.append(data.view(self.TYPES[header.values[prefix + "TYPE"]]).reshape(dims))
        return arrays

    def set_inputs(self, sample):
        for name, array in zip(header.names, self.inputs):
            array[...] = sample[name].reshape(array.shape)

    def run(self):
        code = self.function(*self.arguments)
        if code:
            raise RuntimeError(f"the model returned {code}")

    def outputs(self):
        return self.results
