// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Winograd.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/Matchers.h"
#include "quantc/Codegen/Passes.h"
#include "quantc/Codegen/TargetDescription.h"
#include "quantc/Dialect/Quantc/IR/ConstantUtils.h"
#include "quantc/Quantization/Proofs.h"

namespace quantc {
#define GEN_PASS_DEF_WINOGRADPASS
#include "quantc/Codegen/Passes.h.inc"
} // namespace quantc

using namespace mlir;
using namespace quantc;

SmallVector<int16_t> quantc::transformFilters(ArrayRef<int8_t> filters,
                                              int64_t columns,
                                              int64_t channels) {
  // 2G, row by row.
  static constexpr int kG[4][3] = {{2, 0, 0}, {1, 1, 1}, {1, -1, 1}, {0, 0, 2}};
  SmallVector<int16_t> result(16 * channels * columns);
  for (int64_t n = 0; n < columns; ++n)
    for (int64_t c = 0; c < channels; ++c)
      for (int i = 0; i < 4; ++i)
        for (int j = 0; j < 4; ++j) {
          int sum = 0;
          for (int y = 0; y < 3; ++y)
            for (int x = 0; x < 3; ++x)
              sum += kG[i][y] * kG[j][x] *
                     filters[((n * 3 + y) * 3 + x) * channels + c];
          result[((i * 4 + j) * channels + c) * columns + n] = sum;
        }
  return result;
}

namespace {

/// A convolution that can take the form, and what it takes.
struct Candidate {
  linalg::Conv2DNhwcFhwcOp conv;
  linalg::GenericOp epilogue;
  SmallVector<int8_t> filters;
  SmallVector<int32_t> start;
  int64_t height, width, channels, columns;
};

/// What each sum starts with; nothing where that isn't constant.
static std::optional<SmallVector<int32_t>> readStart(Value init,
                                                     int64_t columns) {
  IntegerAttr splat;
  if (auto fill = init.getDefiningOp<linalg::FillOp>()) {
    if (!matchPattern(fill.getInputs()[0], m_Constant(&splat)))
      return std::nullopt;
    return SmallVector<int32_t>(columns, splat.getInt());
  }
  auto generic = init.getDefiningOp<linalg::GenericOp>();
  if (!generic || generic.getNumDpsInputs() != 1 ||
      generic.getBlock()->getOperations().size() != 1 ||
      generic.getIndexingMapsArray()[0] !=
          AffineMap::get(4, 0, getAffineDimExpr(3, init.getContext())))
    return std::nullopt;
  return readConstant<int32_t>(generic.getInputs()[0]);
}

class Rewriter {
public:
  Rewriter(func::FuncOp entry, const TargetDescription &target)
      : entry(entry), target(target), b(entry.getContext()) {}

  void run() {
    SmallVector<linalg::Conv2DNhwcFhwcOp> convs(
        entry.getOps<linalg::Conv2DNhwcFhwcOp>());
    for (linalg::Conv2DNhwcFhwcOp conv : convs)
      if (auto candidate = match(conv))
        rewrite(*candidate);
  }

private:
  std::optional<Candidate> match(linalg::Conv2DNhwcFhwcOp conv) {
    auto input = cast<RankedTensorType>(conv.getInputs()[0].getType());
    auto filter = cast<RankedTensorType>(conv.getInputs()[1].getType());
    auto output = cast<RankedTensorType>(conv.getResultTypes()[0]);
    auto all = [](DenseIntElementsAttr values, int64_t expected) {
      return llvm::all_of(values.getValues<int64_t>(),
                          [&](int64_t value) { return value == expected; });
    };
    if (!input.getElementType().isInteger(16) || filter.getDimSize(1) != 3 ||
        filter.getDimSize(2) != 3 || !all(conv.getStrides(), 1) ||
        !all(conv.getDilations(), 1) || output.getDimSize(0) != 1)
      return std::nullopt;
    Candidate result;
    result.conv = conv;
    result.height = output.getDimSize(1);
    result.width = output.getDimSize(2);
    result.channels = input.getDimSize(3);
    result.columns = output.getDimSize(3);
    int64_t register16 = 2 * target.lanes;
    if (result.height % 2 || result.width % 2 || result.channels % register16 ||
        result.columns % register16 || result.channels < kMinChannels ||
        !conv->hasOneUse())
      return std::nullopt;
    result.epilogue = dyn_cast<linalg::GenericOp>(*conv->user_begin());
    if (!result.epilogue ||
        result.epilogue.getNumParallelLoops() !=
            result.epilogue.getNumLoops() ||
        result.epilogue.getNumResults() != 1)
      return std::nullopt;
    OpOperand &use = *conv->use_begin();
    if (!result.epilogue.isDpsInput(&use) ||
        !result.epilogue.getMatchingIndexingMap(&use).isIdentity())
      return std::nullopt;
    auto filters = readConstant<int8_t>(conv.getInputs()[1]);
    auto start = readStart(conv.getOutputs()[0], result.columns);
    if (!filters || !start || !isExact(*filters, result.columns))
      return std::nullopt;
    result.filters = std::move(*filters);
    result.start = std::move(*start);
    return result;
  }

  /// Whether four times each sum is an i32: the transforms compute that, modulo
  /// 2^32.
  static bool isExact(ArrayRef<int8_t> filters, int64_t columns) {
    int64_t length = filters.size() / columns;
    for (int64_t n = 0; n < columns; ++n) {
      QuantRange bounds = accumulatorBounds(filters.slice(n * length, length),
                                            QuantRange{-128, 127});
      if (!fitsInt32({bounds.min * 4, bounds.max * 4}))
        return false;
    }
    return true;
  }

  Value empty(ArrayRef<int64_t> shape, Type element) {
    return tensor::EmptyOp::create(b, loc, shape, element);
  }

  void rewrite(Candidate &c) {
    b.setInsertionPoint(c.conv);
    loc = c.conv.getLoc();
    Type i16 = b.getI16Type(), i32 = b.getI32Type();
    int64_t tilesH = c.height / 2, tilesW = c.width / 2;
    auto fmr = linalg::WinogradConv2DFmr::F_2_3;
    Value input =
        linalg::WinogradInputTransformOp::create(
            b, loc,
            RankedTensorType::get({4, 4, tilesH, tilesW, 1, c.channels}, i16),
            c.conv.getInputs()[0],
            empty({4, 4, tilesH, tilesW, 1, c.channels}, i16), fmr)
            .getResult();
    SmallVector<ReassociationIndices> flat{{0, 1}, {2, 3, 4}, {5}};
    Value rows = tensor::CollapseShapeOp::create(b, loc, input, flat);
    auto filterType = RankedTensorType::get({16, c.channels, c.columns}, i16);
    Value filters = arith::ConstantOp::create(
        b, loc, filterType,
        cast<TypedAttr>(makeElements<int16_t>(
            filterType, transformFilters(c.filters, c.columns, c.channels),
            "winograd")));
    Value zero = arith::ConstantOp::create(b, loc, b.getI32IntegerAttr(0));
    SmallVector<int64_t> sumShape{16, tilesH * tilesW, c.columns};
    Value sums =
        linalg::FillOp::create(b, loc, zero, empty(sumShape, i32)).getResult(0);
    sums = linalg::BatchMatmulOp::create(b, loc, ValueRange{rows, filters},
                                         ValueRange{sums})
               .getResult(0);
    sums = tensor::ExpandShapeOp::create(
        b, loc,
        RankedTensorType::get({4, 4, tilesH, tilesW, 1, c.columns}, i32), sums,
        flat);
    SmallVector<int64_t> outShape{1, c.height, c.width, c.columns};
    Value output = linalg::WinogradOutputTransformOp::create(
                       b, loc, RankedTensorType::get(outShape, i32), sums,
                       empty(outShape, i32), fmr)
                       .getResult();
    auto startType = RankedTensorType::get({c.columns}, i32);
    Value start = arith::ConstantOp::create(
        b, loc, startType,
        cast<TypedAttr>(makeElements<int32_t>(startType, c.start, "start")));
    rewriteEpilogue(c, output, start);
    c.conv.erase();
  }

  /// The epilogue divides by four and adds the start.
  void rewriteEpilogue(Candidate &c, Value output, Value start) {
    linalg::GenericOp old = c.epilogue;
    b.setInsertionPoint(old);
    unsigned position = c.conv->use_begin()->getOperandNumber();
    SmallVector<Value> inputs(old.getInputs());
    inputs[position] = output;
    inputs.push_back(start);
    SmallVector<AffineMap> maps = old.getIndexingMapsArray();
    maps.insert(std::prev(maps.end()),
                AffineMap::get(4, 0, b.getAffineDimExpr(3), b.getContext()));
    auto generic = linalg::GenericOp::create(
        b, old.getLoc(), old.getResultTypes(), inputs, old.getOutputs(), maps,
        old.getIteratorTypesArray());
    Region &region = generic.getRegion();
    IRMapping mapping;
    old.getRegion().cloneInto(&region, mapping);
    Block &body = region.front();
    BlockArgument added =
        body.insertArgument(inputs.size() - 1, b.getI32Type(), loc);
    BlockArgument sum = body.getArgument(position);
    b.setInsertionPointToStart(&body);
    Value two = arith::ConstantOp::create(b, loc, b.getI32IntegerAttr(2));
    auto quarter = arith::ShRSIOp::create(b, loc, sum, two);
    Value whole = arith::AddIOp::create(b, loc, quarter, added);
    sum.replaceAllUsesExcept(whole, quarter);
    old.replaceAllUsesWith(generic);
    old.erase();
  }

  /// With fewer, the transforms cost what the products save.
  static constexpr int64_t kMinChannels = 32;

  func::FuncOp entry;
  const TargetDescription &target;
  OpBuilder b;
  Location loc = entry.getLoc();
};

struct Winograd : quantc::impl::WinogradPassBase<Winograd> {
  using WinogradPassBase::WinogradPassBase;

  void runOnOperation() override {
    auto target = selectTarget(triple, cpu, features);
    if (!target) {
      getOperation().emitError(llvm::toString(target.takeError()));
      return signalPassFailure();
    }
    if ((*target)->dotForm == DotForm::Pairs && !getOperation().isExternal())
      Rewriter(getOperation(), **target).run();
  }
};

} // namespace
