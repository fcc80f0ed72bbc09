// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "OnnxMutator.h"
#include <cfloat>
#include <cmath>
#include <limits>

using namespace quantc::test;
using ::onnx::AttributeProto;
using ::onnx::GraphProto;
using ::onnx::ModelProto;
using ::onnx::NodeProto;
using ::onnx::TensorProto;

void Mutator::flipBits(std::string &bytes) {
  for (uint64_t i = 0, n = 1 + below(8); i < n && !bytes.empty(); ++i)
    bytes[below(bytes.size())] ^= static_cast<char>(1 << below(8));
}

void Mutator::moveBytes(std::string &bytes) {
  size_t begin = below(bytes.size());
  size_t length = std::min<size_t>(1 + below(64), bytes.size() - begin);
  std::string range = bytes.substr(begin, length);
  if (chance(3))
    bytes.erase(begin, length);
  else
    bytes.insert(below(bytes.size()), range);
}

int64_t Mutator::interestingInt() {
  static constexpr int64_t values[] = {
      0,         1,         -1,        2,         3,         -2,
      5,         7,         64,        -64,       1000,      65536,
      INT32_MAX, INT32_MIN, 1LL << 31, 1LL << 32, 1LL << 40, (1LL << 62) + 1,
      INT64_MAX, INT64_MIN};
  return values[below(std::size(values))];
}

float Mutator::interestingFloat() {
  static constexpr float values[] = {0.0f,
                                     -0.0f,
                                     1.0f,
                                     -1.0f,
                                     0.5f,
                                     FLT_MAX,
                                     -FLT_MAX,
                                     FLT_MIN / 4,
                                     std::numeric_limits<float>::infinity(),
                                     -std::numeric_limits<float>::infinity(),
                                     std::numeric_limits<float>::quiet_NaN()};
  return values[below(std::size(values))];
}

template <typename Repeated>
static auto *pick(Mutator &mutator, Repeated *field) {
  return field->empty() ? nullptr
                        : field->Mutable(mutator.below(field->size()));
}

std::string Mutator::someName(const GraphProto &graph) {
  switch (below(6)) {
  case 0:
    return "";
  case 1:
    return std::string("\xff\xfe\0\n\"", 5);
  case 2:
    return std::string(100000, 'x');
  case 3:
    if (graph.initializer_size())
      return graph.initializer(below(graph.initializer_size())).name();
    [[fallthrough]];
  default:
    if (!graph.node_size())
      return "x";
    const NodeProto &node = graph.node(below(graph.node_size()));
    if (chance(2) && node.output_size())
      return node.output(0);
    return node.input_size() ? node.input(0) : "x";
  }
}

void Mutator::changeTensor(TensorProto &tensor) {
  switch (below(8)) {
  case 0:
  case 1:
    if (tensor.dims_size())
      tensor.set_dims(below(tensor.dims_size()), interestingInt());
    else
      tensor.add_dims(interestingInt());
    return;
  case 2:
    tensor.set_data_type(static_cast<int32_t>(below(24)) - 1);
    return;
  case 3:
    if (tensor.float_data_size())
      tensor.set_float_data(below(tensor.float_data_size()),
                            interestingFloat());
    else if (tensor.raw_data().size() >= 4)
      tensor.mutable_raw_data()->replace(tensor.raw_data().size() / 4 / 2 * 4,
                                         4, std::string("\0\0\xc0\x7f", 4));
    return;
  case 4:
    if (tensor.int64_data_size())
      tensor.set_int64_data(below(tensor.int64_data_size()), interestingInt());
    else
      tensor.mutable_raw_data()->append("abc");
    return;
  case 5:
    tensor.set_data_location(TensorProto::EXTERNAL);
    return;
  case 6:
    for (uint64_t i = 0, n = below(20); i < n; ++i)
      tensor.add_dims(1);
    return;
  default:
    tensor.clear_raw_data();
    tensor.clear_dims();
  }
}

void Mutator::changeAttribute(NodeProto &node) {
  AttributeProto *attribute = pick(*this, node.mutable_attribute());
  if (!attribute || chance(8)) {
    static const char *const names[] = {"axis",  "axes",      "pads",
                                        "group", "ceil_mode", "kernel_shape",
                                        "perm",  "strides",   "dilations"};
    attribute = node.add_attribute();
    attribute->set_name(names[below(std::size(names))]);
    attribute->set_type(chance(2) ? AttributeProto::INTS : AttributeProto::INT);
    attribute->set_i(interestingInt());
    for (uint64_t i = 0, n = below(6); i < n; ++i)
      attribute->add_ints(interestingInt());
    return;
  }
  switch (below(6)) {
  case 0:
    attribute->set_type(
        static_cast<AttributeProto::AttributeType>(1 + below(10)));
    return;
  case 1:
    attribute->set_name("unheard_of");
    return;
  case 2:
    node.mutable_attribute()->DeleteSubrange(0, 1);
    return;
  default:
    attribute->set_i(interestingInt());
    attribute->set_f(interestingFloat());
    if (attribute->ints_size())
      attribute->set_ints(below(attribute->ints_size()), interestingInt());
    if (chance(4))
      attribute->add_ints(interestingInt());
    if (attribute->has_s())
      attribute->set_s(chance(2) ? "SAME_LOWER" : std::string("\0\xff", 2));
    if (attribute->has_t())
      changeTensor(*attribute->mutable_t());
  }
}

void Mutator::changeNode(GraphProto &graph) {
  NodeProto *node = pick(*this, graph.mutable_node());
  if (!node)
    return;
  switch (below(7)) {
  case 0:
    node->set_op_type(graph.node(below(graph.node_size())).op_type());
    return;
  case 1:
    if (std::string *input = pick(*this, node->mutable_input()))
      *input = someName(graph);
    return;
  case 2:
    if (std::string *output = pick(*this, node->mutable_output()))
      *output = someName(graph);
    return;
  case 3:
    if (chance(2))
      node->add_input(someName(graph));
    else if (node->input_size())
      node->mutable_input()->RemoveLast();
    return;
  case 4:
    if (chance(2))
      node->add_output(someName(graph));
    else
      node->set_name(someName(graph));
    return;
  default:
    changeAttribute(*node);
  }
}

void Mutator::changeInterface(GraphProto &graph) {
  bool input = chance(2);
  auto *info =
      pick(*this, input ? graph.mutable_input() : graph.mutable_output());
  if (!info)
    return;
  auto *tensor = info->mutable_type()->mutable_tensor_type();
  switch (below(6)) {
  case 0:
    tensor->set_elem_type(static_cast<int>(below(24)) - 1);
    return;
  case 1:
    info->set_name(someName(graph));
    return;
  case 2:
    tensor->clear_shape();
    return;
  case 3:
    tensor->mutable_shape()->add_dim()->set_dim_value(interestingInt());
    return;
  default:
    if (auto *dim = pick(*this, tensor->mutable_shape()->mutable_dim()))
      dim->set_dim_value(interestingInt());
  }
}

void Mutator::changeOrder(GraphProto &graph) {
  int nodes = graph.node_size(), tensors = graph.initializer_size();
  switch (below(5)) {
  case 0:
    if (nodes)
      graph.mutable_node()->SwapElements(below(nodes), below(nodes));
    return;
  case 1:
    if (nodes)
      graph.mutable_node()->DeleteSubrange(below(nodes), 1);
    return;
  case 2:
    if (nodes)
      *graph.add_node() = NodeProto(graph.node(below(nodes)));
    return;
  case 3:
    if (tensors)
      graph.mutable_initializer()->DeleteSubrange(below(tensors), 1);
    return;
  default:
    if (tensors)
      *graph.add_initializer() = TensorProto(graph.initializer(below(tensors)));
  }
}

void Mutator::changeField(ModelProto &model) {
  GraphProto &graph = *model.mutable_graph();
  switch (below(16)) {
  case 0:
    if (chance(8))
      return model.clear_graph();
    if (model.opset_import_size())
      model.mutable_opset_import(0)->set_version(chance(2) ? interestingInt()
                                                           : 7 + below(18));
    return;
  case 1:
  case 2:
    return changeOrder(graph);
  case 3:
  case 4:
    return changeInterface(graph);
  case 5:
  case 6:
  case 7:
  case 8:
    if (TensorProto *tensor = pick(*this, graph.mutable_initializer()))
      changeTensor(*tensor);
    return;
  default:
    return changeNode(graph);
  }
}
