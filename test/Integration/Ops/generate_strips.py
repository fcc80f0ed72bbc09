# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Convolutions whose input is larger than a second-level cache: all panels of
weights take a strip of it before the next; see generate_cases."""

import operations as ops

# Height, width, channels in and out, window, stride: pixels one after another,
# and rows of pixels, neither a multiple of a tile.
SHAPES = ((65, 64, 64, 44, 1, 1), (131, 129, 16, 40, 3, 2))


def case_strips(m, mode, i):
    height, width, channels, columns, window, stride = SHAPES[i]
    m.begin(f"strips{i}_{height}x{width}x{channels}_{columns}")
    zp = ops.ends(m.rng)
    x = m.argument((1, height, width, channels))
    m.result(ops.activate(m, mode, ops.convolve(m, x, columns, (window,) * 2, (stride,) * 2, zero_point=zp), zp))


CASES = ((case_strips, len(SHAPES)),)
