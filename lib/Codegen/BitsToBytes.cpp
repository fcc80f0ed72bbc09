// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "quantc/Codegen/Passes.h"

namespace quantc {
#define GEN_PASS_DEF_BITSTOBYTESPASS
#include "quantc/Codegen/Passes.h.inc"
} // namespace quantc

using namespace mlir;
using namespace quantc;

namespace {

/// Retypes the tensors of an entry function, producers first.
class Rewriter {
public:
  explicit Rewriter(func::FuncOp entry)
      : entry(entry), b(entry.getContext()), i1(b.getI1Type()),
        i8(b.getI8Type()) {}

  void run() {
    Block &block = entry.getBody().front();
    SmallVector<Operation *> ops =
        llvm::to_vector(llvm::make_pointer_range(block));
    b.setInsertionPointToStart(&block);
    for (BlockArgument argument : block.getArguments())
      if (isOfBits(argument))
        replaceByBytes(argument);
    for (Operation *op : ops)
      if (llvm::any_of(op->getResults(), isOfBits) || takesBytes(op))
        rewrite(op);
  }

private:
  static bool isOfBits(Value value) {
    auto type = dyn_cast<TensorType>(value.getType());
    return type && type.getElementType().isInteger(1);
  }
  /// Whether the value was one of bits.
  bool isOfBytes(Value value) const { return bytes.contains(value); }
  /// Whether `op`, or its body, reads such.
  bool takesBytes(Operation *op) const {
    return op
        ->walk([&](Operation *inner) {
          return llvm::any_of(inner->getOperands(),
                              [&](Value v) { return isOfBytes(v); })
                     ? WalkResult::interrupt()
                     : WalkResult::advance();
        })
        .wasInterrupted();
  }

  void retype(Value value) {
    value.setType(cast<TensorType>(value.getType()).clone(i8));
    bytes.insert(value);
  }

  /// `value` with elements of another width, by a pass over memory.
  Value convert(Value value, Type element) {
    auto type = cast<RankedTensorType>(value.getType());
    Location loc = value.getLoc();
    Value empty = tensor::EmptyOp::create(b, loc, type.getShape(), element);
    AffineMap identity = b.getMultiDimIdentityMap(type.getRank());
    SmallVector<utils::IteratorType> iterators(type.getRank(),
                                               utils::IteratorType::parallel);
    return linalg::GenericOp::create(
               b, loc, empty.getType(), value, empty,
               ArrayRef<AffineMap>{identity, identity}, iterators,
               [&](OpBuilder &inner, Location loc, ValueRange args) {
                 Value result = element == i8 ? extend(inner, args[0])
                                              : truncate(inner, args[0]);
                 linalg::YieldOp::create(inner, loc, result);
               })
        .getResult(0);
  }
  Value extend(OpBuilder &at, Value bit) {
    return arith::ExtUIOp::create(at, bit.getLoc(), i8, bit);
  }
  Value truncate(OpBuilder &at, Value byte) {
    return arith::TruncIOp::create(at, byte.getLoc(), i1, byte);
  }

  void replaceByBytes(Value bits) {
    Value converted = convert(bits, i8);
    bits.replaceAllUsesExcept(converted, converted.getDefiningOp());
    bytes.insert(converted);
  }

  void rewrite(Operation *op) {
    b.setInsertionPoint(op);
    if (auto fill = dyn_cast<linalg::FillOp>(op))
      return rewriteFill(fill);
    if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
      return rewriteLinalg(linalgOp);
    if (auto constant = dyn_cast<arith::ConstantOp>(op))
      return rewriteConstant(constant);
    if (auto pad = dyn_cast<tensor::PadOp>(op))
      extendYielded(pad.getBody()->getTerminator());
    else if (!isa<tensor::EmptyOp, tensor::ExpandShapeOp,
                  tensor::CollapseShapeOp, tensor::ExtractSliceOp,
                  tensor::InsertSliceOp, tensor::ConcatOp>(op))
      return keepBits(op);
    retype(op->getResult(0));
  }

  /// What this pass doesn't know reads and gives bits.
  void keepBits(Operation *op) {
    for (OpOperand &operand : op->getOpOperands())
      if (isOfBytes(operand.get()))
        operand.set(convert(operand.get(), i1));
    b.setInsertionPointAfter(op);
    for (Value result : op->getResults())
      if (isOfBits(result))
        replaceByBytes(result);
  }

  void rewriteConstant(arith::ConstantOp constant) {
    auto type = cast<RankedTensorType>(constant.getType()).clone(i8);
    TypedAttr value;
    if (auto dense = dyn_cast<DenseElementsAttr>(constant.getValue()))
      value = cast<DenseIntElementsAttr>(dense).mapValues(
          i8, [](const APInt &bit) { return bit.zext(8); });
    else // a byte each
      value = DenseResourceElementsAttr::get(
          type,
          cast<DenseResourceElementsAttr>(constant.getValue()).getRawHandle());
    constant.setValueAttr(value);
    retype(constant);
  }

  void rewriteFill(linalg::FillOp fill) {
    Value init = fill.getOutputs()[0];
    auto byBytes = linalg::FillOp::create(b, fill.getLoc(),
                                          extend(b, fill.getInputs()[0]), init);
    fill->replaceAllUsesWith(byBytes);
    bytes.insert(byBytes.getResult(0));
    fill->erase();
  }

  void rewriteLinalg(linalg::LinalgOp op) {
    // The body of a named operation can't change, unless it does nothing.
    bool computes = !llvm::hasSingleElement(*op.getBlock());
    if (computes && !isa<linalg::GenericOp>(op)) {
      IRRewriter rewriter(b);
      if (auto generic = linalg::generalizeNamedOp(rewriter, op);
          succeeded(generic))
        op = cast<linalg::LinalgOp>(generic->getOperation());
    }
    Operation *yield = op.getBlock()->getTerminator();
    for (OpOperand &operand : op->getOpOperands())
      if (isOfBytes(operand.get()))
        takeBytes(op.getMatchingBlockArgument(&operand), yield);
    op->walk([&](tensor::ExtractOp extract) {
      if (!isOfBytes(extract.getTensor()))
        return;
      extract.getResult().setType(i8);
      b.setInsertionPointAfter(extract);
      Value bit = truncate(b, extract);
      extract.getResult().replaceAllUsesExcept(bit, bit.getDefiningOp());
    });
    extendYielded(yield);
    for (Value result : op->getResults())
      if (isOfBits(result))
        retype(result);
  }

  /// Inside a body, bits are bits; what is only moved stays a byte.
  void takeBytes(BlockArgument argument, Operation *yield) {
    argument.setType(i8);
    b.setInsertionPointToStart(argument.getOwner());
    Value bit;
    for (OpOperand &use : llvm::make_early_inc_range(argument.getUses())) {
      if (use.getOwner() == yield)
        continue;
      if (!bit)
        bit = truncate(b, argument);
      if (use.getOwner() != bit.getDefiningOp())
        use.set(bit);
    }
  }

  void extendYielded(Operation *yield) {
    b.setInsertionPoint(yield);
    for (OpOperand &operand : yield->getOpOperands())
      if (operand.get().getType() == i1)
        operand.set(extend(b, operand.get()));
  }

  func::FuncOp entry;
  OpBuilder b;
  Type i1, i8;
  DenseSet<Value> bytes;
};

struct BitsToBytes : quantc::impl::BitsToBytesPassBase<BitsToBytes> {
  void runOnOperation() override {
    if (!getOperation().isExternal())
      Rewriter(getOperation()).run();
  }
};

} // namespace
