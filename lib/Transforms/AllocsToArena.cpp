// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// For the reference path: it shares nothing with the planner of the kernel
// room, so each buffer has a place of its own.

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "quantc/Transforms/Passes.h"
#include "llvm/Support/MathExtras.h"

namespace quantc {
#define GEN_PASS_DEF_ALLOCSTOARENAPASS
#include "quantc/Transforms/Passes.h.inc"
} // namespace quantc

using namespace mlir;

static constexpr int64_t alignment = 64;

namespace {

struct AllocsToArenaPass
    : quantc::impl::AllocsToArenaPassBase<AllocsToArenaPass> {
  void runOnOperation() override {
    func::FuncOp entry;
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (function->hasAttr("quantc.num_inputs"))
        entry = function;
    if (!entry || failed(rewrite(entry)))
      signalPassFailure();
  }

  LogicalResult rewrite(func::FuncOp entry);
};

} // namespace

LogicalResult AllocsToArenaPass::rewrite(func::FuncOp entry) {
  SmallVector<memref::AllocOp> allocs;
  WalkResult fits = entry.walk([&](memref::AllocOp alloc) {
    allocs.push_back(alloc);
    // One place for a buffer that a loop makes many of wouldn't do.
    return alloc.getType().hasStaticShape() &&
                   alloc->getBlock() == &entry.front()
               ? WalkResult::advance()
               : WalkResult::interrupt();
  });
  if (fits.wasInterrupted())
    return allocs.back().emitOpError(
        "needs a static shape, outside of loops, to have a place in the arena");

  SmallVector<int64_t> offsets;
  int64_t bytes = 0;
  for (memref::AllocOp alloc : allocs) {
    MemRefType type = alloc.getType();
    offsets.push_back(bytes);
    int64_t width = llvm::divideCeil(type.getElementTypeBitWidth(), 8);
    bytes = llvm::alignTo(bytes + type.getNumElements() * width, alignment);
  }
  Builder attrs(&getContext());
  if (failed(entry.insertArgument(entry.getNumArguments(),
                                  MemRefType::get({bytes}, attrs.getI8Type()),
                                  DictionaryAttr(), entry.getLoc())))
    return failure();
  Value arena = entry.getArguments().back();
  for (auto [alloc, offset] : llvm::zip_equal(allocs, offsets)) {
    OpBuilder builder(alloc);
    Value shift =
        arith::ConstantIndexOp::create(builder, alloc.getLoc(), offset);
    alloc.replaceAllUsesWith(memref::ViewOp::create(builder, alloc.getLoc(),
                                                    alloc.getType(), arena,
                                                    shift, ValueRange())
                                 .getResult());
    alloc.erase();
  }
  entry->setAttr("quantc.has_arena", attrs.getUnitAttr());
  getOperation()->setAttr("quantc.arena_bytes", attrs.getI64IntegerAttr(bytes));
  getOperation()->setAttr("quantc.arena_align",
                          attrs.getI64IntegerAttr(alignment));
  return success();
}
