// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "NarrowToBytes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace quantc;

namespace {

constexpr int64_t kLanes = 16; ///< i32 in a register
constexpr int64_t kRegisters = 4;
constexpr int64_t kMinWord = -32768, kMaxWord = 32767;
constexpr int64_t kMinByte = -128, kMaxByte = 127;

/// The splat constant that is one operand of a binary operation; the other one
/// goes to `value`.
static std::optional<int64_t> getConstant(Operation *op, Value &value) {
  APInt constant;
  for (unsigned i : {1, 0})
    if (matchPattern(op->getOperand(i), m_ConstantInt(&constant))) {
      value = op->getOperand(1 - i);
      return constant.getSExtValue();
    }
  return std::nullopt;
}

/// What a chain of clamps and additions of constants does to a number:
/// clamp(x + shift, low, high).
struct ClampedShift {
  Value of;
  int64_t shift = 0, low = kMinWord, high = kMaxWord;

  /// Of a vector of words, all of whose results fit bytes.
  static std::optional<ClampedShift> get(Value words) {
    SmallVector<std::pair<Operation *, int64_t>> chain;
    ClampedShift result;
    for (;;) {
      Operation *op = words.getDefiningOp();
      if (!op || !isa<arith::MaxSIOp, arith::MinSIOp, arith::AddIOp>(op))
        break;
      Value next;
      std::optional<int64_t> constant = getConstant(op, next);
      if (!constant)
        break;
      chain.push_back({op, *constant});
      words = next;
    }
    result.of = words;
    for (auto [op, constant] : llvm::reverse(chain)) {
      if (isa<arith::AddIOp>(op)) {
        result.shift += constant;
        result.low += constant;
        result.high += constant;
        if (result.low < kMinWord || result.high > kMaxWord)
          return std::nullopt;
        continue;
      }
      bool isLower = isa<arith::MaxSIOp>(op);
      for (int64_t *bound : {&result.low, &result.high})
        *bound =
            isLower ? std::max(*bound, constant) : std::min(*bound, constant);
    }
    if (result.low < kMinByte || result.high > kMaxByte ||
        std::abs(result.shift) > kMaxWord)
      return std::nullopt;
    return result;
  }
};

/// The i32 of which `words` are the nearest words.
static Value getSaturated(Value words) {
  auto narrow = words.getDefiningOp<arith::TruncIOp>();
  if (!narrow || !getElementTypeOrSelf(narrow.getIn()).isInteger(32))
    return {};
  Value value = narrow.getIn();
  bool isAbove = false, isBelow = false;
  for (int i = 0; i < 2; ++i) {
    Operation *op = value.getDefiningOp();
    if (!op || !isa<arith::MaxSIOp, arith::MinSIOp>(op))
      return {};
    std::optional<int64_t> constant = getConstant(op, value);
    isAbove |= isa<arith::MaxSIOp>(op) && constant == kMinWord;
    isBelow |= isa<arith::MinSIOp>(op) && constant == kMaxWord;
  }
  return isAbove && isBelow ? value : Value();
}

struct NarrowToBytes : OpRewritePattern<arith::TruncIOp> {
  using OpRewritePattern::OpRewritePattern;

  /// The chain that ends in `op`, and the i32 that it begins with.
  static std::optional<std::pair<ClampedShift, Value>>
  match(arith::TruncIOp op) {
    auto type = dyn_cast<VectorType>(op.getType());
    if (!type || type.getRank() != 1 || !type.getElementType().isInteger(8) ||
        !getElementTypeOrSelf(op.getIn()).isInteger(16) ||
        type.getNumElements() % (kLanes / 2) != 0)
      return std::nullopt;
    std::optional<ClampedShift> clamped = ClampedShift::get(op.getIn());
    // Without an addition LLVM finds the instructions of one register itself.
    if (!clamped || (clamped->shift == 0 && type.getNumElements() < 2 * kLanes))
      return std::nullopt;
    Value wide = getSaturated(clamped->of);
    if (!wide)
      return std::nullopt;
    return std::pair(*clamped, wide);
  }

  LogicalResult matchAndRewrite(arith::TruncIOp op,
                                PatternRewriter &rewriter) const override {
    auto found = match(op);
    if (!found)
      return failure();
    auto [clamped, wide] = *found;
    auto type = cast<VectorType>(op.getType());
    Builder b{rewriter, op.getLoc()};
    // Bytes without a sign serve a range that begins at zero.
    bool isUnsigned = clamped.shift == kMinByte && clamped.low == kMinByte;
    Value bytes;
    if (type.getNumElements() == kRegisters * kLanes) {
      Value words[2];
      for (int i = 0; i < 2; ++i) {
        words[i] = b.pack("llvm.x86.avx512.packssdw.512", 16,
                          b.part(wide, 2 * i * kLanes),
                          b.part(wide, (2 * i + 1) * kLanes));
        if (!isUnsigned)
          words[i] = b.shift(words[i], clamped.shift);
      }
      bytes = b.pack(isUnsigned ? "llvm.x86.avx512.packuswb.512"
                                : "llvm.x86.avx512.packsswb.512",
                     8, words[0], words[1]);
      if (isUnsigned)
        bytes = b.binary<arith::AddIOp>(bytes, kMinByte);
    } else {
      bool isPair = type.getNumElements() == 2 * kLanes;
      Value words = isPair ? b.pack("llvm.x86.avx512.packssdw.512", 16,
                                    b.part(wide, 0), b.part(wide, kLanes))
                           : clamped.of;
      if (!isUnsigned)
        words = b.shift(words, clamped.shift);
      // LLVM knows these as one instruction.
      words = b.binary<arith::MaxSIOp>(words, isUnsigned ? 0 : kMinByte);
      words = b.binary<arith::MinSIOp>(words, isUnsigned ? 255 : kMaxByte);
      bytes = arith::TruncIOp::create(rewriter, op.getLoc(), type, words);
      if (isUnsigned)
        bytes = b.binary<arith::AddIOp>(bytes, kMinByte);
    }
    if (clamped.low > kMinByte)
      bytes = b.binary<arith::MaxSIOp>(bytes, clamped.low);
    if (clamped.high < kMaxByte)
      bytes = b.binary<arith::MinSIOp>(bytes, clamped.high);
    rewriter.replaceOp(op, b.inOrder(bytes));
    return success();
  }

private:
  struct Builder {
    PatternRewriter &b;
    Location loc;

    Value part(Value vector, int64_t from) {
      return vector::ExtractStridedSliceOp::create(
          b, loc, vector, ArrayRef<int64_t>{from}, ArrayRef<int64_t>{kLanes},
          ArrayRef<int64_t>{1});
    }
    Value pack(StringRef name, unsigned bits, Value low, Value high) {
      int64_t lanes = 2 * cast<VectorType>(low.getType()).getNumElements();
      auto type = VectorType::get({lanes}, b.getIntegerType(bits));
      return LLVM::CallIntrinsicOp::create(b, loc, type, b.getStringAttr(name),
                                           ValueRange{low, high})
          .getResult(0);
    }
    Value splat(Type type, int64_t value) {
      return arith::ConstantOp::create(
          b, loc,
          DenseElementsAttr::get(
              cast<ShapedType>(type),
              b.getIntegerAttr(getElementTypeOrSelf(type), value)));
    }
    template <typename Op> Value binary(Value x, int64_t constant) {
      return Op::create(b, loc, x, splat(x.getType(), constant));
    }
    /// x + constant, saturated.
    Value shift(Value x, int64_t constant) {
      if (constant == 0)
        return x;
      return LLVM::SAddSat::create(b, loc, x, splat(x.getType(), constant));
    }
    /// Of bytes packed within each 16 bytes: i32 `r` of 16 came from register
    /// `r`.
    Value inOrder(Value bytes) {
      int64_t size = cast<VectorType>(bytes.getType()).getNumElements();
      int64_t registers = size / kLanes, group = kLanes / kRegisters;
      if (registers < 2 || size % kLanes != 0 || size > kRegisters * kLanes ||
          !llvm::isPowerOf2_64(registers))
        return bytes;
      SmallVector<int64_t> from;
      for (int64_t reg = 0; reg < registers; ++reg)
        for (int64_t chunk = 0; chunk < kLanes / group; ++chunk)
          for (int64_t i = 0; i < group; ++i)
            from.push_back((chunk * registers + reg) * group + i);
      return vector::ShuffleOp::create(b, loc, bytes, bytes, from);
    }
  };
};

} // namespace

void quantc::populateNarrowToBytes(RewritePatternSet &patterns,
                                   ConversionTarget &target) {
  patterns.add<NarrowToBytes>(patterns.getContext());
  target.addDynamicallyLegalOp<arith::TruncIOp>(
      [](arith::TruncIOp op) { return !NarrowToBytes::match(op); });
}
