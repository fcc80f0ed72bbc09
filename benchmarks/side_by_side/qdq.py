# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""int8 models as ONNX Runtime's own quantize_static makes them.

Which types of activations and weights are fastest, and which are exact, depends
on the processor: u8s8 saturates on x86 without VNNI, against which weights of 7
bits help ("reduced", what ONNX Runtime recommends there). So there are several
kinds, of which compare.py chooses.
"""

import logging
import pathlib
import shutil

from models import read_samples

TYPES = {"u8s8": ("QUInt8", "QInt8"), "s8s8": ("QInt8", "QInt8"), "u8u8": ("QUInt8", "QUInt8")}
KINDS = (*TYPES, "u8s8 reduced")


def kinds(job):
    """Models with attention also with nothing but their matrix products in integers."""
    return [*KINDS, *([f"{kind} products" for kind in KINDS] if job["matmuls"] > 8 else [])]


class Samples:
    """The calibration data as quantize_static wants to read it."""

    def __init__(self, job, count=None):
        samples = read_samples(job["calibration"], job["input_shapes"])
        self.left = iter([samples[i % len(samples)] for i in range(count)] if count else samples)

    def get_next(self):
        return next(self.left, None)


def quantize(job, kind, output):
    """Writes the model with Q/DQ, weights per channel, ranges from minimum and maximum."""
    from onnxruntime import quantization as q
    from onnxruntime.quantization.shape_inference import quant_pre_process
    logging.getLogger().setLevel(logging.ERROR)
    activations, weights = (getattr(q.QuantType, name) for name in TYPES[kind.split()[0]])
    prepared = pathlib.Path(job["folder"]) / "preprocessed.onnx"
    quant_pre_process(job["onnx"], prepared, skip_symbolic_shape=True)
    only = {"op_types_to_quantize": ["Conv", "Gemm", "MatMul"]} if kind.endswith("products") else {}
    temporary = pathlib.Path(output).with_suffix(".part.onnx")

    def static(**options):
        q.quantize_static(prepared, temporary, Samples(job), quant_format=q.QuantFormat.QDQ, per_channel=True,
                          reduce_range="reduced" in kind, activation_type=activations, weight_type=weights,
                          calibrate_method=q.CalibrationMethod.MinMax, **only, **options)
    try:
        static()
    except ValueError:  # It adjusts scales of weights per tensor only.
        static(extra_options={"QDQDisableWeightAdjustForInt32Bias": True})
    shutil.move(temporary, output)
    prepared.unlink()
    return output
