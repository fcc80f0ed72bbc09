// A small net, as an importer leaves it: NCHW at its boundary, a pair of
// transposes round each operation that wants NHWC, a batch norm.
// It stops at each door; each pipeline checks the contract of its phase.
// RUN: quant-opt %s --quantc-verify-phase=phase=import | FileCheck %s --check-prefix=IMPORT
// RUN: quant-opt %s --quantc-prepare-pipeline | FileCheck %s --check-prefix=PREPARE
// RUN: quant-opt %s --quantc-prepare-pipeline=keep-batch-norm | FileCheck %s --check-prefix=TRAIN
// RUN: quant-opt %s --quantc-prepare-pipeline --quantc-observe-pipeline | FileCheck %s --check-prefix=OBSERVE
// RUN: %python %S/Inputs/samples.py %t.npy 8 1 6 6
// RUN: quantc calibrate %s --data %t.npy -o %t.qcal
// RUN: quant-opt %s --mlir-print-debuginfo --quantc-prepare-pipeline --quantc-observe-pipeline -o %t.observe.mlir
// RUN: quant-opt %t.observe.mlir --quantc-fold-pipeline=table=%t.qcal | FileCheck %s --check-prefix=FOLD
// RUN: quant-opt %t.observe.mlir --quantc-fold-pipeline=table=%t.qcal --quantc-quantize-pipeline | FileCheck %s --check-prefix=QUANTIZE
// RUN: quant-opt %t.observe.mlir --quantc-fold-pipeline=table=%t.qcal --quantc-quantize-pipeline --quantc-requantize-pipeline | FileCheck %s --check-prefixes=REQUANTIZE,F32
// RUN: quant-opt %t.observe.mlir "--quantc-fold-pipeline=table=%t.qcal power-of-two" --quantc-quantize-pipeline=requantize=shift --quantc-requantize-pipeline=strict-integer | FileCheck %s --check-prefixes=REQUANTIZE,SHIFT
// RUN: not quant-opt %t.observe.mlir --quantc-fold-pipeline=table=%t.qcal --quantc-quantize-pipeline --quantc-requantize-pipeline=strict-integer 2>&1 | FileCheck %s --check-prefix=STRICT
// RUN: quant-opt %t.observe.mlir --quantc-fold-pipeline=table=%t.qcal --quantc-quantize-pipeline --quantc-requantize-pipeline --quantc-reference-pipeline | FileCheck %s --check-prefix=REFERENCE

// IMPORT-COUNT-6: tosa.transpose

// PREPARE-LABEL: func.func @net
// PREPARE-SAME: %[[IMAGE:.*]]: tensor<1x1x6x6xf32> {quantc.name = "image"}
// PREPARE-NOT: tosa.transpose
// PREPARE: %[[X:.*]] = tosa.reshape %[[IMAGE]], {{.*}} -> tensor<1x6x6x1xf32>
// PREPARE: %[[C:.*]] = tosa.conv2d %[[X]], {{.*}}pad = array<i64: 1, 1, 1, 1>
// PREPARE-NEXT: %[[A:.*]] = tosa.clamp %[[C]]
// PREPARE-NEXT: %[[P:.*]] = tosa.max_pool2d %[[A]]
// PREPARE-NEXT: %[[F:.*]] = tosa.reshape %[[P]], {{.*}} -> tensor<1x1x1x18xf32>
// PREPARE-NEXT: %[[G:.*]] = tosa.conv2d %[[F]]
// PREPARE-NEXT: %[[R:.*]] = tosa.reshape %[[G]], {{.*}} -> tensor<1x3xf32>
// PREPARE-NEXT: return %[[R]]

// TRAIN-LABEL: func.func @net
// TRAIN: tosa.conv2d
// TRAIN-NEXT: tosa.mul
// TRAIN-NEXT: tosa.add
// TRAIN-NEXT: tosa.clamp

// Inputs, weights, and results: of the clamp instead of the convolution, none of
// the pool's.
// OBSERVE-LABEL: func.func @net
// OBSERVE: quantc.observe %arg0 "image:input" <kind = histogram
// OBSERVE: %[[W:.*]] = quantc.observe {{.*}} "stem:weight" <kind = per_channel_minmax
// OBSERVE: %[[C:.*]] = tosa.conv2d %{{.*}}, %[[W]]
// OBSERVE-NEXT: %[[A:.*]] = tosa.clamp %[[C]]
// OBSERVE-NEXT: %[[O:.*]] = quantc.observe %[[A]] "stem/relu"
// OBSERVE-NEXT: tosa.max_pool2d %[[O]]
// OBSERVE-NOT: quantc.observe %{{.*}} "stem/pool"
// OBSERVE: %[[G:.*]] = tosa.conv2d
// OBSERVE-NEXT: quantc.observe %[[G]] "head"

// FOLD-LABEL: func.func @net
// FOLD-NOT: quantc.observe
// FOLD: quantc.fake_quant {{.*}} as !quant.uniform<i8<-127:127>:f32:0, {
// FOLD: quantc.fake_quant {{.*}} as !quant.uniform<i8:f32, {{.*}}> : tensor<1x1x1x3xf32>

// QUANTIZE-LABEL: func.func @net
// QUANTIZE-NOT: quantc.fake_quant
// QUANTIZE: quantc.quantize %{{.*}} -> tensor<1x1x6x6x!quant.uniform<i8:f32, {{.*}}>>
// QUANTIZE: tosa.conv2d {{.*}} -> tensor<1x6x6x2xi32>
// QUANTIZE: quantc.requantize {{.*}} <f32, half_even>
// QUANTIZE: tosa.max_pool2d {{.*}} -> tensor<1x3x3x2xi8>

// REQUANTIZE-LABEL: func.func @net
// REQUANTIZE-NOT: tensor<{{.*}}!quant.uniform
// REQUANTIZE: quantc.quantize %{{.*}} as !quant.uniform<i8:f32, {{.*}}> : tensor<1x1x6x6xf32> -> tensor<1x1x6x6xi8>
// REQUANTIZE: %[[C:.*]] = tosa.conv2d
// F32-NEXT: quantc.rescale %[[C]] <f32, half_even> {{.*}}multipliers = array<f32:
// SHIFT-NEXT: quantc.rescale %[[C]] <fixed, half_up> {{.*}}shifts = array<i32:
// REQUANTIZE-NEXT: tosa.max_pool2d
// REQUANTIZE: quantc.dequantize {{.*}} -> tensor<1x3xf32>

// STRICT: error: {{.*}}node 'stem' (Conv) {{.*}}strict integer mode excludes

// REFERENCE-NOT: tosa.
// REFERENCE: llvm.func @net_run(%{{.*}}: !llvm.ptr, %{{.*}}: !llvm.ptr, %{{.*}}: !llvm.ptr, %{{.*}}: !llvm.ptr) -> i32

func.func @net(%image: tensor<1x1x6x6xf32> {quantc.name = "image"}) -> (tensor<1x3xf32> {quantc.name = "scores"}) {
  %zero = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %padding = tosa.const_shape {values = dense<[0, 0, 1, 1, 1, 1, 0, 0]> : tensor<8xindex>} : () -> !tosa.shape<8>
  %flat = tosa.const_shape {values = dense<[1, 18]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %rows = tosa.const_shape {values = dense<[1, 1, 1, 18]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %result = tosa.const_shape {values = dense<[1, 3]> : tensor<2xindex>} : () -> !tosa.shape<2>

  %w0 = "tosa.const"() {values = dense<[[[[0.5], [0.25], [0.0]], [[-0.5], [1.0], [0.5]], [[0.0], [0.25], [-0.25]]], [[[1.0], [0.0], [-1.0]], [[2.0], [0.0], [-2.0]], [[1.0], [0.0], [-1.0]]]]> : tensor<2x3x3x1xf32>} : () -> tensor<2x3x3x1xf32>
  %b0 = "tosa.const"() {values = dense<[0.5, -0.5]> : tensor<2xf32>} : () -> tensor<2xf32>
  %scale = "tosa.const"() {values = dense<[[[[2.0, 0.5]]]]> : tensor<1x1x1x2xf32>} : () -> tensor<1x1x1x2xf32>
  %offset = "tosa.const"() {values = dense<[[[[0.25, -0.25]]]]> : tensor<1x1x1x2xf32>} : () -> tensor<1x1x1x2xf32>
  %0 = tosa.transpose %image {perms = array<i32: 0, 2, 3, 1>} : (tensor<1x1x6x6xf32>) -> tensor<1x6x6x1xf32>
  %1 = tosa.pad %0, %padding, %zero : (tensor<1x6x6x1xf32>, !tosa.shape<8>, tensor<1xf32>) -> tensor<1x8x8x1xf32>
  %2 = tosa.conv2d %1, %w0, %b0, %zero, %zero {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x8x8x1xf32>, tensor<2x3x3x1xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x6x6x2xf32> loc(#conv)
  %3 = tosa.transpose %2 {perms = array<i32: 0, 3, 1, 2>} : (tensor<1x6x6x2xf32>) -> tensor<1x2x6x6xf32>
  %4 = tosa.transpose %3 {perms = array<i32: 0, 2, 3, 1>} : (tensor<1x2x6x6xf32>) -> tensor<1x6x6x2xf32>
  %5 = tosa.mul %4, %scale, %shift : (tensor<1x6x6x2xf32>, tensor<1x1x1x2xf32>, tensor<1xi8>) -> tensor<1x6x6x2xf32>
  %6 = tosa.add %5, %offset : (tensor<1x6x6x2xf32>, tensor<1x1x1x2xf32>) -> tensor<1x6x6x2xf32>
  %7 = tosa.transpose %6 {perms = array<i32: 0, 3, 1, 2>} : (tensor<1x6x6x2xf32>) -> tensor<1x2x6x6xf32>
  %8 = tosa.clamp %7 {min_val = 0.0 : f32, max_val = 6.0 : f32} : (tensor<1x2x6x6xf32>) -> tensor<1x2x6x6xf32> loc(#relu)
  %9 = tosa.transpose %8 {perms = array<i32: 0, 2, 3, 1>} : (tensor<1x2x6x6xf32>) -> tensor<1x6x6x2xf32>
  %10 = tosa.max_pool2d %9 {kernel = array<i64: 2, 2>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 2, 2>} : (tensor<1x6x6x2xf32>) -> tensor<1x3x3x2xf32> loc(#pool)
  %11 = tosa.transpose %10 {perms = array<i32: 0, 3, 1, 2>} : (tensor<1x3x3x2xf32>) -> tensor<1x2x3x3xf32>
  %12 = tosa.reshape %11, %flat : (tensor<1x2x3x3xf32>, !tosa.shape<2>) -> tensor<1x18xf32>

  %w1 = "tosa.const"() {values = dense<[[[[1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]]], [[[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, -0.5]]], [[[0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]]]]> : tensor<3x1x1x18xf32>} : () -> tensor<3x1x1x18xf32>
  %b1 = "tosa.const"() {values = dense<[0.5, 0.0, -1.0]> : tensor<3xf32>} : () -> tensor<3xf32>
  %13 = tosa.reshape %12, %rows : (tensor<1x18xf32>, !tosa.shape<4>) -> tensor<1x1x1x18xf32>
  %14 = tosa.conv2d %13, %w1, %b1, %zero, %zero {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x1x1x18xf32>, tensor<3x1x1x18xf32>, tensor<3xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x1x3xf32> loc(#head)
  %15 = tosa.reshape %14, %result : (tensor<1x1x1x3xf32>, !tosa.shape<2>) -> tensor<1x3xf32> loc(#head)
  return %15 : tensor<1x3xf32>
}
#conv = loc("stem"("Conv"))
#relu = loc("stem/relu"("Relu"))
#pool = loc("stem/pool"("MaxPool"))
#head = loc("head"("Gemm"))
