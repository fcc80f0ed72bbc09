// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Quantization/CalibrationTable.h"
#include "TestUtils.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace quantc;
using namespace llvm;

namespace {

constexpr ObserverKind allKinds[] = {
    ObserverKind::MinMax, ObserverKind::MovingAverageMinMax,
    ObserverKind::PerChannelMinMax, ObserverKind::MovingAveragePerChannelMinMax,
    ObserverKind::Histogram};

CalibrationTable makeTable(ArrayRef<ObserverKind> kinds,
                           StringRef hash = "abc") {
  CalibrationTable table(hash.str());
  for (ObserverKind kind : kinds) {
    ObserverConfig config;
    config.kind = kind;
    config.bins = 64;
    EXPECT_EQ(message(table.addSite(
                  "conv \"1\"/" + stringifyObserverKind(kind).str(), config)),
              "");
  }
  return table;
}

// One sample per number.
void fill(CalibrationTable &table, ArrayRef<int> samples) {
  for (int sample : samples) {
    for (const CalibrationTable::Site &site : table.getSites()) {
      Random random(sample);
      std::vector<float> data;
      for (int i = 0; i < 60; ++i)
        data.push_back((1 + sample % 5) * random.symmetric());
      EXPECT_EQ(message(site.observer->observe(data, {4, 15})), "");
    }
    table.addSamples(1);
  }
}

std::string text(const CalibrationTable &table) {
  std::string result;
  raw_string_ostream os(result);
  table.write(os);
  return result;
}

std::string replaced(std::string text, StringRef from, StringRef to) {
  size_t at = text.find(from.str());
  EXPECT_NE(at, std::string::npos) << from.str();
  return text.replace(at, from.size(), to.str());
}

} // namespace

TEST(CalibrationTable, RoundTripIsExact) {
  CalibrationTable table = makeTable(allKinds);
  for (int round = 0; round < 2; ++round) { // empty observers first
    std::string written = text(table);
    CalibrationTable read = take(CalibrationTable::parse(written));
    EXPECT_EQ(text(read), written);
    EXPECT_EQ(read.getModuleHash(), "abc");
    EXPECT_EQ(read.getSampleCount(), table.getSampleCount());
    ASSERT_EQ(read.getSites().size(), table.getSites().size());
    for (const CalibrationTable::Site &site : table.getSites()) {
      ASSERT_NE(read.lookup(site.name), nullptr);
      EXPECT_EQ(read.lookup(site.name)->getConfig(),
                site.observer->getConfig());
    }
    fill(table, {1, 2, 3});
  }
  // One line per site, and no time, machine or address.
  EXPECT_EQ(StringRef(text(table)).count('\n'), table.getSites().size() + 7);
  CalibrationTable again = makeTable(allKinds);
  fill(again, {1, 2, 3, 1, 2, 3});
  fill(table, {1, 2, 3});
  table.addSamples(-3);
  EXPECT_EQ(table.lookup("nothing"), nullptr);
  CalibrationTable twin = makeTable(allKinds);
  fill(twin, {1, 2, 3, 1, 2, 3});
  EXPECT_EQ(text(twin), text(again));
}

TEST(CalibrationTable, MergedShardsEqualOneRun) {
  const ObserverKind mergeable[] = {ObserverKind::MinMax,
                                    ObserverKind::PerChannelMinMax};
  CalibrationTable whole = makeTable(mergeable), a = makeTable(mergeable),
                   b = makeTable(mergeable);
  fill(whole, {1, 2, 3, 4, 5, 6, 7});
  fill(a, {2, 5, 7});
  fill(b, {1, 3, 4, 6});
  EXPECT_EQ(message(a.merge(b)), "");
  EXPECT_EQ(text(a), text(whole));
}

TEST(CalibrationTable, MergeRefuses) {
  CalibrationTable table = makeTable(ObserverKind::MinMax);
  EXPECT_MESSAGE(table.merge(makeTable(ObserverKind::MinMax, "xyz")),
                 "different modules (hashes abc and xyz)");
  EXPECT_MESSAGE(table.merge(makeTable({})),
                 "'conv \"1\"/minmax' is in one table only");
  EXPECT_MESSAGE(makeTable({}).merge(table), "is in one table only");
  CalibrationTable other("abc");
  ObserverConfig config;
  config.scheme = QScheme::Symmetric;
  ASSERT_EQ(message(other.addSite("conv \"1\"/minmax", config)), "");
  EXPECT_MESSAGE(table.merge(other), "configured differently");
  // One site that can't be merged: nothing is, not even the first.
  const ObserverKind kinds[] = {ObserverKind::MinMax,
                                ObserverKind::MovingAverageMinMax};
  CalibrationTable a = makeTable(kinds), b = makeTable(kinds);
  fill(a, {1});
  fill(b, {2});
  std::string before = text(a);
  EXPECT_MESSAGE(a.merge(b), "site 'conv \"1\"/moving_average_minmax': moving "
                             "averages depend on the order");
  EXPECT_EQ(text(a), before);
}

TEST(CalibrationTable, WhatIsNoTable) {
  CalibrationTable table = makeTable(allKinds);
  fill(table, {1, 2});
  std::string good = text(table);
  auto refuses = [](StringRef text, StringRef part) {
    EXPECT_MESSAGE(CalibrationTable::parse(text, "t.qcal"),
                   ("t.qcal: " + part).str());
  };
  refuses("", "the file is empty");
  refuses(" \n", "the file is empty");
  refuses("layer scale zero_point\n", "not a calibration table: ");
  refuses("{\"a\": 1}",
          "not a calibration table (there is no \"quantc_calibration\")");
  refuses("[1]", "not a calibration table");
  refuses("\x08\x07\x12\x07pytorch", "not a calibration table");
  refuses(
      replaced(good, "\"quantc_calibration\": 1", "\"quantc_calibration\": 2"),
      "the calibration table has version 2; this quantc reads version 1");
  refuses(replaced(good, "\"quantc_calibration\": 1",
                   "\"quantc_calibration\": \"1\""),
          "the calibration table has version");
  refuses(replaced(good, "\"samples\"", "\"sample\""),
          "the calibration table lacks module, samples or sites");
  refuses(replaced(good, "\"kind\":\"minmax\"", "\"kind\":\"mode\""),
          "the calibration table is damaged: expected minmax");
  refuses(replaced(good, "\"tensors\":2", "\"tensors\":-2"),
          "the calibration table is damaged: expected the state");
  refuses(replaced(good, "/moving_average_minmax", "/minmax"),
          "the calibration table is damaged: the site occurs twice at "
          "table.sites[1].name");
  // Cut anywhere: an error, never a smaller table.
  for (size_t size = 0; size + 2 < good.size(); size += 1 + size / 50) {
    std::string found = message(
        CalibrationTable::parse(StringRef(good).take_front(size), "t.qcal"));
    EXPECT_TRUE(
        contains(found, size > 64 ? "truncated or damaged" : "t.qcal: "))
        << found;
  }
  // Damaged anywhere: an error or a table, no crash.
  Random random(1);
  for (int i = 0; i < 2000; ++i) {
    std::string bad = good;
    for (int k = random.between(1, 4); k; --k)
      bad[random.between(0, bad.size() - 1)] ^= 1 << random.between(0, 7);
    Expected<CalibrationTable> result = CalibrationTable::parse(bad);
    if (!result)
      EXPECT_NE(message(result.takeError()), "");
  }
}

TEST(CalibrationTable, SitesAndModules) {
  CalibrationTable table = makeTable(ObserverKind::MinMax);
  EXPECT_MESSAGE(table.addSite("conv \"1\"/minmax", {}),
                 "two calibration sites");
  EXPECT_MESSAGE(table.addSite("\xff", {}), "not UTF-8");
  ObserverConfig config;
  config.range = {1, 2};
  EXPECT_MESSAGE(table.addSite("a", config),
                 "calibration site 'a': the quantized range [1, 2] lacks zero");
  EXPECT_EQ(message(table.checkModule("abc")), "");
  EXPECT_MESSAGE(table.checkModule("def"),
                 "belongs to another module (hash abc, expected def)");
}

TEST(CalibrationTable, Files) {
  SmallString<128> directory;
  ASSERT_FALSE(sys::fs::createUniqueDirectory("quantc-table", directory));
  std::string path = (directory + "/t.qcal").str();
  CalibrationTable table = makeTable(allKinds);
  fill(table, {4});
  EXPECT_EQ(message(table.save(path)), "");
  EXPECT_EQ(text(take(CalibrationTable::load(path))), text(table));
  std::string missing = (directory + "/none/t.qcal").str();
  EXPECT_MESSAGE(table.save(missing), "cannot write '" + missing + "'");
  EXPECT_MESSAGE(CalibrationTable::load(missing), missing + ": ");
  sys::fs::remove_directories(directory);
}
