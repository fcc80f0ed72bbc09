#!/usr/bin/env python3
# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Calibration: memory, shards and batches.

  * 2,000 samples take at most 20 MB more memory than 20.
  * Merged tables of shards are the table of one run, with min/max observers:
    the same bytes but for the count of samples per tensor.
  * Calibrated with min/max and compiled for batches of 1 and 5, the bytes of
    each sample are the same.
"""

import os
import subprocess

import models

MEGABYTES = 20
MINMAX = '{"global": {"activation": {"kind": "minmax"}}}'


def peak_memory(model, data):
    """Bytes that a calibration takes at most."""
    process = subprocess.Popen(["quantc", "calibrate", model.path, "--data", data,
                                "-o", model.file("memory.qcal")])
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise models.Failed(f"quantc calibrate: status {process.returncode}")
    return usage.ru_maxrss * 1024  # in KiB, on Linux


def repeat(array, count):
    size = len(array.data) // array.shape[0]
    times = -(-count // array.shape[0])
    return models.Array((count, *array.shape[1:]), (array.data * times)[:count * size])


def check_memory(model):
    peaks = [peak_memory(model, repeat(model.inputs, count).write(model.file(f"{count}.npy")))
             for count in (20, 2000)]
    more = (peaks[1] - peaks[0]) / 1e6
    print(f"{model.name}: {peaks[0] / 1e6:.1f} MB with 20 samples, {more:.1f} MB more with 2,000")
    if more > MEGABYTES:
        raise models.Failed(f"2,000 samples take {more:.1f} MB more")


def calibrate(model, config, samples, name, *options):
    data = samples.write(model.file(f"{name}.npy"))
    table = model.file(f"{name}.qcal")
    models.quantc("calibrate", model.path, "--qconfig", config, "--data", data, *options, "-o", table)
    return table


def check_shards(model, config):
    samples = model.calibration
    count = samples.shape[0]
    whole = calibrate(model, config, samples, "whole")
    cuts = (0, count // 7, count // 2, count)
    shards = [calibrate(model, config, samples[first:last], f"shard{first}")
              for first, last in zip(cuts, cuts[1:])]
    merged = model.file("merged.qcal")
    models.quantc("merge", *reversed(shards), "-o", merged)
    if shards[0].read_bytes() == whole.read_bytes():
        raise models.Failed("the first shard has all there is to see")
    if merged.read_bytes() != whole.read_bytes():
        raise models.Failed(f"{merged} is not {whole}")
    print(f"{model.name}: {len(shards)} shards give the table of one run")


def check_batches(model, config, batch):
    outputs = []
    inputs = model.inputs[:4 * batch].write(model.file("inputs.npy"))
    for size in (1, batch):
        table = calibrate(model, config, model.calibration, f"batch{size}", "--batch", size)
        outputs.append(model.file(f"outputs{size}.npy"))
        models.quantc("run", model.path, "--qconfig", config, "--table", table, "--batch", size,
                      "--input", inputs, "--output", outputs[-1])
    one, many = map(models.Array.read, outputs)
    if one != many or len(set(one.data)) < 8:
        raise models.Failed(f"batches of {batch} give other outputs")
    print(f"{model.name}: {one.shape[0]} samples are the same in batches of {batch}")


def check(arguments):
    model = models.load(arguments.model, arguments.work)
    config = model.file("minmax.json")
    config.write_text(MINMAX)
    if arguments.memory:
        check_memory(model)
    if arguments.shards:
        check_shards(model, config)
    if arguments.batch:
        check_batches(model, config, arguments.batch)


if __name__ == "__main__":
    models.main(check, memory={"action": "store_true"}, shards={"action": "store_true"},
                batch={"type": int})
