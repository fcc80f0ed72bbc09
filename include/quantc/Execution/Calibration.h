// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Calibration: the observed model, compiled in float by this compiler, runs
// over samples, and observers record what its sites see.

#ifndef QUANTC_EXECUTION_CALIBRATION_H
#define QUANTC_EXECUTION_CALIBRATION_H

#include "quantc/Execution/Samples.h"
#include "quantc/Execution/ThreadPool.h"
#include "quantc/Quantization/CalibrationTable.h"

namespace quantc {

/// `module` left `observe` and isn't changed. `compiler`'s target must run
/// here. `data` is as for SampleReader. Memory doesn't grow with the number of
/// samples, and the table doesn't depend on the threads of `pool`. Errors name
/// the sample and the site, for instance where a value is NaN.
llvm::Expected<CalibrationTable>
calibrate(mlir::ModuleOp module, const Compiler &compiler,
          llvm::ArrayRef<std::string> data, ProgressFunction progress = {},
          std::shared_ptr<ThreadPool> pool = {});

} // namespace quantc

#endif // QUANTC_EXECUTION_CALIBRATION_H
