// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "AffineChain.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "quantc/Transforms/Passes.h"

namespace quantc {
#define GEN_PASS_DEF_FOLDBATCHNORMPASS
#include "quantc/Transforms/Passes.h.inc"
} // namespace quantc

namespace {

struct FoldBatchNormPass
    : quantc::impl::FoldBatchNormPassBase<FoldBatchNormPass> {
  void runOnOperation() override {
    quantc::foldAffineChains(getOperation(),
                             quantc::AffineKinds::ScalesAndShifts);
  }
};

} // namespace
