// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Strips are written out on tensors, before kernels are outlined: equal strips
// then share their kernels as equal layers do, the planner of the arena sees
// windows as what they are, and threads divide the rows of a strip.

#include "PassTarget.h"
#include "StripPlan.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "quantc/Codegen/Passes.h"
#include "quantc/Dialect/Dot/IR/Dot.h"
#include "llvm/ADT/SetVector.h"

namespace quantc {
#define GEN_PASS_DEF_FUSESTRIPSPASS
#include "quantc/Codegen/Passes.h.inc"
} // namespace quantc

using namespace mlir;
using namespace quantc;

namespace {

/// Activations are [N, rows, columns, channels].
constexpr unsigned kRowDim = 1;
/// Strips of fewer rows start kernels too often.
constexpr int64_t kLeastRows = 2;
/// Multiply-adds for an element of a tensor, by the layers that write and read
/// it, from which on its way to the third-level cache and back is less than
/// about a twentieth of their time, and less than strips cost them, which read
/// all weights each time. (4 bytes, at 8 bytes a cycle, twice; 16 multiply-adds
/// a cycle. Of narrower elements both are faster.)
constexpr int64_t kMostMacs = 256;

static RankedTensorType getType(Value value) {
  return cast<RankedTensorType>(value.getType());
}

static int64_t getBytes(RankedTensorType type) {
  return type.getNumElements() *
         llvm::divideCeil(type.getElementTypeBitWidth(), 8);
}

/// A reshaped tensor.empty is one as well.
static bool isEmpty(Value value) {
  Operation *op = value.getDefiningOp();
  if (isa_and_nonnull<tensor::CollapseShapeOp, tensor::ExpandShapeOp>(op))
    return isEmpty(op->getOperand(0));
  return isa_and_nonnull<tensor::EmptyOp>(op);
}

/// How an operand's rows follow from those of the result.
struct OperandAccess {
  unsigned dim; ///< of the operand
  RowAccess rows;
};

/// `expr` as an access along loop `row`; none where it isn't a sum of loops
/// times steps.
static std::optional<RowAccess> decode(AffineExpr expr, unsigned row,
                                       ArrayRef<int64_t> ranges) {
  bool isLinear = true;
  expr.walk([&](AffineExpr part) {
    isLinear &=
        llvm::is_contained({AffineExprKind::Add, AffineExprKind::Mul,
                            AffineExprKind::Constant, AffineExprKind::DimId},
                           part.getKind());
  });
  if (!isLinear)
    return std::nullopt;
  MLIRContext *context = expr.getContext();
  auto at = [&](int64_t loop) {
    SmallVector<AffineExpr> point(ranges.size(),
                                  getAffineConstantExpr(0, context));
    if (loop >= 0)
      point[loop] = getAffineConstantExpr(1, context);
    return cast<AffineConstantExpr>(expr.replaceDims(point)).getValue();
  };
  RowAccess access{at(row) - at(-1), 1, 0};
  for (unsigned loop = 0; loop < ranges.size(); ++loop)
    if (loop != row) {
      int64_t step = at(loop) - at(-1);
      if (step < 0)
        return std::nullopt;
      access.span += step * (ranges[loop] - 1);
    }
  if (at(-1) != 0 || access.scale < 1)
    return std::nullopt;
  return access;
}

/// An operation as strips see it; none where rows of its result are not made
/// from ranges of rows.
class RowWise {
public:
  static std::optional<RowWise> get(Operation *op) {
    RowWise result;
    if (auto pad = dyn_cast<tensor::PadOp>(op)) {
      if (!isStaticPad(pad))
        return std::nullopt;
      result.accesses = {
          OperandAccess{kRowDim, {1, 1, pad.getStaticLow()[kRowDim]}}};
      return result;
    }
    auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
    if (!linalgOp || op->getNumResults() != 1 || linalgOp.hasIndexSemantics() ||
        getType(op->getResult(0)).getRank() != 4 || isa<linalg::FillOp>(op) ||
        !isStart(linalgOp.getDpsInits()[0]))
      return std::nullopt;
    AffineMap out =
        linalgOp.getMatchingIndexingMap(linalgOp.getDpsInitOperand(0));
    auto row = dyn_cast<AffineDimExpr>(out.getResult(kRowDim));
    if (!row)
      return std::nullopt;
    SmallVector<int64_t> ranges = linalgOp.getStaticLoopRanges();
    for (OpOperand *input : linalgOp.getDpsInputOperands()) {
      std::optional<OperandAccess> access;
      AffineMap map = linalgOp.getMatchingIndexingMap(input);
      for (auto [dim, expr] : llvm::enumerate(map.getResults())) {
        if (!expr.isFunctionOfDim(row.getPosition()))
          continue;
        auto rows = decode(expr, row.getPosition(), ranges);
        if (access || !rows || matchPattern(input->get(), m_Constant()))
          return std::nullopt;
        access = OperandAccess{unsigned(dim), *rows};
      }
      result.accesses.push_back(access);
    }
    return result;
  }

  /// What only starts sums: an empty tensor, or one that constants fill alike
  /// in each row.
  static bool isStart(Value value) {
    if (isEmpty(value))
      return true;
    auto op = value.getDefiningOp<linalg::LinalgOp>();
    if (!op || op.getNumLoops() != op.getNumParallelLoops() ||
        op->getNumResults() != 1 || op.hasIndexSemantics() ||
        !isStart(op.getDpsInits()[0]))
      return false;
    auto out = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
    if (!out.isIdentity() || out.getNumDims() != 4)
      return false;
    return llvm::all_of(op.getDpsInputOperands(), [&](OpOperand *input) {
      return matchPattern(input->get(), m_Constant()) &&
             !op.getMatchingIndexingMap(input).isFunctionOfDim(kRowDim);
    });
  }

  /// By operand (of linalg operations: by input); none where it is needed
  /// whole.
  SmallVector<std::optional<OperandAccess>> accesses;

private:
  static bool isStaticPad(tensor::PadOp pad) {
    Attribute value;
    Value padding = pad.getConstantPaddingValue();
    return pad.getResultType().getRank() == 4 && padding &&
           matchPattern(padding, m_Constant(&value)) &&
           llvm::none_of(pad.getStaticLow(), ShapedType::isDynamic) &&
           llvm::none_of(pad.getStaticHigh(), ShapedType::isDynamic);
  }
};

/// Operations that are computed by strips, the last of which gives a whole
/// tensor.
struct Chain {
  SetVector<Operation *> ops;

  /// What of `op` is used, is used by operations of the chain, by rows.
  bool isUsedByRows(Operation *op) const {
    return llvm::all_of(op->getUses(), [&](OpOperand &use) {
      if (!ops.contains(use.getOwner()))
        return false;
      auto rowWise = RowWise::get(use.getOwner());
      unsigned number = use.getOperandNumber();
      return rowWise && number < rowWise->accesses.size() &&
             rowWise->accesses[number] &&
             rowWise->accesses[number]->dim == kRowDim;
    });
  }

  /// Whether the result is used where it is computed, in registers: sums, by
  /// the epilogue that outlining will put into their kernel.
  static bool staysInRegisters(Operation *op) {
    auto producer = dyn_cast<linalg::LinalgOp>(op);
    if (!producer || producer.getNumReductionLoops() == 0 || !op->hasOneUse())
      return false;
    OpOperand &use = *op->getUses().begin();
    auto user = dyn_cast<linalg::GenericOp>(use.getOwner());
    return user && user.isDpsInput(&use) &&
           user.getNumLoops() == user.getNumParallelLoops() &&
           user.getMatchingIndexingMap(&use).isIdentity();
  }

  /// In program order.
  SmallVector<Operation *> sorted() const {
    SmallVector<Operation *> result(ops.getArrayRef());
    llvm::sort(result, [](Operation *a, Operation *b) {
      return a->isBeforeInBlock(b);
    });
    return result;
  }

  SmallVector<ChainLink> getLinks() const {
    SmallVector<ChainLink> links;
    llvm::DenseMap<Operation *, unsigned> numbers;
    for (Operation *op : sorted()) {
      ChainLink link;
      RankedTensorType type = getType(op->getResult(0));
      link.rows = type.getDimSize(kRowDim);
      bool isPad = isa<tensor::PadOp>(op);
      link.keepsRows = !isPad;
      // A pad surrounds its operand, in the same memory.
      if (!isPad && !staysInRegisters(op))
        link.rowBytes = getBytes(type) / link.rows;
      RowWise rowWise = *RowWise::get(op);
      for (auto [i, access] : llvm::enumerate(rowWise.accesses))
        if (Operation *producer = op->getOperand(i).getDefiningOp();
            producer && ops.contains(producer))
          link.uses.push_back({numbers.lookup(producer), access->rows});
      numbers[op] = links.size();
      links.push_back(std::move(link));
    }
    return links;
  }

  /// Of the constants that each strip reads again.
  int64_t getConstantBytes() const {
    SetVector<Value> constants;
    for (Operation *op : ops)
      for (Value operand : op->getOperands())
        if (matchPattern(operand, m_Constant()) &&
            isa<RankedTensorType>(operand.getType()))
          constants.insert(operand);
    int64_t bytes = 0;
    for (Value constant : constants)
      bytes += getBytes(getType(constant));
    return bytes;
  }
};

/// Writes a chain, strip by strip.
class StripWriter {
public:
  StripWriter(const Chain &chain, ArrayRef<SmallVector<StripStep>> strips)
      : ops(chain.sorted()), strips(strips), builder(ops.back()) {
    for (auto [i, op] : llvm::enumerate(ops))
      numbers[op] = i;
    windows.resize(ops.size());
  }

  void run() {
    Operation *last = ops.back();
    Location loc = last->getLoc();
    RankedTensorType type = getType(last->getResult(0));
    Value whole = makeEmpty(loc, type);
    for (ArrayRef<StripStep> steps : strips) {
      for (auto [i, step] : llvm::enumerate(steps))
        if (!step.window.empty())
          windows[i] = {write(ops[i], step, windows[i]), step.window};
      whole =
          insert(loc, windows.back().value, whole, steps.back().window.begin);
    }
    last->getResult(0).replaceAllUsesWith(whole);
    for (Operation *op : llvm::reverse(ops))
      op->erase();
  }

private:
  struct Window {
    Value value;
    RowRange rows;
  };

  static RankedTensorType withRows(RankedTensorType type, int64_t rows,
                                   unsigned dim = kRowDim) {
    SmallVector<int64_t> shape(type.getShape());
    shape[dim] = rows;
    return type.clone(shape);
  }

  Value makeEmpty(Location loc, RankedTensorType type) {
    return tensor::EmptyOp::create(builder, loc, type.getShape(),
                                   type.getElementType());
  }

  /// Rows `rows` of `value`, counted from its first.
  Value slice(Location loc, Value value, RowRange rows,
              unsigned dim = kRowDim) {
    RankedTensorType type = getType(value);
    if (rows == RowRange{0, type.getDimSize(dim)})
      return value;
    SmallVector<OpFoldResult> offsets(type.getRank(), builder.getIndexAttr(0)),
        sizes, steps(type.getRank(), builder.getIndexAttr(1));
    RankedTensorType part = withRows(type, rows.size(), dim);
    for (int64_t size : part.getShape())
      sizes.push_back(builder.getIndexAttr(size));
    offsets[dim] = builder.getIndexAttr(rows.begin);
    return tensor::ExtractSliceOp::create(builder, loc, part, value, offsets,
                                          sizes, steps);
  }

  Value insert(Location loc, Value part, Value whole, int64_t row) {
    RankedTensorType type = getType(part);
    SmallVector<OpFoldResult> offsets(type.getRank(), builder.getIndexAttr(0)),
        sizes, steps(type.getRank(), builder.getIndexAttr(1));
    for (int64_t size : type.getShape())
      sizes.push_back(builder.getIndexAttr(size));
    offsets[kRowDim] = builder.getIndexAttr(row);
    return tensor::InsertSliceOp::create(builder, loc, part, whole, offsets,
                                         sizes, steps);
  }

  /// The window of `op`: what `before` has of it, and what is computed.
  Value write(Operation *op, const StripStep &step, const Window &before) {
    Location loc = op->getLoc();
    if (auto pad = dyn_cast<tensor::PadOp>(op))
      return writePad(pad, step.window);
    RowRange kept{step.window.begin,
                  std::min(step.fresh.begin, step.window.end)};
    RowRange inBefore{kept.begin - before.rows.begin,
                      kept.end - before.rows.begin};
    if (step.fresh.empty())
      return slice(loc, before.value, inBefore);
    if (kept.empty())
      return compute(cast<linalg::LinalgOp>(op), step.fresh);
    Value whole =
        makeEmpty(loc, withRows(getType(op->getResult(0)), step.window.size()));
    whole = insert(loc, slice(loc, before.value, inBefore), whole, 0);
    return insert(loc, compute(cast<linalg::LinalgOp>(op), step.fresh), whole,
                  kept.size());
  }

  /// Rows of an operand, from the chain or from outside.
  Value getOperand(Location loc, Value operand, const OperandAccess &access,
                   RowRange rows) {
    const RowAccess &how = access.rows;
    RowRange needed{rows.begin * how.scale - how.before,
                    (rows.end - 1) * how.scale - how.before + how.span};
    auto it = numbers.find(operand.getDefiningOp());
    if (it == numbers.end())
      return slice(loc, operand, needed, access.dim);
    const Window &window = windows[it->second];
    return slice(
        loc, window.value,
        {needed.begin - window.rows.begin, needed.end - window.rows.begin});
  }

  Value compute(linalg::LinalgOp op, RowRange rows) {
    RowWise rowWise = *RowWise::get(op);
    SmallVector<Value> operands;
    for (auto [input, access] :
         llvm::zip_equal(op.getDpsInputs(), rowWise.accesses))
      operands.push_back(access ? getOperand(op.getLoc(), input, *access, rows)
                                : input);
    operands.push_back(start(op.getDpsInits()[0], rows.size()));
    return cloneWith(op, operands);
  }

  Value cloneWith(linalg::LinalgOp op, ArrayRef<Value> operands) {
    return clone(builder, op, TypeRange(operands.back().getType()), operands)
        ->getResult(0);
  }

  /// What sums start from, for as many rows.
  Value start(Value whole, int64_t rows) {
    if (isEmpty(whole))
      return makeEmpty(whole.getLoc(), withRows(getType(whole), rows));
    auto op = whole.getDefiningOp<linalg::LinalgOp>();
    SmallVector<Value> operands(op.getDpsInputs());
    operands.push_back(start(op.getDpsInits()[0], rows));
    return cloneWith(op, operands);
  }

  Value writePad(tensor::PadOp pad, RowRange rows) {
    int64_t low = pad.getStaticLow()[kRowDim],
            existing = getType(pad.getSource()).getDimSize(kRowDim);
    RowRange source{std::max<int64_t>(rows.begin - low, 0),
                    std::min(rows.end - low, existing)};
    SmallVector<OpFoldResult> lows = pad.getMixedLowPad(),
                              highs = pad.getMixedHighPad();
    lows[kRowDim] = builder.getIndexAttr(source.begin - (rows.begin - low));
    highs[kRowDim] = builder.getIndexAttr((rows.end - low) - source.end);
    Value value =
        getOperand(pad.getLoc(), pad.getSource(), {kRowDim, {1, 1, 0}}, source);
    return tensor::PadOp::create(
        builder, pad.getLoc(), withRows(pad.getResultType(), rows.size()),
        value, lows, highs, pad.getConstantPaddingValue(), pad.getNofold());
  }

  SmallVector<Operation *> ops;
  ArrayRef<SmallVector<StripStep>> strips;
  OpBuilder builder;
  llvm::DenseMap<Operation *, unsigned> numbers;
  SmallVector<Window> windows;
};

struct FuseStrips : quantc::impl::FuseStripsPassBase<FuseStrips> {
  using FuseStripsPassBase::FuseStripsPassBase;

  void runOnOperation() override {
    const TargetDescription *target =
        selectTargetFor(getOperation(), triple, cpu, features);
    if (!target)
      return signalPassFailure();
    if (getOperation().isExternal())
      return;
    if (cacheBytes == 0)
      cacheBytes = target->l2Bytes;
    // Consumers first: a chain ends where its result is small, or used by more
    // than one.
    SmallVector<Operation *> ops;
    for (Operation &op : llvm::reverse(getOperation().getBody().front()))
      if (isa<linalg::LinalgOp>(op) && RowWise::get(&op))
        ops.push_back(&op);
    DenseSet<Operation *> taken;
    for (Operation *op : ops) {
      if (taken.contains(op) || Chain::staysInRegisters(op))
        continue;
      Chain chain;
      if (!addKernel(chain, op) || !getRows(chain))
        continue;
      grow(chain);
      SmallVector<ChainLink> links = chain.getLinks();
      int64_t rows = *getRows(chain);
      if (rows == links.back().rows)
        continue; // fits as it is
      taken.insert(chain.ops.begin(), chain.ops.end());
      auto strips = planStrips(links, rows);
      StripWriter(chain, *strips).run();
    }
    // What only sums of the whole started from.
    for (Operation &op : llvm::make_early_inc_range(
             llvm::reverse(getOperation().getBody().front())))
      if (isOpTriviallyDead(&op))
        op.erase();
  }

private:
  /// Of the strips' height, where there is one. What a strip works on has to
  /// stay in the cache beside the constants.
  std::optional<int64_t> getRows(const Chain &chain) const {
    int64_t left = cacheBytes - chain.getConstantBytes();
    return chooseStripRows(chain.getLinks(), left, kLeastRows);
  }

  /// Adds what comes before, as far as that is worth it.
  void grow(Chain &chain) const {
    for (unsigned i = 0; i < chain.ops.size(); ++i)
      for (Value operand : chain.ops[i]->getOperands()) {
        Operation *producer = operand.getDefiningOp();
        if (!producer || chain.ops.contains(producer))
          continue;
        Chain larger = chain;
        if (add(larger, producer) && getRows(larger))
          chain = std::move(larger);
      }
  }

  /// Points of the loops of a layer: of an operation, and of the sums that it
  /// is the epilogue of.
  static int64_t countPoints(Operation *op) {
    auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
    if (!linalgOp)
      return 0;
    int64_t points = 1;
    for (int64_t range : linalgOp.getStaticLoopRanges())
      points *= range;
    for (Value operand : op->getOperands())
      if (Operation *producer = operand.getDefiningOp();
          producer && Chain::staysInRegisters(producer))
        points = std::max(points, countPoints(producer));
    return points;
  }

  /// Whether a tensor doesn't fit half the cache, and moving it takes a share
  /// of the time that matters.
  bool isWorthIt(Operation *op) const {
    RankedTensorType type = getType(op->getResult(0));
    if (getBytes(type) <= cacheBytes / 2)
      return false;
    int64_t points = countPoints(op);
    for (Operation *user : op->getUsers())
      if (isa<tensor::PadOp>(user))
        for (Operation *behind : user->getUsers())
          points += countPoints(behind);
      else
        points += countPoints(user);
    return points / type.getNumElements() < kMostMacs;
  }

  /// Adds a tensor that is worth it, with the pad around it.
  bool add(Chain &chain, Operation *op) const {
    if (!RowWise::get(op) || !chain.isUsedByRows(op))
      return false;
    if (!isa<tensor::PadOp>(op))
      return isWorthIt(op) && addKernel(chain, op);
    chain.ops.insert(op);
    Operation *source = op->getOperand(0).getDefiningOp();
    return source && add(chain, source);
  }

  /// Adds `op` with the sums that it is the epilogue of: they have no other
  /// place than registers.
  static bool addKernel(Chain &chain, Operation *op) {
    chain.ops.insert(op);
    return llvm::all_of(op->getOperands(), [&](Value operand) {
      Operation *producer = operand.getDefiningOp();
      if (isa_and_nonnull<dot::WinogradOutputOp>(producer))
        return false;
      return !producer || !Chain::staysInRegisters(producer) ||
             (RowWise::get(producer) && addKernel(chain, producer));
    });
  }
};

} // namespace
