// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Scales and zero points, and the maps between real numbers and storage
// integers (docs/Semantics.md, S4 to S10).

#ifndef QUANTC_QUANTIZATION_QUANTPARAMS_H
#define QUANTC_QUANTIZATION_QUANTPARAMS_H

#include "quantc/Quantization/Rounding.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

namespace quantc {

/// real = (q - zeroPoint) * scale. The scale is a double that holds an f32.
struct QuantParams {
  double scale = 1.0;
  int64_t zeroPoint = 0;

  bool operator==(const QuantParams &other) const {
    return scale == other.scale && zeroPoint == other.zeroPoint;
  }
  bool operator!=(const QuantParams &other) const { return !(*this == other); }
};

/// A closed interval of reals, min ≤ max.
struct FloatRange {
  float min = 0.0f;
  float max = 0.0f;
};

/// How a real number becomes an integer. The default is PyTorch's.
struct QuantizeRule {
  ScalingForm form = ScalingForm::Reciprocal;
  ZeroPointPlacement zeroPoint = ZeroPointPlacement::AfterRounding;
  RoundingDirection direction = RoundingDirection::HalfEven;
};

/// The smallest scale that `chooseQParams` gives: the epsilon of f32, as in
/// PyTorch.
inline constexpr float minChosenScale = std::numeric_limits<float>::epsilon();

/// S4. Error if the range is empty, lacks zero or doesn't fit `bits` of
/// storage.
llvm::Error validateRange(QuantRange range, bool isSigned, unsigned bits);

/// S4. Error unless the scale is an f32, finite, positive and normal, and the
/// zero point is in `range`.
llvm::Error validateQuantParams(QuantParams params, QuantRange range);

/// S5 (affine), S6 (symmetric): scale and zero point for reals in `values`
/// (stretched to contain zero). PyTorch's `_calculate_qparams`, in f32:
/// affine: s = max((max - min)/(qmax - qmin), eps), zp = qmin - rne(min/s);
/// symmetric: s = max(max|x| / ((qmax - qmin)/2), eps), zp = 0 for signed
/// storage, else the middle of the range (128 for quint8). A symmetric range of
/// [-127, 127] therefore gives the scale of TFLite's weights.
/// Error for NaN, infinities, min > max, and widths that overflow f32.
llvm::Expected<QuantParams> chooseQParams(FloatRange values, QuantRange range,
                                          QScheme scheme, bool isSigned);

/// S7: `params` with the scale rounded *up* to a power of two. Affine: the zero
/// point is recomputed so that the reals that `params` reaches still fit (but
/// for the rounding of the zero point itself); symmetric: it stays.
/// A scale that already is a power of two comes back unchanged.
QuantParams snapToPowerOfTwo(QuantParams params, QuantRange range,
                             QScheme scheme);

/// S7: `chooseQParams`, then its scale rounded up to a power of two and the
/// zero point recomputed from `values.min` itself.
llvm::Expected<QuantParams> choosePowerOfTwoQParams(FloatRange values,
                                                    QuantRange range,
                                                    QScheme scheme,
                                                    bool isSigned);

/// S7, where it is known which values there are: of the powers of two from the
/// above downwards, the first that the next doesn't beat in squared error of
/// fake quantization. At scales at which `range` no longer fits, affine zero
/// points follow the error, too. Value i counts `counts[i]` times, or once
/// where there are no counts; neither has a NaN or an infinity.
llvm::Expected<QuantParams>
choosePowerOfTwoQParams(FloatRange range, llvm::ArrayRef<float> values,
                        llvm::ArrayRef<float> counts, QuantRange quantRange,
                        QScheme scheme, bool isSigned);

/// True if `value` is a positive normal power of two.
bool isPowerOfTwo(double value);

/// S8, in f32: v = x · (1/s), or x / s; then either
///   clamp(zp + round(v), qmin, qmax)  (AfterRounding: PyTorch), or
///   clamp(round(v + zp), qmin, qmax)  (BeforeRounding: textbooks, ONNX's
///   kernels).
/// NaN gives the zero point, infinities the ends of `range`. `range` lies
/// within ±2^20, where f32 holds every integer and half.
int64_t quantizeValue(float x, QuantParams params, QuantRange range,
                      QuantizeRule rule = {});

/// S9, in f32: (q - zp) · s.
float dequantizeValue(int64_t q, QuantParams params);

/// S10: dequantizeValue(quantizeValue(x)).
float fakeQuantizeValue(float x, QuantParams params, QuantRange range,
                        QuantizeRule rule = {});

/// How a flat row-major array is cut into channels: element i belongs to
/// channel (i / inner) % channels. One set of parameters alone means per
/// tensor.
struct ChannelLayout {
  int64_t channels = 1;
  int64_t inner = 1;

  /// The layout of `shape` with channels along `axis` (0 ≤ axis < rank).
  static ChannelLayout of(llvm::ArrayRef<int64_t> shape, int64_t axis);
};

/// The above over arrays. `params` has one entry, or `layout.channels`; sizes
/// of in and out agree; in and out may be the same memory. `T` is int8_t,
/// uint8_t, int16_t, uint16_t or int32_t. Same bits as the scalar functions.
template <typename T>
void quantize(llvm::ArrayRef<float> in, llvm::MutableArrayRef<T> out,
              llvm::ArrayRef<QuantParams> params, QuantRange range,
              ChannelLayout layout = {}, QuantizeRule rule = {});
template <typename T>
void dequantize(llvm::ArrayRef<T> in, llvm::MutableArrayRef<float> out,
                llvm::ArrayRef<QuantParams> params, ChannelLayout layout = {});
void fakeQuantize(llvm::ArrayRef<float> in, llvm::MutableArrayRef<float> out,
                  llvm::ArrayRef<QuantParams> params, QuantRange range,
                  ChannelLayout layout = {}, QuantizeRule rule = {});

} // namespace quantc

#endif // QUANTC_QUANTIZATION_QUANTPARAMS_H
