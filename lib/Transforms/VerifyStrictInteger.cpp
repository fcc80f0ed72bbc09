// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "quantc/Dialect/Quantc/IR/NodeLocation.h"
#include "quantc/Dialect/Quantc/IR/Quantc.h"
#include "quantc/Transforms/Passes.h"

namespace quantc {
#define GEN_PASS_DEF_VERIFYSTRICTINTEGERPASS
#include "quantc/Transforms/Passes.h.inc"
} // namespace quantc

using namespace mlir;
using namespace quantc;

static bool isFloat(Type type) {
  return isa<FloatType>(getElementTypeOrSelf(type));
}

/// Real numbers come in and go out of the function, but nowhere else.
static bool isBoundary(Operation *op) {
  if (auto quantize = dyn_cast<QuantizeOp>(op))
    return isa<BlockArgument>(quantize.getInput());
  if (auto dequantize = dyn_cast<DequantizeOp>(op))
    return llvm::all_of(dequantize->getUsers(), llvm::IsaPred<func::ReturnOp>);
  return isa<func::ReturnOp, func::FuncOp>(op);
}

namespace {

struct VerifyStrictIntegerPass
    : quantc::impl::VerifyStrictIntegerPassBase<VerifyStrictIntegerPass> {
  void runOnOperation() override {
    bool failed = false;
    getOperation().walk([&](Operation *op) {
      if (isBoundary(op))
        return;
      if (auto rescale = dyn_cast<RescaleOp>(op)) {
        RoundingDomain domain = rescale.getRounding().getDomain();
        if (domain == RoundingDomain::Fixed)
          return;
        op->emitOpError() << "of " << describeNode(op) << " rounds in "
                          << stringifyRoundingDomain(domain)
                          << ", which strict integer mode excludes; requantize "
                             "by fixed, fixed-double or shift";
        failed = true;
      } else if (llvm::any_of(op->getResultTypes(), isFloat) ||
                 llvm::any_of(op->getOperandTypes(), isFloat)) {
        op->emitOpError() << "of " << describeNode(op)
                          << " stays float, which strict integer mode excludes";
        failed = true;
      }
    });
    if (failed)
      signalPassFailure();
  }
};

} // namespace
