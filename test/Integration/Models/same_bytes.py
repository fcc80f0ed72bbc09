#!/usr/bin/env python3
# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiling twice gives the same bytes, from other folders and paths too.

Every kind of file, its header, the calibration table; and the object needs
nothing: no symbol of it is undefined, one is global.
"""

import shutil

import models

KINDS = ("o", "a", "so", "s", "ll")


def check(arguments):
    model = models.load(arguments.model, arguments.work)
    data = model.calibration.write(model.file("calibration.npy"))
    kinds, contents = KINDS[:1] if arguments.quick else KINDS, []
    for folder in (model.file("one"), model.file("two/deeper")):
        folder.mkdir(parents=True, exist_ok=True)
        # The second time the model is elsewhere, and paths are relative.
        source, inputs = model.path, data
        if contents:
            shutil.copy(model.path, folder)
            shutil.copy(data, folder)
            source, inputs = model.path.name, data.name
        models.quantc("calibrate", source, "--data", inputs, "-o", "t.qcal", cwd=folder)
        for kind in kinds:
            models.quantc("compile", source, "--table", "t.qcal", "-o", f"m.{kind}", cwd=folder)
        contents.append({name: (folder / name).read_bytes()
                         for name in ("t.qcal", "m.h", *(f"m.{kind}" for kind in kinds))})
    for name, content in contents[0].items():
        if content != contents[1][name]:
            raise models.Failed(f"{name} differs")
        print(f"{model.name}: {name}: {len(content)} bytes, twice")
    symbols = models.call(models.tool("llvm-nm-22", "llvm-nm"), "--extern-only",
                          model.file("one/m.o")).decode().split("\n")
    symbols = [line.split()[-2:] for line in symbols if line]
    if [kind for kind, _ in symbols] != ["T"]:
        raise models.Failed(f"symbols: {symbols}")
    print(f"{model.name}: defines {symbols[0][1]}, needs nothing")


if __name__ == "__main__":
    models.main(check, quick={"action": "store_true", "help": "objects alone"})
