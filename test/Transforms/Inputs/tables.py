"""An independent computation of the tables that --quantc-fuse-tables makes.

tables.py generate: a function per real function; tables.py check: reads what
the pass made of them and compares all entries. Python's own math, no packages.
"""

import math
import re
import sys

SOURCE = (0.0625, -8)  # scale, zero point
TARGET = (0.03125, -100)
NAN = float("nan")


def or_nan(f):
    def safe(x):
        try:
            return f(x)
        except (ValueError, ZeroDivisionError, OverflowError):
            return f.at_error(x)

    return safe


def log(x):
    return math.log(x)


log.at_error = lambda x: -math.inf if x == 0 else NAN


def rsqrt(x):
    return 1 / math.sqrt(x)


rsqrt.at_error = lambda x: math.inf if x == 0 else NAN


def reciprocal(x):
    return 1 / x


reciprocal.at_error = lambda x: math.inf

UNARY = {
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)),
    "tanh": math.tanh,
    "erf": math.erf,
    "exp": math.exp,
    "log": or_nan(log),
    "sin": math.sin,
    "cos": math.cos,
    "rsqrt": or_nan(rsqrt),
    "reciprocal": or_nan(reciprocal),
    "abs": abs,
    "floor": math.floor,
    "ceil": math.ceil,
}
BINARY = {  # with 0.75 as the second operand
    "add": lambda x: x + 0.75,
    "sub": lambda x: x - 0.75,
    "maximum": lambda x: max(x, 0.75),
    "minimum": lambda x: min(x, 0.75),
    "mul": lambda x: x * 0.75,
}
OTHER = {
    "clamp": lambda x: min(max(x, -1.0), 2.0),
    "negate": lambda x: -x,
    "pow": lambda x: (x * x) ** 1.5,
}
FUNCTIONS = {**UNARY, **BINARY, **OTHER}

T = "tensor<4xf32>"
BODIES = {
    "clamp": f"%r = tosa.clamp %x {{min_val = -1.0 : f32, max_val = 2.0 : f32}} : ({T}) -> {T}",
    "negate": f"%r = tosa.negate %x, %z, %z : ({T}, tensor<1xf32>, tensor<1xf32>) -> {T}",
    "mul": f"%r = tosa.mul %x, %c, %shift : ({T}, tensor<1xf32>, tensor<1xi8>) -> {T}",
    "pow": f"%s = tosa.mul %x, %x, %shift : ({T}, {T}, tensor<1xi8>) -> {T}\n"
    f"  %r = tosa.pow %s, %e : ({T}, tensor<1xf32>) -> {T}",
}


def body(name):
    if name in BODIES:
        return BODIES[name]
    if name in BINARY:
        return f"%r = tosa.{name} %x, %c : ({T}, tensor<1xf32>) -> {T}"
    return f"%r = tosa.{name} %x : ({T}) -> {T}"


def generate():
    quantized = "!quant.uniform<i8:f32, {}:{}>"
    for name in FUNCTIONS:
        print(f"""func.func @{name}(%q: tensor<4xi8>) -> tensor<4xi8> {{
  %c = "tosa.const"() {{values = dense<0.75> : tensor<1xf32>}} : () -> tensor<1xf32>
  %e = "tosa.const"() {{values = dense<1.5> : tensor<1xf32>}} : () -> tensor<1xf32>
  %z = "tosa.const"() {{values = dense<0.0> : tensor<1xf32>}} : () -> tensor<1xf32>
  %shift = "tosa.const"() {{values = dense<0> : tensor<1xi8>}} : () -> tensor<1xi8>
  %x = quantc.dequantize %q as {quantized.format(*SOURCE)} : tensor<4xi8> -> {T}
  {body(name)}
  %y = quantc.quantize %r as {quantized.format(*TARGET)} : {T} -> tensor<4xi8>
  return %y : tensor<4xi8>
}}""")


def expected(name, q):
    y = FUNCTIONS[name]((q - SOURCE[1]) * SOURCE[0])
    if math.isnan(y):
        return TARGET[1]
    # The scale is a power of two: multiplying by its reciprocal is exact.
    if math.isinf(y):
        return 127 if y > 0 else -128
    return min(max(round(y / TARGET[0]) + TARGET[1], -128), 127)


def check():
    text = sys.stdin.read()
    blobs = {
        key: bytes.fromhex(value)[4:]
        for key, value in re.findall(r'(table\w*): "0x([0-9A-F]+)"', text)
    }
    checked = 0
    for function in text.split("func.func @")[1:]:
        name = function[: function.index("(")]
        table = blobs[re.search(r"dense_resource<(table\w*)>", function)[1]]
        assert "tosa.table" in function and "quantize" not in function, name
        assert len(table) == 256, name
        for i, entry in enumerate(table):
            entry -= 256 * (entry > 127)
            want = expected(name, i - 128)
            assert entry == want, f"{name}({i - 128}) is {entry}, not {want}"
        checked += 1
    assert checked == len(FUNCTIONS), f"{checked} tables"
    print(f"{checked} tables agree")


if __name__ == "__main__":
    {"generate": generate, "check": check}[sys.argv[1]]()
