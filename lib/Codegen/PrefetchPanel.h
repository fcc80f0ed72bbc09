// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef QUANTC_LIB_CODEGEN_PREFETCHPANEL_H
#define QUANTC_LIB_CODEGEN_PREFETCHPANEL_H

#include "GemmShape.h"
#include "KernelBuilder.h"

namespace quantc {

/// Fetches a share of the packed weights of the panel behind `panel`, where
/// these come from memory: the first tile that needs them would wait. Each tile
/// of a panel does so, of which `first` is an output pixel: image, y, x.
void prefetchPanel(KernelBuilder &kernel, const GemmShape &shape,
                   const GemmTile &tile, mlir::Value weights, mlir::Value panel,
                   llvm::ArrayRef<mlir::Value> first);

} // namespace quantc

#endif // QUANTC_LIB_CODEGEN_PREFETCHPANEL_H
