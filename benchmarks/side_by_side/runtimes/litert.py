# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""LiteRT with XNNPACK, where there is the same network as .tflite."""

import numpy as np

NAME = "LiteRT"


def configurations(job):
    return [["int8"], ["float"]]


def start(job):
    from ai_edge_litert import interpreter  # noqa: F401


def version():
    from importlib import metadata
    return metadata.version("ai-edge-litert")


def prepare(job, cache):
    raise RuntimeError("no .tflite of the same network")
