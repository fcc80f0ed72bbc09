// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Attention as one kernel: keys and values of a head are packed to the stack;
// then, for each block of query rows, scores, their softmax and the product
// with the values, whose numbers are those of three kernels, in buffers that
// stay in the cache.

#include "Attention.h"
#include "Product.h"
#include "StackMemory.h"

using namespace mlir;
using namespace quantc;

namespace {

class AttentionEmitter {
public:
  AttentionEmitter(KernelBuilder &kernel, const Attention &attention,
                   const AttentionPlan &plan)
      : kernel(kernel), attention(attention), plan(plan), evaluator(kernel),
        scores(kernel, attention.scores, plan.scores, evaluator),
        context(kernel, attention.context, plan.context, evaluator) {}

  LogicalResult run() {
    Value logits = attention.softmax->getOperand(0);
    Value weights = attention.context->getOperand(0);
    if (!PointEvaluator::canEvaluate(logits, attention.scores->getResult(0)) ||
        !PointEvaluator::canEvaluate(weights,
                                     attention.softmax->getResult(0)) ||
        !PointEvaluator::canEvaluate(kernel.root,
                                     attention.context->getResult(0)) ||
        !llvm::all_of(attention.getOperandProducers(), [](auto op) {
          return PointEvaluator::canEvaluate(op->getResult(0));
        }))
      return failure();

    size = plan.scoresTile.rowsW;
    // What is in front of the softmax makes room for what is behind it.
    Value before = allocateRows(logits);
    after = getElementTypeOrSelf(logits) ==
                    getElementTypeOrSelf(attention.softmax->getResult(0))
                ? before
                : allocateRows(attention.softmax->getResult(0));
    softmax = prepareSoftmaxRows(kernel, attention.softmax, before, after);
    bool isReadyMade =
        plan.context.isFloat && weights == attention.softmax->getResult(0);
    allocate(scores, plan.scoresTile, true);
    allocate(context, plan.contextTile, !isReadyMade);
    if (isReadyMade)
      context.activations = after;
    context.readLeft = [this, weights](int64_t row, ArrayRef<Value> indices,
                                       int64_t width) {
      return readWeights(weights, row, indices, width);
    };

    kernel.divide([&] {
      kernel.loop(0, plan.scores.batch, 1, [&](Value image) {
        forEachPanel(scores, [&](const ProductEmitter::Panel &panel) {
          scores.packPanel(image, panel);
        });
        forEachPanel(context, [&](const ProductEmitter::Panel &panel) {
          context.packPanel(image, panel);
        });
        kernel.tiles(plan.scores.width, size, [&](Value first, int64_t count) {
          emitBlock(image, first, count, before);
        });
      });
    });
    return success();
  }

private:
  Value allocateRows(Value like) {
    return allocateOnStack(kernel, MemRefType::get({size, plan.scores.columns},
                                                   getElementTypeOrSelf(like)));
  }

  void allocate(ProductEmitter &product, const GemmTile &tile, bool packsRows) {
    product.tile = tile;
    auto panels = product.panels();
    GemmTile whole = tile;
    whole.rowsW = size;
    product.allocate(whole, panels.whole + (panels.rest ? 1 : 0), packsRows);
  }

  using PanelFn = function_ref<void(const ProductEmitter::Panel &)>;
  void forEachPanel(ProductEmitter &product, PanelFn body) {
    int64_t lanes = kernel.target.lanes, vectors = product.tile.vectors;
    auto panels = product.panels();
    kernel.loopCarrying(0, panels.whole, 1, {}, [&](Value slot, ValueRange) {
      body({slot, kernel.scale(slot, vectors * lanes), vectors, lanes});
      return SmallVector<Value>();
    });
    if (panels.rest)
      body({kernel.index(panels.whole),
            kernel.index(panels.whole * vectors * lanes), panels.rest,
            panels.lastWidth});
  }

  void emitBlock(Value image, Value first, int64_t count, Value before) {
    scores.packRows(image, first, count);
    forEachPanel(scores, [&](const ProductEmitter::Panel &panel) {
      scores.emitTile(
          image, first, 0, count, panel,
          [&](Value sums, int64_t row, ArrayRef<Value> indices) {
            Value logits = finish(attention.scores->getResult(0), sums,
                                  attention.softmax->getOperand(0), indices);
            kernel.store(logits, before, {kernel.index(row), indices[2]});
          });
    });
    kernel.loopCarrying(0, count, 1, {}, [&](Value row, ValueRange) {
      softmax(row);
      return SmallVector<Value>();
    });
    if (context.activations != after)
      context.packRows(image, first, count);
    int64_t most = plan.contextTile.rowsW;
    forEachPanel(context, [&](const ProductEmitter::Panel &panel) {
      for (int64_t row = 0; row < count; row += most)
        context.emitTile(image, kernel.add(first, row), row,
                         std::min(most, count - row), panel,
                         [&](Value sums, int64_t, ArrayRef<Value> indices) {
                           kernel.store(finish(attention.context->getResult(0),
                                               sums, kernel.root, indices),
                                        indices);
                         });
    });
  }

  /// `value` at `indices`, `known` being `vector` there.
  Value finish(Value known, Value vector, Value value,
               ArrayRef<Value> indices) {
    evaluator.known[known] = vector;
    int64_t width = cast<VectorType>(vector.getType()).getNumElements();
    Value result = evaluator.evaluate(value, indices, width);
    evaluator.known.erase(known);
    return result;
  }

  /// What the second product reads of a row of the block.
  Value readWeights(Value weights, int64_t row, ArrayRef<Value> indices,
                    int64_t width) {
    Value result = kernel.load(after, {kernel.index(row), indices[2]}, width);
    return finish(attention.softmax->getResult(0), result, weights, indices);
  }

  KernelBuilder &kernel;
  const Attention &attention;
  const AttentionPlan &plan;
  PointEvaluator evaluator;
  ProductEmitter scores, context;
  std::function<void(Value)> softmax;
  /// Rows of a block, and those behind the softmax.
  int64_t size = 1;
  Value after;
};

} // namespace

LogicalResult quantc::emitAttention(KernelBuilder &kernel) {
  linalg::LinalgOp context;
  kernel.spec.walk([&](linalg::LinalgOp op) {
    if (op->hasAttr(kAttentionName))
      context = op;
  });
  auto attention = context ? Attention::find(context) : std::nullopt;
  auto plan =
      attention ? planAttention(*attention, kernel.target) : std::nullopt;
  return plan ? AttentionEmitter(kernel, *attention, *plan).run() : failure();
}
