#!/usr/bin/env python3
# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Trains the digits network and writes the files this folder commits.

Needs torch, scikit-learn and onnx (see README.md); quantc itself needs none of
them. The ONNX graph is written node by node, so that batch norms stay nodes of
their own (an exporter would fold them) and every node has a name to quote in a
diagnostic or a QConfig.
"""

import argparse
import pathlib

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

SEED = 7
TEST_SAMPLES = 450
CALIBRATION_SAMPLES = 200
EPOCHS = 60
STEM, WIDTH, CLASSES = 24, 32, 10


class Digits(nn.Module):
    """N×1×8×8 pixels in [0, 1] → N×10 logits."""

    def __init__(self):
        super().__init__()
        conv = lambda i, o, k, **kw: nn.Conv2d(i, o, k, padding=k // 2, bias=False, **kw)
        self.stem_conv, self.stem_bn = conv(1, STEM, 3), nn.BatchNorm2d(STEM)
        self.depthwise_conv = conv(STEM, STEM, 3, stride=2, groups=STEM)
        self.depthwise_bn = nn.BatchNorm2d(STEM)
        self.pointwise_conv, self.pointwise_bn = conv(STEM, WIDTH, 1), nn.BatchNorm2d(WIDTH)
        self.residual_conv1, self.residual_bn1 = conv(WIDTH, WIDTH, 3), nn.BatchNorm2d(WIDTH)
        self.residual_conv2, self.residual_bn2 = conv(WIDTH, WIDTH, 3), nn.BatchNorm2d(WIDTH)
        self.classifier = nn.Linear(WIDTH, CLASSES)

    def forward(self, x):
        relu, relu6 = nn.functional.relu, nn.functional.relu6
        x = relu(self.stem_bn(self.stem_conv(x)))
        x = relu6(self.depthwise_bn(self.depthwise_conv(x)))
        x = relu6(self.pointwise_bn(self.pointwise_conv(x)))
        y = relu(self.residual_bn1(self.residual_conv1(x)))
        x = relu(self.residual_bn2(self.residual_conv2(y)) + x)
        return self.classifier(x.mean((2, 3)))


def load():
    """Train, calibration and test sets; calibration is a part of train."""
    images, labels = load_digits(return_X_y=True)
    images = (images / 16).astype(np.float32).reshape(-1, 1, 8, 8)
    x, x_test, y, y_test = train_test_split(
        images, labels.astype(np.int64), test_size=TEST_SAMPLES, stratify=labels, random_state=SEED)
    return x, y, x[:CALIBRATION_SAMPLES], x_test, y_test


def shifted(batch, generator):
    """The batch moved by up to one pixel in each direction."""
    dy, dx = torch.randint(-1, 2, (2,), generator=generator).tolist()
    padded = nn.functional.pad(batch, (1, 1, 1, 1))
    return padded[:, :, 1 + dy : 9 + dy, 1 + dx : 9 + dx]


def train(x, y):
    torch.manual_seed(SEED)
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(SEED)
    x, y, net = torch.from_numpy(x), torch.from_numpy(y), Digits()
    batches = [64] * (len(x) // 64)
    optimizer = torch.optim.AdamW(net.parameters(), lr=4e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1e-2, total_steps=EPOCHS * len(batches))
    for _ in range(EPOCHS):
        order = torch.randperm(len(x), generator=generator)
        for index in order[: sum(batches)].split(batches):
            loss = nn.functional.cross_entropy(
                net(shifted(x[index], generator)), y[index], label_smoothing=0.05)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return net.eval()


def to_onnx(net):
    """The trained network as ONNX, batch norms unfolded, the batch size left open."""
    nodes, initializers = [], []

    def constant(name, value):
        initializers.append(numpy_helper.from_array(np.asarray(value, np.float32), name))
        return name

    def node(op, name, *inputs, **attributes):
        nodes.append(helper.make_node(op, inputs, [f"{name}.out"], name, **attributes))
        return f"{name}.out"

    def convolution(name, x):
        module = getattr(net, name)
        return node("Conv", name, x, constant(f"{name}.weight", module.weight.detach().numpy()),
                    kernel_shape=list(module.kernel_size), strides=list(module.stride),
                    pads=list(module.padding) * 2, group=module.groups)

    def batch_norm(name, x):
        module = getattr(net, name)
        fields = ("weight", "bias", "running_mean", "running_var")
        return node("BatchNormalization", name, x,
                    *(constant(f"{name}.{f}", getattr(module, f).detach().numpy()) for f in fields),
                    epsilon=module.eps)

    zero, six = constant("relu6.min", 0), constant("relu6.max", 6)
    x = batch_norm("stem_bn", convolution("stem_conv", "image"))
    x = node("Relu", "stem_relu", x)
    for part in ("depthwise", "pointwise"):
        x = batch_norm(f"{part}_bn", convolution(f"{part}_conv", x))
        x = node("Clip", f"{part}_relu6", x, zero, six)
    y = batch_norm("residual_bn1", convolution("residual_conv1", x))
    y = node("Relu", "residual_relu1", y)
    y = batch_norm("residual_bn2", convolution("residual_conv2", y))
    x = node("Relu", "residual_relu2", node("Add", "residual_add", y, x))
    x = node("Flatten", "flatten", node("GlobalAveragePool", "pool", x))
    weight = constant("classifier.weight", net.classifier.weight.detach().numpy())
    bias = constant("classifier.bias", net.classifier.bias.detach().numpy())
    nodes.append(helper.make_node("Gemm", [x, weight, bias], ["logits"], "classifier", transB=1))

    graph = helper.make_graph(
        nodes, "digits",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", 1, 8, 8])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", CLASSES])], initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)],
                              ir_version=8, producer_name="quantc examples/digits/train.py")
    onnx.checker.check_model(model, full_check=True)
    return model


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path(__file__).parent,
                        help="folder to write to (default: the script's own)")
    out = parser.parse_args().output
    out.mkdir(parents=True, exist_ok=True)

    x, y, calibration, x_test, y_test = load()
    net = train(x, y)
    onnx.save(to_onnx(net), out / "digits.onnx")
    for name, array in (("calibration", calibration), ("test_images", x_test), ("test_labels", y_test)):
        np.save(out / f"{name}.npy", np.ascontiguousarray(array))

    with torch.no_grad():
        top1 = (net(torch.from_numpy(x_test)).argmax(1).numpy() == y_test).mean()
    print(f"{sum(p.numel() for p in net.parameters())} parameters, test top-1 {top1:.2%}")


if __name__ == "__main__":
    main()
