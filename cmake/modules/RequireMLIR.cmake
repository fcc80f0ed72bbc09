# LLVM's version file accepts a request only if major *and* minor agree, so
# `find_package(MLIR 22)` refuses 22.1. We ask for any and check the major number.
# Debian keeps LLVM 22 in a prefix of its own; any other works through MLIR_DIR
# or CMAKE_PREFIX_PATH.
find_package(MLIR REQUIRED CONFIG HINTS /usr/lib/llvm-22)
if(NOT LLVM_VERSION_MAJOR EQUAL 22)
  message(FATAL_ERROR "quantc needs LLVM/MLIR 22, but ${MLIR_DIR} holds ${LLVM_PACKAGE_VERSION}; "
                      "set MLIR_DIR to <prefix of LLVM 22>/lib/cmake/mlir")
endif()
message(STATUS "MLIR ${LLVM_PACKAGE_VERSION} in ${MLIR_DIR}")
