// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "HostTensor.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;
using namespace quantc::onnximport;
using ::onnx::TensorProto;

std::optional<int64_t>
quantc::onnximport::countElements(ArrayRef<int64_t> shape, int64_t limit) {
  // The limit holds for the other dimensions of an empty tensor, too, so that
  // no product of some of them overflows.
  int64_t count = 1;
  bool empty = false;
  for (int64_t dim : shape) {
    if (dim < 0)
      return std::nullopt;
    if (dim == 0)
      empty = true;
    else if (MulOverflow(count, dim, count) || count > limit)
      return std::nullopt;
  }
  return empty ? 0 : count;
}

std::string quantc::onnximport::nameElementType(int32_t type) {
  if (!::onnx::TensorProto_DataType_IsValid(type))
    return std::to_string(type) + " (unknown)";
  return StringRef(::onnx::TensorProto_DataType_Name(
                       static_cast<::onnx::TensorProto_DataType>(type)))
      .lower();
}

static Error makeError(const Twine &message) {
  return createStringError(inconvertibleErrorCode(), message);
}

template <typename Element, typename Out>
static void readRaw(StringRef bytes, std::vector<Out> &out) {
  for (size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<Out>(support::endian::read<Element>(
        bytes.data() + i * sizeof(Element), endianness::little));
}

/// Bytes of an element in `raw_data`; 0 where the type isn't supported.
static unsigned getElementBytes(int32_t type) {
  switch (type) {
  case TensorProto::BOOL:
  case TensorProto::INT8:
  case TensorProto::UINT8:
    return 1;
  case TensorProto::INT16:
  case TensorProto::UINT16:
    return 2;
  case TensorProto::FLOAT:
  case TensorProto::INT32:
  case TensorProto::UINT32:
    return 4;
  case TensorProto::INT64:
    return 8;
  default:
    return 0;
  }
}

static void readRawData(StringRef bytes, HostTensor &tensor) {
  switch (tensor.elementType) {
  case TensorProto::FLOAT:
    return readRaw<float>(bytes, tensor.floats);
  case TensorProto::INT8:
    return readRaw<int8_t>(bytes, tensor.ints);
  case TensorProto::BOOL:
  case TensorProto::UINT8:
    return readRaw<uint8_t>(bytes, tensor.ints);
  case TensorProto::INT16:
    return readRaw<int16_t>(bytes, tensor.ints);
  case TensorProto::UINT16:
    return readRaw<uint16_t>(bytes, tensor.ints);
  case TensorProto::INT32:
    return readRaw<int32_t>(bytes, tensor.ints);
  case TensorProto::UINT32:
    return readRaw<uint32_t>(bytes, tensor.ints);
  default:
    return readRaw<int64_t>(bytes, tensor.ints);
  }
}

Expected<HostTensorRef>
quantc::onnximport::decodeTensor(const TensorProto &proto) {
  auto tensor = std::make_shared<HostTensor>();
  tensor->name = proto.name();
  tensor->elementType = proto.data_type();
  unsigned bytes = getElementBytes(proto.data_type());
  if (!bytes)
    return makeError("element type " + nameElementType(proto.data_type()) +
                     " isn't supported (float32, bool and integers are)");
  if (proto.data_location() == TensorProto::EXTERNAL ||
      proto.external_data_size())
    return makeError("its data is in another file; save the model with the "
                     "data inside");
  if (proto.has_segment())
    return makeError("segmented data isn't supported");

  if (proto.dims_size() > static_cast<int>(maxHostRank))
    return makeError("it has " + Twine(proto.dims_size()) +
                     " dimensions, but at most " + Twine(maxHostRank) +
                     " are supported");
  tensor->shape.assign(proto.dims().begin(), proto.dims().end());
  std::optional<int64_t> count = countElements(tensor->shape, INT32_MAX);
  if (!count)
    return makeError("its dimensions are negative or too large");

  auto fits = [&](size_t size, StringRef what) -> Error {
    if (size == static_cast<size_t>(*count))
      return Error::success();
    return makeError("its dimensions call for " + Twine(*count) +
                     " elements, but " + what + " holds " + Twine(size));
  };
  // The size is compared with the data that is there before any is allocated.
  if (proto.has_raw_data()) {
    const std::string &raw = proto.raw_data();
    if (raw.size() % bytes)
      return makeError("the size of its raw_data, " + Twine(raw.size()) +
                       " bytes, is no multiple of the element's");
    if (Error error = fits(raw.size() / bytes, "raw_data"))
      return std::move(error);
    tensor->isFloat() ? tensor->floats.resize(*count)
                      : tensor->ints.resize(*count);
    readRawData(raw, *tensor);
    return tensor;
  }
  if (tensor->isFloat()) {
    if (Error error = fits(proto.float_data_size(), "float_data"))
      return std::move(error);
    tensor->floats.assign(proto.float_data().begin(), proto.float_data().end());
  } else if (tensor->elementType == TensorProto::INT64) {
    if (Error error = fits(proto.int64_data_size(), "int64_data"))
      return std::move(error);
    tensor->ints.assign(proto.int64_data().begin(), proto.int64_data().end());
  } else if (tensor->elementType == TensorProto::UINT32) {
    if (Error error = fits(proto.uint64_data_size(), "uint64_data"))
      return std::move(error);
    for (uint64_t value : proto.uint64_data())
      tensor->ints.push_back(static_cast<uint32_t>(value));
  } else {
    if (Error error = fits(proto.int32_data_size(), "int32_data"))
      return std::move(error);
    tensor->ints.assign(proto.int32_data().begin(), proto.int32_data().end());
  }
  return tensor;
}

HostTensorRef quantc::onnximport::makeIntTensor(StringRef name,
                                                ArrayRef<int64_t> shape,
                                                ArrayRef<int64_t> values) {
  auto tensor = std::make_shared<HostTensor>();
  tensor->name = name.str();
  tensor->elementType = TensorProto::INT64;
  tensor->shape.assign(shape.begin(), shape.end());
  tensor->ints.assign(values.begin(), values.end());
  return tensor;
}

Shape quantc::onnximport::getStrides(ArrayRef<int64_t> shape) {
  Shape strides(shape.size(), 1);
  for (size_t i = shape.size(); i-- > 1;)
    strides[i - 1] = strides[i] * std::max<int64_t>(shape[i], 1);
  return strides;
}

template <typename T>
static void copyElements(const std::vector<T> &source, std::vector<T> &result,
                         ArrayRef<int64_t> shape, int64_t offset,
                         ArrayRef<int64_t> strides, int64_t count) {
  result.reserve(count);
  Shape index(shape.size(), 0);
  for (int64_t n = 0; n < count; ++n) {
    result.push_back(source[offset]);
    for (size_t d = shape.size(); d-- > 0;) {
      offset += strides[d];
      if (++index[d] < shape[d])
        break;
      offset -= strides[d] * shape[d];
      index[d] = 0;
    }
  }
}

static std::shared_ptr<HostTensor> makeLike(const HostTensor &source,
                                            ArrayRef<int64_t> shape) {
  auto result = std::make_shared<HostTensor>();
  result->name = source.name;
  result->elementType = source.elementType;
  result->shape.assign(shape.begin(), shape.end());
  return result;
}

HostTensorRef quantc::onnximport::copyStrided(const HostTensor &source,
                                              ArrayRef<int64_t> shape,
                                              int64_t offset,
                                              ArrayRef<int64_t> strides) {
  auto result = makeLike(source, shape);
  int64_t count = 1;
  for (int64_t dim : shape)
    count *= dim;
  if (source.isFloat())
    copyElements(source.floats, result->floats, shape, offset, strides, count);
  else
    copyElements(source.ints, result->ints, shape, offset, strides, count);
  return result;
}

HostTensorRef quantc::onnximport::copyReshaped(const HostTensor &source,
                                               ArrayRef<int64_t> shape) {
  auto result = makeLike(source, shape);
  result->floats = source.floats;
  result->ints = source.ints;
  return result;
}

std::optional<Shape> quantc::onnximport::broadcastShapes(ArrayRef<int64_t> a,
                                                         ArrayRef<int64_t> b) {
  Shape result(std::max(a.size(), b.size()), 1);
  for (size_t i = 0; i < result.size(); ++i) {
    int64_t da = i < a.size() ? a[a.size() - 1 - i] : 1;
    int64_t db = i < b.size() ? b[b.size() - 1 - i] : 1;
    if (da != db && da != 1 && db != 1)
      return std::nullopt;
    result[result.size() - 1 - i] = da == 1 ? db : da;
  }
  return result;
}

HostTensorRef quantc::onnximport::copyBroadcast(const HostTensor &source,
                                                ArrayRef<int64_t> shape) {
  Shape strides(shape.size(), 0), own = getStrides(source.shape);
  size_t lead = shape.size() - source.shape.size();
  for (size_t i = 0; i < source.shape.size(); ++i)
    if (source.shape[i] != 1)
      strides[lead + i] = own[i];
  return copyStrided(source, shape, 0, strides);
}
