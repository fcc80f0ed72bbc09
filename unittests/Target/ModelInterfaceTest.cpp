// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Target/ModelInterface.h"
#include "quantc/Target/Header.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"
#include <gtest/gtest.h>

using namespace quantc;

static ModelInterface makeInterface() {
  ModelInterface interface;
  interface.name = "net";
  interface.inputs.push_back(
      {"im*/age", {1, 3}, ElementKind::I8, QuantParams{0.1f, -128}});
  interface.outputs.push_back({"scalar", {}, ElementKind::F32, std::nullopt});
  interface.arenaBytes = 4096;
  interface.arenaAlign = 64;
  interface.target = {"x86_64-unknown-linux-gnu", "x86-64-v3", "+fma"};
  return interface;
}

static std::string print(const llvm::json::Value &value) {
  return llvm::formatv("{0}", value).str();
}

TEST(ModelInterface, SurvivesJSON) {
  ModelInterface interface = makeInterface();
  auto read = ModelInterface::fromJSON(print(interface.toJSON()));
  ASSERT_TRUE(bool(read)) << llvm::toString(read.takeError());
  EXPECT_EQ(print(read->toJSON()), print(interface.toJSON()));
  EXPECT_EQ(read->inputs[0].params->scale, double(0.1f));
  EXPECT_EQ(read->inputs[0].params->zeroPoint, -128);
  EXPECT_FALSE(read->outputs[0].params);
}

TEST(ModelInterface, KeepsTheOrderOfVariants) {
  ModelInterface interface = makeInterface();
  EXPECT_EQ(interface.describeTarget(), "x86-64-v3");
  const std::string &triple = interface.target.triple;
  interface.variants = {{"best", {triple, "znver4", ""}},
                        {"v3+fma", interface.target}};
  EXPECT_EQ(interface.describeTarget(), "best, v3+fma");
  auto read = ModelInterface::fromJSON(print(interface.toJSON()));
  ASSERT_TRUE(bool(read)) << llvm::toString(read.takeError());
  ASSERT_EQ(read->variants.size(), 2u);
  EXPECT_EQ(read->variants[0].name, "best");
  EXPECT_EQ(read->variants[0].target.cpu, "znver4");
  EXPECT_EQ(read->variants[0].target.triple, triple);
  EXPECT_EQ(read->variants[1].target.features, "+fma");
}

TEST(ModelInterface, RefusesWhatItDidNotWrite) {
  auto refuses = [](std::string text, llvm::StringRef from,
                    llvm::StringRef to) {
    size_t at = text.find(from.str());
    EXPECT_NE(at, std::string::npos) << from.str();
    text.replace(at, from.size(), to.str());
    auto read = ModelInterface::fromJSON(text);
    bool refused = !read;
    if (!read)
      llvm::consumeError(read.takeError());
    return refused;
  };
  std::string text = print(makeInterface().toJSON());
  EXPECT_TRUE(refuses(text, "{", ""));
  EXPECT_TRUE(refuses(text, "\"abi\":1", "\"abi\":2"));
  EXPECT_TRUE(refuses(text, "\"arena_align\":64", "\"arena_align\":48"));
  EXPECT_TRUE(refuses(text, "\"arena_bytes\":4096", "\"arena_bytes\":-1"));
  EXPECT_TRUE(refuses(text, "\"shape\":[1,3]", "\"shape\":[1,0]"));
  EXPECT_TRUE(refuses(text, "\"i8\"", "\"i7\""));
  EXPECT_TRUE(refuses(text, "[1,3]", "[1,-3]"));
}

TEST(ModelInterface, Sizes) {
  ModelInterface interface = makeInterface();
  EXPECT_EQ(interface.inputs[0].getByteSize(), 3);
  EXPECT_EQ(interface.outputs[0].getElementCount(), 1);
  EXPECT_EQ(interface.outputs[0].getByteSize(), 4);
  for (auto kind : {ElementKind::F32, ElementKind::F64, ElementKind::I8,
                    ElementKind::U8, ElementKind::I16, ElementKind::U16,
                    ElementKind::I32, ElementKind::I64, ElementKind::Bool})
    EXPECT_EQ(symbolizeElementKind(stringifyElementKind(kind)), kind);
}

TEST(ModelInterface, Identifiers) {
  EXPECT_EQ(makeIdentifier("my-model.v2"), "my_model_v2");
  EXPECT_EQ(makeIdentifier("2nd"), "m2nd");
  EXPECT_EQ(makeIdentifier(""), "m");
}

/// A name from the model must not end the comment it stands in.
TEST(Header, NamesCannotEndComments) {
  std::string text;
  llvm::raw_string_ostream os(text);
  writeHeader(makeInterface(), os);
  EXPECT_EQ(text.find("im*/age"), std::string::npos);
  EXPECT_NE(text.find("im_/age"), std::string::npos);
  EXPECT_NE(text.find("#define NET_INPUT_0_SCALE 0.100000001f"),
            std::string::npos);
  EXPECT_NE(text.find("#define NET_OUTPUT_0_RANK 0\n"), std::string::npos);
  EXPECT_EQ(text.find("NET_OUTPUT_0_DIMS"), std::string::npos);
}
