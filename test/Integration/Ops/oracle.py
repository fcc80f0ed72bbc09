# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""quantc.rescale, integer softmax and layer normalization in whole numbers of any
size (docs/Semantics.md, S12 to S15, S33, S34), quantize and dequantize (S8, S9), and
float convolutions as fused multiply-adds in the order of K (S32): written from the
rules and sharing nothing with the compiler."""

import math
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


def quantize(about, value):
    """Quotient, product and sum of two f32 come out of f64 as if rounded once."""
    scale, zp = about["scale"], about["zp"]
    real = f32(value / scale) if about["divide"] else f32(value * f32(1 / scale))
    if about["before"]:
        return saturate(round(f32(real + zp)), -128, 127)
    return saturate(round(real) + zp, -128, 127)


def dequantize(about, value):
    return f32(f32(value - about["zp"]) * about["scale"])


def softmax(about, row):
    """S33; `about` has the operation's attributes."""
    top = max(row)
    exponentials = [about["table"][top - q] for q in row]
    total = sum(exponentials)
    reciprocal = (about["numerator"] + total // 2) // total
    half = 1 << (about["shift"] - 1)
    return [saturate((e * reciprocal + half >> about["shift"]) + about["output_zp"], about["min"], about["max"])
            for e in exponentials]


def layer_norm(about, row):
    """S34; bit_length() and Newton's method are of the whole numbers themselves."""
    n, total = len(row), sum(row)
    variance = n * sum(q * q for q in row) - total * total
    narrow = max(0, ((n * variance).bit_length() + 1) // 2 - 14)
    wide = max(variance + about["epsilon"], 1)
    zeros = 64 - wide.bit_length() & ~1
    x = (wide << zeros) >> 33
    y = 2289969217 - (x * 1308569174 >> 31)
    for _ in range(3):
        y = y * ((3 << 30) - (x * (y * y >> 30) >> 31)) >> 31
    factor = min((y + (1 << 14)) >> 15, 65535)
    shift = saturate(47 - zeros // 2 - narrow - about["places"], 1, 31)
    result = []
    for q, gamma, beta in zip(row, about["gamma"], about["beta"]):
        deviation = n * q - total + (1 << narrow) // 2 >> narrow
        normal = deviation * factor + (1 << (shift - 1)) >> shift
        result.append(saturate(normal * gamma + beta >> about["shift"], about["min"], about["max"]))
    return result


def fma(a, b, c):
    """fl32(a · b + c) of three f32. Their product is exact in f64; the sum is
    rounded to odd there, so that rounding it to f32 is the only rounding."""
    product = a * b
    total = product + c
    rest = total - product
    error = (product - (total - rest)) + (c - rest)
    if error and not struct.unpack("<q", struct.pack("<d", total))[0] & 1:
        total = math.nextafter(total, math.copysign(math.inf, error))
    return f32(total)


def convolve(about, values, index):
    """Element `index` of a convolution of the NHWC tensor `values`, clamped."""
    _, height, width, channels = about["input"]
    _, rows, columns, outputs = about["output"]
    position, output = divmod(index, outputs)
    position, column = divmod(position, columns)
    image, row = divmod(position, rows)
    kernel_height, kernel_width = about["kernel"]
    depthwise = about["depthwise"]
    multiplier = outputs // channels
    depth = 1 if depthwise else channels // about["groups"]
    first = output // multiplier if depthwise else output // (outputs // about["groups"]) * depth
    bias = about["bias"][output]
    total = 0.0 if depthwise else bias
    for ky in range(kernel_height):
        y = row * about["stride"][0] + ky * about["dilation"][0] - about["pads"][0]
        for kx in range(kernel_width):
            x = column * about["stride"][1] + kx * about["dilation"][1] - about["pads"][2]
            inside = 0 <= y < height and 0 <= x < width
            tap = ky * kernel_width + kx
            for c in range(depth):
                value = (values[((image * height + y) * width + x) * channels + first + c]
                         if inside else 0.0)
                weight = about["weights"][tap * outputs + output if depthwise else
                                          (output * kernel_height * kernel_width + tap) * depth + c]
                total = fma(value, weight, total)
    if depthwise:
        total = f32(total + bias)
    return min(max(total, about["low"]), about["high"])
