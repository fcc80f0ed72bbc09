// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Pairs of rows are made of whole loads: `count` loads and as many shuffles for
// `count` steps of two rows. They stay in registers while the weights pass by.
// A tile of 6 × 4 leaves eight registers for both, which LLVM's schedulers
// exceed, so the order is written here and held.

#include "MatrixSteps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "quantc/Dialect/Dot/IR/Dot.h"

using namespace mlir;
using namespace quantc;

/// With so many registers for weights LLVM finds an order of its own, and loads
/// them in pairs.
static constexpr int64_t kEnoughRegisters = 9;

/// Loads nothing more, and shuffles nothing that passes here, before these
/// values are there.
static void hold(KernelBuilder &kernel,
                 ArrayRef<MutableArrayRef<Value>> ranges) {
  SmallVector<Value> values;
  for (MutableArrayRef<Value> range : ranges)
    llvm::append_range(values, range);
  auto barrier =
      dot::ScheduleBarrierOp::create(kernel.builder, kernel.loc, values);
  auto result = barrier.result_begin();
  for (MutableArrayRef<Value> range : ranges)
    for (Value &value : range)
      value = *result++;
}

void quantc::emitMatrixSteps(KernelBuilder &kernel, const GemmShape &shape,
                             RegisterTile tile, int64_t count,
                             function_ref<Value(int64_t)> loadRow,
                             function_ref<Value(int64_t)> loadBlock,
                             MutableArrayRef<Value> acc) {
  OpBuilder &b = kernel.builder;
  int64_t group = shape.group, columns = tile.vectors * shape.lanes / 2;
  int64_t blocks = count * columns, pairs = llvm::divideCeil(tile.rows, 2);
  int64_t free = kernel.target.registers - pairs * (columns + count);
  // Without a loop over K, weights are constants of the loop along pixels.
  bool isHeld = !shape.writesOutRun() && free < kEnoughRegisters;

  SmallVector<Value> loaded, weights;
  for (int64_t row = 0; row < tile.rows; ++row)
    loaded.push_back(loadRow(row));
  SmallVector<SmallVector<Value>> rowPairs(pairs); // [pair][step]
  MutableArrayRef<Value> rest(loaded);
  for (SmallVector<Value> &pair : rowPairs) {
    pair.resize(count);
    // Only the first step, made last, takes the register of its row.
    for (int64_t i = count - 1; i >= 0; --i) {
      auto mask = llvm::to_vector(llvm::seq(i * group, (i + 1) * group));
      llvm::append_range(
          mask, llvm::seq((count + i) * group, (count + i + 1) * group));
      // The last of an odd number of rows is computed twice.
      Value second = rest[rest.size() > 1 ? 1 : 0];
      pair[i] = vector::ShuffleOp::create(b, kernel.loc, rest[0], second, mask);
      if (i == 0)
        rest = rest.drop_front(std::min<size_t>(rest.size(), 2));
      if (rest.empty())
        weights.push_back(loadBlock(0));
      if (isHeld)
        hold(kernel, {MutableArrayRef(pair).drop_front(i), rest});
    }
  }
  // Weights are loaded while others are multiplied.
  for (int64_t i = 0; i < blocks; ++i) {
    int64_t loadedBy = std::min(i + std::max<int64_t>(free, 2), blocks);
    while (int64_t(weights.size()) < loadedBy)
      weights.push_back(loadBlock(weights.size()));
    SmallVector<Value> sums;
    for (int64_t pair = 0; pair < pairs; ++pair) {
      Value sum = acc[pair * columns + i % columns];
      sums.push_back(dot::MatmulOp::create(b, kernel.loc, sum.getType(), sum,
                                           rowPairs[pair][i / columns],
                                           weights[i]));
    }
    if (isHeld)
      hold(kernel, {sums});
    for (int64_t pair = 0; pair < pairs; ++pair)
      acc[pair * columns + i % columns] = sums[pair];
  }
}
