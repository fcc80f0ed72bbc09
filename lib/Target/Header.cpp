// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Target/Header.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace llvm;

namespace quantc {

static StringRef getCType(ElementKind kind) {
  switch (kind) {
  case ElementKind::F32:
    return "float";
  case ElementKind::F64:
    return "double";
  case ElementKind::I8:
    return "int8_t";
  case ElementKind::U8:
  case ElementKind::Bool:
    return "uint8_t";
  case ElementKind::I16:
    return "int16_t";
  case ElementKind::U16:
    return "uint16_t";
  case ElementKind::I32:
    return "int32_t";
  case ElementKind::I64:
    return "int64_t";
  }
  llvm_unreachable("all kinds are above");
}

/// Nine digits give back every f32.
static std::string printFloat(double value) {
  std::string text = formatv("{0}", format("%.9g", value)).str();
  if (text.find_first_of(".e") == std::string::npos)
    text += ".0";
  return text + "f";
}

/// Names come from the model: nothing in them may end the comment.
static std::string printName(StringRef name) {
  std::string text;
  for (char c : name)
    text += isPrint(c) && c != '*' && c != '\\' && c != '?' ? c : '_';
  return text;
}

static std::string printShape(const TensorInterface &tensor) {
  return tensor.shape.empty() ? "scalar"
                              : join(map_range(tensor.shape,
                                               [](int64_t size) {
                                                 return std::to_string(size);
                                               }),
                                     "x");
}

static void writeTableRow(StringRef kind, size_t index,
                          const TensorInterface &tensor, raw_ostream &os) {
  os << formatv(" *   {0}[{1}]  {2,-24} {3,-6} {4}", kind, index,
                printName(tensor.name), stringifyElementKind(tensor.element),
                printShape(tensor));
  if (tensor.params) {
    int64_t zeroPoint = tensor.params->zeroPoint;
    os << formatv("  real = (q {0} {1}) * {2}", zeroPoint < 0 ? '+' : '-',
                  std::abs(zeroPoint), format("%.9g", tensor.params->scale));
  }
  os << "\n";
}

static void writeMacros(const std::string &prefix,
                        const TensorInterface &tensor, raw_ostream &os) {
  auto define = [&](StringRef what, const Twine &value) {
    os << "#define " << prefix << what << " " << value << "\n";
  };
  os << "\n/* " << printName(tensor.name) << " */\n";
  define("_TYPE", getCType(tensor.element));
  define("_BYTES", Twine(tensor.getByteSize()));
  define("_ELEMENTS", Twine(tensor.getElementCount()));
  define("_RANK", Twine(tensor.shape.size()));
  if (!tensor.shape.empty())
    define("_DIMS", "{" +
                        join(map_range(tensor.shape,
                                       [](int64_t size) {
                                         return std::to_string(size);
                                       }),
                             ", ") +
                        "}");
  if (!tensor.params)
    return;
  define("_SCALE", printFloat(tensor.params->scale));
  std::string zeroPoint = std::to_string(tensor.params->zeroPoint);
  define("_ZERO_POINT",
         tensor.params->zeroPoint < 0 ? "(" + zeroPoint + ")" : zeroPoint);
}

static constexpr char variantDeclaration[] = R"(
/* The name of the variant that {0}_run runs on this processor, one of those
 * above; NULL if none is for it. */
const char *{0}_variant(void);
)";

/// Of x86-64, and of AArch64 with pages of 4 KiB.
static constexpr int64_t hugePageBytes = 2 << 20;
static constexpr const char *hugePageAdvice = R"( Fresh memory
 * makes the first run longer by a fault for each page: less so in huge pages
 * (Linux: at a multiple of 2 MiB, madvise with MADV_HUGEPAGE).)";

void writeHeader(const ModelInterface &interface, raw_ostream &os) {
  const std::string &name = interface.name;
  const bool isFat = !interface.variants.empty();
  std::string macro = StringRef(name).upper();

  os << "/* Compiled by quantc: the interface of '" << printName(name)
     << "'.\n *\n";
  for (auto [i, tensor] : enumerate(interface.inputs))
    writeTableRow("inputs", i, tensor, os);
  for (auto [i, tensor] : enumerate(interface.outputs))
    writeTableRow("outputs", i, tensor, os);
  os << " *\n * Row-major, without padding. The arena takes "
     << interface.arenaBytes << " bytes.\n";
  if (isFat)
    os << " * The first of these that the processor can run: "
       << printName(interface.describeTarget()) << ".\n";
  os << " */\n";

  os << formatv(R"(
#ifndef QUANTC_MODEL_{0}_H
#define QUANTC_MODEL_{0}_H

#include <stdint.h>

#define {0}_ABI_VERSION {1}

/* Size and alignment of the memory that one run works in.{6} */
#define {0}_ARENA_BYTES {2}
#define {0}_ARENA_ALIGN {3}

#define {0}_NUM_INPUTS {4}
#define {0}_NUM_OUTPUTS {5}
)",
                macro, abiVersion, interface.arenaBytes, interface.arenaAlign,
                interface.inputs.size(), interface.outputs.size(),
                interface.arenaBytes < hugePageBytes / 2 ? "" : hugePageAdvice);
  for (auto [i, tensor] : enumerate(interface.inputs))
    writeMacros(formatv("{0}_INPUT_{1}", macro, i), tensor, os);
  for (auto [i, tensor] : enumerate(interface.outputs))
    writeMacros(formatv("{0}_OUTPUT_{1}", macro, i), tensor, os);
  if (isFat)
    os << formatv("\n#define {0}_NUM_VARIANTS {1}\n", macro,
                  interface.variants.size());

  os << formatv(R"(
#ifdef __cplusplus
extern "C" {{
#endif

/* How a run may use threads. Zeros: it doesn't. */
typedef struct {0}_options {{
  /* Calls body(data, i) for every i from 0 to count - 1, in any order and on any
   * threads, and returns when all calls have. A run calls it for each layer that
   * is worth it, with a count of 2 to `threads`. */
  void (*parallel_for)(void *context, int64_t count,
                       void (*body)(void *data, int64_t i), void *data);
  void *context;   /* the first argument of parallel_for */
  int64_t threads; /* into how many parts to cut a layer at most */
} {0}_options;

#ifdef _OPENMP
/* {0}_options for OpenMP: {{{0}_openmp_parallel_for, NULL, omp_get_max_threads()} */
static inline void
{0}_openmp_parallel_for(void *context, int64_t count,
    void (*body)(void *data, int64_t i), void *data) {{
  int64_t i;
  (void)context;
#pragma omp parallel for schedule(static, 1) num_threads((int)count)
  for (i = 0; i < count; ++i)
    body(data, i);
}
#endif

/* Runs the model once. inputs and outputs point to as many tensors as there are
 * inputs and outputs; outputs overlap neither each other nor inputs nor the
 * arena. The arena has {1}_ARENA_BYTES bytes at a multiple of {1}_ARENA_ALIGN
 * (it may be NULL if that is 0 bytes); nothing in it survives or needs
 * initialization. Allocates nothing; runs may go on at the same time, each with
 * an arena of its own. options may be NULL; they never change a result.
 *
 * Returns 0 if all is well, and without having written anything
 *   1 if a pointer is NULL,
 *   2 if the arena isn't aligned{2}. */
int {0}_run(const void *const inputs[], void *const outputs[], void *arena,
    const {0}_options *options);
{3}
#ifdef __cplusplus
}
#endif

#endif /* QUANTC_MODEL_{1}_H */
)",
                name, macro,
                isFat
                    ? formatv(",\n *   {0} if no variant is for this processor",
                              noVariantCode)
                          .str()
                    : "",
                isFat ? formatv(variantDeclaration, name).str() : "");
}

} // namespace quantc
