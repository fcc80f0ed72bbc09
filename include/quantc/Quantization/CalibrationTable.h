// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Calibration tables, `.qcal`: the state of every observer, as versioned text
// (docs/Semantics.md, S31).

#ifndef QUANTC_QUANTIZATION_CALIBRATIONTABLE_H
#define QUANTC_QUANTIZATION_CALIBRATIONTABLE_H

#include "quantc/Quantization/Observers.h"
#include "llvm/ADT/StringMap.h"

namespace quantc {

class CalibrationTable {
public:
  static constexpr int64_t version = 1;

  struct Site {
    std::string name;
    std::unique_ptr<Observer> observer;
  };

  /// `moduleHash` names the observe module that the sites belong to.
  explicit CalibrationTable(std::string moduleHash = "")
      : moduleHash(std::move(moduleHash)) {}

  llvm::StringRef getModuleHash() const { return moduleHash; }
  int64_t getSampleCount() const { return samples; }
  void addSamples(int64_t count) { samples += count; }

  /// In the order in which they were added: that of the module.
  llvm::ArrayRef<Site> getSites() const { return sites; }
  /// A new site with an observer of its own. Error if the name is taken or the
  /// config invalid.
  llvm::Expected<Observer &> addSite(llvm::StringRef name,
                                     const ObserverConfig &config);
  /// Null if there is none of that name.
  Observer *lookup(llvm::StringRef name) const;

  /// Deterministic: the same state gives the same bytes. One line per site.
  void write(llvm::raw_ostream &os) const;
  /// Error, which begins with `fileName`, for text that is empty, not a
  /// calibration table, of another version, truncated or damaged.
  static llvm::Expected<CalibrationTable>
  parse(llvm::StringRef text, llvm::StringRef fileName = "table");
  static llvm::Expected<CalibrationTable> load(llvm::StringRef path);
  /// Writes the file in one step: a failure leaves no partial file.
  llvm::Error save(llvm::StringRef path) const;

  /// Error unless the table was made for the module with this hash.
  llvm::Error checkModule(llvm::StringRef expectedHash) const;

  /// Adds what `other` saw. Error, and no change, if the modules, sites or
  /// observers differ, or an observer can't be merged.
  llvm::Error merge(const CalibrationTable &other);

private:
  std::string moduleHash;
  int64_t samples = 0;
  std::vector<Site> sites;
  llvm::StringMap<size_t> index;
};

} // namespace quantc

#endif // QUANTC_QUANTIZATION_CALIBRATIONTABLE_H
