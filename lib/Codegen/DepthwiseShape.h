// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A depthwise convolution by dot products: sizes, blocks of channels, the order
// of lanes, and the layout of its constants.

#ifndef QUANTC_LIB_CODEGEN_DEPTHWISESHAPE_H
#define QUANTC_LIB_CODEGEN_DEPTHWISESHAPE_H

#include "quantc/Codegen/TargetDescription.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"

namespace quantc {

struct DepthwiseShape {
  bool isFloat = false;
  int64_t batch = 0, height = 0, width = 0, channels = 0; ///< of the output
  int64_t kernelHeight = 0, kernelWidth = 0;
  int64_t strideH = 1, strideW = 1, dilationH = 1, dilationW = 1;
  int64_t lanes = 1;     ///< i32 or f32 in a register
  int64_t group = 1;     ///< taps in a lane: rows of the kernel
  int64_t rowGroups = 1; ///< of `group` rows
  int64_t down = 1;      ///< outputs below each other that a column serves

  /// Channels of a whole block: a register of input elements.
  int64_t blockChannels() const { return lanes * group; }
  /// Of the smallest block: what processors interleave, 16 bytes. x86's unpack
  /// instructions do so in each 16 bytes of a register.
  int64_t leastChannels() const { return 4 * group; }
  /// Channels as they are packed.
  int64_t packedChannels() const {
    return llvm::alignTo(channels, leastChannels());
  }
  /// Calls `body(first channel, size)` for the blocks: whole ones, halves of
  /// them, and the last, of which not all may exist.
  void forEachBlock(llvm::function_ref<void(int64_t, int64_t)> body) const;
  /// Registers that a block takes: the whole ones as many as taps in a lane.
  int64_t registersOf(int64_t size) const { return size <= lanes ? 1 : group; }
  /// Where channel `first + i` of a block of `size` lies among its lanes:
  /// register by register.
  llvm::SmallVector<int64_t> laneOrder(int64_t size) const;
  /// The channel of each lane of all blocks.
  llvm::SmallVector<int64_t> channelOrder() const;

  /// Weights of a channel's lane for an output.
  int64_t tapsOfOutput() const { return rowGroups * kernelWidth; }
  /// How many neighbours a column is a part of, at most.
  int64_t outputsOfColumn() const {
    return llvm::divideCeil(kernelWidth, strideW);
  }

  /// Weights as [output below][row group][column][channel, in lane order][row
  /// of the group], of those as [row][column][channel].
  template <typename T>
  llvm::SmallVector<T> packWeights(llvm::ArrayRef<T> weights) const {
    llvm::SmallVector<T> packed;
    auto order = channelOrder();
    for (int64_t tap = 0; tap < down * tapsOfOutput(); ++tap)
      for (int64_t channel : order)
        for (int64_t row = 0; row < group; ++row) {
          int64_t kx = tap % kernelWidth;
          int64_t rows = tap / kernelWidth % rowGroups;
          int64_t ky = rows * group + row - tap / tapsOfOutput();
          bool exists = ky >= 0 && ky < kernelHeight && channel < channels;
          packed.push_back(
              exists ? weights[(ky * kernelWidth + kx) * channels + channel]
                     : T(0));
        }
    return packed;
  }

  /// Takes what `offset` in every input adds to the sums from their starts.
  void takeBack(llvm::MutableArrayRef<int32_t> starts,
                llvm::ArrayRef<int8_t> weights, int32_t offset) const;

  /// A constant per channel in lane order.
  template <typename T>
  llvm::SmallVector<T> arrange(llvm::ArrayRef<T> constants) const {
    return llvm::map_to_vector(channelOrder(), [&](int64_t channel) {
      return channel < channels ? constants[channel] : T(0);
    });
  }
};

} // namespace quantc

#endif // QUANTC_LIB_CODEGEN_DEPTHWISESHAPE_H
