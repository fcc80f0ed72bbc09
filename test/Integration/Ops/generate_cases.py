# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Generated operator cases: modules as they leave the phase `requantize`.

    modules = generate("fixed")          # or f32, fixed-double, shift, float

Each module is one function with many independent cases, each of its own
arguments and results, so that one compilation covers many. The same mode gives
the same modules, always. As a program, writes them to a folder:

    python3 generate_cases.py --mode f32 OUTPUT_FOLDER
"""

import argparse
import json
import pathlib
import random
import re

import generate_attention
import generate_bytes
import generate_float
import generate_linalg
import generate_strips
import generate_winograd
from operations import (MODES, Module, Weights, activate, align, clamp, concat, convolve, cut,
                        ends, limits, max_pool, ones, pad, quantize, resampling, rescale, reshape,
                        resize, table, take, transpose, windows)


def case_conv(m, mode, i):
    rng = m.rng
    kernel, stride, dilation, pads, sizes = take(windows(rng))
    inputs = rng.choice((1, 2, 3, 4, 5, 7, 8, 9, 13, 16, 17, 24, 31, 32, 33, 48, 64, 67))
    outputs = rng.choice((1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33, 40, 48, 63, 64, 65, 70))
    batch = rng.choice((1, 1, 1, 2, 3))
    m.begin(f"conv{i}_{inputs}to{outputs}_{kernel[0]}x{kernel[1]}_s{stride[0]}{stride[1]}"
            f"_d{dilation[0]}{dilation[1]}_p{''.join(map(str, pads))}_n{batch}")
    x = m.argument((batch, *sizes, inputs))
    sums = convolve(m, x, outputs, kernel, stride, dilation, pads, ends(rng))
    m.result(activate(m, mode, sums))


def case_conv_wide(m, mode, i):
    """Whole tiles and remainders of rows."""
    rng = m.rng
    inputs, outputs, width = ((16, 32, 29), (8, 64, 27), (3, 16, 31), (32, 17, 26), (33, 48, 15),
                              (4, 5, 37))[i % 6]
    m.begin(f"conv_wide{i}_{inputs}to{outputs}_w{width}")
    x = m.argument((1, 3, width, inputs))
    sums = convolve(m, x, outputs, (3, 3), pads=(1, 1, 1, 1), zero_point=ends(rng))
    m.result(activate(m, mode, sums))


def case_grouped(m, mode, i):
    rng = m.rng
    groups = rng.choice((2, 3, 4, 8))
    inputs, outputs = (groups * rng.choice((1, 2, 3, 4, 5, 8, 16)),
                       groups * rng.choice((1, 2, 3, 8, 9, 16, 17)))
    kernel, stride, dilation, pads, sizes = take(windows(rng, kernels=(1, 2, 3, 5)))
    m.begin(f"grouped{i}_g{groups}_{inputs}to{outputs}_{kernel[0]}x{kernel[1]}")
    x = m.argument((rng.choice((1, 2)), *sizes, inputs))
    sums = convolve(m, x, outputs, kernel, stride, dilation, pads, ends(rng), groups=groups)
    m.result(activate(m, mode, sums))


def case_depthwise(m, mode, i):
    rng = m.rng
    kernel, stride, dilation, pads, sizes = take(windows(rng))
    channels = rng.choice((1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 32, 33, 40, 64, 67))
    multiplier = rng.choice((1, 1, 1, 2, 3, 4))
    m.begin(f"depthwise{i}_{channels}x{multiplier}_{kernel[0]}x{kernel[1]}_s{stride[0]}{stride[1]}"
            f"_d{dilation[0]}{dilation[1]}")
    x = m.argument((rng.choice((1, 1, 2)), *sizes, channels))
    sums = convolve(m, x, multiplier, kernel, stride, dilation, pads, ends(rng), depthwise=True)
    m.result(activate(m, mode, sums))


def case_matmul(m, mode, i):
    """A matrix product as importers write it: rows as the width of a 1×1."""
    rng = m.rng
    rows = rng.choice((1, 1, 2, 3, 5, 8, 13, 14, 15, 33))
    inputs = rng.choice((1, 3, 4, 10, 31, 64, 67, 128, 200))
    outputs = rng.choice((1, 2, 5, 10, 16, 17, 33, 64, 70))
    m.begin(f"matmul{i}_{rows}x{inputs}x{outputs}")
    x = reshape(m, m.argument((rows, inputs)), (1, 1, rows, inputs))
    sums = convolve(m, x, outputs, (1, 1), zero_point=ends(rng))
    m.result(reshape(m, activate(m, mode, sums), (rows, outputs)))


def case_max_pool(m, mode, i):
    rng = m.rng
    kernel, stride, _, _, sizes = take(windows(rng, (1, 2, 3, 4), (1, 2, 3), (1,), padded=False))
    # Padding takes the place of a row or column of a size that fits exactly.
    pads, sizes = [0] * 4, list(sizes)
    for side in range(4):
        if kernel[side // 2] > 1 and sizes[side // 2] > kernel[side // 2] and rng.random() < 0.5:
            pads[side], sizes[side // 2] = 1, sizes[side // 2] - 1
    channels = rng.choice((1, 3, 8, 15, 16, 17, 33, 64))
    m.begin(f"max_pool{i}_{channels}_{kernel[0]}x{kernel[1]}_s{stride[0]}{stride[1]}"
            f"_p{''.join(map(str, pads))}")
    m.result(max_pool(m, m.argument((rng.choice((1, 2)), *sizes, channels)), kernel, stride, pads))


def case_average_pool(m, mode, i):
    rng = m.rng
    kernel, stride, _, _, sizes = take(windows(rng, (1, 2, 3, 5, 7), (1, 2, 3), (1,), padded=False))
    channels, zp = rng.choice((1, 5, 16, 17, 40, 64)), ends(rng)
    m.begin(f"average_pool{i}_{channels}_{kernel[0]}x{kernel[1]}_s{stride[0]}{stride[1]}")
    sums = ones(m, m.argument((1, *sizes, channels)), kernel, stride, zp)
    m.result(rescale(m, mode, sums, [rng.uniform(0.5, 2) / (kernel[0] * kernel[1])],
                     output_zp=ends(rng)))


def case_global_sum(m, mode, i):
    rng = m.rng
    height, width, channels, zp = rng.choice((1, 4, 7)), rng.choice((1, 5, 8)), \
        rng.choice((1, 10, 16, 33, 64)), ends(rng)
    m.begin(f"global_sum{i}_{height}x{width}x{channels}")
    value = m.argument((1, height, width, channels))
    value = m.op("tosa.cast", [value], value.shape, "i32")
    for axis in (1, 2) if i % 2 else (2, 1):
        shape = list(value.shape)
        shape[axis] = 1
        value = m.op("tosa.reduce_sum", [value], shape, "i32", f"axis = {axis} : i32")
    m.result(rescale(m, mode, value, [rng.uniform(0.5, 1) / (height * width)],
                     input_zp=zp * height * width, output_zp=ends(rng)))


def case_add(m, mode, i):
    rng = m.rng
    shape = rng.choice(((1, 5, 5, 3), (1, 4, 7, 16), (2, 3, 3, 33), (7, 9), (1, 64), (1, 1, 1, 1),
                        (130,)))
    m.begin(f"add{i}_{'x'.join(map(str, shape))}")
    m.result(align(m, mode, [m.argument(shape), m.argument(shape)], [ends(rng), ends(rng)],
                   ends(rng), element=rng.choice(("i8", "i8", "i8", "i16"))))


def case_residual(m, mode, i):
    """A block's sum: convolution, add, and perhaps the next convolution."""
    rng = m.rng
    channels, zp = rng.choice((3, 8, 16, 17, 32, 64)), ends(rng)
    m.begin(f"residual{i}_{channels}")
    x = m.argument((1, 6, 6, channels))
    y = activate(m, mode, convolve(m, x, channels, (3, 3), pads=(1, 1, 1, 1), zero_point=zp), zp)
    z = align(m, mode, [y, x] if i % 2 else [x, y], [zp, zp], zp)
    if i % 3 == 0:
        z = clamp(m, z, zp // 2, 127)
    if i % 2:
        m.result(z)
    if i % 4 != 1:
        m.result(activate(m, mode, convolve(m, z, 9, (3, 3), pads=(1, 1, 1, 1), zero_point=zp)))


def case_concat(m, mode, i):
    rng = m.rng
    axis = rng.choice((3, 3, 1, 2))
    m.begin(f"concat{i}_axis{axis}")
    parts = []
    for _ in range(rng.choice((2, 3))):
        shape = [1, 4, 5, rng.choice((3, 8, 16)) if axis == 3 else 7]
        if axis != 3:
            shape[axis] = rng.randint(1, 5)
        part = m.argument(shape)
        if rng.random() < 0.7:
            part = rescale(m, mode, part, [rng.uniform(0.2, 1.5)], input_zp=ends(rng), output_zp=9)
        parts.append(part)
    value = concat(m, parts, axis)
    m.result(value if i % 2 else activate(
        m, mode, convolve(m, value, 11, (3, 3), pads=(1, 0, 1, 1), zero_point=9)))


def case_move(m, mode, i):
    """Operations that only move values, alone and behind a rescale."""
    rng = m.rng
    kind = ("clamp", "table", "slice", "pad", "transpose", "reshape")[i % 6]
    m.begin(f"{kind}{i}")
    x = m.argument(rng.choice(((1, 6, 5, 7), (2, 4, 6, 16), (1, 3, 8, 33))))
    if i % 4 == 3:
        x = rescale(m, mode, x, [rng.uniform(0.5, 2)], input_zp=ends(rng), output_zp=ends(rng))
    n, height, width, channels = x.shape
    if kind == "clamp":
        low = rng.randint(-128, 100)
        value = clamp(m, x, low, rng.randint(low, 127))
    elif kind == "table":
        value = table(m, x)
    elif kind == "slice":
        start = [rng.randint(0, size - 1) for size in x.shape]
        value = cut(m, x, start, [rng.randint(1, size - at) for size, at in zip(x.shape, start)])
    elif kind == "pad":
        value = pad(m, x, [(0, 0), (rng.randint(0, 3), 1), (2, rng.randint(0, 2)),
                           (0, rng.choice((0, 1)))], ends(rng))
    elif kind == "transpose":
        value = transpose(m, x, rng.choice(([0, 3, 1, 2], [0, 2, 3, 1], [0, 2, 1, 3],
                                            [3, 2, 1, 0])))
    else:
        value = reshape(m, x, rng.choice(((n, height * width, channels),
                                          (height, n * width, channels),
                                          (n * height * width * channels,))))
    m.result(value)


def case_resize(m, mode, i):
    rng, zp = m.rng, ends(m.rng)
    (rows, height), (columns, width) = resampling(rng), resampling(rng)
    channels = rng.choice((1, 3, 8, 16, 17, 33, 64))
    bilinear = i % 2 == 1
    m.begin(f"resize{i}_{'bilinear' if bilinear else 'nearest'}_{rows[0]}:{rows[1]}_{columns[0]}:{columns[1]}"
            f"_{channels}")
    x = m.argument((rng.choice((1, 2)), height, width, channels))
    value = resize(m, x, rows, columns, bilinear)
    if bilinear:
        unit = rows[0] * columns[0]
        value = rescale(m, mode, value, [rng.uniform(0.7, 1.3) / unit], input_zp=zp * unit, output_zp=ends(rng))
    m.result(value)
    if i % 4 == 0:
        m.result(activate(m, mode, convolve(m, value, 9, (3, 3), pads=(1, 1, 1, 1), zero_point=zp)))


def case_shuffle(m, mode, i):
    """Every k-th channel, as channel shuffles take them."""
    rng, zp = m.rng, ends(m.rng)
    step, channels = (2, 2, 3, 4, 8)[i % 5], rng.choice((3, 8, 12, 16, 17, 33, 40))
    m.begin(f"shuffle{i}_{step}x{channels}")
    x = m.argument((1, 5, 4, channels * step))
    if i % 3 == 0:
        x = activate(m, mode, convolve(m, x, channels * step, (1, 1), zero_point=zp), zp)
    groups = reshape(m, x, (5, 4, channels, step))
    parts = [reshape(m, cut(m, groups, (0, 0, 0, part), (5, 4, channels, 1)), (1, 5, 4, channels))
             for part in (step - 1, 0)]
    m.result(concat(m, parts, 3))
    m.result(activate(m, mode, convolve(m, parts[0], 9, (3, 3), pads=(1, 1, 1, 1), zero_point=zp)))


def case_chain(m, mode, i):
    """Values with several readers that want them in different surroundings."""
    rng, zp = m.rng, ends(m.rng)
    kind = ("halo", "two_halos", "two_fills", "output_too", "reshaped", "concat", "slice",
            "transposed", "pad", "pooled", "table", "twice", "depthwise", "add_twice",
            "group_chain", "argument_out")[i % 16]
    channels = rng.choice((3, 8, 16, 17))
    m.begin(f"chain{i}_{kind}_{channels}")
    x = m.argument((1, 7, 6, channels))

    def block(value, outputs, k, padding, zero_point=zp):
        low = (k - 1) // 2 if padding else 0
        sums = convolve(m, value, outputs, (k, k), pads=(low,) * 4, zero_point=zero_point)
        return activate(m, mode, sums, zp)

    y = block(x, channels, 3, True)
    if kind == "halo":
        m.result(block(block(y, 10, 3, True), 5, 5, True))
    elif kind == "two_halos":
        m.result(block(y, 8, 3, True))
        m.result(block(y, 9, 5, True))
    elif kind == "two_fills":
        m.result(block(y, 8, 3, True, zp))
        m.result(block(y, 8, 3, True, 1 - zp if zp != -128 else 77))
    elif kind == "output_too":
        m.result(y)
        m.result(block(y, 8, 3, True))
    elif kind == "reshaped":
        m.result(block(y, 8, 3, True))
        flat = reshape(m, y, (1, 1, 6, 7 * channels))
        m.result(block(flat, 12, 1, False))
    elif kind == "concat":
        other = block(x, 8, 5, True)
        m.result(block(concat(m, [y, other], 3), 7, 3, True))
        m.result(block(y, 6, 3, True))
    elif kind == "slice":
        half = cut(m, y, (0, 1, 0, 1), (1, 5, 6, channels - 1))
        m.result(block(half, 7, 3, True))
        m.result(block(y, 6, 3, True))
    elif kind == "transposed":
        m.result(block(transpose(m, y, [0, 2, 1, 3]), 7, 3, True))
    elif kind == "pad":
        wide = pad(m, y, [(0, 0), (1, 2), (2, 0), (0, 0)], zp)
        m.result(block(wide, 7, 3, False))
        m.result(block(wide, 7, 3, True))
    elif kind == "pooled":
        pool = max_pool(m, y, (3, 3), (1, 1), (1, 1, 1, 1))
        m.result(block(pool, 7, 3, True))
        m.result(max_pool(m, y, (3, 2), (2, 2), (0, 0, 0, 0)))
    elif kind == "table":
        m.result(block(table(m, y), 7, 3, True))
    elif kind == "twice":
        m.result(y)
        m.result(y)
    elif kind == "depthwise":
        sums = convolve(m, y, 1, (3, 3), (1, 1), pads=(1, 1, 1, 1), zero_point=zp, depthwise=True)
        m.result(block(activate(m, mode, sums, zp), 20, 1, False))
    elif kind == "add_twice":
        total = align(m, mode, [y, x], [zp, zp], zp)
        m.result(align(m, mode, [total, y], [zp, zp], zp))
        m.result(block(total, 7, 3, True))
    elif kind == "group_chain":
        two = activate(m, mode, convolve(m, y, 12, (1, 1), zero_point=zp), zp)
        sums = convolve(m, two, 8, (3, 3), pads=(1, 1, 1, 1), zero_point=zp, groups=4)
        m.result(activate(m, mode, sums))
    else:
        m.result(reshape(m, x, (7, 6, channels)))
        m.result(y)


def case_reshaped(m, mode, i):
    """What is computed in one shape and padded in another, as networks' first
    layers do with images N×1×H×W."""
    rng, zp = m.rng, ends(m.rng)
    height, width, channels, k = ((7, 6, 1, 3), (28, 28, 1, 5), (5, 4, 2, 3), (6, 7, 3, 5))[i % 4]
    shape = (1, channels, height, width) if channels == 1 else (1, height, width * channels, 1)
    m.begin(f"reshaped{i}_{height}x{width}x{channels}_{k}x{k}")
    x = m.argument(shape)
    if i % 2:
        x = clamp(m, x, -100, 100)
    x = rescale(m, mode, x, [rng.uniform(0.7, 1.4)], input_zp=ends(rng), output_zp=zp)
    x = reshape(m, x, (1, height, width, channels))
    sums = convolve(m, x, 9, (k, k), pads=(k // 2,) * 4, zero_point=zp)
    m.result(activate(m, mode, sums))


def case_picture(m, mode, i):
    """A picture N×C×H×W of floats, as the caller has it, on its way to a layer."""
    channels, height, width, stride = ((3, 7, 37, 2), (2, 4, 16, 1), (5, 3, 19, 1), (3, 9, 8, 1),
                                       (8, 3, 33, 1), (9, 3, 17, 1))[i % 6]
    zp = ends(m.rng)
    m.begin(f"picture{i}_{height}x{width}x{channels}")
    x = m.argument((1 + i % 2, channels, height, width), "f32")
    x = transpose(m, quantize(m, x, m.rng.uniform(0.01, 0.1), zp), (0, 2, 3, 1))
    if i == 3:
        m.result(x)
    sums = convolve(m, x, 9, (3, 3), (stride, stride), pads=(1,) * 4, zero_point=zp)
    m.result(activate(m, mode, sums))


def case_extreme(m, mode, i):
    """The largest sums, and multipliers from next to nothing to above one."""
    rng = m.rng
    fill = ("max", "min", "signs")[i % 3]
    inputs, outputs = ((512, 16), (67, 17), (1000, 5), (64, 64))[i % 4]
    kernel = ((1, 1), (3, 3), (1, 1), (2, 2))[i % 4]
    real = (1e-9, 6e-8, 1e-6, 0.03, 0.7, 1.0, 3.5, 100.0)[i % 8]
    m.begin(f"extreme{i}_{fill}_{inputs}_{real:g}")
    x = m.argument((1, kernel[0] + 1, kernel[1] + 2, inputs))
    sums = convolve(m, x, outputs, kernel, zero_point=(127, -128)[i % 2],
                    weights=Weights(rng, fill))
    element = ("i8", "i8", "i16", "i32")[i % 4]
    if i % 2:
        scales = [real * rng.uniform(0.5, 1) for _ in range(outputs)]
    else:
        scales = [real]
    zp = {"i8": ends(rng), "i16": rng.choice((-32768, 32767, 100)), "i32": 0}[element]
    m.result(rescale(m, mode, sums, scales, element, output_zp=zp))
    m.result(sums)


def case_rescale(m, mode, i):
    """One rescale of an argument; recomputed by run_cases in whole numbers."""
    rng = m.rng
    source = ("i32", "i32", "i8", "i16")[i % 4]
    target = ("i8", "i32", "i16", "i8", "i8")[i % 5]
    real = 2.0 ** (-i if i < 32 else -rng.uniform(0, 45) if i % 3 else rng.uniform(0, 12))
    if (source, target, i >= 20) == ("i8", "i32", True):
        real = 2.0 ** 26  # even bytes leave i32
    if mode != "shift" and i % 2:
        real *= rng.uniform(0.5, 1)
    channels = (1, 7, 16, 33)[i // 4 % 4]
    scales = [real * (rng.uniform(0.5, 2) if i % 3 == 0 and c else 1) for c in range(channels)]
    if i % 3:
        scales = scales[:1]
    m.begin(f"rescale{i}_{source}_{target}_{real:.3g}_{len(scales)}")
    low, high = limits(source)
    input_zp = 0 if source == "i32" else rng.choice((low, high, 0, 3))
    if target == "i32":
        output_zp, clamped = 0, {}
    else:
        output_zp = rng.choice((*limits(target), 0, 5))
        clamped = {"low": output_zp} if i % 7 == 0 else {}
    value = rescale(m, mode, m.argument((1, 5, 13, channels), source, low, high), scales, target,
                    input_zp, output_zp, **clamped)
    m.result(value, rescale=value.rescale)


CASES = ((case_conv, 42), (case_conv_wide, 6), (case_grouped, 12), (case_depthwise, 20),
         (case_matmul, 12), (case_max_pool, 8), (case_average_pool, 6), (case_global_sum, 4),
         (case_add, 10), (case_residual, 8), (case_concat, 6), (case_move, 12), (case_resize, 10),
         (case_shuffle, 6), (case_chain, 16),
         (case_reshaped, 8), (case_picture, 6), (case_extreme, 16), (case_rescale, 40))


def generate(mode, only=None, kinds=".*", per_module=60):
    """The modules of a mode; the cases of a kind are spread over them, those of
    functions whose names match `kinds`. With the regular expression `only`, the
    cases of such names, each in its own module."""
    cases = ((*generate_float.CASES, *generate_attention.FLOAT_CASES, *generate_linalg.FLOAT_CASES)
             if mode == "float" else
             (*CASES, *generate_attention.CASES, *generate_winograd.CASES, *generate_strips.CASES,
              *generate_linalg.CASES, *generate_bytes.CASES))
    jobs = [(build, i) for build, count in cases if re.fullmatch(kinds, build.__name__)
            for i in range(count)]
    total = len(jobs) if only else -(-len(jobs) // per_module)
    modules = []
    for index in range(total):
        module = Module(f"m{index}")
        for build, i in jobs[index::total]:
            # A case is the same in every module.
            module.rng = random.Random(f"{mode} {build.__name__} {i}")
            build(module, mode, i)
        if not only or re.fullmatch(only, module.cases[0]["name"]):
            modules.append(module)
    return modules


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mode", choices=(*MODES, "float"), required=True)
    parser.add_argument("--kinds", default=".*", metavar="REGEX", help="of functions that write cases")
    parser.add_argument("folder", type=pathlib.Path)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for module in generate(options.mode, kinds=options.kinds):
        (options.folder / f"{module.name}.mlir").write_text(module.text())
        (options.folder / f"{module.name}.json").write_text(json.dumps(module.manifest()))


if __name__ == "__main__":
    main()
