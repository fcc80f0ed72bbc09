// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Upstream's tosa-reduce-transposes hoists through elementwise operations alone
// and can't fold blobs; this one chooses the layout of whole regions.

#include "ConvLike.h"
#include "MovementChain.h"
#include "mlir/Dialect/Tosa/Utils/ConversionUtils.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "quantc/Dialect/Quantc/IR/ConstantUtils.h"
#include "quantc/Transforms/Passes.h"
#include "llvm/ADT/SetVector.h"

namespace quantc {
#define GEN_PASS_DEF_REMOVETRANSPOSESPASS
#include "quantc/Transforms/Passes.h.inc"
} // namespace quantc

using namespace mlir;
using namespace quantc;

/// As in tosa.transpose: dimension i of the result is dimension perms[i] of the
/// operand.
using Permutation = SmallVector<int32_t, 4>;

static Permutation invert(ArrayRef<int32_t> perms) {
  Permutation inverse(perms.size());
  for (auto [i, p] : llvm::enumerate(perms))
    inverse[p] = i;
  return inverse;
}

/// transpose(transpose(x, first), second) = transpose(x, compose(first,
/// second)).
static Permutation compose(ArrayRef<int32_t> first, ArrayRef<int32_t> second) {
  return tosa::applyTOSAPermutation<int32_t>(first, second);
}

static ArrayRef<int64_t> getShape(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

/// The constant with its dimensions permuted; null where that can't be done.
static ElementsAttr transposeElements(ElementsAttr attr,
                                      ArrayRef<int64_t> shape,
                                      ArrayRef<int32_t> perms,
                                      RankedTensorType resultType) {
  if (auto splat = dyn_cast<SplatElementsAttr>(attr))
    return splat.resizeSplat(resultType);
  Type element = attr.getElementType();
  ArrayRef<char> data;
  if (auto dense = dyn_cast<DenseElementsAttr>(attr))
    data = dense.getRawData();
  else if (auto resource = dyn_cast<DenseResourceElementsAttr>(attr))
    data = resource.getData();
  if (!element.isIntOrFloat() || element.getIntOrFloatBitWidth() % 8)
    return {};
  int64_t width = element.getIntOrFloatBitWidth() / 8;
  int64_t count = resultType.getNumElements();
  if (static_cast<int64_t>(data.size()) != count * width)
    return {};

  // Steps through the result in order, and through the operand by strides.
  SmallVector<int64_t> strides = computeStrides(shape), sizes, steps;
  for (int32_t p : perms) {
    sizes.push_back(shape[p]);
    steps.push_back(strides[p]);
  }
  std::vector<char> out(count * width);
  SmallVector<int64_t> index(perms.size(), 0);
  int64_t from = 0;
  for (int64_t to = 0; to < count; ++to) {
    std::memcpy(&out[to * width], &data[from * width], width);
    for (int64_t d = perms.size() - 1; d >= 0; --d) {
      from += steps[d];
      if (++index[d] < sizes[d])
        break;
      from -= steps[d] * sizes[d];
      index[d] = 0;
    }
  }
  if (count < minResourceElements)
    return DenseElementsAttr::getFromRawBuffer(resultType, out);
  StringRef name = getResourceName(attr);
  return DenseResourceElementsAttr::get(
      resultType, name.empty() ? "transposed" : name,
      HeapAsmResourceBlob::allocateAndCopyWithAlign(out, 64));
}

//===----------------------------------------------------------------------===//
// Laws of single transposes
//===----------------------------------------------------------------------===//

namespace {

/// transpose(transpose(x)) = transpose(x), or x.
struct ComposeTransposes : OpRewritePattern<tosa::TransposeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tosa::TransposeOp op,
                                PatternRewriter &rewriter) const override {
    Value input = op.getInput1();
    Permutation perms(op.getPerms());
    if (auto inner = input.getDefiningOp<tosa::TransposeOp>()) {
      perms = compose(inner.getPerms(), perms);
      input = inner.getInput1();
    }
    if (llvm::is_sorted(perms) && input.getType() == op.getType()) {
      rewriter.replaceOp(op, input);
      return success();
    }
    if (input == op.getInput1())
      return failure();
    rewriter.replaceOpWithNewOp<tosa::TransposeOp>(op, op.getType(), input,
                                                   perms);
    return success();
  }
};

/// Where no element moves, it is a reshape; reshapes fold into each other.
struct TransposeToReshape : OpRewritePattern<tosa::TransposeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tosa::TransposeOp op,
                                PatternRewriter &rewriter) const override {
    if (!keepsOrder(getShape(op.getInput1()), op.getPerms()))
      return failure();
    auto type = cast<RankedTensorType>(op.getType());
    Value shape =
        tosa::getTosaConstShape(rewriter, op.getLoc(), type.getShape());
    rewriter.replaceOpWithNewOp<tosa::ReshapeOp>(op, type, op.getInput1(),
                                                 shape);
    return success();
  }
};

/// f(transpose(x)) = transpose(f(x)) for a function of rows, where rows stay
/// rows: behind it the transpose may meet another.
struct SinkBelowRows : RewritePattern {
  SinkBelowRows(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), 1, context) {}
  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    if (!isRowFunction(op))
      return failure();
    auto transpose = op->getOperand(0).getDefiningOp<tosa::TransposeOp>();
    if (!transpose || !transpose->hasOneUse())
      return failure();
    Permutation perms(transpose.getPerms());
    if (perms.back() != static_cast<int32_t>(perms.size()) - 1)
      return rewriter.notifyMatchFailure(op, "rows become columns");
    Value result = op->getResult(0);
    auto type = cast<RankedTensorType>(result.getType());
    rewriter.modifyOpInPlace(op, [&] {
      op->setOperand(0, transpose.getInput1());
      result.setType(type.clone(getShape(transpose.getInput1())));
    });
    rewriter.setInsertionPointAfter(op);
    auto back = tosa::TransposeOp::create(rewriter, transpose.getLoc(), type,
                                          result, perms);
    rewriter.replaceAllUsesExcept(result, back, back);
    return success();
  }
};

struct FoldConstantTranspose : OpRewritePattern<tosa::TransposeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tosa::TransposeOp op,
                                PatternRewriter &rewriter) const override {
    auto constant = op.getInput1().getDefiningOp<tosa::ConstOp>();
    if (!constant)
      return failure();
    ElementsAttr folded =
        transposeElements(constant.getValues(), getShape(constant),
                          op.getPerms(), cast<RankedTensorType>(op.getType()));
    if (!folded)
      return failure();
    rewriter.replaceOpWithNewOp<tosa::ConstOp>(op, op.getType(), folded);
    return success();
  }
};

/// A constant in another shape (transposed where only unit dimensions move).
struct FoldConstantReshape : OpRewritePattern<tosa::ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tosa::ReshapeOp op,
                                PatternRewriter &rewriter) const override {
    auto constant = op.getInput1().getDefiningOp<tosa::ConstOp>();
    auto resource =
        constant ? dyn_cast<DenseResourceElementsAttr>(constant.getValues())
                 : DenseResourceElementsAttr();
    if (!resource)
      return failure(); // The folder knows the others.
    rewriter.replaceOpWithNewOp<tosa::ConstOp>(
        op, op.getType(),
        DenseResourceElementsAttr::get(cast<ShapedType>(op.getType()),
                                       resource.getRawHandle()));
    return success();
  }
};

} // namespace

//===----------------------------------------------------------------------===//
// Transposes before a flattening
//===----------------------------------------------------------------------===//

/// A fully connected layer is a 1×1 convolution of a flattened value: the order
/// of the elements that are flattened into its channels is a matter of its
/// constant weight. If `reshape` flattens dimensions from `m` on of a value
/// that `perms` transposed within those dimensions alone, and such layers alone
/// read it, `m`; else none.
static std::optional<size_t> absorbsTranspose(tosa::ReshapeOp reshape,
                                              ArrayRef<int32_t> perms) {
  ArrayRef<int64_t> flat = reshape.getType().getShape();
  ArrayRef<int64_t> shape = getShape(reshape.getInput1());
  if (flat.size() != 4)
    return std::nullopt;
  size_t m = shape.size();
  for (int64_t count = 1; m > 0 && count < flat.back();)
    count *= shape[--m];
  if (ShapedType::getNumElements(shape.drop_front(m)) != flat.back())
    return std::nullopt;
  for (size_t i = 0; i < m; ++i)
    if (perms[i] != static_cast<int32_t>(i))
      return std::nullopt;
  for (OpOperand &use : reshape->getUses()) {
    auto conv = dyn_cast<tosa::Conv2DOp>(use.getOwner());
    if (!conv || use.getOperandNumber() != 0 ||
        !conv.getWeight().getDefiningOp<tosa::ConstOp>())
      return std::nullopt;
    ArrayRef<int64_t> weight = getShape(conv.getWeight());
    if (weight[1] != 1 || weight[2] != 1)
      return std::nullopt;
  }
  return m;
}

namespace {

/// conv(reshape(transpose(x)), w) = conv(reshape(x), w').
struct FoldIntoFlattenedWeight : OpRewritePattern<tosa::ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tosa::ReshapeOp reshape,
                                PatternRewriter &rewriter) const override {
    auto transpose = reshape.getInput1().getDefiningOp<tosa::TransposeOp>();
    if (!transpose || reshape.use_empty())
      return failure();
    std::optional<size_t> m = absorbsTranspose(reshape, transpose.getPerms());
    if (!m)
      return rewriter.notifyMatchFailure(reshape, "no weight to absorb it");

    // The weight's input channels, seen as the dimensions that were flattened.
    ArrayRef<int64_t> flattened =
        getShape(transpose.getOutput()).drop_front(*m);
    Permutation inverse = invert(transpose.getPerms());
    Permutation perms{0};
    for (size_t i = *m; i < inverse.size(); ++i)
      perms.push_back(inverse[i] - *m + 1);
    SmallVector<std::pair<tosa::Conv2DOp, ElementsAttr>> weights;
    for (Operation *user : reshape->getUsers()) {
      auto conv = cast<tosa::Conv2DOp>(user);
      auto type = cast<RankedTensorType>(conv.getWeight().getType());
      SmallVector<int64_t> shape{type.getDimSize(0)};
      llvm::append_range(shape, flattened);
      auto weight = conv.getWeight().getDefiningOp<tosa::ConstOp>();
      weights.emplace_back(
          conv, transposeElements(weight.getValues(), shape, perms, type));
      if (!weights.back().second)
        return rewriter.notifyMatchFailure(conv, "weight can't be read");
    }
    for (auto [conv, values] : weights) {
      rewriter.setInsertionPoint(conv);
      Value weight = tosa::ConstOp::create(rewriter, conv.getWeight().getLoc(),
                                           conv.getWeight().getType(), values);
      rewriter.modifyOpInPlace(conv, [&, conv = conv]() mutable {
        conv.getWeightMutable().set(weight);
      });
    }
    rewriter.modifyOpInPlace(reshape, [&] {
      reshape.getInput1Mutable().set(transpose.getInput1());
    });
    return success();
  }
};

} // namespace

//===----------------------------------------------------------------------===//
// The layout of regions
//===----------------------------------------------------------------------===//

/// The values of a tosa.const_shape.
static std::optional<SmallVector<int64_t>> readShape(Value value) {
  SmallVector<int64_t> values;
  Operation *op = value.getDefiningOp();
  if (!op || !tosa::getConstShapeValues(op, values))
    return std::nullopt;
  return values;
}

/// Whether the operation means the same in any layout, once its axes are
/// renamed (`renameAxes`).
static bool isLayoutAgnostic(Operation *op) {
  if (op->getNumResults() != 1 || op->getNumRegions())
    return false;
  auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  if (!type || type.getRank() < 2 || !type.hasStaticShape())
    return false;
  if (op->hasTrait<OpTrait::tosa::TosaElementwiseOperator>())
    return true;
  return TypeSwitch<Operation *, bool>(op)
      .Case<tosa::MulOp, GeluOp, tosa::NegateOp, tosa::CastOp, tosa::TableOp,
            tosa::ConcatOp, tosa::ReverseOp, tosa::ReduceAllOp,
            tosa::ReduceAnyOp, tosa::ReduceMaxOp, tosa::ReduceMinOp,
            tosa::ReduceProductOp, tosa::ReduceSumOp>([](auto) { return true; })
      .Case([](tosa::SliceOp slice) {
        return readShape(slice.getStart()) && readShape(slice.getSize());
      })
      .Case([](tosa::PadOp pad) {
        return readShape(pad.getPadding()).has_value();
      })
      .Case([](tosa::TileOp tile) {
        return readShape(tile.getMultiples()).has_value();
      })
      .Case([](FakeQuantOp op) {
        return op.getParams() &&
               isa<quant::UniformQuantizedType>(*op.getParams());
      })
      .Default([](Operation *) { return false; });
}

/// The operands in the layout of the result; the others are scalars and tables.
static SmallVector<OpOperand *> getDataOperands(Operation *op) {
  auto rank = cast<RankedTensorType>(op->getResult(0).getType()).getRank();
  SmallVector<OpOperand *> operands;
  for (OpOperand &operand : op->getOpOperands())
    if (auto type = dyn_cast<RankedTensorType>(operand.get().getType());
        type && type.getRank() == rank)
      operands.push_back(&operand);
  return operands;
}

namespace {

/// Layout-agnostic operations that read each other's results, and the layout to
/// compute them in: a value v of theirs is stored as v', v = transpose(v',
/// layout).
class LayoutRegion {
public:
  explicit LayoutRegion(Operation *seed) { grow(seed); }

  bool contains(Operation *op) const { return ops.contains(op); }

  /// Computes in the layout that moves the fewest elements; false if that is
  /// the present one.
  bool relayout();

private:
  void grow(Operation *seed);
  /// Values of other operations that are read, without constants.
  llvm::SetVector<Value> getInputs() const;
  /// The elements that transposes at the border of the region move.
  int64_t getCost(ArrayRef<int32_t> layout) const;
  void rewrite(ArrayRef<int32_t> layout);

  llvm::SetVector<Operation *> ops;
};

} // namespace

void LayoutRegion::grow(Operation *seed) {
  ops.insert(seed);
  for (unsigned i = 0; i < ops.size(); ++i) {
    Operation *op = ops[i];
    for (OpOperand *operand : getDataOperands(op))
      if (Operation *def = operand->get().getDefiningOp();
          def && isLayoutAgnostic(def))
        ops.insert(def);
    for (OpOperand &use : op->getUses())
      if (isLayoutAgnostic(use.getOwner()) &&
          llvm::is_contained(getDataOperands(use.getOwner()), &use))
        ops.insert(use.getOwner());
  }
}

llvm::SetVector<Value> LayoutRegion::getInputs() const {
  llvm::SetVector<Value> inputs;
  for (Operation *op : ops)
    for (OpOperand *operand : getDataOperands(op)) {
      Operation *def = operand->get().getDefiningOp();
      if (!def ||
          (!ops.contains(def) && !def->hasTrait<OpTrait::ConstantLike>()))
        inputs.insert(operand->get());
    }
  return inputs;
}

int64_t LayoutRegion::getCost(ArrayRef<int32_t> layout) const {
  int64_t cost = 0;
  auto charge = [&](ArrayRef<int64_t> shape, ArrayRef<int32_t> perms) {
    if (!keepsOrder(shape, perms))
      cost += ShapedType::getNumElements(shape);
  };
  Permutation inverse = invert(layout);
  for (Value value : getInputs()) {
    auto transpose = value.getDefiningOp<tosa::TransposeOp>();
    // A transpose that others read, too, is there anyway.
    if (llvm::is_sorted(layout) && transpose &&
        llvm::any_of(value.getUsers(),
                     [&](Operation *user) { return !contains(user); }))
      continue;
    if (transpose)
      charge(getShape(transpose.getInput1()),
             compose(transpose.getPerms(), inverse));
    else
      charge(getShape(value), inverse);
  }
  for (Operation *op : ops) {
    // The shape in which the result is stored.
    auto stored = tosa::applyTOSAPermutation<int64_t>(
        getShape(op->getResult(0)), inverse);
    SmallVector<Permutation> wanted;
    for (Operation *user : op->getUsers()) {
      if (contains(user))
        continue;
      Permutation perms(layout);
      if (auto transpose = dyn_cast<tosa::TransposeOp>(user))
        perms = compose(layout, transpose.getPerms());
      else if (auto reshape = dyn_cast<tosa::ReshapeOp>(user)) {
        if (!absorbsTranspose(reshape, layout))
          cost += getChainCost(stored, layout, reshape);
        continue;
      }
      if (!llvm::is_contained(wanted, perms))
        wanted.push_back(perms);
    }
    for (ArrayRef<int32_t> perms : wanted)
      charge(stored, perms);
  }
  return cost;
}

/// Renames the axes that the attributes and shape operands of `op` speak of:
/// what was axis i is now axis layout[i].
static void renameAxes(Operation *op, ArrayRef<int32_t> layout) {
  ImplicitLocOpBuilder builder(op->getLoc(), op);
  auto rename = [&](OpOperand &operand, size_t perAxis) {
    SmallVector<int64_t> old = *readShape(operand.get()), values(old.size());
    for (auto [i, axis] : llvm::enumerate(layout))
      for (size_t k = 0; k < perAxis; ++k)
        values[axis * perAxis + k] = old[i * perAxis + k];
    operand.set(tosa::getTosaConstShape(builder, values));
  };
  TypeSwitch<Operation *>(op)
      .Case<tosa::ConcatOp, tosa::ReverseOp, tosa::ReduceAllOp,
            tosa::ReduceAnyOp, tosa::ReduceMaxOp, tosa::ReduceMinOp,
            tosa::ReduceProductOp, tosa::ReduceSumOp>(
          [&](auto axisOp) { axisOp.setAxis(layout[axisOp.getAxis()]); })
      .Case([&](tosa::SliceOp slice) {
        rename(slice.getStartMutable(), 1);
        rename(slice.getSizeMutable(), 1);
      })
      .Case([&](tosa::PadOp pad) { rename(pad.getPaddingMutable(), 2); })
      .Case([&](tosa::TileOp tile) { rename(tile.getMultiplesMutable(), 1); });
}

/// All transposes that this makes are composed, folded or removed afterwards.
void LayoutRegion::rewrite(ArrayRef<int32_t> layout) {
  Permutation inverse = invert(layout);
  auto transpose = [](OpBuilder &builder, Value value,
                      ArrayRef<int32_t> perms) -> Value {
    auto type = cast<RankedTensorType>(value.getType());
    return tosa::TransposeOp::create(
        builder, value.getLoc(),
        type.clone(tosa::applyTOSAPermutation<int64_t>(type.getShape(), perms)),
        value, perms);
  };
  for (Operation *op : ops) {
    OpBuilder builder(op);
    for (OpOperand *operand : getDataOperands(op))
      operand->set(transpose(builder, operand->get(), inverse));
    Value result = op->getResult(0);
    auto type = cast<RankedTensorType>(result.getType());
    result.setType(type.clone(
        tosa::applyTOSAPermutation<int64_t>(type.getShape(), inverse)));
    renameAxes(op, layout);
    builder.setInsertionPointAfter(op);
    Value back = transpose(builder, result, layout);
    result.replaceAllUsesExcept(back, back.getDefiningOp());
  }
}

bool LayoutRegion::relayout() {
  SmallVector<Permutation> candidates;
  for (Value value : getInputs())
    if (auto transpose = value.getDefiningOp<tosa::TransposeOp>())
      candidates.emplace_back(transpose.getPerms());
  for (Operation *op : ops)
    for (Operation *user : op->getUsers())
      if (auto transpose = dyn_cast<tosa::TransposeOp>(user))
        candidates.push_back(invert(transpose.getPerms()));
  if (candidates.empty())
    return false;

  Permutation best(
      llvm::to_vector(llvm::seq<int32_t>(0, candidates[0].size())));
  int64_t bestCost = getCost(best);
  bool changes = false;
  for (ArrayRef<int32_t> layout : candidates)
    if (int64_t cost = getCost(layout); cost < bestCost) {
      best.assign(layout.begin(), layout.end());
      bestCost = cost;
      changes = true;
    }
  if (changes)
    rewrite(best);
  return changes;
}

namespace {

struct RemoveTransposesPass
    : quantc::impl::RemoveTransposesPassBase<RemoveTransposesPass> {
  LogicalResult initialize(MLIRContext *context) override {
    RewritePatternSet set(context);
    set.add<ComposeTransposes, SinkBelowRows, TransposeToReshape,
            FoldConstantTranspose, FoldConstantReshape,
            FoldIntoFlattenedWeight>(context);
    populateMovementChainPatterns(set);
    // Reshapes of reshapes.
    tosa::ReshapeOp::getCanonicalizationPatterns(set, context);
    patterns = std::move(set);
    return success();
  }

  void runOnOperation() override {
    // A region's layout may cost its neighbours what it saves itself: this ends
    // when all of it saves nothing.
    int64_t moved = std::numeric_limits<int64_t>::max();
    do {
      if (failed(applyPatternsGreedily(getOperation(), patterns)))
        return signalPassFailure();
      int64_t now = countMovedElements();
      if (now >= moved)
        break;
      moved = now;
    } while (relayoutRegions());
  }

  /// The elements that the function's transposes move.
  int64_t countMovedElements() {
    int64_t count = 0;
    getOperation().walk([&](tosa::TransposeOp op) {
      if (!keepsOrder(getShape(op.getInput1()), op.getPerms()))
        count += ShapedType::getNumElements(getShape(op));
    });
    return count;
  }

  bool relayoutRegions() {
    bool changed = false;
    llvm::DenseSet<Operation *> seen;
    SmallVector<Operation *> ops;
    getOperation().walk([&](Operation *op) {
      if (isLayoutAgnostic(op))
        ops.push_back(op);
    });
    for (Operation *op : ops) {
      if (seen.contains(op))
        continue;
      LayoutRegion region(op);
      for (Operation *other : ops)
        if (region.contains(other))
          seen.insert(other);
      changed |= region.relayout();
    }
    return changed;
  }

  FrozenRewritePatternSet patterns;
};

} // namespace
