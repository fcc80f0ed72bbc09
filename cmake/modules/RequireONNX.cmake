# Protobuf classes of ONNX models: target quantc::onnx_proto.
#
# Debian's libonnx-dev installs a config package, ONNX, but it is of no use to
# us: it insists on libonnxifi, names no include directory, and doesn't say that
# its headers need ONNX_ML and ONNX_NAMESPACE defined as the library was built
# (without ONNX_ML, onnx_pb.h includes onnx.pb.h, which Debian doesn't ship).
# Only the generated classes are used (libonnx_proto), not ONNX's own checker
# and shape inference, which throw, and crash on malformed models.
find_package(Protobuf REQUIRED)
find_path(ONNX_INCLUDE_DIR onnx/onnx-ml.pb.h)
find_library(ONNX_PROTO_LIBRARY onnx_proto)
if(NOT ONNX_INCLUDE_DIR OR NOT ONNX_PROTO_LIBRARY)
  message(FATAL_ERROR "ONNX's protobuf classes are missing: install libonnx-dev and libprotobuf-dev")
endif()

if(NOT TARGET quantc::onnx_proto)
  add_library(quantc::onnx_proto INTERFACE IMPORTED)
  target_include_directories(quantc::onnx_proto SYSTEM INTERFACE ${ONNX_INCLUDE_DIR})
  target_compile_definitions(quantc::onnx_proto INTERFACE ONNX_ML=1 ONNX_NAMESPACE=onnx)
  target_link_libraries(quantc::onnx_proto INTERFACE ${ONNX_PROTO_LIBRARY} protobuf::libprotobuf)
endif()
message(STATUS "ONNX classes in ${ONNX_PROTO_LIBRARY}, protobuf ${Protobuf_VERSION}")
