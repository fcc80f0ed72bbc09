# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Functions and innermost loops in what `llvm-objdump -d --no-show-raw-insn` prints."""

import re

# Branches that may close a loop; calls and returns don't.
BRANCH = re.compile(r"(j[a-z]+|b|b\.[a-z]+|cbn?z|tbn?z)\s")
TARGET = re.compile(r"0x([0-9a-f]+)(?: <[^>]*>)?$")


class Instruction:
    def __init__(self, address, text):
        self.address, self.text = address, text
        self.target = None
        if BRANCH.match(text):
            target = TARGET.search(text)
            self.target = int(target.group(1), 16) if target else None


def parse(lines):
    """{function: [Instruction]}"""
    functions, current = {}, None
    for line in lines:
        if header := re.match(r"[0-9a-f]+ <(.+)>:$", line):
            current = functions.setdefault(header.group(1), [])
        elif instruction := re.match(r"\s*([0-9a-f]+):\s+(\S.*)$", line):
            text = re.sub(r"\s+", " ", instruction.group(2).split(" // ")[0]).strip()
            current.append(Instruction(int(instruction.group(1), 16), text))
    return functions


def innermost_loops(function):
    """Bodies between the target of a backward branch and the branch that contain no other."""
    spans = sorted({(i.target, i.address) for i in function
                    if i.target is not None and function[0].address <= i.target <= i.address})
    for first, last in spans:
        if not any((a, b) != (first, last) and first <= a and b <= last for a, b in spans):
            yield [i for i in function if first <= i.address <= last]


def stack_operand(function):
    """Matches operands on the stack; a frame pointer counts where it is one."""
    registers = [r"\(%rsp", r"\[sp\b"]
    for i in function:
        if re.match(r"mov[q]? %rsp, %rbp", i.text):
            registers.append(r"\(%rbp")
        if re.match(r"(mov x29, sp|add x29, sp)", i.text):
            registers.append(r"\[x29\b")
    return re.compile("|".join(registers))
