# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Convolutions with weights so small that sums of two products of bytes fit 16
bits, so that `vpmaddubsw` may form them; see generate_cases."""

import operations as ops


class SmallWeights(ops.Weights):
    """Of neighbours, positive ones add up to 128 at most, negative ones to -128:
    halves of what a byte holds or, as `most` and `least`, just that."""

    def bytes(self, count):
        if self.kind == "random":
            return [self.rng.randint(-64, 64) for _ in range(count)]
        sign = 1 if self.kind == "most" else -1
        # 1 127 1 127 … and 64 64 64 … : within a kernel row all neighbours may meet.
        first = self.rng.choice((1, 64, 127))
        return [sign * (first if i % 2 else 128 - first) for i in range(count)]


# Height, width, channels in and out, window, stride, what fills weights, and
# the lowest activation: with weights like that, sums are the largest where all
# activations are.
SHAPES = ((9, 13, 64, 40, 1, 1, "random", -128), (9, 13, 32, 48, 1, 1, "most", 120),
          (7, 7, 96, 33, 1, 1, "least", 120), (5, 17, 67, 16, 1, 1, "random", -128),
          (1, 1, 260, 70, 1, 1, "most", 127), (11, 9, 8, 24, 3, 1, "random", -128),
          (13, 11, 24, 8, 3, 2, "least", 126), (15, 15, 3, 32, 3, 2, "random", -128),
          (6, 30, 16, 64, 2, 1, "most", -128), (8, 8, 4, 65, 1, 1, "least", -128),
          (10, 12, 64, 32, 3, 1, "random", -128), (65, 64, 64, 44, 1, 1, "random", -128))


NONE = (0,) * 4


def small(m, value, columns, window=1, stride=1, kind="random", zero_point=0):
    return ops.convolve(m, value, columns, (window,) * 2, (stride,) * 2,
                        pads=(window // 2,) * 4, zero_point=zero_point,
                        weights=SmallWeights(m.rng, kind))


def case_bytes(m, mode, i):
    height, width, channels, columns, window, stride, kind, low = SHAPES[i]
    zp = ops.ends(m.rng)
    m.begin(f"bytes{i}_{height}x{width}x{channels}_{columns}_{window}_{kind}")
    x = m.argument((1, height, width, channels), "i8", low, 127)
    sums = small(m, x, columns, window, stride, kind, zp)
    m.result(sums if i % 3 == 1 else ops.activate(m, mode, sums))


def case_bytes_among_words(m, mode, i):
    """What is read as bytes and as words, or moved before it is."""
    zp = ops.ends(m.rng)
    m.begin(f"bytes_among_words{i}")
    x = m.argument((1, 8, 10, 32))
    y = ops.activate(m, mode, small(m, x, 32, zero_point=zp), zp)
    if i == 0:  # a depthwise layer between two of bytes
        y = ops.activate(m, mode, ops.convolve(m, y, 1, (3, 3), pads=(1,) * 4, zero_point=zp,
                                               depthwise=True), zp)
    elif i == 1:  # another layer wants words of the same
        z = ops.activate(m, mode, ops.convolve(m, y, 24, (1, 1), zero_point=zp), zp)
        m.result(z)
    elif i == 2:  # a residual sum, asked for, too
        y = ops.align(m, mode, [ops.activate(m, mode, small(m, y, 32, zero_point=zp), zp), y],
                      [zp, zp], zp)
        m.result(y)
    elif i == 3:  # pools and concats of bytes
        y = ops.concat(m, [ops.max_pool(m, y, (2, 2), (2, 2), NONE),
                           ops.max_pool(m, x, (2, 2), (2, 2), NONE)], 3)
    else:  # Winograd's form reads both
        z = ops.activate(m, mode, ops.convolve(m, y, 32, (3, 3), pads=(1,) * 4, zero_point=zp), zp)
        w = ops.activate(m, mode, ops.convolve(m, y, 32, (1, 1), zero_point=zp), zp)
        y = ops.align(m, mode, [z, w], [zp, zp], zp)
    m.result(ops.activate(m, mode, small(m, y, 40, zero_point=zp)))


def case_bytes_clamped(m, mode, i):
    """Activations of 7 bits and all weights; of the last, products just don't fit."""
    m.begin(f"bytes_clamped{i}")
    y = ops.clamp(m, m.argument((1, 6, 11, 44)), -128, (-1, 0, 2)[i])
    if i == 1:
        y = ops.concat(m, [ops.max_pool(m, y, (3, 3), (1, 1), (1,) * 4), y], 3)
    weights = ops.Weights(m.rng, ("signs", "random", "max")[i])
    m.result(ops.convolve(m, y, 40, (3, 3) if i == 2 else (1, 1), zero_point=-128,
                          pads=(int(i == 2),) * 4, weights=weights))


CASES = ((case_bytes, len(SHAPES)), (case_bytes_among_words, 5),
         (case_bytes_clamped, 3))
