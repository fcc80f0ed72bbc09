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


# The same with stride 2: of whole tiles, with half ones at the end of either or
# both directions, in few blocks of tiles and in many, of one row or column; and
# too small to be worth it.
STRIDED = ((13, 13, 64, 64, (1, 1, 1, 1), "random"), (16, 14, 64, 96, (1, 0, 1, 0), "random"),
           (15, 19, 32, 128, (0, 0, 0, 0), "signs"), (56, 56, 64, 64, (1, 0, 1, 0), "random"),
           (47, 30, 64, 64, (1, 1, 0, 1), "signs"), (64, 41, 64, 64, (0, 1, 1, 1), "max"),
           (29, 33, 96, 64, (1, 1, 1, 1), "min"), (7, 7, 64, 64, (1, 1, 1, 1), "min"),
           (5, 3, 64, 64, (1, 1, 1, 1), "signs"), (3, 40, 64, 128, (0, 0, 1, 0), "random"),
           (33, 3, 64, 128, (0, 0, 0, 0), "random"), (41, 41, 512, 32, (0, 0, 0, 0), "max"))


def case_winograd_strided(m, mode, i):
    zp = ops.ends(m.rng)
    height, width, channels, columns, pads, fill = STRIDED[i]
    m.begin(f"winograd_strided{i}_{height}x{width}x{channels}_{columns}_{fill}")
    x = m.argument((1, height, width, channels))
    weights = ops.Weights(m.rng, fill)
    m.result(ops.activate(m, mode, ops.convolve(m, x, columns, (3, 3), stride=(2, 2), pads=pads,
                                                zero_point=zp, weights=weights), zp))


CASES = ((case_winograd, len(SHAPES)), (case_winograd_strided, len(STRIDED)))
