// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "TableFunctions.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/IR/Matchers.h"
#include "quantc/Dialect/Quantc/IR/ConstantUtils.h"
#include "quantc/Dialect/Quantc/IR/EraseUnused.h"
#include "quantc/Dialect/Quantc/IR/Quantc.h"
#include "quantc/Dialect/Quantc/IR/TypeUtils.h"
#include "quantc/Transforms/Passes.h"
#include "llvm/ADT/TypeSwitch.h"

namespace quantc {
#define GEN_PASS_DEF_FUSETABLESPASS
#include "quantc/Transforms/Passes.h.inc"
} // namespace quantc

using namespace mlir;
using namespace quantc;

/// The value of an elementwise operation for these operands, in f64; none where
/// it is none of those that tables are made of.
static std::optional<double> evaluate(Operation *op, ArrayRef<double> x) {
  using Result = std::optional<double>;
  return TypeSwitch<Operation *, Result>(op)
      .Case([&](tosa::SigmoidOp) { return 1.0 / (1.0 + std::exp(-x[0])); })
      .Case([&](tosa::TanhOp) { return std::tanh(x[0]); })
      .Case([&](tosa::ErfOp) { return std::erf(x[0]); })
      .Case([&](GeluOp gelu) { return gelu.evaluate(x[0]); })
      .Case([&](tosa::ExpOp) { return std::exp(x[0]); })
      .Case([&](tosa::LogOp) { return std::log(x[0]); })
      .Case([&](tosa::SinOp) { return std::sin(x[0]); })
      .Case([&](tosa::CosOp) { return std::cos(x[0]); })
      .Case([&](tosa::RsqrtOp) { return 1.0 / std::sqrt(x[0]); })
      .Case([&](tosa::ReciprocalOp) { return 1.0 / x[0]; })
      .Case([&](tosa::AbsOp) { return std::fabs(x[0]); })
      .Case([&](tosa::NegateOp) { return -x[0]; })
      .Case([&](tosa::FloorOp) { return std::floor(x[0]); })
      .Case([&](tosa::CeilOp) { return std::ceil(x[0]); })
      .Case([&](tosa::AddOp) { return x[0] + x[1]; })
      .Case([&](tosa::SubOp) { return x[0] - x[1]; })
      .Case([&](tosa::MulOp) { return x[0] * x[1]; })
      .Case([&](tosa::PowOp) { return std::pow(x[0], x[1]); })
      .Case([&](tosa::MaximumOp) { return std::fmax(x[0], x[1]); })
      .Case([&](tosa::MinimumOp) { return std::fmin(x[0], x[1]); })
      .Case([&](tosa::ClampOp clamp) {
        double lo = cast<FloatAttr>(clamp.getMinValAttr()).getValueAsDouble();
        double hi = cast<FloatAttr>(clamp.getMaxValAttr()).getValueAsDouble();
        // NaN stays NaN.
        return x[0] < lo ? lo : x[0] > hi ? hi : x[0];
      })
      .Default([](Operation *) { return std::nullopt; });
}

/// The parameters that a quantize or dequantize converts with.
template <typename Op>
static quant::QuantizedType getParamsType(Op op, Value quantized) {
  if (op.getParams())
    return getQuantizedElementType(*op.getParams());
  return getQuantizedElementType(quantized.getType());
}

static bool isPerTensorByte(quant::QuantizedType type) {
  return isa_and_nonnull<quant::UniformQuantizedType>(type) &&
         type.isSigned() && type.getStorageTypeIntegralWidth() == 8;
}

/// Without mul's shift.
static SmallVector<Value> getRealOperands(Operation *op) {
  return llvm::filter_to_vector(op->getOperands(), [](Value operand) {
    return getElementTypeOrSelf(operand.getType()).isF32();
  });
}

/// The one value of all elements of a constant.
static std::optional<double> getSplat(Value value) {
  std::optional<SmallVector<float>> values = readConstant<float>(value);
  if (!values || values->empty() || !llvm::all_equal(*values))
    return std::nullopt;
  return values->front();
}

Value quantc::getTableOperand(Operation *op) {
  SmallVector<Value> operands = getRealOperands(op);
  if (op->getNumResults() != 1 ||
      !evaluate(op, SmallVector<double>(operands.size(), 0.5)))
    return {};
  Value only;
  for (Value operand : operands) {
    if (getSplat(operand))
      continue;
    if (only && only != operand)
      return {};
    only = operand;
  }
  return only && only.getType() == op->getResult(0).getType() ? only : Value();
}

namespace {

/// A real function of one dequantized value, element by element.
class RealFunction {
public:
  /// The function that computes the operand of `end`; none where it isn't one
  /// of a single value, or does nothing.
  static std::optional<RealFunction> find(QuantizeOp end);

  DequantizeOp getSource() const { return source; }
  double operator()(double x) const;

private:
  bool collect(Value value, RankedTensorType type);

  DequantizeOp source;
  Value result;
  /// Each after its operands.
  SmallVector<Operation *> ops;
  DenseMap<Value, double> constants;
};

} // namespace

std::optional<RealFunction> RealFunction::find(QuantizeOp end) {
  RealFunction function;
  function.result = end.getInput();
  auto type = dyn_cast<RankedTensorType>(end.getInput().getType());
  if (!type || !function.collect(end.getInput(), type) || !function.source ||
      function.ops.empty())
    return std::nullopt;
  return function;
}

bool RealFunction::collect(Value value, RankedTensorType type) {
  if (constants.contains(value))
    return true;
  Operation *op = value.getDefiningOp();
  if (!op || llvm::is_contained(ops, op))
    return op;
  if (std::optional<double> splat = getSplat(value)) {
    constants[value] = *splat;
    return true;
  }
  if (value.getType() != type)
    return false;
  if (auto dequantize = dyn_cast<DequantizeOp>(op)) {
    if (source && source != dequantize)
      return false;
    source = dequantize;
    return true;
  }
  SmallVector<Value> operands = getRealOperands(op);
  if (!evaluate(op, SmallVector<double>(operands.size(), 0.5)))
    return false;
  for (Value operand : operands)
    if (!collect(operand, type))
      return false;
  ops.push_back(op);
  return true;
}

double RealFunction::operator()(double x) const {
  DenseMap<Value, double> values = constants;
  DequantizeOp from = source;
  values[from.getOutput()] = x;
  for (Operation *op : ops) {
    SmallVector<double> operands;
    for (Value operand : getRealOperands(op))
      operands.push_back(values.lookup(operand));
    values[op->getResult(0)] = *evaluate(op, operands);
  }
  return values.lookup(result);
}

namespace {

struct FuseTablesPass : quantc::impl::FuseTablesPassBase<FuseTablesPass> {
  void runOnOperation() override {
    SmallVector<QuantizeOp> ends;
    getOperation().walk([&](QuantizeOp op) { ends.push_back(op); });
    for (QuantizeOp end : ends)
      fuse(end);
  }

  static void fuse(QuantizeOp end);
};

} // namespace

void FuseTablesPass::fuse(QuantizeOp end) {
  std::optional<RealFunction> function = RealFunction::find(end);
  if (!function)
    return;
  DequantizeOp source = function->getSource();
  Value input = source.getInput();
  quant::QuantizedType from = getParamsType(source, input);
  quant::QuantizedType to = getParamsType(end, end.getOutput());
  if (!isPerTensorByte(from) || !isPerTensorByte(to))
    return;

  QuantParams fromParams = getQuantParams(from).front();
  QuantParams toParams = getQuantParams(to).front();
  QuantRange range = getStorageRange(to);
  QuantizeRule rule;
  rule.form = end.getScaling();
  rule.zeroPoint = end.getZeroPointPlacement();
  SmallVector<int8_t> table; // entry i is the value for i - 128
  for (int q = -128; q < 128; ++q) {
    double y = (*function)(dequantizeValue(q, fromParams));
    table.push_back(
        quantizeValue(static_cast<float>(y), toParams, range, rule));
  }

  OpBuilder builder(end);
  Location loc = end.getInput().getDefiningOp()->getLoc();
  auto storageType = cast<RankedTensorType>(end.getOutput().getType())
                         .clone(builder.getI8Type());
  if (input.getType() != storageType)
    input = quant::StorageCastOp::create(builder, loc, storageType, input);
  Value values = makeConstant<int8_t>(builder, loc, {256}, table, "table");
  Value result =
      tosa::TableOp::create(builder, loc, storageType, input, values);
  if (end.getOutput().getType() != storageType)
    result = quant::StorageCastOp::create(builder, loc,
                                          end.getOutput().getType(), result);
  Operation *last = end.getInput().getDefiningOp();
  end.replaceAllUsesWith(result);
  end.erase();
  eraseUnused(last);
}
