# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""IREE's CPU backend: the float ONNX or ONNX Runtime's QDQ, compiled ahead of time."""

import os
import pathlib
import signal
import subprocess
import sys

import numpy as np

import qdq
from runtimes import onnxruntime

NAME = "IREE"
TIMEOUT = 900  # seconds
CHANNELS_LAST = "builtin.module(util.func(iree-preprocessing-convert-conv-to-channels-last))"


def configurations(job):
    # Exact with any types; s8s8 is what its kernels are made for.
    return [[f"int8 {kind}" for kind in qdq.kinds(job) if kind.startswith("s8s8")], ["float"]]


def call(*command):
    # The tools are scripts that run the program: both end when time is up.
    process = subprocess.Popen([str(pathlib.Path(sys.executable).with_name(command[0])), *map(str, command[1:])],
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True)
    try:
        _, messages = process.communicate(timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        raise RuntimeError(f"{command[0]} takes longer than {TIMEOUT} s") from None
    if process.returncode:
        raise RuntimeError(f"{command[0]}: {messages.strip() or process.returncode}")


def prepare(job, cache):
    source = onnxruntime.prepare(job, cache)
    cpu = job["mcpu"] or "host"

    def make(path):
        mlir = path.with_suffix(".mlir")
        call("iree-import-onnx", source, "-o", mlir, "--opset-version", "17")
        call("iree-compile", mlir, "-o", path, "--iree-hal-target-device=local",
             "--iree-hal-local-target-device-backends=llvm-cpu", f"--iree-llvmcpu-target-cpu={cpu}",
             "--iree-opt-level=O3", "--iree-opt-data-tiling=true",
             f"--iree-preprocessing-pass-pipeline={CHANNELS_LAST}")
        mlir.unlink()
    name = f"iree-{job['configuration'].replace(' ', '-')}-{cpu}.vmfb"
    return cache.file(name, [version(), os.stat(__file__).st_mtime_ns], make)


def start(job):
    from iree import runtime
    if job["threads"] > 1:
        runtime.flags.parse_flags(f"--task_topology_group_count={job['threads']}")


def version():
    from importlib import metadata
    return metadata.version("iree-base-runtime")


class Session:
    def __init__(self, job, artifact):
        from iree import runtime
        driver = "local-sync" if job["threads"] == 1 else "local-task"
        self.runtime, self.device = runtime, runtime.get_device(driver)
        config = runtime.Config(device=self.device)
        module = runtime.VmModule.mmap(config.vm_instance, artifact)
        context = runtime.VmContext(config.vm_instance, [config.default_vm_modules[0], module])
        names = [name for name in module.function_names if not name.startswith("__") and "$" not in name]
        self.context, self.function = context, module.lookup_function(names[0])
        self.names = list(job["input_shapes"])

    def set_inputs(self, sample):
        rt = self.runtime
        self.arguments = rt.VmVariantList(len(self.names))
        for name in self.names:
            array = self.device.allocator.allocate_buffer_copy(
                memory_type=rt.MemoryType.DEVICE_LOCAL, allowed_usage=rt.BufferUsage.DEFAULT,
                device=self.device, buffer=np.ascontiguousarray(sample[name]),
                element_type=rt.HalElementType.FLOAT_32)
            self.arguments.push_ref(array)

    def run(self):
        self.results = self.runtime.VmVariantList(1)
        self.context.invoke(self.function, self.arguments, self.results)

    def outputs(self):
        return [self.runtime.DeviceArray(self.device, self.results.get_as_object(i, self.runtime.HalBufferView)).to_host()
                for i in range(len(self.results))]
