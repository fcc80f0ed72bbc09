// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Winograd.h"
#include "PairProof.h"
#include "PassTarget.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/Matchers.h"
#include "quantc/Codegen/Passes.h"
#include "quantc/Dialect/Dot/IR/Dot.h"
#include "quantc/Dialect/Quantc/IR/ConstantUtils.h"
#include "quantc/Quantization/Proofs.h"

namespace quantc {
#define GEN_PASS_DEF_WINOGRADPASS
#include "quantc/Codegen/Passes.h.inc"
} // namespace quantc

using namespace mlir;
using namespace quantc;

namespace {

/// A convolution that can take the form, and what it takes.
struct Candidate {
  linalg::Conv2DNhwcFhwcOp conv;
  linalg::GenericOp epilogue;
  SmallVector<int8_t> filters;
  SmallVector<int32_t> start;
  int64_t stride, height, width, channels, columns;
  const WinogradForm *form = nullptr;

  int64_t tilesH(const WinogradForm &form) const {
    return llvm::divideCeil(height, form.pixels);
  }
  int64_t tilesW(const WinogradForm &form) const {
    return llvm::divideCeil(width, form.pixels);
  }
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
    if (!input.getElementType().isInteger(8) ||
        !output.getElementType().isInteger(32) || filter.getDimSize(1) != 3 ||
        filter.getDimSize(2) != 3 || !all(conv.getDilations(), 1) ||
        output.getDimSize(0) != 1)
      return std::nullopt;
    Candidate result;
    result.conv = conv;
    result.stride = *conv.getStrides().value_begin<int64_t>();
    // All of the input is read.
    if (!all(conv.getStrides(), result.stride) ||
        llvm::any_of(ArrayRef{1, 2}, [&](int dim) {
          return input.getDimSize(dim) !=
                 (output.getDimSize(dim) - 1) * result.stride + 3;
        }))
      return std::nullopt;
    result.height = output.getDimSize(1);
    result.width = output.getDimSize(2);
    result.channels = input.getDimSize(3);
    result.columns = output.getDimSize(3);
    int64_t register16 = 2 * target.lanes;
    if (result.channels % register16 || result.columns % register16 ||
        !conv->hasOneUse())
      return std::nullopt;
    result.epilogue = dyn_cast<linalg::GenericOp>(*conv->user_begin());
    if (!result.epilogue ||
        result.epilogue.getNumParallelLoops() !=
            result.epilogue.getNumLoops() ||
        result.epilogue.getNumResults() != 1)
      return std::nullopt;
    OpOperand &use = *conv->use_begin();
    OpOperand *init = result.epilogue.getDpsInitOperand(0);
    if (!result.epilogue.isDpsInput(&use) ||
        !result.epilogue.getMatchingIndexingMap(&use).isIdentity() ||
        !result.epilogue.getMatchingIndexingMap(init).isIdentity())
      return std::nullopt;
    // One kernel, one transform.
    if (llvm::any_of(result.epilogue.getInputs(), [](Value input) {
          return input.getDefiningOp<dot::WinogradOutputOp>();
        }))
      return std::nullopt;
    auto filters = readConstant<int8_t>(conv.getInputs()[1]);
    auto start = readStart(conv.getOutputs()[0], result.columns);
    if (!filters || !start)
      return std::nullopt;
    result.filters = std::move(*filters);
    result.start = std::move(*start);
    chooseForm(result);
    return result.form ? std::make_optional(std::move(result)) : std::nullopt;
  }

  /// The cheapest that is exact; none where the plain form is as cheap.
  void chooseForm(Candidate &c) {
    double channels = c.channels, columns = c.columns, lanes = target.lanes;
    // Products and sums of pairs of channels.
    double dots = channels * columns / lanes;
    // Of the plain form, whose filters a tile of six pixels shares.
    double best = kWorthwhile * c.height * c.width * 9 * dots;
    if (target.byteForm && pairsFitWords(c.conv))
      best *= kOfBytes;
    for (const WinogradForm &form : getWinogradForms()) {
      if (form.stride != c.stride)
        continue;
      double tiles = c.tilesH(form) * c.tilesW(form);
      double products = countProducts(c, form) * dots;
      double bytes = 2.0 * form.products() * channels * columns;
      double cost = std::max(products, bytes / kBytesPerStep) +
                    tiles * (form.inputSteps * channels / (2 * lanes) +
                             form.outputSteps * columns / lanes);
      if (cost < best && isExact(c.filters, c.columns, form)) {
        best = cost;
        c.form = &form;
      }
    }
  }

  /// Of all tiles. Where they pass through the positions together, those of
  /// the last row and column do so only where a pixel comes of it.
  int64_t countProducts(const Candidate &c, const WinogradForm &form) {
    int64_t tiles = c.tilesH(form) * c.tilesW(form);
    if (winogradBlock(form, target, tiles) < tiles)
      return tiles * form.products();
    auto count = [&](int64_t tiles, int64_t pixels) {
      int64_t inLast = pixels - (tiles - 1) * form.pixels, products = 0;
      for (auto [sum, first] : llvm::enumerate(form.firstPixel))
        products += (tiles - (first >= inLast)) * form.productsOf(sum);
      return products;
    };
    return count(c.tilesH(form), c.height) * count(c.tilesW(form), c.width);
  }

  /// Whether 2^k times each sum is an i32: the transforms compute that, modulo
  /// 2^32. Where nothing is divided, sums come out as of the plain form anyway.
  static bool isExact(ArrayRef<int8_t> filters, int64_t columns,
                      const WinogradForm &form) {
    if (!form.shift)
      return true;
    int64_t length = filters.size() / columns, factor = int64_t(1)
                                                        << form.shift;
    for (int64_t n = 0; n < columns; ++n) {
      QuantRange bounds = accumulatorBounds(filters.slice(n * length, length),
                                            QuantRange{-128, 127});
      if (!fitsInt32({bounds.min * factor, bounds.max * factor}))
        return false;
    }
    return true;
  }

  Value empty(ArrayRef<int64_t> shape, Type element) {
    return tensor::EmptyOp::create(b, loc, shape, element);
  }

  /// The input with as many rows and columns behind it as the tiles take.
  Value padInput(Candidate &c) {
    Value input = c.conv.getInputs()[0];
    const WinogradForm &form = *c.form;
    int64_t bottom = c.stride * (c.tilesH(form) * form.pixels - c.height),
            right = c.stride * (c.tilesW(form) * form.pixels - c.width);
    if (!bottom && !right)
      return input;
    SmallVector<OpFoldResult> low(4, b.getIndexAttr(0)), high = low;
    Value fill;
    // Where it has a halo, a larger one; what is in it doesn't matter.
    if (auto pad = input.getDefiningOp<tensor::PadOp>();
        pad && pad->hasOneUse() && pad.getConstantPaddingValue()) {
      input = pad.getSource();
      low = pad.getMixedLowPad();
      high = pad.getMixedHighPad();
      fill = pad.getConstantPaddingValue();
    } else {
      fill = arith::ConstantOp::create(b, loc, b.getI8IntegerAttr(0));
    }
    auto grow = [&](OpFoldResult &amount, int64_t by) {
      amount = b.getIndexAttr(*getConstantIntValue(amount) + by);
    };
    grow(high[1], bottom);
    grow(high[2], right);
    return tensor::PadOp::create(b, loc, Type(), input, low, high, fill);
  }

  void rewrite(Candidate &c) {
    b.setInsertionPoint(c.conv);
    loc = c.conv.getLoc();
    Type i16 = b.getI16Type(), i32 = b.getI32Type();
    const WinogradForm &form = *c.form;
    int64_t tiles = c.tilesH(form) * c.tilesW(form);
    Value rows = dot::WinogradInputOp::create(
        b, loc,
        RankedTensorType::get({form.products(), tiles, c.channels}, i16),
        padInput(c), form.pixels, form.stride);
    auto filterType =
        RankedTensorType::get({form.products(), c.channels, c.columns}, i16);
    Value filters = arith::ConstantOp::create(
        b, loc, filterType,
        cast<TypedAttr>(makeElements<int16_t>(
            filterType,
            transformFilters(form, c.filters, c.columns, c.channels),
            "winograd")));
    Value zero = arith::ConstantOp::create(b, loc, b.getI32IntegerAttr(0));
    SmallVector<int64_t> sumShape{form.products(), tiles, c.columns};
    Value sums =
        linalg::FillOp::create(b, loc, zero, empty(sumShape, i32)).getResult(0);
    sums = linalg::BatchMatmulOp::create(b, loc, ValueRange{rows, filters},
                                         ValueRange{sums})
               .getResult(0);
    Value output = dot::WinogradOutputOp::create(
        b, loc, c.conv.getResultTypes()[0], sums, form.pixels, form.stride);
    auto startType = RankedTensorType::get({c.columns}, i32);
    Value start = arith::ConstantOp::create(
        b, loc, startType,
        cast<TypedAttr>(makeElements<int32_t>(startType, c.start, "start")));
    rewriteEpilogue(c, output, start);
    c.conv.erase();
  }

  /// The epilogue divides by S² and adds the start.
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
    auto constant = [&](int32_t value) -> Value {
      return arith::ConstantOp::create(b, loc, b.getI32IntegerAttr(value));
    };
    SmallVector<OpOperand *> uses =
        llvm::to_vector(llvm::make_pointer_range(sum.getUses()));
    Value value = sum;
    if (c.form->inverse != 1)
      value = arith::MulIOp::create(b, loc, value, constant(c.form->inverse));
    if (c.form->shift)
      value = arith::ShRSIOp::create(b, loc, value, constant(c.form->shift));
    value = arith::AddIOp::create(b, loc, value, added);
    for (OpOperand *use : uses)
      use->set(value);
    old.replaceAllUsesWith(generic);
    old.erase();
  }

  /// Of the plain form's cost, for tiles have to be stored and loaded, too.
  static constexpr double kWorthwhile = 0.85;
  /// Of a product and a sum of two pairs of words: of four bytes, that is two
  /// products and a sum.
  static constexpr double kOfBytes = 0.75;
  /// Of filters that stream from the third-level cache.
  static constexpr double kBytesPerStep = 2;

  func::FuncOp entry;
  const TargetDescription &target;
  OpBuilder b;
  Location loc = entry.getLoc();
};

struct Winograd : quantc::impl::WinogradPassBase<Winograd> {
  using WinogradPassBase::WinogradPassBase;

  void runOnOperation() override {
    const TargetDescription *target =
        selectTargetFor(getOperation(), triple, cpu, features);
    if (!target)
      return signalPassFailure();
    if (target->dotForm == DotForm::Pairs && !getOperation().isExternal())
      Rewriter(getOperation(), *target).run();
  }
};

} // namespace
