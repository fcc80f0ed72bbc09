// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Transforms/Phase.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/AttrTypeSubElements.h"
#include "mlir/Transforms/DialectConversion.h"
#include "quantc/Dialect/Dot/IR/Dot.h"
#include "quantc/Dialect/Quantc/IR/NodeLocation.h"
#include "quantc/Dialect/Quantc/IR/Quantc.h"
#include "quantc/Transforms/Passes.h"
#include "llvm/Support/InterleavedRange.h"

namespace quantc {
#define GEN_PASS_DEF_VERIFYPHASEPASS
#include "quantc/Transforms/Passes.h.inc"
} // namespace quantc

using namespace mlir;
using namespace quantc;

/// In the order of the enum.
static constexpr StringLiteral phaseNames[] = {
    "import",     "prepare", "observe", "fold", "quantize",
    "requantize", "linalg",  "kernel",  "llvm", "object"};

StringRef quantc::stringifyPhase(Phase phase) {
  return phaseNames[static_cast<unsigned>(phase)];
}

std::optional<Phase> quantc::symbolizePhase(StringRef name) {
  const auto *found = llvm::find(phaseNames, name);
  if (found == std::end(phaseNames))
    return std::nullopt;
  return static_cast<Phase>(found - std::begin(phaseNames));
}

/// The graph of TOSA and quantc. What neither can say is linalg, and stays
/// float.
static void allowGraph(ConversionTarget &target, Phase phase) {
  target.addLegalDialect<tosa::TosaDialect, QuantcDialect,
                         linalg::LinalgDialect, tensor::TensorDialect,
                         arith::ArithDialect, math::MathDialect>();
  // A model is one function.
  target.addIllegalOp<func::CallOp, func::CallIndirectOp, func::ConstantOp>();
  // Recorded between `observe` and `fold` only.
  if (phase != Phase::Observe)
    target.addIllegalOp<ObserveOp>();
  if (phase >= Phase::Quantize)
    // With parameters at run time, it is a float operation like any other.
    target.addDynamicallyLegalOp<FakeQuantOp>(
        [](FakeQuantOp op) { return !op.getParams(); });
  // Quantized types, and what reads them, end at `requantize`.
  if (phase == Phase::Requantize)
    target.addIllegalOp<RequantizeOp>();
  else
    target.addLegalDialect<quant::QuantDialect>();
}

/// Of `math`, what IEEE 754 defines to the last bit. Functions that need an
/// approximation have become polynomials of ours.
static void allowExactMath(ConversionTarget &target) {
  target.addLegalOp<math::RoundEvenOp, math::FmaOp, math::AbsFOp, math::FloorOp,
                    math::CeilOp, math::SqrtOp, math::CopySignOp,
                    math::CountLeadingZerosOp>();
}

/// Whether `op` is in a kernel that falls back to scalar loops: upstream's
/// bufferization and loops come with the next phase.
static bool isInFallback(Operation *op) {
  auto function = op->getParentOfType<func::FuncOp>();
  auto form = function ? function->getAttrOfType<StringAttr>("quantc.kernel")
                       : StringAttr();
  return form && form == "fallback";
}

/// The operations that may leave `phase`: DESIGN's table.
static ConversionTarget getContract(MLIRContext *context, Phase phase) {
  ConversionTarget target(*context);
  target.addLegalOp<ModuleOp>();
  if (phase <= Phase::Kernel)
    target.addLegalDialect<func::FuncDialect>();
  switch (phase) {
  case Phase::Import:
  case Phase::Prepare:
  case Phase::Observe:
  case Phase::Fold:
  case Phase::Quantize:
  case Phase::Requantize:
    allowGraph(target, phase);
    break;
  case Phase::Linalg:
    target.addLegalDialect<linalg::LinalgDialect, arith::ArithDialect,
                           tensor::TensorDialect>();
    // These have kernels of their own.
    target.addLegalOp<SoftmaxOp, LayerNormOp, IntegerSoftmaxOp,
                      IntegerLayerNormOp>();
    allowExactMath(target);
    break;
  case Phase::Kernel:
    target.addLegalDialect<scf::SCFDialect, vector::VectorDialect,
                           memref::MemRefDialect, arith::ArithDialect,
                           dot::DotDialect, ub::UBDialect>();
    // Rims to fill, on buffers.
    target.addDynamicallyLegalDialect<linalg::LinalgDialect>([](Operation *op) {
      return isInFallback(op) ||
             llvm::none_of(op->getOperandTypes(), llvm::IsaPred<TensorType>);
    });
    target.addDynamicallyLegalDialect<bufferization::BufferizationDialect,
                                      tensor::TensorDialect>(isInFallback);
    allowExactMath(target);
    break;
  case Phase::Llvm:
  case Phase::Object:
    target.addLegalDialect<LLVM::LLVMDialect>();
    break;
  }
  return target;
}

static bool isQuantized(Type type) {
  return isa<quant::QuantizedType>(getElementTypeOrSelf(type));
}

/// Empty, or why a type may not leave the phase.
static StringRef checkType(Type type, Phase phase) {
  if (phase > Phase::Requantize)
    return {};
  if (auto shaped = dyn_cast<ShapedType>(type);
      shaped && !shaped.hasStaticShape())
    return "needs static shapes; give the sizes (batch included) at import";
  if (phase == Phase::Requantize && isQuantized(type))
    return "still has a quantized type";
  return {};
}

LogicalResult quantc::verifyPhase(ModuleOp module, Phase phase) {
  ConversionTarget contract = getContract(module.getContext(), phase);
  auto diagnose = [&](Operation *op, const Twine &reason) {
    InFlightDiagnostic error = op->emitOpError() << reason;
    if (StringRef node = getNodeName(op->getLoc()); !node.empty())
      error << " (from " << describeNode(op) << ")";
    return WalkResult::interrupt();
  };
  WalkResult result = module.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (!contract.isLegal(op))
      return diagnose(op, "may not leave the phase '" + stringifyPhase(phase) +
                              "'");
    for (Type type : op->getResultTypes())
      if (StringRef reason = checkType(type, phase); !reason.empty())
        return diagnose(op, reason);
    if (auto function = dyn_cast<FunctionOpInterface>(op))
      for (Type type : function.getArgumentTypes())
        if (StringRef reason = checkType(type, phase); !reason.empty())
          return diagnose(op, reason);
    return WalkResult::advance();
  });
  if (result.wasInterrupted())
    return failure();
  if (phase <= Phase::Requantize &&
      llvm::count_if(module.getOps<func::FuncOp>(),
                     [](func::FuncOp f) { return f.isPublic(); }) != 1)
    return module.emitError(
        "needs one public function, which is the model; make others private");
  return success();
}

namespace {

struct VerifyPhasePass : quantc::impl::VerifyPhasePassBase<VerifyPhasePass> {
  using VerifyPhasePassBase::VerifyPhasePassBase;
  void runOnOperation() override {
    markAllAnalysesPreserved();
    std::optional<Phase> known = symbolizePhase(phase);
    if (!known) {
      getOperation().emitError()
          << "no phase is called '" << phase << "'; there are "
          << llvm::interleaved(phaseNames);
      return signalPassFailure();
    }
    if (failed(verifyPhase(getOperation(), *known)))
      signalPassFailure();
  }
};

} // namespace
