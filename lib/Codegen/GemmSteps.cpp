// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "GemmSteps.h"
#include "MatrixSteps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "quantc/Dialect/Dot/IR/Dot.h"

using namespace mlir;
using namespace quantc;

GemmSteps::Sums GemmSteps::emit(AtFn at, Value first, int64_t count,
                                ValueRange carried) {
  Sums acc(carried);
  if (shape.isFloat) {
    for (int64_t i = 0; i < count; ++i) {
      // LLVM would begin with the loads of all, in more registers than there
      // are.
      if (i > 0)
        dot::ScheduleBarrierOp::create(b, loc);
      addFloats(at, i, loadColumns(kernel.add(first, i)), acc);
    }
    return acc;
  }
  if (shape.form == DotForm::Single) {
    addSingle(at, loadColumns(first), acc);
    return acc;
  }
  Type element = cast<MemRefType>(input.getType()).getElementType();
  auto loadType = VectorType::get({count * shape.group}, element);
  auto load = [&](int64_t row) -> Value {
    return vector::LoadOp::create(b, loc, loadType, input, at(row));
  };
  if (shape.isMatrix()) {
    int64_t blocks = place.vectors * shape.lanes / 2;
    auto weight = [&](int64_t i) {
      return loadWeights(kernel.add(first, i / blocks), i % blocks);
    };
    emitMatrixSteps(kernel, shape, {place.rows(), place.vectors}, count, load,
                    weight, acc);
    return acc;
  }
  if (count == 1) {
    Sums columns = loadColumns(first);
    for (int64_t row = 0; row < place.rows(); ++row)
      addGroup(load(row), 0, columns, row, acc);
    return acc;
  }
  SmallVector<Value> loaded;
  for (int64_t row = 0; row < place.rows(); ++row)
    loaded.push_back(load(row));
  for (int64_t i = 0; i < count; ++i) {
    Sums columns = loadColumns(kernel.add(first, i));
    for (int64_t row = 0; row < place.rows(); ++row)
      addGroup(loaded[row], i, columns, row, acc);
  }
  return acc;
}

Value GemmSteps::loadWeights(Value step, int64_t i) {
  auto type = cast<MemRefType>(weights.getType());
  auto loadType = VectorType::get({type.getDimSize(3)}, type.getElementType());
  Value loaded = vector::LoadOp::create(
      b, loc, loadType, weights,
      ValueRange{place.panel, step, kernel.index(i), kernel.index(0)});
  if (shape.isFloat || shape.form != DotForm::Pairs)
    return loaded;
  // What is multiplied as words is extended as it is loaded, which takes no
  // time beside the products and half the memory.
  return arith::ExtSIOp::create(b, loc, loadType.clone(b.getI16Type()), loaded);
}

GemmSteps::Sums GemmSteps::loadColumns(Value step) {
  Sums columns;
  for (int64_t v = 0; v < place.vectors; ++v)
    columns.push_back(loadWeights(step, v));
  return columns;
}

void GemmSteps::addFloats(AtFn at, int64_t position, ArrayRef<Value> columns,
                          Sums &acc) {
  auto lanes = VectorType::get({shape.lanes}, b.getF32Type());
  for (int64_t row = 0; row < place.rows(); ++row) {
    SmallVector<Value> indices = at(row);
    indices.back() = kernel.add(indices.back(), position);
    Value scalar = memref::LoadOp::create(b, loc, input, indices);
    Value value = vector::BroadcastOp::create(b, loc, lanes, scalar);
    for (auto [v, column] : llvm::enumerate(columns)) {
      Value &sum = acc[row * place.vectors + v];
      sum = math::FmaOp::create(b, loc, value, column, sum);
    }
  }
}

void GemmSteps::addGroup(Value activations, int64_t position,
                         ArrayRef<Value> columns, int64_t row, Sums &acc) {
  Value group = kernel.broadcastGroup(activations, position);
  kernel.accumulate(
      group, columns,
      MutableArrayRef(acc).slice(row * place.vectors, place.vectors));
}

void GemmSteps::addSingle(AtFn at, ArrayRef<Value> columns, Sums &acc) {
  auto narrow = VectorType::get({shape.lanes}, b.getI16Type());
  auto wide = VectorType::get({shape.lanes}, b.getI32Type());
  SmallVector<Value> words;
  for (Value column : columns)
    words.push_back(arith::ExtSIOp::create(b, loc, wide, column));
  for (int64_t row = 0; row < place.rows(); ++row) {
    Value scalar = memref::LoadOp::create(b, loc, input, at(row));
    scalar = arith::ExtSIOp::create(b, loc, b.getI16Type(), scalar);
    Value value = vector::BroadcastOp::create(b, loc, narrow, scalar);
    value = arith::ExtSIOp::create(b, loc, wide, value);
    for (auto [v, column] : llvm::enumerate(words)) {
      Value &sum = acc[row * place.vectors + v];
      Value product = arith::MulIOp::create(b, loc, value, column);
      sum = arith::AddIOp::create(b, loc, sum, product);
    }
  }
}
