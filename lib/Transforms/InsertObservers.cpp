// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Matchers.h"
#include "quantc/Dialect/Quantc/IR/NodeLocation.h"
#include "quantc/Dialect/Quantc/IR/Quantc.h"
#include "quantc/Dialect/Quantc/IR/TypeUtils.h"
#include "quantc/Interfaces/QuantizableOpInterface.h"
#include "quantc/Quantization/QConfig.h"
#include "quantc/Transforms/ObserveModule.h"
#include "quantc/Transforms/Passes.h"
#include "llvm/ADT/StringMap.h"

namespace quantc {
#define GEN_PASS_DEF_INSERTOBSERVERSPASS
#include "quantc/Transforms/Passes.h.inc"
} // namespace quantc

using namespace mlir;
using namespace quantc;

static bool isConstant(Value value) {
  return matchPattern(value, m_Constant());
}

static bool isReal(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.getElementType().isF32();
}

namespace {

/// Decides, value by value, where a site belongs.
class ObserverInserter {
public:
  explicit ObserverInserter(const QConfig &qconfig) : qconfig(qconfig) {}

  void run(func::FuncOp func) {
    for (BlockArgument arg : func.getArguments()) {
      auto name =
          func.getArgAttrOfType<StringAttr>(arg.getArgNumber(), nameAttrName);
      std::string base =
          name ? name.str() : "arg" + std::to_string(arg.getArgNumber());
      if (const OpQConfig *config = getActivationConfig(arg))
        observeEverywhere(arg, base + ":input", config->activation,
                          arg.getLoc());
    }
    SmallVector<Operation *> ops;
    func.walk([&](Operation *op) { ops.push_back(op); });
    for (Operation *op : ops)
      run(op);
  }

private:
  void run(Operation *op) {
    if (op->hasTrait<OpTrait::ConstantLike>() || isa<ObserveOp>(op))
      return;
    std::string name = getNodeName(op->getLoc()).str();
    if (name.empty())
      name = op->getName().getStringRef().str();
    if (const OpQConfig *config = lookup(op))
      observeConstants(op, name, *config);
    for (OpResult result : op->getResults())
      if (const OpQConfig *config = getActivationConfig(result))
        observeEverywhere(result, name, config->activation, op->getLoc());
  }

  /// The QConfig of an operation that has an integer form; null: it stays
  /// float.
  const OpQConfig *lookup(Operation *op) const {
    if (!isa<QuantizableOpInterface>(op) || op->getNumResults() != 1 ||
        !isReal(op->getResult(0)))
      return nullptr;
    return qconfig.lookup(getNodeType(op->getLoc()), getNodeName(op->getLoc()));
  }

  QuantizableOpInterface getQuantizable(Operation *op) const {
    return op && lookup(op) ? cast<QuantizableOpInterface>(op)
                            : QuantizableOpInterface();
  }

  /// Whether `value` is made only for an operation that sets the range itself
  /// (conv → clamp): one rounding behind both is enough.
  bool isAbsorbed(Value value) const {
    if (!value.hasOneUse())
      return false;
    OpOperand &use = *value.use_begin();
    auto user = getQuantizable(use.getOwner());
    if (!user || !user.sharesScale() ||
        !llvm::is_contained(user.getActivationOperands(),
                            use.getOperandNumber()))
      return false;
    return user.setsRange() || isAbsorbed(user->getResult(0));
  }

  /// Whether an integer operation that computes reads `value`, perhaps through
  /// operations that move it.
  const OpQConfig *findReader(Value value) const {
    for (OpOperand &use : value.getUses()) {
      auto user = getQuantizable(use.getOwner());
      if (!user || !llvm::is_contained(user.getActivationOperands(),
                                       use.getOperandNumber()))
        continue;
      if (!user.sharesScale())
        return lookup(user);
      if (const OpQConfig *config = findReader(user->getResult(0)))
        return config;
    }
    return nullptr;
  }

  /// Whether an integer operation that computes made what `value` moves.
  bool isMadeByInteger(Value value) const {
    if (auto observe = value.getDefiningOp<ObserveOp>())
      value = observe.getInput();
    auto producer = getQuantizable(value.getDefiningOp());
    if (!producer)
      return false;
    return !producer.sharesScale() ||
           llvm::any_of(producer.getActivationOperands(), [&](unsigned i) {
             return isMadeByInteger(producer->getOperand(i));
           });
  }

  /// How to observe `value`, an activation; null: not at all.
  const OpQConfig *getActivationConfig(Value value) const {
    if (!isReal(value) || isConstant(value))
      return nullptr;
    auto producer = getQuantizable(value.getDefiningOp());
    if (!producer)
      return findReader(value);
    if (isAbsorbed(value))
      return nullptr;
    if (!producer.sharesScale())
      return lookup(producer);
    if (!producer.setsRange())
      return nullptr;
    return findReader(value) || isMadeByInteger(value) ? lookup(producer)
                                                       : nullptr;
  }

  /// The constants among the operands: the weight by the weight's observer,
  /// what stands for an activation by the activation's.
  void observeConstants(Operation *op, StringRef name,
                        const OpQConfig &config) {
    auto quantizable = cast<QuantizableOpInterface>(op);
    if (std::optional<unsigned> weight = quantizable.getWeightOperand();
        weight && isConstant(op->getOperand(*weight))) {
      ObserverConfig observer = config.weight;
      observer.axis = quantizable.getWeightAxis();
      observeOperand(op->getOpOperand(*weight), (name + ":weight").str(),
                     observer);
    }
    if (quantizable.sharesScale())
      return;
    for (unsigned i : quantizable.getActivationOperands())
      if (isConstant(op->getOperand(i)) && isReal(op->getOperand(i)))
        observeOperand(op->getOpOperand(i), (name + ":constant").str(),
                       config.activation);
  }

  std::string makeUnique(StringRef name) {
    unsigned count = taken[name]++;
    if (count == 0)
      return name.str();
    // The suffixed name might itself be a node's.
    return makeUnique((name + "#" + Twine(count)).str());
  }

  ObserveOp observe(OpBuilder &builder, Value value, StringRef site,
                    const ObserverConfig &config, Location loc) {
    return ObserveOp::create(builder, loc, value.getType(), value,
                             makeUnique(site),
                             getObserverAttr(builder.getContext(), config));
  }

  void observeEverywhere(Value value, StringRef site,
                         const ObserverConfig &config, Location loc) {
    OpBuilder builder(value.getContext());
    builder.setInsertionPointAfterValue(value);
    ObserveOp op = observe(builder, value, site, config, loc);
    value.replaceAllUsesExcept(op.getOutput(), op);
  }

  void observeOperand(OpOperand &operand, StringRef site,
                      const ObserverConfig &config) {
    OpBuilder builder(operand.getOwner());
    operand.set(observe(builder, operand.get(), site, config,
                        operand.getOwner()->getLoc())
                    .getOutput());
  }

  const QConfig &qconfig;
  llvm::StringMap<unsigned> taken;
};

/// Warns of what the QConfig says of nodes that aren't there. All nodes that a
/// location knows count: what was folded or fused into an operation is in it.
void checkEntries(const QConfig &qconfig, StringRef path, ModuleOp module) {
  SmallVector<QConfig::Node> nodes;
  module.walk([&](Operation *op) {
    if (op->hasTrait<OpTrait::ConstantLike>())
      return;
    op->getLoc()->walk([&](Location part) {
      auto name = dyn_cast<NameLoc>(part);
      if (!name)
        return WalkResult::advance();
      nodes.push_back({getNodeType(name), getNodeName(name)});
      return WalkResult::skip();
    });
  });
  for (const std::string &text : qconfig.describeUnused(nodes))
    emitWarning(UnknownLoc::get(module.getContext())) << path << ": " << text;
}

struct InsertObserversPass
    : quantc::impl::InsertObserversPassBase<InsertObserversPass> {
  using Base::Base;

  void runOnOperation() override {
    llvm::Expected<QConfig> config = qconfig.empty()
                                         ? QConfig::getPreset("default")
                                         : QConfig::load(qconfig);
    if (!config) {
      emitError(UnknownLoc::get(&getContext()))
          << llvm::toString(config.takeError());
      return signalPassFailure();
    }
    checkEntries(*config, qconfig, getOperation());
    ObserverInserter inserter(*config);
    for (auto func : getOperation().getOps<func::FuncOp>())
      if (!func.isExternal())
        inserter.run(func);
  }
};

} // namespace
