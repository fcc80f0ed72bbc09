// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Dialect/Quantc/IR/NodeLocation.h"
#include "quantc/Dialect/Quantc/IR/Quantc.h"
#include "quantc/Interfaces/DecomposableOpInterface.h"
#include "quantc/Transforms/Passes.h"

namespace quantc {
#define GEN_PASS_DEF_DECOMPOSECOMPOSITESPASS
#include "quantc/Transforms/Passes.h.inc"
} // namespace quantc

using namespace mlir;
using namespace quantc;

namespace {

struct DecomposeCompositesPass
    : quantc::impl::DecomposeCompositesPassBase<DecomposeCompositesPass> {
  using Base::Base;

  void runOnOperation() override {
    SmallVector<DecomposableOpInterface> composites;
    getOperation().walk([&](DecomposableOpInterface op) {
      if (!keepRows || !isRowFunction(op))
        composites.push_back(op);
    });
    for (DecomposableOpInterface op : composites) {
      OpBuilder builder(op);
      FailureOr<SmallVector<Value>> values = op.decomposeToTosa(builder);
      if (failed(values)) {
        op->emitOpError() << "of " << describeNode(op)
                          << " can't be expressed in TOSA";
        return signalPassFailure();
      }
      op->replaceAllUsesWith(*values);
      op->erase();
    }
  }
};

} // namespace
