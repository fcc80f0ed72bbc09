// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Zip.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CRC.h"
#include "llvm/Support/Endian.h"
#include <zlib.h>

using namespace llvm;
using namespace llvm::support::endian;

namespace quantc::zip {

static constexpr uint32_t localMagic = 0x04034b50;
static constexpr uint32_t directoryMagic = 0x02014b50;
static constexpr uint32_t endMagic = 0x06054b50;
static constexpr size_t localBytes = 30, directoryBytes = 46, endBytes = 22;
static constexpr uint32_t inZip64 = 0xffffffff;
/// Deflate can't do better than this ratio: a larger claim is a damaged file.
static constexpr uint64_t maxRatio = 1032;

static Error damaged() {
  return createStringError("not a .npz (zip) file, or a damaged one");
}

/// Takes the sizes that don't fit 32 bits from the zip64 extra field, in the
/// order in which they are missing.
static Error readZip64(StringRef extra, ArrayRef<uint64_t *> fields) {
  while (extra.size() >= 4) {
    size_t length = read16le(extra.data() + 2);
    if (4 + length > extra.size())
      return damaged();
    if (read16le(extra.data()) == 1) {
      const char *next = extra.data() + 4, *end = next + length;
      for (uint64_t *field : fields) {
        if (*field != inZip64)
          continue;
        if (end - next < 8)
          return damaged();
        *field = read64le(next);
        next += 8;
      }
      return Error::success();
    }
    extra = extra.drop_front(4 + length);
  }
  return Error::success();
}

/// The directory: its bytes and the number of its entries.
static Expected<std::pair<std::string, unsigned>>
readDirectory(uint64_t fileSize, ReadFile read) {
  // The end record is last but for a comment of up to 64 KiB.
  uint64_t tailSize = std::min<uint64_t>(fileSize, endBytes + 0xffff);
  std::string tail(tailSize, '\0');
  if (Error error = read(fileSize - tailSize, {tail.data(), tail.size()}))
    return error;
  for (size_t at = tailSize; at-- > 0;) {
    if (tailSize - at < endBytes || read32le(&tail[at]) != endMagic)
      continue;
    unsigned count = read16le(&tail[at + 10]);
    uint64_t size = read32le(&tail[at + 12]), offset = read32le(&tail[at + 16]);
    if (offset == inZip64 || count == 0xffff)
      return createStringError("zip64 directories are not supported");
    if (offset > fileSize || size > fileSize - offset)
      return damaged();
    std::string directory(size, '\0');
    if (Error error = read(offset, {directory.data(), size}))
      return error;
    return std::make_pair(std::move(directory), count);
  }
  return damaged();
}

Expected<std::vector<Member>> list(uint64_t fileSize, ReadFile read) {
  auto directory = readDirectory(fileSize, read);
  if (!directory)
    return directory.takeError();
  StringRef rest = directory->first;
  std::vector<Member> members;
  for (unsigned i = 0; i != directory->second; ++i) {
    if (rest.size() < directoryBytes || read32le(rest.data()) != directoryMagic)
      return damaged();
    const char *entry = rest.data();
    unsigned flags = read16le(entry + 8), method = read16le(entry + 10);
    size_t nameSize = read16le(entry + 28), extraSize = read16le(entry + 30);
    size_t total = directoryBytes + nameSize + extraSize + read16le(entry + 32);
    if (total > rest.size())
      return damaged();
    Member member;
    member.name = rest.substr(directoryBytes, nameSize).str();
    member.crc = read32le(entry + 16);
    member.size = read32le(entry + 20);
    member.unpackedSize = read32le(entry + 24);
    uint64_t header = read32le(entry + 42);
    if (Error error =
            readZip64(rest.substr(directoryBytes + nameSize, extraSize),
                      {&member.unpackedSize, &member.size, &header}))
      return error;
    rest = rest.drop_front(total);

    if ((flags & 1) || (method != 0 && method != 8))
      return createStringError("member '%s' is encrypted or compressed in a "
                               "way that NumPy doesn't use",
                               member.name.c_str());
    member.deflated = method == 8;
    if (header > fileSize || fileSize - header < localBytes)
      return damaged();
    char local[localBytes];
    if (Error error = read(header, local))
      return error;
    if (read32le(local) != localMagic)
      return damaged();
    member.offset =
        header + localBytes + read16le(local + 26) + read16le(local + 28);
    if (member.offset > fileSize || member.size > fileSize - member.offset ||
        member.unpackedSize / maxRatio > member.size ||
        (!member.deflated && member.size != member.unpackedSize))
      return damaged();
    members.push_back(std::move(member));
  }
  return members;
}

Expected<std::vector<char>> inflate(const Member &member, ReadFile read) {
  std::vector<char> packed(member.size), bytes(member.unpackedSize);
  if (Error error = read(member.offset, packed))
    return error;
  z_stream stream = {};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
    return createStringError("zlib cannot be initialized");
  // zlib counts in 32 bits.
  auto chunk = [](size_t size) {
    return static_cast<uInt>(std::min<size_t>(size, 1 << 30));
  };
  size_t in = 0, out = 0;
  int status = Z_OK;
  while (status == Z_OK) {
    uInt input = chunk(packed.size() - in), output = chunk(bytes.size() - out);
    stream.next_in = reinterpret_cast<Bytef *>(packed.data() + in);
    stream.avail_in = input;
    stream.next_out = reinterpret_cast<Bytef *>(bytes.data() + out);
    stream.avail_out = output;
    status = ::inflate(&stream, Z_NO_FLUSH);
    in += input - stream.avail_in;
    out += output - stream.avail_out;
  }
  inflateEnd(&stream);
  if (status != Z_STREAM_END || out != bytes.size() ||
      crc32(arrayRefFromStringRef(StringRef(bytes.data(), bytes.size()))) !=
          member.crc)
    return createStringError("member '%s' is damaged", member.name.c_str());
  return bytes;
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

namespace {
struct LittleEndian {
  std::string &text;
  void u16(unsigned value) { append(value, 2); }
  void u32(uint64_t value) { append(value, 4); }
  void append(uint64_t value, unsigned bytes) {
    for (unsigned i = 0; i != bytes; ++i)
      text += static_cast<char>(value >> (8 * i));
  }
};
} // namespace

/// What the two headers of a member have in common. 1980-01-01, as zip's epoch.
static void writeCommon(LittleEndian out, StringRef name, StringRef data) {
  out.u16(20); // version needed
  out.u16(0);  // flags
  out.u16(0);  // stored
  out.u16(0);  // time
  out.u16(0x21);
  out.u32(crc32(arrayRefFromStringRef(data)));
  out.u32(data.size());
  out.u32(data.size());
  out.u16(name.size());
  out.u16(0); // extra field
}

Expected<std::string>
store(ArrayRef<std::pair<std::string, std::string>> members) {
  std::string text, directory;
  LittleEndian file{text}, entries{directory};
  for (const auto &[name, data] : members) {
    uint64_t offset = text.size();
    if (offset + data.size() >= inZip64 || name.size() > 0xffff)
      return createStringError("the archive would exceed 4 GiB");
    file.u32(localMagic);
    writeCommon(file, name, data);
    text += name;
    text += data;

    entries.u32(directoryMagic);
    entries.u16(20); // made by
    writeCommon(entries, name, data);
    entries.u16(0); // comment
    entries.u16(0); // disk
    entries.u16(0); // attributes
    entries.u32(0);
    entries.u32(offset);
    directory += name;
  }
  uint64_t offset = text.size();
  if (offset + directory.size() >= inZip64 || members.size() >= 0xffff)
    return createStringError("the archive would exceed 4 GiB");
  text += directory;
  file.u32(endMagic);
  file.u16(0);
  file.u16(0);
  file.u16(members.size());
  file.u16(members.size());
  file.u32(directory.size());
  file.u32(offset);
  file.u16(0);
  return text;
}

} // namespace quantc::zip
