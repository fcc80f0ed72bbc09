// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "PairProof.h"
#include "PassTarget.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/Matchers.h"
#include "quantc/Codegen/Passes.h"
#include "quantc/Dialect/Dot/IR/Dot.h"
#include "llvm/ADT/TypeSwitch.h"

namespace quantc {
#define GEN_PASS_DEF_WIDENACTIVATIONSPASS
#include "quantc/Codegen/Passes.h.inc"
} // namespace quantc

using namespace mlir;
using namespace quantc;

namespace {

/// Rebuilds the operations of an entry function on i16 where they were on i8
/// and something multiplies words of them. The old ones stay until nobody reads
/// them.
class Widener {
public:
  explicit Widener(func::FuncOp entry)
      : entry(entry), builder(entry.getContext()), i8(builder.getI8Type()),
        i16(builder.getI16Type()) {}

  void run() {
    Block &block = entry.getBody().front();
    SmallVector<Operation *> ops;
    for (Operation &op : block)
      ops.push_back(&op);
    for (Operation *op : ops)
      if (auto conv = dyn_cast<linalg::Conv2DNhwcFhwcOp>(op);
          conv && isBytes(conv.getInputs()[0]) && pairsFitWords(conv))
        conv->setAttr(kPairsFitWordsName, builder.getUnitAttr());
    // Consumers first.
    for (Operation *op : llvm::reverse(ops))
      findWanted(op);
    for (Operation *op : ops) {
      builder.setInsertionPoint(op);
      if (!rebuild(op))
        takeNarrow(op);
    }
    for (Operation *op : llvm::reverse(ops))
      if (isOpTriviallyDead(op))
        op->erase();
  }

private:
  bool isBytes(Value value) const {
    return isa<TensorType>(value.getType()) &&
           getElementTypeOrSelf(value.getType()) == i8;
  }

  /// Notes which operands should be words.
  void findWanted(Operation *op) {
    if (isa<linalg::Conv2DNhwcFhwcOp, linalg::DepthwiseConv2DNhwcHwcOp>(op) &&
        !op->hasAttr(kPairsFitWordsName))
      wanted.insert(op->getOperand(0));
    // What only moves elements, or compares them.
    auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
    bool keeps =
        isa<tensor::PadOp, tensor::ExpandShapeOp, tensor::CollapseShapeOp,
            tensor::ExtractSliceOp, tensor::InsertSliceOp>(op) ||
        (linalgOp && isOrderOnly(linalgOp));
    if (keeps && op->getNumResults() == 1 && wanted.contains(op->getResult(0)))
      wanted.insert_range(op->getOperands());
  }

  static bool isReshape(Operation *op) {
    return isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp>(op);
  }

  /// Whether `value` leaves the function, and does nothing else.
  static bool isOnlyReturned(Value value) {
    return llvm::all_of(value.getUsers(), [](Operation *user) {
      return isa<func::ReturnOp>(user) ||
             (isReshape(user) && isOnlyReturned(user->getResult(0)));
    });
  }

  RankedTensorType withElement(Value value, Type element) const {
    return cast<RankedTensorType>(value.getType()).clone(element);
  }

  Value emptyLike(Value value, Type element) {
    RankedTensorType type = withElement(value, element);
    return tensor::EmptyOp::create(builder, value.getLoc(), type.getShape(),
                                   element);
  }

  Value wideConstant(Location loc, IntegerAttr value) {
    return arith::ConstantOp::create(
        builder, loc,
        builder.getIntegerAttr(i16, value.getValue().getSExtValue()));
  }

  /// `value` with elements of another width, by a pass over memory.
  Value convert(Value value, Type element) {
    Location loc = value.getLoc();
    Value empty = emptyLike(value, element);
    int64_t rank = cast<RankedTensorType>(value.getType()).getRank();
    AffineMap identity = builder.getMultiDimIdentityMap(rank);
    SmallVector<utils::IteratorType> iterators(rank,
                                               utils::IteratorType::parallel);
    auto generic = linalg::GenericOp::create(
        builder, loc, empty.getType(), value, empty,
        ArrayRef<AffineMap>{identity, identity}, iterators,
        [&](OpBuilder &b, Location loc, ValueRange args) {
          Value result =
              element == i16
                  ? arith::ExtSIOp::create(b, loc, element, args[0]).getResult()
                  : arith::TruncIOp::create(b, loc, element, args[0],
                                            arith::IntegerOverflowFlags::nsw)
                        .getResult();
          linalg::YieldOp::create(b, loc, result);
        });
    return generic.getResult(0);
  }

  Value getWide(Value value) {
    Value &slot = wide[value];
    if (!slot)
      slot = convert(value, i16);
    return slot;
  }

  /// For operations that this pass doesn't know.
  void takeNarrow(Operation *op) {
    for (OpOperand &operand : op->getOpOperands())
      if (Value value = wide.lookup(operand.get());
          value && !isa<BlockArgument>(operand.get())) {
        Value &slot = narrow[operand.get()];
        if (!slot)
          slot = convert(value, i8);
        operand.set(slot);
      }
  }

  /// Makes the i16 form of `op`; false if it has none.
  bool rebuild(Operation *op) {
    bool widens = op->getNumResults() == 1 && isBytes(op->getResult(0)) &&
                  wanted.contains(op->getResult(0)) &&
                  !isOnlyReturned(op->getResult(0));
    // Takes both.
    if (isa<dot::WinogradInputOp>(op) && wide.contains(op->getOperand(0))) {
      op->setOperand(0, getWide(op->getOperand(0)));
      return true;
    }
    if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
      return rebuildLinalg(linalgOp, widens);
    if (!widens)
      return false;
    return TypeSwitch<Operation *, bool>(op)
        .Case<tensor::PadOp>([&](auto pad) { return rebuildPad(pad); })
        .Case<tensor::ExpandShapeOp, tensor::CollapseShapeOp,
              tensor::ExtractSliceOp, tensor::InsertSliceOp>(
            [&](Operation *movement) { return rebuildMovement(movement); })
        .Default(false);
  }

  bool rebuildMovement(Operation *op) {
    // What moves bytes that nobody widened goes on doing so.
    auto tensors = llvm::make_filter_range(
        op->getOperands(), [&](Value operand) { return isBytes(operand); });
    if (llvm::none_of(tensors,
                      [&](Value operand) { return wide.contains(operand); }))
      return false;
    Operation *clone = builder.clone(*op);
    for (OpOperand &operand : clone->getOpOperands()) {
      if (!isBytes(operand.get()))
        continue;
      bool isEmpty = operand.get().getDefiningOp<tensor::EmptyOp>();
      operand.set(isEmpty ? emptyBefore(clone, operand.get())
                          : getWideBefore(clone, operand.get()));
    }
    clone->getResult(0).setType(withElement(op->getResult(0), i16));
    wide[op->getResult(0)] = clone->getResult(0);
    return true;
  }

  Value emptyBefore(Operation *op, Value value) {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPoint(op);
    return emptyLike(value, i16);
  }
  Value getWideBefore(Operation *op, Value value) {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPoint(op);
    return getWide(value);
  }

  bool rebuildPad(tensor::PadOp pad) {
    IntegerAttr value;
    Value padding = pad.getConstantPaddingValue();
    if (!padding || !matchPattern(padding, m_Constant(&value)))
      return false;
    Value source = getWide(pad.getSource());
    Value constant = wideConstant(pad.getLoc(), value);
    wide[pad.getResult()] = tensor::PadOp::create(
        builder, pad.getLoc(), withElement(pad.getResult(), i16), source,
        pad.getMixedLowPad(), pad.getMixedHighPad(), constant, pad.getNofold());
    return true;
  }

  /// Whether the body only compares and moves elements, so that it may do so
  /// with wider ones.
  static bool isOrderOnly(linalg::LinalgOp op) {
    return llvm::all_of(op.getBlock()->without_terminator(), [](Operation &in) {
      return isa<arith::MaxSIOp, arith::MinSIOp>(in);
    });
  }

  bool rebuildLinalg(linalg::LinalgOp op, bool widens) {
    // If its bytes are words for others' sake, it multiplies words, too.
    Operation *marked = op;
    if (marked->hasAttr(kPairsFitWordsName)) {
      if (!wide.contains(op->getOperand(0)))
        return false;
      marked->removeAttr(kPairsFitWordsName);
    }
    bool isConvolution =
        isa<linalg::Conv2DNhwcFhwcOp, linalg::DepthwiseConv2DNhwcHwcOp>(op) &&
        isBytes(op->getOperand(0));
    bool readsWide =
        isConvolution || llvm::any_of(op.getDpsInputs(), [&](Value input) {
          return wide.contains(input);
        });
    bool elementwise = isa<linalg::GenericOp>(op) &&
                       op.getNumLoops() == op.getNumParallelLoops() &&
                       op.getNumDpsInits() == 1 &&
                       op.getBlock()->getArguments().back().use_empty();
    bool ordersOnly = widens && readsWide && isOrderOnly(op);
    if (!elementwise && !ordersOnly)
      widens = false;
    // Sums of what is wide may take it as it is; bytes that remain may not.
    if (!widens && !readsWide)
      return false;
    if (!isConvolution && !elementwise && !ordersOnly)
      return false;

    Value init = op.getDpsInits()[0];
    Value newInit;
    if (widens && !(newInit = widenInit(init)))
      return false;
    SmallVector<Value> inputs;
    for (auto [i, input] : llvm::enumerate(op.getDpsInputs()))
      inputs.push_back(wide.contains(input) || (isConvolution && i == 0)
                           ? getWide(input)
                           : input);
    auto clone = cast<linalg::LinalgOp>(builder.clone(*op));
    for (auto [i, input] : llvm::enumerate(inputs))
      if (input != op.getDpsInputs()[i]) {
        clone->setOperand(i, input);
        widenArgument(clone.getBlock()->getArgument(i), widens, ordersOnly);
      }
    if (widens) {
      clone.setDpsInitOperand(0, newInit);
      clone.getBlock()->getArguments().back().setType(i16);
      clone->getResult(0).setType(newInit.getType());
      if (ordersOnly)
        for (Operation &inner : clone.getBlock()->without_terminator())
          inner.getResult(0).setType(i16);
      widenYield(clone.getBlock()->getTerminator());
      wide[op->getResult(0)] = clone->getResult(0);
    } else {
      op->replaceAllUsesWith(clone->getResults());
    }
    return true;
  }

  /// An accumulator's start, or a place to write to, in i16; null if `init` is
  /// something else.
  Value widenInit(Value init) {
    if (init.getDefiningOp<tensor::EmptyOp>())
      return emptyLike(init, i16);
    IntegerAttr value;
    auto fill = init.getDefiningOp<linalg::FillOp>();
    if (!fill || !matchPattern(fill.getInputs()[0], m_Constant(&value)))
      return {};
    Value constant = wideConstant(fill.getLoc(), value);
    Value empty = emptyLike(init, i16);
    return linalg::FillOp::create(builder, fill.getLoc(), constant, empty)
        .getResult(0);
  }

  /// The body goes on with the byte, or, where it extends it or yields one,
  /// with the word.
  void widenArgument(BlockArgument argument, bool yieldsWord, bool ordersOnly) {
    argument.setType(i16);
    if (ordersOnly)
      return;
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(argument.getOwner());
    Value byte;
    for (OpOperand &use : llvm::make_early_inc_range(argument.getUses())) {
      if (isa<arith::ExtSIOp>(use.getOwner()) ||
          (yieldsWord && use.getOwner()->hasTrait<OpTrait::IsTerminator>()))
        continue;
      if (!byte)
        byte = arith::TruncIOp::create(builder, argument.getLoc(), i8, argument,
                                       arith::IntegerOverflowFlags::nsw);
      use.set(byte);
    }
  }

  void widenYield(Operation *yield) {
    Value value = yield->getOperand(0);
    if (value.getType() == i16)
      return;
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPoint(yield);
    auto trunc = value.getDefiningOp<arith::TruncIOp>();
    bool fits = trunc && bitEnumContainsAll(trunc.getOverflowFlags(),
                                            arith::IntegerOverflowFlags::nsw);
    if (fits && trunc.getIn().getType() == i16)
      value = trunc.getIn();
    else if (fits)
      value = arith::TruncIOp::create(builder, value.getLoc(), i16,
                                      trunc.getIn(), trunc.getOverflowFlags());
    else
      value = arith::ExtSIOp::create(builder, value.getLoc(), i16, value);
    yield->setOperand(0, value);
  }

  func::FuncOp entry;
  OpBuilder builder;
  Type i8, i16;
  /// By the value as it was: in i16, and back in i8.
  llvm::DenseMap<Value, Value> wide, narrow;
  /// What should be words.
  DenseSet<Value> wanted;
};

struct WidenActivations
    : quantc::impl::WidenActivationsPassBase<WidenActivations> {
  using WidenActivationsPassBase::WidenActivationsPassBase;

  void runOnOperation() override {
    const TargetDescription *target =
        selectTargetFor(getOperation(), triple, cpu, features);
    if (!target)
      return signalPassFailure();
    if (target->activationBits() == 16 && !getOperation().isExternal())
      Widener(getOperation()).run();
  }
};

} // namespace
