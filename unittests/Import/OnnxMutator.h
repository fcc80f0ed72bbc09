// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Damages models in ways that files get damaged, and in ways they don't.

#ifndef QUANTC_UNITTESTS_IMPORT_ONNXMUTATOR_H
#define QUANTC_UNITTESTS_IMPORT_ONNXMUTATOR_H

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include <onnx/onnx_pb.h>
#pragma GCC diagnostic pop
#include <random>
#include <string>

namespace quantc::test {

/// The same seed makes the same mutations everywhere.
class Mutator {
public:
  explicit Mutator(uint64_t seed) : engine(seed) {}

  /// A number in 0 … limit - 1 (0 for limit 0).
  uint64_t below(uint64_t limit) { return limit ? engine() % limit : 0; }
  bool chance(uint64_t oneIn) { return below(oneIn) == 0; }

  void flipBits(std::string &bytes);
  /// Copies, deletes or repeats a range.
  void moveBytes(std::string &bytes);
  /// One field of a well-formed model becomes another: dimensions, names,
  /// attributes, order and number of nodes, initializers, types.
  void changeField(::onnx::ModelProto &model);

private:
  int64_t interestingInt();
  float interestingFloat();
  std::string someName(const ::onnx::GraphProto &graph);
  void changeNode(::onnx::GraphProto &graph);
  void changeAttribute(::onnx::NodeProto &node);
  void changeTensor(::onnx::TensorProto &tensor);
  void changeInterface(::onnx::GraphProto &graph);
  void changeOrder(::onnx::GraphProto &graph);

  std::mt19937_64 engine;
};

} // namespace quantc::test

#endif // QUANTC_UNITTESTS_IMPORT_ONNXMUTATOR_H
