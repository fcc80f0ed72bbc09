#!/usr/bin/env python3
# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""One object for several processors: each runs the variant that it should.

On this machine, and on emulated ones, the object chooses the best variant that
the processor can run, and its outputs are byte for byte those of `--reference`.
On a processor that is too old for all of them it returns 3.
"""

import platform

import models
from backends import Backend

SAMPLES = 2
NONE = "status 3"  # how a program ends where the object had no variant

X86 = "x86_64-linux-gnu", "x86-64-v3,x86-64-v4,+avx512vnni"
ARM = "aarch64-linux-gnu", "armv8-a,+dotprod,+i8mm"
# What is compiled for, the processor, the variant that it is to run.
CASES = (
    (X86, "corei7_sandy_bridge_2600k", None),
    (X86, "corei7_haswell_4770", "x86-64-v3"),
    (X86, "corei7_skylake_x", "x86-64-v4"),
    (X86, "corei7_icelake_u", "x86-64-v4+avx512vnni"),
    (ARM, "cortex-a53", "armv8-a"),
    (ARM, "cortex-a76", "armv8-a+dotprod"),
    (ARM, "max", "armv8-a+dotprod+i8mm"),
)


def compile_fat(model, target, kind):
    triple, cpus = target
    path = model.file(f"{triple.split('-')[0]}.{kind}")
    if not path.exists():
        models.quantc("compile", model.path, "--table", model.table(), "--name", "m",
                      "--target", triple, "--mcpu", cpus, "-o", path)
    return path


def run(model, path, data, variant, backend):
    flags = ["-DNAME=m", "-DPREFIX=M"] + ([f"-DVARIANT={variant}"] if variant else [])
    return models.execute(path, path.with_suffix(".h"), data, backend, model.work, flags)


def check_emulated(model, data, target, processor, variant, wanted):
    backend = Backend("fat", target[0], "", "", "no processor: it is emulated", processor)
    path = compile_fat(model, target, backend.kind())
    try:
        actual = run(model, path, data, variant, backend)
    except models.Failed as failure:
        if variant or NONE not in str(failure):
            raise
        actual, wanted = b"", b""
    if actual != wanted:
        raise models.Failed(f"{processor}: the bytes of {variant or 'no variant'} differ")


def check_here(model, data, wanted):
    target = X86 if platform.machine() == "x86_64" else ARM
    path = compile_fat(model, target, "o")
    variant = models.quantc_json("inspect", path).get("runs_here")
    if not variant:
        raise models.CannotRun("this processor is too old")
    if run(model, path, data, variant, None) != wanted:
        raise models.Failed(f"the bytes of {variant} differ")
    inputs = model.inputs[:SAMPLES].write(model.file("inputs.npy"))
    models.quantc("run", compile_fat(model, target, "so"), "--input", inputs, "--output",
                  model.file("outputs.npy"))
    if models.Array.read(model.file("outputs.npy")).data.tobytes() != wanted:
        raise models.Failed("the bytes of the shared object differ")
    print(f"{model.name} here: {variant}")


def check(arguments):
    model = models.load(arguments.model, arguments.work)
    data = model.file("samples")
    data.write_bytes(model.inputs[:SAMPLES].data.tobytes())
    reference = model.file("reference.o")
    models.quantc("compile", model.path, "--table", model.table(), "--name", "m", "--reference",
                  "-o", reference)
    wanted = run(model, reference, data, None, None)
    check_here(model, data, wanted)
    for target, processor, variant in CASES:
        try:
            check_emulated(model, data, target, processor, variant, wanted)
            print(f"{model.name} {processor}: {variant}")
        except models.CannotRun as reason:
            print(f"{model.name} {processor}: skipped: {reason}")


if __name__ == "__main__":
    models.main(check)
