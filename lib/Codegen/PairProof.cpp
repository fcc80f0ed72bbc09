// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "PairProof.h"
#include "quantc/Dialect/Quantc/IR/ConstantUtils.h"
#include "quantc/Quantization/Proofs.h"

using namespace mlir;
using namespace quantc;

bool quantc::pairsFitWords(linalg::Conv2DNhwcFhwcOp conv) {
  auto type = cast<RankedTensorType>(conv.getInputs()[1].getType());
  if (!type.getElementType().isInteger(8))
    return false;
  auto weights = readConstant<int8_t>(conv.getInputs()[1]);
  // A run is a tap, or a row of them where these lie one behind the other.
  int64_t tap = type.getDimSize(3), row = type.getDimSize(2) * tap;
  return weights && llvm::all_of(ArrayRef{tap, row}, [&](int64_t run) {
           return allProductSumsFitInt16(*weights, run, {0, 255});
         });
}
