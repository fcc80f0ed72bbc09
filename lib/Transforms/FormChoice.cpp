// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "FormChoice.h"
#include "MinimumCut.h"
#include "TableFunctions.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Matchers.h"
#include "quantc/Dialect/Quantc/IR/Quantc.h"
#include "quantc/Dialect/Quantc/IR/TypeUtils.h"
#include "quantc/Interfaces/QuantizableOpInterface.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace quantc;

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

static bool isStaticReal(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.hasStaticShape() && type.getElementType().isF32();
}

/// What `value` is once its roundings are taken away.
static Value withoutRounding(Value value) {
  while (auto dequantize = value.getDefiningOp<DequantizeOp>()) {
    auto quantize = dequantize.getInput().getDefiningOp<QuantizeOp>();
    if (!quantize)
      break;
    value = quantize.getInput();
  }
  return value;
}

/// The uses of `value`, and of it as rounded, by what computes.
static SmallVector<OpOperand *> getReaders(Value value) {
  SmallVector<OpOperand *> readers;
  for (OpOperand &use : value.getUses()) {
    auto quantize = dyn_cast<QuantizeOp>(use.getOwner());
    if (!quantize) {
      readers.push_back(&use);
      continue;
    }
    for (Operation *user : quantize->getUsers())
      if (auto dequantize = dyn_cast<DequantizeOp>(user))
        llvm::append_range(readers, getReaders(dequantize.getOutput()));
  }
  return readers;
}

QuantizeOp quantc::getFirstQuantize(Value value) {
  QuantizeOp first;
  for (Operation *user : value.getUsers())
    if (auto quantize = dyn_cast<QuantizeOp>(user))
      if (!first || (quantize->getBlock() == first->getBlock() &&
                     quantize->isBeforeInBlock(first)))
        first = quantize;
  return first;
}

/// The type that `value` is quantized to: at its own site or, where it is
/// moved, at that of what is moved.
static quant::QuantizedType getSiteType(Value value) {
  value = withoutRounding(value);
  if (QuantizeOp site = getFirstQuantize(value))
    return getQuantizedElementType(site.getOutput().getType());
  if (auto dequantize = value.getDefiningOp<DequantizeOp>())
    return getQuantizedElementType(dequantize.getInput().getType());
  auto op = value.getDefiningOp<QuantizableOpInterface>();
  if (!op || !op.sharesScale())
    return {};
  for (unsigned i : op.getActivationOperands())
    if (quant::QuantizedType type = getSiteType(op->getOperand(i)))
      return type;
  return {};
}

/// The operation that alone reads `value`, shares its scale, and therefore
/// takes back to it what its own result is to be quantized to; or null.
static QuantizableOpInterface getAbsorber(Value value) {
  if (!value.hasOneUse())
    return {};
  OpOperand &use = *value.use_begin();
  auto user = dyn_cast<QuantizableOpInterface>(use.getOwner());
  return user && user.sharesScale() &&
                 llvm::is_contained(user.getActivationOperands(),
                                    use.getOperandNumber())
             ? user
             : QuantizableOpInterface();
}

//===----------------------------------------------------------------------===//
// The choice
//===----------------------------------------------------------------------===//

namespace {

class Chooser {
public:
  Chooser(ArrayRef<Operation *> ops,
          const DenseMap<Operation *, std::string> &unable,
          FormChoiceOptions options)
      : ops(ops), options(options), alwaysInteger(graph.addNode()),
        alwaysFloat(graph.addNode()) {
    graph.addCosts(alwaysInteger, 0, MinimumCut::never);
    graph.addCosts(alwaysFloat, MinimumCut::never, 0);
    estimate = graph;
    choice.reasons = unable;
  }

  /// Nothing where what must be integer can't.
  std::optional<FormChoice> choose();

private:
  void addOperation(Operation *op);
  void addValue(Value value);
  unsigned getProducer(Value value) const;
  /// An operation that can't be integer.
  void exclude(Operation *op, const Twine &reason) {
    choice.reasons.try_emplace(op, reason.str());
    nodes[op] = alwaysFloat;
  }
  unsigned addNode() {
    estimate.addNode();
    return graph.addNode();
  }
  /// What must be so: this integer, then that.
  void require(unsigned node, unsigned other) {
    graph.addEdge(node, other, MinimumCut::never);
    estimate.addEdge(node, other, MinimumCut::never);
  }
  void addConversion(unsigned from, unsigned to, int64_t cost) {
    if (!options.byCost)
      return;
    graph.addEdge(from, to, cost * integerWeight);
    estimate.addEdge(from, to, cost);
  }
  void addForms(unsigned node, FormCosts costs) {
    if (!options.byCost)
      return;
    graph.addCosts(node, costs.integer * integerWeight,
                   costs.floating * floatWeight);
    estimate.addCosts(node, costs.integer, costs.floating);
  }
  std::string explain(QuantizableOpInterface op,
                      const MinimumCut::Result &best) const;

  ArrayRef<Operation *> ops;
  FormChoiceOptions options;
  /// Float has to be cheaper by an eighth: so much do figures differ from one
  /// machine to the next.
  static constexpr int64_t integerWeight = 7, floatWeight = 8;
  /// With these weights, and in picoseconds.
  MinimumCut graph, estimate;
  unsigned alwaysInteger, alwaysFloat;
  DenseMap<Operation *, unsigned> nodes;
  FormChoice choice;
};

} // namespace

/// The node of what makes `value`.
unsigned Chooser::getProducer(Value value) const {
  Operation *op = withoutRounding(value).getDefiningOp();
  if (!op)
    return options.integerIO ? alwaysInteger : alwaysFloat;
  if (isa<DequantizeOp>(op))
    return alwaysInteger; // it was quantized before
  auto it = nodes.find(op);
  return it == nodes.end() ? alwaysFloat : it->second;
}

/// Operands come first, so their nodes are known.
void Chooser::addOperation(Operation *op) {
  if (choice.reasons.contains(op)) {
    nodes[op] = alwaysFloat;
    return;
  }
  auto quantizable = dyn_cast<QuantizableOpInterface>(op);
  Value tableOperand = quantizable ? Value() : getTableOperand(op);
  if (!quantizable && !tableOperand)
    return exclude(op, "it has no integer form");
  Value result = op->getResult(0);
  if (!isStaticReal(result))
    return exclude(op, "the shape of its result isn't known");
  if (!llvm::all_of(op->getOperandTypes(), [](Type type) {
        auto shaped = dyn_cast<ShapedType>(type);
        return !shaped || shaped.hasStaticShape();
      }))
    return exclude(op, "the shapes of its operands aren't known");

  bool isTyped = quantizable ? getSiteType(result) != nullptr
                             : getFirstQuantize(result) != nullptr;
  bool isAbsorbed =
      !isTyped &&
      (quantizable ? getAbsorber(result) != nullptr
                   : result.hasOneUse() &&
                         !isa<QuantizableOpInterface>(*result.user_begin()) &&
                         getTableOperand(*result.user_begin()));
  if (!isTyped && !isAbsorbed)
    return exclude(op, quantizable ? "its result has no quantization parameters"
                                   : "it has no integer form");

  unsigned node = addNode();
  nodes[op] = node;
  int64_t elements = countElements(result);
  FormCosts own =
      quantizable ? quantizable.getFormCosts() : costs::lookup * elements;
  addForms(node, own);
  if (tableOperand) {
    // A table stands for what was integer before.
    require(node, getProducer(tableOperand));
    return;
  }
  SmallVector<unsigned> activations = quantizable.getActivationOperands();
  for (unsigned i : activations) {
    Value operand = op->getOperand(i);
    if (getSiteType(operand) || matchPattern(operand, m_Constant()) ||
        operand.getDefiningOp<FakeQuantOp>())
      continue;
    // Not quantized in between: together, but for operations of several
    // operands, which quantize those that are real to their own type.
    bool quantizes = quantizable.setsRange() && activations.size() > 1;
    if (quantizes && isStaticReal(operand))
      addConversion(node, getProducer(operand),
                    costs::quantize * countElements(operand));
    else
      require(node, getProducer(operand));
  }
}

/// What is between the maker of `value`, whose readers all have nodes, and
/// these.
void Chooser::addValue(Value value) {
  if (!isStaticReal(value))
    return;
  unsigned producer = getProducer(value);
  SmallVector<unsigned> readers;
  for (OpOperand *use : getReaders(value)) {
    Operation *owner = use->getOwner();
    auto it = nodes.find(owner);
    unsigned reader = it == nodes.end() ? alwaysFloat : it->second;
    bool isOutput = options.integerIO && isa<func::ReturnOp>(owner);
    // What can be integer at the model's ends must be.
    if (isOutput && producer != alwaysFloat)
      require(alwaysInteger, producer);
    else if (producer == alwaysInteger && reader != alwaysFloat)
      require(alwaysInteger, reader);
    else if (!isOutput && producer != alwaysInteger)
      readers.push_back(reader);
  }
  if (readers.empty())
    return;
  if (!getSiteType(value)) {
    // Its maker takes the type of the one reader, or can't be integer.
    for (unsigned reader : readers)
      require(producer, reader);
    return;
  }
  int64_t elements = countElements(value);
  // Quantized once for all integer readers, dequantized once for all float
  // ones.
  unsigned quantized = addNode(), real = addNode();
  addConversion(quantized, producer, costs::quantize * elements);
  addConversion(producer, real, costs::dequantize * elements);
  for (unsigned reader : readers) {
    require(reader, quantized);
    require(real, reader);
  }
}

std::string Chooser::explain(QuantizableOpInterface op,
                             const MinimumCut::Result &best) const {
  MinimumCut integer = graph;
  integer.addCosts(nodes.lookup(op), 0, MinimumCut::never);
  MinimumCut::Result other = integer.solve();
  if (other.cost < MinimumCut::never)
    return llvm::formatv(
        "its integer form, with its conversions, costs an "
        "estimated {0:f3} us more",
        (estimate.getCost(other.isFirst) - estimate.getCost(best.isFirst)) *
            1e-6);
  for (unsigned i : op.getActivationOperands())
    if (!getSiteType(op->getOperand(i)) &&
        !best.isFirst[getProducer(op->getOperand(i))])
      return "its operand " + std::to_string(i) + " isn't quantized per tensor";
  return "what reads its result stays float";
}

std::optional<FormChoice> Chooser::choose() {
  for (Operation *op : ops)
    addOperation(op);
  SetVector<Block *> blocks;
  for (Operation *op : ops) {
    blocks.insert(op->getBlock());
    for (Value result : op->getResults())
      addValue(result);
  }
  for (Block *block : blocks)
    for (BlockArgument argument : block->getArguments())
      addValue(argument);

  MinimumCut::Result best = graph.solve();
  if (best.cost >= MinimumCut::never)
    return std::nullopt;
  for (Operation *op : ops) {
    auto quantizable = dyn_cast<QuantizableOpInterface>(op);
    if (choice.reasons.contains(op))
      continue;
    if (!quantizable)
      choice.reasons[op] = "it has no integer form";
    else if (best.isFirst[nodes.lookup(op)])
      choice.integer.insert(op);
    else
      choice.reasons[op] = explain(quantizable, best);
  }
  return std::move(choice);
}

FormChoice quantc::chooseForms(ArrayRef<Operation *> ops,
                               const DenseMap<Operation *, std::string> &unable,
                               FormChoiceOptions options) {
  if (std::optional<FormChoice> choice = Chooser(ops, unable, options).choose())
    return std::move(*choice);
  // Which end it is that can't be integer, makeIntegerIO says.
  options.integerIO = false;
  return *Chooser(ops, unable, options).choose();
}

//===----------------------------------------------------------------------===//
// The conversions
//===----------------------------------------------------------------------===//

/// `value` as rounded to `type`: where it is already, or right behind it.
static Value getRounded(Value value, quant::QuantizedType type) {
  if (QuantizeOp site = getFirstQuantize(value))
    for (Operation *user : site->getUsers())
      if (auto dequantize = dyn_cast<DequantizeOp>(user))
        return dequantize.getOutput();
  OpBuilder builder(value.getContext());
  builder.setInsertionPointAfterValue(value);
  auto tensor = cast<RankedTensorType>(value.getType());
  auto quantize =
      QuantizeOp::create(builder, value.getLoc(), tensor.clone(type), value,
                         /*params=*/TypeAttr());
  return DequantizeOp::create(builder, value.getLoc(), tensor,
                              quantize.getOutput(), /*params=*/TypeAttr())
      .getOutput();
}

void quantc::connectForms(ArrayRef<Operation *> ops,
                          const DenseSet<Operation *> &integer,
                          bool integerIO) {
  auto connect = [&](Value value) {
    SmallVector<OpOperand *> integerReaders;
    for (OpOperand *use : getReaders(value)) {
      if (integer.contains(use->getOwner()))
        integerReaders.push_back(use);
      else
        use->set(value);
    }
    quant::QuantizedType type = getSiteType(value);
    if (!type)
      return;
    for (OpOperand *use : integerReaders)
      if (use->get() == value)
        use->set(getRounded(value, type));
  };
  SetVector<Block *> blocks;
  for (Operation *op : ops) {
    blocks.insert(op->getBlock());
    if (isa<QuantizableOpInterface>(op) && !integer.contains(op))
      connect(op->getResult(0));
  }
  if (integerIO)
    return;
  for (Block *block : blocks)
    for (BlockArgument argument : block->getArguments())
      if (isStaticReal(argument))
        connect(argument);
}
