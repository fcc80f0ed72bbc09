// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The plan of a quantization: which operations become integer and how they
// round. It knows no target; a saved plan, given back, gives the same module.

#ifndef QUANTC_TRANSFORMS_PLAN_H
#define QUANTC_TRANSFORMS_PLAN_H

#include "quantc/Quantization/Requantize.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/JSON.h"

namespace quantc {

/// As JSON:
///   {"version": 1, "nodes": [
///     {"node": "conv1", "form": "integer", "rounding": "f32 half_even"},
///     {"node": "softmax", "form": "float", "reason": "it has no integer
///     form"}]}
/// A node of the source model that became several operations has several
/// entries: "conv1", "conv1#1", … in the order of the module.
class Plan {
public:
  static constexpr int64_t version = 1;

  struct Entry {
    std::string node;
    bool isInteger = false;
    /// Of an integer operation.
    RoundingDomain domain = RoundingDomain::F32;
    RoundingDirection direction = RoundingDirection::HalfEven;
    /// Why an operation stays float: "it ...".
    std::string reason;
  };

  llvm::ArrayRef<Entry> getEntries() const { return entries; }
  const Entry *lookup(llvm::StringRef node) const;
  /// The name of the node must be new.
  void add(Entry entry);

  llvm::json::Value toJSON() const;
  /// Errors begin with `fileName`.
  static llvm::Expected<Plan> parse(llvm::StringRef text,
                                    llvm::StringRef fileName);
  static llvm::Expected<Plan> load(llvm::StringRef path);
  /// Writes the file in one step: a failure leaves no partial file.
  llvm::Error save(llvm::StringRef path) const;

private:
  std::vector<Entry> entries;
  llvm::StringMap<size_t> index;
};

} // namespace quantc

#endif // QUANTC_TRANSFORMS_PLAN_H
