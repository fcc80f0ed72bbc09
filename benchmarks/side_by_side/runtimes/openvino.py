# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""OpenVINO's CPU plugin, tuned for latency, from the float ONNX or ONNX Runtime's QDQ."""

import qdq
from runtimes import onnxruntime

NAME = "OpenVINO"


def configurations(job):
    return [[f"int8 {kind}" for kind in qdq.kinds(job)], ["float"]]


prepare = onnxruntime.prepare


def start(job):
    import openvino  # noqa: F401


def version():
    import openvino
    return openvino.__version__.split("-")[0]


class Session:
    def __init__(self, job, artifact):
        import openvino
        self.openvino = openvino
        # f32: without it, machines with AMX or bf16 would round float models.
        compiled = openvino.Core().compile_model(artifact, "CPU", {
            "PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": job["threads"], "NUM_STREAMS": 1,
            "INFERENCE_PRECISION_HINT": "f32", "ENABLE_CPU_PINNING": False})
        self.request = compiled.create_infer_request()
        self.count = len(compiled.outputs)

    def set_inputs(self, sample):
        self.kept = list(sample.values())
        for name, array in sample.items():
            self.request.set_tensor(name, self.openvino.Tensor(array, shared_memory=True))

    def run(self):
        self.request.infer()

    def outputs(self):
        return [self.request.get_output_tensor(i).data for i in range(self.count)]
