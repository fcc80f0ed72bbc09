#!/usr/bin/env python3
# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""int8 against float where outputs have no meaning: their noise alone.

In every mode but `shift`, the noise of the outputs is 18 dB or more below them,
and nine of ten have the same largest element.
"""

import models

AGREEMENT, DECIBELS = 0.9, 18.0


def check(arguments):
    model = models.load(arguments.model, arguments.work)
    table = model.table()
    inputs = model.inputs.write(model.file("inputs.npy"))
    labels = model.labels.write(model.file("labels.npy"))
    errors = []
    for mode in models.REQUANTIZE:
        result = models.quantc_json("eval", model.path, "--table", table, "--requantize", mode,
                                    "--input", inputs, "--labels", labels)
        agreement, decibels = result["agreement"], result["output_sqnr_db"]
        print(f"  {mode:12} agreement {100 * agreement:.2f} %, {decibels:.1f} dB")
        if mode != "shift" and (agreement < AGREEMENT or decibels < DECIBELS):
            errors.append(f"{mode}: {100 * agreement:.2f} % agree, {decibels:.1f} dB")
    if errors:
        raise models.Failed("; ".join(errors))


if __name__ == "__main__":
    models.main(check)
