// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "PeakRate.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Parser/Parser.h"
#include "quantc/Codegen/TargetDescription.h"
#include "quantc/Conversion/Passes.h"
#include "quantc/Execution/CompiledModel.h"
#include "llvm/Support/FormatVariadic.h"
#include <chrono>

using namespace mlir;

namespace quantc {

static constexpr int64_t chains = 12; // hides latency, fits 16 registers
static constexpr int64_t iterations = 1 << 16;

namespace {
/// One step of a chain: the operation on %a<i>, and what it counts.
struct Step {
  std::string accumulator, operand;
  std::string text; ///< {0}: number of the chain
  int64_t macs;
};
} // namespace

/// The weights of a step are its accumulator's bits: nothing can be hoisted,
/// and a flip of the activations' sign is, as in kernels with many columns.
static Step makeStep(const TargetDescription &target, bool isInteger) {
  int64_t lanes = target.lanes;
  std::string i32 = llvm::formatv("vector<{0}xi32>", lanes);
  if (!isInteger) {
    std::string f32 = llvm::formatv("vector<{0}xf32>", lanes);
    return {f32, f32,
            "    %r{0} = llvm.intr.fma(%a{0}, %x, %x) : (" + f32 + ", " + f32 +
                ", " + f32 + ") -> " + f32 + "\n",
            lanes};
  }
  if (target.dotForm == DotForm::Matrix)
    return {"vector<4xi32>", "vector<16xi8>",
            "    %w{0} = llvm.bitcast %a{0} : vector<4xi32> to vector<16xi8>\n"
            "    %r{0} = dot.matmul %a{0}, %x, %w{0} : vector<4xi32>, "
            "vector<16xi8>\n",
            32};
  bool bytes = target.dotForm == DotForm::Bytes;
  std::string operand = llvm::formatv(
      "vector<{0}x{1}>", lanes * (bytes ? 4 : 2), bytes ? "i8" : "i16");
  return {i32, operand,
          "    %w{0} = llvm.bitcast %a{0} : " + i32 + " to " + operand + "\n" +
              "    %r{0} = dot.accumulate %a{0}, %x, %w{0} {lhs_offset = " +
              std::to_string(bytes ? target.lhsOffset : 0) +
              " : i32} : " + i32 + ", " + operand + "\n",
          lanes * (bytes ? 4 : 2)};
}

/// peak_run(inputs, …) with inputs[0] the start of all accumulators and
/// activations, and outputs[0] their sum's place.
static std::string makeModule(const Step &step) {
  std::string text;
  llvm::raw_string_ostream os(text);
  auto list = [&](const char *prefix) {
    std::string names;
    for (int64_t i = 0; i != chains; ++i)
      names += (i ? ", " : "") + std::string(prefix) + std::to_string(i);
    return names;
  };
  std::string types;
  for (int64_t i = 0; i != chains; ++i)
    types += (i ? ", " : "") + step.accumulator;
  os << "func.func @peak_run(%in: !llvm.ptr, %out: !llvm.ptr, %p: !llvm.ptr, "
        "%q: !llvm.ptr) -> i32 {\n"
        "  %zero = arith.constant 0 : i32\n"
        "  %c0 = arith.constant 0 : index\n  %c1 = arith.constant 1 : index\n"
     << "  %n = arith.constant " << iterations << " : index\n"
     << "  %ip = llvm.load %in : !llvm.ptr -> !llvm.ptr\n"
        "  %op = llvm.load %out : !llvm.ptr -> !llvm.ptr\n"
     << "  %x = llvm.load %ip : !llvm.ptr -> " << step.operand << "\n"
     << "  %s = llvm.load %ip : !llvm.ptr -> " << step.accumulator << "\n"
     << "  %e:" << chains << " = scf.for %i = %c0 to %n step %c1 iter_args(";
  for (int64_t i = 0; i != chains; ++i)
    os << (i ? ", " : "") << "%a" << i << " = %s";
  os << ") -> (" << types << ") {\n";
  for (int64_t i = 0; i != chains; ++i)
    os << llvm::formatv(/*Validate=*/false, step.text.c_str(), i).str();
  os << "    scf.yield " << list("%r") << " : " << types << "\n  }\n";
  for (int64_t i = 0; i != chains; ++i)
    os << "  llvm.store volatile %e#" << i << ", %op : " << step.accumulator
       << ", !llvm.ptr\n";
  os << "  return %zero : i32\n}\n";
  return text;
}

llvm::Expected<double> measurePeakRate(MLIRContext *context,
                                       const Compiler &compiler,
                                       bool isInteger) {
  const TargetSpec &spec = compiler.getOptions().target;
  auto target = selectTarget(spec.triple, spec.cpu, spec.features);
  if (!target)
    return target.takeError();
  Step step = makeStep(**target, isInteger);

  DiagnosticCollector diagnostics(context);
  context->loadAllAvailableDialects();
  auto module = parseSourceString<ModuleOp>(makeModule(step), context);
  PassManager passes(context, ModuleOp::getOperationName());
  ConvertDotToLLVMPassOptions dot;
  dot.features = (*target)->features.str();
  passes.addPass(createConvertDotToLLVMPass(dot));
  passes.addPass(createConvertVectorToLLVMPass());
  passes.addPass(createSCFToControlFlowPass());
  passes.addPass(createArithToLLVMConversionPass());
  passes.addPass(createConvertIndexToLLVMPass());
  passes.addPass(createConvertFuncToLLVMPass());
  passes.addPass(createConvertControlFlowToLLVMPass());
  passes.addPass(createReconcileUnrealizedCastsPass());
  if (!module || failed(passes.run(*module)))
    return diagnostics.takeError("the measurement of the peak can't be built");

  ModelInterface interface;
  interface.name = "peak";
  interface.target = spec;
  interface.inputs.push_back({"in", {64}, ElementKind::I8, std::nullopt});
  interface.outputs.push_back({"out", {64}, ElementKind::I8, std::nullopt});
  auto program = compiler.translate(*module, interface);
  if (!program)
    return program.takeError();
  auto object = compiler.generate(*program);
  if (!object)
    return object.takeError();
  auto model = CompiledModel::load({interface, std::move(*object)});
  if (!model)
    return model.takeError();

  using Clock = std::chrono::steady_clock;
  RunBuffers buffers(interface);
  llvm::fill(buffers.getInput(0), 0);
  double best = 0;
  for (int attempt = 0; attempt != 20; ++attempt) {
    Clock::time_point start = Clock::now();
    if (llvm::Error error = buffers.run(*model))
      return std::move(error);
    std::chrono::duration<double> time = Clock::now() - start;
    best = std::max(best, chains * iterations * step.macs / time.count());
  }
  return best;
}

} // namespace quantc
