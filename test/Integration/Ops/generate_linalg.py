# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Cases that models written as linalg have, and importers don't: what kernels
must leave to plain loops, or not take for something alike; see generate_cases."""

import operations as ops

PARALLEL4 = 'iterator_types = ["parallel", "parallel", "parallel", "parallel"]'
NHWC = "affine_map<(n, y, x, c) -> (n, y, x, c)>"


def empty(m, shape, element):
    value = ops.Value(m.fresh(), shape, element)
    m.body.append(f"  {value.name} = tensor.empty() : {value.type}")
    return value


def zeros(m, shape, element):
    zero, start = m.fresh(), empty(m, shape, element)
    m.body.append(f"  {zero} = arith.constant {'0.0' if element == 'f32' else 0} : {element}")
    return m.emit(f"linalg.fill ins({zero} : {element}) outs({start.name} : {start.type})",
                  shape, element)


def named(m, name, left, right, shape, element, attributes=""):
    start = zeros(m, shape, element)
    return m.emit(f"linalg.{name} {attributes} ins({left.name}, {right.name} : {left.type}, "
                  f"{right.type}) outs({start.name} : {start.type})", shape, element)


def maps(*results):
    return "indexing_maps = [" + ", ".join(
        f"affine_map<(b, m, n, k) -> ({result})>" for result in results) + "]"


def product(m, element, total, i):
    """[2, 9, 24] · [2, 24, 20] with transposed and broadcast operands."""
    left, right, attributes = (
        ((2, 24, 9), (2, 24, 20), maps("b, k, m", "b, k, n", "b, m, n")),
        ((2, 9, 24), (2, 20, 24), maps("b, m, k", "b, n, k", "b, m, n")),
        ((9, 24), (2, 24, 20), maps("m, k", "b, k, n", "b, m, n")),
        ((2, 9, 24), (2, 24, 20), ""))[i % 4]
    left, right = m.argument(left, element), m.argument(right, element)
    return named(m, "batch_matmul", left, right, (2, 9, 20), total, attributes)


def case_linalg_product(m, _, i):
    m.begin(f"linalg_product{i}")
    m.result(product(m, "i8", "i32", i))


def case_unsigned_product(m, _, i):
    m.begin(f"linalg_unsigned_product{i}")
    left, right = m.argument((2, 9, 24)), m.argument((2, 24, 20))
    m.result(named(m, "batch_matmul", left, right, (2, 9, 20), "i32",
                   "{cast = #linalg.type_fn<cast_unsigned>}"))


def case_narrow_product(m, _, i):
    """Sums of bytes, or of words, that wrap."""
    element, total = (("i8", "i8"), ("i8", "i16"), ("i16", "i32"), ("i16", "i16"))[i % 4]
    m.begin(f"linalg_narrow_product{i}_{element}_{total}")
    m.result(product(m, element, total, 3))


def filters(m, window, element="i8"):
    low, high = ops.limits(element)
    shape = (32, window, window, 32)
    return m.constant(shape, element, [m.rng.randint(low, high) for _ in range(32 * window * window * 32)])


def combine(m, left, right, transposed):
    """Their difference, as one epilogue of both."""
    n, y, x, c = left.shape
    shape = (n, c, y, x) if transposed else left.shape
    result = "affine_map<(n, y, x, c) -> (n, c, y, x)>" if transposed else NHWC
    start = empty(m, shape, "i32")
    return m.emit(f"linalg.generic {{indexing_maps = [{NHWC}, {NHWC}, {result}], {PARALLEL4}}} "
                  f"ins({left.name}, {right.name} : {left.type}, {right.type}) outs({start.name} : {start.type}) "
                  "{ ^bb0(%a: i32, %b: i32, %o: i32): %d = arith.subi %a, %b : i32 linalg.yield %d : i32 }",
                  shape, "i32")


def case_two_convolutions(m, _, i):
    """An epilogue of two convolutions, either of which may have a form of its own."""
    windows, swapped, transposed = ((3, 3), (1, 3), (3, 1))[i % 3], i // 3 % 2, i // 6 % 2
    m.begin(f"two_convolutions{i}_{windows[0]}_{windows[1]}")
    large, small = m.argument((1, 18, 18, 32)), m.argument((1, 16, 16, 32))
    sums = [named(m, "conv_2d_nhwc_fhwc", large if window == 3 else small, filters(m, window),
                  (1, 16, 16, 32), "i32") for window in windows]
    if swapped:
        sums.reverse()
    m.result(combine(m, *sums, transposed))


def case_words(m, _, i):
    """Activations that were never bytes."""
    m.begin(f"words{i}")
    x = m.argument((1, 18, 18, 32), "i16")
    w = filters(m, 3, ("i8", "i16")[i % 2])
    sums = named(m, "conv_2d_nhwc_fhwc", x, w, (1, 16, 16, 32), "i32")
    m.result(combine(m, sums, zeros(m, sums.shape, "i32"), False))


def bits(m, x, i):
    """Comparisons that are stored, moved and combined before they choose."""
    zero = m.constant((1,) * len(x.shape), "f32", [0.25])
    mask = m.op("tosa.greater", [x, zero], x.shape, "i1")
    if i % 3 == 0:
        mask = ops.transpose(m, mask, (0, 2, 1))
    elif i % 3 == 1:
        other = m.op("tosa.logical_not", [mask], x.shape, "i1")
        half = (x.shape[0], x.shape[1] // 2, x.shape[2])
        mask = ops.concat(m, [ops.cut(m, mask, (0, 0, 0), half),
                              ops.cut(m, other, (0, 1, 0), half)], 1)
    any_of = m.op("tosa.reduce_any", [mask], (*mask.shape[:2], 1), "i1", "axis = 2 : i32")
    mask = m.op("tosa.logical_xor", [mask, any_of], mask.shape, "i1")
    reversed_mask = m.op("tosa.reverse", [mask], mask.shape, "i1", "axis = 1 : i32")
    first = m.op("tosa.select", [reversed_mask, x, zero], x.shape, "f32")
    return m.op("tosa.select", [mask, first, x], x.shape, "f32")


def float_bits(m, _, i):
    m.begin(f"bits{i}")
    size = (128, 16, 6)[i // 3 % 3]
    m.result(bits(m, m.argument((2, size, size), "f32"), i))


def float_linalg_product(m, _, i):
    m.begin(f"linalg_product{i}")
    m.result(product(m, "f32", "f32", i))


def float_arithmetic(m, _, i):
    """Operations on whole tensors that are in no linalg.generic."""
    m.begin(f"arithmetic{i}")
    x = m.argument((3, (7, 16, 33)[i % 3]), "f32")
    for name in ("arith.addf", "arith.mulf", "math.exp" if i % 2 else "math.sqrt"):
        operands = x.name if name.startswith("math") else f"{x.name}, {x.name}"
        value = ops.Value(m.fresh(), x.shape, "f32")
        m.body.append(f"  {value.name} = {name} {operands} : {x.type}")
        x = value
    m.result(x)


CASES = ((case_linalg_product, 4), (case_unsigned_product, 1), (case_narrow_product, 4),
         (case_two_convolutions, 12), (case_words, 2))
FLOAT_CASES = ((float_bits, 9), (float_linalg_product, 4), (float_arithmetic, 6))
