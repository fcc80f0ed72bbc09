// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The dot dialect and products of double width as instructions of the target.

#include "Lookup.h"
#include "NarrowToBytes.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "quantc/Conversion/Passes.h"
#include "quantc/Dialect/Dot/IR/Dot.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringSet.h"

namespace quantc {
#define GEN_PASS_DEF_CONVERTDOTTOLLVMPASS
#include "quantc/Conversion/Passes.h.inc"
} // namespace quantc

using namespace mlir;
using namespace quantc;

namespace {

/// One instruction that computes `dot.accumulate` for a given shape.
struct DotInstruction {
  StringRef feature;
  unsigned lanes; ///< i32 lanes of the accumulator
  unsigned bits;  ///< of an operand element
  int32_t lhsOffset;
  StringRef intrinsic;
  bool accumulates; ///< takes the accumulator as its first operand
};

constexpr DotInstruction kInstructions[] = {
    {"avx512vnni", 16, 8, 128, "llvm.x86.avx512.vpdpbusd.512", true},
    {"avx512vnni", 8, 8, 128, "llvm.x86.avx512.vpdpbusd.256", true},
    {"avx512vnni", 4, 8, 128, "llvm.x86.avx512.vpdpbusd.128", true},
    {"avx512bw", 16, 16, 0, "llvm.x86.avx512.pmaddw.d.512", false},
    {"avx2", 8, 16, 0, "llvm.x86.avx2.pmadd.wd", false},
    {"avx2", 4, 16, 0, "llvm.x86.sse2.pmadd.wd", false},
    {"dotprod", 4, 8, 0, "llvm.aarch64.neon.sdot", true},
};

/// Instructions that add pairs of products of unsigned and signed bytes to
/// saturated words, and pairs of words to i32.
struct PairInstructions {
  StringRef feature;
  unsigned lanes;
  StringRef products, sums;
};

constexpr PairInstructions kPairs[] = {
    {"avx512bw", 16, "llvm.x86.avx512.pmaddubs.w.512",
     "llvm.x86.avx512.pmaddw.d.512"},
    {"avx2", 8, "llvm.x86.avx2.pmadd.ub.sw", "llvm.x86.avx2.pmadd.wd"},
};

static Value callIntrinsic(OpBuilder &builder, Location loc, StringRef name,
                           Type result, ValueRange operands) {
  return LLVM::CallIntrinsicOp::create(builder, loc, result,
                                       builder.getStringAttr(name), operands)
      .getResult(0);
}

struct ConvertAccumulate : OpRewritePattern<dot::AccumulateOp> {
  ConvertAccumulate(MLIRContext *context, const llvm::StringSet<> &features)
      : OpRewritePattern(context), features(features) {}

  LogicalResult matchAndRewrite(dot::AccumulateOp op,
                                PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    VectorType accType = op.getAcc().getType();
    VectorType type = op.getLhs().getType();
    Value lhs = op.getLhs(), rhs = op.getRhs();
    unsigned bits = type.getElementTypeBitWidth();
    int32_t offset = op.getLhsOffset();
    if (offset) {
      // Before bytes are interleaved where fewer registers have them then.
      llvm::MapVector<Value, Value> sources;
      collectSources(lhs, sources);
      bool isBefore = int64_t(sources.size()) < 32 / bits;
      for (auto &[bytes, flipped] : sources)
        if (isBefore)
          flipped = flip(rewriter, loc, accType, bytes);
      lhs = isBefore ? shuffleAgain(rewriter, lhs, sources)
                     : flip(rewriter, loc, accType, lhs);
    }
    for (const DotInstruction &candidate : kInstructions) {
      if (!features.contains(candidate.feature) ||
          candidate.lanes != accType.getNumElements() ||
          candidate.bits != bits || candidate.lhsOffset != offset)
        continue;
      if (candidate.accumulates) {
        // NEON's takes a group from any place of its last operand, if it is the
        // same for all lanes.
        if (candidate.feature == "dotprod")
          std::swap(lhs, rhs);
        rewriter.replaceOp(op, callIntrinsic(rewriter, loc, candidate.intrinsic,
                                             accType, {op.getAcc(), lhs, rhs}));
        return success();
      }
      Value products = callIntrinsic(rewriter, loc, candidate.intrinsic,
                                     accType, {lhs, rhs});
      rewriter.replaceOpWithNewOp<arith::AddIOp>(op, op.getAcc(), products);
      return success();
    }
    for (const PairInstructions &candidate : kPairs) {
      if (!op.getPairsFitWords() || !features.contains(candidate.feature) ||
          candidate.lanes != accType.getNumElements())
        continue;
      auto wordType =
          VectorType::get({2 * candidate.lanes}, rewriter.getI16Type());
      Value words = callIntrinsic(rewriter, loc, candidate.products, wordType,
                                  {lhs, rhs});
      Value ones = arith::ConstantOp::create(
          rewriter, loc, DenseElementsAttr::get(wordType, int16_t(1)));
      Value sums =
          callIntrinsic(rewriter, loc, candidate.sums, accType, {words, ones});
      rewriter.replaceOpWithNewOp<arith::AddIOp>(op, op.getAcc(), sums);
      return success();
    }
    rewriter.replaceOp(op, widen(rewriter, loc, op.getAcc(), lhs, rhs,
                                 /*lhsUnsigned=*/offset != 0));
    return success();
  }

private:
  /// A shuffle of vectors as long as its result.
  static vector::ShuffleOp getShuffle(Value bytes) {
    auto shuffle = bytes.getDefiningOp<vector::ShuffleOp>();
    return shuffle && llvm::all_of(
                          shuffle.getOperandTypes(),
                          [&](Type type) { return type == bytes.getType(); })
               ? shuffle
               : nullptr;
  }

  /// What `bytes` is shuffled from.
  static void collectSources(Value bytes,
                             llvm::MapVector<Value, Value> &sources) {
    if (vector::ShuffleOp shuffle = getShuffle(bytes)) {
      collectSources(shuffle.getV1(), sources);
      collectSources(shuffle.getV2(), sources);
    } else {
      sources.insert({bytes, {}});
    }
  }

  /// `bytes` as they are shuffled from other sources.
  static Value shuffleAgain(OpBuilder &builder, Value bytes,
                            llvm::MapVector<Value, Value> &sources) {
    if (Value other = sources.lookup(bytes))
      return other;
    vector::ShuffleOp shuffle = getShuffle(bytes);
    Value v1 = shuffleAgain(builder, shuffle.getV1(), sources);
    Value v2 = shuffleAgain(builder, shuffle.getV2(), sources);
    return sources[bytes] = vector::ShuffleOp::create(
               builder, shuffle.getLoc(), v1, v2, shuffle.getMask());
  }

  /// `bytes` with all signs flipped. On i32 lanes LLVM folds that into one
  /// instruction with a broadcast constant; on bytes it stays two.
  static Value flip(OpBuilder &builder, Location loc, VectorType lanes,
                    Value bytes) {
    Value words = vector::BitCastOp::create(builder, loc, lanes, bytes);
    Value signs = arith::ConstantOp::create(
        builder, loc, DenseElementsAttr::get(lanes, int32_t(0x80808080)));
    words = arith::XOrIOp::create(builder, loc, words, signs);
    return vector::BitCastOp::create(builder, loc, bytes.getType(), words);
  }

  /// The definition: widen both sides, multiply, add the group's elements.
  static Value widen(OpBuilder &builder, Location loc, Value acc, Value lhs,
                     Value rhs, bool lhsUnsigned) {
    auto type = cast<VectorType>(lhs.getType());
    auto accType = cast<VectorType>(acc.getType());
    auto wide = VectorType::get(type.getShape(), builder.getI32Type());
    lhs = lhsUnsigned
              ? arith::ExtUIOp::create(builder, loc, wide, lhs).getResult()
              : arith::ExtSIOp::create(builder, loc, wide, lhs).getResult();
    rhs = arith::ExtSIOp::create(builder, loc, wide, rhs);
    Value products = arith::MulIOp::create(builder, loc, lhs, rhs);
    int64_t lanes = accType.getNumElements();
    int64_t group = type.getNumElements() / lanes;
    for (int64_t k = 0; k < group; ++k) {
      SmallVector<int64_t> mask;
      for (int64_t lane = 0; lane < lanes; ++lane)
        mask.push_back(lane * group + k);
      Value part =
          vector::ShuffleOp::create(builder, loc, products, products, mask);
      acc = arith::AddIOp::create(builder, loc, acc, part);
    }
    return acc;
  }

  const llvm::StringSet<> &features;
};

/// A shuffle of bytes of whole registers takes them from where a shuffle of one
/// register did, as instructions of AVX512-VBMI take any from two of them.
struct MergeShuffles : OpRewritePattern<vector::ShuffleOp> {
  using OpRewritePattern::OpRewritePattern;

  static constexpr int64_t kBytes = 64;

  /// The shuffle behind an operand that one register goes into.
  static vector::ShuffleOp getInner(Value operand) {
    auto inner = operand.getDefiningOp<vector::ShuffleOp>();
    return inner && inner.getV1() == inner.getV2() ? inner : nullptr;
  }

  static bool applies(vector::ShuffleOp op) {
    auto type = VectorType::get({kBytes}, IntegerType::get(op.getContext(), 8));
    auto isWhole = [&](vector::ShuffleOp op) {
      return op.getType() == type && op.getV1().getType() == type &&
             op.getV2().getType() == type;
    };
    return isWhole(op) && llvm::any_of(op.getOperands(), [&](Value operand) {
             vector::ShuffleOp inner = getInner(operand);
             return inner && isWhole(inner);
           });
  }

  LogicalResult matchAndRewrite(vector::ShuffleOp op,
                                PatternRewriter &rewriter) const override {
    if (!applies(op))
      return failure();
    auto mask = llvm::to_vector(op.getMask());
    SmallVector<Value, 2> operands(op.getOperands());
    for (auto [number, operand] : llvm::enumerate(operands)) {
      vector::ShuffleOp inner = getInner(operand);
      if (!inner)
        continue;
      int64_t first = number * kBytes;
      for (int64_t &from : mask)
        if (from >= first && from < first + kBytes)
          from = first + inner.getMask()[from - first] % kBytes;
      operand = inner.getV1();
    }
    // Where LLVM knows the indices it makes two instructions of some: they pass
    // a fence that it has for floats.
    Location loc = op.getLoc();
    SmallVector<int8_t> bytes(mask.begin(), mask.end());
    Value indices = arith::ConstantOp::create(
        rewriter, loc, DenseElementsAttr::get(op.getType(), ArrayRef(bytes)));
    auto floats = VectorType::get({kBytes / 4}, rewriter.getF32Type());
    indices = vector::BitCastOp::create(rewriter, loc, floats, indices);
    indices =
        callIntrinsic(rewriter, loc, "llvm.arithmetic.fence", floats, indices);
    indices = vector::BitCastOp::create(rewriter, loc, op.getType(), indices);
    rewriter.replaceOp(
        op, callIntrinsic(rewriter, loc, "llvm.x86.avx512.vpermi2var.qi.512",
                          op.getType(), {operands[0], indices, operands[1]}));
    return success();
  }
};

struct ConvertMatmul : OpRewritePattern<dot::MatmulOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(dot::MatmulOp op,
                                PatternRewriter &rewriter) const override {
    rewriter.replaceOp(
        op, callIntrinsic(rewriter, op.getLoc(), "llvm.aarch64.neon.smmla",
                          op.getAcc().getType(),
                          {op.getAcc(), op.getLhs(), op.getRhs()}));
    return success();
  }
};

/// Assembly of no instructions that stays where it is.
LLVM::InlineAsmOp createEmptyAssembly(OpBuilder &b, Location loc, Type result,
                                      ValueRange operands,
                                      StringRef constraints) {
  return LLVM::InlineAsmOp::create(
      b, loc, result, operands, /*asm_string=*/"", constraints,
      /*has_side_effects=*/true, /*is_align_stack=*/false,
      LLVM::TailCallKind::None, /*asm_dialect=*/LLVM::AsmDialectAttr(),
      /*operand_attrs=*/ArrayAttr());
}

struct ConvertOpaque : OpRewritePattern<dot::OpaqueOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(dot::OpaqueOp op,
                                PatternRewriter &rewriter) const override {
    Type i64 = rewriter.getI64Type();
    Value input =
        arith::IndexCastOp::create(rewriter, op.getLoc(), i64, op.getInput());
    auto assembly =
        createEmptyAssembly(rewriter, op.getLoc(), i64, input, "=r,0");
    rewriter.replaceOpWithNewOp<arith::IndexCastOp>(op, rewriter.getIndexType(),
                                                    assembly.getRes());
    return success();
  }
};

/// Empty inline assembly. Values pass through it in the registers that they are
/// in; then it also claims to write memory, so that loads stay behind it, and
/// apart: two that are paired would both need their registers at once.
struct ConvertScheduleBarrier : OpRewritePattern<dot::ScheduleBarrierOp> {
  ConvertScheduleBarrier(MLIRContext *context, StringRef registers)
      : OpRewritePattern(context), registers(registers) {}

  LogicalResult matchAndRewrite(dot::ScheduleBarrierOp op,
                                PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    ValueRange values = op.getValues();
    std::string constraints;
    for (size_t i = 0; i < values.size(); ++i)
      constraints += ("=" + registers + ",").str();
    for (size_t i = 0; i < values.size(); ++i)
      constraints += std::to_string(i) + ",";
    if (!values.empty())
      constraints += "~{memory}";
    Type result;
    if (values.size() == 1)
      result = values[0].getType();
    else if (!values.empty())
      result = LLVM::LLVMStructType::getLiteral(
          op.getContext(), llvm::to_vector(values.getTypes()));
    auto barrier =
        createEmptyAssembly(rewriter, loc, result, values, constraints);
    SmallVector<Value> results;
    for (size_t i = 0; i < values.size(); ++i)
      results.push_back(values.size() == 1
                            ? barrier.getRes()
                            : LLVM::ExtractValueOp::create(
                                  rewriter, loc, barrier.getRes(), i));
    rewriter.replaceOp(op, results);
    return success();
  }

private:
  const StringRef registers; ///< the constraint for a vector's
};

/// Products of 64 bits: x86 has those of even lanes. Widening both operands, as
/// upstream does, costs six shuffles more.
struct ConvertWideProduct : OpRewritePattern<arith::MulSIExtendedOp> {
  using OpRewritePattern::OpRewritePattern;

  static bool applies(arith::MulSIExtendedOp op) {
    auto type = dyn_cast<VectorType>(op.getType(0));
    return type && type.getElementType().isInteger(32) &&
           type.getNumElements() % 2 == 0;
  }

  LogicalResult matchAndRewrite(arith::MulSIExtendedOp op,
                                PatternRewriter &rewriter) const override {
    if (!applies(op))
      return failure();
    Location loc = op.getLoc();
    auto type = cast<VectorType>(op.getType(0));
    int64_t lanes = type.getNumElements();
    auto wide = VectorType::get({lanes / 2}, rewriter.getI64Type());
    Value half = arith::ConstantOp::create(
        rewriter, loc, DenseElementsAttr::get(wide, int64_t(32)));
    // In this form LLVM knows the operands of pmuldq even if it moves a part of
    // the form out of a loop.
    auto extend = [&](Value x) -> Value {
      x = vector::BitCastOp::create(rewriter, loc, wide, x);
      x = arith::ShLIOp::create(rewriter, loc, x, half);
      return arith::ShRSIOp::create(rewriter, loc, x, half);
    };
    auto odd = [&](Value x) -> Value {
      SmallVector<int64_t> mask;
      for (int64_t lane = 0; lane < lanes; ++lane)
        mask.push_back(lane | 1);
      return vector::ShuffleOp::create(rewriter, loc, x, x, mask);
    };
    auto multiply = [&](Value a, Value c) -> Value {
      Value product =
          arith::MulIOp::create(rewriter, loc, extend(a), extend(c));
      return vector::BitCastOp::create(rewriter, loc, type, product);
    };
    Value evens = multiply(op.getLhs(), op.getRhs());
    Value odds = multiply(odd(op.getLhs()), odd(op.getRhs()));
    auto words = [&](int64_t first) -> Value {
      SmallVector<int64_t> mask;
      for (int64_t lane = 0; lane < lanes; lane += 2)
        llvm::append_values(mask, lane + first, lanes + lane + first);
      return vector::ShuffleOp::create(rewriter, loc, evens, odds, mask);
    };
    rewriter.replaceOp(op, {words(0), words(1)});
    return success();
  }
};

/// The nearest words of i32, two registers at a time, by the instruction that
/// saturates. LLVM knows it from a clamp, too, unless it has moved a shuffle of
/// the words before their narrowing.
struct ConvertSaturation : OpRewritePattern<arith::TruncIOp> {
  using OpRewritePattern::OpRewritePattern;

  static constexpr int64_t kLanes = 16;

  /// What is clamped to words, and then narrowed by `op`.
  static Value getClamped(arith::TruncIOp op) {
    auto type = dyn_cast<VectorType>(op.getType());
    if (!type || !type.getElementType().isInteger(16) ||
        !getElementTypeOrSelf(op.getIn()).isInteger(32) ||
        type.getNumElements() % kLanes != 0)
      return nullptr;
    auto isConstant = [](Value value, int64_t wanted) {
      APInt constant;
      return matchPattern(value, m_ConstantInt(&constant)) &&
             constant.getSExtValue() == wanted;
    };
    auto below = op.getIn().getDefiningOp<arith::MinSIOp>();
    auto above =
        below ? below.getLhs().getDefiningOp<arith::MaxSIOp>() : nullptr;
    return above && isConstant(below.getRhs(), INT16_MAX) &&
                   isConstant(above.getRhs(), INT16_MIN)
               ? above.getLhs()
               : nullptr;
  }

  LogicalResult matchAndRewrite(arith::TruncIOp op,
                                PatternRewriter &rewriter) const override {
    Value x = getClamped(op);
    if (!x)
      return failure();
    Location loc = op.getLoc();
    auto type = cast<VectorType>(op.getType());
    auto packed = VectorType::get({kLanes}, type.getElementType());
    constexpr int64_t half = kLanes / 2, quarter = kLanes / 4;
    Value result =
        arith::ConstantOp::create(rewriter, loc, rewriter.getZeroAttr(type));
    for (int64_t at = 0; at < type.getNumElements(); at += kLanes) {
      auto lanes = [&](int64_t first) -> Value {
        return vector::ExtractStridedSliceOp::create(
            rewriter, loc, x, ArrayRef<int64_t>{first}, ArrayRef<int64_t>{half},
            ArrayRef<int64_t>{1});
      };
      Value words = callIntrinsic(rewriter, loc, "llvm.x86.avx2.packssdw",
                                  packed, {lanes(at), lanes(at + half)});
      // Of each 16 bytes, the first half is the one register's.
      SmallVector<int64_t> order;
      for (int64_t reg : {0, 1})
        for (int64_t block : {0, 1})
          for (int64_t i = 0; i < quarter; ++i)
            order.push_back(block * half + reg * quarter + i);
      words = vector::ShuffleOp::create(rewriter, loc, words, words, order);
      result = vector::InsertStridedSliceOp::create(
          rewriter, loc, words, result, ArrayRef<int64_t>{at},
          ArrayRef<int64_t>{1});
    }
    rewriter.replaceOp(op, result);
    return success();
  }
};

/// Rounding half even to integers: one instruction. LLVM knows x86's, in the
/// mode that everything here runs in, as lrint; NEON's is for four lanes.
struct ConvertRound : OpRewritePattern<arith::FPToSIOp> {
  ConvertRound(MLIRContext *context, bool neon)
      : OpRewritePattern(context), neon(neon) {}

  static bool applies(arith::FPToSIOp op, bool neon) {
    auto type = dyn_cast<VectorType>(op.getType());
    return type && (!neon || type.getNumElements() % kNeonLanes == 0) &&
           type.getElementType().isInteger(32) &&
           getElementTypeOrSelf(op.getIn()).isF32() &&
           op.getIn().getDefiningOp<math::RoundEvenOp>();
  }

  LogicalResult matchAndRewrite(arith::FPToSIOp op,
                                PatternRewriter &rewriter) const override {
    if (!applies(op, neon))
      return failure();
    auto round = op.getIn().getDefiningOp<math::RoundEvenOp>();
    auto type = cast<VectorType>(op.getType());
    Value rounded =
        neon ? roundQuarters(rewriter, op.getLoc(), type, round.getOperand())
             : callIntrinsic(rewriter, op.getLoc(), "llvm.lrint", type,
                             round.getOperand());
    rewriter.replaceOp(op, rounded);
    if (round->use_empty())
      rewriter.eraseOp(round);
    return success();
  }

private:
  static constexpr int64_t kNeonLanes = 4;

  static Value roundQuarters(OpBuilder &b, Location loc, VectorType type,
                             Value x) {
    Value result = arith::ConstantOp::create(b, loc, b.getZeroAttr(type));
    for (int64_t at = 0; at < type.getNumElements(); at += kNeonLanes) {
      Value four = vector::ExtractStridedSliceOp::create(
          b, loc, x, ArrayRef<int64_t>{at}, ArrayRef<int64_t>{kNeonLanes},
          ArrayRef<int64_t>{1});
      four = callIntrinsic(b, loc, "llvm.aarch64.neon.fcvtns",
                           VectorType::get({kNeonLanes}, b.getI32Type()), four);
      result = vector::InsertStridedSliceOp::create(
          b, loc, four, result, ArrayRef<int64_t>{at}, ArrayRef<int64_t>{1});
    }
    return result;
  }

  const bool neon;
};

struct ConvertDotToLLVM
    : quantc::impl::ConvertDotToLLVMPassBase<ConvertDotToLLVM> {
  using ConvertDotToLLVMPassBase::ConvertDotToLLVMPassBase;

  void runOnOperation() override {
    llvm::StringSet<> enabled;
    SmallVector<StringRef> parts;
    StringRef(features).split(parts, ',', -1, /*KeepEmpty=*/false);
    for (StringRef part : parts)
      if (part.consume_front("+"))
        enabled.insert(part);
      else if (part.consume_front("-"))
        enabled.erase(part);

    MLIRContext *context = &getContext();
    RewritePatternSet patterns(context);
    patterns.add<ConvertAccumulate>(context, enabled);
    patterns.add<ConvertOpaque>(context);
    ConversionTarget target(*context);
    target.addIllegalOp<dot::AccumulateOp, dot::OpaqueOp,
                        dot::ScheduleBarrierOp>();
    populateLookup(patterns, target, enabled);
    if (enabled.contains("i8mm")) {
      patterns.add<ConvertMatmul>(context);
      target.addIllegalOp<dot::MatmulOp>();
    }
    if (enabled.contains("avx2")) {
      patterns.add<ConvertWideProduct>(context);
      target.addDynamicallyLegalOp<arith::MulSIExtendedOp>(
          [](arith::MulSIExtendedOp op) {
            return !ConvertWideProduct::applies(op);
          });
    }
    if (enabled.contains("avx512vbmi")) {
      patterns.add<MergeShuffles>(context);
      target.addDynamicallyLegalOp<vector::ShuffleOp>(
          [](vector::ShuffleOp op) { return !MergeShuffles::applies(op); });
    }
    if (enabled.contains("avx512bw")) {
      populateNarrowToBytes(patterns, target);
    } else if (enabled.contains("avx2")) {
      patterns.add<ConvertSaturation>(context);
      target.addDynamicallyLegalOp<arith::TruncIOp>([](arith::TruncIOp op) {
        return !ConvertSaturation::getClamped(op);
      });
    }
    bool neon = enabled.contains("neon");
    patterns.add<ConvertScheduleBarrier>(context, neon ? "w" : "v");
    if (neon || enabled.contains("avx2")) {
      patterns.add<ConvertRound>(context, neon);
      target.addDynamicallyLegalOp<arith::FPToSIOp>(
          [=](arith::FPToSIOp op) { return !ConvertRound::applies(op, neon); });
    }
    target.markUnknownOpDynamicallyLegal([](Operation *) { return true; });
    if (failed(applyPartialConversion(getOperation(), target,
                                      std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
