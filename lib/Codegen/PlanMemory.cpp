// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "ArenaPlanner.h"
#include "MemoryView.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "quantc/Codegen/Passes.h"
#include "quantc/Dialect/Dot/IR/Dot.h"
#include "quantc/Dialect/Quantc/IR/NodeLocation.h"

namespace quantc {
#define GEN_PASS_DEF_PLANMEMORYPASS
#include "quantc/Codegen/Passes.h.inc"
} // namespace quantc

using namespace mlir;
using namespace quantc;

namespace {

/// Bytes behind the arena's last buffer that kernels may read (not use).
constexpr int64_t kReadSlack = 64;
constexpr int64_t kLineBytes = 64;

class Planner {
public:
  explicit Planner(func::FuncOp entry)
      : entry(entry), module(entry->getParentOfType<ModuleOp>()),
        builder(module.getContext()) {
    // By name, not through the module: their variants take the names over.
    for (auto function : module.getOps<func::FuncOp>())
      if (function->hasAttr("quantc.kernel"))
        specs[function.getSymName()] = function;
  }

  LogicalResult run() {
    bindArguments();
    placeFromConsumers();
    if (failed(emit()))
      return failure();
    finish();
    return success();
  }

private:
  enum class Kind { Arena, Input, Output };
  struct Buffer {
    Kind kind;
    unsigned argument;
    ArenaBuffer arena;
  };
  /// A byte shift into the arena, known once the plan is.
  struct Patch {
    arith::ConstantIndexOp op;
    unsigned buffer;
    int64_t bytes;
  };

  View newView(RankedTensorType type, Kind kind, unsigned argument = 0) {
    View view;
    view.buffer = buffers.size();
    view.shape = SmallVector<int64_t>(type.getShape());
    view.strides = View::identityStrides(view.shape);
    view.elementType = type.getElementType();
    ArenaBuffer arena;
    arena.bytes = type.getNumElements() * getElementBytes(view.elementType);
    arena.first = std::numeric_limits<int64_t>::max();
    arena.last = -1;
    buffers.push_back({kind, argument, arena});
    return view;
  }

  /// Where the result of `op` is if nobody wants it elsewhere.
  View newResult(Operation &op) {
    auto type = cast<RankedTensorType>(op.getResult(0).getType());
    View view = newView(type, Kind::Arena);
    auto call = dyn_cast<func::CallOp>(op);
    func::FuncOp spec = call ? specs.lookup(call.getCallee()) : nullptr;
    if (spec &&
        isa_and_nonnull<dot::WinogradInputOp>(
            spec.front().getTerminator()->getOperand(0).getDefiningOp()))
      spread(view);
    return view;
  }

  /// Transformed tiles, [positions][tiles][C], are written to all positions at
  /// once: a line between these keeps them from being a power of two apart,
  /// where they would drive each other out of the cache.
  void spread(View &view) {
    int64_t bytes = getElementBytes(view.elementType);
    view.strides[0] += kLineBytes / bytes;
    buffers[view.buffer].arena.bytes = view.extent() * bytes;
  }

  void bindArguments() {
    auto type = entry.getFunctionType();
    for (auto [i, argument] : llvm::enumerate(entry.getArguments()))
      views[argument] =
          newView(cast<RankedTensorType>(argument.getType()), Kind::Input, i);
    auto ret = cast<func::ReturnOp>(entry.getBody().front().getTerminator());
    for (auto [i, value] : llvm::enumerate(ret.getOperands())) {
      outputs.push_back(newView(cast<RankedTensorType>(value.getType()),
                                Kind::Output, type.getNumInputs() + i));
      placeAs(value, outputs.back());
    }
  }

  static bool isConstant(Value value) {
    return matchPattern(value, m_Constant());
  }

  /// Lets `value` live in `view`, unless it has a place, or is no temporary.
  void placeAs(Value value, const View &view) {
    if (!views.contains(value) && !isConstant(value))
      views[value] = view;
  }

  static SmallVector<int64_t> getShape(Value value) {
    return SmallVector<int64_t>(
        cast<RankedTensorType>(value.getType()).getShape());
  }

  /// Consumers first: an operand is put where its consumer wants it, e.g. into
  /// the interior of a halo or into its part of a concat.
  void placeFromConsumers() {
    for (Operation &op : llvm::reverse(entry.getBody().front())) {
      if (op.getNumResults() != 1 || isConstant(op.getResult(0)) ||
          !isa<RankedTensorType>(op.getResult(0).getType()))
        continue;
      Value result = op.getResult(0);
      bool isReshape = isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp>(op);
      if (!views.contains(result)) {
        // What only looks at its operand is placed with it, later.
        if (isReshape || isa<tensor::ExtractSliceOp>(op))
          continue;
        views[result] = newResult(op);
      }
      const View view = views[result];
      if (auto pad = dyn_cast<tensor::PadOp>(op)) {
        placeAs(pad.getSource(), interior(pad, view));
      } else if (auto insert = dyn_cast<tensor::InsertSliceOp>(op)) {
        if (insert.getDest().hasOneUse())
          placeAs(insert.getDest(), view);
        if (auto shape = getShape(insert.getSource());
            shape.size() == view.shape.size() &&
            isBuiltIn(insert.getDest(), view))
          placeAs(insert.getSource(),
                  view.window(insert.getStaticOffsets(), shape));
      } else if (isReshape) {
        Value source = op.getOperand(0);
        if (auto reshaped = view.reshaped(getShape(source)))
          placeAs(source, *reshaped);
      }
    }
  }

  /// Whether `dest` consists of inserts into `view` alone: what is put there
  /// early stays. Everything else is copied first. What has no place yet gets
  /// that of its only user.
  bool isBuiltIn(Value dest, const View &view) {
    while (auto insert = dest.getDefiningOp<tensor::InsertSliceOp>()) {
      auto place = views.find(dest);
      if (place == views.end() ? !dest.hasOneUse() : !(place->second == view))
        return false;
      dest = insert.getDest();
    }
    return dest.getDefiningOp<tensor::EmptyOp>() != nullptr;
  }

  /// Elements before the operand, by dimension; shapes are static, so these
  /// are.
  static SmallVector<int64_t> getLow(tensor::PadOp pad) {
    SmallVector<int64_t> low;
    for (OpFoldResult amount : pad.getMixedLowPad())
      low.push_back(getConstantIntValue(amount).value_or(0));
    return low;
  }

  static View interior(tensor::PadOp pad, const View &view) {
    return view.window(getLow(pad), getShape(pad.getSource()));
  }

  //===--- Emission -------------------------------------------------------===//

  void touch(const View &view) {
    ArenaBuffer &arena = buffers[view.buffer].arena;
    arena.first = std::min(arena.first, step);
    arena.last = std::max(arena.last, step);
  }

  /// The memref of a view.
  Value access(const View &view) {
    touch(view);
    Location loc = builder.getUnknownLoc();
    const Buffer &buffer = buffers[view.buffer];
    bool isIdentity = view.isContiguous();
    int64_t bytes = getElementBytes(view.elementType);
    if (buffer.kind != Kind::Arena) {
      Value base = newEntry.getArgument(buffer.argument);
      auto baseType = cast<MemRefType>(base.getType());
      if (view.offset == 0 && isIdentity &&
          baseType.getShape() == ArrayRef(view.shape))
        return base;
      auto layout = StridedLayoutAttr::get(builder.getContext(), view.offset,
                                           view.strides);
      auto type = MemRefType::get(view.shape, view.elementType, layout);
      return memref::ReinterpretCastOp::create(
          builder, loc, type, base, view.offset, view.shape, view.strides);
    }
    auto shift = arith::ConstantIndexOp::create(builder, loc, 0);
    patches.push_back({shift, view.buffer, view.offset * bytes});
    Value arena = newEntry.getArguments().back();
    auto flat = MemRefType::get(isIdentity ? ArrayRef<int64_t>(view.shape)
                                           : ArrayRef<int64_t>{view.extent()},
                                view.elementType);
    Value memref =
        memref::ViewOp::create(builder, loc, flat, arena, shift, ValueRange());
    if (isIdentity)
      return memref;
    auto layout = StridedLayoutAttr::get(builder.getContext(), 0, view.strides);
    auto type = MemRefType::get(view.shape, view.elementType, layout);
    return memref::ReinterpretCastOp::create(builder, loc, type, memref, 0,
                                             view.shape, view.strides);
  }

  /// `name`, or a longer one where the model is called that.
  std::string unusedName(const Twine &name) {
    std::string result = name.str();
    while (module.lookupSymbol(result))
      result += '_';
    return result;
  }

  /// `kernel` on tensors as a function on memrefs of exactly these types; what
  /// stays a tensor is constant. The last argument is the result.
  func::FuncOp specialize(func::FuncOp kernel, ArrayRef<Type> types) {
    std::string key = kernel.getSymName().str();
    llvm::raw_string_ostream stream(key);
    for (Type type : types)
      stream << '|' << type;
    func::FuncOp &slot = specialized[key];
    if (slot)
      return slot;
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPoint(entry);
    auto clone = cast<func::FuncOp>(builder.clone(*kernel));
    unsigned variant = variants[kernel.getSymName()]++;
    if (variant)
      clone.setSymName(unusedName(kernel.getSymName() + "_v" + Twine(variant)));
    clone.setType(builder.getFunctionType(types, {}));
    Block &body = clone.getBody().front();
    builder.setInsertionPointToStart(&body);
    Location loc = clone.getLoc();
    for (auto [argument, type] :
         llvm::zip(body.getArguments(), types.drop_back())) {
      if (argument.getType() == type)
        continue;
      auto tensorType = argument.getType();
      argument.setType(type);
      auto tensor = bufferization::ToTensorOp::create(
          builder, loc, tensorType, argument, /*restrict=*/true);
      argument.replaceAllUsesExcept(tensor, tensor);
    }
    Value destination = body.addArgument(types.back(), loc);
    Operation *ret = body.getTerminator();
    builder.setInsertionPoint(ret);
    bufferization::MaterializeInDestinationOp::create(
        builder, loc, Type(), ret->getOperand(0), destination,
        /*restrict=*/true, /*writable=*/true);
    ret->setOperands({});
    for (unsigned i = 0; i < types.size(); ++i)
      if (isa<MemRefType>(types[i]))
        clone.setArgAttr(i, "llvm.noalias", builder.getUnitAttr());
    slot = clone;
    return slot;
  }

  void emitCall(Location loc, func::FuncOp kernel, ArrayRef<Value> operands,
                const View &result) {
    SmallVector<Type> types;
    for (Value operand : operands)
      types.push_back(operand.getType());
    SmallVector<Value> all(operands);
    all.push_back(access(result));
    types.push_back(all.back().getType());
    func::CallOp::create(builder, loc, specialize(kernel, types), all);
  }

  /// An elementwise copy as a kernel like any other.
  func::FuncOp getCopyKernel(RankedTensorType type) {
    func::FuncOp &slot = copies[type];
    if (slot)
      return slot;
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToEnd(module.getBody());
    Location loc = builder.getUnknownLoc();
    slot = func::FuncOp::create(builder, loc,
                                unusedName("copy_" + Twine(copies.size() - 1)),
                                builder.getFunctionType(type, type));
    slot.setPrivate();
    slot->setAttr("quantc.kernel", builder.getUnitAttr());
    Block *body = slot.addEntryBlock();
    builder.setInsertionPointToEnd(body);
    Value empty = tensor::EmptyOp::create(builder, loc, type.getShape(),
                                          type.getElementType());
    AffineMap identity = builder.getMultiDimIdentityMap(type.getRank());
    SmallVector<utils::IteratorType> iterators(type.getRank(),
                                               utils::IteratorType::parallel);
    auto generic = linalg::GenericOp::create(
        builder, loc, type, body->getArgument(0), empty,
        ArrayRef<AffineMap>{identity, identity}, iterators,
        [](OpBuilder &b, Location loc, ValueRange args) {
          linalg::YieldOp::create(b, loc, args[0]);
        });
    func::ReturnOp::create(builder, loc, generic.getResults());
    temporaries.push_back(slot);
    return slot;
  }

  /// Where `value` is; a constant is brought into the arena.
  View locate(Location loc, Value value) {
    if (!isConstant(value))
      return views.at(value);
    auto type = cast<RankedTensorType>(value.getType());
    View own = newView(type, Kind::Arena);
    Value constant = builder.clone(*value.getDefiningOp())->getResult(0);
    emitCall(loc, getCopyKernel(type), constant, own);
    return own;
  }

  void copy(Location loc, const View &from, const View &to) {
    if (from == to)
      return;
    auto type = RankedTensorType::get(from.shape, from.elementType);
    emitCall(loc, getCopyKernel(type), {access(from)}, to);
  }

  /// Fills what `pad` adds around its operand; each element once.
  LogicalResult fillHalo(tensor::PadOp pad, const View &view) {
    Value fill = pad.getConstantPaddingValue();
    Attribute value;
    if (!fill || !matchPattern(fill, m_Constant(&value)))
      return pad.emitError("the padding of ")
             << describeNode(pad) << " isn't a constant";
    SmallVector<int64_t> shape = getShape(pad.getSource()),
                         before = getLow(pad);
    SmallVector<int64_t> offsets(view.shape.size(), 0), sizes(view.shape);
    SmallVector<std::pair<SmallVector<int64_t>, SmallVector<int64_t>>> sides;
    for (unsigned d = 0; d < view.shape.size(); ++d) {
      int64_t low = before[d], high = view.shape[d] - low - shape[d];
      if (low > 0) {
        auto side = sizes;
        side[d] = low;
        sides.push_back({offsets, side});
      }
      if (high > 0) {
        auto side = sizes, at = offsets;
        side[d] = high;
        at[d] = low + shape[d];
        sides.push_back({at, side});
      }
      offsets[d] = low;
      sizes[d] = shape[d];
    }
    if (sides.empty())
      return success();
    Value memref = access(view);
    std::string key;
    llvm::raw_string_ostream stream(key);
    stream << memref.getType() << value;
    for (auto &[at, side] : sides)
      for (auto [a, s] : llvm::zip_equal(at, side))
        stream << ',' << a << ':' << s;
    func::FuncOp &kernel = haloKernels[key];
    if (!kernel) {
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPoint(entry);
      Location loc = builder.getUnknownLoc();
      kernel = func::FuncOp::create(
          builder, loc,
          unusedName("fill_halo_" + Twine(haloKernels.size() - 1)),
          builder.getFunctionType(memref.getType(), {}));
      kernel.setPrivate();
      kernel->setAttr("quantc.kernel", builder.getUnitAttr());
      Block *body = kernel.addEntryBlock();
      builder.setInsertionPointToEnd(body);
      Value scalar =
          arith::ConstantOp::create(builder, loc, cast<TypedAttr>(value));
      for (auto &[at, side] : sides) {
        SmallVector<int64_t> steps(at.size(), 1);
        Value part = memref::SubViewOp::create(
            builder, loc, body->getArgument(0), at, side, steps);
        linalg::FillOp::create(builder, loc, scalar, part);
      }
      func::ReturnOp::create(builder, loc);
    }
    func::CallOp::create(builder, pad.getLoc(), kernel, memref);
    return success();
  }

  /// Convolutions read up to the end of a group of channels: harmless in the
  /// arena, not in the caller's memory.
  static bool mayReadPast(func::FuncOp kernel, unsigned argument) {
    return llvm::any_of(
        kernel.getArgument(argument).getUses(), [](OpOperand &use) {
          if (use.getOperandNumber() != 0)
            return false;
          auto type = cast<RankedTensorType>(use.get().getType());
          int64_t bits = type.getElementTypeBitWidth();
          if (isa<linalg::DepthwiseConv2DNhwcHwcOp>(use.getOwner()))
            return type.getDimSize(3) * bits % 128 != 0;
          return isa<linalg::Conv2DNhwcFhwcOp>(use.getOwner()) &&
                 type.getElementType().isInteger() &&
                 type.getDimSize(3) * bits % 64 != 0;
        });
  }

  LogicalResult emitOp(Operation &op) {
    Location loc = op.getLoc();
    if (auto call = dyn_cast<func::CallOp>(op)) {
      auto kernel = specs.lookup(call.getCallee());
      if (!kernel || call.getNumResults() != 1)
        return op.emitError() << describeNode(&op) << ": '" << call.getCallee()
                              << "' isn't a kernel with one result";
      SmallVector<Value> operands;
      for (auto [i, operand] : llvm::enumerate(call.getOperands())) {
        if (isConstant(operand)) {
          operands.push_back(
              builder.clone(*operand.getDefiningOp())->getResult(0));
          continue;
        }
        View view = views.at(operand);
        if (buffers[view.buffer].kind != Kind::Arena &&
            mayReadPast(kernel, i)) {
          View own =
              newView(cast<RankedTensorType>(operand.getType()), Kind::Arena);
          copy(loc, view, own);
          view = own;
        }
        operands.push_back(access(view));
      }
      emitCall(loc, kernel, operands, views.at(call.getResult(0)));
      return success();
    }
    if (auto pad = dyn_cast<tensor::PadOp>(op)) {
      const View view = views.at(pad.getResult());
      copy(loc, locate(loc, pad.getSource()), interior(pad, view));
      return fillHalo(pad, view);
    }
    if (auto insert = dyn_cast<tensor::InsertSliceOp>(op)) {
      const View view = views.at(insert.getResult());
      if (!insert.getDest().getDefiningOp<tensor::EmptyOp>())
        copy(loc, locate(loc, insert.getDest()), view);
      View part =
          view.window(insert.getStaticOffsets(), insert.getStaticSizes());
      copy(loc, reshaped(loc, locate(loc, insert.getSource()), part.shape),
           part);
      return success();
    }
    if (auto slice = dyn_cast<tensor::ExtractSliceOp>(op)) {
      if (llvm::any_of(slice.getStaticStrides(),
                       [](int64_t s) { return s != 1; }))
        return op.emitError("a slice with steps at ") << describeNode(&op);
      View part = locate(loc, slice.getSource())
                      .window(slice.getStaticOffsets(), slice.getStaticSizes());
      return bindOrCopy(loc, slice.getResult(),
                        reshaped(loc, part, getShape(slice.getResult())));
    }
    if (isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp>(op)) {
      return bindOrCopy(loc, op.getResult(0),
                        reshaped(loc, locate(loc, op.getOperand(0)),
                                 getShape(op.getResult(0))));
    }
    if (auto ret = dyn_cast<func::ReturnOp>(op)) {
      for (auto [value, output] : llvm::zip_equal(ret.getOperands(), outputs))
        copy(loc, locate(loc, value), output);
      func::ReturnOp::create(builder, loc);
      return success();
    }
    if (isa<tensor::EmptyOp>(op) || op.hasTrait<OpTrait::ConstantLike>())
      return success();
    return op.emitError() << describeNode(&op) << ": '" << op.getName()
                          << "' has no kernel";
  }

  /// `view` in another shape; a copy, which is contiguous, where strides can't
  /// say so.
  View reshaped(Location loc, const View &view, ArrayRef<int64_t> shape) {
    if (view.shape == shape)
      return view;
    if (auto same = view.reshaped(shape))
      return *same;
    View own = newView(RankedTensorType::get(view.shape, view.elementType),
                       Kind::Arena);
    copy(loc, view, own);
    return *own.reshaped(shape);
  }

  LogicalResult bindOrCopy(Location loc, Value result, const View &view) {
    auto [it, isNew] = views.try_emplace(result, view);
    if (!isNew)
      copy(loc, view, it->second);
    return success();
  }

  LogicalResult emit() {
    auto type = entry.getFunctionType();
    SmallVector<Type> types;
    for (Type part :
         llvm::concat<const Type>(type.getInputs(), type.getResults())) {
      auto tensor = cast<RankedTensorType>(part);
      types.push_back(
          MemRefType::get(tensor.getShape(), tensor.getElementType()));
    }
    // The size is set when the plan is known.
    types.push_back(MemRefType::get({0}, builder.getI8Type()));
    builder.setInsertionPoint(entry);
    newEntry = func::FuncOp::create(builder, entry.getLoc(), "planned",
                                    builder.getFunctionType(types, {}));
    builder.setInsertionPointToStart(newEntry.addEntryBlock());
    for (Operation &op : entry.getBody().front()) {
      if (failed(emitOp(op)))
        return failure();
      ++step;
    }
    return success();
  }

  void finish() {
    SmallVector<ArenaBuffer> live;
    SmallVector<unsigned> index;
    for (auto [i, buffer] : llvm::enumerate(buffers))
      if (buffer.kind == Kind::Arena && buffer.arena.last >= 0) {
        live.push_back(buffer.arena);
        index.push_back(i);
      }
    int64_t size = live.empty() ? 0 : planArena(live);
    for (auto [i, arena] : llvm::zip_equal(index, live))
      buffers[i].arena = arena;
    for (Patch &patch : patches)
      patch.op.setValueAttr(builder.getIndexAttr(
          buffers[patch.buffer].arena.offset + patch.bytes));
    if (size)
      size += kReadSlack;

    SmallVector<Type> types(newEntry.getArgumentTypes());
    types.back() = MemRefType::get({size}, builder.getI8Type());
    newEntry.setType(builder.getFunctionType(types, {}));
    newEntry.getArguments().back().setType(types.back());
    std::string name = entry.getSymName().str();
    int64_t inputs = entry.getNumArguments();
    entry.erase();
    for (auto &spec : specs)
      spec.second.erase();
    for (func::FuncOp copy : temporaries)
      copy.erase();
    newEntry.setSymName(name);
    newEntry->setAttr("quantc.num_inputs", builder.getI64IntegerAttr(inputs));
    newEntry->setAttr("quantc.has_arena", builder.getUnitAttr());
    module->setAttr("quantc.arena_bytes", builder.getI64IntegerAttr(size));
    module->setAttr("quantc.arena_align",
                    builder.getI64IntegerAttr(arenaAlign));
    module->setAttr("quantc.arena_lower_bound",
                    builder.getI64IntegerAttr(arenaLowerBound(live)));
  }

  func::FuncOp entry, newEntry;
  ModuleOp module;
  OpBuilder builder;
  int64_t step = 0;
  SmallVector<Buffer> buffers;
  llvm::DenseMap<Value, View> views;
  SmallVector<View> outputs;
  SmallVector<Patch> patches;
  llvm::StringMap<func::FuncOp> specs, specialized, haloKernels;
  llvm::StringMap<unsigned> variants;
  llvm::DenseMap<Type, func::FuncOp> copies;
  SmallVector<func::FuncOp> temporaries;
};

struct PlanMemory : quantc::impl::PlanMemoryPassBase<PlanMemory> {
  void runOnOperation() override {
    SmallVector<func::FuncOp> entries;
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (function.isPublic() && !function.isExternal())
        entries.push_back(function);
    if (entries.size() != 1) {
      getOperation().emitError("needs exactly one public function, but has ")
          << entries.size();
      return signalPassFailure();
    }
    if (failed(Planner(entries.front()).run()))
      signalPassFailure();
  }
};

} // namespace
