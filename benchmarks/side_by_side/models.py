# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The networks that are compared, each as a folder of files that all runtimes get.

  model.onnx         static shapes, opset 13 at least
  calibration.npz    samples to calibrate with, by input, stacked in the first dimension
  inputs.npz         others, to run and to compare outputs with
  reference.npz      the outputs of ONNX Runtime's float arithmetic for those

`make-models` writes the large ones; `digits` is among the examples; the others
are in the folder that the variable QUANTC_MODELS names.
"""

import os
import pathlib
import subprocess
import sys

import numpy as np
import onnx
import onnx.version_converter

ROOT = pathlib.Path(__file__).resolve().parents[2]
OPSET = 17  # of older models: QDQ needs 13, ORT's own quantization recommends what is recent


def pictures(folder, names, size):
    from PIL import Image
    return np.stack([np.asarray(Image.open(folder / name).convert("RGB").resize(size)) for name in names])


def to_channels(images, mean, deviation):
    normalized = (images.astype(np.float32) - np.float32(mean)) / np.float32(deviation)
    return np.ascontiguousarray(normalized.transpose(0, 3, 1, 2))


def kws(folder):
    return np.load(folder / "test_inputs.npy")


def mnist(folder):
    return np.load(folder / "test_images_u8.npy")[:, None].astype(np.float32)


def cifar10(folder):
    return to_channels(np.load(folder / "test_images_u8.npy"), np.multiply(255, (0.4914, 0.4822, 0.4465)),
                       np.multiply(255, (0.2023, 0.1994, 0.2010)))


def vww(folder):
    return to_channels(pictures(folder, ("person.bmp", "no_person.bmp"), (96, 96)), 0, 255)


def ultraface(folder):
    return to_channels(pictures(folder, ("0.jpg", "1.jpg"), (320, 240)), 127, 128)


def fastestdet(folder):
    images = pictures(folder, [f"{i}.jpg" for i in range(5)], (352, 352))
    return to_channels(images[..., ::-1], 0, 255)


def super_resolution(folder):
    tensor = onnx.TensorProto.FromString((folder / "golden_0" / "input_0.pb").read_bytes())
    return onnx.numpy_helper.to_array(tensor)


def tinyvit(folder):
    return next(iter(np.load(folder / "inputs.npz").values()))


REAL = {f.__name__: f for f in (kws, vww, cifar10, mnist, ultraface, super_resolution, fastestdet, tinyvit)}
MADE = ("mobilenet_v2", "resnet18", "resnet50", "bert_base_128")
NAMES = ("digits", *MADE, *REAL)
DEFAULT = (*MADE, "kws", "vww", "cifar10", "mnist", "ultraface")


def sources(name, cache):
    """The model's file and its data, by input: calibration and other samples."""
    if name in MADE:
        script, made = ROOT / "benchmarks" / "models" / "make-models", cache / "made"
        onnx_file = made / f"{name}.onnx"
        if not onnx_file.exists() or onnx_file.stat().st_mtime < script.stat().st_mtime:
            subprocess.run([sys.executable, script, made, name], check=True)
        return onnx_file, *(dict(np.load(made / f"{name}.{kind}.npz")) for kind in ("calibration", "inputs"))
    if name == "digits":
        folder = ROOT / "examples" / "digits"
        return folder / "digits.onnx", np.load(folder / "calibration.npy"), np.load(folder / "test_images.npy")[:8]
    if "QUANTC_MODELS" not in os.environ:
        raise FileNotFoundError("the variable QUANTC_MODELS, a folder of models, is unset")
    folder = pathlib.Path(os.environ["QUANTC_MODELS"]) / name
    data = REAL[name](folder)
    file = next(path for path in (folder / "model.onnx", folder / "network.onnx") if path.exists())
    # Of a hundred samples half calibrate; of a few, all.
    split = min(len(data) // 2, 100) if len(data) > 10 else 0
    return file, data[:split or None], data[split:split + 8]


def spell_out_padding(model):
    """Pads instead of auto_pad, for readers of ONNX that know but these."""
    known = shapes(model)
    for node in model.graph.node:
        attributes = {a.name: a for a in node.attribute}
        mode = attributes["auto_pad"].s if "auto_pad" in attributes else b"NOTSET"
        if mode not in (b"SAME_UPPER", b"SAME_LOWER"):
            continue
        kernel = list(attributes["kernel_shape"].ints)
        strides, dilations = (list(attributes[name].ints) if name in attributes else [1] * len(kernel)
                              for name in ("strides", "dilations"))
        whole = [max((-(-size // stride) - 1) * stride + (k - 1) * dilation + 1 - size, 0) for size, k, stride, dilation
                 in zip(known[node.input[0]][2:], kernel, strides, dilations)]
        small, large = [pad // 2 for pad in whole], [pad - pad // 2 for pad in whole]
        node.attribute.remove(attributes["auto_pad"])
        if "pads" in attributes:
            node.attribute.remove(attributes["pads"])
        pads = small + large if mode == b"SAME_UPPER" else large + small
        node.attribute.append(onnx.helper.make_attribute("pads", pads))


def flatten_biases(model):
    """Biases of one dimension where they have two: as such per-channel scales are for them."""
    rows = {tensor.name: tensor for tensor in model.graph.initializer if len(tensor.dims) == 2 and tensor.dims[0] == 1}
    users = [name for node in model.graph.node for name in node.input]
    for node in model.graph.node:
        for name in node.input if node.op_type == "Add" else ():
            if name in rows and users.count(name) == 1:
                del rows[name].dims[0]


def simplify(path):
    """The model with a batch of one, without initializers among its inputs, at a recent opset."""
    model = onnx.load(path)
    names = {tensor.name for tensor in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in names]
    del model.graph.input[:]
    model.graph.input.extend(inputs)
    for value in [*model.graph.input, *model.graph.output]:
        for dim in value.type.tensor_type.shape.dim[:1]:
            dim.dim_value = dim.dim_value or 1
    del model.graph.value_info[:]
    model.ir_version = max(model.ir_version, 8)  # Before 4, initializers had to be inputs.
    version = next(o.version for o in model.opset_import if o.domain in ("", "ai.onnx"))
    if version < 13:
        model = onnx.version_converter.convert_version(model, OPSET)
    model = onnx.shape_inference.infer_shapes(model, data_prop=True)
    spell_out_padding(model)
    flatten_biases(model)
    return model


def shapes(model):
    """The shapes of all values whose shape is known."""
    values = [*model.graph.value_info, *model.graph.input, *model.graph.output]
    known = {v.name: [d.dim_value for d in v.type.tensor_type.shape.dim] for v in values}
    return known | {tensor.name: list(tensor.dims) for tensor in model.graph.initializer}


def multiply_adds(model):
    """Multiply-adds of convolutions and matrix products."""
    known, count = shapes(model), 0
    for node in model.graph.node:
        if node.op_type == "Conv":
            count += np.prod(known[node.output[0]]) * np.prod(known[node.input[1]][1:])
        elif node.op_type == "MatMul":
            count += np.prod(known[node.output[0]]) * known[node.input[0]][-1]
        elif node.op_type == "Gemm":
            transposed = any(a.name == "transA" and a.i for a in node.attribute)
            count += np.prod(known[node.output[0]]) * known[node.input[0]][0 if transposed else 1]
    return int(count)


def load(name, cache):
    """Makes the files of a network in a folder of `cache`, as far as they are missing.
    Returns a description: paths, multiply-adds, parameters."""
    import onnxruntime
    onnx_file, calibration, inputs = sources(name, cache)
    folder = cache / name
    folder.mkdir(parents=True, exist_ok=True)
    result = folder / "reference.npz"
    newest = max(onnx_file.stat().st_mtime, pathlib.Path(__file__).stat().st_mtime)
    if not result.exists() or result.stat().st_mtime < newest:
        model = simplify(onnx_file)
        onnx.save(model, folder / "model.onnx")
        for kind, data in (("calibration", calibration), ("inputs", inputs)):
            if not isinstance(data, dict):
                data = {model.graph.input[0].name: data}
            np.savez(folder / f"{kind}.npz", **data)
        onnxruntime.set_default_logger_severity(3)
        session = onnxruntime.InferenceSession(folder / "model.onnx", providers=["CPUExecutionProvider"])
        outputs = [session.run(None, sample) for sample in read_samples(folder / "inputs.npz", session.get_inputs())]
        np.savez(result, *[np.stack(column) for column in zip(*outputs)])
    model = onnx.load(folder / "model.onnx")
    return {"name": name, "folder": str(folder), "onnx": str(folder / "model.onnx"),
            "calibration": str(folder / "calibration.npz"), "inputs": str(folder / "inputs.npz"),
            "reference": str(result), "macs": multiply_adds(model),
            "input_shapes": {v.name: [d.dim_value for d in v.type.tensor_type.shape.dim] for v in model.graph.input},
            "matmuls": sum(node.op_type == "MatMul" for node in model.graph.node)}


def read_samples(path, inputs):
    """Dictionaries of inputs, each of one sample. `inputs`: what has .name and .shape, or a
    dictionary of shapes."""
    if not isinstance(inputs, dict):
        inputs = {value.name: value.shape for value in inputs}
    data = dict(np.load(path))
    count = min(len(data[name]) // (shape[0] or 1) for name, shape in inputs.items())
    return [{name: np.ascontiguousarray(data[name].reshape(-1, *shape)[i]) for name, shape in inputs.items()}
            for i in range(count)]
