// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From the LLVM dialect to objects, archives and shared objects, all in memory
// and all deterministic: the same module and target give the same bytes.

#ifndef QUANTC_TARGET_OBJECT_H
#define QUANTC_TARGET_OBJECT_H

#include "mlir/IR/DialectRegistry.h"
#include "quantc/Target/ModelInterface.h"
#include "quantc/Target/TargetSpec.h"
#include "llvm/Passes/OptimizationLevel.h"
#include "llvm/Support/MemoryBufferRef.h"

namespace llvm {
class LLVMContext;
class Module;
class TargetMachine;
} // namespace llvm

namespace quantc {

using Bytes = llvm::SmallVector<char, 0>;

/// What translateToLLVMIR needs in the context of the module.
void registerLLVMTranslations(mlir::DialectRegistry &registry);

/// Translates a module that left the `llvm` phase and prepares it for
/// `machine`. Emits an error and returns null where a part has no translation.
std::unique_ptr<llvm::Module> translateToLLVMIR(mlir::ModuleOp module,
                                                llvm::StringRef name,
                                                llvm::TargetMachine &machine,
                                                llvm::LLVMContext &context);

/// Functions neither unwind nor know library functions, and are compiled for
/// the CPU of the machine (unless a kernel names its own).
void setFunctionAttributes(llvm::Module &module, llvm::TargetMachine &machine);

/// Stores the interface in a read-only section named ".quantc" (JSON), which
/// `readInterface` finds in any of the files.
void embedInterface(llvm::Module &module, const ModelInterface &interface);

/// LLVM's pipeline, knowing no library functions; then the memory intrinsics
/// that would become calls become loops.
void optimize(llvm::Module &module, llvm::TargetMachine &machine,
              llvm::OptimizationLevel level = llvm::OptimizationLevel::O2);

/// Machine code of an optimized module.
llvm::Expected<Bytes> emitObject(llvm::Module &module,
                                 llvm::TargetMachine &machine);
llvm::Expected<Bytes> emitAssembly(llvm::Module &module,
                                   llvm::TargetMachine &machine);

/// Error, naming them, if an object needs symbols that it doesn't define: it is
/// to call no allocator, no libm and no libc.
llvm::Error verifySelfContained(llvm::ArrayRef<char> object);

/// A static archive (GNU, dated 0) with one member.
llvm::Expected<Bytes> makeArchive(llvm::ArrayRef<char> object,
                                  llvm::StringRef memberName);

/// Links a shared object that exports what the object does. lld resets all
/// LLVM command-line options (cl::opt) of the process to their defaults.
llvm::Expected<Bytes> linkSharedObject(llvm::ArrayRef<char> object);

/// The first member of an archive, or the object that the file is; an error if
/// the archive ends before its member does.
llvm::Expected<llvm::MemoryBufferRef> findObject(llvm::MemoryBufferRef file);

/// The interface stored in an object, archive or shared object of ours. The
/// file's name begins the message of the error for anything else.
llvm::Expected<ModelInterface> readInterface(llvm::MemoryBufferRef file);

} // namespace quantc

#endif // QUANTC_TARGET_OBJECT_H
