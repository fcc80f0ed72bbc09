// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Quantization/QConfig.h"
#include "TestUtils.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace quantc;
using namespace llvm;

static QConfig parse(StringRef text) { return take(QConfig::parse(text)); }

TEST(QConfig, Presets) {
  const OpQConfig preset = *take(QConfig::getPreset("default")).getGlobal();
  EXPECT_EQ(preset.activation.kind, ObserverKind::Histogram);
  EXPECT_EQ(preset.activation.range, (QuantRange{-128, 127}));
  EXPECT_EQ(preset.weight.kind, ObserverKind::PerChannelMinMax);
  EXPECT_EQ(preset.weight.scheme, QScheme::Symmetric);
  EXPECT_EQ(preset.weight.range, (QuantRange{-127, 127}));
  EXPECT_EQ(*parse("{}").getGlobal(), preset);

  const OpQConfig x86 = *parse(R"({"preset": "x86"})").getGlobal();
  EXPECT_FALSE(x86.activation.isSigned);
  EXPECT_EQ(x86.activation.range, (QuantRange{0, 255}));
  EXPECT_FALSE(x86.activation.reduceRange);
  EXPECT_EQ(x86.weight.kind, ObserverKind::PerChannelMinMax);
  EXPECT_EQ(x86.weight.range, (QuantRange{-128, 127}));

  const OpQConfig qnnpack = *parse(R"({"preset": "qnnpack"})").getGlobal();
  EXPECT_EQ(qnnpack.activation, x86.activation);
  EXPECT_EQ(qnnpack.weight.kind, ObserverKind::MinMax);
  for (StringRef name : {"default", "x86", "qnnpack"}) {
    const OpQConfig config = *take(QConfig::getPreset(name)).getGlobal();
    EXPECT_EQ(message(config.activation.validate()), "");
    EXPECT_EQ(message(config.weight.validate()), "");
  }
  EXPECT_MESSAGE(QConfig::getPreset("arm"),
                 "no preset 'arm': use default, x86 or qnnpack");
}

// Name before regex, the first regex before others, those before the type, that
// before global; null at each level.
TEST(QConfig, Precedence) {
  QConfig config = parse(R"({
    "global": {"activation": {"kind": "minmax", "bins": 1}},
    "op_type": {"Conv": {"activation": {"bins": 2}}, "Softmax": null},
    "name_regex": [["block1/.*", {"activation": {"bins": 3}}], ["block[12]", null], ["x|y", null]],
    "name": {"block1/conv": {"activation": {"bins": 4}}, "block3/conv": null}
  })");
  auto bins = [&](StringRef type, StringRef name) {
    const OpQConfig *found = config.lookup(type, name);
    return found ? found->activation.bins : 0;
  };
  EXPECT_EQ(bins("Add", "add"), 1);
  EXPECT_EQ(bins("Conv", "conv"), 2);
  EXPECT_EQ(bins("Softmax", "softmax"), 0);
  EXPECT_EQ(bins("Conv", "block1/conv2"), 3);
  EXPECT_EQ(bins("Conv", "block2/conv2"), 0);
  EXPECT_EQ(bins("Conv", "block1/conv"), 4);
  EXPECT_EQ(bins("Conv", "block3/conv"), 0);
  // From the beginning of the name, alternatives, too.
  EXPECT_EQ(bins("Conv", "my/block2"), 2);
  EXPECT_EQ(bins("Conv", "ay"), 2);
  EXPECT_EQ(bins("Conv", "y"), 0);
  // What isn't given comes from global, what isn't given there from the preset.
  EXPECT_EQ(config.lookup("Conv", "conv")->activation.kind,
            ObserverKind::MinMax);
  EXPECT_EQ(config.lookup("Conv", "conv")->weight.range,
            (QuantRange{-127, 127}));
}

TEST(QConfig, EntriesBuildOnGlobal) {
  QConfig config = parse(
      R"({"global": null, "op_type": {"Conv": {}, "Gemm": "x86", "Add": null,
    "MatMul": {"weight": {"dtype": "int8", "kind": "minmax"}, "activation": {"dtype": "uint8", "quant_max": 127}}}})");
  EXPECT_EQ(config.getGlobal(), nullptr);
  EXPECT_EQ(config.lookup("Relu", "r"), nullptr);
  EXPECT_EQ(config.lookup("Add", "a"), nullptr);
  EXPECT_EQ(*config.lookup("Conv", "c"),
            *take(QConfig::getPreset("default")).getGlobal());
  EXPECT_EQ(*config.lookup("Gemm", "g"),
            *take(QConfig::getPreset("x86")).getGlobal());
  // Naming the type resets the range.
  const OpQConfig &matmul = *config.lookup("MatMul", "m");
  EXPECT_EQ(matmul.weight.range, (QuantRange{-128, 127}));
  EXPECT_EQ(matmul.weight.scheme, QScheme::Symmetric);
  EXPECT_EQ(matmul.activation.range, (QuantRange{0, 127}));
}

TEST(QConfig, RoundTrip) {
  for (
      StringRef text :
      {"{}", R"({"preset": "qnnpack", "global": null})",
       R"({"op_type": {"Conv": null, "Add": {"activation": {"kind": "moving_average_minmax"}}},
            "name": {"a": {"weight": {"qscheme": "affine"}}}, "name_regex": [["a.*", null], ["b", "x86"]]})"}) {
    QConfig config = parse(text);
    std::string printed = formatv("{0:2}", config.toJSON());
    EXPECT_EQ(formatv("{0:2}", parse(printed).toJSON()).str(), printed);
  }
}

TEST(QConfig, MistakesNameTheirPlace) {
  auto refuses = [](StringRef text, StringRef part) {
    EXPECT_MESSAGE(QConfig::parse(text, "q.json"), ("q.json: " + part).str());
  };
  refuses("", "the file is empty");
  refuses("{\n\"global\": }", "not valid JSON: [2:");
  refuses("[]", "expected an object");
  refuses(R"({"globl": {}})", "unknown key: expected preset, global, op_type, "
                              "name or name_regex at qconfig.globl");
  refuses(R"({"preset": "arm"})",
          "unknown preset: use default, x86 or qnnpack at qconfig.preset");
  refuses(R"({"preset": 3})", "unknown preset");
  refuses(R"({"global": 3})",
          "expected an object, the name of a preset, or null");
  refuses(R"({"global": {"activations": {}}})",
          "unknown key: expected activation or weight at "
          "qconfig.global.activations");
  refuses(R"({"global": {"weight": {"kind": "mean"}}})", "expected minmax");
  refuses(R"({"global": {"activation": {"kind": "per_channel_minmax"}}})",
          "activations are quantized per tensor");
  refuses(R"({"op_type": []})", "expected an object at qconfig.op_type");
  refuses(
      R"({"op_type": {"Conv": "arm"}})",
      "unknown preset: use default, x86 or qnnpack at qconfig.op_type.Conv");
  refuses(R"({"name": {"a": {"weight": {"bins": "x"}}}})",
          "expected an integer at qconfig.name.a.weight.bins");
  refuses(R"({"name_regex": {}})",
          "expected an array of [regex, config] pairs at qconfig.name_regex");
  refuses(R"({"name_regex": [["a"]]})",
          "expected a [regex, config] pair at qconfig.name_regex[0]");
  refuses(
      R"({"name_regex": [["(", null]]})",
      "not a POSIX extended regular expression at qconfig.name_regex[0][0]");
  refuses(R"({"name_regex": [["a", 7]]})",
          "expected an object, the name of a preset, or null (leave in float) "
          "at qconfig.name_regex[0][1]");
  EXPECT_MESSAGE(QConfig::load("no/such/file.json"), "no/such/file.json: ");
}

// The examples of docs/QConfig.md are read as they stand there.
TEST(QConfig, DocumentedExamples) {
  auto buffer =
      MemoryBuffer::getFile(QUANTC_UNITTEST_DIR "/../../docs/QConfig.md");
  ASSERT_TRUE(buffer);
  StringRef text = (*buffer)->getBuffer();
  int examples = 0;
  while (true) {
    auto [before, rest] = text.split("```json\n");
    if (rest.empty())
      break;
    auto [example, after] = rest.split("```");
    EXPECT_EQ(message(QConfig::parse(example)), "") << example.str();
    ++examples;
    text = after;
  }
  EXPECT_GE(examples, 2);
}
