// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Attention.h"
#include "PassTarget.h"
#include "Product.h"
#include "quantc/Codegen/Passes.h"

namespace quantc {
#define GEN_PASS_DEF_FUSEATTENTIONPASS
#include "quantc/Codegen/Passes.h.inc"
} // namespace quantc

using namespace mlir;
using namespace quantc;

namespace {

/// Rebuilds what lies between the two products of an attention on [B, M, N].
class Flattener {
public:
  Flattener(Attention &attention, OpBuilder &b)
      : attention(attention), b(b),
        type(cast<RankedTensorType>(attention.scores->getResult(0).getType())) {
  }

  void run() {
    Value scores = attention.scores->getResult(0);
    Value value = rebuildAll(attention.before, scores, scores);
    b.setInsertionPoint(attention.softmax);
    Operation *softmax = b.clone(*attention.softmax);
    softmax->setOperand(0, value);
    softmax->getResult(0).setType(
        type.clone(getElementTypeOrSelf(softmax->getResult(0))));
    value = rebuildAll(attention.after, attention.softmax->getResult(0),
                       softmax->getResult(0));
    attention.context->setOperand(0, value);
    // Each is only read by the one before it.
    for (Operation *op : attention.after)
      op->erase();
    attention.softmax->erase();
    for (Operation *op : attention.before)
      op->erase();
  }

private:
  /// `ops`, the last of them first, on `value` in place of `old`.
  Value rebuildAll(ArrayRef<Operation *> ops, Value old, Value value) {
    for (Operation *op : llvm::reverse(ops)) {
      if (auto generic = dyn_cast<linalg::GenericOp>(op))
        value = rebuild(generic, old, value);
      old = op->getResult(0);
    }
    return value;
  }

  Value rebuild(linalg::GenericOp op, Value old, Value value) {
    b.setInsertionPoint(op);
    // [B, M, N] to the operation's dimensions.
    ArrayRef<int64_t> shape =
        cast<RankedTensorType>(op.getResult(0).getType()).getShape();
    SmallVector<AffineExpr> dims;
    AffineExpr image = b.getAffineDimExpr(0);
    int64_t inner = 1;
    for (int64_t size : llvm::reverse(shape.drop_back(2))) {
      AffineExpr number = image.floorDiv(inner);
      bool isOutermost = inner * size == type.getDimSize(0);
      dims.push_back(size == 1     ? b.getAffineConstantExpr(0)
                     : isOutermost ? number
                                   : number % size);
      inner *= size;
    }
    std::reverse(dims.begin(), dims.end());
    dims.push_back(b.getAffineDimExpr(1));
    dims.push_back(b.getAffineDimExpr(2));

    AffineMap identity = b.getMultiDimIdentityMap(3);
    SmallVector<Value> inputs;
    SmallVector<AffineMap> maps;
    for (OpOperand *input : op.getDpsInputOperands()) {
      bool isChained = input->get() == old;
      inputs.push_back(isChained ? value : input->get());
      maps.push_back(
          isChained ? identity
                    : op.getMatchingIndexingMap(input).replaceDimsAndSymbols(
                          dims, {}, 3, 0));
    }
    maps.push_back(identity);
    Type element = getElementTypeOrSelf(op.getResult(0));
    Value init =
        tensor::EmptyOp::create(b, op.getLoc(), type.getShape(), element);
    auto rebuilt = linalg::GenericOp::create(
        b, op.getLoc(), type.clone(element), inputs, init, maps,
        SmallVector<utils::IteratorType>(3, utils::IteratorType::parallel));
    rebuilt.getRegion().takeBody(op.getRegion());
    return rebuilt.getResult(0);
  }

  Attention &attention;
  OpBuilder &b;
  RankedTensorType type;
};

struct FuseAttention : quantc::impl::FuseAttentionPassBase<FuseAttention> {
  using FuseAttentionPassBase::FuseAttentionPassBase;

  void runOnOperation() override {
    const TargetDescription *target =
        selectTargetFor(getOperation(), triple, cpu, features);
    if (!target)
      return signalPassFailure();
    SmallVector<linalg::LinalgOp> products;
    getOperation().walk([&](linalg::LinalgOp op) {
      if (op->getNumResults() == 1 && getProduct(op->getResult(0)))
        products.push_back(op);
    });
    OpBuilder builder(&getContext());
    for (linalg::LinalgOp product : products) {
      auto attention = Attention::find(product);
      if (!attention || !planAttention(*attention, *target))
        continue;
      if (!attention->hasNoReshapes())
        Flattener(*attention, builder).run();
      product->setAttr(kAttentionName, builder.getUnitAttr());
    }
  }
};

} // namespace
