// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Observers: what calibration records at a site, and the parameters that follow
// from it (docs/Semantics.md, S25 to S30). The same numbers as PyTorch 2.13's
// torch.ao.quantization.observer on the same stream of tensors.

#ifndef QUANTC_QUANTIZATION_OBSERVERS_H
#define QUANTC_QUANTIZATION_OBSERVERS_H

#include "quantc/Quantization/QuantParams.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/JSON.h"
#include <memory>

namespace quantc {

/// The arguments of PyTorch's observers. The storage is that of `bits` and
/// `isSigned`; `range` may be narrower. In JSON, everything but `kind` may be
/// left out: see docs/QConfig.md.
struct ObserverConfig {
  ObserverKind kind = ObserverKind::MinMax;
  bool isSigned = true;
  unsigned bits = 8;
  QuantRange range{-128, 127};
  QScheme scheme = QScheme::Affine;
  /// Halves the range; for compatibility with PyTorch only: our kernels are
  /// exact without.
  bool reduceRange = false;
  /// The channel axis of the per-channel kinds; negative counts from the back.
  int64_t axis = 0;
  /// The weight of the new value in moving averages.
  double averagingConstant = 0.01;
  int64_t bins = 2048;

  bool isPerChannel() const;
  /// `range`, halved (rounding down) if `reduceRange`.
  QuantRange effectiveRange() const;
  llvm::Error validate() const;
  bool operator==(const ObserverConfig &other) const;
  bool operator!=(const ObserverConfig &other) const {
    return !(*this == other);
  }

  llvm::json::Value toJSON() const;
  /// Validated, too. Mistakes are reported through `path`.
  static bool fromJSON(const llvm::json::Value &value, ObserverConfig &config,
                       llvm::json::Path path);
};

/// Records a stream of tensors in memory that doesn't grow with the stream.
class Observer {
public:
  /// `config` must be valid.
  static std::unique_ptr<Observer> create(const ObserverConfig &config);
  virtual ~Observer();
  virtual std::unique_ptr<Observer> clone() const = 0;

  const ObserverConfig &getConfig() const { return config; }
  /// Tensors that `observe` took, empty ones not counted; merged ones added up.
  int64_t getObservationCount() const { return observations; }

  /// Takes a row-major tensor; an empty one changes nothing. Error, and no
  /// change, if a value is NaN or infinite (names how many and the first
  /// index), if `shape` doesn't fit the data, or the number of channels
  /// changed.
  llvm::Error observe(llvm::ArrayRef<float> data,
                      llvm::ArrayRef<int64_t> shape);

  /// The reals that the quantized values shall reach: one, or one per channel.
  /// Error if nothing was observed.
  llvm::Expected<llvm::SmallVector<FloatRange>> computeRanges() const;
  /// S5/S6 applied to those.
  llvm::Expected<llvm::SmallVector<QuantParams>> computeQParams() const;
  /// S7: powers of two, chosen by their error where the distribution of the
  /// values is known, else rounded up.
  llvm::Expected<llvm::SmallVector<QuantParams>>
  computePowerOfTwoQParams() const;

  /// The state without the config; every float survives the round trip exactly.
  llvm::json::Value toJSON() const;
  /// Replaces the state by what `toJSON` wrote. False, with the mistake in
  /// `path`, if it isn't that.
  bool fromJSON(const llvm::json::Value &state, llvm::json::Path path);

  /// Takes in what `other`, with the same config, saw on another part of the
  /// data. Min/max exactly; histograms within a bin; moving averages refuse,
  /// for they depend on the order of the data.
  llvm::Error merge(const Observer &other);

protected:
  explicit Observer(const ObserverConfig &config) : config(config) {}

  /// `data` isn't empty, finite, and fits `shape`.
  virtual llvm::Error update(llvm::ArrayRef<float> data,
                             llvm::ArrayRef<int64_t> shape) = 0;
  virtual llvm::SmallVector<FloatRange> ranges() const = 0;
  /// Values that stand for what was seen, and how often each was; none where
  /// only the ends are known.
  virtual void distribution(llvm::SmallVectorImpl<float> &values,
                            llvm::SmallVectorImpl<float> &counts) const {}
  virtual void writeState(llvm::json::Object &state) const = 0;
  virtual bool readState(const llvm::json::Object &state,
                         llvm::json::Path path) = 0;
  virtual llvm::Error mergeState(const Observer &other) = 0;

  ObserverConfig config;
  int64_t observations = 0;
};

} // namespace quantc

#endif // QUANTC_QUANTIZATION_OBSERVERS_H
