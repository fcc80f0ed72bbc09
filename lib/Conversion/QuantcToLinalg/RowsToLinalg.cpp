// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Integer functions of rows as plain loops over their elements.

#include "RowsToLinalg.h"
#include "quantc/Conversion/RowArithmetic.h"

using namespace mlir;
using namespace quantc;

namespace {

/// linalg.generic operations on a tensor of rows, or on one value for each row.
class RowLoops {
public:
  RowLoops(PatternRewriter &rewriter, Location loc, RankedTensorType type)
      : rewriter(rewriter), loc(loc), type(type) {}

  using Body = function_ref<Value(ValueRange)>;

  /// Combines the elements of each row, in order; `body` gets an element, the
  /// other inputs of its row, and what came before.
  Value reduce(ValueRange inputs, Type element, int64_t start, Body body) {
    auto rowType = RankedTensorType::get(type.getShape().drop_back(), element);
    Value init = arith::ConstantOp::create(
        rewriter, loc, rewriter.getIntegerAttr(element, start));
    Value empty = tensor::EmptyOp::create(rewriter, loc, rowType.getShape(),
                                          rowType.getElementType());
    empty = linalg::FillOp::create(rewriter, loc, init, empty).getResult(0);
    return build(inputs, {}, empty, utils::IteratorType::reduction, body);
  }
  /// A value for each element. `vectors` have the length of a row.
  Value map(ValueRange inputs, ValueRange vectors, Type element, Body body) {
    Value empty =
        tensor::EmptyOp::create(rewriter, loc, type.getShape(), element);
    return build(inputs, vectors, empty, utils::IteratorType::parallel, body);
  }

private:
  /// Of a value for each element, or one for each row.
  AffineMap getMap(Value value) {
    int64_t rank = type.getRank();
    AffineMap identity = rewriter.getMultiDimIdentityMap(rank);
    bool isWhole = cast<RankedTensorType>(value.getType()).getRank() == rank;
    return isWhole ? identity : identity.dropResult(rank - 1);
  }
  Value build(ValueRange inputs, ValueRange vectors, Value init,
              utils::IteratorType last, Body body) {
    int64_t rank = type.getRank();
    SmallVector<AffineMap> maps =
        llvm::map_to_vector(inputs, [&](Value value) { return getMap(value); });
    SmallVector<Value> all(inputs);
    llvm::append_range(all, vectors);
    maps.append(vectors.size(),
                AffineMap::get(rank, 0, rewriter.getAffineDimExpr(rank - 1),
                               rewriter.getContext()));
    maps.push_back(getMap(init));
    SmallVector<utils::IteratorType> iterators(type.getRank(),
                                               utils::IteratorType::parallel);
    iterators.back() = last;
    return linalg::GenericOp::create(
               rewriter, loc, init.getType(), all, init, maps, iterators,
               [&](OpBuilder &builder, Location loc, ValueRange args) {
                 OpBuilder::InsertionGuard guard(rewriter);
                 rewriter.setInsertionPoint(builder.getInsertionBlock(),
                                            builder.getInsertionPoint());
                 linalg::YieldOp::create(rewriter, loc, body(args));
               })
        .getResult(0);
  }

  PatternRewriter &rewriter;
  Location loc;
  RankedTensorType type;
};

struct ConvertSoftmax : OpRewritePattern<IntegerSoftmaxOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(IntegerSoftmaxOp op,
                                PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    Type i32 = rewriter.getI32Type(), i64 = rewriter.getI64Type();
    RowLoops loops(rewriter, loc,
                   cast<RankedTensorType>(op.getInput().getType()));
    Value x = op.getInput();
    Value max =
        loops.reduce(x, rewriter.getI8Type(), -128, [&](ValueRange args) {
          return arith::MaxSIOp::create(rewriter, loc, args[0], args[1]);
        });
    Value exp = loops.map({x, max}, {}, i32, [&](ValueRange args) -> Value {
      Value top = arith::ExtSIOp::create(rewriter, loc, i32, args[1]);
      Value element = arith::ExtSIOp::create(rewriter, loc, i32, args[0]);
      Value distance = arith::SubIOp::create(rewriter, loc, top, element);
      Value index = arith::IndexCastOp::create(
          rewriter, loc, rewriter.getIndexType(), distance);
      return tensor::ExtractOp::create(rewriter, loc, op.getTable(), index);
    });
    Value sum = loops.reduce(exp, i64, 0, [&](ValueRange args) -> Value {
      Value wide = arith::ExtSIOp::create(rewriter, loc, i64, args[0]);
      return arith::AddIOp::create(rewriter, loc, args[1], wide);
    });
    rewriter.replaceOp(
        op,
        loops.map({exp, sum}, {}, rewriter.getI8Type(), [&](ValueRange args) {
          return buildSoftmaxResult(
              rewriter, loc, op, args[0],
              buildSoftmaxReciprocal(rewriter, loc, op, args[1]));
        }));
    return success();
  }
};

struct ConvertLayerNorm : OpRewritePattern<IntegerLayerNormOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(IntegerLayerNormOp op,
                                PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    Type i32 = rewriter.getI32Type();
    RowLoops loops(rewriter, loc,
                   cast<RankedTensorType>(op.getInput().getType()));
    Value x = op.getInput();
    auto widen = [&](Value byte) -> Value {
      return arith::ExtSIOp::create(rewriter, loc, i32, byte);
    };
    Value sum = loops.reduce(x, i32, 0, [&](ValueRange args) -> Value {
      return arith::AddIOp::create(rewriter, loc, args[1], widen(args[0]));
    });
    Value squares = loops.reduce(x, i32, 0, [&](ValueRange args) -> Value {
      Value wide = widen(args[0]);
      Value square = arith::MulIOp::create(rewriter, loc, wide, wide);
      return arith::AddIOp::create(rewriter, loc, args[1], square);
    });
    Value result = loops.map(
        {x, sum, squares}, {op.getGamma(), op.getBeta()}, rewriter.getI8Type(),
        [&](ValueRange args) {
          RowFactorValues factors =
              buildRowFactors(rewriter, loc, op, args[1], args[2]);
          return buildLayerNormResult(rewriter, loc, op, widen(args[0]),
                                      factors, args[3], args[4]);
        });
    rewriter.replaceOp(op, result);
    return success();
  }
};

} // namespace

void quantc::populateRowPatterns(RewritePatternSet &patterns) {
  patterns.add<ConvertSoftmax, ConvertLayerNorm>(patterns.getContext());
}
