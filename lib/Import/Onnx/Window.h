// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The geometry that convolutions and pools share.

#ifndef QUANTC_LIB_IMPORT_ONNX_WINDOW_H
#define QUANTC_LIB_IMPORT_ONNX_WINDOW_H

#include "Node.h"

namespace quantc::onnximport {

/// A window over height and width (height 1 for operators of one dimension),
/// fitting exactly as TOSA wants it:
///   input - crop + begin + end == (output - 1) · stride + (kernel - 1) ·
///   dilation + 1.
struct Window {
  struct Dim {
    int64_t input = 1, kernel = 1, stride = 1, dilation = 1, output = 1;
    /// Padding as the model has it …
    int64_t declaredBegin = 0, declaredEnd = 0;
    /// … and as it has to be: trailing elements that no window reaches are cut
    /// off, first from the padding, then (`crop`) from the input. `end` exceeds
    /// `declaredEnd` where `ceil_mode` lets a window hang over.
    int64_t begin = 0, end = 0, crop = 0;
  };
  Dim height, width;

  Shape kernel() const { return {height.kernel, width.kernel}; }
  Shape stride() const { return {height.stride, width.stride}; }
  Shape dilation() const { return {height.dilation, width.dilation}; }
  Shape pad() const {
    return {height.begin, height.end, width.begin, width.end};
  }
  /// The shape of the result, channels last.
  Shape outputShape(int64_t batch, int64_t channels) const {
    return {batch, height.output, width.output, channels};
  }
};

/// Reads `auto_pad`, `dilations`, `pads` and `strides` of a node whose input 0
/// is [N, C, spatial…] of rank 3 or 4; `kernel` are the window's spatial sizes.
std::optional<Window> readWindow(Node &node, llvm::ArrayRef<int64_t> kernel,
                                 bool ceilMode);

/// An error unless input 0 is [N, C, L] or [N, C, H, W].
bool checkSpatialInput(Node &node);

/// Cuts off (channels last) what no window reaches.
mlir::Value cropInput(Node &node, mlir::Value x, const Window &window);

} // namespace quantc::onnximport

#endif // QUANTC_LIB_IMPORT_ONNX_WINDOW_H
