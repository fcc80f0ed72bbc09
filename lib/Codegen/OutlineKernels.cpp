// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Attention.h"
#include "mlir/Analysis/TopologicalSortUtils.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Transforms/RegionUtils.h"
#include "quantc/Codegen/Passes.h"
#include "quantc/Dialect/Dot/IR/Dot.h"
#include "quantc/Dialect/Quantc/IR/Quantc.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

namespace quantc {
#define GEN_PASS_DEF_OUTLINEKERNELSPASS
#include "quantc/Codegen/Passes.h.inc"
} // namespace quantc

using namespace mlir;
using namespace quantc;

namespace {

static bool isElementwise(linalg::LinalgOp op) {
  return isa<linalg::GenericOp>(op) &&
         op.getNumLoops() == op.getNumParallelLoops() &&
         op->getNumResults() == 1 &&
         op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isIdentity();
}

/// What becomes a kernel and is no linalg.generic.
static bool isLoneKernel(Operation *op) {
  return isRowFunction(op) || isa<dot::WinogradInputOp>(op);
}

/// The name of an elementwise kernel. What converts a tensor between floats and
/// integers, as the edges of a quantized model do, tells so.
static StringRef getElementwiseName(linalg::GenericOp op) {
  bool toFloat = getElementTypeOrSelf(op.getResultTypes()[0]).isFloat();
  for (OpOperand *input : op.getDpsInputOperands())
    if (op.getMatchingIndexingMap(input).isPermutation() &&
        getElementTypeOrSelf(input->get()).isFloat() != toFloat)
      return toFloat ? "dequantize" : "quantize";
  return "elementwise";
}

/// What becomes one kernel, in program order.
using Group = SetVector<Operation *>;

class Outliner {
public:
  explicit Outliner(func::FuncOp entry)
      : entry(entry), module(entry->getParentOfType<ModuleOp>()) {}

  void run() {
    // What a fill overwrites needn't be passed.
    entry.walk([](linalg::FillOp fill) {
      OpBuilder builder(fill);
      auto type = cast<RankedTensorType>(fill.getResultTypes()[0]);
      fill.getOutputsMutable().assign(tensor::EmptyOp::create(
          builder, fill.getLoc(), type.getShape(), type.getElementType()));
    });

    // Consumers first, so that an epilogue claims its producer.
    SmallVector<Operation *> ops;
    for (Operation &op : llvm::reverse(entry.getBody().front()))
      if (isa<linalg::LinalgOp>(op) || isLoneKernel(&op))
        ops.push_back(&op);
    DenseSet<Operation *> taken;
    SmallVector<Group> groups;
    for (Operation *op : ops) {
      auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
      if (taken.contains(op) || (linalgOp && isInit(op)))
        continue;
      Group group;
      if (linalgOp)
        group = formGroup(linalgOp);
      else
        group.insert(op);
      taken.insert(group.begin(), group.end());
      groups.push_back(std::move(group));
    }
    for (Group &group : llvm::reverse(groups))
      outline(group);
  }

private:
  /// Values that only start accumulators are built where they are used.
  static bool isInit(Operation *op) {
    auto linalgOp = cast<linalg::LinalgOp>(op);
    bool startsOnly = llvm::all_of(op->getUses(), [](OpOperand &use) {
      auto user = dyn_cast<linalg::LinalgOp>(use.getOwner());
      return user && user.isDpsInit(&use) && !isElementwise(user);
    });
    if (!startsOnly || op->use_empty())
      return false;
    return isa<linalg::FillOp>(op) ||
           (isElementwise(linalgOp) &&
            llvm::all_of(linalgOp.getDpsInputs(), [](Value input) {
              return matchPattern(input, m_Constant());
            }));
  }

  /// Adds `op` with what starts its accumulator.
  static void addWithInits(linalg::LinalgOp op, Group &group) {
    group.insert(op);
    for (Value init : op.getDpsInits()) {
      Operation *producer = init.getDefiningOp();
      if (auto start = dyn_cast_or_null<linalg::LinalgOp>(producer)) {
        if (!isInit(start))
          continue;
        addWithInits(start, group);
      } else if (isa_and_nonnull<tensor::EmptyOp>(producer)) {
        group.insert(producer);
      }
    }
    // The window of a pool is an empty tensor.
    for (Value input : op.getDpsInputs())
      if (auto empty = input.getDefiningOp<tensor::EmptyOp>())
        group.insert(empty);
  }

  /// Adds an output transform, if `value` is one, with the products that it
  /// works on; false if it is none.
  static bool addWinograd(Value value, Group &group) {
    auto transform = value.getDefiningOp<dot::WinogradOutputOp>();
    if (!transform)
      return false;
    group.insert(transform);
    addWithInits(transform.getInput().getDefiningOp<linalg::LinalgOp>(), group);
    return true;
  }

  /// Adds what leads to the second product of an attention that is to be one
  /// kernel.
  static void addAttention(linalg::LinalgOp context, Group &group) {
    if (!context->hasAttr(kAttentionName))
      return;
    auto attention = Attention::find(context);
    if (!attention || !attention->hasNoReshapes()) {
      context->removeAttr(kAttentionName); // it isn't ours
      return;
    }
    group.insert(attention->softmax);
    addWithInits(attention->scores, group);
    for (Operation *op : attention->before)
      addWithInits(cast<linalg::LinalgOp>(op), group);
    for (Operation *op : attention->after)
      addWithInits(cast<linalg::LinalgOp>(op), group);
    for (linalg::LinalgOp op : attention->getOperandProducers())
      addWithInits(op, group);
  }

  /// Adds what makes integers of a picture of the caller's that `op` moves to
  /// where layers want it.
  static void addEdge(linalg::LinalgOp op, Group &group) {
    if (!isa<linalg::TransposeOp>(op))
      return;
    auto edge = op.getDpsInputs()[0].getDefiningOp<linalg::GenericOp>();
    if (edge && edge->hasOneUse() && isElementwise(edge) &&
        getElementwiseName(edge) == "quantize" &&
        isa<BlockArgument>(edge.getDpsInputs()[0]))
      addWithInits(edge, group);
  }

  static Group formGroup(linalg::LinalgOp op) {
    Group group;
    addWithInits(op, group);
    addAttention(op, group);
    addEdge(op, group);
    if (!isElementwise(op))
      return group;
    SmallVector<Value> sources;
    for (OpOperand *input : op.getDpsInputOperands())
      if (op.getMatchingIndexingMap(input).isIdentity())
        sources.push_back(input->get());
    // These have no kernel without their epilogue.
    if (llvm::any_of(sources,
                     [&](Value source) { return addWinograd(source, group); }))
      return group;
    for (Value source : sources) {
      auto producer = source.getDefiningOp<linalg::LinalgOp>();
      if (!producer || isElementwise(producer) ||
          isa<linalg::FillOp>(producer) || !producer->hasOneUse() ||
          producer->getNumResults() != 1)
        continue;
      addWithInits(producer, group);
      addAttention(producer, group);
      addEdge(producer, group);
      break;
    }
    return group;
  }

  void outline(Group &group) {
    SmallVector<Operation *> ops(group.getArrayRef());
    llvm::sort(
        ops, [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
    Operation *last = ops.back();
    SetVector<Value> inputs;
    auto collect = [&](Value value) {
      Operation *producer = value.getDefiningOp();
      if (producer && group.contains(producer))
        return;
      if (producer && producer->getParentOp() != entry)
        return; // inside a body
      inputs.insert(value);
    };
    for (Operation *op : ops)
      op->walk([&](Operation *inner) {
        for (Value operand : inner->getOperands()) {
          if (auto argument = dyn_cast<BlockArgument>(operand);
              argument && argument.getOwner() != &entry.getBody().front())
            continue;
          collect(operand);
        }
      });

    // The function is built first and thrown away if there is an equal one.
    OpBuilder builder(module.getContext());
    builder.setInsertionPointToEnd(module.getBody());
    SmallVector<Value> arguments;
    SmallVector<Operation *> scalars;
    for (Value input : inputs) {
      if (isa<RankedTensorType>(input.getType()))
        arguments.push_back(input);
      else
        scalars.push_back(input.getDefiningOp());
    }
    SmallVector<Type> types = llvm::to_vector(ValueRange(arguments).getTypes());
    auto function = func::FuncOp::create(
        builder, UnknownLoc::get(module.getContext()), "candidate",
        builder.getFunctionType(types, last->getResultTypes()));
    function.setPrivate();
    Block *body = function.addEntryBlock();
    builder.setInsertionPointToEnd(body);
    IRMapping mapping;
    mapping.map(ArrayRef<Value>(arguments), body->getArguments());
    for (Operation *scalar : scalars)
      builder.clone(*scalar, mapping);
    for (Operation *op : ops)
      builder.clone(*op, mapping);
    SmallVector<Value> results;
    for (Value result : last->getResults())
      results.push_back(mapping.lookup(result));
    func::ReturnOp::create(builder, function.getLoc(), results);
    function.walk([&](Operation *op) { op->setLoc(function.getLoc()); });

    std::string key;
    llvm::raw_string_ostream stream(key);
    function->print(stream, OpPrintingFlags().useLocalScope());
    auto [slot, isNew] = kernels.try_emplace(key, function);
    if (isNew) {
      // Named after its first operation that computes.
      auto *anchor = llvm::find_if(ops, [&](Operation *op) {
        return isLoneKernel(op) ||
               (isa<linalg::LinalgOp>(op) && !(isInit(op) && op != last));
      });
      StringRef base = (*anchor)->getName().stripDialect();
      if (auto linalgOp = dyn_cast<linalg::LinalgOp>(*anchor);
          linalgOp && isElementwise(linalgOp))
        base = getElementwiseName(cast<linalg::GenericOp>(*anchor));
      if (llvm::any_of(
              ops, [](Operation *op) { return op->hasAttr(kAttentionName); }))
        base = "attention";
      std::string name;
      do
        name = (base + "_" + Twine(counts[base]++)).str();
      while (module.lookupSymbol(name)); // the model's own
      function.setSymName(name);
      function->setAttr("quantc.kernel", builder.getUnitAttr());
    } else {
      function.erase();
    }

    builder.setInsertionPoint(last);
    auto call = func::CallOp::create(builder, (*firstComputing(ops))->getLoc(),
                                     slot->second, arguments);
    last->replaceAllUsesWith(call.getResults());
    for (Operation *op : llvm::reverse(ops))
      if (op->use_empty())
        op->erase();
  }

  static SmallVector<Operation *>::const_iterator
  firstComputing(const SmallVector<Operation *> &ops) {
    const auto *it = llvm::find_if(ops, [](Operation *op) {
      auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
      return linalgOp && !isElementwise(linalgOp) && !isa<linalg::FillOp>(op);
    });
    return it == ops.end() ? std::prev(it) : it;
  }

  func::FuncOp entry;
  ModuleOp module;
  llvm::StringMap<func::FuncOp> kernels;
  llvm::StringMap<unsigned> counts;
};

struct OutlineKernels : quantc::impl::OutlineKernelsPassBase<OutlineKernels> {
  void runOnOperation() override {
    SmallVector<func::FuncOp> entries;
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (function.isPublic() && !function.isExternal())
        entries.push_back(function);
    for (func::FuncOp entry : entries)
      Outliner(entry).run();
  }
};

} // namespace
