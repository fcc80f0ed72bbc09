// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The configuration of observers, and its JSON.

#include "ObserverState.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace quantc;
using namespace llvm;

bool ObserverConfig::isPerChannel() const {
  return kind == ObserverKind::PerChannelMinMax ||
         kind == ObserverKind::MovingAveragePerChannelMinMax;
}

QuantRange ObserverConfig::effectiveRange() const {
  return reduceRange ? QuantRange{range.min >> 1, range.max >> 1} : range;
}

Error ObserverConfig::validate() const {
  if (bits != 4 && bits != 8 && bits != 16)
    return observerError(
        formatv("storage of {0} bits is not supported: use 4, 8 or 16", bits));
  if (Error err = validateRange(range, isSigned, bits))
    return err;
  if (reduceRange && effectiveRange().max == 0)
    return observerError("the quantized range is too small to be reduced");
  if (reduceRange && !isSigned && scheme == QScheme::Symmetric)
    return observerError("unsigned symmetric storage has no reduced range");
  if (!(averagingConstant > 0 && averagingConstant <= 1))
    return observerError(formatv(
        "the averaging constant {0} is outside of (0, 1]", averagingConstant));
  if (bins < 1 || bins > 1 << 16)
    return observerError(formatv("{0} bins: a histogram has 1 to 65536", bins));
  return Error::success();
}

bool ObserverConfig::operator==(const ObserverConfig &other) const {
  return kind == other.kind && isSigned == other.isSigned &&
         bits == other.bits && range == other.range && scheme == other.scheme &&
         reduceRange == other.reduceRange && axis == other.axis &&
         averagingConstant == other.averagingConstant && bins == other.bins;
}

json::Value ObserverConfig::toJSON() const {
  json::Object object{
      {"kind", stringifyObserverKind(kind)},
      {"dtype", (isSigned ? "int" : "uint") + std::to_string(bits)},
      {"quant_min", range.min},
      {"quant_max", range.max},
      {"qscheme", stringifyQScheme(scheme)},
      {"reduce_range", reduceRange},
      {"axis", axis},
      {"averaging_constant", averagingConstant},
      {"bins", bins},
  };
  return object;
}

// "int8" and its like.
static bool parseDType(StringRef text, ObserverConfig &config) {
  config.isSigned = !text.consume_front("u");
  config.bits = StringSwitch<unsigned>(text)
                    .Case("int4", 4)
                    .Case("int8", 8)
                    .Case("int16", 16)
                    .Default(0);
  config.range =
      QuantRange::storage(config.isSigned, std::max(config.bits, 1u));
  return config.bits;
}

bool ObserverConfig::fromJSON(const json::Value &value, ObserverConfig &config,
                              json::Path path) {
  const json::Object *object = value.getAsObject();
  if (!object) {
    path.report("expected an object that describes an observer");
    return false;
  }
  ObserverConfig result = config;
  // The type comes first: it resets the range that quant_min and quant_max
  // narrow.
  if (const json::Value *dtype = object->get("dtype")) {
    std::optional<StringRef> text = dtype->getAsString();
    if (!text || !parseDType(*text, result)) {
      path.field("dtype").report(
          "expected int8, uint8, int16, uint16, int4 or uint4");
      return false;
    }
  }
  auto integer = [](const json::Value &from, auto &to, json::Path at) {
    std::optional<int64_t> number = from.getAsInteger();
    if (!number)
      at.report("expected an integer");
    else
      to = *number;
    return number.has_value();
  };
  for (const auto &[key, field] : *object) {
    StringRef name = key;
    json::Path at = path.field(name);
    bool ok = true;
    if (name == "kind") {
      std::optional<ObserverKind> kind =
          symbolizeObserverKind(field.getAsString().value_or(""));
      if ((ok = kind.has_value()))
        result.kind = *kind;
      else
        at.report("expected minmax, moving_average_minmax, per_channel_minmax, "
                  "moving_average_per_channel_minmax or histogram");
    } else if (name == "qscheme") {
      std::optional<QScheme> scheme =
          symbolizeQScheme(field.getAsString().value_or(""));
      if ((ok = scheme.has_value()))
        result.scheme = *scheme;
      else
        at.report("expected affine or symmetric");
    } else if (name == "reduce_range") {
      ok = json::fromJSON(field, result.reduceRange, at);
    } else if (name == "averaging_constant") {
      ok = json::fromJSON(field, result.averagingConstant, at);
    } else if (name == "quant_min") {
      ok = integer(field, result.range.min, at);
    } else if (name == "quant_max") {
      ok = integer(field, result.range.max, at);
    } else if (name == "axis") {
      ok = integer(field, result.axis, at);
    } else if (name == "bins") {
      ok = integer(field, result.bins, at);
    } else if (name != "dtype") {
      at.report("unknown key in an observer");
      ok = false;
    }
    if (!ok)
      return false;
  }
  if (Error err = result.validate()) {
    // Paths take fixed texts alone; which of the limits it was can be read off.
    consumeError(std::move(err));
    path.report("contradictory observer: quant_min < quant_max must enclose 0 "
                "and fit dtype, "
                "averaging_constant lie in (0, 1], bins in 1…65536, and "
                "reduce_range go with "
                "ranges of more than one value and not with unsigned symmetric "
                "storage");
    return false;
  }
  config = result;
  return true;
}
