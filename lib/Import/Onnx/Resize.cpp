// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Resize and Upsample as tosa.resize. Along each axis both read the input at
// positions (o · step + offset) / unit of whole numbers, o the output's index;
// ONNX's many modes differ in these numbers alone.

#include "Node.h"
#include <numeric>

using namespace mlir;
using namespace quantc::onnximport;

namespace {

/// Where an output element of one axis is read: (o · step + offset) / unit.
struct Sampling {
  int64_t unit = 1, step = 1, offset = 0;

  void scaleBy(int64_t factor) {
    unit *= factor;
    step *= factor;
    offset *= factor;
  }
  void reduce() {
    int64_t common = std::gcd(std::gcd(unit, step), offset);
    unit /= common;
    step /= common;
    offset /= common;
  }
};

/// One axis: its sizes, and their ratio as ONNX means it (output / input of
/// which the output's size is rounded down).
struct Axis {
  int64_t input = 1, output = 1;
  int64_t up = 1, down = 1;

  bool isResized() const { return input != output || up != down; }
};

struct Modes {
  bool linear = false;
  StringRef coordinates;
  /// Empty before opset 11, where ONNX doesn't say: as ONNX Runtime does, down
  /// where the axis grows, and up where it shrinks.
  StringRef nearest;
};

/// No axis is longer, so that positions are far from overflow.
constexpr int64_t maxAxis = 1 << 20;

} // namespace

/// `scale`, which a file holds as float32, as the ratio of small numbers that
/// was meant: 0.333… is 1/3.
static std::optional<std::pair<int64_t, int64_t>> toRatio(float scale) {
  constexpr int64_t limit = 2048;
  for (int64_t down = 1; down <= limit; ++down) {
    double up = std::round(double(scale) * down);
    if (up >= 1 && up <= limit * 16 &&
        static_cast<float>(up) / static_cast<float>(down) == scale)
      return std::pair(static_cast<int64_t>(up), down);
  }
  return std::nullopt;
}

/// The position that `coordinate_transformation_mode` gives; none for a mode
/// that isn't supported.
static std::optional<Sampling> getSampling(const Axis &axis, StringRef mode) {
  int64_t up = axis.up, down = axis.down;
  // x = o / scale, and the same between the middles of elements.
  Sampling corners{up, down, 0}, middles{2 * up, 2 * down, down - up};
  if (mode == "asymmetric")
    return corners;
  if (mode == "half_pixel")
    return middles;
  if (mode == "pytorch_half_pixel")
    return axis.output > 1 ? middles : Sampling();
  if (mode == "half_pixel_symmetric") {
    // What the output's size was rounded down by is left out on both sides.
    middles.offset += axis.input * up - axis.output * down;
    return middles;
  }
  if (mode == "tf_half_pixel_for_nn") {
    middles.offset = down;
    return middles;
  }
  if (mode == "align_corners")
    return axis.output > 1 ? Sampling{axis.output - 1, axis.input - 1, 0}
                           : Sampling();
  return std::nullopt;
}

/// Moves the position so that TOSA's rounding, floor(x + 1/2), gives what
/// `mode` asks for; false for a mode that isn't known.
static bool roundAs(Sampling &at, const Axis &axis, StringRef mode) {
  if (mode == "round_prefer_ceil")
    return true;
  if (mode == "round_prefer_floor") {
    // Ties alone differ: half of a step lower is below the tie, and above
    // whatever else there is.
    for (int64_t o = 0; o < axis.output; ++o)
      if (2 * (o * at.step + at.offset) % (2 * at.unit) == at.unit ||
          2 * (o * at.step + at.offset) % (2 * at.unit) == -at.unit) {
        at.scaleBy(2);
        at.offset -= 1;
        break;
      }
    return true;
  }
  if (mode.empty())
    mode = axis.up < axis.down ? "ceil" : "floor";
  if (mode != "floor" && mode != "ceil")
    return false;
  if (mode == "ceil")
    at.offset += at.unit - 1;
  if (at.unit % 2)
    at.scaleBy(2);
  at.offset -= at.unit / 2;
  return true;
}

/// How many elements the positions reach beyond the input's last, in units.
static int64_t getBorder(const Axis &axis, const Sampling &at) {
  return (axis.output - 1) * at.step + at.offset - (axis.input - 1) * at.unit;
}

/// Whether the numbers are within TOSA's limits.
static bool isSupported(const Axis &axis, const Sampling &at) {
  int64_t border = getBorder(axis, at), most = 16 * at.unit;
  return at.unit <= 2048 && at.step < most && at.offset >= -at.unit &&
         at.offset < most && border >= -most && border < at.unit;
}

/// What tosa.resize needs for an axis; an error where it can't say so.
static std::optional<Sampling> convertAxis(Node &node, const Axis &axis,
                                           const Modes &modes) {
  if (!axis.isResized())
    return Sampling();
  std::optional<Sampling> at = getSampling(axis, modes.coordinates);
  if (!at) {
    node.error() << "coordinate_transformation_mode "
                 << quoteName(modes.coordinates)
                 << " isn't supported (half_pixel, half_pixel_symmetric, "
                    "pytorch_half_pixel, asymmetric, align_corners and "
                    "tf_half_pixel_for_nn are)";
    return std::nullopt;
  }
  // A single element is read wherever that may be.
  if (axis.input == 1)
    at = Sampling{axis.output, 1, 0};
  at->reduce();
  // Before ties are looked for: the numbers are small enough for that.
  bool supported = isSupported(axis, *at);
  if (supported && !modes.linear) {
    if (!roundAs(*at, axis, modes.nearest)) {
      node.error() << "nearest_mode " << quoteName(modes.nearest)
                   << " isn't supported (round_prefer_floor, "
                      "round_prefer_ceil, floor and ceil are)";
      return std::nullopt;
    }
    at->reduce();
    supported = isSupported(axis, *at);
  }
  if (supported)
    return at;
  node.error() << "resizing " << axis.input << " elements to " << axis.output
               << " (by " << axis.up << "/" << axis.down
               << ") isn't supported: TOSA has ratios of numbers up to 1024, "
                  "above 1/16, and no positions far outside of the input";
  return std::nullopt;
}

/// Resizes height and width of input 0, of NCHW (rank 3 has width alone) or, if
/// `channelsLast`, NHWC.
static Value resize(Node &node, ArrayRef<Axis> axes, bool channelsLast,
                    const Modes &modes) {
  Axis height, width;
  if (axes.size() == 3) {
    width = axes[2];
  } else {
    height = axes[channelsLast ? 1 : 2];
    width = axes[channelsLast ? 2 : 3];
  }
  std::optional<Sampling> y = convertAxis(node, height, modes);
  std::optional<Sampling> x = convertAxis(node, width, modes);
  if (!y || !x)
    return {};
  Value input = node.getValue(0);
  if (!channelsLast)
    input = node.toChannelsLast(input);
  if (node.failed())
    return {};
  Shape shape(getShape(input));
  shape[1] = height.output;
  shape[2] = width.output;
  Value scale = node.shapeOperand({y->unit, y->step, x->unit, x->step});
  Value offset = node.shapeOperand({y->offset, x->offset});
  Value borders =
      node.shapeOperand({getBorder(height, *y), getBorder(width, *x)});
  Value result = node.create<tosa::ResizeOp>(
      shape, input, scale, offset, borders,
      tosa::ResizeModeAttr::get(node.builder.getContext(),
                                modes.linear
                                    ? tosa::ResizeMode::BILINEAR
                                    : tosa::ResizeMode::NEAREST_NEIGHBOR));
  return channelsLast ? result : node.toChannelsFirst(result, axes.size());
}

/// Sets the result, once it is known how each axis is resized.
static void setResized(Node &node, ArrayRef<Axis> axes, const Modes &modes) {
  if (node.failed())
    return;
  if (llvm::none_of(axes, [](const Axis &axis) { return axis.isResized(); })) {
    if (HostTensorRef host = node.getHost(0))
      node.setResult(host);
    else
      node.setResult(node.getValue(0));
    return;
  }
  size_t rank = axes.size();
  bool channelsLast = rank == 4 && axes[1].isResized() && !axes[3].isResized();
  for (size_t i = 0; i < rank; ++i) {
    const Axis &axis = axes[i];
    if (axis.isResized() &&
        (axis.output < 1 || std::max(axis.input, axis.output) > maxAxis)) {
      node.error() << "a dimension of " << axis.input
                   << " elements can't be resized to " << axis.output;
      return;
    }
    bool spatial = channelsLast ? i == 1 || i == 2 : i >= 2;
    if (rank >= 3 && rank <= 4 && (spatial || !axis.isResized()))
      continue;
    node.error() << "resizing dimension " << i << " of "
                 << formatShape(node.getInputShape(0))
                 << " isn't supported (height and width of 4 dimensions are, "
                    "and the last of 3)";
    return;
  }
  node.setResult(resize(node, axes, channelsLast, modes));
}

/// The axis of `size` elements scaled by `scale`.
static Axis scaleAxis(Node &node, int64_t size, float scale) {
  std::optional<std::pair<int64_t, int64_t>> ratio = toRatio(scale);
  if (!ratio) {
    node.error() << "scale " << scale
                 << " isn't a ratio of numbers up to 2048; give 'sizes'";
    return {};
  }
  auto [up, down] = *ratio;
  return {size, size * up / down, up, down};
}

/// Axes of input 0, of which `axes` are scaled.
static SmallVector<Axis> scaleAxes(Node &node, ArrayRef<int64_t> axes,
                                   ArrayRef<float> scales) {
  SmallVector<Axis> result;
  for (int64_t size : node.getInputShape(0))
    result.push_back({size, size});
  if (scales.size() != axes.size()) {
    node.error() << "'scales' must hold a number for each of " << axes.size()
                 << " dimensions, not " << scales.size();
    return {};
  }
  for (auto [axis, scale] : llvm::zip_equal(axes, scales))
    result[axis] = scaleAxis(node, result[axis].input, scale);
  return result;
}

static Shape allAxes(Node &node) {
  Shape axes;
  for (size_t i = 0; i < node.getInputShape(0).size(); ++i)
    axes.push_back(i);
  return axes;
}

static bool readMode(Node &node, Modes &modes) {
  StringRef mode = node.getString("mode", "nearest");
  modes.linear = mode == "linear";
  if (modes.linear || mode == "nearest")
    return true;
  node.error() << "mode " << quoteName(mode)
               << " isn't supported (nearest and linear are)";
  return false;
}

/// Resize before opset 11, and Upsample.
static void buildUpsample(Node &node, ArrayRef<float> scales) {
  Modes modes{false, "asymmetric", ""};
  if (!readMode(node, modes) || node.failed())
    return;
  setResized(node, scaleAxes(node, allAxes(node), scales), modes);
}

static void buildResize(Node &node) {
  if (node.opset() < 11) {
    node.checkArity(2, 2);
    HostTensorRef scales = node.getWeights(1, "'scales'");
    return buildUpsample(node,
                         scales ? ArrayRef(scales->floats) : ArrayRef<float>());
  }
  node.checkArity(1, 4);
  // Of other modes, or of what lies outside of the input.
  node.ignoreAttributes(
      {"cubic_coeff_a", "exclude_outside", "extrapolation_value"});
  Modes modes;
  modes.coordinates =
      node.getString("coordinate_transformation_mode", "half_pixel");
  modes.nearest = node.getString("nearest_mode", "round_prefer_floor");
  bool antialias = node.getInt("antialias", 0) != 0;
  StringRef policy = node.getString("keep_aspect_ratio_policy", "stretch");
  std::optional<Shape> listed = node.getInts("axes");
  if (!readMode(node, modes))
    return;
  if (policy != "stretch")
    node.error() << "keep_aspect_ratio_policy " << quoteName(policy)
                 << " isn't supported (stretch is)";
  if (node.failed())
    return;
  Shape axes = listed
                   ? node.normalizeAxes(*listed, node.getInputShape(0).size())
                   : allAxes(node);

  // An operand that isn't given may be there, with no elements.
  auto isGiven = [&](unsigned i) {
    return node.hasInput(i) &&
           !(node.getHost(i) && node.getHost(i)->size() == 0);
  };
  if (isGiven(2) == isGiven(3)) {
    node.error() << "either 'scales' or 'sizes' must be given";
    return;
  }
  SmallVector<Axis> result;
  if (isGiven(2)) {
    if (HostTensorRef scales = node.getWeights(2, "'scales'"))
      result = scaleAxes(node, axes, scales->floats);
  } else if (std::optional<Shape> sizes = node.getIntOperand(3, "'sizes'")) {
    for (int64_t size : node.getInputShape(0))
      result.push_back({size, size});
    if (sizes->size() != axes.size()) {
      node.error() << "'sizes' must hold a number for each of " << axes.size()
                   << " dimensions, not " << sizes->size();
      return;
    }
    for (auto [axis, size] : llvm::zip_equal(axes, *sizes))
      result[axis] = {result[axis].input, size, size, result[axis].input};
  }
  if (node.failed())
    return;
  // Where nothing shrinks, there is nothing to smooth.
  if (antialias && llvm::any_of(result, [](const Axis &axis) {
        return axis.output < axis.input;
      })) {
    node.error() << "'antialias' isn't supported where a dimension shrinks";
    return;
  }
  setResized(node, result, modes);
}

void quantc::onnximport::addResizeOperators(OperatorTable &table) {
  table["Resize"] = buildResize;
  table["Upsample"] = [](Node &node) {
    if (node.opset() >= 9) {
      node.checkArity(2, 2);
      HostTensorRef scales = node.getWeights(1, "'scales'");
      return buildUpsample(node, scales ? ArrayRef(scales->floats)
                                        : ArrayRef<float>());
    }
    node.checkArity(1, 1);
    std::optional<std::vector<float>> scales = node.getFloats("scales");
    if (!scales)
      node.error() << "'scales' are missing";
    buildUpsample(node, scales ? ArrayRef(*scales) : ArrayRef<float>());
  };
}
