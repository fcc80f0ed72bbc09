// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs quantc's passes and upstream's on MLIR files.

#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "quantc/Pipelines/Register.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  quantc::registerAllDialects(registry);
  quantc::registerAllPasses();
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "quantc's optimizer driver\n", registry));
}
