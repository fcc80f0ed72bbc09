// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "MovementChain.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Dialect/Tosa/Utils/ConversionUtils.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"

using namespace mlir;
using namespace quantc;

bool quantc::keepsOrder(ArrayRef<int64_t> shape, ArrayRef<int32_t> perms) {
  int32_t last = -1;
  for (int32_t p : perms) {
    if (shape[p] == 1)
      continue;
    if (p < last)
      return false;
    last = p;
  }
  return true;
}

static ArrayRef<int64_t> getShape(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

namespace {

/// A value whose elements are those of another, `root`: element `index` is
/// element offset + Σ index[i] · strides[i] of it.
struct StridedView {
  int64_t offset = 0;
  SmallVector<int64_t> shape, strides;

  static StridedView identity(ArrayRef<int64_t> shape) {
    return {0, llvm::to_vector(shape), computeStrides(shape)};
  }
  /// The view after `op` (a transpose, reshape or slice); none where strides
  /// can't say so.
  std::optional<StridedView> after(Operation *op) const;

private:
  std::optional<StridedView> reshaped(ArrayRef<int64_t> newShape) const;
};

} // namespace

std::optional<StridedView> StridedView::after(Operation *op) const {
  if (auto transpose = dyn_cast<tosa::TransposeOp>(op)) {
    StridedView view{offset, {}, {}};
    for (int32_t p : transpose.getPerms()) {
      view.shape.push_back(shape[p]);
      view.strides.push_back(strides[p]);
    }
    return view;
  }
  if (auto slice = dyn_cast<tosa::SliceOp>(op)) {
    SmallVector<int64_t> start;
    Operation *constant = slice.getStart().getDefiningOp();
    if (!constant || !tosa::getConstShapeValues(constant, start))
      return std::nullopt;
    StridedView view = *this;
    view.shape = llvm::to_vector(slice.getType().getShape());
    for (auto [first, stride] : llvm::zip_equal(start, strides))
      view.offset += first * stride;
    return view;
  }
  if (auto reshape = dyn_cast<tosa::ReshapeOp>(op))
    return reshaped(reshape.getType().getShape());
  return std::nullopt;
}

std::optional<StridedView>
StridedView::reshaped(ArrayRef<int64_t> newShape) const {
  // Neighbours that are one sequence are joined, then split.
  SmallVector<std::pair<int64_t, int64_t>> runs; // size, stride
  for (auto [size, stride] : llvm::zip_equal(shape, strides)) {
    if (size == 1)
      continue;
    if (!runs.empty() && runs.back().second == size * stride)
      runs.back() = {runs.back().first * size, stride};
    else
      runs.push_back({size, stride});
  }
  StridedView view{offset, llvm::to_vector(newShape),
                   SmallVector<int64_t>(newShape.size(), 1)};
  for (int64_t i = newShape.size() - 1; i >= 0; --i) {
    if (newShape[i] == 1)
      continue;
    if (runs.empty() || runs.back().first % newShape[i] != 0)
      return std::nullopt;
    auto &[size, stride] = runs.back();
    view.strides[i] = stride;
    size /= newShape[i];
    stride *= newShape[i];
    if (size == 1)
      runs.pop_back();
  }
  return view;
}

//===----------------------------------------------------------------------===//
// From a view back to operations
//===----------------------------------------------------------------------===//

namespace {

/// reshape, slice, reshape, transpose: what makes a view of a whole tensor.
struct Recipe {
  SmallVector<int64_t> digits, start, size, operand;
  SmallVector<int32_t> perms;

  bool transposes() const { return !keepsOrder(operand, perms); }
};

} // namespace

/// The recipe for `view` of a tensor of `count` elements; none where dimensions
/// overlap or one element is at several places.
static std::optional<Recipe> findRecipe(const StridedView &view,
                                        int64_t count) {
  // Dimensions of one element come first, those of larger strides next.
  auto sorted = llvm::to_vector(llvm::seq<int32_t>(0, view.shape.size()));
  llvm::stable_sort(sorted, [&](int32_t a, int32_t b) {
    bool oneA = view.shape[a] == 1, oneB = view.shape[b] == 1;
    return oneA != oneB ? oneA : !oneA && view.strides[a] > view.strides[b];
  });
  // The root's index, written with a digit for each other dimension. One of
  // which a whole part is taken is two: so later reshapes may tell them apart.
  Recipe recipe;
  auto addDigit = [&](int64_t radix, int64_t weight, int64_t size) {
    int64_t start = view.offset / weight % radix;
    if (radix > size && radix % size == 0 && start % size == 0 && size > 1) {
      recipe.digits.push_back(radix / size);
      recipe.start.push_back(start / size);
      recipe.size.push_back(1);
      radix = size;
      start = 0;
    }
    recipe.digits.push_back(radix);
    recipe.start.push_back(start);
    recipe.size.push_back(size);
    return start + size <= radix;
  };
  for (int32_t dim : sorted) {
    int64_t size = view.shape[dim], weight = view.strides[dim];
    recipe.operand.push_back(size);
    if (size == 1)
      continue;
    if (count % weight || !addDigit(count / weight, weight, size))
      return std::nullopt;
    count = weight;
  }
  if (count > 1)
    addDigit(count, 1, 1);
  recipe.perms.resize(sorted.size());
  for (auto [position, dim] : llvm::enumerate(sorted))
    recipe.perms[dim] = position;
  constexpr size_t maxRank = 6;
  if (recipe.digits.empty() || recipe.digits.size() > maxRank)
    return std::nullopt;
  return recipe;
}

static Value build(OpBuilder &builder, Location loc, Value root,
                   const Recipe &recipe) {
  ImplicitLocOpBuilder b(loc, builder);
  Value value = root;
  auto elements = cast<RankedTensorType>(root.getType());
  auto reshapeTo = [&](ArrayRef<int64_t> shape) {
    if (getShape(value) != shape)
      value = tosa::ReshapeOp::create(b, elements.clone(shape), value,
                                      tosa::getTosaConstShape(b, shape));
  };
  if (recipe.size != recipe.digits) {
    reshapeTo(recipe.digits);
    Value start = tosa::getTosaConstShape(b, recipe.start);
    value = tosa::SliceOp::create(b, elements.clone(recipe.size), value, start,
                                  tosa::getTosaConstShape(b, recipe.size));
  }
  SmallVector<int64_t> shape = tosa::applyTOSAPermutation<int64_t>(
      ArrayRef<int64_t>(recipe.operand), ArrayRef<int32_t>(recipe.perms));
  if (!recipe.transposes()) {
    reshapeTo(shape);
    return value;
  }
  reshapeTo(recipe.operand);
  return tosa::TransposeOp::create(b, elements.clone(shape), value,
                                   recipe.perms);
}

//===----------------------------------------------------------------------===//
// Chains
//===----------------------------------------------------------------------===//

static bool isMovement(Operation *op) {
  return isa<tosa::TransposeOp, tosa::SliceOp, tosa::ReshapeOp>(op);
}

static int64_t getChainCost(const StridedView &view, int64_t count,
                            Operation *op) {
  std::optional<StridedView> next = view.after(op);
  std::optional<Recipe> recipe;
  if (next)
    recipe = findRecipe(*next, count);
  // The operand is needed as it is.
  if (!recipe)
    return ShapedType::getNumElements(view.shape);
  int64_t cost = 0;
  bool isNeeded = false;
  for (Operation *user : op->getUsers()) {
    if (isMovement(user))
      cost += getChainCost(*next, count, user);
    else
      isNeeded = true;
  }
  if (isNeeded && recipe->transposes())
    cost += ShapedType::getNumElements(next->shape);
  return cost;
}

int64_t quantc::getChainCost(ArrayRef<int64_t> stored, ArrayRef<int32_t> layout,
                             Operation *user) {
  SmallVector<int64_t> strides = computeStrides(stored);
  StridedView view;
  for (int32_t dim : layout) {
    view.shape.push_back(stored[dim]);
    view.strides.push_back(strides[dim]);
  }
  return ::getChainCost(view, ShapedType::getNumElements(stored), user);
}

static bool isMovingTranspose(Operation *op) {
  auto transpose = dyn_cast<tosa::TransposeOp>(op);
  return transpose &&
         !keepsOrder(getShape(transpose.getInput1()), transpose.getPerms());
}

namespace {

struct SimplifyMovementChain : RewritePattern {
  SimplifyMovementChain(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), 1, context) {}

  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    SmallVector<Operation *> chain;
    std::optional<Recipe> best;
    Value root;
    unsigned transposes = 0;
    // Whether a transpose may go behind the reshape at the end, as nothing else
    // wants its result.
    bool maySink = isa<tosa::ReshapeOp>(op);
    for (Operation *first = op; first && isMovement(first);
         first = first->getOperand(0).getDefiningOp()) {
      chain.push_back(first);
      maySink &= first == op || llvm::all_of(first->getUsers(), isMovement);
      if (!isMovingTranspose(first))
        continue;
      ++transposes;
      Value start = first->getOperand(0);
      // Others know what to do without.
      if (!llvm::any_of(chain, llvm::IsaPred<tosa::ReshapeOp>))
        continue;
      std::optional<Recipe> recipe = findRecipe(chain, start);
      if (!recipe || recipe->transposes() + (maySink ? 0 : 1) > transposes)
        continue;
      best = std::move(recipe);
      root = start;
    }
    if (!best)
      return rewriter.notifyMatchFailure(op, "no chain to shorten");
    rewriter.replaceOp(op, build(rewriter, op->getLoc(), root, *best));
    return success();
  }

  /// For the last of `chain`, which goes upwards, as a view of `root`.
  static std::optional<Recipe> findRecipe(ArrayRef<Operation *> chain,
                                          Value root) {
    std::optional<StridedView> view = StridedView::identity(getShape(root));
    for (Operation *op : llvm::reverse(chain)) {
      view = view->after(op);
      if (!view)
        return std::nullopt;
    }
    return ::findRecipe(*view, ShapedType::getNumElements(getShape(root)));
  }
};

} // namespace

void quantc::populateMovementChainPatterns(RewritePatternSet &patterns) {
  patterns.add<SimplifyMovementChain>(patterns.getContext());
}
