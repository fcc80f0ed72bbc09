// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Execution/ArrayFile.h"
#include "Zip.h"
#include "quantc/Support/OutputFile.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace quantc {

static constexpr StringLiteral magic("\x93NUMPY");
static constexpr size_t maxHeaderBytes = 1 << 16;

namespace {
struct Descriptor {
  ElementKind kind;
  StringRef text;
};
} // namespace

/// NumPy's names; '|' where the byte order doesn't matter.
static constexpr Descriptor descriptors[] = {
    {ElementKind::F32, "<f4"}, {ElementKind::F64, "<f8"},
    {ElementKind::I8, "|i1"},  {ElementKind::U8, "|u1"},
    {ElementKind::I16, "<i2"}, {ElementKind::U16, "<u2"},
    {ElementKind::I32, "<i4"}, {ElementKind::I64, "<i8"},
    {ElementKind::Bool, "|b1"}};

std::string ArrayHeader::describe() const {
  std::string text = stringifyElementKind(element).str() + " ";
  if (shape.empty())
    return text + "scalar";
  return text +
         join(map_range(shape, [](int64_t n) { return std::to_string(n); }),
              "x");
}

//===----------------------------------------------------------------------===//
// The header, a Python literal
//===----------------------------------------------------------------------===//

namespace {
/// Reads {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }, keys in
/// any order.
class HeaderParser {
public:
  explicit HeaderParser(StringRef text) : text(text) {}

  Error parse(ArrayHeader &header) {
    bool descr = false, order = false, shape = false;
    if (!eat('{'))
      return bad();
    while (!eat('}')) {
      StringRef key, value;
      if (!string(key) || !eat(':'))
        return bad();
      if (key == "descr" && !descr) {
        descr = true;
        if (!string(value))
          return createStringError("structured arrays are not supported");
        const auto *found = find_if(
            descriptors, [&](const Descriptor &d) { return d.text == value; });
        if (found == std::end(descriptors))
          return createStringError(
              "elements of type '%s' are not supported (f4, f8, i1, u1, i2, "
              "u2, i4, i8, b1, little-endian, are); convert with astype",
              value.str().c_str());
        header.element = found->kind;
      } else if (key == "fortran_order" && !order) {
        order = true;
        if (word("True"))
          columnMajor = true;
        else if (!word("False"))
          return bad();
      } else if (key == "shape" && !shape) {
        shape = true;
        if (!tuple(header.shape))
          return bad();
      } else {
        return bad();
      }
      if (!eat(',') && !peek('}'))
        return bad();
    }
    if (!descr || !order || !shape || !skip().empty())
      return bad();
    if (columnMajor && header.shape.size() > 1)
      return createStringError("the array is column-major (Fortran order); "
                               "save numpy.ascontiguousarray of it");
    return Error::success();
  }

private:
  static Error bad() {
    return createStringError("the header of the array is damaged");
  }
  StringRef skip() { return text = text.ltrim(" \n"); }
  bool peek(char c) { return skip().starts_with(StringRef(&c, 1)); }
  bool eat(char c) {
    if (!peek(c))
      return false;
    text = text.drop_front();
    return true;
  }
  bool word(StringRef expected) {
    skip();
    return text.consume_front(expected);
  }
  bool string(StringRef &value) {
    char quote = skip().empty() ? 0 : text.front();
    if (quote != '\'' && quote != '"')
      return false;
    size_t end = text.find(quote, 1);
    if (end == StringRef::npos)
      return false;
    value = text.slice(1, end);
    text = text.drop_front(end + 1);
    return true;
  }
  bool tuple(SmallVectorImpl<int64_t> &values) {
    if (!eat('('))
      return false;
    while (!eat(')')) {
      uint64_t value;
      skip();
      if (text.consumeInteger(10, value) || value > INT64_MAX)
        return false;
      values.push_back(static_cast<int64_t>(value));
      if (!eat(',') && !peek(')'))
        return false;
    }
    return true;
  }

  StringRef text;
  bool columnMajor = false;
};
} // namespace

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

struct ArrayReader::File {
  sys::fs::file_t handle = sys::fs::kInvalidFile;
  uint64_t size = 0;

  ~File() {
    if (handle != sys::fs::kInvalidFile)
      sys::fs::closeFile(handle);
  }

  static Expected<std::shared_ptr<File>> open(StringRef path) {
    auto file = std::make_shared<File>();
    sys::fs::file_status status;
    if (auto code = sys::fs::status(path, status))
      return createStringError(code, "'%s': %s", path.str().c_str(),
                               code.message().c_str());
    if (sys::fs::is_directory(status))
      return createStringError("'%s' is a folder", path.str().c_str());
    auto handle = sys::fs::openNativeFileForRead(path);
    if (!handle)
      return createStringError("'%s': %s", path.str().c_str(),
                               toString(handle.takeError()).c_str());
    file->handle = *handle;
    file->size = status.getSize();
    return file;
  }

  Error read(uint64_t offset, MutableArrayRef<char> out) const {
    while (!out.empty()) {
      auto count = sys::fs::readNativeFileSlice(handle, out, offset);
      if (!count)
        return count.takeError();
      if (*count == 0)
        return createStringError("the file became shorter");
      offset += *count;
      out = out.drop_front(*count);
    }
    return Error::success();
  }
};

Error ArrayReader::readBytes(uint64_t offset, MutableArrayRef<char> out) const {
  if (!unpacked)
    return file->read(offset, out);
  memcpy(out.data(), unpacked->data() + offset, out.size());
  return Error::success();
}

Expected<ArrayReader>
ArrayReader::parse(std::string name, std::shared_ptr<File> file, uint64_t begin,
                   uint64_t end, std::shared_ptr<std::vector<char>> unpacked) {
  ArrayReader reader;
  reader.name = std::move(name);
  reader.file = std::move(file);
  reader.unpacked = std::move(unpacked);
  auto fail = [&](const Twine &what) -> Error {
    return createStringError("'" + reader.name + "': " + what);
  };

  char start[12] = {};
  uint64_t size = end - begin;
  if (size < sizeof(start))
    return fail("not an array of NumPy");
  if (Error error = reader.readBytes(begin, start))
    return fail(toString(std::move(error)));
  if (!StringRef(start, 6).starts_with(magic) || start[6] < 1 || start[6] > 3)
    return fail("not an array of NumPy");
  size_t prefix = start[6] == 1 ? 10 : 12;
  uint64_t length = start[6] == 1 ? support::endian::read16le(start + 8)
                                  : support::endian::read32le(start + 8);
  if (length > maxHeaderBytes || prefix + length > size)
    return fail("the header of the array is damaged");
  std::string text(length, '\0');
  if (Error error = reader.readBytes(begin + prefix, {text.data(), length}))
    return fail(toString(std::move(error)));
  if (Error error = HeaderParser(text).parse(reader.header))
    return fail(toString(std::move(error)));

  int64_t bytes = getByteSize(reader.header.element);
  reader.elements = 1;
  for (int64_t n : reader.header.shape)
    if (MulOverflow(reader.elements, n, reader.elements))
      return fail("the array is too large");
  if (MulOverflow(reader.elements, bytes, bytes))
    return fail("the array is too large");
  uint64_t available = size - prefix - length;
  if (available != static_cast<uint64_t>(bytes))
    return fail("holds " + Twine(available) + " bytes of data, but " +
                reader.header.describe() + " takes " + Twine(bytes));
  reader.dataOffset = begin + prefix + length;
  return reader;
}

Expected<ArrayReader> ArrayReader::open(StringRef path) {
  auto file = File::open(path);
  if (!file)
    return file.takeError();
  return parse(path.str(), *file, 0, (*file)->size, nullptr);
}

Expected<std::vector<std::pair<std::string, ArrayReader>>>
ArrayReader::openAll(StringRef path) {
  auto file = File::open(path);
  if (!file)
    return file.takeError();
  auto fail = [&](Error error) {
    return createStringError("'%s': %s", path.str().c_str(),
                             toString(std::move(error)).c_str());
  };
  auto readFile = [&](uint64_t offset, MutableArrayRef<char> out) {
    return (*file)->read(offset, out);
  };
  auto members = zip::list((*file)->size, readFile);
  if (!members)
    return fail(members.takeError());

  std::vector<std::pair<std::string, ArrayReader>> arrays;
  for (const zip::Member &member : *members) {
    std::shared_ptr<std::vector<char>> unpacked;
    uint64_t begin = member.offset, end = begin + member.size;
    if (member.deflated) {
      auto bytes = zip::inflate(member, readFile);
      if (!bytes)
        return fail(bytes.takeError());
      unpacked = std::make_shared<std::vector<char>>(std::move(*bytes));
      begin = 0, end = unpacked->size();
    }
    StringRef name = member.name;
    name.consume_back(".npy");
    auto array = parse((path + "[" + name + "]").str(), *file, begin, end,
                       std::move(unpacked));
    if (!array)
      return array.takeError();
    arrays.emplace_back(name.str(), std::move(*array));
  }
  return arrays;
}

Error ArrayReader::read(int64_t begin, int64_t count, void *out) const {
  assert(begin >= 0 && count >= 0 && begin + count <= elements);
  int64_t bytes = getByteSize(header.element);
  Error error =
      readBytes(dataOffset + begin * bytes,
                {static_cast<char *>(out), static_cast<size_t>(count * bytes)});
  if (error)
    return createStringError("'" + name + "': " + toString(std::move(error)));
  return error;
}

template <typename T> static std::vector<int64_t> widen(ArrayRef<char> bytes) {
  std::vector<int64_t> values(bytes.size() / sizeof(T));
  for (auto [i, value] : enumerate(values)) {
    T element;
    memcpy(&element, bytes.data() + i * sizeof(T), sizeof(T));
    value = element;
  }
  return values;
}

Expected<std::vector<int64_t>> ArrayReader::readIntegers() const {
  std::vector<char> bytes(elements * getByteSize(header.element));
  if (Error error = read(0, elements, bytes.data()))
    return error;
  switch (header.element) {
  case ElementKind::I8:
    return widen<int8_t>(bytes);
  case ElementKind::U8:
  case ElementKind::Bool:
    return widen<uint8_t>(bytes);
  case ElementKind::I16:
    return widen<int16_t>(bytes);
  case ElementKind::U16:
    return widen<uint16_t>(bytes);
  case ElementKind::I32:
    return widen<int32_t>(bytes);
  case ElementKind::I64:
    return widen<int64_t>(bytes);
  case ElementKind::F32:
  case ElementKind::F64:
    break;
  }
  return createStringError("'" + name + "': holds " + header.describe() +
                           ", where integers are expected");
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

static std::string serialize(const Array &array) {
  std::string dict;
  raw_string_ostream os(dict);
  os << "{'descr': '"
     << descriptors[static_cast<int>(array.header.element)].text
     << "', 'fortran_order': False, 'shape': (";
  interleaveComma(array.header.shape, os);
  os << (array.header.shape.size() == 1 ? ",), }" : "), }");
  // The data begins at a multiple of 64.
  size_t total = alignTo(10 + dict.size() + 1, 64);
  dict.append(total - 10 - dict.size() - 1, ' ');
  dict += '\n';

  std::string text(magic);
  text += '\1';
  text += '\0';
  char length[2];
  support::endian::write16le(length, dict.size());
  text.append(length, 2);
  text += dict;
  text.append(array.bytes.begin(), array.bytes.end());
  return text;
}

Error writeNpy(StringRef path, const Array &array) {
  return writeFile(path, StringRef(serialize(array)));
}

Error writeNpz(StringRef path, ArrayRef<Array> arrays) {
  std::vector<std::pair<std::string, std::string>> members;
  for (const Array &array : arrays)
    members.emplace_back(array.name + ".npy", serialize(array));
  auto text = zip::store(members);
  if (!text)
    return createStringError("cannot write '%s': %s", path.str().c_str(),
                             toString(text.takeError()).c_str());
  return writeFile(path, StringRef(*text));
}

} // namespace quantc
