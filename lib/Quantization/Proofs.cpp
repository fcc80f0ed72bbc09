// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Quantization/Proofs.h"
#include <algorithm>

using namespace quantc;
using namespace llvm;

QuantRange quantc::accumulatorBounds(ArrayRef<int8_t> weights,
                                     QuantRange activations, int64_t bias) {
  // Each product is linear in its activation, and the activations are
  // independent: the ends of the range give the ends of the sum.
  int64_t positive = 0, negative = 0;
  for (int64_t weight : weights)
    (weight > 0 ? positive : negative) += weight;
  return {bias + positive * activations.min + negative * activations.max,
          bias + positive * activations.max + negative * activations.min};
}

bool quantc::fitsInt32(QuantRange bounds) {
  return bounds.min >= INT32_MIN && bounds.max <= INT32_MAX;
}

bool quantc::productSumsFitInt16(ArrayRef<int8_t> weights,
                                 QuantRange activations, int64_t groupSize) {
  for (; !weights.empty(); weights = weights.drop_front(
                               std::min<size_t>(groupSize, weights.size()))) {
    QuantRange sum =
        accumulatorBounds(weights.take_front(groupSize), activations);
    if (sum.min < INT16_MIN || sum.max > INT16_MAX)
      return false;
  }
  return true;
}

bool quantc::allProductSumsFitInt16(ArrayRef<int8_t> weights, int64_t rowLength,
                                    QuantRange activations, int64_t groupSize) {
  for (; !weights.empty(); weights = weights.drop_front(
                               std::min<size_t>(rowLength, weights.size())))
    if (!productSumsFitInt16(weights.take_front(rowLength), activations,
                             groupSize))
      return false;
  return true;
}
