// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Quantization/Enums.h"
#include "llvm/ADT/StringSwitch.h"

#include "quantc/Quantization/Enums.cpp.inc"
