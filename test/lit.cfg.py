import filecmp
import os
import platform
import sys
import shutil
import subprocess
import lit.formats
from lit.llvm import llvm_config

config.name = "QUANTC"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test", ".textproto"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.quantc_obj_root, "test")
config.excludes = ["Inputs", "Unit"]

config.substitutions.append(("%src_root", config.quantc_src_root))
config.substitutions.append(("%build_root", config.quantc_obj_root))
config.substitutions.append(("%python", sys.executable))
llvm_config.with_system_environment(["HOME", "TMP", "TEMP", "QUANTC_MODELS"])
llvm_config.use_default_substitutions()
llvm_config.with_environment("PATH", os.path.join(config.quantc_obj_root, "bin"), append_path=True)
llvm_config.with_environment("PATH", config.llvm_tools_dir, append_path=True)

# Real models, with data, that are not part of the project.
models = os.environ.get("QUANTC_MODELS", "")
if os.path.isdir(models):
    config.available_features.add("models")
    config.substitutions.append(("%models", os.path.abspath(models)))

# AVX-512 without a machine that has it; the native run is AVX2's.
config.substitutions.append(
    ("%run_emulated", os.path.join(config.quantc_src_root, "test/Integration/X86/avx512-emulator/run-emulated")))
if shutil.which("bochs-bin") or shutil.which("bochs"):
    config.available_features.add("avx512-emulator")

# What runs code for x86-64 without its vector instructions.
if platform.machine() in ("x86_64", "AMD64"):
    config.available_features.add("x86-64-host")

# For threads on different processors; Linux tells which they may use.
if hasattr(os, "sched_getaffinity") and len(os.sched_getaffinity(0)) > 1:
    config.available_features.add("processors")

# AArch64 on other machines.
if shutil.which("qemu-aarch64-static") or shutil.which("qemu-aarch64"):
    config.available_features.add("qemu-aarch64")

# gcc and its OpenMP, for examples/threads.
if (gcc := shutil.which("gcc")) and os.path.isabs(
        subprocess.run([gcc, "-print-file-name=libgomp.so"], capture_output=True, text=True).stdout):
    config.available_features.add("openmp")

# ONNX Runtime, to compare with: scripts/setup-onnxruntime. The requirements are
# copied there once they are met.
onnxruntime = os.path.join(config.quantc_obj_root, "onnxruntime")
if os.path.exists(os.path.join(onnxruntime, "requirements.txt")):
    config.available_features.add("onnxruntime")
    config.substitutions.append(("%onnxruntime_python", os.path.join(onnxruntime, "bin", "python")))

# The runtimes that quantc is compared with: benchmarks/setup, which copies the
# requirements there once it is done.
requirements = [os.path.join(config.quantc_src_root, "benchmarks"),
                os.path.join(config.quantc_obj_root, "benchmarks", "environment")]
requirements = [os.path.join(folder, "requirements.txt") for folder in requirements]
if os.path.exists(requirements[1]) and filecmp.cmp(*requirements, shallow=False):
    config.available_features.add("benchmark-environment")
