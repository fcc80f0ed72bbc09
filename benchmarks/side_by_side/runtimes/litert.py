# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""LiteRT with XNNPACK, on the same network written as .tflite (tflite.py)."""

import os

import numpy as np

from runtimes import onnxruntime, pytorch

NAME = "LiteRT"


def configurations(job):
    return [["int8 s8s8"], ["float"]]


def start(job):
    from ai_edge_litert import interpreter  # noqa: F401


def version():
    from importlib import metadata
    return metadata.version("ai-edge-litert")


def prepare(job, cache):
    import tflite
    if job["configuration"] == "float":
        source = cache.file("basic.onnx", onnxruntime.version(), lambda path: pytorch.basic(job, path))
    else:
        source = onnxruntime.prepare(job, cache)
    name = f"litert-{job['configuration'].replace(' ', '-')}.tflite"
    return cache.file(name, os.stat(tflite.__file__).st_mtime_ns, lambda path: tflite.convert(source, path))


class Session:
    def __init__(self, job, artifact):
        from ai_edge_litert.interpreter import Interpreter
        self.interpreter = Interpreter(artifact, num_threads=job["threads"])
        self.interpreter.allocate_tensors()
        self.details = self.interpreter.get_input_details()
        self.indices = [detail["index"] for detail in self.interpreter.get_output_details()]

    def set_inputs(self, sample):
        for detail, array in zip(self.details, sample.values()):
            if tuple(detail["shape"]) != array.shape:
                array = np.ascontiguousarray(array.transpose(0, 2, 3, 1))
            self.interpreter.set_tensor(detail["index"], array)

    def run(self):
        self.interpreter.invoke()

    def outputs(self):
        return [self.interpreter.get_tensor(index) for index in self.indices]
