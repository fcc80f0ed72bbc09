// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Shared by the files that implement observers.

#ifndef QUANTC_LIB_QUANTIZATION_OBSERVERSTATE_H
#define QUANTC_LIB_QUANTIZATION_OBSERVERSTATE_H

#include "quantc/Quantization/Observers.h"
#include "quantc/Support/JsonKeys.h"

namespace quantc {

inline llvm::Error observerError(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

/// The smallest and the largest of `data`, which isn't empty and has no NaN.
/// Zeros come out positive, so that the state doesn't depend on their order.
FloatRange minMaxOf(llvm::ArrayRef<float> data);

/// state[key] as an f32 that is finite; false, with the mistake in `path`, if
/// it isn't one.
bool readFloat(const llvm::json::Object &state, llvm::StringLiteral key,
               float &value, llvm::json::Path path);
bool readFloats(const llvm::json::Object &state, llvm::StringLiteral key,
                llvm::SmallVectorImpl<float> &values, llvm::json::Path path);
llvm::json::Array toJSONArray(llvm::ArrayRef<float> values);

std::unique_ptr<Observer> createHistogramObserver(const ObserverConfig &config);

} // namespace quantc

#endif // QUANTC_LIB_QUANTIZATION_OBSERVERSTATE_H
