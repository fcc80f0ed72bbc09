# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""quantc.rescale in whole numbers of any size (docs/Semantics.md, S12 to S15),
written from the rules and sharing nothing with the compiler."""

import struct


def f32(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


def saturate(value, low, high):
    return max(low, min(high, value))


def scale_f32(value, multiplier):
    """Two f32 multiply exactly in f64; round() is half even."""
    return round(f32(f32(value) * multiplier))


def scale_fixed(value, multiplier, shift, double_round):
    rounding = 1 << (shift - 1)
    if double_round and shift > 31:
        rounding += -(1 << 30) if value < 0 else 1 << 30
    return (value * multiplier + rounding) >> shift


def scale_shift(value, shift):
    if shift <= 0:
        return value << -shift
    return (value + (1 << (shift - 1))) >> shift


def rescale(about, values):
    """`values` are those of a tensor whose last axis has the channels."""
    mode, result = about["mode"], []
    count = len(about.get("multipliers") or about["shifts"])
    for index, value in enumerate(values):
        value -= about["input_zp"]
        channel = index % count
        if mode == "f32":
            scaled = scale_f32(value, about["multipliers"][channel])
        elif mode == "shift":
            scaled = scale_shift(value, about["shifts"][channel])
        else:
            scaled = scale_fixed(value, about["fixed"][channel], about["shifts"][channel],
                                 mode == "fixed-double")
        result.append(saturate(scaled + about["output_zp"], about["min"], about["max"]))
    return result
