// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the accumulators of a convolution start at.

#ifndef QUANTC_LIB_CODEGEN_ACCUMULATORSTART_H
#define QUANTC_LIB_CODEGEN_ACCUMULATORSTART_H

#include "KernelBuilder.h"

namespace quantc {

/// A constant per channel, which is an argument of the kernel's specification,
/// or one for all channels.
struct AccumulatorStart {
  std::optional<unsigned> argument;
  mlir::Attribute splat;

  /// Of a convolution's `outs` with channels last; failure where it is
  /// something else.
  static mlir::FailureOr<AccumulatorStart> get(mlir::Value init);

  /// The values for `channels` channels.
  llvm::SmallVector<float> readFloats(CallConstants constants,
                                      int64_t channels) const;
  llvm::SmallVector<int32_t> readIntegers(CallConstants constants,
                                          int64_t channels) const;
};

} // namespace quantc

#endif // QUANTC_LIB_CODEGEN_ACCUMULATORSTART_H
