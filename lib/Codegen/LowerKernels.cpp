// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "KernelBuilder.h"
#include "PairProof.h"
#include "PassTarget.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Support/DebugStringHelper.h"
#include "quantc/Codegen/Passes.h"
#include "quantc/Dialect/Dot/IR/Dot.h"
#include "quantc/Dialect/Quantc/IR/ConstantUtils.h"
#include "quantc/Dialect/Quantc/IR/Quantc.h"

namespace quantc {
#define GEN_PASS_DEF_LOWERKERNELSPASS
#include "quantc/Codegen/Passes.h.inc"
} // namespace quantc

using namespace mlir;
using namespace quantc;

namespace {

/// Puts constants into `memref.global`s, one for equal contents.
class ConstantPool {
public:
  explicit ConstantPool(ModuleOp module) : module(module) {}

  /// The global that holds `value`, as a memref of `type`.
  Value get(OpBuilder &builder, Location loc, ElementsAttr value,
            MemRefType type) {
    StringRef bytes = getBytes(value);
    auto [slot, isNew] =
        globals.try_emplace((Twine(bytes) + "|" + debugString(type)).str());
    if (isNew) {
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToStart(module.getBody());
      auto tensor =
          RankedTensorType::get(type.getShape(), type.getElementType());
      slot->second = memref::GlobalOp::create(
          builder, loc, ("constant_" + Twine(globals.size() - 1)).str(),
          builder.getStringAttr("private"), type, reshape(value, tensor),
          /*constant=*/true, builder.getI64IntegerAttr(64));
    }
    return memref::GetGlobalOp::create(builder, loc, type,
                                       slot->second.getSymName());
  }

private:
  StringRef getBytes(ElementsAttr value) {
    if (auto resource = dyn_cast<DenseResourceElementsAttr>(value)) {
      ArrayRef<char> data = resource.getRawHandle().getBlob()->getData();
      return StringRef(data.data(), data.size());
    }
    // Splats and values of small constants: as printed.
    text.clear();
    llvm::raw_string_ostream(text) << value;
    return text;
  }
  static ElementsAttr reshape(ElementsAttr value, RankedTensorType type) {
    if (auto resource = dyn_cast<DenseResourceElementsAttr>(value))
      return DenseResourceElementsAttr::get(type, resource.getRawHandle());
    return cast<DenseElementsAttr>(value).reshape(type);
  }

  ModuleOp module;
  llvm::StringMap<memref::GlobalOp> globals;
  std::string text;
};

struct KernelEmitter {
  StringLiteral form; ///< in `quantc.kernel`
  LogicalResult (*emit)(KernelBuilder &);
};

/// The first that can write a kernel does.
constexpr KernelEmitter kEmitters[] = {
    {"gemm", emitGemm},           {"attention", emitAttention},
    {"gemm", emitMatmul},         {"winograd", emitWinograd},
    {"depthwise", emitDepthwise}, {"rows", emitRows},
    {"transpose", emitTranspose}, {"loops", emitLoops}};

/// Multiply-accumulates of a GEMM that a core does in a cycle.
static double getMacsPerCycle(const TargetDescription &target, bool isFloat) {
  if (isFloat)
    return target.lanes;
  switch (target.dotForm) {
  case DotForm::Bytes:
    return 4.0 * target.lanes;
  case DotForm::Pairs:
    return 2.0 * target.lanes;
  case DotForm::Single:
    return target.lanes;
  case DotForm::Matrix:
    return 8.0 * target.lanes;
  }
  llvm_unreachable("covered");
}

/// Operations on an element of a softmax or layer normalization.
static constexpr int64_t kRowSteps = 20;
/// Operations for an element of an input transform: loads, sums, a store, and
/// what doesn't fit the registers.
static constexpr int64_t kTransformSteps = 8;

/// Whether `op` reads or writes neighbours that aren't neighbours in its loops,
/// one by one.
static bool transposes(linalg::LinalgOp op) {
  unsigned last = op.getNumLoops() - 1;
  return op.getNumParallelLoops() == op.getNumLoops() && op.getNumLoops() > 0 &&
         llvm::any_of(op.getIndexingMapsArray(), [&](AffineMap map) {
           return map.isFunctionOfDim(last) &&
                  map.getResults().back() !=
                      getAffineDimExpr(last, map.getContext());
         });
}

/// About how long a core takes: good enough to tell what is worth dividing.
static int64_t estimateCycles(func::FuncOp spec,
                              const TargetDescription &target) {
  double cycles = 0;
  spec.walk([&](Operation *inner) {
    if (isRowFunction(inner))
      cycles += cast<RankedTensorType>(inner->getResult(0).getType())
                    .getNumElements() *
                kRowSteps / (2.0 * target.lanes);
    if (auto transform = dyn_cast<dot::WinogradInputOp>(inner))
      cycles += transform.getType().getNumElements() * kTransformSteps /
                (4.0 * target.lanes);
  });
  spec.walk([&](linalg::LinalgOp op) {
    double points = 1;
    for (int64_t range : op.getStaticLoopRanges())
      points *= range;
    if (isa<linalg::Conv2DNhwcFhwcOp, linalg::BatchMatmulOp,
            linalg::QuantizedBatchMatmulOp>(op)) {
      bool isFloat = getElementTypeOrSelf(op->getResultTypes()[0]).isFloat();
      cycles += points / getMacsPerCycle(target, isFloat);
    } else if (!isa<linalg::FillOp>(op)) {
      // Two operations in a cycle.
      int64_t steps = llvm::count_if(
          op.getBlock()->without_terminator(), [](Operation &inner) {
            return !inner.hasTrait<OpTrait::ConstantLike>();
          });
      cycles += points * std::max<int64_t>(steps, 1) /
                (transposes(op) ? 1 : 2 * target.lanes);
    }
  });
  return cycles;
}

/// The form of `target` that multiplies what a kernel reads.
static const TargetDescription &getForm(func::FuncOp spec,
                                        const TargetDescription &target) {
  bool isProved = false;
  spec.walk([&](linalg::LinalgOp op) {
    isProved |= op->hasAttr(kPairsFitWordsName);
  });
  return isProved && target.byteForm ? *target.byteForm : target;
}

struct LowerKernels : quantc::impl::LowerKernelsPassBase<LowerKernels> {
  using LowerKernelsPassBase::LowerKernelsPassBase;
  LowerKernels(const LowerKernelsPassOptions &options,
               std::shared_ptr<const Tuning> tuning)
      : LowerKernelsPassBase(options), tuning(std::move(tuning)) {}

  void runOnOperation() override {
    ModuleOp module = getOperation();
    const TargetDescription *target =
        selectTargetFor(module, triple, cpu, features);
    if (!target)
      return signalPassFailure();
    if (!tuningFile.empty()) {
      auto loaded = Tuning::load(tuningFile);
      if (!loaded) {
        // It is at fault, not the module.
        emitError(UnknownLoc::get(&getContext()),
                  llvm::toString(loaded.takeError()));
        return signalPassFailure();
      }
      tuning = std::make_shared<Tuning>(std::move(*loaded));
    } else if (!tuning) {
      tuning = std::make_shared<Tuning>();
    }
    SymbolTable symbols(module);
    ConstantPool constants(module);
    llvm::MapVector<Operation *, SmallVector<func::CallOp>> calls;
    module.walk([&](func::CallOp call) {
      calls[symbols.lookup(call.getCallee())].push_back(call);
    });
    for (auto &[callee, sites] : calls) {
      auto spec = cast<func::FuncOp>(callee);
      lower(spec, sites, *target, constants);
    }
  }

private:
  /// Rewrites one kernel and its calls.
  void lower(func::FuncOp spec, ArrayRef<func::CallOp> sites,
             const TargetDescription &known, ConstantPool &constants) {
    const TargetDescription &target = getForm(spec, known);
    KernelBuilder kernel(spec, target, *tuning);
    kernel.maxParts = estimateCycles(spec, target) / minPartCycles;
    const KernelEmitter *emitter =
        llvm::find_if(kEmitters, [&](const KernelEmitter &candidate) {
          return succeeded(candidate.emit(kernel));
        });
    SmallVector<KernelBuilder::ArgumentSource> sources;
    if (emitter != std::end(kEmitters)) {
      func::ReturnOp::create(kernel.builder, kernel.loc);
      sources = kernel.finish();
      kernel.kernel->setAttr("quantc.kernel",
                             kernel.builder.getStringAttr(emitter->form));
    } else {
      kernel.kernel.erase();
      kernel.kernel = spec;
      keepForUpstream(spec);
      for (unsigned i = 0; i < spec.getNumArguments(); ++i)
        sources.push_back({i, nullptr, std::nullopt});
    }
    for (func::CallOp call : sites)
      updateCall(call, kernel.kernel, sources, constants);
    if (kernel.kernel != spec)
      spec.erase();
  }

  /// Constants become memrefs; the rest is upstream's bufferization and loops.
  static void keepForUpstream(func::FuncOp spec) {
    OpBuilder builder = OpBuilder::atBlockBegin(&spec.getBody().front());
    for (BlockArgument argument : spec.getArguments()) {
      auto tensor = dyn_cast<RankedTensorType>(argument.getType());
      if (!tensor)
        continue;
      argument.setType(
          MemRefType::get(tensor.getShape(), tensor.getElementType()));
      auto toTensor = bufferization::ToTensorOp::create(
          builder, spec.getLoc(), tensor, argument, /*restrict=*/true);
      argument.replaceAllUsesExcept(toTensor, toTensor);
    }
    spec.setType(
        builder.getFunctionType(spec.getBody().front().getArgumentTypes(), {}));
    bool computes = false;
    spec.walk(
        [&](linalg::LinalgOp op) { computes |= !isa<linalg::FillOp>(op); });
    spec->setAttr("quantc.kernel",
                  builder.getStringAttr(computes ? "fallback" : "fill"));
  }

  static void updateCall(func::CallOp call, func::FuncOp kernel,
                         ArrayRef<KernelBuilder::ArgumentSource> sources,
                         ConstantPool &constants) {
    SmallVector<ElementsAttr> values;
    for (Value operand : call.getOperands()) {
      ElementsAttr value;
      matchPattern(operand, m_Constant(&value));
      values.push_back(value);
    }
    OpBuilder builder(call);
    SmallVector<Value> operands;
    for (auto [source, type] :
         llvm::zip_equal(sources, kernel.getArgumentTypes())) {
      if (source.number) {
        operands.push_back(arith::ConstantIndexOp::create(
            builder, call.getLoc(), *source.number));
        continue;
      }
      ElementsAttr value =
          source.packing ? source.packing(values) : values[source.specArgument];
      operands.push_back(value ? constants.get(builder, call.getLoc(), value,
                                               cast<MemRefType>(type))
                               : call.getOperand(source.specArgument));
    }
    SmallVector<Operation *> old;
    for (Value operand : call.getOperands())
      if (Operation *op = operand.getDefiningOp();
          op && op->hasTrait<OpTrait::ConstantLike>())
        old.push_back(op);
    func::CallOp::create(builder, call.getLoc(), kernel, operands);
    call.erase();
    for (Operation *op : old)
      if (op->use_empty())
        op->erase();
  }

  std::shared_ptr<const Tuning> tuning;
};

} // namespace

std::unique_ptr<Pass>
quantc::createLowerKernelsPass(const LowerKernelsPassOptions &options,
                               std::shared_ptr<const Tuning> tuning) {
  return std::make_unique<LowerKernels>(options, std::move(tuning));
}
