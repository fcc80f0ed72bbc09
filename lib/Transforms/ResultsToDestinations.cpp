// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Upstream's buffer-results-to-out-params does this on buffers, but can't
// return a value twice and copies what ends in a reshape or a slice.

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "quantc/Transforms/Passes.h"

namespace quantc {
#define GEN_PASS_DEF_RESULTSTODESTINATIONSPASS
#include "quantc/Transforms/Passes.h.inc"
} // namespace quantc

using namespace mlir;
using namespace quantc;

namespace {

struct ResultsToDestinationsPass
    : quantc::impl::ResultsToDestinationsPassBase<ResultsToDestinationsPass> {
  void runOnOperation() override {
    OpBuilder builder(&getContext());
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (function.isPublic() && !function.isExternal())
        rewrite(function, builder);
  }

  static void rewrite(func::FuncOp function, OpBuilder &builder);
};

} // namespace

void ResultsToDestinationsPass::rewrite(func::FuncOp function,
                                        OpBuilder &builder) {
  unsigned inputs = function.getNumArguments();
  function->setAttr("quantc.num_inputs", builder.getI64IntegerAttr(inputs));
  // Arguments are writable by default: an operation may compute in the caller's
  // input.
  for (unsigned i = 0; i < inputs; ++i)
    function.setArgAttr(i,
                        bufferization::BufferizationDialect::kWritableAttrName,
                        builder.getBoolAttr(false));
  for (auto [i, type] : llvm::enumerate(function.getResultTypes())) {
    auto tensor = cast<RankedTensorType>(type);
    (void)function.insertArgument(
        inputs + i, MemRefType::get(tensor.getShape(), tensor.getElementType()),
        function.getResultAttrDict(i), function.getLoc());
  }
  auto ret = cast<func::ReturnOp>(function.front().getTerminator());
  builder.setInsertionPoint(ret);
  for (auto [i, value] : llvm::enumerate(ret.getOperands()))
    bufferization::MaterializeInDestinationOp::create(
        builder, ret.getLoc(), /*result=*/Type(), value,
        function.getArgument(inputs + i), /*restrict=*/true, /*writable=*/true);
  ret->setOperands({});
  llvm::BitVector all(function.getNumResults(), true);
  (void)function.eraseResults(all);
}
