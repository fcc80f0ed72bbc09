# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Cases of what transformers are made of, in integers and floats; see
generate_cases."""

import math

import operations as ops

# [batch, rows, depth, columns]
PRODUCTS = ((1, 1, 1, 1), (2, 5, 3, 7), (1, 14, 64, 33), (3, 17, 10, 8), (1, 33, 130, 64),
            (2, 3, 31, 70), (12, 16, 8, 16), (1, 4, 257, 5))
ROWS = ((1, 1), (3, 2), (2, 5, 16), (7, 31), (2, 3, 64), (1, 1, 4, 130), (2, 1000), (5, 8))


def same(module, text, like):
    """An operation whose result has the type of `like`, which its text ends with."""
    value = ops.Value(module.fresh(), like.shape, like.element)
    module.body.append(f"  {value.name} = {text}")
    return value


def matmul(module, left, right, left_zp=0, right_zp=0):
    element = "f32" if left.element == "f32" else "i32"
    zps = [module.constant((1,), left.element, [zp]) for zp in (left_zp, right_zp)]
    shape = (left.shape[0], left.shape[1], right.shape[2])
    result = module.op("tosa.matmul", [left, right, *zps], shape, element)
    result.taps = left.shape[2]
    return result


def to_bytes(module, mode, sums, zero_point):
    scale = 127 / (3 * math.sqrt(sums.taps) * 74 * 74)
    return ops.rescale(module, mode, sums, [scale * 2 ** module.rng.uniform(-1, 1)],
                       output_zp=zero_point)


def softmax(module, value, scale, out, zero_point, low=-128, high=127):
    """Semantics S33, with results of the scale `out`."""
    table = [round(math.exp(-d * scale) * 2 ** 23) for d in range(256)]
    entries = module.constant((256,), "i32", table)
    exponent = math.floor(math.log2(out))
    shift = min(62, exponent + 54)
    return same(
        module, f"quantc.integer_softmax {value.name}, {entries.name} {{numerator = "
        f"{round(2 ** shift / out)} : i64, shift = {shift} : i32, output_zp = {zero_point} : i32, "
        f"min = {low} : i32, max = {high} : i32}} : {value.type}, {entries.type}", value)


def layer_norm(module, value, epsilon, steps, zero_point):
    """Semantics S34; gamma is at most `steps` steps of the result."""
    rng, length = module.rng, value.shape[-1]
    places = 15 - (math.ceil(math.log2(length)) + 1) // 2
    more = 31 - places
    while more > 0 and (steps * 2 ** more > 2 ** 14 or (steps + 130) * 2 ** (places + more) >= 2 ** 30):
        more -= 1
    shift = places + more
    gamma = [round(rng.uniform(-steps, steps) * 2 ** more) for _ in range(length)]
    beta = [round((rng.uniform(-steps, steps) + zero_point) * 2 ** shift) + 2 ** (shift - 1)
            for _ in range(length)]
    parts = [module.constant((length,), "i32", values) for values in (gamma, beta)]
    return same(
        module, f"quantc.integer_layer_norm {value.name}, {parts[0].name}, {parts[1].name} {{epsilon = "
        f"{epsilon} : i64, places = {places} : i32, shift = {shift} : i32, min = -128 : i32, "
        f"max = 127 : i32}} : {value.type}, {parts[0].type}", value)


def case_product(m, mode, i):
    rng = m.rng
    batch, rows, depth, columns = PRODUCTS[i % len(PRODUCTS)]
    m.begin(f"product{i}_{batch}x{rows}x{depth}x{columns}")
    left, right = m.argument((batch, rows, depth)), m.argument((batch, depth, columns))
    sums = matmul(m, left, right, ops.ends(rng), 0 if i % 3 == 2 else ops.ends(rng))
    m.result(sums if i % 4 == 3 else to_bytes(m, mode, sums, ops.ends(rng)))


def case_softmax(m, mode, i):
    rng = m.rng
    shape = ROWS[i % len(ROWS)]
    m.begin(f"softmax{i}_{'x'.join(map(str, shape))}")
    x = m.argument(shape)
    out = 2.0 ** rng.uniform(-13, -4) if i % 2 else 1 / 256
    m.result(softmax(m, x, 2.0 ** rng.uniform(-8, 0), out, -128 if i % 3 else ops.ends(rng)))


def case_long_softmax(m, mode, i):
    """Rows whose exponentials aren't kept, and whose sums need 64 bits."""
    length = (4097, 16001)[i % 2]
    m.begin(f"long_softmax{i}_{length}")
    m.result(softmax(m, m.argument((2, length)), 2.0 ** -9, 2.0 ** -18, -128))


def case_layer_norm(m, mode, i):
    rng = m.rng
    shape = ROWS[i % len(ROWS)]
    m.begin(f"layer_norm{i}_{'x'.join(map(str, shape))}")
    x = m.argument(shape)
    epsilon = (0, 1, 1000, 1 << 40, 1 << 62)[i % 5]
    m.result(layer_norm(m, x, epsilon, rng.choice((10, 50, 300)), ops.ends(rng)))


def case_attention(m, mode, i):
    """Heads of a product, softmax and another product, and their transposes."""
    rng = m.rng
    tokens, heads, depth = ((5, 2, 4), (16, 3, 8), (17, 2, 16), (33, 1, 31), (32, 2, 16))[i % 5]
    m.begin(f"attention{i}_{tokens}x{heads}x{depth}")
    x = ops.reshape(m, m.argument((tokens, 3 * heads * depth)), (tokens, 3, heads, depth))
    parts = []
    for part, order in enumerate(((2, 1, 0, 3), (2, 1, 3, 0), (2, 1, 0, 3))):
        value = ops.cut(m, x, (0, part, 0, 0), (tokens, 1, heads, depth))
        value = ops.transpose(m, value, order)
        parts.append(ops.reshape(m, value, (heads, *value.shape[2:])))
    query, key, value = parts
    zp = ops.ends(rng)
    logits = to_bytes(m, mode, matmul(m, query, key, zp, zp), 3)
    weights = softmax(m, logits, 0.05, 2.0 ** -9, -128)
    result = to_bytes(m, mode, matmul(m, weights, value, -128, zp), zp)
    result = ops.transpose(m, ops.reshape(m, result, (1, heads, tokens, depth)), (0, 2, 1, 3))
    m.result(ops.reshape(m, result, (tokens, heads * depth)))


# [B, H, M, K, N, C]: sizes that fill registers and squares of them, and that don't; the last is
# too large for one kernel.
HEADS = ((1, 2, 16, 64, 32, 16), (2, 3, 7, 8, 9, 5), (1, 1, 13, 31, 40, 17), (2, 2, 6, 16, 48, 33),
         (1, 3, 25, 20, 11, 8), (1, 1, 9, 64, 700, 40))


def masked(m, scores, batch, heads, mask, first):
    """Scores [B·H, M, N] times a constant, and a mask that all heads share, or, with
    `first`, all rows; the softmax of that."""
    rows, columns = scores.shape[1:]
    shape = (batch, heads, rows, columns)
    scores = ops.reshape(m, scores, shape)
    factor = m.constant((1, 1, 1, 1), "f32", [0.125])
    shift = m.constant((1,), "i8", [0])
    scores = m.op("tosa.mul", [scores, factor, shift], shape, "f32")
    operands = [mask, scores] if first else [scores, mask]
    scores = m.op("tosa.add", operands, shape, "f32")
    return same(m, f"quantc.softmax {scores.name} : {scores.type}", scores)


def masks(m, i, batch, rows, columns):
    return m.argument(((batch, 1, 1, columns), (batch, 1, rows, columns))[i % 2], "f32", -4.0, 4.0)


def case_masked_attention(m, mode, i):
    """Attention whose softmax is of floats, between products of integers."""
    rng = m.rng
    batch, heads, rows, depth, columns, width = HEADS[i % len(HEADS)]
    m.begin(f"masked_attention{i}_{'x'.join(map(str, HEADS[i % len(HEADS)]))}")
    query = m.argument((rows, batch * heads, depth))
    key = m.argument((columns, batch * heads, depth))
    value = m.argument((batch * heads, columns, width))
    mask = masks(m, i, batch, rows, columns)
    query = ops.transpose(m, query, (1, 0, 2))
    key = ops.transpose(m, key, (1, 2, 0))
    zps = [ops.ends(rng) for _ in range(3)]
    scores = to_bytes(m, mode, matmul(m, query, key, *zps[:2]), zps[2])
    kind = f"!quant.uniform<i8:f32, 0.3:{zps[2]}>"
    scores = m.emit(f"quantc.dequantize {scores.name} as {kind} : {scores.type}", scores.shape, "f32")
    weights = masked(m, scores, batch, heads, mask, i % 3 == 0)
    kind = "!quant.uniform<i8:f32, 0.00390625:-128>"
    weights = m.emit(f"quantc.quantize {weights.name} as {kind} : {weights.type}", weights.shape, "i8")
    weights = ops.reshape(m, weights, scores.shape)
    zero_point = ops.ends(rng)
    m.result(to_bytes(m, mode, matmul(m, weights, value, -128, zero_point), 5))


CASES = ((case_product, 16), (case_softmax, 16), (case_long_softmax, 2), (case_layer_norm, 20),
         (case_attention, 5), (case_masked_attention, 6))


def float_product(m, _, i):
    batch, rows, depth, columns = PRODUCTS[i % len(PRODUCTS)]
    m.begin(f"product{i}_{batch}x{rows}x{depth}x{columns}")
    value = matmul(m, m.argument((batch, rows, depth), "f32"),
                   m.argument((batch, depth, columns), "f32"))
    half = m.constant((1, 1, 1), "f32", [0.125])
    shift = m.constant((1,), "i8", [0])
    m.result(m.op("tosa.mul", [value, half, shift], value.shape, "f32") if i % 2 else value)


def float_softmax(m, _, i):
    shape = ROWS[i % len(ROWS)]
    m.begin(f"softmax{i}_{'x'.join(map(str, shape))}")
    x = m.argument(shape, "f32", -20.0, 5.0)
    m.result(same(m, f"quantc.softmax {x.name} : {x.type}", x))


def float_layer_norm(m, _, i):
    shape = ROWS[i % len(ROWS)]
    m.begin(f"layer_norm{i}_{'x'.join(map(str, shape))}")
    x = m.argument(shape, "f32")
    parts = [m.constant((shape[-1],), "f32", [m.rng.gauss(0, 1) for _ in range(shape[-1])])
             for _ in range(2)]
    m.result(same(m, f"quantc.layer_norm {x.name}, {parts[0].name}, {parts[1].name} "
                     f"{{epsilon = 1.0e-5 : f32}} : {x.type}, {parts[0].type}", x))


def float_function(m, _, i):
    """Functions of one number; their errors are small where the results are."""
    kind = ("gelu", "gelu_tanh", "exp", "erf", "tanh", "sigmoid")[i % 6]
    m.begin(f"{kind}{i}")
    x = m.argument((3, 5, (7, 33)[i % 2]), "f32", -9.0, 9.0)
    if kind.startswith("gelu"):
        tanh = " {tanh}" if kind.endswith("tanh") else ""
        return m.result(same(m, f"quantc.gelu {x.name}{tanh} : {x.type}", x))
    m.result(m.op(f"tosa.{kind}", [x], x.shape, "f32"))


def float_transpose(m, _, i):
    """Whose last dimension moves: by squares of four, not, and by pixels."""
    shape, order = (((1, 8, 3, 12), (0, 3, 2, 1)), ((2, 12, 4, 8), (0, 2, 3, 1)),
                    ((1, 8, 3, 13), (0, 3, 2, 1)), ((2, 3, 5, 11), (0, 2, 3, 1)))[i % 4]
    m.begin(f"transpose{i}_{'x'.join(map(str, shape))}")
    m.result(ops.transpose(m, m.argument(shape, "f32"), order))


def float_attention(m, _, i):
    batch, heads, rows, depth, columns, width = HEADS[i % len(HEADS)]
    m.begin(f"attention{i}_{'x'.join(map(str, HEADS[i % len(HEADS)]))}")
    query, key, value = (m.argument(shape, "f32") for shape in (
        (batch * heads, rows, depth), (columns, batch * heads, depth),
        (columns, batch * heads, width)))
    mask = masks(m, i, batch, rows, columns)
    scores = matmul(m, query, ops.transpose(m, key, (1, 2, 0)))
    weights = ops.reshape(m, masked(m, scores, batch, heads, mask, i % 3 == 1), scores.shape)
    m.result(matmul(m, weights, ops.transpose(m, value, (1, 0, 2))))


FLOAT_CASES = ((float_product, 8), (float_softmax, 8), (float_layer_norm, 8), (float_function, 12),
               (float_transpose, 4), (float_attention, 6))
