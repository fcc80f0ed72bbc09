// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One object with code for several processors.

#ifndef QUANTC_TARGET_FATOBJECT_H
#define QUANTC_TARGET_FATOBJECT_H

#include "quantc/Target/Object.h"

namespace quantc {

/// The target that the whole of a fat object is compiled for, apart from its
/// kernels: the first processors of the architecture.
TargetSpec getBaseline(const TargetSpec &target);

/// Links `modules`, optimized and with an entry point NAME_run each, in the
/// order of `interface.variants`. Constants with the same bytes become one. The
/// result has
///   NAME_run      hands on to the first variant whose features the processor
///                 has, or returns 3 if there is none. It asks once; threads
///                 that ask at the same time find the same.
///   NAME_variant  the name of that variant, or a null pointer.
/// and is compiled for `machine`, one of `getBaseline`.
std::unique_ptr<llvm::Module>
linkVariants(std::vector<std::unique_ptr<llvm::Module>> modules,
             const ModelInterface &interface, llvm::TargetMachine &machine);

} // namespace quantc

#endif // QUANTC_TARGET_FATOBJECT_H
