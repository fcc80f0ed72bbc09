// What costs more in integers stays float; --verbose says so, the saved plan
// carries it, on every target, and --strict-integer overrides it.
// RUN: rm -rf %t && mkdir -p %t
// RUN: %python %S/../Pipelines/Inputs/samples.py %t/x.npy 8 1 6 6
// RUN: quantc calibrate %s --data %t/x.npy -o %t/x.qcal
// RUN: quantc compile %s --table %t/x.qcal --save-plan %t/plan.json --verbose -o %t/a.o 2>&1 | FileCheck %s
// CHECK: plan    0 operations in integers, 1 in float
// CHECK-NEXT: sum stays float: its integer form, with its conversions, costs an estimated 0.{{[0-9]+}} us more
// RUN: FileCheck %s --check-prefix=PLAN < %t/plan.json
// PLAN: "form": "float",
// PLAN-NEXT: "node": "sum",
// PLAN-NEXT: "reason": "its integer form, with its conversions, costs an estimated

// RUN: quantc compile %s --table %t/x.qcal --verbose --target aarch64-linux-gnu --mcpu cortex-a76 --save-plan %t/arm.json -o %t/arm.o
// RUN: cmp %t/plan.json %t/arm.json
// RUN: quantc compile %s --table %t/x.qcal --plan %t/plan.json --save-plan %t/again.json -o %t/b.o
// RUN: cmp %t/plan.json %t/again.json && cmp %t/a.o %t/b.o

// RUN: quantc compile %s --table %t/x.qcal --strict-integer --save-plan %t/strict.json --verbose -o %t/c.o 2>&1 | FileCheck %s --check-prefix=STRICT
// STRICT: plan    1 operations in integers, 0 in float
// STRICT-NOT: stays float
// It is the plan that says so: given back, it is integer.
// RUN: quantc compile %s --table %t/x.qcal --plan %t/strict.json --verbose -o %t/d.o 2>&1 | FileCheck %s --check-prefix=STRICT
// What is to be integer at the ends is, whatever it costs.
// RUN: quantc compile %s --table %t/x.qcal --integer-io --verbose -o %t/e.o 2>&1 | FileCheck %s --check-prefix=STRICT

// RUN: quantc compile %s --float --verbose -o %t/f.o 2>&1 | FileCheck %s --check-prefix=FLOAT
// FLOAT-NOT: plan

// A function of one value, which the plan leaves in float, becomes a table: it isn't said to be float.
// RUN: quantc compile %S/Inputs/gelu.textproto --data %t/x.npy --strict-integer --verbose -o %t/g.o 2>&1 | FileCheck %s --check-prefix=GELU
// GELU: plan    {{[0-9]+}} operations in integers, 1 in tables or folded, 0 in float
// GELU-NOT: stays float
// What a plan says and quantc doesn't know, it doesn't pass over.
// RUN: sed 's/"rounding"/"rouding"/' %t/strict.json > %t/typo.json
// RUN: not quantc compile %s --table %t/x.qcal --plan %t/typo.json -o %t/no.o 2>&1 | FileCheck %s --check-prefix=TYPO
// TYPO: quantc: error: {{.*}}typo.json: unknown key at plan.nodes[0].rouding{{$}}
// RUN: sed 's/"version"/"made by": "me", "version"/' %t/strict.json > %t/stranger.json
// RUN: not quantc compile %s --table %t/x.qcal --plan %t/stranger.json -o %t/no.o 2>&1 | FileCheck %s --check-prefix=STRANGER
// STRANGER: quantc: error: {{.*}}stranger.json: unknown key at plan.made by{{$}}
// RUN: not ls %t/no.o

func.func @net(%x: tensor<1x1x6x6xf32> {quantc.name = "x"}) -> (tensor<1x1x6x6xf32> {quantc.name = "y"}) {
  %y = tosa.add %x, %x : (tensor<1x1x6x6xf32>, tensor<1x1x6x6xf32>) -> tensor<1x1x6x6xf32> loc("sum"("Add"))
  return %y : tensor<1x1x6x6xf32>
}
