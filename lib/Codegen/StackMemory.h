// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef QUANTC_LIB_CODEGEN_STACKMEMORY_H
#define QUANTC_LIB_CODEGEN_STACKMEMORY_H

#include "KernelBuilder.h"

namespace quantc {

/// Memory on the stack, aligned to 64 bytes, for as long as the kernel runs. It
/// comes first of all: behind a branch (LLVM makes one of a division of
/// indices) the size of the function's frame wouldn't be known any more.
inline mlir::Value allocateOnStack(KernelBuilder &kernel,
                                   mlir::MemRefType type) {
  mlir::OpBuilder &builder = kernel.builder;
  mlir::OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(&kernel.kernel.front());
  return mlir::memref::AllocaOp::create(builder, kernel.loc, type,
                                        builder.getI64IntegerAttr(64));
}

} // namespace quantc

#endif // QUANTC_LIB_CODEGEN_STACKMEMORY_H
