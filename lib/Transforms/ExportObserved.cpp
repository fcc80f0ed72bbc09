// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Matchers.h"
#include "quantc/Dialect/Quantc/IR/Quantc.h"
#include "quantc/Transforms/ObserveModule.h"
#include "quantc/Transforms/Passes.h"

namespace quantc {
#define GEN_PASS_DEF_EXPORTOBSERVEDPASS
#include "quantc/Transforms/Passes.h.inc"
} // namespace quantc

using namespace mlir;
using namespace quantc;

namespace {

struct ExportObservedPass
    : quantc::impl::ExportObservedPassBase<ExportObservedPass> {
  void runOnOperation() override {
    func::FuncOp func = getOperation();
    if (func.isExternal())
      return;
    Operation *terminator = func.front().getTerminator();
    SmallVector<Value> results(terminator->getOperands());
    SmallVector<std::pair<StringAttr, ObserverAttr>> sites;
    SmallVector<ObserveOp> observes(func.getOps<ObserveOp>());
    unsigned first = results.size();
    for (ObserveOp observe : observes) {
      if (matchPattern(observe.getInput(), m_Constant()))
        continue;
      results.push_back(observe.getInput());
      sites.push_back({observe.getSiteAttr(), observe.getObserver()});
    }
    terminator->setOperands(results);
    // After the operands: the values of one observe may be the input of
    // another.
    for (ObserveOp observe : observes) {
      observe.getOutput().replaceAllUsesWith(observe.getInput());
      observe.erase();
    }
    func.setType(FunctionType::get(&getContext(), func.getArgumentTypes(),
                                   terminator->getOperandTypes()));
    SmallVector<Attribute> attrs;
    if (ArrayAttr given = func.getAllResultAttrs())
      attrs.assign(given.begin(), given.end());
    attrs.resize(results.size(), DictionaryAttr::get(&getContext()));
    func.setAllResultAttrs(attrs);
    for (auto [i, site] : llvm::enumerate(sites)) {
      func.setResultAttr(first + i, siteAttrName, site.first);
      func.setResultAttr(first + i, observerAttrName, site.second);
    }
  }
};

} // namespace
