// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "AffineChain.h"
#include "ConvLike.h"
#include "mlir/IR/Matchers.h"
#include "quantc/Dialect/Quantc/IR/ConstantUtils.h"
#include "quantc/Dialect/Quantc/IR/EraseUnused.h"

using namespace mlir;
using namespace quantc;

namespace {

/// y = x · scale[c] + shift[c], in f64 until the end.
struct Affine {
  SmallVector<double> scale, shift;

  explicit Affine(int64_t channels)
      : scale(channels, 1.0), shift(channels, 0.0) {}

  bool scales() const {
    return llvm::any_of(scale, [](double s) { return s != 1.0; });
  }
};

/// Per-channel values: one for all, or as many as there are channels.
struct PerChannel {
  SmallVector<float> values;
  double operator[](int64_t channel) const {
    return values[values.size() == 1 ? 0 : channel];
  }
};

} // namespace

/// The constant as per-channel values that broadcast along the last dimension.
static std::optional<PerChannel> readPerChannel(Value constant,
                                                int64_t channels) {
  auto type = dyn_cast<RankedTensorType>(constant.getType());
  if (!type || !type.hasStaticShape())
    return std::nullopt;
  int64_t count = type.getNumElements();
  if (count != 1 && (count != channels || type.getShape().back() != channels))
    return std::nullopt;
  if (auto values = readConstant<float>(constant))
    return PerChannel{std::move(*values)};
  return std::nullopt;
}

/// x · c and c - x; the others are x + c and x - c.
static bool isScale(OpOperand &use) {
  return isa<tosa::MulOp>(use.getOwner()) ||
         (isa<tosa::SubOp>(use.getOwner()) && use.getOperandNumber() == 1);
}

/// Takes over what the owner of `use` does to it; false where that is none of
/// `kinds`.
static bool absorb(OpOperand &use, Affine &affine, AffineKinds kinds) {
  Operation *op = use.getOwner();
  if (op->getNumResults() != 1 || op->getNumOperands() < 2 ||
      op->getResult(0).getType() != use.get().getType())
    return false;
  bool first = use.getOperandNumber() == 0;
  if (kinds == AffineKinds::Shifts && isScale(use))
    return false;
  int64_t channels = affine.scale.size();
  auto constant = readPerChannel(op->getOperand(first ? 1 : 0), channels);
  if (!constant)
    return false;
  return TypeSwitch<Operation *, bool>(op)
      .Case([&](tosa::MulOp) {
        for (int64_t c = 0; c < channels; ++c) {
          affine.scale[c] *= (*constant)[c];
          affine.shift[c] *= (*constant)[c];
        }
        return true;
      })
      .Case([&](tosa::AddOp) {
        for (int64_t c = 0; c < channels; ++c)
          affine.shift[c] += (*constant)[c];
        return true;
      })
      .Case([&](tosa::SubOp) {
        for (int64_t c = 0; c < channels; ++c) {
          if (first) {
            affine.shift[c] -= (*constant)[c];
          } else {
            affine.scale[c] = -affine.scale[c];
            affine.shift[c] = (*constant)[c] - affine.shift[c];
          }
        }
        return true;
      })
      .Default([](Operation *) { return false; });
}

/// Rounds once; false where a result is no finite f32.
static bool roundAll(ArrayRef<double> values, SmallVectorImpl<float> &rounded) {
  rounded.assign(values.begin(), values.end());
  return llvm::all_of(rounded, [](float v) { return std::isfinite(v); });
}

static void foldChain(Operation *conv, AffineKinds kinds) {
  auto weight = readConstant<float>(getConvWeight(conv).get());
  auto bias = readConstant<float>(getConvBias(conv).get());
  auto outputType = dyn_cast<RankedTensorType>(conv->getResult(0).getType());
  if (!weight || !bias || !outputType || !outputType.getElementType().isF32())
    return;
  ChannelLayout layout = getConvWeightLayout(conv);
  Affine affine(layout.channels);

  SmallVector<OpOperand *> absorbed;
  for (Value value = conv->getResult(0); value.hasOneUse();) {
    OpOperand &use = *value.use_begin();
    Operation *user = use.getOwner();
    if (auto reshape = dyn_cast<tosa::ReshapeOp>(user)) {
      ArrayRef<int64_t> shape = reshape.getType().getShape();
      if (shape.empty() || shape.back() != layout.channels)
        break;
    } else if (absorb(use, affine, kinds)) {
      absorbed.push_back(&use);
    } else {
      break;
    }
    value = user->getResult(0);
  }
  if (absorbed.empty() ||
      (kinds == AffineKinds::ScalesAndShifts &&
       llvm::none_of(absorbed, [](OpOperand *use) { return isScale(*use); })))
    return;

  SmallVector<double> newWeight(weight->size()), newBias(layout.channels);
  for (auto [i, w] : llvm::enumerate(*weight))
    newWeight[i] = w * affine.scale[(i / layout.inner) % layout.channels];
  for (int64_t c = 0; c < layout.channels; ++c)
    newBias[c] =
        (*bias)[bias->size() == 1 ? 0 : c] * affine.scale[c] + affine.shift[c];
  SmallVector<float> roundedWeight, roundedBias;
  if (!roundAll(newWeight, roundedWeight) || !roundAll(newBias, roundedBias))
    return;

  OpBuilder builder(conv);
  auto replace = [&](OpOperand &operand, ArrayRef<int64_t> shape,
                     ArrayRef<float> values) {
    Operation *old = operand.get().getDefiningOp();
    Attribute attr;
    matchPattern(old, m_Constant(&attr));
    StringRef name = getResourceName(attr);
    operand.set(makeConstant(builder, old->getLoc(), shape, values,
                             name.empty() ? "folded" : name));
    eraseUnused(old);
  };
  if (affine.scales())
    replace(
        getConvWeight(conv),
        cast<RankedTensorType>(getConvWeight(conv).get().getType()).getShape(),
        roundedWeight);
  replace(getConvBias(conv), layout.channels, roundedBias);

  SmallVector<Location> locations{conv->getLoc()};
  for (OpOperand *use : absorbed) {
    Operation *op = use->getOwner();
    locations.push_back(op->getLoc());
    op->getResult(0).replaceAllUsesWith(use->get());
    eraseUnused(op);
  }
  conv->setLoc(FusedLoc::get(conv->getContext(), locations));
}

void quantc::foldAffineChains(func::FuncOp function, AffineKinds kinds) {
  SmallVector<Operation *> convs;
  function.walk([&](Operation *op) {
    if (isConvLike(op))
      convs.push_back(op);
  });
  for (Operation *conv : convs)
    foldChain(conv, kinds);
}
