# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Convolutions of the shapes that some targets form in the Winograd domain; see
generate_cases."""

import operations as ops

# Height, width, channels in and out, padding, weights. The last can't take
# tiles of 4 × 4: sums might leave i32.
SHAPES = ((16, 16, 32, 32, 1, "random"), (7, 9, 32, 64, 1, "random"), (13, 18, 64, 32, 1, "signs"),
          (10, 10, 96, 32, 0, "max"), (17, 6, 32, 32, 1, "min"), (8, 8, 64, 64, 0, "random"),
          (24, 23, 32, 32, 1, "random"), (12, 12, 256, 32, 1, "max"))


def case_winograd(m, mode, i):
    rng, zp = m.rng, ops.ends(m.rng)
    height, width, channels, columns, pad, fill = SHAPES[i]
    m.begin(f"winograd{i}_{height}x{width}x{channels}_{columns}_{fill}")
    x = m.argument((1, height, width, channels))
    y = ops.activate(m, mode, ops.convolve(m, x, columns, (3, 3), pads=(pad,) * 4, zero_point=zp,
                                           weights=ops.Weights(rng, fill)), zp)
    if i % 2:
        # Its epilogue reads what it convolves, or a sum is asked for, too.
        sums = ops.convolve(m, y, columns, (3, 3), pads=(1,) * 4, zero_point=zp)
        y = ops.align(m, mode, [ops.activate(m, mode, sums, zp), y], [zp, zp], zp)
    m.result(y)


CASES = ((case_winograd, len(SHAPES)),)
