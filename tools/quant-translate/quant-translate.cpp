// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Imports models: `quant-translate --import-onnx model.onnx`.

#include "mlir/InitAllTranslations.h"
#include "mlir/Tools/mlir-translate/MlirTranslateMain.h"
#include "mlir/Tools/mlir-translate/Translation.h"
#include "quantc/Import/Onnx/OnnxImport.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/SourceMgr.h"

static llvm::cl::opt<int64_t>
    batch("onnx-batch", llvm::cl::init(1),
          llvm::cl::desc("what a dynamic first dimension becomes (1)"));
static llvm::cl::opt<std::string>
    functionName("onnx-function", llvm::cl::init(""),
                 llvm::cl::desc("name of the function; the file's without"));

int main(int argc, char **argv) {
  mlir::registerAllTranslations();
  mlir::TranslateToMLIRRegistration importOnnx(
      "import-onnx", "import an ONNX model (binary or protobuf text)",
      [](llvm::SourceMgr &sources,
         mlir::MLIRContext *context) -> mlir::OwningOpRef<mlir::Operation *> {
        quantc::OnnxImportOptions options;
        if (batch.getNumOccurrences())
          options.batch = batch;
        options.functionName = functionName;
        const llvm::MemoryBuffer *buffer =
            sources.getMemoryBuffer(sources.getMainFileID());
        auto module =
            quantc::importOnnx(buffer->getMemBufferRef(), context, options);
        return module ? mlir::OwningOpRef<mlir::Operation *>(module.release())
                      : nullptr;
      });
  return mlir::failed(
      mlir::mlirTranslateMain(argc, argv, "quantc's translation driver\n"));
}
