// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Tables of 256 bytes in registers. Loops keep them there, or what has no room
// on the stack.

#include "Lookup.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "quantc/Dialect/Dot/IR/Dot.h"

using namespace mlir;
using namespace quantc;

namespace {

/// Bytes of the shortest registers, and rows of a table that instructions for
/// these take at a time.
constexpr int64_t kRowBytes = 16;

class Lookup {
public:
  Lookup(OpBuilder &b, Location loc, Value table)
      : b(b), loc(loc), table(table) {}

  /// avx512vbmi: vpermi2b takes seven bits of an index, the eighth chooses
  /// between two of them.
  Value permute(Value indices) {
    Type type = indices.getType();
    auto half = [&](int64_t first) {
      return call("llvm.x86.avx512.vpermi2var.qi.512", type,
                  {load(first, 64), indices, load(first + 64, 64)});
    };
    Value negative = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt,
                                           indices, splat(type, 0));
    return arith::SelectOp::create(b, loc, negative, half(0), half(128));
  }

  /// neon: tbl takes four registers, and gives zero beyond them; tbx leaves
  /// what it was given.
  Value lookUpRegisters(Value indices) {
    Type type = indices.getType();
    Value result;
    for (int64_t first = 0; first < 256; first += 4 * kRowBytes) {
      SmallVector<Value> operands;
      if (result)
        operands.push_back(result);
      for (int64_t row = 0; row < 4; ++row)
        operands.push_back(load(first + row * kRowBytes, kRowBytes));
      // From 0 in this part of the table.
      operands.push_back(
          arith::SubIOp::create(b, loc, indices, splat(type, first - 128)));
      result = call(result ? "llvm.aarch64.neon.tbx4.v16i8"
                           : "llvm.aarch64.neon.tbl4.v16i8",
                    type, operands);
    }
    return result;
  }

  /// avx2: vpshufb takes four bits of an index, and gives zero where the eighth
  /// is set. With 16 r taken from indices between 0 and 127, it sees those from
  /// row r on; as rows are differences (exclusive or) to the ones before, their
  /// sum is the entry. Saturation keeps negative indices out.
  Value shuffle(Value indices) {
    Type type = indices.getType();
    SmallVector<int64_t> twice;
    for (int64_t i = 0; i < 2 * kRowBytes; ++i)
      twice.push_back(i % kRowBytes);
    Value sixteen = splat(type, kRowBytes), result;
    for (int64_t first : {0, 128}) {
      Value at = first ? indices : exclusiveOr(indices, splat(type, -128));
      Value before;
      for (int64_t row = first; row < first + 128; row += kRowBytes) {
        Value entries = load(row, kRowBytes), difference = entries;
        if (before) {
          difference = exclusiveOr(entries, before);
          at = LLVM::SSubSat::create(b, loc, type, at, sixteen);
        }
        before = entries;
        difference =
            vector::ShuffleOp::create(b, loc, difference, difference, twice);
        Value found = call("llvm.x86.avx2.pshuf.b", type, {difference, at});
        result = result ? exclusiveOr(result, found) : found;
      }
    }
    return result;
  }

private:
  Value load(int64_t first, int64_t size) {
    Value at = arith::ConstantIndexOp::create(b, loc, first);
    return vector::LoadOp::create(
        b, loc, VectorType::get({size}, b.getI8Type()), table, at);
  }

  Value splat(Type type, int64_t value) {
    return arith::ConstantOp::create(
        b, loc,
        DenseElementsAttr::get(cast<VectorType>(type),
                               APInt(8, value, /*isSigned=*/true,
                                     /*implicitTrunc=*/true)));
  }

  Value exclusiveOr(Value x, Value y) {
    return arith::XOrIOp::create(b, loc, x, y);
  }

  Value call(StringRef intrinsic, Type type, ValueRange operands) {
    return LLVM::CallIntrinsicOp::create(b, loc, type,
                                         b.getStringAttr(intrinsic), operands)
        .getResult(0);
  }

  OpBuilder &b;
  Location loc;
  Value table;
};

struct LookupForm {
  StringLiteral feature;
  /// Indices at a time, and for how many that is less than one load for each.
  int64_t lanes, least;
  Value (Lookup::*emit)(Value indices);
};

// The best first.
constexpr LookupForm kForms[] = {
    {"avx512vbmi", 64, 8, &Lookup::permute},
    {"avx2", 32, 32, &Lookup::shuffle},
    {"neon", 16, 8, &Lookup::lookUpRegisters},
};

struct ConvertLookup : OpRewritePattern<dot::LookupOp> {
  ConvertLookup(MLIRContext *context, const LookupForm *form)
      : OpRewritePattern(context), form(form) {}

  LogicalResult matchAndRewrite(dot::LookupOp op,
                                PatternRewriter &rewriter) const override {
    int64_t count = op.getIndices().getType().getNumElements();
    rewriter.replaceOp(op, form && count >= form->least
                               ? emitRegisters(op, count, rewriter)
                               : emitLoads(op, count, rewriter));
    return success();
  }

private:
  /// As many registers of indices as it takes; the last may be filled up.
  Value emitRegisters(dot::LookupOp op, int64_t count, OpBuilder &b) const {
    Location loc = op.getLoc();
    Lookup lookup(b, loc, op.getTable());
    int64_t lanes = form->lanes;
    auto all =
        VectorType::get({int64_t(llvm::alignTo(count, lanes))}, b.getI8Type());
    Value result = arith::ConstantOp::create(b, loc, b.getZeroAttr(all));
    for (int64_t first = 0; first < count; first += lanes) {
      SmallVector<int64_t> chosen;
      for (int64_t i = first; i < first + lanes; ++i)
        chosen.push_back(std::min(i, count - 1));
      Value indices = vector::ShuffleOp::create(b, loc, op.getIndices(),
                                                op.getIndices(), chosen);
      result = vector::InsertStridedSliceOp::create(
          b, loc, (lookup.*form->emit)(indices), result, first, int64_t(1));
    }
    return vector::ExtractStridedSliceOp::create(b, loc, result, int64_t(0),
                                                 count, int64_t(1));
  }

  Value emitLoads(dot::LookupOp op, int64_t count, OpBuilder &b) const {
    Location loc = op.getLoc();
    auto positions = VectorType::get({count}, b.getIndexType());
    Value at = arith::IndexCastOp::create(b, loc, positions, op.getIndices());
    Value middle = arith::ConstantOp::create(
        b, loc, DenseElementsAttr::get(positions, b.getIndexAttr(128)));
    at = arith::AddIOp::create(b, loc, at, middle);
    Value result = arith::ConstantOp::create(
        b, loc, b.getZeroAttr(op.getIndices().getType()));
    for (int64_t lane = 0; lane < count; ++lane) {
      Value position = vector::ExtractOp::create(b, loc, at, lane);
      Value entry = memref::LoadOp::create(b, loc, op.getTable(), position);
      result = vector::InsertOp::create(b, loc, entry, result, lane);
    }
    return result;
  }

  const LookupForm *form;
};

} // namespace

void quantc::populateLookup(RewritePatternSet &patterns,
                            ConversionTarget &target,
                            const llvm::StringSet<> &features) {
  const auto *form = llvm::find_if(kForms, [&](const LookupForm &form) {
    return features.contains(form.feature);
  });
  patterns.add<ConvertLookup>(patterns.getContext(),
                              form == std::end(kForms) ? nullptr : form);
  target.addIllegalOp<dot::LookupOp>();
}
