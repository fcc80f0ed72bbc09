# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What stack a compiled model needs, by the disassembly of its object: the sum
of the frames along the deepest chain of calls."""

import re

import disassembly
from backends import Failed, call

LIMIT = 64 << 10  # docs/Overview.md

# What takes the stack pointer down, and by how much. AArch64 aligns it by way of another register.
PUSH = re.compile(r"pushq? ")
DOWN = re.compile(r"(?:subq? \$(0x[0-9a-f]+), %rsp|addq? \$-(0x[0-9a-f]+), %rsp"
                  r"|leaq? -(0x[0-9a-f]+)\(%rsp\), %rsp"
                  r"|sub (?:sp|x\d+), sp, #(0x[0-9a-f]+)(?:, lsl #12)?|st[rp] .*\[sp, #-(0x[0-9a-f]+)\]!)$")
ALIGN = re.compile(r"(?:andq? \$-(0x[0-9a-f]+), %rsp|and sp, x\d+, #0x(f[0-9a-f]+))$")
# What gives it back, and whatever else writes to it.
UP = re.compile(r"(popq? |addq? \$0x[0-9a-f]+, %rsp$|subq? \$-0x[0-9a-f]+, %rsp$|leaq? -?0x[0-9a-f]+\(%rbp\), %rsp$"
                r"|leaq? 0x[0-9a-f]+\(%rsp\), %rsp$"
                r"|movq? %rbp, %rsp$|add sp, sp, |mov sp, x29$|sub sp, x29, )")
WRITES = re.compile(r"(, %rsp$|(add|sub|and|mov) sp, )")
CALL = re.compile(r"(?:callq?|jmpq?|bl?) .*<([^>+]+)>$")


def frame(name, function):
    """Bytes that a function takes from the stack at most, and its return address."""
    size = 8
    for instruction in function:
        text = instruction.text.split(" # ")[0]
        if PUSH.match(text):
            size += 8
        elif found := DOWN.match(text):
            amount = next(group for group in found.groups() if group)
            size += int(amount, 0) << (12 if text.endswith("lsl #12") else 0)
        elif found := ALIGN.match(text):
            size += (int(found[1], 0) if found[1] else (1 << 64) - int(found[2], 16)) - 1
        elif WRITES.search(text) and not UP.match(text):
            raise Failed(f"{name}: what does '{text}' do to the stack?")
    return size


def deepest(path, entry):
    """(bytes, functions) of the chain of calls from `entry` in the object `path`
    that takes most."""
    functions = disassembly.parse(
        call("llvm-objdump", "-d", "--no-show-raw-insn", "--mattr=+all", path).decode().splitlines())
    known = {}

    def visit(name, outer=()):
        if name in outer:
            raise Failed(f"{name} calls itself")
        if name not in known:
            callees = {found[1] for instruction in functions[name] if (found := CALL.match(instruction.text))}
            if name.endswith("_parallel"):  # hands it on to the caller's parallel_for
                callees.add(name.removesuffix("_parallel") + "_part")
            below = max((visit(callee, (*outer, name)) for callee in callees - {name}), default=(0, ()))
            known[name] = frame(name, functions[name]) + below[0], (name, *below[1])
        return known[name]

    return visit(entry)
