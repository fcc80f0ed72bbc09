#!/usr/bin/env python3
# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""int8 against float, in every mode of requantization.

Calibrated on at most 200 samples, top-1 stays within a point of float's (two
points with `shift`), top-1 agreement is 97 % or more and the noise of the
outputs 20 dB or more below them. With `shift`, whose scales are powers of two,
agreement and noise are reported only.
"""

import models

POINTS = {"shift": 2.0}
AGREEMENT, DECIBELS = 0.97, 20.0


def check(arguments):
    model = models.load(arguments.model, arguments.work)
    if model.calibration.shape[0] > 200:
        raise models.Failed("more than 200 samples for calibration")
    print(f"{model.name}: calibrated on {model.calibration.shape[0]} samples, "
          f"{model.inputs.shape[0]} tested" + ("" if model.disjoint else ", calibration samples among them"))
    table = model.table()
    inputs = model.inputs.write(model.file("inputs.npy"))
    labels = model.labels.write(model.file("labels.npy"))
    errors = []
    for mode in models.REQUANTIZE:
        result = models.quantc_json("eval", model.path, "--table", table, "--requantize", mode,
                                    "--input", inputs, "--labels", labels)
        lost = 100 * (result["float"]["top1"] - result["int8"]["top1"])
        agreement, decibels = result["agreement"], result["output_sqnr_db"]
        print(f"  {mode:12} top-1 {100 * result['float']['top1']:.2f} % float, "
              f"{100 * result['int8']['top1']:.2f} % int8, agreement {100 * agreement:.2f} %, "
              f"{decibels:.1f} dB")
        if result["samples"] != model.inputs.shape[0]:
            errors.append(f"{mode}: {result['samples']} samples evaluated")
        # The count of samples makes top-1 exact; the division by it does not.
        if lost > POINTS.get(mode, 1.0) + 1e-9:
            errors.append(f"{mode}: top-1 is {lost:.2f} points below float's")
        if mode not in POINTS and agreement < AGREEMENT:
            errors.append(f"{mode}: agreement is {100 * agreement:.2f} %")
        if mode not in POINTS and decibels < DECIBELS:
            errors.append(f"{mode}: the outputs have {decibels:.1f} dB")
    if errors:
        raise models.Failed("; ".join(errors))


if __name__ == "__main__":
    models.main(check)
