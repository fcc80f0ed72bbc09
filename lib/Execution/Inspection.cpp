// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Execution/Inspection.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/IR/Matchers.h"
#include "quantc/Dialect/Quantc/IR/NodeLocation.h"
#include "quantc/Dialect/Quantc/IR/Quantc.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace quantc {

/// Multiply-accumulates per element of the result, and the operands that hold
/// parameters, of what multiplies matrices; none for other operations.
static std::optional<std::pair<int64_t, SmallVector<Value>>>
getLayer(Operation *op) {
  using Layer = std::optional<std::pair<int64_t, SmallVector<Value>>>;
  auto product = [](Value weight, ArrayRef<unsigned> dims) {
    auto shape = cast<ShapedType>(weight.getType()).getShape();
    int64_t count = 1;
    for (unsigned dim : dims)
      count *= shape[dim];
    return count;
  };
  return llvm::TypeSwitch<Operation *, Layer>(op)
      .Case([&](tosa::Conv2DOp conv) { // OHWI
        return Layer({product(conv.getWeight(), {1, 2, 3}),
                      {conv.getWeight(), conv.getBias()}});
      })
      .Case([&](tosa::Conv3DOp conv) { // ODHWI
        return Layer({product(conv.getWeight(), {1, 2, 3, 4}),
                      {conv.getWeight(), conv.getBias()}});
      })
      .Case([&](tosa::DepthwiseConv2DOp conv) { // HWCM
        return Layer({product(conv.getWeight(), {0, 1}),
                      {conv.getWeight(), conv.getBias()}});
      })
      .Case([&](GroupedConv2DOp conv) { // OHWI
        return Layer({product(conv.getWeight(), {1, 2, 3}),
                      {conv.getWeight(), conv.getBias()}});
      })
      .Case([&](tosa::MatMulOp matmul) { // N × H × C
        return Layer(
            {product(matmul.getA(), {2}), {matmul.getA(), matmul.getB()}});
      })
      .Default(Layer());
}

FailureOr<ModelInfo> inspect(ModuleOp module) {
  ModelInfo info;
  FailureOr<ModelInterface> interface = collectInterface(module);
  if (failed(interface))
    return failure();
  info.interface = std::move(*interface);

  auto isConstant = [](Value value) {
    return matchPattern(value, m_Constant());
  };
  module.walk([&](Operation *op) {
    if (op->hasTrait<OpTrait::ConstantLike>()) {
      auto type = dyn_cast<ShapedType>(op->getResult(0).getType());
      // Scalars are settings of operations: zero points, shifts.
      if (type && type.getElementType().isFloat() && type.getNumElements() > 1)
        info.parameters += type.getNumElements();
      return;
    }
    if (isa<ModuleOp, func::FuncOp, func::ReturnOp>(op))
      return;
    ++info.operations[op->getName().getStringRef().str()];
    auto found = getLayer(op);
    if (!found)
      return;
    auto type = cast<ShapedType>(op->getResult(0).getType());
    LayerInfo layer;
    layer.node = getNodeName(op->getLoc()).str();
    layer.type = getNodeType(op->getLoc()).str();
    if (layer.type.empty())
      layer.type = op->getName().stripDialect().str();
    layer.outputShape.assign(type.getShape().begin(), type.getShape().end());
    layer.macs = type.getNumElements() * found->first;
    for (Value value : found->second)
      if (isConstant(value))
        layer.parameters += cast<ShapedType>(value.getType()).getNumElements();
    info.macs += layer.macs;
    info.layers.push_back(std::move(layer));
  });
  return info;
}

llvm::json::Value ModelInfo::toJSON() const {
  llvm::json::Object ops;
  for (const auto &[name, count] : operations)
    ops[name] = count;
  llvm::json::Array rows;
  for (const LayerInfo &layer : layers)
    rows.push_back(llvm::json::Object{
        {"node", layer.node},
        {"type", layer.type},
        {"output_shape", llvm::json::Array(layer.outputShape)},
        {"parameters", layer.parameters},
        {"macs", layer.macs}});
  llvm::json::Value all = interface.toJSON();
  return llvm::json::Object{
      {"name", interface.name},
      {"inputs", std::move(*all.getAsObject()->get("inputs"))},
      {"outputs", std::move(*all.getAsObject()->get("outputs"))},
      {"operations", std::move(ops)},
      {"layers", std::move(rows)},
      {"parameters", parameters},
      {"macs", macs}};
}

} // namespace quantc
