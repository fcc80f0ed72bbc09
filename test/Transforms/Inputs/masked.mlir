func.func @masked(%x: tensor<1x4x8xf32> {quantc.name = "x"}, %mask: tensor<1x1x8xf32> {quantc.name = "mask"}) -> (tensor<1x4x8xf32> {quantc.name = "y"}) {
  %sum = tosa.add %x, %mask : (tensor<1x4x8xf32>, tensor<1x1x8xf32>) -> tensor<1x4x8xf32>
  %y = quantc.softmax %sum : tensor<1x4x8xf32>
  return %y : tensor<1x4x8xf32>
}
