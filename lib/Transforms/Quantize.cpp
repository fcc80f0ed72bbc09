// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "FormChoice.h"
#include "IntegerIO.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Matchers.h"
#include "quantc/Dialect/Quantc/IR/ConstantUtils.h"
#include "quantc/Dialect/Quantc/IR/NodeLocation.h"
#include "quantc/Dialect/Quantc/IR/Quantc.h"
#include "quantc/Dialect/Quantc/IR/TypeUtils.h"
#include "quantc/Interfaces/QuantizableOpInterface.h"
#include "quantc/Quantization/Bias.h"
#include "quantc/Transforms/ObserveModule.h"
#include "quantc/Transforms/Passes.h"
#include "quantc/Transforms/Plan.h"
#include "llvm/ADT/StringMap.h"

namespace quantc {
#define GEN_PASS_DEF_QUANTIZEPASS
#include "quantc/Transforms/Passes.h.inc"
} // namespace quantc

using namespace mlir;
using namespace quantc;

static bool isConstant(Value value) {
  return matchPattern(value, m_Constant());
}

/// The operation that gives `value`, if it is a constant with parameters.
static FakeQuantOp getConstantFakeQuant(Value value) {
  auto fakeQuant = value.getDefiningOp<FakeQuantOp>();
  return fakeQuant && fakeQuant.getParams() && isConstant(fakeQuant.getInput())
             ? fakeQuant
             : FakeQuantOp();
}

static QuantizeRule getRule(FakeQuantOp fakeQuant) {
  QuantizeRule rule;
  rule.form = fakeQuant.getScaling();
  rule.zeroPoint = fakeQuant.getZeroPointPlacement();
  return rule;
}

/// `type` with these scales.
static quant::QuantizedType withScales(quant::QuantizedType type,
                                       ArrayRef<double> scales) {
  SmallVector<QuantParams> params = getQuantParams(type);
  for (auto [p, scale] : llvm::zip_equal(params, scales))
    p.scale = scale;
  return getQuantizedType(type.getContext(), params, getStorageRange(type),
                          type.getStorageTypeIntegralWidth(),
                          getQuantizedAxis(type));
}

namespace {

/// Rewrites one module: decides and builds, operation by operation, in the
/// order of the module.
class Quantizer {
public:
  Quantizer(MLIRContext *context, RequantizeMode mode, const Plan *given,
            FormChoiceOptions options)
      : context(context), mode(mode), given(given), options(options) {
    RequantizeRounding forMode = RequantizeRounding::forMode(mode);
    rounding = RoundingAttr::get(context, forMode.domain, forMode.direction);
  }

  /// By its place in the module, why an operation has no integer form after
  /// all.
  using Unable = DenseMap<size_t, std::string>;

  /// Adds what it finds out to `unable`; the module is to be thrown away then.
  LogicalResult run(ModuleOp module, Unable &unable);
  void eraseDead(ModuleOp module);
  const Plan &getPlan() const { return plan; }

private:
  LogicalResult splitFakeQuants(ModuleOp module);
  LogicalResult readGivenPlan(ModuleOp module, ArrayRef<Operation *> ops);
  LogicalResult decide(Operation *op);
  /// The value of the integer form; failure with `reason`. Constants are named
  /// after `node`, so that what fails at one node leaves the names of others
  /// alone.
  FailureOr<Value> integerize(QuantizableOpInterface op, StringRef node,
                              RoundingAttr rounding, std::string &reason);
  FailureOr<Value> quantizeConstant(OpBuilder &builder, Value constant,
                                    quant::QuantizedType type,
                                    const Twine &name, QuantizeRule rule = {});
  LogicalResult quantizeActivations(QuantizableOpInterface op, StringRef node,
                                    quant::QuantizedType ownType,
                                    RoundingAttr rounding, OpBuilder &builder,
                                    SmallVectorImpl<Value> &operands,
                                    std::string &reason);
  LogicalResult quantizeWeights(QuantizableOpInterface op, StringRef node,
                                OpBuilder &builder,
                                SmallVectorImpl<Value> &operands,
                                std::string &reason);
  quant::QuantizedType getDemandedType(Value value) const;
  void replace(Operation *op, Value quantized, RoundingAttr rounding);
  void foldFloatConstants(ModuleOp module);

  std::string makeUniqueName(Operation *op);

  MLIRContext *context;
  RequantizeMode mode;
  RoundingAttr rounding;
  const Plan *given;
  FormChoiceOptions options;
  Plan plan;
  DenseMap<Operation *, const Plan::Entry *> givenEntries;
  FormChoice choice;
  llvm::StringMap<unsigned> taken;
};

} // namespace

std::string Quantizer::makeUniqueName(Operation *op) {
  std::string base = getNodeName(op->getLoc()).str();
  if (base.empty())
    base = op->getName().getStringRef().str();
  std::string name = base;
  while (unsigned count = taken[name]++)
    name = base + "#" + std::to_string(count);
  return name;
}

LogicalResult Quantizer::splitFakeQuants(ModuleOp module) {
  SmallVector<FakeQuantOp> fakeQuants;
  module.walk([&](FakeQuantOp op) {
    if (op.getParams())
      fakeQuants.push_back(op);
  });
  for (FakeQuantOp op : fakeQuants) {
    auto type = getQuantizedElementType(*op.getParams());
    if (mode == RequantizeMode::Shift &&
        !llvm::all_of(getQuantParams(type), [](QuantParams params) {
          return isPowerOfTwo(params.scale);
        }))
      return op.emitOpError()
             << "of " << describeNode(op)
             << " has a scale that isn't a power of two, as requantization by "
                "shifts needs; fold the calibration with power-of-two";
    if (isConstant(op.getInput()))
      continue;
    OpBuilder builder(op);
    auto tensor = cast<RankedTensorType>(op.getInput().getType());
    auto quantize = QuantizeOp::create(
        builder, op.getLoc(), tensor.clone(type), op.getInput(),
        /*params=*/TypeAttr(), op.getScalingAttr(),
        op.getZeroPointPlacementAttr());
    auto dequantize =
        DequantizeOp::create(builder, op.getLoc(), tensor, quantize.getOutput(),
                             /*params=*/TypeAttr());
    op.replaceAllUsesWith(dequantize.getOutput());
    op.erase();
  }
  return success();
}

/// The element type that the users of `value` want: the one it is quantized
/// to, perhaps behind operations that share the scale.
quant::QuantizedType Quantizer::getDemandedType(Value value) const {
  if (QuantizeOp site = getFirstQuantize(value))
    return getQuantizedElementType(site.getOutput().getType());
  if (!value.hasOneUse())
    return {};
  OpOperand &use = *value.use_begin();
  auto user = dyn_cast<QuantizableOpInterface>(use.getOwner());
  if (!user || !user.sharesScale() ||
      !llvm::is_contained(user.getActivationOperands(), use.getOperandNumber()))
    return {};
  if (!choice.integer.contains(user))
    return {};
  return getDemandedType(user->getResult(0));
}

FailureOr<Value> Quantizer::quantizeConstant(OpBuilder &builder, Value constant,
                                             quant::QuantizedType type,
                                             const Twine &name,
                                             QuantizeRule rule) {
  auto tensor = cast<RankedTensorType>(constant.getType());
  std::optional<SmallVector<float>> values = readConstant<float>(constant);
  if (!values || !type.getStorageType().isInteger(8))
    return failure();
  SmallVector<int8_t> storage(values->size());
  quantc::quantize<int8_t>(*values, storage, getQuantParams(type),
                           getStorageRange(type),
                           getChannelLayout(type, tensor.getShape()), rule);
  Value integers = makeConstant<int8_t>(builder, constant.getLoc(),
                                        tensor.getShape(), storage, name.str());
  return quant::StorageCastOp::create(builder, constant.getLoc(),
                                      tensor.clone(type), integers)
      .getResult();
}

/// The bias decides about the scales of the weight (Bias.h), so both are
/// quantized together.
LogicalResult Quantizer::quantizeWeights(QuantizableOpInterface op,
                                         StringRef node, OpBuilder &builder,
                                         SmallVectorImpl<Value> &operands,
                                         std::string &reason) {
  std::optional<unsigned> weightIndex = op.getWeightOperand();
  if (!weightIndex)
    return success();
  FakeQuantOp fakeQuant = getConstantFakeQuant(op->getOperand(*weightIndex));
  if (!fakeQuant) {
    reason = "its weight isn't a constant with quantization parameters";
    return failure();
  }
  auto type = getQuantizedElementType(*fakeQuant.getParams());
  if (getQuantizedAxis(type).value_or(op.getWeightAxis()) !=
      op.getWeightAxis()) {
    reason = "its weight is quantized along another axis than the channels";
    return failure();
  }
  if (std::optional<unsigned> biasIndex = op.getBiasOperand()) {
    auto input = dyn_cast<quant::UniformQuantizedType>(getElementTypeOrSelf(
        operands[op.getActivationOperands().front()].getType()));
    Value biasOperand = op->getOperand(*biasIndex);
    std::optional<SmallVector<float>> bias = readConstant<float>(biasOperand);
    if (!bias || !input) {
      reason = "its bias isn't a constant";
      return failure();
    }
    if (bias->size() == 1) // TOSA's broadcast
      bias->resize(
          cast<RankedTensorType>(op->getResult(0).getType()).getShape().back(),
          bias->front());
    SmallVector<double> scales;
    for (QuantParams params : getQuantParams(type))
      scales.push_back(params.scale);
    // Channels of the result that share a channel of the weight (a depthwise
    // multiplier) want one scale: that of the one that needs the largest.
    size_t repeat = scales.size() == 1 ? 1 : bias->size() / scales.size();
    SmallVector<int32_t> values;
    for (bool settled = false; !settled;) {
      SmallVector<double> repeated;
      for (double scale : scales)
        repeated.append(repeat, scale);
      llvm::Expected<QuantizedBias> quantized = quantizeBias(
          *bias, input.getScale(), repeated, mode == RequantizeMode::Shift);
      if (!quantized) {
        reason = "its bias can't be quantized: " +
                 llvm::toString(quantized.takeError());
        return failure();
      }
      settled = quantized->enlarged.empty();
      values = std::move(quantized->values);
      for (auto [i, scale] : llvm::enumerate(quantized->weightScales))
        scales[i / repeat] = std::max(scales[i / repeat], scale);
    }
    type = withScales(type, scales);
    if (!type) {
      reason = "its weight's scale isn't a normal f32";
      return failure();
    }
    operands[*biasIndex] = makeConstant<int32_t>(
        builder, biasOperand.getLoc(), {static_cast<int64_t>(values.size())},
        values, (node + ".bias").str());
  }
  FailureOr<Value> weight =
      quantizeConstant(builder, fakeQuant.getInput(), type, node + ".weight",
                       getRule(fakeQuant));
  if (failed(weight)) {
    reason = "its weight isn't quantized to 8 bits";
    return failure();
  }
  operands[*weightIndex] = *weight;
  return success();
}

/// `operand` quantized to `type`, as the result of `op` is to be.
static Value quantizeAsResult(Operation *op, Value operand,
                              quant::QuantizedType type, OpBuilder &builder) {
  QuantizeOp like;
  for (Operation *user : op->getResult(0).getUsers())
    if (auto quantize = dyn_cast<QuantizeOp>(user))
      like = quantize;
  return QuantizeOp::create(
      builder, op->getLoc(),
      cast<RankedTensorType>(operand.getType()).clone(type), operand,
      /*params=*/TypeAttr(), like ? like.getScalingAttr() : nullptr,
      like ? like.getZeroPointPlacementAttr() : nullptr);
}

/// Activations in `operands` become quantized values, per tensor and, where the
/// operation shares the scale, of type `ownType`.
LogicalResult Quantizer::quantizeActivations(
    QuantizableOpInterface op, StringRef node, quant::QuantizedType ownType,
    RoundingAttr rounding, OpBuilder &builder, SmallVectorImpl<Value> &operands,
    std::string &reason) {
  // Where but some operands are real, quantizing these before the operation is
  // what would be done to its result.
  SmallVector<unsigned> activations = op.getActivationOperands();
  bool mayQuantize =
      op.setsRange() && llvm::any_of(activations, [&](unsigned i) {
        return getQuantizedElementType(operands[i].getType()) != nullptr;
      });
  for (unsigned i : activations) {
    Value &operand = operands[i];
    std::string name = (node + ".operand" + Twine(i)).str();
    FailureOr<Value> quantized = failure();
    if (getQuantizedElementType(operand.getType()))
      quantized = operand;
    else if (FakeQuantOp fakeQuant = getConstantFakeQuant(operand))
      quantized =
          quantizeConstant(builder, fakeQuant.getInput(),
                           getQuantizedElementType(*fakeQuant.getParams()),
                           name, getRule(fakeQuant));
    else if (op.sharesScale() && isConstant(operand))
      quantized = quantizeConstant(builder, operand, ownType, name);
    else if (mayQuantize)
      quantized = quantizeAsResult(op, operand, ownType, builder);

    quant::UniformQuantizedType type;
    if (succeeded(quantized))
      type = dyn_cast<quant::UniformQuantizedType>(
          getElementTypeOrSelf(quantized->getType()));
    if (!type) {
      reason =
          "its operand " + std::to_string(i) + " isn't quantized per tensor";
      return failure();
    }
    operand = *quantized;
    if (op.sharesScale() && type != ownType)
      operand = RequantizeOp::create(
          builder, op->getLoc(),
          cast<RankedTensorType>(operand.getType()).clone(ownType), operand,
          rounding);
  }
  return success();
}

FailureOr<Value> Quantizer::integerize(QuantizableOpInterface op,
                                       StringRef node, RoundingAttr rounding,
                                       std::string &reason) {
  OpBuilder builder(op);
  auto resultType = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  if (!resultType || !resultType.hasStaticShape()) {
    reason = "the shape of its result isn't known";
    return failure();
  }
  quant::QuantizedType elementType = getDemandedType(op->getResult(0));
  SmallVector<unsigned> activations = op.getActivationOperands();
  SmallVector<Value> operands(op->getOperands());

  for (unsigned i : activations)
    if (Value quantized = getQuantizedValue(operands[i])) {
      operands[i] = quantized;
      // Without a wish from behind, a value keeps the scale it comes with.
      if (op.sharesScale() && !elementType)
        elementType = getQuantizedElementType(quantized.getType());
    }
  if (!isa_and_nonnull<quant::UniformQuantizedType>(elementType)) {
    reason = "its result has no quantization parameters";
    return failure();
  }

  // The type that the operation itself gives. Where values only move, it is
  // changed behind: there they may be fewer (max pool, slice).
  quant::QuantizedType ownType = elementType;
  if (op.sharesScale() && !op.setsRange())
    if (Type type =
            getQuantizedElementType(operands[activations.front()].getType()))
      ownType = cast<quant::QuantizedType>(type);

  if (failed(quantizeActivations(op, node, ownType, rounding, builder, operands,
                                 reason)))
    return failure();
  if (failed(quantizeWeights(op, node, builder, operands, reason)))
    return failure();
  FailureOr<Value> result = op.buildInteger(
      builder, operands, resultType.clone(ownType), rounding, reason);
  if (succeeded(result) && ownType != elementType)
    result =
        RequantizeOp::create(builder, op->getLoc(),
                             resultType.clone(elementType), *result, rounding)
            .getOutput();
  return result;
}

/// Puts the integer form, `quantized`, in the place of `op`.
void Quantizer::replace(Operation *op, Value quantized, RoundingAttr rounding) {
  Value result = op->getResult(0);
  OpBuilder builder(op);
  for (Operation *user : llvm::make_early_inc_range(result.getUsers())) {
    auto quantize = dyn_cast<QuantizeOp>(user);
    if (!quantize)
      continue;
    Value value = quantized;
    if (value.getType() != quantize.getOutput().getType())
      value =
          RequantizeOp::create(builder, op->getLoc(),
                               quantize.getOutput().getType(), value, rounding);
    quantize.replaceAllUsesWith(value);
    quantize.erase();
  }
  if (!result.use_empty())
    result.replaceAllUsesWith(DequantizeOp::create(builder, op->getLoc(),
                                                   result.getType(), quantized,
                                                   /*params=*/TypeAttr()));
  op->erase();
}

LogicalResult Quantizer::decide(Operation *op) {
  const Plan::Entry *wish = givenEntries.lookup(op);
  Plan::Entry entry;
  entry.node = wish ? wish->node : makeUniqueName(op);
  RoundingAttr opRounding = rounding;
  if (wish && wish->isInteger)
    opRounding = RoundingAttr::get(context, wish->domain, wish->direction);
  entry.domain = opRounding.getDomain();
  entry.direction = opRounding.getDirection();

  FailureOr<Value> result = failure();
  if (choice.integer.contains(op))
    result = integerize(cast<QuantizableOpInterface>(op), entry.node,
                        opRounding, entry.reason);
  else if (wish && !wish->isInteger)
    entry.reason = wish->reason;
  else
    entry.reason = choice.reasons.lookup(op);

  entry.isInteger = succeeded(result);
  if (wish && wish->isInteger && !entry.isInteger)
    return op->emitOpError()
           << "of " << describeNode(op) << " shall be integer by the plan, but "
           << entry.reason;
  plan.add(std::move(entry));
  if (succeeded(result))
    replace(op, *result, opRounding);
  return success();
}

/// Weights of operations that stay float: what they are after fake
/// quantization is a constant, too.
void Quantizer::foldFloatConstants(ModuleOp module) {
  SmallVector<FakeQuantOp> fakeQuants;
  module.walk([&](FakeQuantOp op) { fakeQuants.push_back(op); });
  for (FakeQuantOp op : fakeQuants) {
    std::optional<SmallVector<float>> values =
        readConstant<float>(op.getInput());
    if (!op.getParams() || !values || op.use_empty())
      continue;
    auto type = getQuantizedElementType(*op.getParams());
    auto tensor = cast<RankedTensorType>(op.getInput().getType());
    fakeQuantize(*values, *values, getQuantParams(type), getStorageRange(type),
                 getChannelLayout(type, tensor.getShape()), getRule(op));
    OpBuilder builder(op);
    op.replaceAllUsesWith(
        makeConstant<float>(builder, op.getLoc(), tensor.getShape(), *values,
                            (getNodeName(op.getLoc()) + ".fake_quant").str()));
  }
}

void Quantizer::eraseDead(ModuleOp module) {
  SmallVector<Operation *> ops;
  module.walk([&](Operation *op) { ops.push_back(op); });
  for (Operation *op : llvm::reverse(ops))
    if (isOpTriviallyDead(op))
      op->erase();
}

LogicalResult Quantizer::readGivenPlan(ModuleOp module,
                                       ArrayRef<Operation *> ops) {
  for (Operation *op : ops) {
    const Plan::Entry *entry = given->lookup(makeUniqueName(op));
    if (!entry)
      return op->emitOpError() << "of " << describeNode(op)
                               << " isn't in the plan; plan this model again";
    givenEntries[op] = entry;
    if (entry->isInteger && isa<QuantizableOpInterface>(op))
      choice.integer.insert(op);
    else
      choice.reasons[op] = "it has no integer form";
  }
  if (given->getEntries().size() != ops.size())
    return module.emitError() << "the plan has " << given->getEntries().size()
                              << " nodes, but the model " << ops.size()
                              << "; plan this model again";
  return success();
}

LogicalResult Quantizer::run(ModuleOp module, Unable &unable) {
  if (failed(splitFakeQuants(module)))
    return failure();
  // What is decided about: operations that compute real numbers.
  SmallVector<Operation *> ops;
  module.walk([&](Operation *op) {
    if (op->hasTrait<OpTrait::ConstantLike>() ||
        (isa<QuantcDialect>(op->getDialect()) &&
         !isa<QuantizableOpInterface, GeluOp>(op)))
      return;
    if (llvm::any_of(op->getResultTypes(), [](Type type) {
          return isa<FloatType>(getElementTypeOrSelf(type));
        }))
      ops.push_back(op);
  });
  if (given) {
    if (failed(readGivenPlan(module, ops)))
      return failure();
  } else {
    DenseMap<Operation *, std::string> unableOps;
    for (const auto &[i, reason] : unable)
      unableOps[ops[i]] = reason;
    choice = chooseForms(ops, unableOps, options);
  }
  connectForms(ops, choice.integer, options.integerIO);
  for (auto [i, op] : llvm::enumerate(ops)) {
    bool wanted = choice.integer.contains(op);
    if (failed(decide(op)))
      return failure();
    if (const Plan::Entry &entry = plan.getEntries().back();
        wanted && !entry.isInteger)
      unable[i] = entry.reason;
  }
  foldFloatConstants(module);
  eraseDead(module);
  return success();
}

namespace {

struct QuantizePass : quantc::impl::QuantizePassBase<QuantizePass> {
  using Base::Base;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    std::optional<RequantizeMode> mode = symbolizeRequantizeMode(requantize);
    if (!mode)
      return fail(llvm::createStringError(
          "unknown requantize mode '" + requantize +
          "': it is f32, fixed, fixed-double or shift"));
    std::optional<Plan> given;
    if (!plan.empty()) {
      llvm::Expected<Plan> loaded = Plan::load(plan);
      if (!loaded)
        return fail(loaded.takeError());
      given = std::move(*loaded);
    }
    // Whether an integer form can be built shows when it is. What can't may
    // make others dearer, so the choice is made again, of what is known then.
    Quantizer::Unable unable;
    for (size_t known = ~size_t(0); unable.size() != known;) {
      known = unable.size();
      OwningOpRef<ModuleOp> copy = module.clone();
      Quantizer quantizer(&getContext(), *mode, given ? &*given : nullptr,
                          {/*byCost=*/!strictInteger, integerIO});
      if (failed(quantizer.run(*copy, unable)))
        return signalPassFailure();
      if (unable.size() != known)
        continue;
      module.getBodyRegion().takeBody(copy->getBodyRegion());
      if (failed(finish(module, quantizer)))
        return signalPassFailure();
    }
  }

  LogicalResult finish(ModuleOp module, Quantizer &quantizer) {
    if (integerIO) {
      for (auto func : module.getOps<func::FuncOp>())
        if (!func.isExternal() && failed(makeIntegerIO(func)))
          return failure();
      quantizer.eraseDead(module);
    }
    if (!savePlan.empty())
      if (llvm::Error error = quantizer.getPlan().save(savePlan)) {
        fail(std::move(error));
        return failure();
      }
    return success();
  }

  void fail(llvm::Error error) {
    emitError(UnknownLoc::get(&getContext()))
        << llvm::toString(std::move(error));
    signalPassFailure();
  }
};

} // namespace
