// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "IntegerIO.h"
#include "quantc/Dialect/Quantc/IR/NodeLocation.h"
#include "quantc/Dialect/Quantc/IR/Quantc.h"
#include "quantc/Dialect/Quantc/IR/TypeUtils.h"
#include "quantc/Transforms/ObserveModule.h"

using namespace mlir;
using namespace quantc;

Value quantc::getQuantizedValue(Value value) {
  auto dequantize = value.getDefiningOp<DequantizeOp>();
  return dequantize && getQuantizedElementType(dequantize.getInput().getType())
             ? dequantize.getInput()
             : Value();
}

LogicalResult quantc::makeIntegerIO(func::FuncOp func) {
  auto nameOf = [](StringAttr name, unsigned i) {
    return name ? name.str() : std::to_string(i);
  };
  Block &body = func.front();
  for (BlockArgument arg : body.getArguments()) {
    auto type = dyn_cast<RankedTensorType>(arg.getType());
    unsigned i = arg.getArgNumber();
    if (!type || !type.getElementType().isF32())
      continue;
    SmallVector<QuantizeOp> quantizes;
    for (Operation *user : arg.getUsers())
      if (auto quantize = dyn_cast<QuantizeOp>(user))
        quantizes.push_back(quantize);
    bool uniform =
        !quantizes.empty() &&
        quantizes.size() == static_cast<size_t>(std::distance(arg.use_begin(),
                                                              arg.use_end())) &&
        llvm::all_equal(llvm::map_range(
            quantizes, [](QuantizeOp op) { return op.getOutput().getType(); }));
    if (!uniform)
      return func.emitError()
             << "input '"
             << nameOf(func.getArgAttrOfType<StringAttr>(i, nameAttrName), i)
             << "' can't be integer: what reads it stays float";
    auto quantized =
        cast<RankedTensorType>(quantizes.front().getOutput().getType());
    arg.setType(getStorageTensorType(quantized));
    func.setArgAttr(i, paramsAttrName,
                    TypeAttr::get(quantized.getElementType()));
    OpBuilder builder(func.getContext());
    builder.setInsertionPointToStart(&body);
    Value cast =
        quant::StorageCastOp::create(builder, arg.getLoc(), quantized, arg);
    for (QuantizeOp quantize : quantizes) {
      quantize.replaceAllUsesWith(cast);
      quantize.erase();
    }
  }

  Operation *terminator = body.getTerminator();
  OpBuilder builder(terminator);
  for (OpOperand &result : terminator->getOpOperands()) {
    auto type = dyn_cast<RankedTensorType>(result.get().getType());
    unsigned i = result.getOperandNumber();
    if (!type || !type.getElementType().isF32())
      continue;
    Value quantized = getQuantizedValue(result.get());
    if (!quantized)
      return func.emitError()
             << "output '"
             << nameOf(func.getResultAttrOfType<StringAttr>(i, nameAttrName), i)
             << "' can't be integer: what makes it stays float";
    auto quantizedType = cast<RankedTensorType>(quantized.getType());
    func.setResultAttr(i, paramsAttrName,
                       TypeAttr::get(quantizedType.getElementType()));
    result.set(quant::StorageCastOp::create(builder, quantized.getLoc(),
                                            getStorageTensorType(quantizedType),
                                            quantized));
  }
  func.setType(FunctionType::get(func.getContext(), body.getArgumentTypes(),
                                 terminator->getOperandTypes()));
  return success();
}
