# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The same network as .tflite: from float ONNX, or from QDQ with its very parameters.

ONNX Runtime's signed QDQ (activations i8 with zero points, weights i8 per
channel without, biases i32) is TFLite's own quantization, so the two run the
same integers. Pictures are NHWC inside, as TFLite wants them, and at the
inputs: LiteRT is spared the transpose. Inputs and outputs are float.
"""

import math

import flatbuffers
import numpy as np
import onnx
from ai_edge_litert import schema_py_generated as tfl

TO_NHWC = [0, 2, 3, 1]
TYPES = {"float32": tfl.TensorType.FLOAT32, "int8": tfl.TensorType.INT8, "int32": tfl.TensorType.INT32}
FLOAT = None  # the parameters of a float tensor


class Source:
    """An ONNX model without its Q/DQ nodes, and the parameters they give to values."""

    def __init__(self, path):
        from models import shapes
        model = onnx.load(path)
        self.graph = model.graph
        self.shapes = shapes(onnx.shape_inference.infer_shapes(model))
        initial = {t.name: onnx.numpy_helper.to_array(t) for t in model.graph.initializer}
        self.alias, self.params, self.constants, quantized = {}, {}, {n: (v, FLOAT) for n, v in initial.items()}, {}
        self.nodes = []
        for node in model.graph.node:
            if node.op_type == "QuantizeLinear":
                name = self.resolve(node.input[0])
                self.params[name] = (np.atleast_1d(initial[node.input[1]]), int(initial[node.input[2]]), 0)
                quantized[node.output[0]] = name
            elif node.op_type == "DequantizeLinear" and node.input[0] in initial:
                axis = next((a.i for a in node.attribute if a.name == "axis"), 1)
                scale = np.atleast_1d(initial[node.input[1]])
                self.constants[node.output[0]] = (initial[node.input[0]], (scale, 0, axis))
            elif node.op_type == "DequantizeLinear":
                self.alias[node.output[0]] = quantized[node.input[0]]
            elif node.op_type == "Constant":
                self.constants[node.output[0]] = (onnx.numpy_helper.to_array(node.attribute[0].t), FLOAT)
            else:
                self.nodes.append(node)
        self.users = {}
        for node in self.nodes:
            for name in node.input:
                self.users.setdefault(self.resolve(name), []).append(node)

    def resolve(self, name):
        while name in self.alias:
            name = self.alias[name]
        return name

    def array(self, name):
        return self.constants[name][0] if name in self.constants else None


class Writer:
    """A .tflite model under construction, with one tensor for each (value, float or quantized)."""

    def __init__(self, source):
        self.source, self.codes, self.tensors, self.operators = source, [], [], []
        self.buffers = [tfl.BufferT()]
        self.made, self.nhwc, self.constants = {}, set(), {}

    # Tensors.

    def tensor(self, name, shape, dtype, params=FLOAT, data=None):
        result = tfl.TensorT()
        result.name, result.shape, result.type, result.buffer = name, list(shape), TYPES[dtype], 0
        if params is not FLOAT:
            scale, zero, axis = params
            result.quantization = tfl.QuantizationParametersT()
            result.quantization.scale = [float(s) for s in scale]
            result.quantization.zeroPoint = [int(zero)] * len(scale)
            result.quantization.quantizedDimension = axis if len(scale) > 1 else 0
        if data is not None:
            buffer = tfl.BufferT()
            buffer.data = np.frombuffer(np.ascontiguousarray(data).tobytes(), np.uint8)
            self.buffers.append(buffer)
            result.buffer = len(self.buffers) - 1
        self.tensors.append(result)
        return len(self.tensors) - 1

    def constant(self, name, data, params=FLOAT):
        return self.tensor(name, data.shape, str(data.dtype), params, data)

    def shape(self, name):
        shape = self.source.shapes[name]
        return [shape[i] for i in TO_NHWC] if name in self.nhwc else shape

    def value(self, name, params):
        """The tensor of a value, float or with `params`; converted if it was made as the other."""
        name = self.source.resolve(name)
        kind = "float" if params is FLOAT else "integer"
        if (name, kind) not in self.made:
            if name in self.source.constants:
                data, own = self.source.constants[name]
                if own is not FLOAT:
                    scale = own[0].reshape([-1 if i == own[2] else 1 for i in range(data.ndim)]) if len(own[0]) > 1 else own[0]
                    data = (data * scale).astype(np.float32)
                if params is not FLOAT:
                    data = np.clip(np.round(data / params[0]) + params[1], -128, 127).astype(np.int8)
                self.made[name, kind] = self.constant(name, data, params)
            else:
                (other,) = [index for (n, _), index in self.made.items() if n == name]
                operator = tfl.BuiltinOperator.QUANTIZE if kind == "integer" else tfl.BuiltinOperator.DEQUANTIZE
                result = self.result(name, params)
                self.operate(operator, [other], [result])
        return self.made[name, kind]

    def result(self, name, params):
        dtype, kind = ("float32", "float") if params is FLOAT else ("int8", "integer")
        self.made[name, kind] = self.tensor(f"{name} {kind}", self.shape(name), dtype, params)
        return self.made[name, kind]

    # Operators.

    def operate(self, code, inputs, outputs, options=None, version=1):
        entry = (code, version)
        if entry not in self.codes:
            self.codes.append(entry)
        operator = tfl.OperatorT()
        operator.opcodeIndex, operator.inputs, operator.outputs = self.codes.index(entry), inputs, outputs
        if options is not None:
            operator.builtinOptions = options
            operator.builtinOptionsType = getattr(tfl.BuiltinOptions, type(options).__name__[:-1])
        self.operators.append(operator)

    def activation(self, node):
        """What can be fused behind a node: the value it makes then, and the function's number."""
        name = self.source.resolve(node.output[0])
        users = self.source.users.get(name, [])
        if len(users) == 1 and name not in self.source.params:
            user, kinds = users[0], tfl.ActivationFunctionType
            bounds = tuple(float(self.source.array(i)) for i in user.input[1:3]) if user.op_type == "Clip" else None
            kind = kinds.RELU if user.op_type == "Relu" else kinds.RELU6 if bounds == (0.0, 6.0) else None
            if kind is not None:
                self.skipped.add(user.output[0])
                return self.source.resolve(user.output[0]), kind
        return name, tfl.ActivationFunctionType.NONE

    def parameters(self, *names):
        """Those of the values if all have some, else float for all."""
        params = [self.source.params.get(self.source.resolve(name), FLOAT) for name in names]
        return params if all(p is not FLOAT for p in params) else [FLOAT] * len(params)

    def convolution(self, node):
        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        x = self.source.resolve(node.input[0])
        weight, weight_params = self.source.constants[node.input[1]]
        if weight.ndim != 4:
            raise RuntimeError("only convolutions of pictures have a .tflite here")
        depthwise = attributes.get("group", 1) > 1
        if depthwise and weight.shape[1] != 1:
            raise RuntimeError("grouped convolutions have no .tflite here")
        self.require_nhwc(x)
        out, function = self.activation(node)
        self.nhwc.add(out)
        x_params, out_params = self.parameters(x, out)
        if weight_params is FLOAT:
            x_params = out_params = FLOAT
        data = weight.transpose(1, 2, 3, 0) if depthwise else weight.transpose(0, 2, 3, 1)
        w_params = None if weight_params is FLOAT else (weight_params[0], 0, 3 if depthwise else 0)
        w = self.constant(node.input[1], data, w_params)
        bias = self.bias(node.input[2] if len(node.input) > 2 else None, weight.shape[0])
        strides, dilations = attributes.get("strides", [1, 1]), attributes.get("dilations", [1, 1])
        tensor, padding = self.pad(x, x_params, attributes.get("pads", [0] * 4), weight.shape[2:], strides, dilations)
        options = tfl.DepthwiseConv2DOptionsT() if depthwise else tfl.Conv2DOptionsT()
        options.padding, options.fusedActivationFunction = padding, function
        options.strideH, options.strideW = strides
        options.dilationHFactor, options.dilationWFactor = dilations
        if depthwise:
            options.depthMultiplier = weight.shape[0] // self.source.shapes[x][1]
        code = tfl.BuiltinOperator.DEPTHWISE_CONV_2D if depthwise else tfl.BuiltinOperator.CONV_2D
        self.operate(code, [tensor, w, bias], [self.result(out, out_params)], options, 3)

    def bias(self, name, size):
        if name is None:
            return self.constant("zeros", np.zeros(size, np.float32))
        data, params = self.source.constants[name]
        return self.constant(name, data, params and (params[0], 0, 0))

    def require_nhwc(self, name):
        if name not in self.nhwc and (name, "float") not in self.made and (name, "integer") not in self.made:
            self.nhwc.add(name)
        if name not in self.nhwc:  # Made otherwise: it is a picture from now on.
            made = {kind: index for (n, kind), index in self.made.items() if n == name}
            self.nhwc.add(name)
            params = self.source.params.get(name, FLOAT) if "integer" in made else FLOAT
            before = made.get("integer", made.get("float"))
            for kind in made:
                del self.made[name, kind]
            self.operate(tfl.BuiltinOperator.TRANSPOSE, [before, self.constant("order", np.array(TO_NHWC, np.int32))],
                         [self.result(name, params)], tfl.TransposeOptionsT())

    def pad(self, x, params, pads, kernel, strides, dilations, low=None):
        """A tensor padded as ONNX says, or the padding TFLite has a word for."""
        extents = [(k - 1) * d + 1 for k, d in zip(kernel, dilations)]
        if not any(pads):
            return self.value(x, params), tfl.Padding.VALID
        sizes = self.source.shapes[x][2:]
        same = []
        for size, extent, stride in zip(sizes, extents, strides):
            whole = max((-(-size // stride) - 1) * stride + extent - size, 0)
            same.append((whole // 2, whole - whole // 2))
        if list(zip(pads[:2], pads[2:])) == same:
            return self.value(x, params), tfl.Padding.SAME
        shape = [1, sizes[0] + pads[0] + pads[2], sizes[1] + pads[1] + pads[3], self.source.shapes[x][1]]
        amounts = np.array([[0, 0], [pads[0], pads[2]], [pads[1], pads[3]], [0, 0]], np.int32)
        padded = self.tensor(f"{x} padded", shape, "float32" if params is FLOAT else "int8", params)
        self.operate(tfl.BuiltinOperator.PAD, [self.value(x, params), self.constant("pads", amounts)], [padded],
                     tfl.PadOptionsT())
        return padded, tfl.Padding.VALID

    def pool(self, node):
        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        x, out = self.source.resolve(node.input[0]), self.source.resolve(node.output[0])
        self.require_nhwc(x)
        self.nhwc.add(out)
        is_max, is_global = node.op_type == "MaxPool", node.op_type == "GlobalAveragePool"
        x_params, out_params = self.parameters(x, out)
        if is_max:  # The result has the input's parameters.
            out_params = x_params = self.source.params.get(x, FLOAT)
        if is_global:
            reducer = tfl.ReducerOptionsT()
            reducer.keepDims = True
            axes = self.constant("axes", np.array([1, 2], np.int32))
            return self.operate(tfl.BuiltinOperator.MEAN, [self.value(x, x_params), axes],
                                [self.result(out, out_params)], reducer, 2)
        kernel = attributes["kernel_shape"]
        strides, pads = attributes.get("strides", [1, 1]), attributes.get("pads", [0] * 4)
        if any(pads) and not (is_max and self.rectified(x)):
            raise RuntimeError("padded pools of what may be negative have no .tflite here")
        tensor, padding = self.pad(x, x_params, pads, kernel, strides, [1, 1])
        options = tfl.Pool2DOptionsT()
        options.padding, (options.filterHeight, options.filterWidth) = padding, kernel
        options.strideH, options.strideW = strides
        code = tfl.BuiltinOperator.MAX_POOL_2D if is_max else tfl.BuiltinOperator.AVERAGE_POOL_2D
        if is_max or out_params is FLOAT:
            return self.operate(code, [tensor], [self.result(out, out_params)], options, 2)
        # TFLite's average pools keep the scale.
        pooled = self.tensor(f"{out} at the input's scale", self.shape(out), "int8", x_params)
        self.operate(code, [tensor], [pooled], options, 2)
        self.operate(tfl.BuiltinOperator.QUANTIZE, [pooled], [self.result(out, out_params)])

    def rectified(self, name):
        """Whether a value can't be negative: its least integer, or the node before, says so."""
        params = self.source.params.get(name, FLOAT)
        producer = [node for node in self.source.nodes if self.source.resolve(node.output[0]) == name]
        return (params is not FLOAT and params[1] == -128) or (bool(producer) and producer[0].op_type in ("Relu", "Clip"))

    def arithmetic(self, node):
        code, options = {"Add": (tfl.BuiltinOperator.ADD, tfl.AddOptionsT),
                         "Sub": (tfl.BuiltinOperator.SUB, tfl.SubOptionsT),
                         "Mul": (tfl.BuiltinOperator.MUL, tfl.MulOptionsT),
                         "Div": (tfl.BuiltinOperator.DIV, tfl.DivOptionsT)}[node.op_type]
        names = [self.source.resolve(name) for name in node.input]
        out, function = self.activation(node)
        if any(name in self.nhwc for name in names):
            if any(name not in self.nhwc for name in names):
                raise RuntimeError("arithmetic between a picture and something else has no .tflite here")
            self.nhwc.add(out)
        *params, out_params = self.parameters(*names, out)
        if node.op_type == "Div":
            params, out_params = [FLOAT] * 2, FLOAT
        options = options()
        options.fusedActivationFunction = function
        inputs = [self.value(name, p) for name, p in zip(names, params)]
        self.operate(code, inputs, [self.result(out, out_params)], options)

    def activation_alone(self, node):
        x, out = self.source.resolve(node.input[0]), self.source.resolve(node.output[0])
        if x in self.nhwc:
            self.nhwc.add(out)
        bounds = tuple(float(self.source.array(i)) for i in node.input[1:3])
        if node.op_type == "Clip" and bounds != (0.0, 6.0):
            raise RuntimeError("Clip to anything but [0, 6] has no .tflite here")
        code = tfl.BuiltinOperator.RELU if node.op_type == "Relu" else tfl.BuiltinOperator.RELU6
        x_params, out_params = self.parameters(x, out)
        self.operate(code, [self.value(x, x_params)], [self.result(out, out_params)])

    def product(self, node):
        """Gemm, or MatMul by a constant: fully connected, with the bias that follows a MatMul."""
        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        x, (weight, params) = self.source.resolve(node.input[0]), self.source.constants[node.input[1]]
        data = weight if attributes.get("transB") else weight.T
        bias = node.input[2] if len(node.input) > 2 else None
        out = node
        following = self.source.users.get(self.source.resolve(node.output[0]), [])
        if node.op_type == "MatMul" and len(following) == 1 and following[0].op_type == "Add":
            other = next((name for name in following[0].input
                          if self.source.resolve(name) != self.source.resolve(node.output[0])), None)
            if other in self.source.constants and self.source.array(other).shape == (data.shape[0],):
                bias, out = other, following[0]
                self.skipped.add(out.output[0])
        name, function = self.activation(out)
        x_params, out_params = self.parameters(x, name)
        if params is FLOAT:
            x_params = out_params = FLOAT
        w = self.constant(node.input[1], data, params and (params[0], 0, 0))
        inputs = [self.value(x, x_params), w]
        if bias is not None:
            values, bias_params = self.source.constants[bias]
            if params is not FLOAT:
                real = values * bias_params[0] if bias_params is not FLOAT else values
                scale = x_params[0] * params[0]
                bias_params, values = (scale, 0, 0), np.round(real.astype(np.float64) / scale).astype(np.int32)
            inputs.append(self.constant(bias, values, bias_params))
        options = tfl.FullyConnectedOptionsT()
        options.fusedActivationFunction, options.keepNumDims = function, True
        self.operate(tfl.BuiltinOperator.FULLY_CONNECTED, inputs, [self.result(name, out_params)], options, 5)

    def matmul(self, node):
        if node.input[1] in self.source.constants:
            return self.product(node)
        out = self.source.resolve(node.output[0])
        *params, out_params = self.parameters(*node.input, out)
        inputs = [self.value(name, p) for name, p in zip(node.input, params)]
        self.operate(tfl.BuiltinOperator.BATCH_MATMUL, inputs, [self.result(out, out_params)],
                     tfl.BatchMatMulOptionsT(), 1 if out_params is FLOAT else 2)

    def movement(self, node):
        """Reshape and what is one, Transpose, in whatever type the value has."""
        x, out = self.source.resolve(node.input[0]), self.source.resolve(node.output[0])
        params = self.source.params.get(x, FLOAT)
        tensor, shape = self.value(x, params), self.source.shapes[x]
        dtype = "float32" if params is FLOAT else "int8"
        if x in self.nhwc and math.prod(shape[2:]) > 1:
            back = self.tensor(f"{x} channels first", shape, dtype, params)
            self.operate(tfl.BuiltinOperator.TRANSPOSE, [tensor, self.constant("order", np.array([0, 3, 1, 2], np.int32))],
                         [back], tfl.TransposeOptionsT())
            tensor = back
        result = self.result(out, params)
        if node.op_type == "Transpose":
            order = np.array(onnx.helper.get_attribute_value(node.attribute[0]), np.int32)
            self.operate(tfl.BuiltinOperator.TRANSPOSE, [tensor, self.constant("order", order)], [result],
                         tfl.TransposeOptionsT())
        else:
            options = tfl.ReshapeOptionsT()
            options.newShape = self.source.shapes[out]
            inputs = [tensor, self.constant("shape", np.array(options.newShape, np.int32))]
            self.operate(tfl.BuiltinOperator.RESHAPE, inputs, [result], options)

    def in_float(self, code, options):
        """A unary function, computed in float."""
        def build(node):
            out = self.source.resolve(node.output[0])
            if self.source.resolve(node.input[0]) in self.nhwc:
                self.nhwc.add(out)
            self.operate(code, [self.value(node.input[0], FLOAT)], [self.result(out, FLOAT)], options)
        return build

    def normalize(self, node):
        """LayerNormalization over the last dimension, spelled out in float."""
        x, out = self.value(node.input[0], FLOAT), self.source.resolve(node.output[0])
        shape = self.source.shapes[self.source.resolve(node.input[0])]
        epsilon = next((a.f for a in node.attribute if a.name == "epsilon"), 1e-5)
        reducer = tfl.ReducerOptionsT()
        reducer.keepDims = True
        axis, op = self.constant("axis", np.array([-1], np.int32)), tfl.BuiltinOperator

        def step(code, inputs, options=None, narrow=False, result=None):
            if result is None:
                result = self.tensor(f"{out} {code}", [*shape[:-1], 1] if narrow else shape, "float32")
            self.operate(code, inputs, [result], options)
            return result
        mean = step(op.MEAN, [x, axis], reducer, narrow=True)
        variance = step(op.MEAN, [step(op.SQUARED_DIFFERENCE, [x, mean], tfl.SquaredDifferenceOptionsT()), axis],
                        reducer, narrow=True)
        shifted = step(op.ADD, [variance, self.constant("epsilon", np.array([epsilon], np.float32))],
                       tfl.AddOptionsT(), narrow=True)
        scaled = step(op.MUL, [step(op.SUB, [x, mean], tfl.SubOptionsT()), step(op.RSQRT, [shifted], narrow=True)],
                      tfl.MulOptionsT())
        weighted = step(op.MUL, [scaled, self.value(node.input[1], FLOAT)], tfl.MulOptionsT())
        step(op.ADD, [weighted, self.value(node.input[2], FLOAT)], tfl.AddOptionsT(), result=self.result(out, FLOAT))

    def write(self):
        op = tfl.BuiltinOperator
        softmax = tfl.SoftmaxOptionsT()
        softmax.beta = 1.0
        build = {"Conv": self.convolution, "MaxPool": self.pool, "AveragePool": self.pool,
                 "GlobalAveragePool": self.pool, "Add": self.arithmetic, "Sub": self.arithmetic, "Mul": self.arithmetic,
                 "Div": self.arithmetic, "Relu": self.activation_alone, "Clip": self.activation_alone,
                 "Gemm": self.product, "MatMul": self.matmul, "Reshape": self.movement, "Flatten": self.movement,
                 "Squeeze": self.movement, "Unsqueeze": self.movement,
                 "Transpose": self.movement, "Softmax": self.in_float(op.SOFTMAX, softmax),
                 "Gelu": self.in_float(op.GELU, tfl.GeluOptionsT()), "LayerNormalization": self.normalize}
        self.skipped, inputs, outputs = set(), [], []
        for value in self.source.graph.input:
            if any(node.op_type == "Conv" for node in self.source.users.get(value.name, [])):
                self.nhwc.add(value.name)
            inputs.append(self.result(value.name, FLOAT))
        for node in self.source.nodes:
            if node.output[0] in self.skipped:
                continue
            if node.op_type not in build:
                raise RuntimeError(f"ONNX operator {node.op_type} has no .tflite here")
            build[node.op_type](node)
        for value in self.source.graph.output:
            outputs.append(self.value(value.name, FLOAT))
        model, graph = tfl.ModelT(), tfl.SubGraphT()
        graph.tensors, graph.operators, graph.inputs, graph.outputs = self.tensors, self.operators, inputs, outputs
        model.version, model.subgraphs, model.buffers = 3, [graph], self.buffers
        model.operatorCodes = []
        for code, version in self.codes:
            entry = tfl.OperatorCodeT()
            entry.builtinCode, entry.deprecatedBuiltinCode, entry.version = code, min(code, 127), version
            model.operatorCodes.append(entry)
        builder = flatbuffers.Builder(1 << 20)
        builder.Finish(model.Pack(builder), b"TFL3")
        return bytes(builder.Output())


def convert(onnx_path, output):
    output.write_bytes(Writer(Source(onnx_path)).write())
