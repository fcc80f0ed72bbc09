# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Cases of float operators; see generate_cases."""

import math

import operations as ops


def weights(module, shape):
    """A constant, and its values."""
    values = [ops.f32(module.rng.gauss(0, 1)) for _ in range(math.prod(shape))]
    return module.constant(shape, "f32", values), values


def convolve(module, value, channels, kernel, stride=(1, 1), dilation=(1, 1), pads=(0, 0, 0, 0),
             depthwise=False, groups=1):
    """The result says in `about` what it is, so that it can be recomputed."""
    n, height, width, inputs = value.shape
    rows = ops.output_size(height, kernel[0], stride[0], dilation[0], pads[0], pads[1])
    columns = ops.output_size(width, kernel[1], stride[1], dilation[1], pads[2], pads[3])
    count = inputs * channels if depthwise else channels
    weight, weight_values = weights(module, (*kernel, inputs, channels) if depthwise
                                    else (channels, *kernel, inputs // groups))
    bias, bias_values = weights(module, (count,))
    shape, attributes = (n, rows, columns, count), ops.geometry(kernel, stride, dilation, pads)
    if groups > 1:
        result = module.op("quantc.grouped_conv2d", [value, weight, bias], shape, "f32",
                           f"{attributes}, groups = {groups} : i64")
    else:
        zeros = [module.constant((1,), "f32", [0.0]) for _ in range(2)]
        result = module.op("tosa.depthwise_conv2d" if depthwise else "tosa.conv2d",
                           [value, weight, bias, *zeros], shape, "f32",
                           f"acc_type = f32, {attributes}")
    result.about = {"input": value.shape, "output": shape, "kernel": kernel, "stride": stride,
                    "dilation": dilation, "pads": pads, "groups": groups, "depthwise": depthwise,
                    "weights": weight_values, "bias": bias_values, "low": -math.inf,
                    "high": math.inf}
    return result


def clamp(module, value, low, high):
    return module.op("tosa.clamp", [value], value.shape, "f32",
                     f"min_val = {low:e} : f32, max_val = {high:e} : f32")


def case_conv(m, _, i):
    rng = m.rng
    kernel, stride, dilation, pads, sizes = ops.take(ops.windows(rng))
    inputs, outputs = rng.choice((1, 3, 8, 16, 33, 67)), rng.choice((1, 5, 8, 16, 31, 64, 70))
    m.begin(f"conv{i}_{inputs}to{outputs}_{kernel[0]}x{kernel[1]}")
    x = m.argument((rng.choice((1, 1, 2)), *sizes, inputs), "f32")
    value = convolve(m, x, outputs, kernel, stride, dilation, pads)
    if i % 3:
        low, high = 0.0, (6.0, 3.4e38)[i % 2]
        value, about = clamp(m, value, low, high), {**value.about, "low": low, "high": high}
        return m.result(value, convolution=about)
    m.result(value, convolution=value.about)


def case_grouped(m, _, i):
    groups = m.rng.choice((2, 4))
    m.begin(f"grouped{i}")
    x = m.argument((1, 6, 5, groups * m.rng.choice((1, 5, 8))), "f32")
    value = convolve(m, x, groups * m.rng.choice((3, 8, 17)), (3, 3), pads=(1, 1, 1, 1),
                     groups=groups)
    m.result(value, convolution=value.about)


def case_depthwise(m, _, i):
    rng = m.rng
    kernel, stride, dilation, pads, sizes = ops.take(ops.windows(rng))
    channels, multiplier = rng.choice((1, 3, 8, 16, 33, 40)), rng.choice((1, 1, 2))
    m.begin(f"depthwise{i}_{channels}x{multiplier}_{kernel[0]}x{kernel[1]}")
    x = m.argument((1, *sizes, channels), "f32")
    value = convolve(m, x, multiplier, kernel, stride, dilation, pads, depthwise=True)
    m.result(value, convolution=value.about)


def case_matmul(m, _, i):
    rows, inputs, outputs = ((1, 200, 10), (1, 64, 64), (5, 33, 17), (14, 10, 70), (3, 1000, 3),
                             (33, 7, 8))[i % 6]
    m.begin(f"matmul{i}_{rows}x{inputs}x{outputs}")
    x = ops.reshape(m, m.argument((rows, inputs), "f32"), (1, 1, rows, inputs))
    value = convolve(m, x, outputs, (1, 1))
    m.result(ops.reshape(m, value, (rows, outputs)), convolution=value.about)


def case_blocks(m, _, i):
    """Weights that don't fit the second-level cache; too many to recompute here."""
    m.begin(f"blocks{i}")
    m.result(convolve(m, m.argument((1, 10, 10, 72), "f32"), 520, (3, 3), pads=(1, 1, 1, 1)))


def case_add(m, _, i):
    shape = ((1, 4, 5, 7), (1, 3, 3, 16), (9, 33), (1, 1, 1, 1))[i % 4]
    m.begin(f"add{i}")
    value = m.op(("tosa.add", "tosa.sub")[i % 2],
                 [m.argument(shape, "f32"), m.argument(shape, "f32")], shape, "f32")
    m.result(clamp(m, value, -1.0, 3.0) if i % 3 == 0 else value)


def case_residual(m, _, i):
    m.begin(f"residual{i}")
    x = m.argument((1, 6, 6, (8, 17)[i % 2]), "f32")
    y = convolve(m, x, x.shape[-1], (3, 3), pads=(1, 1, 1, 1))
    z = m.op("tosa.add", [y, x], x.shape, "f32")
    m.result(z)
    m.result(convolve(m, clamp(m, z, 0.0, 3.4e38), 9, (3, 3), pads=(1, 1, 1, 1)))


def case_pool(m, _, i):
    rng = m.rng
    kernel, stride, _, _, sizes = ops.take(ops.windows(rng, (1, 2, 3, 5), (1, 2), (1,), padded=False))
    x_shape = (1, *sizes, rng.choice((1, 5, 16, 33)))
    m.begin(f"{('max', 'average')[i % 2]}_pool{i}_{kernel[0]}x{kernel[1]}")
    x = m.argument(x_shape, "f32")
    if i % 2 == 0:
        return m.result(ops.max_pool(m, x, kernel, stride, (0, 0, 0, 0)))
    rows, columns = ((size - k) // s + 1 for size, k, s in zip(sizes, kernel, stride))
    zeros = [m.constant((1,), "f32", [0.0]) for _ in range(2)]
    m.result(m.op("tosa.avg_pool2d", [x, *zeros], (1, rows, columns, x_shape[3]), "f32",
                  f"acc_type = f32, kernel = {ops.array('i64', kernel)}, "
                  f"pad = {ops.array('i64', (0, 0, 0, 0))}, stride = {ops.array('i64', stride)}"))


def case_resize(m, _, i):
    rng = m.rng
    (rows, height), (columns, width) = ops.resampling(rng), ops.resampling(rng)
    m.begin(f"resize{i}_{'bilinear' if i % 2 else 'nearest'}_{rows[0]}:{rows[1]}_{columns[0]}:{columns[1]}")
    x = m.argument((1, height, width, rng.choice((1, 5, 16, 33))), "f32")
    m.result(ops.resize(m, x, rows, columns, bilinear=i % 2 == 1))


def case_boundary(m, _, i):
    """Float to i8 and back, as at the edges of an integer model."""
    rng = m.rng
    channels, zp = (1, 7, 16, 33)[i % 4], ops.ends(rng) | i % 2
    # Halves of a power of two make ties.
    scale = 2.0 ** rng.randint(-8, -3) if i % 4 < 2 else ops.f32(2.0 ** rng.uniform(-8, -3))
    about = {"scale": scale, "zp": zp, "divide": i // 2 % 2 == 1, "before": i // 4 % 2 == 1}
    form = ("scaling = #quantc<scaling divide>",) if about["divide"] else ()
    place = ("zero_point_placement = #quantc<zero_point before_rounding>",) if about["before"] else ()
    m.begin(f"boundary{i}_{channels}")
    kind = f"!quant.uniform<i8:f32, {scale:.9e}:{zp}>"
    x = m.argument((1, 5, 3, channels), "f32", step=scale / 2 if i % 4 < 2 else 0)
    stored = m.emit(f"quantc.quantize {x.name} as {kind} {{{', '.join(form + place)}}} : {x.type}",
                    x.shape, "i8")
    m.result(stored)
    m.result(m.emit(f"quantc.dequantize {stored.name} as {kind} : {stored.type}", x.shape, "f32"),
             quantize=about)


CASES = ((case_conv, 24), (case_grouped, 4), (case_depthwise, 10), (case_matmul, 6), (case_add, 6),
         (case_residual, 4), (case_pool, 10), (case_resize, 6), (case_boundary, 12),
         (case_blocks, 1))
