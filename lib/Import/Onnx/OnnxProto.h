// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// ONNX's protobuf classes; warnings of generated code are not ours.

#ifndef QUANTC_LIB_IMPORT_ONNX_ONNXPROTO_H
#define QUANTC_LIB_IMPORT_ONNX_ONNXPROTO_H

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include <onnx/onnx_pb.h>
#pragma GCC diagnostic pop

#endif // QUANTC_LIB_IMPORT_ONNX_ONNXPROTO_H
