// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Damaged models never crash the importer: each of some 5,000 either imports to
// a module that verifies, or gives exactly one message. Build with the preset
// `asan` for what this is really for.

#include "OnnxMutator.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Verifier.h"
#include "quantc/Import/Onnx/OnnxImport.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

using namespace mlir;
using quantc::test::Mutator;

namespace {

struct Seed {
  std::string name;
  ::onnx::ModelProto model;
};

std::string readFile(const std::string &path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  return buffer ? (*buffer)->getBuffer().str() : std::string();
}

/// The digits example and the models of the lit tests, which cover every
/// operator.
const std::vector<Seed> &getSeeds() {
  static const std::vector<Seed> seeds = [] {
    const std::string root = QUANTC_UNITTEST_DIR "/../..";
    std::vector<Seed> result;
    Seed digits{"digits", {}};
    EXPECT_TRUE(digits.model.ParseFromString(
        readFile(root + "/examples/digits/digits.onnx")));
    result.push_back(std::move(digits));
    std::vector<std::string> paths;
    std::error_code error;
    for (llvm::sys::fs::directory_iterator
             it(root + "/test/Import/Onnx", error),
         end;
         it != end && !error; it.increment(error))
      paths.push_back(it->path());
    llvm::sort(paths);
    for (const std::string &path : paths) {
      llvm::StringRef stem = llvm::sys::path::stem(path);
      if (!llvm::StringRef(path).ends_with(".textproto") ||
          stem.starts_with("invalid"))
        continue;
      Seed seed{stem.str(), {}};
      EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(readFile(path),
                                                                &seed.model))
          << path;
      result.push_back(std::move(seed));
    }
    return result;
  }();
  return seeds;
}

/// Imports in a context of its own; counts what became of the models.
class OnnxMutationTest : public ::testing::Test {
protected:
  void check(llvm::StringRef bytes) {
    MLIRContext context(MLIRContext::Threading::DISABLED);
    std::vector<std::string> errors;
    ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
      if (diagnostic.getSeverity() == DiagnosticSeverity::Error)
        errors.push_back(diagnostic.str());
      return success();
    });
    OwningOpRef<ModuleOp> module = quantc::importOnnx(
        llvm::MemoryBufferRef(bytes, "mutated.onnx"), &context);
    if (module) {
      ++imported;
      EXPECT_TRUE(errors.empty());
      EXPECT_TRUE(succeeded(verify(*module)));
      // Whatever the names hold, the module can be printed.
      std::string text;
      llvm::raw_string_ostream os(text);
      module->print(os, OpPrintingFlags()
                            .elideLargeElementsAttrs(8)
                            .elideLargeResourceString(8)
                            .enableDebugInfo());
      EXPECT_FALSE(text.empty());
      return;
    }
    ++rejected;
    ASSERT_EQ(errors.size(), 1u);
    EXPECT_FALSE(errors[0].empty());
    // The importer says what is wrong before an operation's verifier does.
    EXPECT_EQ(errors[0].find("' op "), std::string::npos) << errors[0];
  }

  /// `rounds` mutations of each seed; `mutate` gives the bytes.
  template <typename Fn> void run(int rounds, Fn mutate) {
    for (const Seed &seed : getSeeds())
      for (int round = 0; round < rounds; ++round) {
        SCOPED_TRACE(seed.name + ", round " + std::to_string(round));
        Mutator mutator(round);
        check(mutate(seed.model, mutator));
        if (HasFatalFailure())
          return;
      }
    // Damage that always or never shows wouldn't test much.
    EXPECT_GT(imported, 0);
    EXPECT_GT(rejected, 0);
    RecordProperty("imported", imported);
    RecordProperty("rejected", rejected);
  }

  int imported = 0, rejected = 0;
};

TEST_F(OnnxMutationTest, SeedsImport) {
  ASSERT_GT(getSeeds().size(), 10u);
  for (const Seed &seed : getSeeds()) {
    SCOPED_TRACE(seed.name);
    check(seed.model.SerializeAsString());
  }
  EXPECT_EQ(rejected, 0);
}

TEST_F(OnnxMutationTest, Truncated) {
  run(40, [](const ::onnx::ModelProto &model, Mutator &mutator) {
    std::string bytes = model.SerializeAsString();
    // Every length matters near the ends, where the graph's frame is.
    size_t cut = mutator.chance(4) ? bytes.size() - mutator.below(8)
                                   : mutator.below(bytes.size());
    bytes.resize(cut);
    return bytes;
  });
}

TEST_F(OnnxMutationTest, FlippedBits) {
  run(80, [](const ::onnx::ModelProto &model, Mutator &mutator) {
    std::string bytes = model.SerializeAsString();
    mutator.flipBits(bytes);
    return bytes;
  });
}

TEST_F(OnnxMutationTest, MovedBytes) {
  run(40, [](const ::onnx::ModelProto &model, Mutator &mutator) {
    std::string bytes = model.SerializeAsString();
    mutator.moveBytes(bytes);
    return bytes;
  });
}

TEST_F(OnnxMutationTest, ChangedFields) {
  run(150, [](const ::onnx::ModelProto &model, Mutator &mutator) {
    ::onnx::ModelProto changed = model;
    for (uint64_t i = 0, n = 1 + mutator.below(3); i < n; ++i)
      mutator.changeField(changed);
    return changed.SerializeAsString();
  });
}

TEST_F(OnnxMutationTest, DamagedText) {
  run(20, [](const ::onnx::ModelProto &model, Mutator &mutator) {
    std::string text;
    google::protobuf::TextFormat::PrintToString(model, &text);
    if (mutator.chance(2))
      mutator.flipBits(text);
    else
      mutator.moveBytes(text);
    return text;
  });
}

/// Graphs in attributes of nodes in graphs …: the parser must stop, not
/// recurse.
TEST_F(OnnxMutationTest, DeepNesting) {
  ::onnx::GraphProto graph;
  for (int depth = 0; depth < 1000; ++depth) {
    ::onnx::GraphProto outer;
    outer.add_node()->add_attribute()->mutable_g()->Swap(&graph);
    graph.Swap(&outer);
  }
  ::onnx::ModelProto model;
  model.mutable_graph()->Swap(&graph);
  check(model.SerializeAsString());
  EXPECT_EQ(rejected, 1);
}

} // namespace
