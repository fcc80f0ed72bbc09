// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Batches of matrix products whose operands are both computed and in memory. A
// panel of the right operand is packed to the stack, where it stays in the
// cache while the rows of the left one stream past it.

#include "Product.h"

using namespace mlir;
using namespace quantc;

namespace {

class MatmulEmitter {
public:
  MatmulEmitter(KernelBuilder &kernel, linalg::LinalgOp matmul)
      : kernel(kernel), matmul(matmul), evaluator(kernel) {}

  LogicalResult run() {
    auto shape = getProductShape(matmul, kernel.target);
    Value left = kernel.getMemRef(matmul->getOperand(0)),
          right = kernel.getMemRef(matmul->getOperand(1));
    if (!shape || !isInRows(left) || !isInRows(right))
      return failure();
    Value sums = matmul->getResult(0);
    if (!PointEvaluator::canEvaluate(kernel.root, sums))
      return failure();
    GemmTile byCost =
        fitStack(*shape, quantc::chooseTile(*shape, kernel.target));
    if (byCost.rowsW < 1 || byCost.vectors < 1)
      return failure();
    KernelTile tile =
        kernel.chooseTile(getClass(KernelForm::Matmul, *shape), left, [&] {
          return KernelTile{1, byCost.rowsW, byCost.vectors};
        });
    ProductEmitter product(kernel, matmul, *shape, evaluator);
    product.allocate({1, tile.rowsW, tile.registers}, /*slots=*/1,
                     /*packsRows=*/!shape->isFloat);
    rows = shape->width;
    auto panels = product.panels();
    kernel.divide([&] {
      kernel.loop(0, shape->batch, 1, [&](Value image) {
        int64_t columns = tile.registers * shape->lanes;
        kernel.loop(0, panels.whole, 1, [&](Value number) {
          emitPanel(product, image,
                    {kernel.index(0), kernel.scale(number, columns),
                     tile.registers, shape->lanes});
        });
        if (panels.rest)
          kernel.unit([&] {
            emitPanel(product, image,
                      {kernel.index(0), kernel.index(panels.whole * columns),
                       panels.rest, panels.lastWidth});
          });
      });
    });
    return success();
  }

private:
  static bool isInRows(Value memref) {
    return memref && cast<MemRefType>(memref.getType()).isLastDimUnitStride();
  }

  void emitPanel(ProductEmitter &product, Value image,
                 const ProductEmitter::Panel &panel) {
    product.packPanel(image, panel);
    int64_t size = product.tile.rowsW, whole = rows - rows % size;
    auto emitTile = [&](Value first, int64_t count) {
      if (product.activations)
        product.packRows(image, first, count);
      product.emitTile(image, first, 0, count, panel,
                       [&](Value sums, int64_t, ArrayRef<Value> indices) {
                         storeResult(sums, indices);
                       });
    };
    kernel.loopCarrying(0, whole, size, {}, [&](Value first, ValueRange) {
      emitTile(first, size);
      return SmallVector<Value>();
    });
    if (whole < rows)
      emitTile(kernel.index(whole), rows - whole);
  }

  void storeResult(Value sums, ArrayRef<Value> indices) {
    Value anchor = matmul->getResult(0);
    evaluator.known[anchor] = sums;
    int64_t width = cast<VectorType>(sums.getType()).getNumElements();
    Value result = evaluator.evaluate(kernel.root, indices, width);
    evaluator.known.erase(anchor);
    kernel.store(result, indices);
  }

  KernelBuilder &kernel;
  linalg::LinalgOp matmul;
  PointEvaluator evaluator;
  int64_t rows = 0;
};

} // namespace

LogicalResult quantc::emitMatmul(KernelBuilder &kernel) {
  if (!kernel.root)
    return failure();
  linalg::LinalgOp matmul = getProduct(kernel.root);
  if (auto generic = kernel.root.getDefiningOp<linalg::GenericOp>())
    for (Value operand : generic.getInputs())
      if (!matmul)
        matmul = getProduct(operand);
  return matmul ? MatmulEmitter(kernel, matmul).run() : failure();
}
