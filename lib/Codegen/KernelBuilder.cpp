// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "KernelBuilder.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Support/DebugStringHelper.h"
#include "quantc/Dialect/Dot/IR/Dot.h"
#include "quantc/Dialect/Quantc/IR/ConstantUtils.h"

using namespace mlir;
using namespace quantc;

KernelBuilder::KernelBuilder(func::FuncOp spec, const TargetDescription &target,
                             const Tuning &tuning)
    : builder(spec), loc(spec.getLoc()), target(target), tuning(tuning),
      spec(spec) {
  SmallVector<Type> types;
  for (Type type : spec.getArgumentTypes()) {
    // Constants are laid out later; row-major unless packing says otherwise.
    if (auto tensor = dyn_cast<RankedTensorType>(type))
      type = MemRefType::get(tensor.getShape(), tensor.getElementType());
    types.push_back(type);
  }
  kernel = func::FuncOp::create(builder, loc, spec.getSymName(),
                                builder.getFunctionType(types, {}));
  kernel.setPrivate();
  builder.setInsertionPointToStart(kernel.addEntryBlock());
  for (auto op : spec.getBody()
                     .front()
                     .getOps<bufferization::MaterializeInDestinationOp>()) {
    root = op.getSource();
    destination = getMemRef(op.getDest());
  }
}

Value KernelBuilder::getMemRef(Value value) {
  if (auto toTensor = value.getDefiningOp<bufferization::ToTensorOp>())
    value = toTensor.getBuffer();
  if (auto argument = dyn_cast<BlockArgument>(value))
    if (argument.getOwner() == &spec.getBody().front())
      return kernel.getArgument(argument.getArgNumber());
  return {};
}

int64_t KernelBuilder::wordsOfProducts() const {
  int64_t words = 0;
  func::FuncOp(spec).walk([&](arith::MulSIExtendedOp op) {
    words = std::max<int64_t>(words, op.getLow().use_empty() ? 1 : 2);
  });
  return words;
}

KernelTile KernelBuilder::chooseTile(KernelClass about, Value input,
                                     function_ref<KernelTile()> byCost) {
  about.input = debugString(getElementTypeOrSelf(input.getType()));
  about.result = debugString(getElementTypeOrSelf(root.getType()));
  const KernelTile *tuned = tuning.find(target, about);
  KernelTile tile = tuned ? *tuned : byCost();
  setTileAttributes(kernel, about, tile);
  return tile;
}

Value KernelBuilder::addArgument(Type type, ArgumentSource source) {
  added.push_back(std::move(source));
  return kernel.getBody().front().addArgument(type, loc);
}

Value KernelBuilder::addPacked(MemRefType type, Packing packing) {
  return addArgument(type, {0, std::move(packing), std::nullopt});
}

SmallVector<KernelBuilder::ArgumentSource> KernelBuilder::finish() {
  Block &body = kernel.getBody().front();
  SmallVector<ArgumentSource> sources;
  llvm::BitVector unused(body.getNumArguments());
  unsigned specArguments = spec.getNumArguments();
  for (BlockArgument argument : body.getArguments()) {
    unsigned i = argument.getArgNumber();
    if (argument.use_empty())
      unused.set(i);
    else if (i < specArguments)
      sources.push_back({i, nullptr, std::nullopt});
    else
      sources.push_back(added[i - specArguments]);
  }
  body.eraseArguments(unused);
  kernel.setType(builder.getFunctionType(body.getArgumentTypes(), {}));
  for (BlockArgument argument : body.getArguments())
    if (isa<MemRefType>(argument.getType()))
      kernel.setArgAttr(argument.getArgNumber(), "llvm.noalias",
                        builder.getUnitAttr());
  if (parts)
    kernel->setAttr("quantc.max_parts",
                    builder.getI64IntegerAttr(std::min(maxParts, mostUnits)));
  return sources;
}

Value KernelBuilder::index(int64_t value) {
  return arith::ConstantIndexOp::create(builder, loc, value);
}

Value KernelBuilder::add(Value a, int64_t constant) {
  return constant ? add(a, index(constant)) : a;
}

Value KernelBuilder::add(Value a, Value other) {
  return arith::AddIOp::create(builder, loc, a, other);
}

Value KernelBuilder::scale(Value a, int64_t factor) {
  return factor == 1 ? a
                     : arith::MulIOp::create(builder, loc, a, index(factor))
                           .getResult();
}

Value KernelBuilder::broadcastGroup(Value activations, int64_t position) {
  auto loaded = cast<VectorType>(activations.getType());
  int64_t group = 32 / loaded.getElementTypeBitWidth();
  Type i32 = builder.getI32Type();
  auto words = VectorType::get({loaded.getNumElements() / group}, i32);
  Value word = vector::BitCastOp::create(builder, loc, words, activations);
  word = vector::ExtractOp::create(builder, loc, word, position);
  auto lanes = VectorType::get({target.lanes}, i32);
  word = vector::BroadcastOp::create(builder, loc, lanes, word);
  auto type = VectorType::get({target.lanes * group}, loaded.getElementType());
  return vector::BitCastOp::create(builder, loc, type, word);
}

void KernelBuilder::accumulate(Value group, ValueRange weights,
                               MutableArrayRef<Value> sums) {
  auto dot = [&](Value sum, Value weight) -> Value {
    return dot::AccumulateOp::create(builder, loc, sum.getType(), sum, group,
                                     weight, target.lhsOffset,
                                     target.saturates);
  };
  if (target.dotForm != DotForm::Pairs || sums.size() == 1) {
    for (auto [sum, weight] : llvm::zip_equal(sums, weights))
      sum = dot(sum, weight);
    return;
  }
  // Products first: an addition behind each one takes the place of the next
  // product, which only two of Zen's four units can form.
  SmallVector<Value> products;
  Value zero = arith::ConstantOp::create(
      builder, loc, builder.getZeroAttr(sums[0].getType()));
  for (Value weight : weights)
    products.push_back(dot(zero, weight));
  dot::ScheduleBarrierOp::create(builder, loc);
  for (auto [sum, product] : llvm::zip_equal(sums, products))
    sum = arith::AddIOp::create(builder, loc, sum, product);
}

Value KernelBuilder::load(Value memref, ValueRange indices, int64_t width) {
  auto type = VectorType::get(
      {width}, cast<MemRefType>(memref.getType()).getElementType());
  return vector::LoadOp::create(builder, loc, type, memref, indices);
}

SmallVector<Value> KernelBuilder::transposeSquare(SmallVector<Value> rows) {
  int64_t size = rows.size();
  // Interleaving the first half with the second takes the highest bit of a
  // row's number to be the lowest of the column's.
  for (int64_t done = 1; done < size; done *= 2) {
    SmallVector<Value> next;
    for (int64_t i = 0; i < size / 2; ++i)
      for (int64_t half : {0, 1}) {
        SmallVector<int64_t> mask;
        for (int64_t j = half * size / 2; j < (half + 1) * size / 2; ++j)
          llvm::append_values(mask, j, size + j);
        next.push_back(vector::ShuffleOp::create(builder, loc, rows[i],
                                                 rows[i + size / 2], mask));
      }
    rows = std::move(next);
  }
  return rows;
}

void KernelBuilder::store(Value vector, Value memref, ArrayRef<Value> indices) {
  auto type = cast<VectorType>(vector.getType());
  if (type.getNumElements() != 3 || !type.getElementType().isInteger(8)) {
    vector::StoreOp::create(builder, loc, vector, memref, indices);
    return;
  }
  // Of three bytes truncated from 64 bits, LLVM 22 stores two on AArch64.
  auto part = [&](int64_t offset, int64_t size) -> Value {
    return vector::ExtractStridedSliceOp::create(
        builder, loc, vector, ArrayRef<int64_t>{offset},
        ArrayRef<int64_t>{size}, ArrayRef<int64_t>{1});
  };
  SmallVector<Value> last(indices);
  last.back() = arith::AddIOp::create(builder, loc, last.back(), index(2));
  store(part(0, 2), memref, indices);
  store(part(2, 1), memref, last);
}

SmallVector<Value> KernelBuilder::loopCarrying(
    int64_t lower, int64_t upper, int64_t step, ValueRange initial,
    function_ref<SmallVector<Value>(Value, ValueRange)> body) {
  if (upper <= lower)
    return SmallVector<Value>(initial);
  if (upper - lower <= step)
    return body(index(lower), initial);
  auto forOp = scf::ForOp::create(
      builder, loc, index(lower), index(upper), index(step), initial,
      [&](OpBuilder &nested, Location loc, Value iv, ValueRange carried) {
        OpBuilder::InsertionGuard guard(builder);
        builder.setInsertionPoint(nested.getInsertionBlock(),
                                  nested.getInsertionPoint());
        SmallVector<Value> results = body(iv, carried);
        scf::YieldOp::create(builder, loc, results);
      });
  builder.setInsertionPointAfter(forOp);
  return SmallVector<Value>(forOp.getResults());
}
