// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the emitters share: a kernel's specification (linalg on tensors, as
// PlanMemory leaves it) and the function on memrefs that is written for it.

#ifndef QUANTC_LIB_CODEGEN_KERNELBUILDER_H
#define QUANTC_LIB_CODEGEN_KERNELBUILDER_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "quantc/Codegen/Tuning.h"

namespace quantc {

/// The constants of one call, by argument of the specification (null where the
/// argument isn't constant).
using CallConstants = llvm::ArrayRef<mlir::ElementsAttr>;

/// Lays a constant out as the kernel wants it. Everything it makes has the type
/// of the kernel's argument.
using Packing = std::function<mlir::ElementsAttr(CallConstants)>;

/// What a prefetch brings, in bytes.
constexpr int64_t kCacheLine = 64;

/// A kernel while it is being written. Its arguments are those of the
/// specification, constants as memrefs, then constants that packing adds.
class KernelBuilder {
public:
  KernelBuilder(mlir::func::FuncOp spec, const TargetDescription &target,
                const Tuning &tuning);

  mlir::OpBuilder builder;
  mlir::Location loc;
  const TargetDescription &target;
  const Tuning &tuning;
  mlir::func::FuncOp spec, kernel;
  /// What the kernel computes, and where it goes.
  mlir::Value root, destination;

  /// The memref behind a tensor of the specification that lies in memory; null
  /// for values that it computes.
  mlir::Value getMemRef(mlir::Value tensor);
  /// The operation that the kernel is for: what `root` is, or what its epilogue
  /// works on; null where that is no OpTy.
  template <typename OpTy> OpTy findProducer() const {
    if (!root)
      return {};
    if (auto op = root.getDefiningOp<OpTy>())
      return op;
    if (auto epilogue = root.getDefiningOp<mlir::linalg::GenericOp>())
      for (mlir::Value operand : epilogue.getInputs())
        if (auto op = operand.getDefiningOp<OpTy>())
          return op;
    return {};
  }
  /// How many words of its products the epilogue works with: none where it
  /// doesn't multiply by fixed-point numbers, the upper ones, or both (double
  /// rounding). The more, the fewer registers are left for further sums.
  int64_t wordsOfProducts() const;
  /// The tile of a kernel whose input (a memref) and output pixels,
  /// [N, H, W, C], `about` has with all else: what the tuning file says or, for
  /// what it doesn't know, `byCost`. The kernel is marked with it.
  KernelTile chooseTile(KernelClass about, mlir::Value input,
                        llvm::function_ref<KernelTile()> byCost);
  /// Adds an argument that packing fills.
  mlir::Value addPacked(mlir::MemRefType type, Packing packing);
  /// Drops arguments nobody reads and names the rest: for each argument of the
  /// finished kernel, the argument of the specification, the packing, or the
  /// number that a call of the whole passes.
  struct ArgumentSource {
    unsigned specArgument = 0;
    Packing packing;
    std::optional<int64_t> number;
  };
  llvm::SmallVector<ArgumentSource> finish();

  //===--- Work for several threads (DivideWork.cpp) ----------------------===//

  /// Into how many parts a call may be cut, by what it costs; finish() knows
  /// how many its loops allow.
  int64_t maxParts = 1;
  /// Divides what `emit` writes among the parts of a call: a part does a range
  /// of its units of work, in their order. Units are the steps of loop() and
  /// what unit() writes; they may run in any order and at the same time.
  void divide(llvm::function_ref<void()> emit);
  /// What one part does alone.
  void unit(llvm::function_ref<void()> body);
  /// Runs `body(start, length)` for tiles of `size` and a shorter last one.
  void tiles(int64_t total, int64_t size,
             llvm::function_ref<void(mlir::Value, int64_t)> body);

  mlir::Value index(int64_t value);
  /// Sums and products of indices; nothing is written where they change
  /// nothing.
  mlir::Value add(mlir::Value a, int64_t constant);
  mlir::Value add(mlir::Value a, mlir::Value other);
  mlir::Value scale(mlir::Value a, int64_t factor);
  /// Group `position` of the bytes or i16 pairs in `activations`, 32 bits of
  /// them, in every i32 lane of a register.
  mlir::Value broadcastGroup(mlir::Value activations, int64_t position = 0);
  /// Adds the dot products of `group`, in every lane, and each of `weights` to
  /// `sums`.
  void accumulate(mlir::Value group, mlir::ValueRange weights,
                  llvm::MutableArrayRef<mlir::Value> sums);
  /// Loads `width` elements from `indices` on along the last dimension.
  mlir::Value load(mlir::Value memref, mlir::ValueRange indices, int64_t width);
  /// The columns of a square, whose rows are vectors: as many as each of them
  /// has elements, a power of two.
  llvm::SmallVector<mlir::Value>
  transposeSquare(llvm::SmallVector<mlir::Value> rows);
  /// Stores a vector to the destination, from `indices` on along the last
  /// dimension.
  void store(mlir::Value vector, llvm::ArrayRef<mlir::Value> indices) {
    store(vector, destination, indices);
  }
  /// The same to any memref.
  void store(mlir::Value vector, mlir::Value memref,
             llvm::ArrayRef<mlir::Value> indices);
  /// A loop whose steps are independent of each other; runs the body once
  /// without a loop where there is but one step.
  void loop(int64_t lower, int64_t upper, int64_t step,
            llvm::function_ref<void(mlir::Value)> body);
  /// The same with values carried from step to step.
  llvm::SmallVector<mlir::Value> loopCarrying(
      int64_t lower, int64_t upper, int64_t step, mlir::ValueRange initial,
      llvm::function_ref<llvm::SmallVector<mlir::Value>(mlir::Value,
                                                        mlir::ValueRange)>
          body);

private:
  /// The steps of a loop, or something once.
  class Units;

  mlir::Value addArgument(mlir::Type type, ArgumentSource source);

  /// Where arguments behind the specification's come from.
  llvm::SmallVector<ArgumentSource> added;
  /// While divide() runs: what may be cut.
  Units *units = nullptr;
  /// The number of this part, and of all parts.
  mlir::Value part, parts;
  int64_t mostUnits = 1;
};

/// Computes values of the specification at a point, `lanes` neighbours along
/// the last dimension at once.
class PointEvaluator {
public:
  explicit PointEvaluator(KernelBuilder &kernel) : kernel(kernel) {}

  /// Whether everything `value` is computed from has a vector form, or is
  /// `known`.
  static bool canEvaluate(mlir::Value value, mlir::Value known = {});

  /// Whether lanes of `value` need not be neighbours in memory, `laneOrder`
  /// saying which they are: whatever is read lies along the lanes, or is the
  /// same for all.
  static bool takesLanesInAnyOrder(mlir::Value value);

  /// `lanes` elements of `tensor` from `indices` on.
  mlir::Value evaluate(mlir::Value tensor, llvm::ArrayRef<mlir::Value> indices,
                       int64_t lanes);
  /// Values that are at hand already (accumulators).
  llvm::DenseMap<mlir::Value, mlir::Value> known;
  /// Which of the neighbours each lane is; empty where they are in order.
  llvm::SmallVector<int64_t> laneOrder;
  /// The same of all elements of a constant per channel: where lanes aren't in
  /// order, constants are laid out for them.
  llvm::SmallVector<int64_t> constantOrder;

private:
  /// A constant per channel in `constantOrder`; null for anything else.
  mlir::Value getOrdered(mlir::Value tensor);
  mlir::Value evaluateOp(mlir::linalg::LinalgOp op,
                         llvm::ArrayRef<mlir::Value> indices, int64_t lanes);
  /// An operand of `op` at loop indices `ivs`, the lanes along dimension `dim`.
  mlir::Value evaluateOperand(mlir::linalg::LinalgOp op,
                              mlir::OpOperand &operand,
                              llvm::ArrayRef<mlir::Value> ivs, unsigned dim,
                              int64_t lanes);
  /// The same where lanes are a few elements apart in memory, by one load of
  /// all that lies between; null where they aren't.
  mlir::Value evaluateStrided(mlir::linalg::LinalgOp op,
                              mlir::OpOperand &operand,
                              llvm::ArrayRef<mlir::Value> ivs, unsigned dim,
                              int64_t lanes);
  mlir::Value evaluateBody(mlir::linalg::LinalgOp op,
                           llvm::ArrayRef<mlir::Value> arguments,
                           llvm::ArrayRef<mlir::Value> ivs, int64_t lanes);
  /// Neighbours along the last dimension of a tensor that the body captures.
  mlir::Value evaluateRead(mlir::linalg::LinalgOp op,
                           mlir::tensor::ExtractOp extract,
                           llvm::ArrayRef<mlir::Value> arguments,
                           llvm::ArrayRef<mlir::Value> ivs, int64_t lanes);

  KernelBuilder &kernel;
  /// What getOrdered() made.
  llvm::DenseMap<mlir::Value, mlir::Value> ordered;
};

/// Writes `kernel` as a register-tiled implicit GEMM; failure (with nothing
/// written) where it isn't a dense convolution with constant weights.
llvm::LogicalResult emitGemm(KernelBuilder &kernel);

/// Writes `kernel` as GEMMs whose operands are both computed; failure (with
/// nothing written) where it isn't a batch of matrix products, or a panel of
/// the right one doesn't fit the stack's share.
llvm::LogicalResult emitMatmul(KernelBuilder &kernel);

/// Writes an attention as blocks of rows that stay in the cache from the first
/// product to the second; failure (with nothing written) where `kernel` isn't
/// one.
llvm::LogicalResult emitAttention(KernelBuilder &kernel);

/// A function that writes `softmax` (quantc.softmax or quantc.integer_softmax)
/// of a row of `input` to the same row of `output`: matrices on the stack,
/// which may be one.
std::function<void(mlir::Value row)>
prepareSoftmaxRows(KernelBuilder &kernel, mlir::Operation *softmax,
                   mlir::Value input, mlir::Value output);

/// Writes one of the kernels of a Winograd convolution; failure (with nothing
/// written) where it isn't one.
llvm::LogicalResult emitWinograd(KernelBuilder &kernel);

/// Writes a softmax or layer normalization, row by row; failure (with nothing
/// written) where it isn't one.
llvm::LogicalResult emitRows(KernelBuilder &kernel);

/// Writes `kernel` as a depthwise convolution by dot products, or FMAs; failure
/// (with nothing written) where it isn't one, its window is large, or the
/// target has no dot product.
llvm::LogicalResult emitDepthwise(KernelBuilder &kernel);

/// Writes `kernel` as a transposition by squares; failure (with nothing
/// written) where it isn't one whose last dimension moves, or squares don't
/// cover it.
llvm::LogicalResult emitTranspose(KernelBuilder &kernel);

/// Writes `kernel` as a loop nest, vectorized along the last dimension; failure
/// (with nothing written) where a part has no vector form.
llvm::LogicalResult emitLoops(KernelBuilder &kernel);

} // namespace quantc

#endif // QUANTC_LIB_CODEGEN_KERNELBUILDER_H
