// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What tosa.conv2d, tosa.depthwise_conv2d and quantc.grouped_conv2d share:
// operands input (NHWC), weight and bias in this order, and a padding.

#ifndef QUANTC_LIB_TRANSFORMS_CONVLIKE_H
#define QUANTC_LIB_TRANSFORMS_CONVLIKE_H

#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "quantc/Dialect/Quantc/IR/Quantc.h"
#include "quantc/Quantization/QuantParams.h"
#include "llvm/ADT/TypeSwitch.h"

namespace quantc {

inline bool isConvLike(mlir::Operation *op) {
  return llvm::isa_and_nonnull<mlir::tosa::Conv2DOp,
                               mlir::tosa::DepthwiseConv2DOp, GroupedConv2DOp>(
      op);
}

inline mlir::OpOperand &getConvInput(mlir::Operation *conv) {
  return conv->getOpOperand(0);
}
inline mlir::OpOperand &getConvWeight(mlir::Operation *conv) {
  return conv->getOpOperand(1);
}
inline mlir::OpOperand &getConvBias(mlir::Operation *conv) {
  return conv->getOpOperand(2);
}

/// [top, bottom, left, right].
inline llvm::ArrayRef<int64_t> getConvPad(mlir::Operation *conv) {
  return llvm::TypeSwitch<mlir::Operation *, llvm::ArrayRef<int64_t>>(conv)
      .Case<mlir::tosa::Conv2DOp, mlir::tosa::DepthwiseConv2DOp,
            GroupedConv2DOp>([](auto op) { return op.getPad(); });
}

inline void setConvPad(mlir::Operation *conv, llvm::ArrayRef<int64_t> pad) {
  llvm::TypeSwitch<mlir::Operation *>(conv)
      .Case<mlir::tosa::Conv2DOp, mlir::tosa::DepthwiseConv2DOp,
            GroupedConv2DOp>([&](auto op) { op.setPad(pad); });
}

/// Which output channel an element of the weight belongs to: [O, kh, kw, I], or
/// [kh, kw, C, M] for depthwise, whose output channel is c · M + m.
inline ChannelLayout getConvWeightLayout(mlir::Operation *conv) {
  auto type =
      llvm::cast<mlir::RankedTensorType>(getConvWeight(conv).get().getType());
  if (llvm::isa<mlir::tosa::DepthwiseConv2DOp>(conv))
    return {type.getDimSize(2) * type.getDimSize(3), 1};
  return ChannelLayout::of(type.getShape(), 0);
}

} // namespace quantc

#endif // QUANTC_LIB_TRANSFORMS_CONVLIKE_H
