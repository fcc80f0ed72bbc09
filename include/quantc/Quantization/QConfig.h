// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// QConfigs: which values get observed how, and which nodes stay float. The JSON
// is described in docs/QConfig.md.

#ifndef QUANTC_QUANTIZATION_QCONFIG_H
#define QUANTC_QUANTIZATION_QCONFIG_H

#include "quantc/Quantization/Observers.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Regex.h"
#include <optional>

namespace quantc {

/// How one node is quantized. Constant weights are observed once, when they are
/// quantized; activations by calibration.
struct OpQConfig {
  ObserverConfig activation;
  ObserverConfig weight;

  bool operator==(const OpQConfig &other) const {
    return activation == other.activation && weight == other.weight;
  }
};

class QConfig {
public:
  /// The presets by name: "default" (int8), "x86", "qnnpack" (PyTorch's).
  static llvm::Expected<QConfig> getPreset(llvm::StringRef name);
  /// Error with line and column for text that isn't JSON, with the path of the
  /// key for everything else. `fileName` begins the message.
  static llvm::Expected<QConfig> parse(llvm::StringRef text,
                                       llvm::StringRef fileName = "qconfig");
  static llvm::Expected<QConfig> load(llvm::StringRef path);

  /// The first that speaks of the node: its exact name, the first matching
  /// regex, its type (of the source format, such as "Conv"), global: PyTorch's
  /// precedence. Null: the node stays float.
  const OpQConfig *lookup(llvm::StringRef opType,
                          llvm::StringRef nodeName) const;

  /// A node of a model, as `lookup` knows it.
  struct Node {
    llvm::StringRef type, name;
  };
  /// The entries that speak of none of `nodes`, each as a sentence that says
  /// where it is and what could have been meant; names, expressions, types.
  std::vector<std::string> describeUnused(llvm::ArrayRef<Node> nodes) const;

  /// Null if everything stays float unless said otherwise.
  const OpQConfig *getGlobal() const { return global ? &*global : nullptr; }

  /// What `parse` would read back, presets spelled out; keys sorted.
  llvm::json::Value toJSON() const;

private:
  using Entry = std::optional<OpQConfig>; // nullopt: leave in float
  struct RegexEntry {
    std::string pattern;
    Entry config;
  };

  static bool fromJSON(const llvm::json::Value &value, QConfig &config,
                       llvm::json::Path path);

  Entry global;
  llvm::StringMap<Entry> opTypes;
  llvm::StringMap<Entry> names;
  std::vector<RegexEntry> regexes;
  std::vector<llvm::Regex> compiled;
};

} // namespace quantc

#endif // QUANTC_QUANTIZATION_QCONFIG_H
