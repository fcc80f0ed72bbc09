# Helpers for quantc's own libraries, tools and tables.

option(QUANTC_SANITIZE "Build with AddressSanitizer and UndefinedBehaviorSanitizer" OFF)

# LLVM's Debian packages are built without RTTI and exceptions; classes that
# derive from theirs must be, too.
add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fno-rtti> $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions>
                    -Wall -Wextra -Wno-unused-parameter
                    -Wno-deprecated-declarations) # libstdc++ 12 within std::stable_sort
# Numbers mean the same on every machine (docs/Semantics.md): no contraction.
add_compile_options(-ffp-contract=off)
add_link_options(-fuse-ld=lld -Wl,--gc-sections)
add_compile_options(-ffunction-sections)
if(QUANTC_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize=vptr,function -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()

# Most of the time to compile a file that sees MLIR goes into MLIR's headers:
# they are parsed once. Libraries without IR don't take part.
add_library(QuantcMLIRHeaders OBJECT ${CMAKE_SOURCE_DIR}/cmake/modules/MLIRHeaders.cpp)
target_precompile_headers(QuantcMLIRHeaders PRIVATE ${CMAKE_SOURCE_DIR}/cmake/modules/MLIRHeaders.h)

# quantc_add_library(NAME sources... [PLAIN] [DEPENDS targets...] [LINK_LIBS libs...])
#   PLAIN: no MLIR IR inside (links LLVM alone).
#   DEPENDS: tablegen targets beyond quantc's dialect headers.
function(quantc_add_library name)
  cmake_parse_arguments(ARG "PLAIN" "" "DEPENDS;LINK_LIBS" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  if(ARG_PLAIN)
    add_dependencies(${name} QuantcEnumsIncGen ${ARG_DEPENDS})
    target_link_libraries(${name} PUBLIC ${ARG_LINK_LIBS} LLVM)
  else()
    target_precompile_headers(${name} REUSE_FROM QuantcMLIRHeaders)
    add_dependencies(${name} quantc-headers ${ARG_DEPENDS})
    target_link_libraries(${name} PUBLIC ${ARG_LINK_LIBS} MLIR LLVM)
  endif()
endfunction()

# quantc_add_tool(NAME sources... [LINK_LIBS libs...])
function(quantc_add_tool name)
  cmake_parse_arguments(ARG "" "" "LINK_LIBS" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  target_precompile_headers(${name} REUSE_FROM QuantcMLIRHeaders)
  add_dependencies(${name} quantc-headers)
  target_link_libraries(${name} PRIVATE ${ARG_LINK_LIBS} MLIR LLVM)
endfunction()

# quantc_add_unittest(NAME sources... [LINK_LIBS libs...])
# A GoogleTest program in build/unittests; lit runs those whose names end in Tests.
function(quantc_add_unittest name)
  cmake_parse_arguments(ARG "" "" "LINK_LIBS" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/unittests)
  target_compile_definitions(${name} PRIVATE QUANTC_UNITTEST_DIR="${CMAKE_CURRENT_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE ${ARG_LINK_LIBS} GTest::gtest GTest::gtest_main)
  add_dependencies(QuantcUnitTests ${name})
endfunction()

# quantc_tablegen(TARGET file.td  out1 flags1...  [OUT out2 flags2...]...)
# One tablegen target for all that is generated from one .td file.
function(quantc_tablegen target td)
  set(LLVM_TARGET_DEFINITIONS ${td})
  set(current "")
  set(flags "")
  foreach(arg IN LISTS ARGN ITEMS OUT)
    if(arg STREQUAL "OUT")
      if(current)
        mlir_tablegen(${current} ${flags})
      endif()
      set(current "")
      set(flags "")
    elseif(NOT current)
      set(current ${arg})
    else()
      list(APPEND flags ${arg})
    endif()
  endforeach()
  add_public_tablegen_target(${target})
  add_dependencies(quantc-headers ${target})
endfunction()

add_custom_target(quantc-headers)
add_custom_target(QuantcUnitTests)
