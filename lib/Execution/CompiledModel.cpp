// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Execution/CompiledModel.h"
#include "llvm/BinaryFormat/Magic.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/ExecutionEngine/Orc/ObjectLinkingLayer.h"
#include "llvm/Support/DynamicLibrary.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/TargetParser/Host.h"

using namespace llvm;

namespace quantc {

static char *allocateAligned(size_t size, size_t alignment) {
  return static_cast<char *>(
      ::operator new(std::max<size_t>(size, 1), std::align_val_t(alignment)));
}

namespace {
/// NAME_options of the header.
struct RunOptions {
  void (*parallelFor)(void *context, int64_t count,
                      void (*body)(void *data, int64_t i), void *data);
  void *context;
  int64_t threads;
};
} // namespace

struct CompiledModel::Impl {
  ModelInterface interface;
  std::unique_ptr<orc::LLJIT> jit;
  sys::DynamicLibrary library;
  int (*entry)(const void *const *, void *const *, void *,
               const void *) = nullptr;
  char *arena = nullptr;
  std::shared_ptr<ThreadPool> pool;

  ~Impl() {
    ::operator delete(arena, std::align_val_t(interface.arenaAlign));
    if (library.isValid())
      sys::DynamicLibrary::closeLibrary(library);
  }

  Error loadObject(StringRef object) {
    auto target = orc::JITTargetMachineBuilder::detectHost();
    if (!target)
      return target.takeError();
    auto created =
        orc::LLJITBuilder()
            .setJITTargetMachineBuilder(std::move(*target))
            .setPlatformSetUp(orc::setUpInactivePlatform)
            .setObjectLinkingLayerCreator([](orc::ExecutionSession &session) {
              return std::make_unique<orc::ObjectLinkingLayer>(session);
            })
            .create();
    if (!created)
      return created.takeError();
    jit = std::move(*created);
    return jit->addObjectFile(
        MemoryBuffer::getMemBufferCopy(object, interface.name));
  }

  void *lookup(StringRef symbol) {
    if (library.isValid())
      return library.getAddressOfSymbol(symbol.str().c_str());
    auto address = jit->lookup(symbol);
    if (address)
      return address->toPtr<void *>();
    consumeError(address.takeError());
    return nullptr;
  }
};

CompiledModel::CompiledModel(std::unique_ptr<Impl> impl)
    : impl(std::move(impl)) {}
CompiledModel::CompiledModel(CompiledModel &&) = default;
CompiledModel &CompiledModel::operator=(CompiledModel &&) = default;
CompiledModel::~CompiledModel() = default;

/// Before the code is loaded: a foreign instruction ends the process.
static Error checkTarget(const ModelInterface &interface) {
  if (interface.runsOnHost())
    return Error::success();
  return createStringError("it is compiled for %s (%s), which this machine "
                           "can't run",
                           interface.target.triple.c_str(),
                           interface.describeTarget().c_str());
}

/// What a file says of its target: LLVM is to know the names.
static Error checkNames(const ModelInterface &interface) {
  auto check = [](const TargetSpec &stored) {
    return TargetSpec::create(stored.triple, stored.cpu, stored.features)
        .takeError();
  };
  for (const Variant &variant : interface.variants)
    if (Error error = check(variant.target))
      return error;
  return check(interface.target);
}

Expected<CompiledModel> CompiledModel::finish(std::unique_ptr<Impl> impl) {
  std::string symbol = impl->interface.name + "_run";
  impl->entry = reinterpret_cast<decltype(impl->entry)>(impl->lookup(symbol));
  if (!impl->entry)
    return createStringError("it has no function %s", symbol.c_str());
  impl->arena =
      allocateAligned(impl->interface.arenaBytes, impl->interface.arenaAlign);
  return CompiledModel(std::move(impl));
}

Expected<CompiledModel> CompiledModel::load(const CompiledCode &code) {
  if (Error error = checkTarget(code.interface))
    return createStringError("the code can't be run: " +
                             toString(std::move(error)));
  auto impl = std::make_unique<Impl>();
  impl->interface = code.interface;
  if (Error error =
          impl->loadObject(StringRef(code.object.data(), code.object.size())))
    return std::move(error);
  return finish(std::move(impl));
}

Expected<CompiledModel> CompiledModel::open(StringRef path) {
  auto file = MemoryBuffer::getFile(path, /*IsText=*/false,
                                    /*RequiresNullTerminator=*/false);
  if (!file)
    return createStringError(file.getError(), "'%s': %s", path.str().c_str(),
                             file.getError().message().c_str());
  auto interface = readInterface(**file);
  if (!interface)
    return interface.takeError();
  auto fail = [&](Error error) {
    return createStringError("'" + path + "': " + toString(std::move(error)));
  };
  if (Error error = checkNames(*interface))
    return fail(std::move(error));
  if (Error error = checkTarget(*interface))
    return fail(std::move(error));

  auto impl = std::make_unique<Impl>();
  impl->interface = std::move(*interface);
  if (identify_magic((*file)->getBuffer()) == file_magic::elf_shared_object) {
    SmallString<128> absolute(path);
    if (auto code = sys::fs::make_absolute(absolute))
      return fail(errorCodeToError(code));
    std::string reason;
    impl->library = sys::DynamicLibrary::getLibrary(absolute.c_str(), &reason);
    if (!impl->library.isValid())
      return fail(createStringError(reason));
  } else {
    auto object = findObject(**file);
    if (!object)
      return fail(object.takeError());
    if (Error error = impl->loadObject(object->getBuffer()))
      return fail(std::move(error));
  }
  auto model = finish(std::move(impl));
  if (!model)
    return fail(model.takeError());
  return model;
}

const ModelInterface &CompiledModel::getInterface() const {
  return impl->interface;
}

void *CompiledModel::lookup(StringRef symbol) const {
  return impl->lookup(symbol);
}

void CompiledModel::useThreads(std::shared_ptr<ThreadPool> pool) {
  impl->pool = std::move(pool);
}

Error CompiledModel::run(ArrayRef<const void *> inputs,
                         ArrayRef<void *> outputs) const {
  RunOptions options{};
  if (ThreadPool *pool = impl->pool.get())
    options = {ThreadPool::parallelFor, pool, pool->size()};
  int code = impl->entry(inputs.data(), outputs.data(), impl->arena, &options);
  if (code == 0)
    return Error::success();
  return createStringError("internal: %s_run returned %d",
                           impl->interface.name.c_str(), code);
}

//===----------------------------------------------------------------------===//
// Buffers
//===----------------------------------------------------------------------===//

static constexpr size_t bufferAlign = 64;

RunBuffers::Buffer RunBuffers::allocate(size_t size) {
  char *memory = allocateAligned(size, bufferAlign);
  return {
      {memory,
       [](char *p) { ::operator delete(p, std::align_val_t(bufferAlign)); }},
      size};
}

RunBuffers::RunBuffers(const ModelInterface &interface) {
  for (const TensorInterface &tensor : interface.inputs)
    inputs.push_back(allocate(tensor.getByteSize()));
  for (const TensorInterface &tensor : interface.outputs)
    outputs.push_back(allocate(tensor.getByteSize()));
}

Error RunBuffers::run(const CompiledModel &model) {
  SmallVector<const void *> in;
  SmallVector<void *> out;
  for (const Buffer &buffer : inputs)
    in.push_back(buffer.memory.get());
  for (const Buffer &buffer : outputs)
    out.push_back(buffer.memory.get());
  return model.run(in, out);
}

} // namespace quantc
