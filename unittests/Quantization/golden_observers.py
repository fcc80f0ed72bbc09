# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes golden_observers.json: what PyTorch's observers say about streams of tensors.

    python golden_observers.py        (needs torch 2.13, numpy)

The file holds recipes, not tensors: the unit test makes the same values from the
same integers (value() below is exact in f32 with one rounding per operation).
"""
import json
import os
import warnings
import zlib

import numpy as np
import torch
from torch.ao.quantization import observer as ob

warnings.simplefilter("ignore")
torch.set_num_threads(1)
F = np.float32
MASK = (1 << 64) - 1


def splitmix(seed, count):
    """`count` 64-bit numbers of the splitmix64 generator."""
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def tensor(recipe):
    """value = (u**power) * scale + offset with u in [-1, 1), clamped from below at `floor`."""
    count = int(np.prod(recipe["shape"]))
    u = (splitmix(recipe["seed"], count) >> np.uint64(40)).astype(F) * F(2.0**-23) - F(1)
    v = u
    for _ in range(recipe["power"] - 1):
        v = v * u
    v = v * F(recipe["scale"]) + F(recipe["offset"])
    if "floor" in recipe:
        v = np.maximum(v, F(recipe["floor"]))
    return v.reshape(recipe["shape"])


KINDS = {
    "minmax": ob.MinMaxObserver,
    "moving_average_minmax": ob.MovingAverageMinMaxObserver,
    "per_channel_minmax": ob.PerChannelMinMaxObserver,
    "moving_average_per_channel_minmax": ob.MovingAveragePerChannelMinMaxObserver,
    "histogram": ob.HistogramObserver,
}
DTYPES = {"int8": torch.qint8, "uint8": torch.quint8, "int16": torch.int16}
FULL = {"int8": (-128, 127), "uint8": (0, 255), "int16": (-32768, 32767)}


def run(config, stream):
    kind = config["kind"]
    per_channel = "per_channel" in kind
    qscheme = {
        (False, "affine"): torch.per_tensor_affine,
        (False, "symmetric"): torch.per_tensor_symmetric,
        (True, "affine"): torch.per_channel_affine,
        (True, "symmetric"): torch.per_channel_symmetric,
    }[per_channel, config["qscheme"]]
    args = dict(dtype=DTYPES[config["dtype"]], qscheme=qscheme, reduce_range=config.get("reduce_range", False))
    if "quant_min" in config:
        args.update(quant_min=config["quant_min"], quant_max=config["quant_max"])
    if per_channel:
        args["ch_axis"] = config.get("axis", 0)
    if "averaging_constant" in config:
        args["averaging_constant"] = config["averaging_constant"]
    if "bins" in config:
        args["bins"] = config["bins"]
    observer = KINDS[kind](**args)
    for recipe in stream:
        observer(torch.from_numpy(tensor(recipe)))
    scale, zero_point = observer.calculate_qparams()
    result = {
        "min": observer.min_val.reshape(-1).double().tolist(),
        "max": observer.max_val.reshape(-1).double().tolist(),
        "scale": scale.double().tolist(),
        "zero_point": zero_point.tolist(),
    }
    if kind == "histogram":
        result["histogram_crc32"] = zlib.crc32(observer.histogram.numpy().tobytes())
    return result


def t(seed, shape, scale=1.0, offset=0.0, power=1, floor=None):
    recipe = {"seed": seed, "shape": list(shape), "scale": float(F(scale)), "offset": float(F(offset)), "power": power}
    if floor is not None:
        recipe["floor"] = float(F(floor))
    return recipe


STREAMS = {
    "one": [t(1, (3, 5, 7), 2.5, 0.3)],
    "several": [t(10 + i, (4, 8, 6), 1.5, 0.1 * i, 3) for i in range(5)],
    "growing": [t(20 + i, (2, 6, 50), 0.5 * 1.7**i, 0.2, 3) for i in range(8)],
    "shrinking": [t(30 + i, (2, 6, 50), 9.0 * 0.6**i, -0.1, 3) for i in range(6)],
    "relu": [t(40 + i, (2, 16, 9, 9), 2.0 + 0.5 * i, -0.4, 5, 0.0) for i in range(4)],
    "negative": [t(50 + i, (2, 4, 30), 1.0, -3.0 - i) for i in range(3)],
    "positive": [t(60 + i, (2, 4, 30), 1.0, 3.0 + i) for i in range(3)],
    "constant": [t(70, (2, 4, 3), 0.0, 1.25)] * 3,
    "constant_negative": [t(71, (2, 4, 3), 0.0, -0.7)] * 2,
    "constants_differ": [t(72, (2, 4, 3), 0.0, 1.25), t(73, (2, 4, 3), 0.0, 2.0), t(74, (2, 4, 3), 0.0, -0.5)],
    "constant_then_wide": [t(75, (2, 4, 30), 0.0, 0.3), t(76, (2, 4, 30), 2.0, 0.1)],
    "wide_then_constant": [t(77, (2, 4, 30), 2.0, 0.1), t(78, (2, 4, 30), 0.0, 0.3)],
    "zero": [t(80, (2, 4, 3), 0.0, 0.0)] * 2,
    "tiny": [t(81 + i, (2, 4, 30), 1e-9, 0.0, 3) for i in range(3)],
    "tiny_at_one": [t(84 + i, (2, 4, 30), 1e-6, 1.0) for i in range(3)],
    "subnormal": [t(87 + i, (2, 4, 30), 3e-40, 0.0) for i in range(2)],
    "large": [t(90 + i, (2, 4, 60), 1e30, 0.0, 3) for i in range(3)],
    "outliers": [t(93, (2, 4, 2000), 1.0, 0.0, 15), t(94, (2, 4, 10), 80.0, 0.0, 3), t(95, (2, 4, 2000), 1.0, 0.0, 15)],
    "one_sided": [t(97 + i, (2, 4, 500), 4.0 + i, 1.0, 2) for i in range(4)],
    "big": [t(110, (64, 4, 1024), 3.0, 0.2, 5), t(111, (64, 4, 1024), 3.7, 0.1, 5)],
    "many": [t(200 + i, (2, 4, 64), 1.0 + 0.05 * ((i * 7) % 11), 0.01 * i, 3) for i in range(40)],
    "ties": [t(300, (2, 4, 1), 0.0, 6.0), t(301, (2, 4, 1), 0.0, -6.0)],
    "single_value": [t(310, (1, 1, 1), 1.0, 0.5)],
}


def cases():
    for kind in KINDS:
        channels = "per_channel" in kind
        for name, stream in STREAMS.items():
            # Per channel the number of channels must stay.
            yield name, {"kind": kind, "dtype": "int8", "qscheme": "symmetric" if channels else "affine"}, stream
        for name in ("several", "growing", "relu", "negative", "tiny", "outliers"):
            stream = STREAMS[name]
            for dtype in ("int8", "uint8"):
                for qscheme in ("affine", "symmetric"):
                    for reduce_range in (False, True):
                        if dtype == "uint8" and qscheme == "symmetric" and reduce_range:
                            continue  # refused
                        config = {"kind": kind, "dtype": dtype, "qscheme": qscheme, "reduce_range": reduce_range}
                        yield name, config, stream
            narrow = {"kind": kind, "dtype": "int8", "qscheme": "symmetric", "quant_min": -127, "quant_max": 127}
            yield name, narrow, stream
            yield name, {**narrow, "dtype": "uint8", "quant_min": 0, "quant_max": 15}, stream
            yield name, {"kind": kind, "dtype": "int16", "qscheme": "affine"}, stream
            if channels:
                yield name, {"kind": kind, "dtype": "int8", "qscheme": "affine", "axis": 1}, stream
                yield name, {"kind": kind, "dtype": "int8", "qscheme": "affine", "axis": -1}, stream
            if "moving" in kind:
                moving = {"kind": kind, "dtype": "uint8", "qscheme": "affine", "averaging_constant": 0.3}
                yield name, moving, stream
            if kind == "histogram":
                for bins in (1, 37, 256, 1000, 4096):
                    yield name, {"kind": kind, "dtype": "uint8", "qscheme": "affine", "bins": bins}, stream


def main():
    golden = []
    for name, config, stream in cases():
        if "per_channel" in config["kind"]:
            axis = config.get("axis", 0)
            if len({r["shape"][axis] for r in stream}) != 1:
                continue
        golden.append({"name": name, "config": config, "expected": run(config, stream)})
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden_observers.json")
    with open(path, "w") as out:
        out.write('{"torch": %s,\n"streams": {\n' % json.dumps(torch.__version__))
        out.write(",\n".join("%s: %s" % (json.dumps(n), json.dumps(s)) for n, s in STREAMS.items()))
        out.write('},\n"cases": [\n')
        out.write(",\n".join(json.dumps(c) for c in golden))
        out.write("\n]}\n")
    print(f"{len(golden)} cases")


if __name__ == "__main__":
    main()
