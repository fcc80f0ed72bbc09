// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "DepthwiseShape.h"

using namespace llvm;
using namespace quantc;

void DepthwiseShape::forEachBlock(
    function_ref<void(int64_t, int64_t)> body) const {
  int64_t first = 0;
  for (int64_t size = blockChannels(); size >= leastChannels(); size /= 2)
    for (; first + size <= packedChannels(); first += size)
      body(first, size);
}

SmallVector<int64_t> DepthwiseShape::laneOrder(int64_t size) const {
  int64_t registers = registersOf(size);
  if (registers == 1)
    return to_vector(seq<int64_t>(0, size));
  // Each 16 bytes of a row give 16 bytes to each register.
  int64_t chunk = leastChannels(), perRegister = chunk / registers;
  SmallVector<int64_t> order;
  for (int64_t reg = 0; reg < registers; ++reg)
    for (int64_t base = 0; base < size; base += chunk)
      for (int64_t i = 0; i < perRegister; ++i)
        order.push_back(base + reg * perRegister + i);
  return order;
}

SmallVector<int64_t> DepthwiseShape::channelOrder() const {
  SmallVector<int64_t> order;
  forEachBlock([&](int64_t first, int64_t size) {
    for (int64_t channel : laneOrder(size))
      order.push_back(first + channel);
  });
  return order;
}

void DepthwiseShape::takeBack(MutableArrayRef<int32_t> starts,
                              ArrayRef<int8_t> weights, int32_t offset) const {
  for (auto [i, weight] : enumerate(weights)) {
    int32_t &start = starts[i % channels];
    start = static_cast<int32_t>(static_cast<uint32_t>(start) -
                                 uint32_t(offset * weight));
  }
}
