// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The enums of Enums.td with stringify/symbolize functions.

#ifndef QUANTC_QUANTIZATION_ENUMS_H
#define QUANTC_QUANTIZATION_ENUMS_H

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/DenseMapInfo.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

#include "quantc/Quantization/Enums.h.inc"

#endif // QUANTC_QUANTIZATION_ENUMS_H
