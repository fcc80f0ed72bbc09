// RUN: quant-opt %s --quantc-plan-memory --split-input-file --verify-diagnostics

func.func @unknown(%x: tensor<4xi8>) -> tensor<4xi8> {
  // expected-error @+1 {{'math.absi' has no kernel}}
  %y = math.absi %x : tensor<4xi8>
  return %y : tensor<4xi8>
}

// -----

func.func @steps(%x: tensor<4xi8>) -> tensor<2xi8> {
  // expected-error @+1 {{a slice with steps}}
  %y = tensor.extract_slice %x[0] [2] [2] : tensor<4xi8> to tensor<2xi8>
  return %y : tensor<2xi8>
}

// -----

func.func private @two(%x: tensor<4xi8>) -> (tensor<4xi8>, tensor<4xi8>) attributes {quantc.kernel} {
  return %x, %x : tensor<4xi8>, tensor<4xi8>
}
func.func @results(%x: tensor<4xi8>) -> tensor<4xi8> {
  // expected-error @+1 {{'two' isn't a kernel with one result}}
  %y:2 = call @two(%x) : (tensor<4xi8>) -> (tensor<4xi8>, tensor<4xi8>)
  return %y#0 : tensor<4xi8>
}
