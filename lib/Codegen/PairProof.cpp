// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "PairProof.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/InferIntRangeInterface.h"
#include "quantc/Dialect/Quantc/IR/ConstantUtils.h"
#include "quantc/Quantization/Proofs.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace quantc;

namespace {

/// The values that a scalar, or an element of a tensor, can have: epilogues end
/// in clamps, and what moves elements keeps them.
class Ranges {
public:
  ConstantIntRanges get(Value value) {
    auto known = ranges.find(value);
    if (known != ranges.end())
      return known->second;
    ConstantIntRanges range = compute(value);
    ranges.insert({value, range});
    return range;
  }

private:
  static ConstantIntRanges getAll(Value value) {
    Type type = getElementTypeOrSelf(value.getType());
    unsigned bits =
        type.isIntOrIndex() ? ConstantIntRanges::getStorageBitwidth(type) : 0;
    return ConstantIntRanges::maxRange(bits);
  }

  ConstantIntRanges compute(Value value) {
    Operation *op = value.getDefiningOp();
    if (!op)
      return getOfArgument(cast<BlockArgument>(value));
    if (auto inferable = dyn_cast<InferIntRangeInterface>(op))
      return infer(inferable, value);
    return llvm::TypeSwitch<Operation *, ConstantIntRanges>(op)
        .Case<tensor::ExpandShapeOp, tensor::CollapseShapeOp,
              tensor::ExtractSliceOp>(
            [&](auto move) { return get(move->getOperand(0)); })
        .Case([&](tensor::InsertSliceOp insert) {
          // Of a concatenation: what it begins with is overwritten.
          ConstantIntRanges source = get(insert.getSource());
          return insert.getDest().getDefiningOp<tensor::EmptyOp>()
                     ? source
                     : source.rangeUnion(get(insert.getDest()));
        })
        .Case([&](tensor::PadOp pad) {
          Value padding = pad.getConstantPaddingValue();
          return padding ? get(pad.getSource()).rangeUnion(get(padding))
                         : getAll(value);
        })
        .Case([&](linalg::PoolingNhwcMaxOp pool) {
          return get(pool.getInputs()[0]).rangeUnion(get(pool.getOutputs()[0]));
        })
        .Case<linalg::FillOp, linalg::TransposeOp>(
            [&](auto copy) { return get(copy->getOperand(0)); })
        .Case([&](linalg::GenericOp generic) {
          auto result = cast<OpResult>(value).getResultNumber();
          return get(generic.getBlock()->getTerminator()->getOperand(result));
        })
        .Default([&](Operation *) { return getAll(value); });
  }

  /// Of an element in a body that only moves it: what it is an element of.
  /// Others clamp what they compute, from however far it comes.
  ConstantIntRanges getOfArgument(BlockArgument argument) {
    auto generic =
        dyn_cast<linalg::GenericOp>(argument.getOwner()->getParentOp());
    return generic && generic.getBlock()->getOperations().size() == 1 &&
                   argument.getArgNumber() < generic.getNumDpsInputs()
               ? get(generic->getOperand(argument.getArgNumber()))
               : getAll(argument);
  }

  ConstantIntRanges infer(InferIntRangeInterface op, Value value) {
    SmallVector<ConstantIntRanges> operands;
    for (Value operand : op->getOperands())
      operands.push_back(get(operand));
    ConstantIntRanges range = getAll(value);
    op.inferResultRanges(operands,
                         [&](Value result, const ConstantIntRanges &inferred) {
                           if (result == value)
                             range = inferred;
                         });
    return range;
  }

  llvm::DenseMap<Value, ConstantIntRanges> ranges;
};

} // namespace

bool quantc::pairsFitWords(linalg::Conv2DNhwcFhwcOp conv) {
  Value input = conv.getInputs()[0];
  auto type = cast<RankedTensorType>(conv.getInputs()[1].getType());
  if (!getElementTypeOrSelf(input).isInteger(8) ||
      !type.getElementType().isInteger(8))
    return false;
  auto weights = readConstant<int8_t>(conv.getInputs()[1]);
  if (!weights)
    return false;
  // As the instruction sees them.
  ConstantIntRanges bytes = Ranges().get(input);
  QuantRange activations{bytes.smin().getSExtValue() + 128,
                         bytes.smax().getSExtValue() + 128};
  // A run is a tap, or a row of them where these lie one behind the other.
  int64_t tap = type.getDimSize(3), row = type.getDimSize(2) * tap;
  return llvm::all_of(ArrayRef{tap, row}, [&](int64_t run) {
    return allProductSumsFitInt16(*weights, run, activations);
  });
}
