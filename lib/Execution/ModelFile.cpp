// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Models from files.

#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "quantc/Dialect/Quantc/IR/NodeLocation.h"
#include "quantc/Dialect/Quantc/IR/Quantc.h"
#include "quantc/Execution/Compiler.h"
#include "quantc/Import/Onnx/OnnxImport.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace mlir;

namespace quantc {

/// The most elements of a tensor; indices in ONNX's models are as large.
static constexpr int64_t maxElements = INT32_MAX;

/// Whether the data of `attr` is in the file, and all of it.
static bool isComplete(DenseResourceElementsAttr attr) {
  const AsmResourceBlob *blob = attr.getRawHandle().getBlob();
  ShapedType type = attr.getType();
  return blob && type.getElementType().isIntOrFloat() &&
         blob->getData().size() ==
             size_t(type.getNumElements()) *
                 llvm::divideCeil(type.getElementTypeBitWidth(), 8);
}

static LogicalResult checkTypes(Operation *op, TypeRange types) {
  for (Type type : types)
    if (auto tensor = dyn_cast<RankedTensorType>(type);
        tensor && tensor.hasStaticShape()) {
      int64_t elements = 1;
      for (int64_t size : tensor.getShape())
        if (llvm::MulOverflow(elements, size, elements) ||
            elements > maxElements)
          return op->emitError()
                 << type << " exceeds " << maxElements << " elements";
    }
  return success();
}

static bool isQuantized(Type type) {
  return isa<quant::QuantizedType>(getElementTypeOrSelf(type));
}

/// The phase that `op` comes from, if models don't hold such.
static std::optional<Phase> findOrigin(Operation *op) {
  if (isa<ObserveOp>(op))
    return Phase::Observe;
  if (auto fakeQuant = dyn_cast<FakeQuantOp>(op);
      fakeQuant && fakeQuant.getParams())
    return Phase::Fold;
  if (llvm::any_of(op->getOperandTypes(), isQuantized) ||
      llvm::any_of(op->getResultTypes(), isQuantized))
    return Phase::Quantize;
  return std::nullopt;
}

/// What `import` makes is so by construction.
static LogicalResult checkModule(ModuleOp module) {
  func::FuncOp function = getModelFunction(module);
  if (!function)
    return failure();
  for (ArrayRef<Type> types :
       {function.getArgumentTypes(), function.getResultTypes()})
    for (Type type : types)
      if (isQuantized(type))
        return function.emitError()
               << "an input or output of type " << type
               << ": a model's are of storage integers or floats";
  WalkResult begun = function.walk([](Operation *op) {
    std::optional<Phase> origin = findOrigin(op);
    if (!origin)
      return WalkResult::advance();
    op->emitOpError() << "comes from the phase '" << stringifyPhase(*origin)
                      << "' (" << describeNode(op)
                      << "): give the model that this module was made from; "
                         "quant-opt goes on with the module itself";
    return WalkResult::interrupt();
  });
  if (begun.wasInterrupted() || failed(verifyPhase(module, Phase::Import)))
    return failure();
  WalkResult result = module.walk([&](Operation *op) {
    for (NamedAttribute attr : op->getDiscardableAttrs())
      if (attr.getName().strref().starts_with("quantc.")) {
        op->emitError() << "attribute '" << attr.getName().strref()
                        << "' is for a later phase: take it out";
        return WalkResult::interrupt();
      }
    if (failed(checkTypes(op, op->getResultTypes())) ||
        failed(checkTypes(op, op->getOperandTypes())))
      return WalkResult::interrupt();
    WalkResult complete = op->getAttrDictionary().walk([&](Attribute attr) {
      auto resource = dyn_cast<DenseResourceElementsAttr>(attr);
      if (!resource || isComplete(resource))
        return WalkResult::advance();
      op->emitError() << "the data of resource '"
                      << resource.getRawHandle().getKey()
                      << "' isn't in the file, or has another size";
      return WalkResult::interrupt();
    });
    return complete;
  });
  return failure(result.wasInterrupted());
}

static OwningOpRef<ModuleOp> parseModule(MLIRContext &context, StringRef path) {
  auto module = parseSourceFile<ModuleOp>(path, &context);
  if (module && failed(checkModule(*module)))
    return nullptr;
  return module;
}

llvm::Expected<OwningOpRef<ModuleOp>>
loadModel(MLIRContext &context, StringRef path, const LoadOptions &options) {
  StringRef extension = llvm::sys::path::extension(path);
  bool isOnnx = extension == ".onnx" || extension == ".textproto";
  if (!isOnnx && extension != ".mlir" && extension != ".mlirbc")
    return llvm::createStringError(
        "'%s': a model is a file .onnx (or .textproto) or .mlir (or .mlirbc)",
        path.str().c_str());
  llvm::sys::fs::file_status status;
  if (auto code = llvm::sys::fs::status(path, status))
    return llvm::createStringError(code, "'%s': %s", path.str().c_str(),
                                   code.message().c_str());
  if (llvm::sys::fs::is_directory(status))
    return llvm::createStringError("'%s' is a folder", path.str().c_str());
  if (!options.name.empty() && makeIdentifier(options.name) != options.name)
    return llvm::createStringError(
        "name '%s' is not a C identifier: the functions of the object begin "
        "with it",
        options.name.c_str());

  if (!isOnnx && options.batch)
    return llvm::createStringError("'%s': its shapes are fixed, only those of "
                                   "ONNX have a batch size to choose",
                                   path.str().c_str());

  DiagnosticCollector diagnostics(&context);
  OwningOpRef<ModuleOp> module;
  if (isOnnx) {
    OnnxImportOptions import;
    import.batch = options.batch;
    import.functionName = options.name;
    module = importOnnxFile(path, &context, import);
  } else {
    module = parseModule(context, path);
    if (module) {
      func::FuncOp function = getModelFunction(*module);
      function.setSymName(options.name.empty()
                              ? makeIdentifier(function.getSymName())
                              : options.name);
    }
  }
  if (!module) {
    std::string text =
        llvm::toString(diagnostics.takeError("the model can't be read"));
    if (!StringRef(text).contains(path)) // the place is a node
      text = (path + ": " + text).str();
    return llvm::createStringError(text);
  }
  return module;
}

} // namespace quantc
