// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Attention.h"
#include "Product.h"
#include "quantc/Dialect/Quantc/IR/Quantc.h"

using namespace mlir;
using namespace quantc;

static bool isReshape(Operation *op) {
  return isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp>(op);
}

/// Whether `op` computes its only result point by point, wherever the point
/// lies.
static bool isPointwise(Operation *op) {
  auto generic = dyn_cast<linalg::GenericOp>(op);
  return generic && generic.getNumReductionLoops() == 0 &&
         generic->getNumResults() == 1 && !generic.hasIndexSemantics() &&
         generic.getMatchingIndexingMap(generic.getDpsInitOperand(0))
             .isIdentity() &&
         generic.getBlock()->getArguments().back().use_empty() &&
         llvm::all_of(
             generic.getBlock()->without_terminator(), [](Operation &inner) {
               // Tables are the same for all points.
               auto lookup = dyn_cast<tensor::ExtractOp>(inner);
               return lookup ? lookup.getIndices().size() == 1
                             : OpTrait::hasElementwiseMappableTraits(&inner) ||
                                   inner.hasTrait<OpTrait::ConstantLike>();
             });
}

/// What `value` is computed from by `path`, the last of it first, if `isEnd`
/// says that it ends there, and nobody else reads anything on the way.
static Operation *trace(Value value, SmallVectorImpl<Operation *> &path,
                        function_ref<bool(Operation *)> isEnd) {
  Operation *op = value.getDefiningOp();
  if (!op || !value.hasOneUse())
    return nullptr;
  if (isEnd(op))
    return op;
  SmallVector<Value> sources;
  if (isReshape(op)) {
    sources.push_back(op->getOperand(0));
  } else if (isPointwise(op)) {
    auto generic = cast<linalg::GenericOp>(op);
    for (OpOperand *input : generic.getDpsInputOperands())
      if (generic.getMatchingIndexingMap(input).isIdentity())
        sources.push_back(input->get());
  }
  path.push_back(op);
  for (Value source : sources)
    if (Operation *end = trace(source, path, isEnd))
      return end;
  path.pop_back();
  return nullptr;
}

std::optional<Attention> Attention::find(linalg::LinalgOp context) {
  Attention result;
  result.context = context;
  result.softmax =
      trace(context->getOperand(0), result.after,
            [](Operation *op) { return isa<SoftmaxOp, IntegerSoftmaxOp>(op); });
  if (!result.softmax)
    return std::nullopt;
  Operation *scores =
      trace(result.softmax->getOperand(0), result.before,
            [](Operation *op) { return bool(getProduct(op->getResult(0))); });
  if (!scores)
    return std::nullopt;
  result.scores = cast<linalg::LinalgOp>(scores);
  // Rows are rows, all the way.
  auto shape =
      cast<RankedTensorType>(scores->getResult(0).getType()).getShape();
  auto keepsRows = [&](Operation *op) {
    ArrayRef<int64_t> own =
        cast<RankedTensorType>(op->getResult(0).getType()).getShape();
    return own.size() >= 2 && own.take_back(2) == shape.take_back(2);
  };
  if (!keepsRows(result.softmax) || !llvm::all_of(result.before, keepsRows) ||
      !llvm::all_of(result.after, keepsRows))
    return std::nullopt;
  return result;
}

bool Attention::hasNoReshapes() const {
  return llvm::none_of(before, isReshape) && llvm::none_of(after, isReshape);
}

/// The source of an operation that widens or narrows integers, if `value` is
/// its result and only read once.
static Value getCastSource(Value value) {
  auto generic = value.getDefiningOp<linalg::GenericOp>();
  if (!generic || !isPointwise(generic) || !value.hasOneUse() ||
      generic.getNumDpsInputs() != 1 ||
      !generic.getIndexingMapsArray()[0].isIdentity())
    return {};
  Operation &inner = generic.getBlock()->front();
  return isa<arith::TruncIOp, arith::ExtSIOp>(inner) &&
                 generic.getBlock()->getTerminator()->getOperand(0) ==
                     inner.getResult(0)
             ? generic.getInputs()[0]
             : Value();
}

linalg::TransposeOp quantc::getTransposedOperand(Value operand) {
  while (Value source = getCastSource(operand))
    operand = source;
  auto transpose = operand.getDefiningOp<linalg::TransposeOp>();
  return transpose && operand.hasOneUse() && transpose.getPermutation()[1] == 2
             ? transpose
             : linalg::TransposeOp();
}

SmallVector<linalg::LinalgOp> Attention::getOperandProducers() const {
  SmallVector<linalg::LinalgOp> result;
  for (Value operand :
       {scores->getOperand(0), scores->getOperand(1), context->getOperand(1)}) {
    bool isRight = operand != scores->getOperand(0);
    Value value = operand;
    while (Value source = getCastSource(value)) {
      result.push_back(value.getDefiningOp<linalg::LinalgOp>());
      value = source;
    }
    auto transpose = value.getDefiningOp<linalg::TransposeOp>();
    if (transpose && value.hasOneUse() &&
        (transpose.getPermutation()[2] == 2 ||
         (isRight && getTransposedOperand(operand))))
      result.push_back(cast<linalg::LinalgOp>(transpose.getOperation()));
  }
  return result;
}

std::optional<AttentionPlan>
quantc::planAttention(const Attention &attention,
                      const TargetDescription &target) {
  auto scores = getProductShape(attention.scores, target),
       context = getProductShape(attention.context, target);
  if (!scores || !context)
    return std::nullopt;
  AttentionPlan plan{*scores, *context, chooseTile(*scores, target),
                     chooseTile(*context, target)};
  int64_t rows = plan.scoresTile.rowsW;
  plan.contextTile.rowsW = std::min(plan.contextTile.rowsW, rows);

  auto getBytes = [](Value value) {
    return getElementTypeOrSelf(value.getType()).getIntOrFloatBitWidth() / 8;
  };
  int64_t bytes = 0;
  for (auto &[shape, tile] : {std::pair(*scores, plan.scoresTile),
                              std::pair(*context, plan.contextTile)}) {
    int64_t element = shape.isFloat ? 4 : shape.form == DotForm::Bytes ? 1 : 2;
    int64_t columns =
        llvm::alignTo(shape.vectors(), tile.vectors) * shape.lanes;
    int64_t depth = shape.steps() * shape.group;
    bytes += depth * (columns + rows) * element + 4 * columns;
  }
  // Rows in front of the softmax and behind it, and exponentials of one.
  int64_t length = scores->columns;
  bytes += rows * length *
           (getBytes(attention.softmax->getOperand(0)) +
            getBytes(attention.softmax->getResult(0)));
  bytes += 4 * length;
  return bytes <= kMaxPackedBytes + kMaxRowBytes ? std::optional(plan)
                                                 : std::nullopt;
}
