// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Kernels that do a part of their work. Loops are written as if for the whole;
// then the outermost of them, as many as it takes for enough units, get bounds
// that depend on the number of the part. Parts are equal by what their units
// weigh, an estimate of their time: a cut-off tile weighs less than a whole
// one, a tile less than a panel. Which part does a unit changes nothing in how
// it is computed.

#include "KernelBuilder.h"
#include <numeric>

using namespace mlir;
using namespace quantc;

/// With this many units, the largest of eight parts has an eighth too much.
static constexpr int64_t kEnoughUnits = 64;
static constexpr int64_t kIndexBits = 64;

/// The loops and lone blocks (`scf.if`) that divide() may cut.
class KernelBuilder::Units {
public:
  explicit Units(KernelBuilder &kernel) : kernel(kernel), b(kernel.builder) {}

  template <typename OpTy> OpTy add(OpTy op) {
    known.insert(op);
    return op;
  }

  /// Takes back a block in which nothing was written.
  void remove(scf::IfOp op) {
    known.erase(op);
    op.erase();
  }

  /// Cuts the loops below `root`; gives the number of units.
  int64_t cut(scf::IfOp root) {
    int64_t depth = getDepth(body(root)), levels = 1;
    while (levels < depth && count(body(root), levels) < kEnoughUnits)
      ++levels;
    int64_t units = depth ? count(body(root), levels) : 1;
    if (units > 1) {
      weigh(body(root), levels);
      auto [begin, end] = getShare(sum(body(root)));
      restrict(body(root), begin, end);
    }
    dissolve(root);
    return units;
  }

private:
  static Block *body(Operation *op) { return &op->getRegion(0).front(); }

  SmallVector<Operation *> children(Block *block) {
    return llvm::to_vector(llvm::make_pointer_range(llvm::make_filter_range(
        *block, [&](Operation &op) { return known.contains(&op); })));
  }

  /// How often a loop runs; one that runs through a step of the loop around it
  /// may do so less often in the last of them.
  static int64_t steps(scf::ForOp loop) {
    auto getStep = [](scf::ForOp loop) {
      return *getConstantIntValue(loop.getStep());
    };
    if (auto first = dyn_cast<BlockArgument>(loop.getLowerBound()))
      return getStep(cast<scf::ForOp>(first.getOwner()->getParentOp())) /
             getStep(loop);
    return llvm::divideCeil(*getConstantIntValue(loop.getUpperBound()) -
                                *getConstantIntValue(loop.getLowerBound()),
                            getStep(loop));
  }

  /// Loops above each other.
  int64_t getDepth(Block *block) {
    int64_t depth = 0;
    for (Operation *op : children(block))
      depth = std::max(depth, getDepth(body(op)) + isa<scf::ForOp>(op));
    // Blocks beside each other are units, too.
    return std::max<int64_t>(depth, children(block).size() > 1);
  }

  /// Units where `levels` loops above each other are cut.
  int64_t count(Block *block, int64_t levels) {
    int64_t units = 0;
    if (levels > 0)
      for (Operation *op : children(block)) {
        auto loop = dyn_cast<scf::ForOp>(op);
        units += loop ? steps(loop) * count(body(op), levels - 1)
                      : count(body(op), levels);
      }
    return std::max<int64_t>(units, 1);
  }

  /// Registers that running `block` once computes, loads or stores.
  int64_t measure(Block *block) {
    int64_t registers = 0;
    for (Operation &op : *block) {
      if (auto loop = dyn_cast<scf::ForOp>(op))
        registers += steps(loop) * measure(body(loop));
      else if (op.getNumRegions() > 0)
        registers += measure(body(&op));
      else if (!op.hasTrait<OpTrait::ConstantLike>())
        registers += getRegisters(&op);
    }
    return registers;
  }

  int64_t getRegisters(Operation *op) {
    int64_t bits = 0;
    auto see = [&](Type type) {
      auto vector = dyn_cast<VectorType>(type);
      if (!vector)
        return;
      Type element = vector.getElementType();
      bits = std::max(bits, vector.getNumElements() *
                                (element.isIntOrFloat()
                                     ? element.getIntOrFloatBitWidth()
                                     : kIndexBits));
    };
    llvm::for_each(op->getOperandTypes(), see);
    llvm::for_each(op->getResultTypes(), see);
    return llvm::divideCeil(bits, 32 * kernel.target.lanes);
  }

  /// Finds what the units weigh that cutting `levels` loops gives.
  void weigh(Block *block, int64_t levels) {
    weights.clear();
    collectLeaves(block, levels);
    int64_t divisor = 0;
    for (auto &leaf : weights)
      divisor = std::gcd(divisor, leaf.second);
    for (auto &leaf : weights)
      leaf.second /= divisor;
  }

  void collectLeaves(Block *block, int64_t levels) {
    for (Operation *op : children(block)) {
      int64_t below = levels - isa<scf::ForOp>(op);
      if (below > 0 && !children(body(op)).empty())
        collectLeaves(body(op), below);
      else
        weights[op] = std::max<int64_t>(measure(body(op)), 1);
    }
  }

  /// What all units of `block` weigh.
  int64_t sum(Block *block) {
    int64_t all = 0;
    for (Operation *op : children(block))
      all += getTotal(op);
    return all;
  }

  int64_t getTotal(Operation *op) {
    auto loop = dyn_cast<scf::ForOp>(op);
    return (loop ? steps(loop) : 1) * getStepWeight(op);
  }

  /// Of a step of a loop, or of a block.
  int64_t getStepWeight(Operation *op) {
    auto leaf = weights.find(op);
    return leaf != weights.end() ? leaf->second : sum(body(op));
  }

  /// [part * weight / parts, (part + 1) * weight / parts), at the kernel's
  /// start.
  std::pair<Value, Value> getShare(int64_t weight) {
    OpBuilder::InsertionGuard guard(b);
    // Behind what is on the stack, which comes first (StackMemory.h).
    auto entry = kernel.kernel.getBody().front().begin();
    while (isa<memref::AllocaOp>(*entry))
      ++entry;
    b.setInsertionPoint(&*entry);
    if (!kernel.parts) {
      Type index = b.getIndexType();
      kernel.part = kernel.addArgument(index, {0, nullptr, 0});
      kernel.parts = kernel.addArgument(index, {0, nullptr, 1});
    }
    auto bound = [&](Value part) -> Value {
      Value product = make<arith::MulIOp>(part, kernel.index(weight));
      return make<arith::DivUIOp>(product, kernel.parts);
    };
    Value next = make<arith::AddIOp>(kernel.part, kernel.index(1));
    return {bound(kernel.part), bound(next)};
  }

  /// Lets `block` do those of its units whose middles lie in [begin, end), by
  /// the weights of what comes before them; the range may reach beyond them.
  void restrict(Block *block, Value begin, Value end) {
    for (Operation *op : children(block)) {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPoint(op);
      int64_t total = getTotal(op);
      if (auto loop = dyn_cast<scf::ForOp>(op))
        restrictLoop(loop, begin, end);
      else if (weights.contains(op))
        guardUnit(cast<scf::IfOp>(op), begin, end);
      else
        restrict(body(op), begin, end);
      // The bounds of what follows: in front of this, where they dominate.
      begin = make<arith::SubIOp>(begin, kernel.index(total));
      end = make<arith::SubIOp>(end, kernel.index(total));
    }
  }

  void guardUnit(scf::IfOp block, Value begin, Value end) {
    Value middle = kernel.index(weights.lookup(block) / 2);
    Value begun = arith::CmpIOp::create(
        b, kernel.loc, arith::CmpIPredicate::sle, begin, middle);
    Value notEnded = arith::CmpIOp::create(
        b, kernel.loc, arith::CmpIPredicate::sgt, end, middle);
    block.getConditionMutable().assign(make<arith::AndIOp>(begun, notEnded));
    known.erase(block); // it stays
  }

  void restrictLoop(scf::ForOp loop, Value begin, Value end) {
    bool isLeaf = weights.contains(loop);
    int64_t weight = getStepWeight(loop);
    Value zero = kernel.index(0), all = kernel.index(steps(loop));
    // The first step behind `bound`, less what is added first.
    auto inSteps = [&](Value bound, int64_t added) -> Value {
      Value number = make<arith::MaxSIOp>(kernel.add(bound, added), zero);
      if (weight > 1)
        number = make<arith::DivUIOp>(number, kernel.index(weight));
      return make<arith::MinSIOp>(number, all);
    };
    // Of leaves, those whose middle lies inside; else all that the range
    // touches.
    int64_t toMiddle = weight - 1 - weight / 2;
    Value first = inSteps(begin, isLeaf ? toMiddle : 0),
          last = inSteps(end, isLeaf ? toMiddle : weight - 1);
    Value lower = loop.getLowerBound(), step = loop.getStep();
    auto at = [&](Value number) -> Value {
      return make<arith::AddIOp>(lower, make<arith::MulIOp>(number, step));
    };
    loop.setLowerBound(at(first));
    // A step may reach beyond the end of the loop.
    loop.setUpperBound(make<arith::MinSIOp>(at(last), loop.getUpperBound()));
    if (isLeaf)
      return;
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(body(loop));
    Value number = make<arith::SubIOp>(loop.getInductionVar(), lower);
    number = make<arith::DivUIOp>(number, step);
    Value done = make<arith::MulIOp>(number, kernel.index(weight));
    restrict(body(loop), make<arith::SubIOp>(begin, done),
             make<arith::SubIOp>(end, done));
  }

  /// What has no condition needs no block.
  void dissolve(scf::IfOp root) {
    SmallVector<scf::IfOp> blocks;
    root->walk([&](scf::IfOp op) {
      if (known.contains(op))
        blocks.push_back(op);
    });
    for (scf::IfOp op : blocks) {
      Block *from = op.thenBlock();
      from->getTerminator()->erase();
      op->getBlock()->getOperations().splice(op->getIterator(),
                                             from->getOperations());
      known.erase(op);
      op.erase();
    }
  }

  template <typename OpTy, typename... Args> Value make(Args &&...args) {
    return OpTy::create(b, kernel.loc, std::forward<Args>(args)...);
  }

  KernelBuilder &kernel;
  OpBuilder &b;
  DenseSet<Operation *> known;
  /// Of the steps of loops, and of blocks, that aren't cut further.
  DenseMap<Operation *, int64_t> weights;
};

void KernelBuilder::divide(function_ref<void()> emit) {
  if (maxParts <= 1)
    return emit();
  Units all(*this);
  units = &all;
  scf::IfOp root;
  {
    OpBuilder::InsertionGuard guard(builder);
    Value always = arith::ConstantIntOp::create(builder, loc, 1, 1);
    root = all.add(scf::IfOp::create(builder, loc, always, false));
    builder.setInsertionPointToStart(root.thenBlock());
    emit();
  }
  units = nullptr;
  mostUnits = std::max(mostUnits, all.cut(root));
}

void KernelBuilder::unit(function_ref<void()> body) {
  if (!units)
    return body();
  OpBuilder::InsertionGuard guard(builder);
  Value always = arith::ConstantIntOp::create(builder, loc, 1, 1);
  auto block = units->add(scf::IfOp::create(builder, loc, always, false));
  builder.setInsertionPointToStart(block.thenBlock());
  body();
  if (llvm::hasSingleElement(*block.thenBlock()))
    units->remove(block);
}

void KernelBuilder::loop(int64_t lower, int64_t upper, int64_t step,
                         function_ref<void(Value)> body) {
  if (upper <= lower)
    return;
  if (upper - lower <= step)
    return unit([&] { body(index(lower)); });
  auto forOp =
      scf::ForOp::create(builder, loc, index(lower), index(upper), index(step));
  if (units)
    units->add(forOp);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(forOp.getBody());
  body(forOp.getInductionVar());
}

void KernelBuilder::tiles(int64_t total, int64_t size,
                          function_ref<void(Value, int64_t)> body) {
  int64_t whole = total - total % size;
  loop(0, whole, size, [&](Value start) { body(start, size); });
  if (whole < total)
    unit([&] { body(index(whole), total - whole); });
}
