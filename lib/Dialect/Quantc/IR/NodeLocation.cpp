// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Dialect/Quantc/IR/NodeLocation.h"
#include "quantc/Support/Text.h"

using namespace mlir;

Location quantc::getNodeLocation(MLIRContext *context, StringRef name,
                                 StringRef opType) {
  Location type = NameLoc::get(StringAttr::get(context, opType));
  return NameLoc::get(StringAttr::get(context, name), type);
}

/// The NameLoc that stands for a node, seen through fused and call-site
/// locations.
static NameLoc findNode(Location loc) {
  NameLoc found;
  loc->walk([&](Location part) {
    auto name = dyn_cast<NameLoc>(part);
    if (!name)
      return WalkResult::advance();
    found = name;
    return WalkResult::interrupt();
  });
  return found;
}

StringRef quantc::getNodeName(Location loc) {
  NameLoc node = findNode(loc);
  return node ? node.getName().getValue() : StringRef();
}

StringRef quantc::getNodeType(Location loc) {
  NameLoc node = findNode(loc);
  auto type = node ? dyn_cast<NameLoc>(node.getChildLoc()) : NameLoc();
  return type ? type.getName().getValue() : StringRef();
}

std::string quantc::describeNode(Operation *op) {
  std::string name = inOneLine(getNodeName(op->getLoc())),
              type = inOneLine(getNodeType(op->getLoc()));
  if (name.empty())
    return ("'" + op->getName().getStringRef() + "'").str();
  if (type.empty())
    return "node '" + name + "'";
  return "node '" + name + "' (" + type + ")";
}
