// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Transforms/ObserveModule.h"
#include "mlir/IR/Matchers.h"
#include "quantc/Dialect/Quantc/IR/Quantc.h"
#include "quantc/Dialect/Quantc/IR/TypeUtils.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/SHA1.h"

using namespace mlir;
using namespace quantc;

namespace {

/// Walks a module in order; values go by the number of their definition.
class ModuleHasher {
public:
  std::string hash(ModuleOp module) {
    visit(module);
    return llvm::toHex(sha.final(), /*LowerCase=*/true);
  }

private:
  void add(StringRef text) {
    // The length keeps "ab" + "c" apart from "a" + "bc".
    add(text.size());
    sha.update(text);
  }
  void add(uint64_t number) {
    uint8_t bytes[8];
    llvm::support::endian::write64le(bytes, number);
    sha.update(bytes);
  }
  template <typename T> void addPrinted(T thing) {
    std::string text;
    llvm::raw_string_ostream(text) << thing;
    add(text);
  }

  void add(Attribute attr) {
    auto elements = dyn_cast<ElementsAttr>(attr);
    if (!elements)
      return addPrinted(attr);
    addPrinted(elements.getType());
    if (auto dense = dyn_cast<DenseElementsAttr>(attr)) {
      ArrayRef<char> raw = dense.getRawData();
      add(static_cast<uint64_t>(dense.isSplat()));
      add(StringRef(raw.data(), raw.size()));
    } else if (auto resource = dyn_cast<DenseResourceElementsAttr>(attr)) {
      ArrayRef<char> raw = resource.getData();
      add(StringRef(raw.data(), raw.size()));
    } else {
      addPrinted(attr);
    }
  }

  /// Shapes aren't hashed, nor what only changes them: what is learnt at one
  /// batch size holds at another, and the weights and attributes say which
  /// model it is.
  void define(Value value) {
    numbers.try_emplace(value, next++);
    addPrinted(getElementTypeOrSelf(value.getType()));
  }

  static bool isShape(Operation *op, NamedAttribute attr) {
    auto function = dyn_cast<func::FuncOp>(op);
    return function && attr.getName() == function.getFunctionTypeAttrName();
  }

  void visit(Operation *op) {
    // Constants count where they are used, wherever they stand.
    if (op->hasTrait<OpTrait::ConstantLike>() || isa<tosa::ConstShapeOp>(op))
      return;
    if (isa<tosa::ReshapeOp>(op)) {
      numbers.try_emplace(op->getResult(0), numbers.lookup(op->getOperand(0)));
      return;
    }
    add(op->getName().getStringRef());
    add(op->getNumOperands());
    for (Value operand : op->getOperands()) {
      Attribute constant;
      if (isa<tosa::shapeType>(operand.getType()))
        continue;
      if (matchPattern(operand, m_Constant(&constant)))
        add(constant);
      else
        add(numbers.lookup(operand));
    }
    // What isn't printed, as it is false by default, is the same as absent.
    // A symbol is what the model is called in C: no value depends on it.
    auto attrs = llvm::make_filter_range(
        op->getAttrDictionary(), [op](NamedAttribute attr) {
          auto flag = dyn_cast<BoolAttr>(attr.getValue());
          return attr.getName() != SymbolTable::getSymbolAttrName() &&
                 !isShape(op, attr) && (!flag || flag.getValue());
        });
    add(std::distance(attrs.begin(), attrs.end()));
    for (NamedAttribute attr : attrs) {
      add(attr.getName().getValue());
      add(attr.getValue());
    }
    for (Region &region : op->getRegions())
      for (Block &block : region) {
        llvm::for_each(block.getArguments(), [&](Value v) { define(v); });
        for (Operation &child : block)
          visit(&child);
        add(StringRef("end"));
      }
    llvm::for_each(op->getResults(), [&](Value v) { define(v); });
  }

  llvm::SHA1 sha;
  DenseMap<Value, uint64_t> numbers;
  uint64_t next = 0;
};

} // namespace

std::string quantc::hashObserveModule(ModuleOp module) {
  return ModuleHasher().hash(module);
}

llvm::Expected<CalibrationTable> quantc::makeCalibrationTable(ModuleOp module) {
  CalibrationTable table(hashObserveModule(module));
  llvm::Error error = llvm::Error::success();
  module.walk([&](ObserveOp observe) {
    if (matchPattern(observe.getInput(), m_Constant()))
      return WalkResult::advance();
    llvm::Expected<Observer &> site = table.addSite(
        observe.getSite(), getObserverConfig(observe.getObserver()));
    if (site)
      return WalkResult::advance();
    error = llvm::joinErrors(std::move(error), site.takeError());
    return WalkResult::interrupt();
  });
  if (error)
    return std::move(error);
  return std::move(table);
}
