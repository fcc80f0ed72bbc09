// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "MemoryView.h"

using namespace mlir;
using namespace quantc;

int64_t quantc::getElementBytes(Type type) {
  return llvm::divideCeil(type.getIntOrFloatBitWidth(), 8);
}

/// Strides of dimensions of one element mean nothing.
static bool equalStrides(ArrayRef<int64_t> shape, ArrayRef<int64_t> a,
                         ArrayRef<int64_t> b) {
  return llvm::all_of(llvm::zip_equal(shape, a, b), [](auto dim) {
    auto [size, left, right] = dim;
    return size == 1 || left == right;
  });
}

bool View::operator==(const View &other) const {
  return buffer == other.buffer && offset == other.offset &&
         shape == other.shape && equalStrides(shape, strides, other.strides);
}

SmallVector<int64_t> View::identityStrides(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> strides(shape.size(), 1);
  for (int64_t i = int64_t(shape.size()) - 2; i >= 0; --i)
    strides[i] = strides[i + 1] * shape[i + 1];
  return strides;
}

bool View::isContiguous() const {
  return equalStrides(shape, strides, identityStrides(shape));
}

int64_t View::extent() const {
  int64_t last = 0;
  for (auto [size, stride] : llvm::zip_equal(shape, strides))
    last += (size - 1) * stride;
  return last + 1;
}

View View::window(ArrayRef<int64_t> offsets, ArrayRef<int64_t> sizes) const {
  View view = *this;
  view.shape = SmallVector<int64_t>(sizes);
  for (auto [o, stride] : llvm::zip_equal(offsets, strides))
    view.offset += o * stride;
  return view;
}

std::optional<View> View::reshaped(ArrayRef<int64_t> newShape) const {
  // Merge dimensions that are contiguous with their successor, then split.
  SmallVector<std::pair<int64_t, int64_t>> runs; // size, stride
  for (auto [size, stride] : llvm::zip_equal(shape, strides)) {
    if (size == 1)
      continue;
    if (!runs.empty() && runs.back().second == stride * size)
      runs.back() = {runs.back().first * size, stride};
    else
      runs.push_back({size, stride});
  }
  View view = *this;
  view.shape = SmallVector<int64_t>(newShape);
  view.strides.assign(newShape.size(), 1);
  int64_t run = int64_t(runs.size()) - 1, taken = 1;
  for (int64_t i = int64_t(newShape.size()) - 1; i >= 0; --i) {
    if (newShape[i] == 1) {
      view.strides[i] = i + 1 < int64_t(newShape.size())
                            ? view.strides[i + 1] * newShape[i + 1]
                            : 1;
      continue;
    }
    if (run >= 0 && taken == runs[run].first) {
      --run;
      taken = 1;
    }
    if (run < 0 || runs[run].first % (taken * newShape[i]) != 0)
      return std::nullopt;
    view.strides[i] = runs[run].second * taken;
    taken *= newShape[i];
  }
  if (!newShape.empty() && newShape.back() != 1 && view.strides.back() != 1)
    return std::nullopt;
  return view;
}
