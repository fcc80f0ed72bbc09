// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Winograd.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace quantc;

// s = (2, 2, 2, 2): S is 2, Aᵀ stays, and S² is 4.
static constexpr std::array<int8_t, 3> kRows2[] = {
    {2, 0, 0}, {1, 1, 1}, {1, -1, 1}, {0, 0, 2}};
static constexpr int8_t kFirst2[] = {0, 0, 0, 1};
// s = (4, 6, 6, 24, 24, 1): S is 24, and S² is 9 · 2^6.
static constexpr std::array<int8_t, 3> kRows4[] = {
    {1, 0, 0}, {-1, -1, -1}, {-1, 1, -1}, {1, 2, 4}, {1, -2, 4}, {0, 0, 1}};
static constexpr int8_t kFirst4[] = {0, 0, 0, 0, 0, 3};

// F(2, 2) on points 0, 1 and ∞ needs no division: y0 = m0 + m1, y1 = m∞ + m1.
// The odd columns' products go with m0 and m∞.
static constexpr std::array<int8_t, 3> kStrided[] = {
    {1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {0, 1, 0}, {1, 0, 1}};
static constexpr int8_t kStridedFirst[] = {0, 1, 0};

static constexpr WinogradForm kForms[] = {
    {1, 2, kRows2, 0, kFirst2, 64, 72, 1, 2},
    {1, 4, kRows4, 0, kFirst4, 340, 360, 954437177, 6},
    {2, 2, kStrided, 2, kStridedFirst, 90, 44, 1, 0},
};

/// What sums take of the stack, unless those of a register's tiles take more.
static constexpr int64_t kSumBytes = 48 * 1024;

int64_t WinogradForm::positionOf(int64_t i, int64_t j) const {
  int64_t a = sumOf(i), b = sumOf(j);
  int64_t rows = firstProductOf(a), columns = firstProductOf(b);
  return rows * width() + productsOf(a) * columns + (i - rows) * productsOf(b) +
         j - columns;
}

ArrayRef<WinogradForm> quantc::getWinogradForms() { return kForms; }

const WinogradForm &quantc::getWinogradForm(int64_t stride, int64_t pixels) {
  return *llvm::find_if(kForms, [&](const WinogradForm &form) {
    return form.stride == stride && form.pixels == pixels;
  });
}

int64_t quantc::evenPart(int64_t total, int64_t most) {
  return llvm::divideCeil(total, llvm::divideCeil(total, most));
}

/// The sums of a tile and the columns of a product.
static int64_t getSumBytes(const WinogradForm &form,
                           const TargetDescription &target) {
  return form.sums() * form.sums() * kWinogradVectors * target.lanes * 4;
}

int64_t quantc::winogradRows(const TargetDescription &target) {
  int64_t rows = 1;
  for (const RegisterTile &tile : target.integerTiles)
    if (tile.vectors == kWinogradVectors)
      rows = std::max(rows, tile.rows);
  return rows;
}

int64_t quantc::winogradBlock(const WinogradForm &form,
                              const TargetDescription &target, int64_t tiles) {
  int64_t rows = evenPart(tiles, winogradRows(target));
  int64_t most =
      std::max<int64_t>(kSumBytes / getSumBytes(form, target) / rows, 1);
  return std::min<int64_t>(tiles, most * rows);
}

SmallVector<int16_t> quantc::transformFilters(const WinogradForm &form,
                                              ArrayRef<int8_t> filters,
                                              int64_t columns,
                                              int64_t channels) {
  int64_t width = form.width();
  SmallVector<int16_t> result(form.products() * channels * columns);
  for (int64_t i = 0; i < width; ++i)
    for (int64_t j = 0; j < width; ++j) {
      int64_t to = form.positionOf(i, j) * channels * columns;
      for (int64_t n = 0; n < columns; ++n)
        for (int64_t c = 0; c < channels; ++c) {
          int sum = 0;
          for (int64_t y = 0; y < 3; ++y)
            for (int64_t x = 0; x < 3; ++x)
              sum += form.filterRows[i][y] * form.filterRows[j][x] *
                     filters[((n * 3 + y) * 3 + x) * channels + c];
          result[to + c * columns + n] = sum;
        }
    }
  return result;
}

namespace {

struct Arithmetic {
  OpBuilder &b;
  Location loc;

  Value add(Value x, Value y) { return arith::AddIOp::create(b, loc, x, y); }
  Value sub(Value x, Value y) { return arith::SubIOp::create(b, loc, x, y); }
  /// x · 2^bits.
  Value shift(Value x, int64_t bits) {
    auto type = cast<VectorType>(x.getType());
    Value amount = arith::ConstantOp::create(
        b, loc,
        DenseElementsAttr::get(type,
                               b.getIntegerAttr(type.getElementType(), bits)));
    return arith::ShLIOp::create(b, loc, x, amount);
  }
  Value twice(Value x) { return add(x, x); }
};

} // namespace

SmallVector<Value> quantc::transformInput(OpBuilder &builder, Location loc,
                                          const WinogradForm &form,
                                          ValueRange d) {
  Arithmetic a{builder, loc};
  if (form.stride == 2)
    return {a.sub(d[0], d[2]), d[1], a.sub(d[4], d[2]), d[3], d[2]};
  if (form.pixels == 2)
    // 1 0 -1 0 | 0 1 1 0 | 0 -1 1 0 | 0 1 0 -1
    return {a.sub(d[0], d[2]), a.add(d[1], d[2]), a.sub(d[2], d[1]),
            a.sub(d[1], d[3])};
  // 4 0 -5 0 1 0 | 0 -4 -4 1 1 0 | 0 4 -4 -1 1 0
  // 0 -2 -1 2 1 0 | 0 2 -1 -2 1 0 | 0 4 0 -5 0 1
  Value even = a.sub(d[4], d[2]), odd = a.twice(a.sub(d[3], d[1]));
  Value even4 = a.sub(d[4], a.shift(d[2], 2)),
        odd4 = a.sub(d[3], a.shift(d[1], 2));
  return {a.add(a.shift(a.sub(d[0], d[2]), 2), even),
          a.add(even4, odd4),
          a.sub(even4, odd4),
          a.add(even, odd),
          a.sub(even, odd),
          a.sub(a.sub(d[5], d[3]), a.twice(odd))};
}

SmallVector<Value> quantc::transformOutput(OpBuilder &builder, Location loc,
                                           const WinogradForm &form,
                                           ValueRange m) {
  Arithmetic a{builder, loc};
  auto thrice = [&](Value x) { return a.add(a.twice(x), x); };
  if (form.stride == 2)
    return {a.add(m[0], m[2]), a.add(m[1], m[2])};
  if (form.pixels == 2)
    // 1 1 1 0 | 0 1 -1 -1
    return {a.add(a.add(m[0], m[1]), m[2]), a.sub(a.sub(m[1], m[2]), m[3])};
  // 1 1 1 1 1 0 | 0 1 -1 2 -2 0 | 0 1 1 4 4 0 | 0 1 -1 8 -8 1, whose columns
  // are multiplied by 6 4 4 1 1 24
  Value sum = a.add(m[1], m[2]), difference = a.sub(m[1], m[2]);
  Value sum4 = a.add(m[3], m[4]), difference4 = a.sub(m[3], m[4]);
  Value six0 = a.twice(thrice(m[0])), six5 = a.twice(thrice(m[5]));
  return {a.add(a.add(six0, sum4), a.shift(sum, 2)),
          a.twice(a.add(a.twice(difference), difference4)),
          a.shift(a.add(sum, sum4), 2),
          a.shift(a.add(a.add(difference, a.twice(difference4)), six5), 2)};
}
