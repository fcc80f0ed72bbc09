// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Machine code and its containers.

#include "quantc/Target/Object.h"
#include "lld/Common/CommonLinkerContext.h"
#include "lld/Common/Driver.h"
#include "quantc/Support/OutputFile.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Object/Archive.h"
#include "llvm/Object/ArchiveWriter.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

LLD_HAS_DRIVER(elf)

using namespace llvm;

namespace quantc {

static StringRef asText(ArrayRef<char> bytes) {
  return StringRef(bytes.data(), bytes.size());
}

Error verifySelfContained(ArrayRef<char> object) {
  auto file = object::ObjectFile::createELFObjectFile(
      MemoryBufferRef(asText(object), "object"));
  if (!file)
    return file.takeError();
  SmallVector<std::string> missing;
  for (const object::SymbolRef &symbol : (*file)->symbols()) {
    auto flags = symbol.getFlags();
    if (!flags)
      return flags.takeError();
    auto name = symbol.getName();
    if (!name)
      return name.takeError();
    if ((*flags & object::SymbolRef::SF_Undefined) && !name->empty())
      missing.push_back(name->str());
  }
  if (missing.empty())
    return Error::success();
  return createStringError("internal: the object calls %s, which it doesn't "
                           "define; please report this with the model",
                           join(missing, ", ").c_str());
}

Expected<Bytes> makeArchive(ArrayRef<char> object, StringRef memberName) {
  NewArchiveMember member(MemoryBufferRef(asText(object), memberName));
  SmallVector<NewArchiveMember, 1> members;
  members.push_back(std::move(member));
  auto archive = writeArchiveToBuffer(
      members, SymtabWritingMode::NormalSymtab, object::Archive::K_GNU,
      /*Deterministic=*/true, /*Thin=*/false,
      [](Error error) { consumeError(std::move(error)); });
  if (!archive)
    return archive.takeError();
  StringRef bytes = (*archive)->getBuffer();
  return Bytes(bytes.begin(), bytes.end());
}

Expected<Bytes> linkSharedObject(ArrayRef<char> object) {
  // lld reads and writes files.
  SmallString<128> folder;
  if (auto code = sys::fs::createUniqueDirectory("quantc", folder))
    return createStringError(code, "cannot create a temporary folder to link");
  scope_exit cleanUp([&] { sys::fs::remove_directories(folder); });
  std::string input = (folder + "/model.o").str();
  std::string output = (folder + "/model.so").str();
  if (Error error = writeFile(input, object))
    return error;

  const char *arguments[] = {
      "ld.lld",        "-shared",    "--build-id=none", "--threads=1",
      "-znoexecstack", "-zdefs",     "-ztext",          "-o",
      output.c_str(),  input.c_str()};
  std::string messages;
  raw_string_ostream os(messages);
  bool linked = lld::elf::link(arguments, os, os, /*exitEarly=*/false,
                               /*disableOutput=*/false);
  lld::CommonLinkerContext::destroy();
  if (!linked)
    return createStringError("cannot link the shared object: " +
                             StringRef(messages).trim());
  auto file = MemoryBuffer::getFile(output, /*IsText=*/false,
                                    /*RequiresNullTerminator=*/false);
  if (!file)
    return errorCodeToError(file.getError());
  StringRef bytes = (*file)->getBuffer();
  return Bytes(bytes.begin(), bytes.end());
}

//===----------------------------------------------------------------------===//
// The interface inside
//===----------------------------------------------------------------------===//

Expected<MemoryBufferRef> findObject(MemoryBufferRef file) {
  if (identify_magic(file.getBuffer()) != file_magic::archive)
    return file;
  auto archive = object::Archive::create(file);
  if (!archive)
    return archive.takeError();
  Error error = Error::success();
  for (const object::Archive::Child &child : (*archive)->children(error)) {
    auto member = child.getMemoryBufferRef();
    if (!member)
      return member.takeError();
    // LLVM believes what the last member says of its size.
    if (member->getBufferStart() < file.getBufferStart() ||
        member->getBufferEnd() > file.getBufferEnd())
      return createStringError("the archive is cut off");
    return *member;
  }
  if (error)
    return error;
  return createStringError("the archive is empty");
}

static Expected<ModelInterface> findInterface(MemoryBufferRef buffer) {
  auto object = findObject(buffer);
  if (!object)
    return object.takeError();
  auto file = object::ObjectFile::createELFObjectFile(*object);
  if (!file)
    return file.takeError();
  for (const object::SectionRef &section : (*file)->sections()) {
    auto name = section.getName();
    if (!name)
      return name.takeError();
    if (*name != ".quantc")
      continue;
    auto contents = section.getContents();
    if (!contents)
      return contents.takeError();
    return ModelInterface::fromJSON(*contents);
  }
  return createStringError("it wasn't made by quantc");
}

Expected<ModelInterface> readInterface(MemoryBufferRef file) {
  auto interface = findInterface(file);
  if (!interface)
    return createStringError("'%s' is no compiled model: %s",
                             file.getBufferIdentifier().str().c_str(),
                             toString(interface.takeError()).c_str());
  return interface;
}

} // namespace quantc
