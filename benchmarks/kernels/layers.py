#!/usr/bin/env python3
# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Single layers of real networks, as modules of the `requantize` phase.

  layers.py list                 the layers' names, one per line
  layers.py emit NAME OUT.mlir   the module of one layer, with random weights
  layers.py table OUT.inc K.mlir...
                                 a C++ table of layers; each K.mlir is a layer
                                 that went through the kernel phase, named after
                                 it, of which only the attributes are read

Integer layers have int8 activations, int8 weights per channel (of 7 bits where
the name says that they are reduced) and an epilogue
that requantizes to int8 by an f32 multiplier per channel. Float layers have the
same shapes and a bias.
"""

import math
import pathlib
import random
import re
import struct
import sys

SEED = 20


class Module:
    """Text of a function of one layer and of its constants."""

    def __init__(self, name, element):
        self.name, self.element = name, element
        self.random = random.Random(f"{SEED} {name}")
        self.lines, self.blobs = [], []

    def tensor(self, shape, element=None):
        return f"tensor<{'x'.join(map(str, shape))}x{element or self.element}>"

    def add(self, result, text):
        self.lines.append(f"  %{result} = {text}")

    def splat(self, result, value, element):
        self.add(result, f'"tosa.const"() {{values = dense<{value}> : tensor<1x{element}>}}'
                         f" : () -> tensor<1x{element}>")

    def weights(self, result, shape, element=None, largest=127):
        """Random values: i8 in ±`largest`, i32 in ±2^12, f32 in ±0.1."""
        element = element or self.element
        draw = {"i8": lambda: struct.pack("<b", self.random.randint(-largest, largest)),
                "i32": lambda: struct.pack("<i", self.random.randint(-4096, 4096)),
                "f32": lambda: struct.pack("<f", self.random.uniform(-0.1, 0.1))}[element]
        align = {"i8": 1, "i32": 4, "f32": 4}[element]
        data = b"".join(draw() for _ in range(math.prod(shape)))
        self.blobs.append(f'{result}: "0x{struct.pack("<I", align).hex()}{data.hex()}"')
        self.add(result, f'"tosa.const"() {{values = dense_resource<{result}> : '
                         f"{self.tensor(shape, element)}}} : () -> {self.tensor(shape, element)}")

    def rescale(self, result, operand, source, target, shape, multipliers, input_zp=0,
                output_zp=0):
        low, high = (-128, 127) if target == "i8" else (-2**31, 2**31 - 1)
        values = ", ".join(f"{m:.6e}" for m in multipliers)
        self.add(result, f"quantc.rescale %{operand} <f32, half_even> {{multipliers = array<f32: "
                         f"{values}>, input_zp = {input_zp} : i32, output_zp = {output_zp} : i32, "
                         f"min = {low} : i32, max = {high} : i32}} : "
                         f"{self.tensor(shape, source)} -> {self.tensor(shape, target)}")

    def text(self, inputs, output, result):
        arguments = ", ".join(f"%x{i}: {self.tensor(shape)}" for i, shape in enumerate(inputs))
        function = [f"func.func @{self.name}({arguments}) -> {self.tensor(output)} {{",
                    *self.lines, f"  return %{result} : {self.tensor(output)}", "}"]
        if self.blobs:
            function += ["{-#", "  dialect_resources: { builtin: {", ",\n".join(self.blobs),
                         "  } }", "#-}"]
        return "\n".join(function) + "\n"


class Layer:
    """A layer; `macs` counts its multiply-adds."""

    def __init__(self, element, inputs, output, macs):
        self.element, self.inputs, self.output, self.macs = element, inputs, output, macs


class Conv(Layer):
    def __init__(self, element, size, channels, columns, kernel, stride=1, depthwise=False,
                 rows=None, largest=127):
        height = rows or size
        self.largest = largest
        pad = kernel // 2
        # TOSA wants an exact fit: the last row of padding goes where it isn't read.
        self.pads = []
        out = []
        for extent in (height, size):
            last = pad - (extent + 2 * pad - kernel) % stride
            self.pads += [pad, last]
            out.append((extent + pad + last - kernel) // stride + 1)
        self.kernel, self.stride, self.depthwise = kernel, stride, depthwise
        taps = kernel * kernel * (1 if depthwise else channels)
        super().__init__(element, [(1, height, size, channels)], (1, *out, columns),
                         out[0] * out[1] * columns * taps)

    def emit(self, name):
        module = Module(name, self.element)
        integer = self.element == "i8"
        channels, columns = self.inputs[0][3], self.output[3]
        accumulator = "i32" if integer else "f32"
        k = self.kernel
        shape = (k, k, channels, 1) if self.depthwise else (columns, k, k, channels)
        module.weights("w", shape, largest=self.largest)
        module.weights("b", (columns,), accumulator)
        module.splat("zx", -3 if integer else 0.0, self.element)
        module.splat("zw", 0 if integer else 0.0, self.element)
        op = "depthwise_conv2d" if self.depthwise else "conv2d"
        module.add("acc", f"tosa.{op} %x0, %w, %b, %zx, %zw {{acc_type = {accumulator}, "
                          f"pad = array<i64: {', '.join(map(str, self.pads))}>, "
                          f"stride = array<i64: {self.stride}, {self.stride}>, "
                          f"dilation = array<i64: 1, 1>}} : "
                          f"({module.tensor(self.inputs[0])}, {module.tensor(shape)}, "
                          f"tensor<{columns}x{accumulator}>, tensor<1x{self.element}>, "
                          f"tensor<1x{self.element}>) -> {module.tensor(self.output, accumulator)}")
        if integer:
            # As calibration would: the results fill the range of i8.
            scale = 127 / self.largest / (73 * (2 * self.macs / (self.output[1] * self.output[2] * columns)) ** 0.5)
            module.rescale("y", "acc", "i32", "i8", self.output,
                           [scale * module.random.uniform(0.5, 1) for _ in range(columns)],
                           output_zp=5)
        return module.text(self.inputs, self.output, "y" if integer else "acc")


class Add(Layer):
    def __init__(self, element, size, channels):
        shape = (1, size, size, channels)
        super().__init__(element, [shape, shape], shape, 0)

    def emit(self, name):
        module = Module(name, self.element)
        shape, operands = self.output, ["x0", "x1"]
        accumulator = "i32" if self.element == "i8" else "f32"
        if self.element == "i8":
            for i, zero in enumerate((4, -7)):
                operands[i] = f"r{i}"
                module.rescale(f"r{i}", f"x{i}", "i8", "i32", shape, [2.0**20 / (i + 1)], zero)
        wide = module.tensor(shape, accumulator)
        module.add("s", f"tosa.add %{operands[0]}, %{operands[1]} : ({wide}, {wide}) -> {wide}")
        if self.element == "i8":
            module.rescale("y", "s", "i32", "i8", shape, [0.7 * 2.0**-20], output_zp=2)
        return module.text(self.inputs, shape, "y" if self.element == "i8" else "s")


class Pool(Layer):
    def __init__(self, element, size, channels, kernel, stride, average=False):
        out = (size - kernel) // stride + 1
        assert (size - kernel) % stride == 0
        self.kernel, self.stride, self.average = kernel, stride, average
        super().__init__(element, [(1, size, size, channels)], (1, out, out, channels), 0)

    def emit(self, name):
        module = Module(name, self.element)
        k, s = self.kernel, self.stride
        window = (f"kernel = array<i64: {k}, {k}>, pad = array<i64: 0, 0, 0, 0>, "
                  f"stride = array<i64: {s}, {s}>")
        source, target = module.tensor(self.inputs[0]), module.tensor(self.output)
        if self.average and self.element == "i8":
            # As quantc quantizes it: a sum, and the division as part of the scale.
            channels = self.output[3]
            weights, sums = module.tensor((k, k, channels, 1)), module.tensor(self.output, "i32")
            module.add("w", f'"tosa.const"() {{values = dense<1> : {weights}}} : () -> {weights}')
            module.add("b", f'"tosa.const"() {{values = dense<0> : tensor<{channels}xi32>}}'
                            f" : () -> tensor<{channels}xi32>")
            module.splat("zx", -3, "i8")
            module.splat("zw", 0, "i8")
            module.add("acc", f"tosa.depthwise_conv2d %x0, %w, %b, %zx, %zw {{acc_type = i32, "
                              f"pad = array<i64: 0, 0, 0, 0>, stride = array<i64: {s}, {s}>, "
                              f"dilation = array<i64: 1, 1>}} : ({source}, {weights}, "
                              f"tensor<{channels}xi32>, tensor<1xi8>, tensor<1xi8>) -> {sums}")
            module.rescale("y", "acc", "i32", "i8", self.output, [1 / (k * k)], output_zp=-3)
        elif self.average:
            module.splat("z", 0.0, "f32")
            module.add("y", f"tosa.avg_pool2d %x0, %z, %z {{acc_type = f32, {window}}} : "
                            f"({source}, tensor<1xf32>, tensor<1xf32>) -> {target}")
        else:
            module.add("y", f"tosa.max_pool2d %x0 {{{window}}} : ({source}) -> {target}")
        return module.text(self.inputs, self.output, "y")


class Rows(Layer):
    """Softmax or layer normalization along the last dimension."""

    def __init__(self, element, shape, softmax):
        self.softmax = softmax
        super().__init__(element, [shape], shape, 0)

    def emit(self, name):
        module = Module(name, self.element)
        shape, width = module.tensor(self.output), self.output[-1]
        parameter = "i32" if self.element == "i8" else "f32"
        clamp = "min = -128 : i32, max = 127 : i32"
        if self.softmax and self.element == "i8":
            # exp of differences from 0 down, a step of the input being 1/16.
            values = ", ".join(str(round(2**22 * math.exp(-i / 16))) for i in range(256))
            module.add("t", f'"tosa.const"() {{values = dense<[{values}]> : tensor<256xi32>}} : () -> tensor<256xi32>')
            module.add("y", "quantc.integer_softmax %x0, %t {numerator = 18014398509481984 : i64, "
                            f"shift = 46 : i32, output_zp = -128 : i32, {clamp}}} : {shape}, tensor<256xi32>")
        elif self.softmax:
            module.add("y", f"quantc.softmax %x0 : {shape}")
        else:
            module.weights("gamma", (width,), parameter)
            module.weights("beta", (width,), parameter)
            attributes = (f"epsilon = 589 : i64, places = 10 : i32, shift = 18 : i32, {clamp}"
                          if self.element == "i8" else "epsilon = 1.0e-5 : f32")
            op = "integer_layer_norm" if self.element == "i8" else "layer_norm"
            module.add("y", f"quantc.{op} %x0, %gamma, %beta {{{attributes}}} : {shape}, tensor<{width}x{parameter}>")
        return module.text(self.inputs, self.output, "y")


class Lookup(Layer):
    def __init__(self, shape):
        super().__init__("i8", [shape], shape, 0)

    def emit(self, name):
        module = Module(name, "i8")
        shape = module.tensor(self.output)
        module.weights("t", (256,))
        module.add("y", f"tosa.table %x0, %t : ({shape}, tensor<256xi8>) -> {shape}")
        return module.text(self.inputs, self.output, "y")


def make_layers():
    layers = {}
    for element in ("i8", "f32"):
        def conv(name, *args, **kwargs):
            layers[f"{name}_{element}"] = Conv(element, *args, **kwargs)

        for size, channels in ((56, 64), (28, 128), (14, 256), (7, 512)):
            conv(f"conv3x3_{size}_{channels}", size, channels, channels, 3)
        for size, channels in ((56, 128), (28, 256), (14, 512)):
            conv(f"conv3x3_{size}_{channels}_s2", size, channels, channels, 3, 2)
        # ResNet-50's and MobileNetV2's.
        for size, channels, columns in ((56, 64, 256), (28, 512, 128), (14, 1024, 256),
                                        (7, 2048, 512), (112, 32, 16), (112, 16, 96),
                                        (56, 24, 144), (28, 192, 32), (14, 384, 64),
                                        (7, 320, 1280)):
            conv(f"conv1x1_{size}_{channels}_{columns}", size, channels, columns, 1)
        for size, channels, stride in ((56, 144, 1), (14, 384, 1), (7, 960, 1), (112, 96, 2),
                                       (56, 144, 2)):
            conv(f"depthwise3x3_{size}_{channels}_s{stride}", size, channels, channels, 3, stride,
                 depthwise=True)
        for size, channels, stride in ((28, 120, 1), (56, 72, 2)):
            conv(f"depthwise5x5_{size}_{channels}_s{stride}", size, channels, channels, 5, stride,
                 depthwise=True)
        # BERT's, with 128 rows.
        conv("gemm_128_768_3072", 128, 768, 3072, 1, rows=1)
        layers[f"softmax_12_128_128_{element}"] = Rows(element, (12, 128, 128), softmax=True)
        layers[f"layernorm_128_768_{element}"] = Rows(element, (128, 768), softmax=False)
        conv("first3x3_224_3_32_s2", 224, 3, 32, 3, 2)
        conv("fc_1024_1000", 1, 1024, 1000, 1)
        layers[f"add_56_256_{element}"] = Add(element, 56, 256)
        layers[f"maxpool3x3_113_64_s2_{element}"] = Pool(element, 113, 64, 3, 2)
        layers[f"avgpool_7_2048_{element}"] = Pool(element, 7, 2048, 7, 1, average=True)
    layers["lookup_128_3072_i8"] = Lookup((128, 3072))
    # Weights of 7 bits, which vpmaddubsw multiplies.
    for size, channels, columns in ((56, 64, 256), (28, 512, 128), (14, 1024, 256), (14, 384, 64)):
        layers[f"conv1x1_{size}_{channels}_{columns}_reduced_i8"] = Conv("i8", size, channels, columns, 1,
                                                                         largest=64)
    layers["gemm_128_768_3072_reduced_i8"] = Conv("i8", 128, 768, 3072, 1, rows=1, largest=64)
    return layers


def table(layers, files):
    """LAYER(name, is integer, macs, output bytes, arena bytes, input bytes...) for each file."""
    size = {"i8": 1, "f32": 4}

    def count(shape, element):
        return math.prod(shape) * size[element]

    lines = ["// Generated by layers.py."]
    for file in files:
        name = pathlib.Path(file).name.split(".")[0]
        layer = layers[name]
        with open(file, encoding="utf-8") as text:
            head = text.readline() + text.readline()
        arena = re.search(r"quantc\.arena_bytes = (\d+)", head)
        inputs = ", ".join(str(count(shape, layer.element)) for shape in layer.inputs)
        lines.append(f"LAYER({name}, {str(layer.element == 'i8').lower()}, {layer.macs}, "
                     f"{count(layer.output, layer.element)}, {arena.group(1) if arena else 0}, {inputs})")
    return "\n".join(lines) + "\n"


def main(arguments):
    layers = make_layers()
    if arguments == ["list"]:
        print("\n".join(layers))
    elif len(arguments) == 3 and arguments[0] == "emit" and arguments[1] in layers:
        pathlib.Path(arguments[2]).write_text(layers[arguments[1]].emit(arguments[1]))
    elif len(arguments) > 2 and arguments[0] == "table":
        pathlib.Path(arguments[1]).write_text(table(layers, arguments[2:]))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
