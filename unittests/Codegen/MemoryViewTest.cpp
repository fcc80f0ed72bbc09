// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "MemoryView.h"
#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace quantc;

namespace {

View makeView(ArrayRef<int64_t> shape) {
  View view;
  view.shape.assign(shape.begin(), shape.end());
  view.strides = View::identityStrides(shape);
  return view;
}

/// The elements of a view, in order.
std::vector<int64_t> elements(const View &view) {
  std::vector<int64_t> result{view.offset};
  for (auto [size, stride] : llvm::zip_equal(view.shape, view.strides)) {
    std::vector<int64_t> next;
    for (int64_t base : result)
      for (int64_t i = 0; i < size; ++i)
        next.push_back(base + i * stride);
    result = std::move(next);
  }
  return result;
}

TEST(MemoryView, Window) {
  View window = makeView({4, 6, 8}).window({1, 2, 0}, {2, 3, 8});
  EXPECT_EQ(window.offset, 64);
  EXPECT_FALSE(window.isContiguous());
  EXPECT_EQ(window.extent(), 48 + 16 + 8);
  EXPECT_TRUE(makeView({4, 6, 8}).window({2, 0, 0}, {1, 6, 8}).isContiguous());
}

TEST(MemoryView, StridesOfOneElementMeanNothing) {
  View a = makeView({1, 4, 8}), b = a;
  b.strides[0] = 999;
  EXPECT_TRUE(a == b);
  EXPECT_TRUE(b.isContiguous());
  b.strides[1] = 9;
  EXPECT_FALSE(a == b);
}

TEST(MemoryView, ReshapesKeepTheElements) {
  const View views[] = {
      makeView({4, 6, 8}),
      makeView({4, 6, 8}).window({0, 1, 0}, {4, 3, 8}),
      makeView({4, 6, 8}).window({1, 0, 0}, {2, 6, 8}),
      makeView({4, 6, 8}).window({0, 0, 2}, {4, 6, 1}),
      makeView({1, 24, 8}),
  };
  const SmallVector<int64_t> shapes[] = {
      {192},   {24, 8}, {4, 48},      {2, 2, 6, 8}, {4, 1, 6, 8},
      {96},    {12, 8}, {4, 3, 2, 4}, {4, 24},      {4, 3, 8, 1},
      {2, 48}, {4, 6},  {24},         {1, 4, 6, 1}, {1, 1, 192}};
  unsigned expressible = 0, refused = 0;
  for (const View &view : views)
    for (const auto &shape : shapes) {
      if (ShapedType::getNumElements(shape) != int64_t(elements(view).size()))
        continue;
      std::optional<View> reshaped = view.reshaped(shape);
      if (!reshaped) {
        ++refused;
        EXPECT_FALSE(view.isContiguous());
        continue;
      }
      ++expressible;
      EXPECT_EQ(elements(*reshaped), elements(view));
      EXPECT_EQ(reshaped->shape, shape);
      // What is loaded as vectors lies together.
      EXPECT_TRUE(shape.back() == 1 || reshaped->strides.back() == 1);
    }
  EXPECT_GE(expressible, 12u);
  EXPECT_GE(refused, 3u);
}

TEST(MemoryView, Scalars) {
  View scalar = makeView({});
  EXPECT_EQ(scalar.extent(), 1);
  EXPECT_TRUE(scalar.reshaped({1, 1}).has_value());
  EXPECT_TRUE(makeView({1, 1}).reshaped({}).has_value());
}

} // namespace
