// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The C header that goes with an object.

#ifndef QUANTC_TARGET_HEADER_H
#define QUANTC_TARGET_HEADER_H

#include "quantc/Target/ModelInterface.h"

namespace quantc {

/// Writes the header, C99 and C++: sizes, shapes, element types, scales and
/// zero points as macros, and the declaration of NAME_run.
void writeHeader(const ModelInterface &interface, llvm::raw_ostream &os);

} // namespace quantc

#endif // QUANTC_TARGET_HEADER_H
