# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ONNX Runtime's CPU provider, with all its optimizations; inputs and outputs are bound once."""

import qdq

NAME = "ONNX Runtime"


def configurations(job):
    return [[f"int8 {kind}" for kind in qdq.kinds(job)], ["float"]]


def prepare(job, cache):
    if job["configuration"] == "float":
        return job["onnx"]
    return prepare_qdq(job, cache)


def prepare_qdq(job, cache):
    """The QDQ model of the configuration `int8 KIND`, which other runtimes take, too."""
    kind = job["configuration"].removeprefix("int8 ")
    return cache.file(f"qdq-{kind.replace(' ', '-')}.onnx", "", lambda path: qdq.quantize(job, kind, path))


def start(job):
    import onnxruntime  # noqa: F401


def version():
    import onnxruntime
    return onnxruntime.__version__


class Session:
    def __init__(self, job, artifact):
        import onnxruntime
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = job["threads"]
        options.inter_op_num_threads = 1
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.log_severity_level = 3
        options.add_session_config_entry("session.set_denormal_as_zero", "1")
        self.session = onnxruntime.InferenceSession(artifact, options, providers=["CPUExecutionProvider"])
        self.binding = self.session.io_binding()
        self.kept = []
        for output in self.session.get_outputs():
            self.binding.bind_output(output.name, "cpu")

    def set_inputs(self, sample):
        self.kept = list(sample.values())
        for name, array in sample.items():
            self.binding.bind_cpu_input(name, array)

    def run(self):
        self.session.run_with_iobinding(self.binding)

    def outputs(self):
        return self.binding.copy_outputs_to_cpu()
