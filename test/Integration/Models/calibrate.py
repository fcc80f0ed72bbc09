#!/usr/bin/env python3
# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes a model's calibration table as WORK/table.qcal, for other tests."""

import models

if __name__ == "__main__":
    models.main(lambda arguments: print(models.load(arguments.model, arguments.work).table()))
