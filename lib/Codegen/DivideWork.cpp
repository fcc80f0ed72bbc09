// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Kernels that do a part of their work. Loops are written as if for the whole;
// then the outermost of them, as many as it takes for enough units, get bounds
// that depend on the number of the part. Which part does a unit changes nothing
// in how it is computed.

#include "KernelBuilder.h"

using namespace mlir;
using namespace quantc;

/// With this many units, the largest of eight parts has an eighth too much.
static constexpr int64_t kEnoughUnits = 64;

/// The loops and lone blocks (`scf.if`) that divide() may cut.
class KernelBuilder::Units {
public:
  explicit Units(KernelBuilder &kernel) : kernel(kernel), b(kernel.builder) {}

  template <typename OpTy> OpTy add(OpTy op) {
    known.insert(op);
    return op;
  }

  /// Cuts the loops below `root`; gives the number of units.
  int64_t cut(scf::IfOp root) {
    int64_t depth = getDepth(body(root)), levels = 1;
    while (levels < depth && count(body(root), levels) < kEnoughUnits)
      ++levels;
    int64_t units = depth ? count(body(root), levels) : 1;
    if (units > 1) {
      auto [begin, end] = getShare(units);
      restrict(body(root), levels, begin, end);
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

  static int64_t steps(scf::ForOp loop) {
    int64_t lower = *getConstantIntValue(loop.getLowerBound()),
            upper = *getConstantIntValue(loop.getUpperBound()),
            step = *getConstantIntValue(loop.getStep());
    return (upper - lower + step - 1) / step;
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

  /// [part * units / parts, (part + 1) * units / parts), at the kernel's start.
  std::pair<Value, Value> getShare(int64_t units) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(&kernel.kernel.getBody().front());
    if (!kernel.parts) {
      Type index = b.getIndexType();
      kernel.part = kernel.addArgument(index, {0, nullptr, 0});
      kernel.parts = kernel.addArgument(index, {0, nullptr, 1});
    }
    auto bound = [&](Value part) -> Value {
      Value product = make<arith::MulIOp>(part, kernel.index(units));
      return make<arith::DivUIOp>(product, kernel.parts);
    };
    Value next = make<arith::AddIOp>(kernel.part, kernel.index(1));
    return {bound(kernel.part), bound(next)};
  }

  /// Lets `block` do units begin … end - 1 of its own, which are numbered from
  /// 0; the range may reach beyond them.
  void restrict(Block *block, int64_t levels, Value begin, Value end) {
    for (Operation *op : children(block)) {
      auto loop = dyn_cast<scf::ForOp>(op);
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPoint(op);
      int64_t size;
      if (loop) {
        size = steps(loop) * count(body(op), levels - 1);
        restrictLoop(loop, levels, begin, end);
      } else {
        size = count(body(op), levels);
        if (children(body(op)).empty())
          guardUnit(cast<scf::IfOp>(op), begin, end);
        else
          restrict(body(op), levels, begin, end);
      }
      // The bounds of what follows: in front of this, where they dominate.
      begin = make<arith::SubIOp>(begin, kernel.index(size));
      end = make<arith::SubIOp>(end, kernel.index(size));
    }
  }

  void guardUnit(scf::IfOp block, Value begin, Value end) {
    Value zero = kernel.index(0);
    Value begun = arith::CmpIOp::create(b, kernel.loc,
                                        arith::CmpIPredicate::sle, begin, zero);
    Value notEnded = arith::CmpIOp::create(
        b, kernel.loc, arith::CmpIPredicate::sgt, end, zero);
    block.getConditionMutable().assign(make<arith::AndIOp>(begun, notEnded));
    known.erase(block); // it stays
  }

  void restrictLoop(scf::ForOp loop, int64_t levels, Value begin, Value end) {
    int64_t units = count(body(loop), levels - 1);
    Value zero = kernel.index(0), all = kernel.index(steps(loop));
    auto inSteps = [&](Value bound, int64_t roundUp) -> Value {
      Value step = make<arith::MaxSIOp>(bound, zero);
      if (units > 1) {
        step = make<arith::AddIOp>(step, kernel.index(roundUp));
        step = make<arith::DivUIOp>(step, kernel.index(units));
      }
      return make<arith::MinSIOp>(step, all);
    };
    Value first = inSteps(begin, 0), last = inSteps(end, units - 1);
    Value lower = loop.getLowerBound(), step = loop.getStep();
    auto at = [&](Value number) -> Value {
      return make<arith::AddIOp>(lower, make<arith::MulIOp>(number, step));
    };
    loop.setLowerBound(at(first));
    // A step may reach beyond the end of the loop.
    loop.setUpperBound(make<arith::MinSIOp>(at(last), loop.getUpperBound()));
    if (units == 1)
      return;
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(body(loop));
    Value number = make<arith::SubIOp>(loop.getInductionVar(), lower);
    number = make<arith::DivUIOp>(number, step);
    Value done = make<arith::MulIOp>(number, kernel.index(units));
    restrict(body(loop), levels - 1, make<arith::SubIOp>(begin, done),
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
