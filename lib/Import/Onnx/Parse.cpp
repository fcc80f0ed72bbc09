// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Parse.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/StringExtras.h"
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/text_format.h>

using namespace mlir;
using namespace quantc::onnximport;
namespace pb = google::protobuf;

/// The binary form begins with a small number, so a control character shows up
/// at once.
static bool looksLikeText(StringRef bytes) {
  bytes = bytes.take_front(256);
  return !bytes.trim().empty() && llvm::all_of(bytes, [](unsigned char c) {
    return c >= 0x20 || llvm::isSpace(c);
  });
}

namespace {
/// Keeps the first error of the text parser, where protobuf would print them.
struct FirstError : pb::io::ErrorCollector {
  int line = -1, column = 0;
  std::string message;

  void AddError(int l, pb::io::ColumnNumber c,
                const std::string &text) override {
    if (!message.empty())
      return;
    line = l;
    column = c;
    message = text;
  }
};
} // namespace

static bool parseText(llvm::MemoryBufferRef buffer, MLIRContext *context,
                      ParsedModel &model) {
  FirstError errors;
  pb::TextFormat::ParseInfoTree tree;
  pb::TextFormat::Parser parser;
  parser.RecordErrorsTo(&errors);
  parser.WriteLocationsTo(&tree);
  parser.SetRecursionLimit(100);
  pb::io::ArrayInputStream stream(buffer.getBufferStart(),
                                  static_cast<int>(buffer.getBufferSize()));
  if (!parser.Parse(&stream, model.proto.get())) {
    emitError(FileLineColLoc::get(context, buffer.getBufferIdentifier(),
                                  errors.line + 1, errors.column + 1))
        << "not an ONNX model in text form: " << errors.message;
    return false;
  }
  const auto *graphField = ::onnx::ModelProto::descriptor()->FindFieldByNumber(
      ::onnx::ModelProto::kGraphFieldNumber);
  const auto *nodeField = ::onnx::GraphProto::descriptor()->FindFieldByNumber(
      ::onnx::GraphProto::kNodeFieldNumber);
  auto start = tree.GetLocation(graphField, -1);
  model.fileLocation = FileLineColLoc::get(
      context, buffer.getBufferIdentifier(), start.line + 1, start.column + 1);
  if (auto *graph = tree.GetTreeForNested(graphField, -1))
    for (int i = 0; i < model.proto->graph().node_size(); ++i) {
      auto at = graph->GetLocation(nodeField, i);
      model.nodeLocations.push_back(FileLineColLoc::get(
          context, buffer.getBufferIdentifier(), at.line + 1, at.column + 1));
    }
  return true;
}

ParsedModel quantc::onnximport::parseModel(llvm::MemoryBufferRef buffer,
                                           MLIRContext *context) {
  ParsedModel model;
  model.fileLocation =
      FileLineColLoc::get(context, buffer.getBufferIdentifier(), 0, 0);
  auto fail = [&](const Twine &message) {
    emitError(model.fileLocation) << message;
    model.proto.reset();
    return std::move(model);
  };
  if (buffer.getBufferSize() == 0)
    return fail("the file is empty; an ONNX model was expected");
  if (buffer.getBufferSize() > INT32_MAX)
    return fail("the file exceeds 2 GiB, the limit of protobuf");

  model.proto = std::make_unique<::onnx::ModelProto>();
  if (looksLikeText(buffer.getBuffer())) {
    if (!parseText(buffer, context, model))
      model.proto.reset();
    return model;
  }
  if (!model.proto->ParseFromArray(buffer.getBufferStart(),
                                   static_cast<int>(buffer.getBufferSize())))
    return fail("not an ONNX model, or a damaged one: protobuf can't parse it");
  return model;
}
