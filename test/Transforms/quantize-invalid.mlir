// RUN: not quant-opt %s --quantc-quantize=requantize=half 2>&1 | FileCheck %s --check-prefix=MODE
// MODE: error: unknown requantize mode 'half': it is f32, fixed, fixed-double or shift

// RUN: not quant-opt %s --quantc-quantize=requantize=shift 2>&1 | FileCheck %s --check-prefix=SHIFT
// SHIFT: 'quantc.fake_quant' op of node 'sum' (Add) has a scale that isn't a power of two, as requantization by shifts needs; fold the calibration with power-of-two

// RUN: not quant-opt %s --quantc-quantize=integer-io 2>&1 | FileCheck %s --check-prefix=OUTPUT
// OUTPUT: error: output 'e' can't be integer: what makes it stays float
// RUN: sed 's/%%e,/%%q,/; s/%%0 = quantc.fake_quant %%x/%%0 = tosa.exp %%x : (tensor<4xf32>) -> tensor<4xf32>\n%%00 = quantc.fake_quant %%0/' %s | not quant-opt --quantc-quantize=integer-io 2>&1 | FileCheck %s --check-prefix=INPUT
// INPUT: error: input 'x' can't be integer: what reads it stays float

// RUN: not quant-opt %s --quantc-quantize=save-plan=%t.nowhere/plan.json 2>&1 | FileCheck %s --check-prefix=UNWRITABLE
// UNWRITABLE: error: cannot write '{{.*}}.nowhere/plan.json': {{.*}}No such file or directory
// RUN: not quant-opt %s --quantc-quantize=plan=%t.nowhere 2>&1 | FileCheck %s --check-prefix=NOFILE
// NOFILE: error: can't read plan '{{.*}}.nowhere': No such file or directory

// RUN: echo '{"version": 1, "nodes": [' > %t.json
// RUN: not quant-opt %s --quantc-quantize=plan=%t.json 2>&1 | FileCheck %s --check-prefix=NOJSON
// NOJSON: error: {{.*}}.json: not valid JSON: [{{.*}}]: Unexpected EOF
// RUN: echo '{"version": 2, "nodes": []}' > %t.json
// RUN: not quant-opt %s --quantc-quantize=plan=%t.json 2>&1 | FileCheck %s --check-prefix=VERSION
// VERSION: error: {{.*}}.json: is a plan of version 2, not 1
// RUN: echo '{"version": 1}' > %t.json
// RUN: not quant-opt %s --quantc-quantize=plan=%t.json 2>&1 | FileCheck %s --check-prefix=NONODES
// NONODES: error: {{.*}}.json: lacks the array "nodes"
// RUN: echo '{"version": 1, "nodes": [{"node": "sum", "form": "double"}]}' > %t.json
// RUN: not quant-opt %s --quantc-quantize=plan=%t.json 2>&1 | FileCheck %s --check-prefix=FORM
// FORM: error: {{.*}}.json: expected "integer" or "float" at plan.nodes[0].form
// RUN: echo '{"version": 1, "nodes": [{"node": "sum", "form": "integer", "rounding": "f64 half_up"}]}' > %t.json
// RUN: not quant-opt %s --quantc-quantize=plan=%t.json 2>&1 | FileCheck %s --check-prefix=ROUNDING
// ROUNDING: error: {{.*}}.json: expected "f32 half_even", "fixed half_up" or "fixed double_round" at plan.nodes[0].rounding
// RUN: echo '{"version": 1, "nodes": [{"node": "sum", "form": "float"}, {"node": "sum", "form": "float"}]}' > %t.json
// RUN: not quant-opt %s --quantc-quantize=plan=%t.json 2>&1 | FileCheck %s --check-prefix=TWICE
// TWICE: error: {{.*}}.json: has two entries for node 'sum'
// RUN: echo '{"version": 1, "nodes": [{"node": "sum", "form": "float"}]}' > %t.json
// RUN: not quant-opt %s --quantc-quantize=plan=%t.json 2>&1 | FileCheck %s --check-prefix=LACKS
// LACKS: 'tosa.exp' op of node 'exp' (Exp) isn't in the plan; plan this model again
// RUN: echo '{"version": 1, "nodes": [{"node": "sum", "form": "float"}, {"node": "exp", "form": "float"}, {"node": "log", "form": "float"}]}' > %t.json
// RUN: not quant-opt %s --quantc-quantize=plan=%t.json 2>&1 | FileCheck %s --check-prefix=MORE
// MORE: error: the plan has 3 nodes, but the model 2; plan this model again
// RUN: echo '{"version": 1, "nodes": [{"node": "sum", "form": "float"}, {"node": "exp", "form": "integer", "rounding": "f32 half_even"}]}' > %t.json
// RUN: not quant-opt %s --quantc-quantize=plan=%t.json 2>&1 | FileCheck %s --check-prefix=CANT
// CANT: 'tosa.exp' op of node 'exp' (Exp) shall be integer by the plan, but it has no integer form

func.func @net(%x: tensor<4xf32> {quantc.name = "x"}) -> (tensor<4xf32> {quantc.name = "e"}, tensor<4xf32>) {
  %0 = quantc.fake_quant %x as !quant.uniform<i8:f32, 0.5> : tensor<4xf32>
  %1 = tosa.add %0, %0 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32> loc("sum"("Add"))
  %q = quantc.fake_quant %1 as !quant.uniform<i8:f32, 0.7> : tensor<4xf32> loc("sum"("Add"))
  %e = tosa.exp %q : (tensor<4xf32>) -> tensor<4xf32> loc("exp"("Exp"))
  return %e, %q : tensor<4xf32>, tensor<4xf32>
}
