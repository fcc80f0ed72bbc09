# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""PyTorch: eager; compiled ahead of time by Inductor; int8 by its x86 backend.

The network is rebuilt from ONNX as an FX graph of the modules a user would have
written, after ONNX Runtime has folded batch norms and constants.
"""

import os

import numpy as np

from models import read_samples

NAME = "PyTorch"


def configurations(job):
    return [["int8 x86"], ["float eager"], ["float inductor"]]


def version():
    import torch
    return torch.__version__


def start(job):
    import torch
    torch.set_num_threads(job["threads"])
    torch.set_grad_enabled(False)


def basic(job, path):
    """The model as ONNX Runtime's basic optimizations leave it: nothing but ONNX operators."""
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(path)
    options.log_severity_level = 3
    onnxruntime.InferenceSession(job["onnx"], options, providers=["CPUExecutionProvider"])


class Builder:
    """An FX graph with a node for each ONNX node."""

    def __init__(self, model):
        import onnx
        import torch
        self.torch, self.root, self.graph = torch, torch.nn.Module(), torch.fx.Graph()
        self.constants = {t.name: torch.from_numpy(np.array(onnx.numpy_helper.to_array(t)))
                          for t in model.graph.initializer}
        self.values, self.attributes, self.skipped = {}, {}, set()
        for value in model.graph.input:
            self.values[value.name] = self.graph.placeholder("".join(c if c.isalnum() else "_" for c in value.name))
        users = {}
        for node in model.graph.node:
            for name in node.input:
                users.setdefault(name, []).append(node)
        for node in model.graph.node:
            if node.name in self.skipped:
                continue
            attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
            if node.op_type == "Constant":
                self.constants[node.output[0]] = torch.from_numpy(np.array(onnx.numpy_helper.to_array(attributes["value"])))
                continue
            if node.op_type not in OPERATORS:
                raise RuntimeError(f"no PyTorch module for ONNX operator {node.op_type}")
            if node.op_type == "MatMul":
                users_here = users.get(node.output[0], [])
                attributes["bias"] = users_here[0] if len(users_here) == 1 else None
            result = OPERATORS[node.op_type](self, node, attributes)
            outputs = node.output if isinstance(result, (list, tuple)) else node.output[:1]
            for name, value in zip(outputs, result if isinstance(result, (list, tuple)) else [result]):
                self.values[name] = value
        outputs = tuple(self.values[value.name] for value in model.graph.output)
        self.graph.output(outputs)
        self.module = torch.fx.GraphModule(self.root, self.graph).eval()

    def constant(self, name):
        return self.constants.get(name)

    def value(self, name):
        """A node for a value; scalars as numbers."""
        if name in self.values:
            return self.values[name]
        tensor = self.constants[name]
        if tensor.numel() == 1 and tensor.dim() == 0:
            return tensor.item()
        self.values[name] = self.attribute(tensor)
        return self.values[name]

    def attribute(self, tensor):
        name = f"constant_{len(self.attributes)}"
        self.attributes[name] = tensor
        self.root.register_buffer(name, tensor)
        return self.graph.get_attr(name)

    def module_call(self, module, *inputs):
        name = f"module_{len(list(self.root.children()))}"
        self.root.add_module(name, module)
        return self.graph.call_module(name, inputs)

    def call(self, function, *arguments, **keywords):
        return self.graph.call_function(function, arguments, keywords)


def conv(b, node, a):
    torch, x = b.torch, b.value(node.input[0])
    weight = b.constant(node.input[1])
    bias = b.constant(node.input[2]) if len(node.input) > 2 else None
    dims = weight.dim() - 2
    pads = a.get("pads", [0] * 2 * dims)
    begin, end = pads[:dims], pads[dims:]
    if begin != end:
        x = b.call(torch.nn.functional.pad, x, [p for pair in reversed(list(zip(begin, end))) for p in pair])
        begin = [0] * dims
    kind = torch.nn.Conv1d if dims == 1 else torch.nn.Conv2d
    groups = a.get("group", 1)
    module = kind(weight.shape[1] * groups, weight.shape[0], tuple(weight.shape[2:]), tuple(a.get("strides", [1] * dims)),
                  tuple(begin), tuple(a.get("dilations", [1] * dims)), groups, bias is not None)
    module.weight.data = weight
    if bias is not None:
        module.bias.data = bias
    return b.module_call(module, x)


def linear(b, x, weight, bias):
    module = b.torch.nn.Linear(weight.shape[1], weight.shape[0], bias is not None)
    module.weight.data = weight.contiguous()
    if bias is not None:
        module.bias.data = bias
    return b.module_call(module, x)


def gemm(b, node, a):
    weight = b.constant(node.input[1])
    bias = b.constant(node.input[2]) if len(node.input) > 2 else None
    return linear(b, b.value(node.input[0]), weight if a.get("transB") else weight.t(), bias)


def matmul(b, node, a):
    weight = b.constant(node.input[1])
    if weight is None or weight.dim() != 2:
        return b.call(b.torch.matmul, b.value(node.input[0]), b.value(node.input[1]))
    bias, add = None, a["bias"]
    if add is not None and add.op_type == "Add":
        other = next((name for name in add.input if name != node.output[0]), None)
        candidate = b.constant(other)
        if candidate is not None and candidate.dim() == 1 and candidate.shape[0] == weight.shape[1]:
            bias = candidate
            b.skipped.add(add.name)
    result = linear(b, b.value(node.input[0]), weight.t(), bias)
    if bias is not None:
        b.values[add.output[0]] = result
    return result


def binary(name):
    return lambda b, node, a: b.call(getattr(__import__("torch"), name), *[b.value(i) for i in node.input])


def unary(name):
    return lambda b, node, a: b.call(getattr(__import__("torch"), name), b.value(node.input[0]))


def clip(b, node, a):
    low, high = (b.constant(name).item() for name in node.input[1:3])
    x = b.value(node.input[0])
    return b.module_call(b.torch.nn.ReLU6(), x) if (low, high) == (0, 6) else b.call(b.torch.clamp, x, low, high)


def pool(kind):
    def build(b, node, a):
        pads = a.get("pads", [0, 0, 0, 0])
        x, size, strides = b.value(node.input[0]), tuple(a["kernel_shape"]), tuple(a.get("strides", [1, 1]))
        begin = tuple(pads[:2])
        if pads[:2] != pads[2:]:
            x = b.call(b.torch.nn.functional.pad, x, [pads[1], pads[3], pads[0], pads[2]],
                       value=0.0 if kind == "AvgPool2d" else float("-inf"))
            begin = (0, 0)
        more = {"count_include_pad": bool(a.get("count_include_pad", 0))} if kind == "AvgPool2d" else {}
        return b.module_call(getattr(b.torch.nn, kind)(size, strides, begin, **more), x)
    return build


def layer_norm(b, node, a):
    weight, bias = (b.value(name) for name in node.input[1:3])
    return b.call(b.torch.nn.functional.layer_norm, b.value(node.input[0]), list(b.constant(node.input[1]).shape),
                  weight, bias, a.get("epsilon", 1e-5))


def slices(b, node, a):
    starts, ends, axes = (b.constant(name).tolist() for name in node.input[1:4])
    steps = b.constant(node.input[4]).tolist() if len(node.input) > 4 else [1] * len(starts)
    x = b.value(node.input[0])
    for start, end, axis, step in zip(starts, ends, axes, steps):
        x = b.call(b.torch.ops.aten.slice.Tensor, x, axis, start, min(end, 2**62), step)
    return x


def mean(b, node, a):
    axes = a.get("axes") or b.constant(node.input[1]).tolist()
    return b.call(b.torch.mean, b.value(node.input[0]), axes, keepdim=bool(a.get("keepdims", 1)))


OPERATORS = {
    "Conv": conv, "Gemm": gemm, "MatMul": matmul, "Clip": clip, "LayerNormalization": layer_norm, "Slice": slices,
    "Relu": lambda b, n, a: b.module_call(b.torch.nn.ReLU(), b.value(n.input[0])),
    "Gelu": lambda b, n, a: b.module_call(b.torch.nn.GELU(), b.value(n.input[0])),
    "Add": binary("add"), "Sub": binary("sub"), "Mul": binary("mul"), "Div": binary("div"), "Pow": binary("pow"),
    "Exp": unary("exp"), "Sqrt": unary("sqrt"), "Erf": unary("erf"), "Sigmoid": unary("sigmoid"), "Tanh": unary("tanh"),
    "Identity": lambda b, n, a: b.value(n.input[0]),
    "MaxPool": pool("MaxPool2d"), "AveragePool": pool("AvgPool2d"),
    "GlobalAveragePool": lambda b, n, a: b.module_call(b.torch.nn.AdaptiveAvgPool2d(1), b.value(n.input[0])),
    "ReduceMean": mean,
    "Flatten": lambda b, n, a: b.call(b.torch.flatten, b.value(n.input[0]), a.get("axis", 1)),
    "Reshape": lambda b, n, a: b.call(b.torch.reshape, b.value(n.input[0]), b.constant(n.input[1]).tolist()),
    "Transpose": lambda b, n, a: b.call(b.torch.permute, b.value(n.input[0]), a["perm"]),
    "Softmax": lambda b, n, a: b.call(b.torch.softmax, b.value(n.input[0]), a.get("axis", -1)),
    "Concat": lambda b, n, a: b.call(b.torch.cat, [b.value(i) for i in n.input], a["axis"]),
    "Unsqueeze": lambda b, n, a: b.call(b.torch.unsqueeze, b.value(n.input[0]), b.constant(n.input[1]).tolist()[0]),
    "Squeeze": lambda b, n, a: b.call(b.torch.squeeze, b.value(n.input[0]), b.constant(n.input[1]).tolist()),
}


def build(path):
    import onnx
    return Builder(onnx.load(path)).module


def tensors(sample):
    """The sample as tensors, pictures with channels last, which is faster."""
    import torch
    result = [torch.from_numpy(array) for array in sample.values()]
    return [t.contiguous(memory_format=torch.channels_last) if t.dim() == 4 and t.shape[1] > 1 else t for t in result]


def prepare(job, cache):
    import onnxruntime
    import torch
    start(job)
    source = cache.file("basic.onnx", onnxruntime.__version__, lambda path: basic(job, path))
    configuration = job["configuration"]

    def inductor(path):
        import torch._inductor.config as config
        config.freezing = True
        config.cpp.threads = job["threads"]
        if job["isa"] == "avx2":
            config.cpp.simdlen = 256
        inputs = tensors(read_samples(job["inputs"], job["input_shapes"])[0])
        exported = torch.export.export(build(source), tuple(inputs))
        torch._inductor.aoti_compile_and_package(exported, package_path=str(path))

    def int8(path):
        from torch.ao.quantization import get_default_qconfig_mapping
        from torch.ao.quantization.quantize_fx import convert_fx, prepare_fx
        torch.backends.quantized.engine = "x86"
        samples = read_samples(job["calibration"], job["input_shapes"])
        prepared = prepare_fx(build(source), get_default_qconfig_mapping("x86"), tuple(tensors(samples[0])))
        for sample in samples:
            prepared(*tensors(sample))
        quantized = convert_fx(prepared)
        torch.jit.save(torch.jit.freeze(torch.jit.trace(quantized, tuple(tensors(samples[0]))).eval()), path)

    if configuration == "float eager":
        return source
    make, extension = (inductor, "pt2") if configuration == "float inductor" else (int8, "pt")
    name = f"pytorch-{configuration.replace(' ', '-')}-{job['threads']}-{job['isa']}.{extension}"
    return cache.file(name, [version(), os.stat(__file__).st_mtime_ns], make)


class Session:
    def __init__(self, job, artifact):
        import torch
        self.torch = torch
        if artifact.endswith(".onnx"):
            self.module = build(artifact).to(memory_format=torch.channels_last)
        elif artifact.endswith(".pt2"):
            self.module = torch._inductor.aoti_load_package(artifact)
        else:
            torch.backends.quantized.engine = "x86"
            self.module = torch.jit.load(artifact)

    def set_inputs(self, sample):
        self.arguments = tensors(sample)

    def run(self):
        self.results = self.module(*self.arguments)

    def outputs(self):
        results = self.results if isinstance(self.results, (list, tuple)) else [self.results]
        return [result.contiguous().numpy() for result in results]
