// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Dialect/Quantc/IR/Quantc.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace quantc;

void ObserveOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  effects.emplace_back(MemoryEffects::Write::get());
}

LogicalResult FakeQuantOp::verify() { return success(); }
LogicalResult QuantizeOp::verify() { return success(); }
LogicalResult DequantizeOp::verify() { return success(); }
LogicalResult RequantizeOp::verify() { return success(); }
LogicalResult RescaleOp::verify() { return success(); }
LogicalResult GroupedConv2DOp::verify() { return success(); }
OpFoldResult QuantizeOp::fold(FoldAdaptor) { return {}; }
OpFoldResult RequantizeOp::fold(FoldAdaptor) { return {}; }
OpFoldResult RescaleOp::fold(FoldAdaptor) { return {}; }

#define GET_OP_CLASSES
#include "quantc/Dialect/Quantc/IR/QuantcOps.cpp.inc"
