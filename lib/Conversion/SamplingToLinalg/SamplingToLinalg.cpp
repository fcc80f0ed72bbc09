// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Upstream computes each position in the loop; here they are tables, so that
// whole vectors of channels are read at once.

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Dialect/Tosa/Utils/ConversionUtils.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"
#include "quantc/Conversion/Passes.h"

namespace quantc {
#define GEN_PASS_DEF_CONVERTSAMPLINGTOLINALGPASS
#include "quantc/Conversion/Passes.h.inc"
} // namespace quantc

using namespace mlir;
using namespace quantc;

static linalg::GenericOp
createGeneric(ImplicitLocOpBuilder &b, RankedTensorType type, ValueRange inputs,
              ArrayRef<AffineMap> inputMaps,
              function_ref<Value(ImplicitLocOpBuilder &, ValueRange)> body) {
  SmallVector<AffineMap> maps(inputMaps);
  maps.push_back(b.getMultiDimIdentityMap(type.getRank()));
  SmallVector<utils::IteratorType> iterators(type.getRank(),
                                             utils::IteratorType::parallel);
  Value empty =
      tensor::EmptyOp::create(b, type.getShape(), type.getElementType());
  return linalg::GenericOp::create(
      b, type, inputs, empty, maps, iterators,
      [&](OpBuilder &builder, Location loc, ValueRange arguments) {
        ImplicitLocOpBuilder inner(loc, builder);
        linalg::YieldOp::create(inner, body(inner, arguments));
      });
}

//===----------------------------------------------------------------------===//
// resize
//===----------------------------------------------------------------------===//

namespace {

/// Where the outputs along one axis are read: between elements `first` and
/// `second`, `part` unit-ths of the way.
struct Positions {
  int64_t unit = 1;
  SmallVector<int32_t> first, second, part;

  /// TOSA's pseudocode, but for an output index that isn't computed with.
  Positions(int64_t unit, int64_t step, int64_t offset, int64_t input,
            int64_t output)
      : unit(unit) {
    for (int64_t o = 0; o < output; ++o) {
      int64_t at = o * step + offset;
      int64_t index = llvm::divideFloorSigned(at, unit);
      first.push_back(std::clamp<int64_t>(index, 0, input - 1));
      second.push_back(std::clamp<int64_t>(index + 1, 0, input - 1));
      part.push_back(at - index * unit);
    }
  }

  /// The nearer of the two; a tie goes up.
  SmallVector<int32_t> nearest() const {
    SmallVector<int32_t> result(first);
    for (auto [i, p] : llvm::enumerate(part))
      if (2 * p >= unit)
        result[i] = second[i];
    return result;
  }
};

struct ConvertResize : OpRewritePattern<tosa::ResizeOp> {
  ConvertResize(MLIRContext *context, bool onlyRounded)
      : OpRewritePattern(context), onlyRounded(onlyRounded) {}

  LogicalResult matchAndRewrite(tosa::ResizeOp op,
                                PatternRewriter &rewriter) const override {
    SmallVector<int64_t> scale, offset;
    auto type = cast<RankedTensorType>(op.getType());
    auto inputType = cast<RankedTensorType>(op.getInput().getType());
    if (!type.hasStaticShape() || !inputType.hasStaticShape() ||
        !tosa::getConstShapeValues(op.getScale().getDefiningOp(), scale) ||
        !tosa::getConstShapeValues(op.getOffset().getDefiningOp(), offset))
      return rewriter.notifyMatchFailure(op, "not static");
    if (onlyRounded && !isRoundedUpstream(op, scale, offset))
      return rewriter.notifyMatchFailure(op, "upstream's is right");
    Positions y(scale[0], scale[1], offset[0], inputType.getDimSize(1),
                type.getDimSize(1));
    Positions x(scale[2], scale[3], offset[1], inputType.getDimSize(2),
                type.getDimSize(2));
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    linalg::GenericOp result =
        op.getMode() == tosa::ResizeMode::NEAREST_NEIGHBOR
            ? nearest(b, op, type, y, x)
            : bilinear(b, op, type, y, x);
    rewriter.replaceOp(op, result.getResults());
    return success();
  }

private:
  bool onlyRounded;
  static constexpr unsigned kHeight = 1, kWidth = 2;

  /// Whether upstream rounds positions: those of integers towards zero, and
  /// those of floats to floats.
  static bool isRoundedUpstream(tosa::ResizeOp op, ArrayRef<int64_t> scale,
                                ArrayRef<int64_t> offset) {
    if (op.getMode() != tosa::ResizeMode::BILINEAR)
      return false;
    if (getElementTypeOrSelf(op.getType()).isInteger())
      return offset[0] < 0 || offset[1] < 0;
    return !llvm::isPowerOf2_64(scale[0]) || !llvm::isPowerOf2_64(scale[2]);
  }

  /// Adds a table along axis `dim`.
  template <typename T>
  static void addTable(ImplicitLocOpBuilder &b, ArrayRef<T> values, Type type,
                       unsigned dim, SmallVectorImpl<Value> &inputs,
                       SmallVectorImpl<AffineMap> &maps) {
    auto tensor = RankedTensorType::get({int64_t(values.size())}, type);
    inputs.push_back(
        arith::ConstantOp::create(b, DenseElementsAttr::get(tensor, values)));
    maps.push_back(
        AffineMap::get(4, 0, b.getAffineDimExpr(dim), b.getContext()));
  }

  /// The element of `input` in the row and column that the tables say.
  static Value read(ImplicitLocOpBuilder &b, Value input, Value y, Value x) {
    auto index = [&](Value position) -> Value {
      return arith::IndexCastOp::create(b, b.getIndexType(), position);
    };
    Value n = linalg::IndexOp::create(b, 0), row = index(y), column = index(x);
    Value c = linalg::IndexOp::create(b, 3);
    return tensor::ExtractOp::create(b, input, ValueRange{n, row, column, c});
  }

  static linalg::GenericOp nearest(ImplicitLocOpBuilder &b, tosa::ResizeOp op,
                                   RankedTensorType type, const Positions &y,
                                   const Positions &x) {
    SmallVector<Value> inputs;
    SmallVector<AffineMap> maps;
    addTable<int32_t>(b, y.nearest(), b.getI32Type(), kHeight, inputs, maps);
    addTable<int32_t>(b, x.nearest(), b.getI32Type(), kWidth, inputs, maps);
    return createGeneric(b, type, inputs, maps,
                         [&](ImplicitLocOpBuilder &b, ValueRange args) {
                           return read(b, op.getInput(), args[0], args[1]);
                         });
  }

  /// Along the rows, then between them, as upstream does.
  static linalg::GenericOp bilinear(ImplicitLocOpBuilder &b, tosa::ResizeOp op,
                                    RankedTensorType type, const Positions &y,
                                    const Positions &x) {
    Type element = type.getElementType();
    SmallVector<Value> inputs;
    SmallVector<AffineMap> maps;
    for (auto [dim, at] : {std::pair(kHeight, &y), std::pair(kWidth, &x)}) {
      addTable<int32_t>(b, at->first, b.getI32Type(), dim, inputs, maps);
      addTable<int32_t>(b, at->second, b.getI32Type(), dim, inputs, maps);
      // The weights of both.
      SmallVector<float> real[2];
      SmallVector<int32_t> integer[2];
      for (int32_t part : at->part) {
        float delta = static_cast<float>(part) / static_cast<float>(at->unit);
        real[0].push_back(1.0f - delta);
        real[1].push_back(delta);
        integer[0].push_back(at->unit - part);
        integer[1].push_back(part);
      }
      for (int side : {0, 1}) {
        if (element.isFloat())
          addTable<float>(b, real[side], element, dim, inputs, maps);
        else
          addTable<int32_t>(b, integer[side], element, dim, inputs, maps);
      }
    }
    auto inputType = cast<RankedTensorType>(op.getInput().getType());
    return createGeneric(
        b, type, inputs, maps, [&](ImplicitLocOpBuilder &b, ValueRange args) {
          ValueRange rows = args.take_front(4), columns = args.slice(4, 4);
          auto weighted = [&](Value value, Value weight) -> Value {
            if (element.isFloat())
              return arith::MulFOp::create(b, value, weight);
            return arith::MulIOp::create(b, value, weight);
          };
          // A single element is but scaled, and if real, not even that.
          auto between = [&](Value first, Value second, ValueRange at,
                             int64_t size, int64_t unit) -> Value {
            if (size == 1 && element.isFloat())
              return first;
            if (size == 1) {
              auto whole = b.getIntegerAttr(element, unit);
              return weighted(first, arith::ConstantOp::create(b, whole));
            }
            Value left = weighted(first, at[2]),
                  right = weighted(second, at[3]);
            if (element.isFloat())
              return arith::AddFOp::create(b, left, right);
            return arith::AddIOp::create(b, left, right);
          };
          auto alongRow = [&](Value row) {
            auto value = [&](Value column) {
              Value read = ConvertResize::read(b, op.getInput(), row, column);
              return read.getType() == element
                         ? read
                         : arith::ExtSIOp::create(b, element, read).getResult();
            };
            return between(value(columns[0]), value(columns[1]), columns,
                           inputType.getDimSize(2), x.unit);
          };
          return between(alongRow(rows[0]), alongRow(rows[1]), rows,
                         inputType.getDimSize(1), y.unit);
        });
  }
};

//===----------------------------------------------------------------------===//
// Every k-th element
//===----------------------------------------------------------------------===//

/// A slice of one element of the last dimension, as channel shuffles have it.
struct ConvertStridedSlice : OpRewritePattern<tosa::SliceOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tosa::SliceOp op,
                                PatternRewriter &rewriter) const override {
    SmallVector<int64_t> start;
    auto type = cast<RankedTensorType>(op.getType());
    auto inputType = cast<RankedTensorType>(op.getInput1().getType());
    int64_t last = type.getRank() - 1;
    constexpr int64_t maxStep = 8;
    if (last < 1 || !type.hasStaticShape() || !inputType.hasStaticShape() ||
        type.getDimSize(last) != 1 || inputType.getDimSize(last) == 1 ||
        inputType.getDimSize(last) > maxStep ||
        !tosa::getConstShapeValues(op.getStart().getDefiningOp(), start))
      return rewriter.notifyMatchFailure(op, "no step between elements");
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    SmallVector<AffineExpr> at;
    for (int64_t dim = 0; dim < last; ++dim)
      at.push_back(b.getAffineDimExpr(dim) + start[dim]);
    at.push_back(b.getAffineConstantExpr(start[last]));
    linalg::GenericOp generic = createGeneric(
        b, type.clone(type.getShape().drop_back()), op.getInput1(),
        AffineMap::get(last, 0, at, b.getContext()),
        [](ImplicitLocOpBuilder &, ValueRange args) { return args[0]; });
    SmallVector<ReassociationIndices> groups;
    for (int64_t dim = 0; dim < last; ++dim)
      groups.push_back({dim});
    groups.back().push_back(last);
    rewriter.replaceOpWithNewOp<tensor::ExpandShapeOp>(
        op, type, generic.getResult(0), groups);
    return success();
  }
};

struct ConvertSamplingToLinalg
    : quantc::impl::ConvertSamplingToLinalgPassBase<ConvertSamplingToLinalg> {
  using Base::Base;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<ConvertResize>(&getContext(), onlyRounded);
    if (!onlyRounded)
      patterns.add<ConvertStridedSlice>(&getContext());
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};

} // namespace
