// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Interfaces/QuantizableOpInterface.h"

using namespace mlir;

#include "quantc/Interfaces/QuantizableOpInterface.cpp.inc"
