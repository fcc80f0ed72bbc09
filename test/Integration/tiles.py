# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tuning files with tiles that nobody would choose.

What a kernel's class is, and which tile the cost model chose, stands on the
kernel behind the phase `kernel`. A tile that takes no more registers is valid.
"""

import json
import random
import re

LANES = {"avx2": 8, "avx512": 16, "vnni": 16}  # of i32; 4 on AArch64
TARGETS = {"avx2": "x86-avx2", "avx512": "x86-avx512", "vnni": "x86-avx512vnni",
           "neon": "aarch64-neon", "dotprod": "aarch64-dotprod", "i8mm": "aarch64-i8mm"}
KERNEL = re.compile(r"quantc\.shape = \{([^}]*)\}, quantc\.tile = array<i64: (\d+), (\d+), (\d+)>")


def read(text):
    """[(fields of the class, tile)] of each class in a module."""
    classes = {}
    for shape, *tile in KERNEL.findall(text):
        fields = {"channels": int(re.search(r"channels = (\d+)", shape)[1])}
        fields |= dict(re.findall(r'(\w+) = "(\w+)"', shape))
        fields |= {name: [int(size) for size in sizes.split(",")]
                   for name, sizes in re.findall(r"(\w+) = array<i64: ([\d, ]+)>", shape)}
        classes[json.dumps(fields, sort_keys=True)] = fields, [int(size) for size in tile]
    return list(classes.values())


def other_tile(fields, tile, lanes, rng):
    """A valid one, with the sums of at most so many registers."""
    _, height, width, columns = fields["output"]
    pixels, registers = tile[0] * tile[1], tile[2]
    if fields["form"] == "depthwise":
        return [1, rng.randint(1, tile[1]), 1]
    wider = registers + 1
    narrower = registers * (pixels + 1) // wider - 2
    if fields["form"] == "gemm" and narrower >= 1 and wider <= -(-columns // lanes) and rng.random() < 0.5:
        pixels, registers = narrower, wider
    else:
        registers = rng.randint(1, registers)
    if fields["form"] == "matmul":
        return [1, rng.randint(1, tile[1]), registers]
    down = rng.randint(1, min(pixels, height))
    return [down, rng.randint(1, min(pixels // down, width)), registers]


def write(module, backend, seed, path):
    """A tuning file for the kernels in `module`, a text; how many of their
    classes have another tile than the cost model's."""
    rng, entries, changed = random.Random(seed), [], 0
    for fields, tile in read(module):
        other = other_tile(fields, tile, LANES.get(backend, 4), rng)
        changed += other != tile
        sizes = {"pixels": other[:2]}
        dropped = {"depthwise": {"channels"}, "matmul": {"window", "stride", "dilation"}}.get(fields["form"], set())
        if fields["form"] != "depthwise":
            sizes["registers"] = other[2]
        kept = {name: value for name, value in fields.items() if name not in dropped}
        entries.append({"target": TARGETS[backend], **kept, "tile": sizes})
    path.write_text(json.dumps({"version": 1, "kernels": entries}))
    return changed
