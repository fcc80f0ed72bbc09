#!/usr/bin/env python3
# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The number of threads changes no byte.

The tools with 1, 2, 3 and 7 threads: outputs in integer and in float, and the
calibration table. And an object of which every kernel is cut that can be, in
which tools would leave small ones whole, for other numbers of parts, done in
backward order.
"""

import re

import models

THREADS = (1, 2, 3, 7)
SAMPLES = 20


def same(what, contents):
    if any(content != contents[0] for content in contents):
        raise models.Failed(f"{what} depends on the number of threads")


def cut_all(model, options, name):
    """The object of a model that left `requantize` with all kernels cut; how many."""
    module, lowered, code, target = (model.file(f"{name}-cut.{end}") for end in ("mlir", "llvm.mlir", "ll", "o"))
    phase = "prepare" if "--float" in options else "requantize"
    models.quantc("compile", model.path, *options, "--name", "m", "--compile-to", phase, "-o", module)
    models.call("quant-opt", "--verify-each=0", module, "--quantc-linalg-pipeline",
                "--quantc-kernel-pipeline=min-part-cycles=1", "--quantc-llvm-pipeline", "-o", lowered)
    models.call(models.tool("mlir-translate-22", "mlir-translate"), "--mlir-to-llvmir", lowered, "-o", code)
    models.call(models.tool("llc-22", "llc"), "-O2", "-mcpu=native", "-filetype=obj", "-relocation-model=pic",
                code, "-o", target)
    return target, len(re.findall(r"^ *llvm\.func .*quantc\.max_parts = ", lowered.read_text(), re.MULTILINE))


def check(arguments):
    model = models.load(arguments.model, arguments.work)
    data = model.calibration[:SAMPLES].write(model.file("calibration.npy"))
    tables = [model.file(f"{threads}.qcal") for threads in THREADS]
    for threads, table in zip(THREADS, tables):
        models.quantc("calibrate", model.path, "--data", data, "--threads", threads, "-o", table)
    same("the calibration table", [table.read_bytes() for table in tables])

    samples = model.inputs[:SAMPLES]
    inputs, raw = samples.write(model.file("inputs.npy")), model.file("inputs")
    raw.write_bytes(samples.data.tobytes())
    integer = ("--table", tables[0], "--requantize")
    for name, options in (("float", ("--float",)), *((mode, (*integer, mode)) for mode in models.REQUANTIZE)):
        whole, header = model.file(f"{name}.o"), model.file(f"{name}.h")
        models.quantc("compile", model.path, *options, "--name", "m", "-o", whole)
        outputs = []
        for threads in THREADS:
            output = model.file(f"{name}-{threads}.npy")
            models.quantc("run", whole, "--input", inputs, "--output", output, "--threads", threads)
            outputs.append(output.read_bytes())
        same(f"{name}: the output", outputs)
        cut, kernels = cut_all(model, options, name)
        flags = ("-DNAME=m", "-DPREFIX=M")
        same(f"{name}: the output of parts",
             [models.execute(whole, header, raw, None, model.work, flags),
              models.execute(cut, header, raw, None, model.work, (*flags, "-DDIVIDED"))])
        print(f"{model.name}: {name}: the same bytes, with {kernels} kernels cut")


if __name__ == "__main__":
    models.main(check)
