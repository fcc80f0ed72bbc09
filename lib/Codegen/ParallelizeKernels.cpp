// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "quantc/Codegen/Passes.h"

namespace quantc {
#define GEN_PASS_DEF_PARALLELIZEKERNELSPASS
#include "quantc/Codegen/Passes.h.inc"
} // namespace quantc

using namespace mlir;
using namespace quantc;

namespace {

/// What goes from a call to its parts: arguments, then the number of parts. All
/// arguments of kernels are pointers.
class Parallelizer {
public:
  Parallelizer(LLVM::LLVMFuncOp kernel, int64_t maxParts)
      : kernel(kernel), maxParts(maxParts), b(kernel.getContext()),
        loc(kernel.getLoc()), i64(b.getI64Type()),
        pointer(LLVM::LLVMPointerType::get(b.getContext())),
        options(LLVM::LLVMStructType::getLiteral(b.getContext(),
                                                 {pointer, pointer, i64})),
        frame(LLVM::LLVMStructType::getLiteral(
            b.getContext(),
            {LLVM::LLVMArrayType::get(pointer, arguments()), i64})) {}

  /// void KERNEL_parallel(arguments, options)
  LLVM::LLVMFuncOp emitCaller() {
    LLVM::LLVMFuncOp part = emitPart();
    SmallVector<Type> types(arguments() + 1, pointer);
    auto caller = create("_parallel", types);
    caller->setAttr("quantc.calls", FlatSymbolRefAttr::get(kernel));
    Block *entry = caller.addEntryBlock(b);
    auto addBlock = [&] {
      return b.createBlock(&caller.getBody(), caller.getBody().end());
    };
    Block *given = addBlock(), *threaded = addBlock(), *shared = addBlock(),
          *alone = addBlock();

    b.setInsertionPointToStart(entry);
    Value one = constant(1), null = LLVM::ZeroOp::create(b, loc, pointer);
    Value memory = LLVM::AllocaOp::create(b, loc, pointer, frame, one);
    Value given_ = entry->getArgument(arguments());
    LLVM::CondBrOp::create(b, loc, isEqual(given_, null), alone, given);

    b.setInsertionPointToStart(given);
    Value parallelFor = load(pointer, field(options, given_, {0}));
    LLVM::CondBrOp::create(b, loc, isEqual(parallelFor, null), alone, threaded);

    b.setInsertionPointToStart(threaded);
    Value threads = load(i64, field(options, given_, {2}));
    Value parts = LLVM::SMinOp::create(b, loc, threads, constant(maxParts));
    Value several =
        LLVM::ICmpOp::create(b, loc, LLVM::ICmpPredicate::sgt, parts, one);
    LLVM::CondBrOp::create(b, loc, several, shared, alone);

    b.setInsertionPointToStart(shared);
    for (int32_t i = 0; i < arguments(); ++i)
      LLVM::StoreOp::create(b, loc, entry->getArgument(i),
                            field(frame, memory, {0, i}));
    LLVM::StoreOp::create(b, loc, parts, field(frame, memory, {1}));
    Value context = load(pointer, field(options, given_, {1}));
    Value body = LLVM::AddressOfOp::create(b, loc, part);
    auto type =
        LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(b.getContext()),
                                    {pointer, i64, pointer, pointer});
    LLVM::CallOp::create(b, loc, type,
                         ValueRange{parallelFor, context, parts, body, memory});
    LLVM::ReturnOp::create(b, loc, ValueRange());

    b.setInsertionPointToStart(alone);
    SmallVector<Value> operands(entry->getArguments().drop_back());
    operands.append({constant(0), one});
    LLVM::CallOp::create(b, loc, kernel, operands);
    LLVM::ReturnOp::create(b, loc, ValueRange());
    return caller;
  }

private:
  int32_t arguments() { return kernel.getNumArguments() - 2; }

  /// void KERNEL_part(frame, number)
  LLVM::LLVMFuncOp emitPart() {
    auto part = create("_part", {pointer, i64});
    Block *entry = part.addEntryBlock(b);
    b.setInsertionPointToStart(entry);
    Value memory = entry->getArgument(0);
    SmallVector<Value> operands;
    for (int32_t i = 0; i < arguments(); ++i)
      operands.push_back(load(pointer, field(frame, memory, {0, i})));
    operands.push_back(entry->getArgument(1));
    operands.push_back(load(i64, field(frame, memory, {1})));
    LLVM::CallOp::create(b, loc, kernel, operands);
    LLVM::ReturnOp::create(b, loc, ValueRange());
    return part;
  }

  LLVM::LLVMFuncOp create(StringRef suffix, ArrayRef<Type> types) {
    std::string name = (kernel.getName() + suffix).str();
    while (kernel->getParentOfType<ModuleOp>().lookupSymbol(name))
      name += '_';
    b.setInsertionPointAfter(kernel);
    return LLVM::LLVMFuncOp::create(
        b, loc, name,
        LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(b.getContext()),
                                    types),
        LLVM::Linkage::Internal);
  }

  Value constant(int64_t value) {
    return LLVM::ConstantOp::create(b, loc, i64, value);
  }
  Value isEqual(Value left, Value right) {
    return LLVM::ICmpOp::create(b, loc, LLVM::ICmpPredicate::eq, left, right);
  }
  Value load(Type type, Value address) {
    return LLVM::LoadOp::create(b, loc, type, address);
  }
  Value field(Type type, Value base, ArrayRef<int32_t> path) {
    SmallVector<LLVM::GEPArg> indices{0};
    indices.append(path.begin(), path.end());
    return LLVM::GEPOp::create(b, loc, pointer, type, base, indices);
  }

  LLVM::LLVMFuncOp kernel;
  int64_t maxParts;
  OpBuilder b;
  Location loc;
  Type i64, pointer, options, frame;
};

struct ParallelizeKernels
    : quantc::impl::ParallelizeKernelsPassBase<ParallelizeKernels> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    llvm::MapVector<StringAttr, LLVM::LLVMFuncOp> callers;
    for (auto kernel : llvm::to_vector(module.getOps<LLVM::LLVMFuncOp>()))
      if (auto parts = kernel->getAttrOfType<IntegerAttr>("quantc.max_parts"))
        callers[kernel.getNameAttr()] =
            Parallelizer(kernel, parts.getInt()).emitCaller();
    if (callers.empty())
      return;
    for (auto entry : module.getOps<LLVM::LLVMFuncOp>())
      if (entry->hasAttr("quantc.num_inputs"))
        redirect(entry, callers);
  }

private:
  /// Gives the options to `entry`, and its calls to the callers.
  static void
  redirect(LLVM::LLVMFuncOp entry,
           const llvm::MapVector<StringAttr, LLVM::LLVMFuncOp> &callers) {
    auto pointer = LLVM::LLVMPointerType::get(entry.getContext());
    auto type = entry.getFunctionType();
    SmallVector<Type> types(type.getParams());
    types.push_back(pointer);
    entry.setFunctionType(
        LLVM::LLVMFunctionType::get(type.getReturnType(), types));
    Value options =
        entry.getBody().front().addArgument(pointer, entry.getLoc());
    entry->setAttr("quantc.has_options", UnitAttr::get(entry.getContext()));
    SmallVector<LLVM::CallOp> calls;
    entry.walk([&](LLVM::CallOp call) { calls.push_back(call); });
    for (LLVM::CallOp call : calls) {
      auto callee = call.getCalleeAttr();
      const auto *caller = callee ? callers.find(callee.getAttr()) : nullptr;
      if (!callee || caller == callers.end())
        continue;
      OpBuilder b(call);
      SmallVector<Value> operands(call.getArgOperands().drop_back(2));
      operands.push_back(options);
      LLVM::CallOp::create(b, call.getLoc(), caller->second, operands);
      call.erase();
    }
  }
};

} // namespace
