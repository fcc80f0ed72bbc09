# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The processors that objects are made for, and how to run them on each.

x86-64 runs natively where the processor can, in Bochs otherwise; AArch64 runs
under qemu, as a processor that has no more than the backend may use.
"""

import dataclasses
import functools
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
EMULATOR = pathlib.Path(__file__).resolve().parent / "X86" / "avx512-emulator"
RUN_OBJECT = EMULATOR / "run-object.c"
SKIPPED = 77


class Failed(Exception):
    """A command's failure, or what a test found; its text is the report."""


class CannotRun(Exception):
    """This machine has no way to run a backend's objects."""


@dataclasses.dataclass(frozen=True)
class Backend:
    name: str
    triple: str
    cpu: str
    features: str
    needs: str  # of /proc/cpuinfo, to run natively
    emulated: str  # the processor that Bochs or qemu is to be

    def is_native(self):
        return self.triple.startswith(platform.machine()) and set(self.needs.split()) <= processor()

    def is_in_bochs(self):
        return self.triple.startswith("x86_64") and not self.is_native()

    def options(self):
        """For `quantc compile`."""
        features = ("--mattr", self.features) if self.features else ()
        return "--target", self.triple, "--mcpu", self.cpu, *features

    def kind(self):
        """What to compile to. run-emulated wants assembly, in which it has to
        replace an instruction."""
        return "s" if self.is_in_bochs() else "o"


BACKENDS = (
    Backend("avx2", "x86_64-linux-gnu", "x86-64-v3", "", "avx2 fma", "corei7_haswell_4770"),
    Backend("avx512", "x86_64-linux-gnu", "skylake-avx512", "",
            "avx512f avx512bw avx512vl avx512dq avx512cd", "corei7_skylake_x"),
    Backend("vnni", "x86_64-linux-gnu", "icelake-client", "",
            "avx512f avx512bw avx512vl avx512_vnni avx512_vbmi gfni vaes", "corei7_icelake_u"),
    Backend("neon", "aarch64-linux-gnu", "generic", "", "asimd", "cortex-a53"),
    Backend("dotprod", "aarch64-linux-gnu", "generic", "+dotprod", "asimddp", "neoverse-n1"),
    Backend("i8mm", "aarch64-linux-gnu", "generic", "+dotprod,+i8mm", "asimddp i8mm", "max"),
)


@functools.cache
def processor():
    """What this processor has, in the words of /proc/cpuinfo."""
    try:
        return set(pathlib.Path("/proc/cpuinfo").read_text().split())
    except OSError:
        return set()


def extend_path():
    """Lets the tools that lit puts into PATH be found without it: the project's,
    and LLVM's that the project was built with. What PATH has goes first."""
    build = ROOT / "build"
    folders = [os.environ.get("PATH", os.defpath), str(build / "bin")]
    try:
        cache = (build / "CMakeCache.txt").read_text()
    except OSError:
        cache = ""
    if found := re.search(r"^LLVM_DIR:PATH=(.+)/lib/cmake/llvm$", cache, re.MULTILINE):
        folders.append(f"{found[1]}/bin")
    os.environ["PATH"] = os.pathsep.join(folders)


extend_path()


def tool(*names):
    for name in names:
        if path := shutil.which(name):
            return path
    raise Failed(f"{names[0]} is missing: neither in PATH nor in {ROOT / 'build' / 'bin'}; "
                 "scripts/test builds the project's, scripts/setup installs LLVM's")


def call(*command, **arguments):
    """Standard output of a command that must succeed, as bytes."""
    command = [str(part) for part in command]
    done = subprocess.run((tool(command[0]), *command[1:]), capture_output=True, **arguments)
    if done.returncode == SKIPPED:
        raise CannotRun(done.stderr.decode().strip())
    if done.returncode:
        raise Failed(f"{' '.join(command)}\nstatus {done.returncode}: "
                     + done.stderr.decode(errors="replace")[-3000:])
    return done.stdout


def qemu_aarch64():
    if path := shutil.which("qemu-aarch64-static") or shutil.which("qemu-aarch64"):
        return path
    raise CannotRun("qemu-aarch64 is not installed")


def execute(target, header, data, backend, work, flags=()):
    """The outputs of the object `target` for the samples in the file `data`, by
    run-object.c; no backend means this machine, with a libm. `flags` are the
    C compiler's."""
    flags = ("-include", header, *flags)
    compiler = tool("clang-22", "clang")
    program = work / "program"
    if not backend or backend.is_native():
        call(compiler, "-O1", *flags, RUN_OBJECT, target, "-lm", "-o", program)
        return call(program, input=data.read_bytes())
    if backend.is_in_bochs():
        return call(sys.executable, EMULATOR / "run-emulated", "--cpu", backend.emulated,
                    f"--cflags={' '.join(map(str, flags))}", RUN_OBJECT, target, "--data", data)
    qemu = qemu_aarch64()
    call(compiler, f"--target={backend.triple}", "-static", "-fuse-ld=lld", "-O1", *flags, RUN_OBJECT,
         target, "-lm", "-o", program)
    return call(qemu, "-cpu", backend.emulated, program, input=data.read_bytes())
