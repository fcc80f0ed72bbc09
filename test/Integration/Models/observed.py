#!/usr/bin/env python3
# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A calibration table is the same from every backend (Semantics S32).

What calibration runs, the observed module with each observed tensor as an
output, is compiled for every backend and run over samples. The tensors are byte
for byte the same, and so are the tables that observers make of them, site by
site the states that `quantc calibrate` finds on this machine.
"""

import json
import re

import models

SAMPLES = 3
SITE = re.compile(r'tensor<([\dx]+)xf32> \{quantc\.observer = [^{}]*quantc\.site = "([^"]+)"\}')


def export(model):
    """The observed module with its tensors as outputs, and their [(site, shape)]
    in the order of the outputs."""
    observe, exported = model.file("observe.mlir"), model.file("exported.mlir")
    models.quantc("compile", model.path, "--name", "m", "--compile-to", "observe", "-o", observe)
    models.call("quant-opt", observe, "--quantc-export-observed", "-o", exported)
    signature = re.search(r"func\.func .*", exported.read_text())[0]
    return exported, [(site, tuple(map(int, shape.split("x")))) for shape, site in SITE.findall(signature)]


def run(exported, sites, data, backend, model):
    """[Array of all samples for each site]"""
    target = model.file(f"{backend.name}.{backend.kind()}")
    models.quantc("compile", "--float", exported, "--name", "m", *backend.options(), "-o", target)
    text = target.with_suffix(".h").read_text()
    sizes = [int(size) for size in re.findall(r"M_OUTPUT_\d+_BYTES (\d+)", text)]
    header = model.file("interface.h")
    header.write_text(f'#include "{target.with_suffix(".h")}"\n'
                      "#define NAME m\n#define PREFIX M\n#define INPUTS(T) T(M_INPUT_0_BYTES)\n"
                      f"#define OUTPUTS(T) {' '.join(f'T({size})' for size in sizes)}\n")
    content = models.execute(target, header, data, backend, model.work)
    if len(content) != SAMPLES * sum(sizes):
        raise models.Failed(f"{backend.name}: {len(content)} bytes of output")
    arrays = [models.Array((SAMPLES, *shape[1:]), models.array.array("f")) for _, shape in sites]
    at = 0
    for _ in range(SAMPLES):
        at += sum(sizes[:-len(sites)])  # the model's own outputs come first
        for size, tensor in zip(sizes[-len(sites):], arrays):
            tensor.data.frombytes(content[at:at + size])
            at += size
    return arrays


def write_replay(sites, path):
    """A model whose inputs are observed as those sites are."""
    kinds = ["x".join(map(str, shape)) + "xf32" for _, shape in sites]
    arguments = ", ".join(f'%x{i}: tensor<{kind}> {{quantc.name = "x{i}"}}' for i, kind in enumerate(kinds))
    lines = [f"func.func @m({arguments}) -> ({', '.join(f'tensor<{kind}>' for kind in kinds)}) {{"]
    lines += [f"  %{i} = tosa.add %x{i}, %x{i} : (tensor<{kind}>, tensor<{kind}>) -> tensor<{kind}>"
              for i, kind in enumerate(kinds)]
    lines += [f"  return {', '.join(f'%{i}' for i in range(len(sites)))} : "
              + ", ".join(f"tensor<{kind}>" for kind in kinds), "}"]
    path.write_text("\n".join(lines) + "\n")


def states(table):
    return {entry["name"]: entry["state"] for entry in json.loads(table.read_text())["sites"]}


def check(arguments):
    model = models.load(arguments.model, arguments.work)
    samples = model.calibration[:SAMPLES]
    native = model.file("native.qcal")
    models.quantc("calibrate", model.path, "--data", samples.write(model.file("samples.npy")), "-o", native)
    expected = states(native)
    exported, sites = export(model)
    if [site for site, _ in sites] != list(expected):
        raise models.Failed(f"sites exported: {sites}")
    data = model.file("samples")
    data.write_bytes(samples.data.tobytes())
    replay = model.file("replay.mlir")
    write_replay(sites, replay)
    first = None
    for backend in models.BACKENDS:
        try:
            arrays = run(exported, sites, data, backend, model)
        except models.CannotRun as reason:
            print(f"{model.name} {backend.name}: skipped: {reason}")
            continue
        inputs = [part for i, tensor in enumerate(arrays)
                  for part in ("--data", f"x{i}={tensor.write(model.file(f'x{i}.npy'))}")]
        table = model.file(f"{backend.name}.qcal")
        models.quantc("calibrate", replay, *inputs, "-o", table)
        first = first or (arrays, table.read_bytes())
        for (site, _), tensor, wanted in zip(sites, arrays, first[0]):
            if tensor.data.tobytes() != wanted.data.tobytes():
                raise models.Failed(f"{backend.name}: other values at site '{site}'")
        if table.read_bytes() != first[1]:
            raise models.Failed(f"{backend.name}: another table")
        found = states(table)
        for i, (site, _) in enumerate(sites):
            if found[f"x{i}:input"] != expected[site]:
                raise models.Failed(f"{backend.name}: another state at site '{site}'")
        print(f"{model.name} {backend.name}: {len(sites)} sites, "
              f"{sum(len(tensor.data) for tensor in arrays)} values, the same table")


if __name__ == "__main__":
    models.main(check)
