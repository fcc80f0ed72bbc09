// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Execution/Samples.h"
#include "llvm/ADT/StringExtras.h"
#include <cmath>

using namespace llvm;

namespace quantc {

std::pair<StringRef, StringRef> splitBinding(StringRef argument) {
  auto [name, path] = argument.split('=');
  // No '=': all of it is the path.
  return argument.contains('=') ? std::make_pair(name, path)
                                : std::make_pair(StringRef(), argument);
}

/// Whether elements of type `from` are elements of type `to`, exactly.
static bool convertsExactly(ElementKind from, ElementKind to) {
  if (from == to)
    return true;
  if (to != ElementKind::F32)
    return false;
  switch (from) {
  case ElementKind::I8:
  case ElementKind::U8:
  case ElementKind::I16:
  case ElementKind::U16:
  case ElementKind::Bool:
    return true;
  default:
    return false;
  }
}

static SmallVector<int64_t> dropOnes(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> kept;
  copy_if(shape, std::back_inserter(kept), [](int64_t n) { return n != 1; });
  return kept;
}

static std::string printShape(ArrayRef<int64_t> shape) {
  return "[" +
         join(map_range(shape, [](int64_t n) { return std::to_string(n); }),
              ", ") +
         "]";
}

Error SampleReader::add(Input &input, ArrayReader array) {
  const TensorInterface &tensor = input.tensor;
  auto fail = [&](const Twine &what) {
    return createStringError("'" + array.getName() + "' for input '" +
                             tensor.name + "': " + what);
  };
  if (!convertsExactly(array.getElement(), tensor.element))
    return fail("holds elements " + stringifyElementKind(array.getElement()) +
                ", but the model takes " +
                stringifyElementKind(tensor.element) + "; convert with astype");
  if (tensor.shape.empty()) {
    if (array.getElementCount() != 1)
      return fail("has the shape " + printShape(array.getShape()) +
                  ", but the model takes a scalar");
  } else {
    ArrayRef<int64_t> expected(tensor.shape);
    ArrayRef<int64_t> shape = array.getShape();
    if (shape.empty() ||
        dropOnes(shape.drop_front()) != dropOnes(expected.drop_front()) ||
        shape.front() == 0 || shape.front() % expected.front() != 0)
      return fail("has the shape " + printShape(shape) +
                  ", but the model takes " + printShape(expected) +
                  (expected.size() > 1 || expected.front() != 1
                       ? ", or any multiple of the first dimension"
                       : ""));
  }
  input.arrays.push_back(std::move(array));
  return Error::success();
}

Expected<SampleReader> SampleReader::open(ArrayRef<std::string> arguments,
                                          const ModelInterface &interface) {
  SampleReader reader;
  for (const TensorInterface &tensor : interface.inputs)
    reader.inputs.push_back({tensor, {}});
  auto bind = [&](StringRef name, ArrayReader array) -> Error {
    Input *found = nullptr;
    if (name.empty() && reader.inputs.size() == 1)
      found = &reader.inputs.front();
    for (Input &input : reader.inputs)
      if (input.tensor.name == name)
        found = &input;
    if (found)
      return reader.add(*found, std::move(array));
    if (reader.inputs.empty())
      return createStringError("'" + array.getName() +
                               "': the model has no inputs");
    std::string names = join(map_range(interface.inputs,
                                       [](const TensorInterface &tensor) {
                                         return "'" + tensor.name + "'";
                                       }),
                             ", ");
    if (name.empty())
      return createStringError("'" + array.getName() +
                               "': say which input it is for, NAME=FILE; the "
                               "model has " +
                               names);
    return createStringError("'" + array.getName() +
                             "': the model has no input '" + name + "', but " +
                             names);
  };

  for (StringRef argument : arguments) {
    auto [name, path] = splitBinding(argument);
    if (!path.ends_with(".npz")) {
      auto array = ArrayReader::open(path);
      if (!array)
        return array.takeError();
      if (Error error = bind(name, std::move(*array)))
        return std::move(error);
      continue;
    }
    auto arrays = ArrayReader::openAll(path);
    if (!arrays)
      return arrays.takeError();
    for (auto &[member, array] : *arrays) {
      // A single array needs no name, if the model has a single input.
      bool alone = arrays->size() == 1 && reader.inputs.size() == 1;
      if (Error error =
              bind(alone ? name : StringRef(member), std::move(array)))
        return std::move(error);
    }
  }

  for (Input &input : reader.inputs) {
    if (input.arrays.empty())
      return createStringError("no data for input '" + input.tensor.name + "'");
    int64_t own = 0;
    for (const ArrayReader &array : input.arrays)
      own += array.getElementCount() / input.tensor.getElementCount();
    if (&input == &reader.inputs.front())
      reader.runs = own;
    else if (own != reader.runs)
      return createStringError(
          "there is data for %lld runs for input '%s', but for %lld for '%s'",
          static_cast<long long>(reader.runs),
          reader.inputs.front().tensor.name.c_str(),
          static_cast<long long>(own), input.tensor.name.c_str());
  }
  if (!reader.inputs.empty() && !reader.inputs.front().tensor.shape.empty())
    reader.batch = reader.inputs.front().tensor.shape.front();
  return reader;
}

template <typename T>
static void convert(ArrayRef<char> in, MutableArrayRef<char> out) {
  for (size_t i = 0, n = in.size() / sizeof(T); i != n; ++i) {
    T value;
    memcpy(&value, in.data() + i * sizeof(T), sizeof(T));
    float real = value;
    memcpy(out.data() + i * sizeof(float), &real, sizeof(float));
  }
}

static void convertToFloat(ElementKind from, ArrayRef<char> in,
                           MutableArrayRef<char> out) {
  switch (from) {
  case ElementKind::I8:
    return convert<int8_t>(in, out);
  case ElementKind::U8:
  case ElementKind::Bool:
    return convert<uint8_t>(in, out);
  case ElementKind::I16:
    return convert<int16_t>(in, out);
  case ElementKind::U16:
    return convert<uint16_t>(in, out);
  default:
    llvm_unreachable("refused when it was added");
  }
}

Error SampleReader::read(int64_t run, RunBuffers &buffers) const {
  for (auto [i, input] : enumerate(inputs)) {
    int64_t count = input.tensor.getElementCount();
    int64_t local = run;
    auto array = input.arrays.begin();
    for (; local >= array->getElementCount() / count; ++array)
      local -= array->getElementCount() / count;

    MutableArrayRef<char> out = buffers.getInput(i);
    if (array->getElement() == input.tensor.element) {
      if (Error error = array->read(local * count, count, out.data()))
        return error;
    } else {
      std::vector<char> bytes(count * getByteSize(array->getElement()));
      if (Error error = array->read(local * count, count, bytes.data()))
        return error;
      convertToFloat(array->getElement(), bytes, out);
    }
    if (input.tensor.element != ElementKind::F32)
      continue;
    // Its own first dimension, which need not be the first input's.
    ArrayRef<int64_t> shape = input.tensor.shape;
    int64_t rows = shape.empty() ? 1 : shape.front();
    auto *values = reinterpret_cast<const float *>(out.data());
    for (int64_t k = 0; k != count; ++k)
      if (!std::isfinite(values[k]))
        return createStringError("'" + array->getName() + "': sample " +
                                 Twine(local * rows + k / (count / rows)) +
                                 " for input '" + input.tensor.name +
                                 "' holds " +
                                 (std::isnan(values[k]) ? "NaN" : "infinity"));
  }
  return Error::success();
}

} // namespace quantc
