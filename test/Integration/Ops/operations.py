# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Modules of operations as they leave the phase `requantize`, written as text:
what generated cases are made of (generate_cases)."""

import math
import struct

MODES = ("f32", "fixed", "fixed-double", "shift")
I32 = (-1 << 31, (1 << 31) - 1)
BITS = {"i8": 8, "i16": 16, "i32": 32, "f32": 32}


def type_of(shape, element):
    return f"tensor<{''.join(f'{size}x' for size in shape)}{element}>"


def limits(element):
    half = 1 << (BITS[element] - 1)
    return -half, half - 1


def array(kind, values):
    return f"array<{kind}: {', '.join(str(value) for value in values)}>"


def f32(value):
    """The nearest number that an f32 holds."""
    return struct.unpack("<f", struct.pack("<f", value))[0]


class Value:
    def __init__(self, name, shape, element):
        self.name, self.shape, self.element = name, tuple(shape), element

    @property
    def type(self):
        return type_of(self.shape, self.element)


class Module:
    """The text of a function, and what its arguments, results and cases are."""

    def __init__(self, name):
        self.name, self.rng = name, None
        self.body, self.resources, self.cases = [], [], []
        self.inputs, self.arguments, self.results, self.counter = [], [], [], 0

    def fresh(self):
        self.counter += 1
        return f"%{self.counter}"

    def begin(self, name):
        self.cases.append({"name": name, "inputs": [], "outputs": []})

    def argument(self, shape, element="i8", low=None, high=None, step=0):
        """A new input whose values are in [low, high], multiples of `step` if it isn't 0."""
        lowest, highest = (-4.0, 4.0) if element == "f32" else limits(element)
        value = Value(f"%arg{len(self.inputs)}", shape, element)
        self.cases[-1]["inputs"].append(len(self.inputs))
        self.inputs.append({"shape": shape, "type": element,
                            "low": lowest if low is None else low,
                            "high": highest if high is None else high, "step": step})
        self.arguments.append(value)
        return value

    def result(self, value, **about):
        self.cases[-1]["outputs"].append(len(self.results))
        self.results.append(value)
        self.cases[-1].update(about)

    def emit(self, text, shape, element):
        value = Value(self.fresh(), shape, element)
        self.body.append(f"  {value.name} = {text} -> {value.type}")
        return value

    def constant(self, shape, element, values):
        """Small ones inline and large ones as blobs, as importers leave them."""
        letter = {"i8": "b", "i16": "h", "i32": "i", "f32": "f"}[element]
        data = struct.pack(f"<{len(values)}{letter}", *values).hex().upper()
        kind = type_of(shape, element)
        if len(values) >= 64:
            key = f"{self.name}_{len(self.resources)}"
            align = struct.pack("<I", 64).hex()
            self.resources.append(f'      {key}: "0x{align}{data}"')
            literal = f"dense_resource<{key}>"
        else:
            literal = f'dense<"0x{data}">'
        return self.emit(f'"tosa.const"() {{values = {literal} : {kind}}} : ()', shape, element)

    def shape_constant(self, values):
        name = self.fresh()
        kind = f"!tosa.shape<{len(values)}>"
        dense = f"dense<[{', '.join(map(str, values))}]> : tensor<{len(values)}xindex>"
        self.body.append(f"  {name} = tosa.const_shape {{values = {dense}}} : () -> {kind}")
        return name, kind

    def op(self, name, operands, shape, element, attributes=""):
        names = ", ".join(operand.name for operand in operands)
        kinds = ", ".join(operand.type for operand in operands)
        braces = f" {{{attributes}}}" if attributes else ""
        return self.emit(f"{name} {names}{braces} : ({kinds})", shape, element)

    def text(self):
        parameters = ", ".join(f"{a.name}: {a.type}" for a in self.arguments)
        kinds = ", ".join(value.type for value in self.results)
        names = ", ".join(value.name for value in self.results)
        lines = [f"func.func @{self.name}({parameters}) -> ({kinds}) {{", *self.body,
                 f"  return {names} : {kinds}", "}"]
        if self.resources:
            lines += ["{-#", "  dialect_resources: {", "    builtin: {",
                      ",\n".join(self.resources), "    }", "  }", "#-}"]
        return "\n".join(lines) + "\n"

    def manifest(self):
        """What runs need to know: arguments, results, cases."""
        outputs = [{"shape": value.shape, "type": value.element} for value in self.results]
        return {"name": self.name, "inputs": self.inputs, "outputs": outputs, "cases": self.cases}


# ---- Operations -------------------------------------------------------------


def fixed_point(real):
    """multiplier, shift with real ≈ multiplier / 2^shift (Semantics S16)."""
    mantissa, exponent = math.frexp(real)
    multiplier = round(mantissa * (1 << 31))
    if multiplier == 1 << 31:
        multiplier, exponent = multiplier >> 1, exponent + 1
    shift = 31 - exponent
    if shift > 62:
        multiplier, shift = multiplier >> min(shift - 62, 31), 62
    return multiplier, max(shift, 2)


def rescale(module, mode, value, reals, element="i8", input_zp=0, output_zp=0, low=None,
            high=None):
    """quantc.rescale by `reals`, one or one per channel; says in the case how,
    so that a case of one rescale can be recomputed."""
    lowest, highest = limits(element)
    low, high = lowest if low is None else low, highest if high is None else high
    about = {"mode": mode, "input_zp": input_zp, "output_zp": output_zp, "min": low, "max": high}
    if mode == "f32":
        about["multipliers"] = [f32(real) for real in reals]
        rounding = "<f32, half_even>"
        scales = "multipliers = " + array("f32", [f"{real:.9e}" for real in about["multipliers"]])
    elif mode == "shift":
        about["shifts"] = [max(-28, min(62, round(-math.log2(real)))) for real in reals]
        rounding, scales = "<fixed, half_up>", "shifts = " + array("i32", about["shifts"])
    else:
        pairs = [fixed_point(real) for real in reals]
        about["fixed"] = [multiplier for multiplier, _ in pairs]
        about["shifts"] = [shift for _, shift in pairs]
        direction = "double_round" if mode == "fixed-double" else "half_up"
        rounding = f"<fixed, {direction}>"
        scales = (f"fixed_multipliers = {array('i32', about['fixed'])}, "
                  f"shifts = {array('i32', about['shifts'])}")
    result = module.emit(
        f"quantc.rescale {value.name} {rounding} {{{scales}, input_zp = {input_zp} : i32, "
        f"output_zp = {output_zp} : i32, min = {low} : i32, max = {high} : i32}} : {value.type}",
        value.shape, element)
    result.rescale = about
    return result


def geometry(kernel, stride, dilation, pads):
    return (f"pad = {array('i64', pads)}, stride = {array('i64', stride)}, "
            f"dilation = {array('i64', dilation)}")


def output_size(size, kernel, stride, dilation, low, high):
    reach = (size + low + high) - (kernel - 1) * dilation - 1
    assert reach >= 0 and reach % stride == 0, "not an exact fit"
    return reach // stride + 1


def input_size(out, kernel, stride, dilation, low, high):
    """The size whose windows fit exactly, or None where nothing is left."""
    size = (out - 1) * stride + (kernel - 1) * dilation + 1 - low - high
    return size if size > 0 else None


class Weights:
    """How constants are filled: random, or extreme."""

    def __init__(self, rng, kind="random"):
        self.rng, self.kind = rng, kind

    def bytes(self, count):
        if self.kind == "max":
            return [127] * count
        if self.kind == "min":
            return [-127] * count
        if self.kind == "signs":
            return [self.rng.choice((-127, 127)) for _ in range(count)]
        return [self.rng.randint(-127, 127) for _ in range(count)]

    def bias(self, count, taps):
        if self.kind != "random":  # as far as 32 bits go
            bound = min(1 << 30, I32[1] - taps * 255 * 127)
            return [self.rng.choice((-bound, bound)) for _ in range(count)]
        bound = 1 + int(math.sqrt(taps) * 4000)
        return [self.rng.randint(-bound, bound) for _ in range(count)]


def convolve(module, value, channels, kernel, stride=(1, 1), dilation=(1, 1), pads=(0, 0, 0, 0),
             zero_point=0, weights=None, groups=1, depthwise=False, bias=True):
    """i8 → i32 sums. `channels` is the multiplier of a depthwise convolution."""
    weights = weights or Weights(module.rng)
    n, height, width, inputs = value.shape
    rows = output_size(height, kernel[0], stride[0], dilation[0], pads[0], pads[1])
    columns = output_size(width, kernel[1], stride[1], dilation[1], pads[2], pads[3])
    taps = kernel[0] * kernel[1] * (1 if depthwise else inputs // groups)
    count = inputs * channels if depthwise else channels
    shape = ((*kernel, inputs, channels) if depthwise else (channels, *kernel, inputs // groups))
    weight = module.constant(shape, "i8", weights.bytes(taps * count))
    offsets = module.constant((count,), "i32",
                              weights.bias(count, taps) if bias else [0] * count)
    shape = (n, rows, columns, count)
    attributes = geometry(kernel, stride, dilation, pads)
    if groups > 1:
        result = module.op("quantc.grouped_conv2d", [value, weight, offsets], shape, "i32",
                           f"{attributes}, groups = {groups} : i64, input_zp = {zero_point} : i32")
    else:
        zero_points = [module.constant((1,), "i8", [zp]) for zp in (zero_point, 0)]
        name = "tosa.depthwise_conv2d" if depthwise else "tosa.conv2d"
        result = module.op(name, [value, weight, offsets, *zero_points], shape, "i32",
                           f"acc_type = i32, {attributes}")
    result.taps = taps
    return result


def spread(module, taps, count, per_channel):
    """Multipliers that bring sums of `taps` products to about eight bits."""
    typical = 127 / (3 * math.sqrt(taps) * 74 * 74)
    return [typical * 2 ** module.rng.uniform(-2.5, 1.5)
            for _ in range(count if per_channel else 1)]


def activate(module, mode, sums, zero_point=None, per_channel=None, relu=None):
    """Sums of a convolution → i8."""
    rng = module.rng
    zero_point = rng.choice((-128, 127, 0, 3, -17)) if zero_point is None else zero_point
    per_channel = rng.random() < 0.7 if per_channel is None else per_channel
    # From 127 on there would be nothing left.
    relu = zero_point < 100 and rng.random() < 0.4 if relu is None else relu
    scales = spread(module, sums.taps, sums.shape[-1], per_channel)
    return rescale(module, mode, sums, scales, output_zp=zero_point,
                   low=zero_point if relu else None)


def align(module, mode, values, zero_points, output_zp, element="i8"):
    """Adds at a common scale (Semantics S20), and back."""
    rng = module.rng
    wide = [rescale(module, mode, value, [rng.uniform(0.1, 1.0) * (1 << 18)], "i32", input_zp=zp)
            for value, zp in zip(values, zero_points)]
    total = module.op(rng.choice(("tosa.add", "tosa.add", "tosa.sub")), wide, values[0].shape,
                      "i32")
    return rescale(module, mode, total, [rng.uniform(0.3, 1.0) / (1 << 18)], element,
                   output_zp=output_zp)


def reshape(module, value, shape):
    name, kind = module.shape_constant(shape)
    return module.emit(f"tosa.reshape {value.name}, {name} : ({value.type}, {kind})", shape,
                       value.element)


def quantize(module, value, scale, zero_point):
    return module.emit(f"quantc.quantize {value.name} as !quant.uniform<i8:f32, {scale:.9e}:{zero_point}> : "
                       f"{value.type}", value.shape, "i8")


def transpose(module, value, order):
    return module.op("tosa.transpose", [value], [value.shape[axis] for axis in order],
                     value.element, f"perms = {array('i32', order)}")


def cut(module, value, start, size):
    begin, kind = module.shape_constant(start)
    extent, _ = module.shape_constant(size)
    return module.emit(f"tosa.slice {value.name}, {begin}, {extent} : "
                       f"({value.type}, {kind}, {kind})", size, value.element)


def pad(module, value, amounts, fill):
    name, kind = module.shape_constant([amount for pair in amounts for amount in pair])
    constant = module.constant((1,), value.element, [fill])
    shape = [size + low + high for size, (low, high) in zip(value.shape, amounts)]
    return module.emit(f"tosa.pad {value.name}, {name}, {constant.name} : "
                       f"({value.type}, {kind}, {constant.type})", shape, value.element)


def concat(module, values, axis):
    shape = list(values[0].shape)
    shape[axis] = sum(value.shape[axis] for value in values)
    return module.op("tosa.concat", values, shape, values[0].element, f"axis = {axis} : i32")


def max_pool(module, value, kernel, stride, pads):
    n, height, width, channels = value.shape
    rows = output_size(height, kernel[0], stride[0], 1, pads[0], pads[1])
    columns = output_size(width, kernel[1], stride[1], 1, pads[2], pads[3])
    return module.op("tosa.max_pool2d", [value], (n, rows, columns, channels), value.element,
                     f"kernel = {array('i64', kernel)}, pad = {array('i64', pads)}, "
                     f"stride = {array('i64', stride)}")


def clamp(module, value, low, high):
    return module.op("tosa.clamp", [value], value.shape, value.element,
                     f"min_val = {low} : {value.element}, max_val = {high} : {value.element}")


def table(module, value):
    entries = module.constant((256,), "i8",
                              [module.rng.randint(-128, 127) for _ in range(256)])
    return module.op("tosa.table", [value, entries], value.shape, "i8")


def resize(module, value, rows, columns, bilinear):
    """`rows` and `columns`: (numerator, denominator, offset, size). Sums of an
    interpolation are i32, or floats."""
    n, height, width, channels = value.shape
    borders = [(size - 1) * down + offset - (old - 1) * up
               for (up, down, offset, size), old in ((rows, height), (columns, width))]
    parts = [module.shape_constant(numbers)
             for numbers in ((*rows[:2], *columns[:2]), (rows[2], columns[2]), borders)]
    names, kinds = (", ".join(part) for part in zip(*parts))
    mode = "BILINEAR" if bilinear else "NEAREST_NEIGHBOR"
    return module.emit(f"tosa.resize {value.name}, {names} {{mode = {mode}}} : ({value.type}, {kinds})",
                       (n, rows[3], columns[3], channels),
                       "i32" if bilinear and value.element == "i8" else value.element)


def resampling(rng):
    """An axis for `resize`, and its size before."""
    while True:
        up, down, old, size = rng.randint(1, 8), rng.randint(1, 8), rng.randint(1, 7), rng.randint(1, 12)
        offset = rng.choice((0, 0, -up, 1, down - up, up))
        border = (size - 1) * down + offset - (old - 1) * up
        if down < 16 * up and -up <= offset and -16 * up <= border < up:
            return (up, down, offset, size), old


def ones(module, value, kernel, stride, zero_point=0):
    """Sums of a window: an average pool before its division."""
    n, height, width, channels = value.shape
    weights = Weights(module.rng)
    weights.bytes = lambda count: [1] * count
    return convolve(module, value, 1, kernel, stride, zero_point=zero_point, weights=weights,
                    depthwise=True, bias=False)


# ---- Parameters -------------------------------------------------------------


def windows(rng, kernels=(1, 2, 3, 3, 4, 5, 6, 7), strides=(1, 1, 2, 3), dilations=(1, 1, 2, 3),
            padded=True, largest=6):
    """Two directions of (kernel, stride, dilation, low, high, input size)."""
    result = []
    for _ in range(2):
        while True:
            kernel, stride = rng.choice(kernels), rng.choice(strides)
            dilation = rng.choice(dilations) if kernel > 1 else 1
            reach = min((kernel - 1) * dilation, 4) if padded else 0
            low, high = rng.randint(0, reach), rng.randint(0, reach)
            size = input_size(rng.randint(1, largest), kernel, stride, dilation, low, high)
            if size and size <= 16:
                break
        result.append((kernel, stride, dilation, low, high, size))
    return result


def take(parts):
    """kernel, stride, dilation, pads, sizes of `windows`."""
    (kh, sh, dh, top, bottom, height), (kw, sw, dw, left, right, width) = parts
    return (kh, kw), (sh, sw), (dh, dw), (top, bottom, left, right), (height, width)


def ends(rng):
    """A zero point, often at an end of its range."""
    return rng.choice((-128, 127, -128, 127, 0, 5, -20))
