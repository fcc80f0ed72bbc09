#!/usr/bin/env python3
# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A model's object needs less than 64 KiB of stack, on processors of every kind."""

import models
import stack_sizes

X86, ARM = "x86_64-linux-gnu", "aarch64-linux-gnu"
PROCESSORS = ((X86, "x86-64-v3"), (X86, "x86-64-v4"), (X86, "znver4"), (ARM, "cortex-a53"), (ARM, "cortex-a76"),
              (ARM, "neoverse-v1"))


def check(arguments):
    model = models.load(arguments.model, arguments.work)
    for form, options in (("int8", ("--table", model.table())), ("float", ("--float",))):
        for triple, cpu in PROCESSORS:
            target = model.file(f"{form}-{cpu}.o")
            models.quantc("compile", model.path, *options, "--name", "m", "--target", triple, "--mcpu", cpu, "-o", target)
            size, chain = stack_sizes.deepest(target, "m_run")
            print(f"{model.name} {form} {cpu}: {size} bytes: {', '.join(chain)}")
            if size >= stack_sizes.LIMIT:
                raise models.Failed(f"{form}, {cpu}: {size} bytes of stack are too many")


if __name__ == "__main__":
    models.main(check)
