#!/usr/bin/env python3
# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs a model of one input and one output with ONNX Runtime, sample by sample.

    run_onnxruntime.py MODEL.onnx INPUTS.npy OUTPUTS.npy

Needs numpy and onnxruntime (see requirements.txt); no optimizations, so that the
outputs are what the nodes say.
"""

import sys

import numpy
import onnxruntime


def main():
    model, inputs, outputs = sys.argv[1:]
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    (about,) = session.get_inputs()
    samples = numpy.load(inputs)
    results = [session.run(None, {about.name: sample[None]}) for sample in samples]
    numpy.save(outputs, numpy.concatenate([result for (result,) in results]))


if __name__ == "__main__":
    main()
