// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "quantc/Codegen/Passes.h"

namespace quantc {
#define GEN_PASS_DEF_EMITENTRYPOINTPASS
#include "quantc/Codegen/Passes.h.inc"
} // namespace quantc

using namespace mlir;
using namespace quantc;

namespace {

struct EmitEntryPoint : quantc::impl::EmitEntryPointPassBase<EmitEntryPoint> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto entries = llvm::to_vector(llvm::make_filter_range(
        module.getOps<LLVM::LLVMFuncOp>(),
        [](LLVM::LLVMFuncOp f) { return f->hasAttr("quantc.num_inputs"); }));
    if (entries.size() != 1) {
      module.emitError("needs one function with quantc.num_inputs, but has ")
          << entries.size();
      return signalPassFailure();
    }
    for (auto function : module.getOps<LLVM::LLVMFuncOp>()) {
      if (!function.isExternal())
        function.setLinkage(LLVM::Linkage::Internal);
      // No calls of memset or memcpy made from loops: the object is alone.
      function.setPassthroughAttr(ArrayAttr::get(
          &getContext(), StringAttr::get(&getContext(), "no-builtins")));
      // So that kernels are optimized once, apart from each other, and the
      // object shows where it has floating point.
      function.setNoInline(function != entries.front());
    }
    build(entries.front());
  }

private:
  void build(LLVM::LLVMFuncOp entry) {
    MLIRContext *context = &getContext();
    ModuleOp module = getOperation();
    Location loc = entry.getLoc();
    OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
    auto i32 = builder.getI32Type(), i64 = builder.getI64Type();
    auto pointer = LLVM::LLVMPointerType::get(context);
    auto type =
        LLVM::LLVMFunctionType::get(i32, {pointer, pointer, pointer, pointer});
    auto run = LLVM::LLVMFuncOp::create(builder, loc,
                                        (entry.getName() + "_run").str(), type);

    auto *check = run.addEntryBlock(builder);
    Block *null = builder.createBlock(&run.getBody(), run.getBody().end());
    Block *misaligned =
        builder.createBlock(&run.getBody(), run.getBody().end());
    auto constant = [&](Type type, int64_t value) -> Value {
      return LLVM::ConstantOp::create(builder, loc, type, value);
    };
    auto returnCode = [&](Block *block, int64_t code) {
      builder.setInsertionPointToEnd(block);
      LLVM::ReturnOp::create(builder, loc, constant(i32, code));
    };
    returnCode(null, 1);
    returnCode(misaligned, 2);

    builder.setInsertionPointToEnd(check);
    // Leaves for `target` where `failed`, and goes on in a new block otherwise.
    auto leaveIf = [&](Value failed, Block *target) {
      Block *from = builder.getInsertionBlock();
      Block *next = builder.createBlock(null);
      builder.setInsertionPointToEnd(from);
      LLVM::CondBrOp::create(builder, loc, failed, target, next);
      builder.setInsertionPointToEnd(next);
    };
    Value nothing = LLVM::ZeroOp::create(builder, loc, pointer);
    auto leaveIfNull = [&](Value value) {
      leaveIf(LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::eq, value,
                                   nothing),
              null);
    };

    int64_t inputs =
        cast<IntegerAttr>(entry->getAttr("quantc.num_inputs")).getInt();
    int64_t arguments = entry.getNumArguments();
    // The translation to LLVM IR would warn of what the interface has by now.
    for (int64_t i = 0; i < arguments; ++i)
      for (StringRef name : {"quantc.name", "quantc.params"})
        entry.removeArgAttr(i, name);
    auto number = [&](StringRef name) {
      auto attr = module->getAttrOfType<IntegerAttr>(name);
      return attr ? attr.getInt() : 0;
    };
    bool hasArena = entry->hasAttr("quantc.has_arena"),
         hasOptions = entry->hasAttr("quantc.has_options");
    SmallVector<Value> operands;
    for (int64_t i = 0; i < arguments - hasArena - hasOptions; ++i) {
      bool isInput = i < inputs;
      Value table = run.getArgument(isInput ? 0 : 1);
      if (i == 0 || i == inputs)
        leaveIfNull(table);
      Value slot = LLVM::GEPOp::create(
          builder, loc, pointer, pointer, table,
          ArrayRef<LLVM::GEPArg>{int32_t(isInput ? i : i - inputs)});
      operands.push_back(LLVM::LoadOp::create(builder, loc, pointer, slot));
      leaveIfNull(operands.back());
    }
    if (hasArena) {
      Value arena = run.getArgument(2);
      if (number("quantc.arena_bytes") > 0) {
        leaveIfNull(arena);
        Value address = LLVM::PtrToIntOp::create(builder, loc, i64, arena);
        Value low = LLVM::AndOp::create(
            builder, loc, address,
            constant(i64, number("quantc.arena_align") - 1));
        leaveIf(LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::ne, low,
                                     constant(i64, 0)),
                misaligned);
      }
      operands.push_back(arena);
    }
    if (hasOptions)
      operands.push_back(run.getArgument(3));
    LLVM::CallOp::create(builder, loc, entry, operands);
    LLVM::ReturnOp::create(builder, loc, constant(i32, 0));
  }
};

} // namespace
