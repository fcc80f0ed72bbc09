// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Compiled models in this process.

#ifndef QUANTC_EXECUTION_COMPILEDMODEL_H
#define QUANTC_EXECUTION_COMPILEDMODEL_H

#include "quantc/Execution/Compiler.h"
#include "quantc/Execution/ThreadPool.h"
#include <memory>

namespace quantc {

/// The very object that would ship, loaded, with an arena of its own.
class CompiledModel {
public:
  /// Loads object code (ORC's object layer). It sees the symbols of the
  /// process, which reference code needs and ours doesn't
  /// (verifySelfContained).
  static llvm::Expected<CompiledModel> load(const CompiledCode &code);
  /// Loads a `.so`, `.o` or `.a` that quantc made. Error, which names the file,
  /// if it is anything else, or made for a machine that this one isn't.
  static llvm::Expected<CompiledModel> open(llvm::StringRef path);

  CompiledModel(CompiledModel &&);
  CompiledModel &operator=(CompiledModel &&);
  ~CompiledModel();

  const ModelInterface &getInterface() const;

  /// Lets runs use the threads of a pool; of none, if it is null. Nothing else
  /// may use the pool at the same time.
  void useThreads(std::shared_ptr<ThreadPool> pool);

  /// Runs once; a pointer per input and output, to memory of their byte sizes.
  /// Error if the code returns one.
  llvm::Error run(llvm::ArrayRef<const void *> inputs,
                  llvm::ArrayRef<void *> outputs) const;

  /// The address of a symbol of the object, or null.
  void *lookup(llvm::StringRef symbol) const;

private:
  struct Impl;
  explicit CompiledModel(std::unique_ptr<Impl> impl);
  static llvm::Expected<CompiledModel> finish(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl;
};

/// Memory for the inputs and outputs of one run, aligned to 64 bytes.
class RunBuffers {
public:
  explicit RunBuffers(const ModelInterface &interface);

  llvm::MutableArrayRef<char> getInput(size_t i) { return inputs[i].get(); }
  llvm::ArrayRef<char> getOutput(size_t i) const { return outputs[i].get(); }
  llvm::Error run(const CompiledModel &model);

private:
  struct Buffer {
    std::unique_ptr<char, void (*)(char *)> memory;
    size_t size;
    llvm::MutableArrayRef<char> get() const { return {memory.get(), size}; }
  };
  static Buffer allocate(size_t size);

  std::vector<Buffer> inputs, outputs;
};

} // namespace quantc

#endif // QUANTC_EXECUTION_COMPILEDMODEL_H
