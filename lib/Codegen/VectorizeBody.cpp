// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Values of a kernel's specification at a point: linalg bodies on vectors.

#include "KernelBuilder.h"
#include "mlir/Dialect/Affine/Utils.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "quantc/Dialect/Dot/IR/Dot.h"
#include "quantc/Dialect/Quantc/IR/ConstantUtils.h"

using namespace mlir;
using namespace quantc;

/// Reductions of up to this many steps are unrolled (7 × 7 windows).
static constexpr int64_t kMaxUnrolledSteps = 49;

/// The lookup of a table that the body captures.
static bool isTableLookup(Operation &op) {
  auto extract = dyn_cast<tensor::ExtractOp>(op);
  return extract && extract.getIndices().size() == 1;
}

/// The byte q of a lookup in a table of 256 bytes by q + 128, if it is one.
static Value getLookedUpByte(tensor::ExtractOp lookup) {
  auto table = lookup.getTensor().getType();
  auto sum = lookup.getIndices()[0].getDefiningOp<arith::AddIOp>();
  if (table.getShape() != ArrayRef<int64_t>{256} ||
      !table.getElementType().isInteger(8) || !sum ||
      getConstantIntValue(sum.getRhs()) != 128)
    return {};
  auto cast = sum.getLhs().getDefiningOp<arith::IndexCastOp>();
  return cast && cast.getIn().getType().isInteger(8) ? cast.getIn() : Value();
}

/// Whether `index` is the same for all lanes along `laneDim`: arithmetic on
/// operands that don't depend on it, constants and other loops' indices.
static bool isUniform(linalg::LinalgOp op, Value index, unsigned laneDim) {
  if (auto argument = dyn_cast<BlockArgument>(index)) {
    OpOperand *operand = op.getMatchingOpOperand(argument);
    return op.isDpsInput(operand) &&
           !op.getMatchingIndexingMap(operand).isFunctionOfDim(laneDim);
  }
  Operation *def = index.getDefiningOp();
  if (auto loop = dyn_cast<linalg::IndexOp>(def))
    return loop.getDim() != laneDim;
  return isa<arith::ArithDialect>(def->getDialect()) &&
         llvm::all_of(def->getOperands(), [&](Value operand) {
           return isUniform(op, operand, laneDim);
         });
}

/// A read of as many neighbours as there are lanes, of a tensor in memory that
/// the body captures.
static bool isContiguousRead(linalg::LinalgOp op, Operation &inner) {
  auto extract = dyn_cast<tensor::ExtractOp>(inner);
  if (!extract || isTableLookup(inner) || extract.getIndices().empty())
    return false;
  AffineMap outMap = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  unsigned laneDim = outMap.getDimPosition(outMap.getNumResults() - 1);
  // The index along a dimension of size 1 is folded to a constant.
  Value index = extract.getIndices().back();
  auto last = index.getDefiningOp<linalg::IndexOp>();
  bool isLane = last ? last.getDim() == laneDim
                     : op.getStaticLoopRanges()[laneDim] == 1 &&
                           isUniform(op, index, laneDim);
  return isLane &&
         llvm::all_of(extract.getIndices().drop_back(), [&](Value index) {
           return isUniform(op, index, laneDim);
         });
}

/// What computes indices of such reads alone.
static bool isIndexOnly(linalg::LinalgOp op, Operation &inner) {
  return inner.getNumResults() == 1 && inner.getResult(0).getType().isIndex() &&
         llvm::all_of(inner.getUsers(), [&](Operation *user) {
           return isContiguousRead(op, *user) || isIndexOnly(op, *user);
         });
}

/// Whether results are the accumulator's loop dimensions, in order.
static bool isProjection(AffineMap map) {
  return map.isProjectedPermutation() && !map.getResults().empty();
}

bool PointEvaluator::canEvaluate(Value value, Value known) {
  Operation *op = value.getDefiningOp();
  if (!op || value == known ||
      isa<bufferization::ToTensorOp, tensor::EmptyOp>(op))
    return true;
  if (isa<linalg::FillOp>(op))
    return true;
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  if (!linalgOp || op->getNumResults() != 1 || linalgOp.hasDynamicShape())
    return false;
  AffineMap outMap =
      linalgOp.getMatchingIndexingMap(linalgOp.getDpsInitOperand(0));
  if (!isProjection(outMap) ||
      outMap.getNumResults() != linalgOp.getNumParallelLoops())
    return false;
  for (Operation &inner : linalgOp.getBlock()->without_terminator())
    if (!inner.hasTrait<OpTrait::ConstantLike>() && !isTableLookup(inner) &&
        !isContiguousRead(linalgOp, inner) && !isIndexOnly(linalgOp, inner) &&
        !OpTrait::hasElementwiseMappableTraits(&inner))
      return false;
  return llvm::all_of(op->getOperands(), [&](Value operand) {
    return !isa<TensorType>(operand.getType()) || canEvaluate(operand, known);
  });
}

bool PointEvaluator::takesLanesInAnyOrder(Value value) {
  auto op = value.getDefiningOp<linalg::LinalgOp>();
  if (!op || op.getNumReductionLoops() > 0)
    return true;
  AffineMap outMap = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  unsigned laneDim = outMap.getDimPosition(outMap.getNumResults() - 1);
  for (OpOperand &operand : op->getOpOperands()) {
    if (!isa<TensorType>(operand.get().getType()))
      continue;
    AffineMap map = op.getMatchingIndexingMap(&operand);
    bool along = map.getNumResults() > 0 &&
                 map.getResults().back() ==
                     getAffineDimExpr(laneDim, value.getContext()) &&
                 llvm::none_of(map.getResults().drop_back(), [&](AffineExpr e) {
                   return e.isFunctionOfDim(laneDim);
                 });
    if (map.isFunctionOfDim(laneDim) && !along)
      return false;
    if (!takesLanesInAnyOrder(operand.get()))
      return false;
  }
  return llvm::none_of(
      op.getBlock()->without_terminator(),
      [&](Operation &inner) { return isContiguousRead(op, inner); });
}

Value PointEvaluator::getOrdered(Value tensor) {
  auto argument = dyn_cast<BlockArgument>(tensor);
  auto type = dyn_cast<RankedTensorType>(tensor.getType());
  if (!argument || !type || type.getRank() != 1 ||
      !(type.getElementType().isF32() || type.getElementType().isInteger(32)))
    return {};
  Value &memref = ordered[tensor];
  if (memref)
    return memref;
  auto result = type.clone({int64_t(constantOrder.size())});
  memref = kernel.addPacked(
      MemRefType::get(result.getShape(), type.getElementType()),
      [number = argument.getArgNumber(), order = constantOrder,
       result](CallConstants constants) -> ElementsAttr {
        auto arrange = [&](auto values) {
          decltype(values) arranged;
          for (int64_t i : order)
            arranged.push_back(i < int64_t(values.size()) ? values[i] : 0);
          return arranged;
        };
        Attribute source = constants[number];
        if (result.getElementType().isF32())
          return makeElements<float>(
              result, arrange(*readElements<float>(source)), "ordered");
        return makeElements<int32_t>(
            result, arrange(*readElements<int32_t>(source)), "ordered");
      });
  return memref;
}

Value PointEvaluator::evaluate(Value tensor, ArrayRef<Value> indices,
                               int64_t lanes) {
  if (Value value = known.lookup(tensor))
    return value;
  OpBuilder &b = kernel.builder;
  auto type = cast<RankedTensorType>(tensor.getType());
  auto vectorType = VectorType::get({lanes}, type.getElementType());
  if (Value memref = kernel.getMemRef(tensor)) {
    bool isOrdered = laneOrder.size() == size_t(lanes);
    if (Value constant = isOrdered ? getOrdered(tensor) : Value())
      return vector::LoadOp::create(b, kernel.loc, vectorType, constant,
                                    indices);
    Value loaded =
        vector::LoadOp::create(b, kernel.loc, vectorType, memref, indices);
    return isOrdered ? vector::ShuffleOp::create(b, kernel.loc, loaded, loaded,
                                                 laneOrder)
                           .getResult()
                     : loaded;
  }
  if (auto fill = tensor.getDefiningOp<linalg::FillOp>()) {
    Operation *scalar = b.clone(*fill.getInputs()[0].getDefiningOp());
    return vector::BroadcastOp::create(b, kernel.loc, vectorType,
                                       scalar->getResult(0));
  }
  return evaluateOp(tensor.getDefiningOp<linalg::LinalgOp>(), indices, lanes);
}

Value PointEvaluator::evaluateOperand(linalg::LinalgOp op, OpOperand &operand,
                                      ArrayRef<Value> ivs, unsigned dim,
                                      int64_t lanes) {
  OpBuilder &b = kernel.builder;
  if (!isa<TensorType>(operand.get().getType())) {
    Operation *scalar = b.clone(*operand.get().getDefiningOp());
    auto type = VectorType::get({lanes}, scalar->getResult(0).getType());
    return vector::BroadcastOp::create(b, kernel.loc, type,
                                       scalar->getResult(0));
  }
  AffineMap map = op.getMatchingIndexingMap(&operand);
  auto at = [&](ArrayRef<Value> dims) {
    SmallVector<Value> indices;
    for (AffineExpr expr : map.getResults())
      indices.push_back(
          affine::expandAffineExpr(b, kernel.loc, expr, dims, {}));
    return indices;
  };
  unsigned rank = map.getNumResults();
  auto usesLane = [&](AffineExpr expr) { return expr.isFunctionOfDim(dim); };
  auto type =
      VectorType::get({lanes}, getElementTypeOrSelf(operand.get().getType()));
  if (llvm::none_of(map.getResults(), usesLane)) {
    // One element for all lanes.
    Value memref = kernel.getMemRef(operand.get());
    Value scalar =
        memref
            ? memref::LoadOp::create(b, kernel.loc, memref, at(ivs)).getResult()
            : vector::ExtractOp::create(b, kernel.loc,
                                        evaluate(operand.get(), at(ivs), 1), 0)
                  .getResult();
    return vector::BroadcastOp::create(b, kernel.loc, type, scalar);
  }
  bool contiguous = map.getResult(rank - 1) == b.getAffineDimExpr(dim) &&
                    llvm::none_of(map.getResults().drop_back(), usesLane);
  if (contiguous)
    return evaluate(operand.get(), at(ivs), lanes);
  if (Value read = evaluateStrided(op, operand, ivs, dim, lanes))
    return read;
  // Lanes lie apart (a transpose): one at a time.
  Value result = arith::ConstantOp::create(b, kernel.loc, b.getZeroAttr(type));
  for (int64_t lane = 0; lane < lanes; ++lane) {
    SmallVector<Value> dims(ivs);
    dims[dim] =
        arith::AddIOp::create(b, kernel.loc, ivs[dim], kernel.index(lane));
    Value one = vector::ExtractOp::create(
        b, kernel.loc, evaluate(operand.get(), at(dims), 1), 0);
    result = vector::InsertOp::create(b, kernel.loc, one, result, lane);
  }
  return result;
}

Value PointEvaluator::evaluateStrided(linalg::LinalgOp op, OpOperand &operand,
                                      ArrayRef<Value> ivs, unsigned dim,
                                      int64_t lanes) {
  OpBuilder &b = kernel.builder;
  Value memref = kernel.getMemRef(operand.get());
  AffineMap map = op.getMatchingIndexingMap(&operand);
  unsigned rank = map.getNumResults();
  if (!memref || rank < 2)
    return {};
  // [..., lane, constant], of which the last two dimensions are one sequence.
  auto type = cast<MemRefType>(memref.getType());
  auto part = dyn_cast<AffineConstantExpr>(map.getResult(rank - 1));
  int64_t step = type.getDimSize(rank - 1);
  SmallVector<int64_t> strides;
  int64_t offset;
  if (!part || map.getResult(rank - 2) != b.getAffineDimExpr(dim) ||
      llvm::any_of(
          map.getResults().drop_back(2),
          [&](AffineExpr expr) { return expr.isFunctionOfDim(dim); }) ||
      failed(type.getStridesAndOffset(strides, offset)) ||
      strides.back() != 1 || strides[rank - 2] != step || step > 8)
    return {};
  SmallVector<Value> indices;
  for (AffineExpr expr : map.getResults().drop_back())
    indices.push_back(affine::expandAffineExpr(b, kernel.loc, expr, ivs, {}));
  indices.push_back(kernel.index(0));
  auto wide = VectorType::get({lanes * step}, type.getElementType());
  Value all = vector::LoadOp::create(b, kernel.loc, wide, memref, indices);
  SmallVector<int64_t> picked;
  for (int64_t lane = 0; lane < lanes; ++lane)
    picked.push_back(lane * step + part.getValue());
  return vector::ShuffleOp::create(b, kernel.loc, all, all, picked);
}

Value PointEvaluator::evaluateRead(linalg::LinalgOp op,
                                   tensor::ExtractOp extract,
                                   ArrayRef<Value> arguments,
                                   ArrayRef<Value> ivs, int64_t lanes) {
  OpBuilder &b = kernel.builder;
  std::function<Value(Value)> scalar = [&](Value index) -> Value {
    if (auto argument = dyn_cast<BlockArgument>(index))
      return vector::ExtractOp::create(b, kernel.loc,
                                       arguments[argument.getArgNumber()], 0);
    Operation *def = index.getDefiningOp();
    if (auto loop = dyn_cast<linalg::IndexOp>(def))
      return ivs[loop.getDim()];
    IRMapping mapping;
    for (Value operand : def->getOperands())
      mapping.map(operand, scalar(operand));
    return b.clone(*def, mapping)->getResult(0);
  };
  SmallVector<Value> indices =
      llvm::map_to_vector(extract.getIndices(), scalar);
  return vector::LoadOp::create(b, kernel.loc,
                                VectorType::get({lanes}, extract.getType()),
                                kernel.getMemRef(extract.getTensor()), indices);
}

Value PointEvaluator::evaluateBody(linalg::LinalgOp op,
                                   ArrayRef<Value> arguments,
                                   ArrayRef<Value> ivs, int64_t lanes) {
  OpBuilder &b = kernel.builder;
  Location loc = kernel.loc;
  Block *body = op.getBlock();
  IRMapping mapping;
  mapping.map(body->getArguments(), arguments);
  Value accumulator = body->getArguments().back();
  for (Operation &inner : body->without_terminator()) {
    if (isIndexOnly(op, inner))
      continue;
    if (isContiguousRead(op, inner)) {
      auto extract = cast<tensor::ExtractOp>(inner);
      mapping.map(extract.getResult(),
                  evaluateRead(op, extract, arguments, ivs, lanes));
      continue;
    }
    if (isTableLookup(inner)) {
      auto extract = cast<tensor::ExtractOp>(inner);
      Value table = kernel.getMemRef(extract.getTensor());
      if (Value byte = getLookedUpByte(extract)) {
        Value indices = mapping.lookup(byte);
        mapping.map(
            extract.getResult(),
            dot::LookupOp::create(b, loc, indices.getType(), table, indices));
        continue;
      }
      Value positions = mapping.lookup(extract.getIndices()[0]);
      auto type = VectorType::get({lanes}, extract.getType());
      Value result = arith::ConstantOp::create(b, loc, b.getZeroAttr(type));
      for (int64_t lane = 0; lane < lanes; ++lane) {
        Value position = vector::ExtractOp::create(b, loc, positions, lane);
        Value entry = memref::LoadOp::create(b, loc, table, position);
        result = vector::InsertOp::create(b, loc, entry, result, lane);
      }
      mapping.map(extract.getResult(), result);
      continue;
    }
    if (auto constant = dyn_cast<arith::ConstantOp>(inner)) {
      auto type = VectorType::get({lanes}, constant.getType());
      mapping.map(
          constant.getResult(),
          arith::ConstantOp::create(
              b, loc, DenseElementsAttr::get(type, constant.getValue())));
      continue;
    }
    // Semantics: one FMA per step of a float reduction, in K order.
    if (auto add = dyn_cast<arith::AddFOp>(inner)) {
      auto product = add.getRhs().getDefiningOp<arith::MulFOp>();
      if (add.getLhs() == accumulator && product &&
          product->getBlock() == body) {
        mapping.map(add.getResult(),
                    math::FmaOp::create(b, loc,
                                        mapping.lookup(product.getLhs()),
                                        mapping.lookup(product.getRhs()),
                                        mapping.lookup(accumulator)));
        continue;
      }
    }
    for (Value operand : inner.getOperands()) {
      if (mapping.contains(operand))
        continue;
      // A scalar from outside of the body.
      Value scalar = b.clone(*operand.getDefiningOp())->getResult(0);
      auto type = VectorType::get({lanes}, scalar.getType());
      mapping.map(operand, vector::BroadcastOp::create(b, loc, type, scalar));
    }
    SmallVector<Value> operands;
    for (Value operand : inner.getOperands())
      operands.push_back(mapping.lookup(operand));
    SmallVector<Type> types;
    for (Type type : inner.getResultTypes())
      types.push_back(VectorType::get({lanes}, type));
    OperationState state(loc, inner.getName(), operands, types,
                         inner.getAttrs());
    Operation *vectorized = b.create(state);
    for (auto [from, to] :
         llvm::zip_equal(inner.getResults(), vectorized->getResults()))
      mapping.map(from, to);
  }
  Value yielded = body->getTerminator()->getOperand(0);
  if (mapping.contains(yielded))
    return mapping.lookup(yielded);
  Value scalar = b.clone(*yielded.getDefiningOp())->getResult(0);
  return vector::BroadcastOp::create(
      b, loc, VectorType::get({lanes}, scalar.getType()), scalar);
}

Value PointEvaluator::evaluateOp(linalg::LinalgOp op, ArrayRef<Value> indices,
                                 int64_t lanes) {
  OpOperand *init = op.getDpsInitOperand(0);
  AffineMap outMap = op.getMatchingIndexingMap(init);
  SmallVector<Value> ivs(op.getNumLoops());
  for (auto [i, index] : llvm::enumerate(indices))
    ivs[outMap.getDimPosition(i)] = index;
  unsigned laneDim = outMap.getDimPosition(outMap.getNumResults() - 1);

  auto compute = [&](Value accumulator) {
    SmallVector<Value> arguments;
    for (OpOperand *input : op.getDpsInputOperands()) {
      unsigned number = input->getOperandNumber();
      bool used = !op.getBlock()->getArgument(number).use_empty();
      // A pool's window has a shape and no elements.
      arguments.push_back(
          used ? evaluateOperand(op, *input, ivs, laneDim, lanes) : Value());
    }
    arguments.push_back(accumulator);
    // Unused arguments need a value to map to.
    for (Value &argument : arguments)
      if (!argument)
        argument = arguments.back() ? arguments.back() : arguments.front();
    return evaluateBody(op, arguments, ivs, lanes);
  };
  SmallVector<unsigned> reductions;
  op.getReductionDims(reductions);
  bool readsInit = !op.getBlock()->getArguments().back().use_empty();
  Value start = readsInit ? evaluate(init->get(), indices, lanes) : Value();
  if (reductions.empty())
    return compute(start);

  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  int64_t steps = 1;
  for (unsigned dim : reductions)
    steps *= ranges[dim];
  std::function<Value(unsigned, Value)> reduce = [&](unsigned depth,
                                                     Value acc) -> Value {
    if (depth == reductions.size())
      return compute(acc);
    unsigned dim = reductions[depth];
    if (steps <= kMaxUnrolledSteps) {
      for (int64_t i = 0; i < ranges[dim]; ++i) {
        ivs[dim] = kernel.index(i);
        acc = reduce(depth + 1, acc);
      }
      return acc;
    }
    return kernel.loopCarrying(
        0, ranges[dim], 1, acc, [&](Value iv, ValueRange carried) {
          ivs[dim] = iv;
          return SmallVector<Value>{reduce(depth + 1, carried[0])};
        })[0];
  };
  return reduce(0, start);
}
