// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Softmax and layer normalization of floats as docs/Semantics.md, S32, has
// them, for the reference: sums by the tree, written out on tensors.

#include "RowsToLinalg.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "quantc/Dialect/Quantc/IR/Quantc.h"

using namespace mlir;
using namespace quantc;

namespace {

/// f32 tensors with the rows of one operation: [..., n], or [...] for one value
/// a row.
class FloatRows {
public:
  FloatRows(OpBuilder &builder, Location loc, RankedTensorType type)
      : b(loc, builder), type(type), rank(type.getRank()) {}

  using Body = function_ref<Value(ImplicitLocOpBuilder &, ValueRange)>;

  /// For each element of a tensor of `shape`, of which `inputs` have all
  /// dimensions, all but the last, or the last alone (`vectors`).
  Value map(ArrayRef<int64_t> shape, ValueRange inputs, ValueRange vectors,
            Body body) {
    int64_t dims = shape.size();
    AffineMap whole = b.getMultiDimIdentityMap(dims);
    SmallVector<AffineMap> maps;
    for (Value input : inputs)
      maps.push_back(cast<RankedTensorType>(input.getType()).getRank() == dims
                         ? whole
                         : whole.dropResult(dims - 1));
    for (size_t i = 0; i < vectors.size(); ++i)
      maps.push_back(AffineMap::get(dims, 0, b.getAffineDimExpr(dims - 1),
                                    b.getContext()));
    maps.push_back(whole);
    SmallVector<Value> all(inputs);
    llvm::append_range(all, vectors);
    return generic(
        all, empty(shape), maps,
        SmallVector<utils::IteratorType>(dims, utils::IteratorType::parallel),
        body);
  }
  Value map(ValueRange inputs, Body body) {
    return map(type.getShape(), inputs, {}, body);
  }

  /// Along dimension `dim` of `value`, in order, from `start` on.
  Value reduce(Value value, int64_t dim, float start, Body body) {
    auto from = cast<RankedTensorType>(value.getType());
    AffineMap whole = b.getMultiDimIdentityMap(from.getRank());
    SmallVector<int64_t> shape(from.getShape());
    shape.erase(shape.begin() + dim);
    SmallVector<utils::IteratorType> iterators(from.getRank(),
                                               utils::IteratorType::parallel);
    iterators[dim] = utils::IteratorType::reduction;
    Value init = linalg::FillOp::create(b, constant(b, start), empty(shape))
                     .getResult(0);
    return generic(value, init, {whole, whole.dropResult(dim)}, iterators,
                   body);
  }

  /// S32: element i is added, in order, to sum i mod width, then sum
  /// i + width / 2 to sum i, and so on by halves.
  Value sumByTree(Value value, int64_t width) {
    int64_t blocks = llvm::divideCeil(type.getShape().back(), width);
    SmallVector<int64_t> shape(type.getShape());
    if (int64_t missing = blocks * width - shape.back()) {
      shape.back() += missing;
      SmallVector<OpFoldResult> low(rank, b.getIndexAttr(0)), high = low;
      high.back() = b.getIndexAttr(missing);
      value = tensor::PadOp::create(b, type.clone(shape), value, low, high,
                                    constant(b, 0.0f));
    }
    shape.back() = blocks;
    shape.push_back(width);
    SmallVector<ReassociationIndices> groups;
    for (int64_t dim = 0; dim + 1 < rank; ++dim)
      groups.push_back({dim});
    groups.push_back({rank - 1, rank});
    value = tensor::ExpandShapeOp::create(b, type.clone(shape), value, groups);
    value = reduce(value, rank - 1, 0.0f, add);
    SmallVector<int64_t> part(type.getShape());
    for (int64_t half = width / 2; half >= 1; half /= 2) {
      part.back() = half;
      value =
          map(part, {slice(value, 0, part), slice(value, half, part)}, {}, add);
    }
    return reduce(value, rank - 1, 0.0f, add);
  }

  static Value constant(ImplicitLocOpBuilder &b, float value) {
    return arith::ConstantOp::create(b, b.getF32FloatAttr(value));
  }
  /// The sum of the last two of `args`.
  static Value add(ImplicitLocOpBuilder &b, ValueRange args) {
    return arith::AddFOp::create(b, args[0], args[1]);
  }

private:
  Value empty(ArrayRef<int64_t> shape) {
    return tensor::EmptyOp::create(b, shape, b.getF32Type());
  }
  /// Elements of each row from `first` on.
  Value slice(Value value, int64_t first, ArrayRef<int64_t> shape) {
    SmallVector<OpFoldResult> offsets(rank, b.getIndexAttr(0)),
        steps(rank, b.getIndexAttr(1));
    offsets.back() = b.getIndexAttr(first);
    return tensor::ExtractSliceOp::create(
        b, type.clone(shape), value, offsets,
        getAsIndexOpFoldResult(b.getContext(), shape), steps);
  }
  Value generic(ValueRange inputs, Value init, ArrayRef<AffineMap> maps,
                ArrayRef<utils::IteratorType> iterators, Body body) {
    return linalg::GenericOp::create(
               b, init.getType(), inputs, init, maps, iterators,
               [&](OpBuilder &builder, Location loc, ValueRange args) {
                 ImplicitLocOpBuilder inner(loc, builder);
                 linalg::YieldOp::create(inner, body(inner, args));
               })
        .getResult(0);
  }

  ImplicitLocOpBuilder b;
  RankedTensorType type;
  int64_t rank;
};

template <typename Op> Value binary(ImplicitLocOpBuilder &b, ValueRange args) {
  return Op::create(b, args[0], args[1]);
}

/// exp(x - max) · (1 / Σ exp(x - max)).
struct WriteSoftmax : OpRewritePattern<SoftmaxOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(SoftmaxOp op,
                                PatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getInput().getType());
    FloatRows rows(rewriter, op.getLoc(), type);
    Value max = rows.reduce(op.getInput(), type.getRank() - 1,
                            -std::numeric_limits<float>::infinity(),
                            binary<arith::MaximumFOp>);
    Value exp = rows.map({op.getInput(), max}, [](auto &b, ValueRange args) {
      Value below = arith::SubFOp::create(b, args[0], args[1]);
      return math::ExpOp::create(b, below).getResult();
    });
    Value sum = rows.sumByTree(exp, /*width=*/16);
    rewriter.replaceOp(op, rows.map({exp, sum}, [](auto &b, ValueRange args) {
      Value inverse =
          arith::DivFOp::create(b, FloatRows::constant(b, 1.0f), args[1]);
      return arith::MulFOp::create(b, args[0], inverse).getResult();
    }));
    return success();
  }
};

/// fma((x - mean) · (1 / sqrt(variance + ε)), γ, β); means are divisions by n.
struct WriteLayerNorm : OpRewritePattern<LayerNormOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(LayerNormOp op,
                                PatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getInput().getType());
    float length = type.getShape().back();
    FloatRows rows(rewriter, op.getLoc(), type);
    auto sum = [&](Value value) { return rows.sumByTree(value, /*width=*/32); };
    auto meanOf = [&](ImplicitLocOpBuilder &b, Value total) -> Value {
      return arith::DivFOp::create(b, total, FloatRows::constant(b, length));
    };
    Value total = sum(op.getInput());
    Value deviation =
        rows.map({op.getInput(), total}, [&](auto &b, ValueRange args) {
          Value mean = meanOf(b, args[1]);
          return arith::SubFOp::create(b, args[0], mean).getResult();
        });
    Value squares = sum(rows.map(deviation, [](auto &b, ValueRange args) {
      return arith::MulFOp::create(b, args[0], args[0]).getResult();
    }));
    Value result = rows.map(
        type.getShape(), {deviation, squares}, {op.getGamma(), op.getBeta()},
        [&](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
          Value epsilon = arith::ConstantOp::create(b, op.getEpsilonAttr());
          Value variance =
              arith::AddFOp::create(b, meanOf(b, args[1]), epsilon);
          Value scale =
              arith::DivFOp::create(b, FloatRows::constant(b, 1.0f),
                                    math::SqrtOp::create(b, variance));
          Value normal = arith::MulFOp::create(b, args[0], scale);
          return math::FmaOp::create(b, normal, args[2], args[3]);
        });
    rewriter.replaceOp(op, result);
    return success();
  }
};

} // namespace

void quantc::populateFloatRowPatterns(RewritePatternSet &patterns) {
  patterns.add<WriteSoftmax, WriteLayerNorm>(patterns.getContext());
}
