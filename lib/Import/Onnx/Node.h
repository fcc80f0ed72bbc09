// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What an operator's builder sees of the node that it imports: attributes and
// operands, checked; the operations to build; one place for errors.
//
// The first error counts. From then on every helper is inert (values are null,
// attributes have their defaults), so a builder asks failed() only before it
// looks into what it got.

#ifndef QUANTC_LIB_IMPORT_ONNX_NODE_H
#define QUANTC_LIB_IMPORT_ONNX_NODE_H

#include "HostTensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/StringSet.h"

namespace quantc::onnximport {

/// What a name of the graph stands for: a value (float32), or elements known at
/// import (any type); both once a constant has been materialized.
struct GraphValue {
  mlir::Value value;
  HostTensorRef host;

  bool isDefined() const { return value || host; }
};

/// Dimensions of a ranked, static tensor; empty for null.
llvm::ArrayRef<int64_t> getShape(mlir::Value value);

/// A name of the source model for a message: quoted, escaped, not endless.
std::string quoteName(llvm::StringRef name);

/// "node 'stem' (Conv)".
std::string describeNode(llvm::StringRef name, llvm::StringRef type);

/// "[1, 3, 32, 32]".
std::string formatShape(llvm::ArrayRef<int64_t> shape);

/// A message under way; without one, what is appended goes nowhere.
class ErrorStream {
public:
  ErrorStream() = default;
  explicit ErrorStream(mlir::InFlightDiagnostic &&diagnostic)
      : diagnostic(std::move(diagnostic)) {}
  template <typename T> ErrorStream &operator<<(T &&part) {
    if (diagnostic)
      *diagnostic << std::forward<T>(part);
    return *this;
  }

private:
  std::optional<mlir::InFlightDiagnostic> diagnostic;
};

class Node {
public:
  /// `budget`: elements of constants that the import may still create.
  Node(const ::onnx::NodeProto &proto, int64_t opset, mlir::OpBuilder &builder,
       mlir::Location diagnosticLoc, std::string name,
       llvm::SmallVector<GraphValue> inputs, int64_t &budget);

  // Errors.

  /// Starts the message "node 'x' (Conv): …"; what is appended after the first
  /// error of the node goes nowhere.
  ErrorStream error();
  bool failed() const { return hasFailed; }

  // Attributes (an error where the type is another).

  int64_t getInt(llvm::StringRef name, int64_t defaultValue);
  float getFloat(llvm::StringRef name, float defaultValue);
  llvm::StringRef getString(llvm::StringRef name, llvm::StringRef defaultValue);
  /// None where there is no such attribute.
  std::optional<Shape> getInts(llvm::StringRef name);
  std::optional<std::vector<float>> getFloats(llvm::StringRef name);
  const ::onnx::TensorProto *getTensor(llvm::StringRef name);
  bool hasAttribute(llvm::StringRef name) const;
  /// Attributes that change nothing.
  void ignoreAttributes(std::initializer_list<llvm::StringRef> names);
  /// An error for an attribute that no builder asked for.
  void checkAttributes();

  int64_t opset() const { return opsetVersion; }

  // Operands.

  unsigned getNumInputs() const { return inputs.size(); }
  bool hasInput(unsigned i) const {
    return i < inputs.size() && inputs[i].isDefined();
  }
  /// An error unless the first `min` operands are there and at most `max` are.
  void checkArity(unsigned min, unsigned max);
  /// The operand as float32 value; constants are materialized.
  mlir::Value getValue(unsigned i);
  llvm::ArrayRef<int64_t> getInputShape(unsigned i) const;
  /// Null where the operand isn't constant (or isn't there).
  HostTensorRef getHost(unsigned i) const {
    return i < inputs.size() ? inputs[i].host : nullptr;
  }
  bool isFloat(unsigned i) const {
    return !getHost(i) || getHost(i)->isFloat();
  }
  bool allConstant() const;
  /// The operand, constant and float32, all elements finite; `role` is its name
  /// in messages.
  HostTensorRef getWeights(unsigned i, llvm::StringRef role);
  /// The elements of a constant operand of integers (at most one dimension).
  std::optional<Shape> getIntOperand(unsigned i, llvm::StringRef role);
  /// The element of a constant float32 operand; may be infinite, not NaN.
  std::optional<float> getScalar(unsigned i, llvm::StringRef role);
  /// `axis` counted from the end where negative; an error where out of range.
  /// `rank` itself is allowed where `end` is set.
  int64_t normalizeAxis(int64_t axis, int64_t rank, bool end = false);
  /// Several, each at most once.
  Shape normalizeAxes(llvm::ArrayRef<int64_t> axes, int64_t rank);

  // Results.

  unsigned getNumOutputs() const { return proto.output_size(); }
  bool wantsOutput(unsigned i) const {
    return i < getNumOutputs() && !proto.output(i).empty();
  }
  void setResult(mlir::Value value, unsigned i = 0);
  void setResult(HostTensorRef host, unsigned i = 0);
  llvm::ArrayRef<GraphValue> getResults() const { return results; }

  // Building.

  mlir::OpBuilder &builder;
  mlir::Location loc;

  /// float32 tensor; an error where a dimension isn't positive or the rank or
  /// size is beyond what quantc compiles.
  mlir::RankedTensorType makeType(llvm::ArrayRef<int64_t> shape);

  /// Builds `Op`, whose first result is a float32 tensor of `shape`.
  template <typename Op, typename... Args>
  mlir::Value create(llvm::ArrayRef<int64_t> shape, Args &&...args) {
    mlir::RankedTensorType type = makeType(shape);
    if (!type)
      return {};
    return Op::create(builder, loc, type, std::forward<Args>(args)...)
        ->getResult(0);
  }

  mlir::Value constant(llvm::ArrayRef<int64_t> shape,
                       llvm::ArrayRef<float> values, llvm::StringRef name);
  /// One element, of `rank` dimensions of size 1.
  mlir::Value splat(float value, size_t rank);
  /// All finite, or an error that names `host`.
  mlir::Value materialize(const HostTensor &host);
  /// The zero-point operand of a float operation.
  mlir::Value zeroPoint();
  mlir::Value shapeOperand(llvm::ArrayRef<int64_t> values);

  mlir::Value transpose(mlir::Value x, llvm::ArrayRef<int32_t> perms);
  mlir::Value reshape(mlir::Value x, llvm::ArrayRef<int64_t> shape);
  mlir::Value slice(mlir::Value x, llvm::ArrayRef<int64_t> start,
                    llvm::ArrayRef<int64_t> size);
  /// `padding`: before and after, per dimension.
  mlir::Value pad(mlir::Value x, llvm::ArrayRef<int64_t> padding, float value);
  mlir::Value concat(mlir::ValueRange parts, int64_t axis);
  mlir::Value clamp(mlir::Value x, float min, float max);
  mlir::Value mul(mlir::Value a, mlir::Value b);

  /// Builds the binary `Op` after making the ranks equal (NumPy's rule).
  template <typename Op> mlir::Value binary(mlir::Value a, mlir::Value b) {
    std::optional<Shape> shape = equalizeRanks(a, b);
    if (!shape)
      return {};
    return create<Op>(*shape, a, b);
  }

  /// [N, C, spatial…] of rank 3 or 4 → [N, H, W, C], H = 1 for rank 3.
  mlir::Value toChannelsLast(mlir::Value x);
  /// The way back, to a tensor of `rank`.
  mlir::Value toChannelsFirst(mlir::Value x, size_t rank);

  bool takeBudget(int64_t elements);

private:
  const ::onnx::AttributeProto *
  findAttribute(llvm::StringRef name,
                ::onnx::AttributeProto::AttributeType type);
  std::optional<Shape> equalizeRanks(mlir::Value &a, mlir::Value &b);

  const ::onnx::NodeProto &proto;
  int64_t opsetVersion;
  mlir::Location diagnosticLoc;
  std::string name;
  llvm::SmallVector<GraphValue> inputs;
  llvm::SmallVector<GraphValue> results;
  llvm::StringSet<> knownAttributes;
  int64_t &budget;
  bool hasFailed = false;
};

using NodeBuilder = void (*)(Node &);
using OperatorTable = llvm::StringMap<NodeBuilder>;

// One per family of operators.
void addAttentionOperators(OperatorTable &table);
void addConstantOperators(OperatorTable &table);
void addConvolutionOperators(OperatorTable &table);
void addElementwiseOperators(OperatorTable &table);
void addMatMulOperators(OperatorTable &table);
void addMovementOperators(OperatorTable &table);
void addNormalizationOperators(OperatorTable &table);
void addPoolingOperators(OperatorTable &table);
void addReductionOperators(OperatorTable &table);
void addResizeOperators(OperatorTable &table);
void addShapeOperators(OperatorTable &table);

} // namespace quantc::onnximport

#endif // QUANTC_LIB_IMPORT_ONNX_NODE_H
