/* What a C or C++ program does with a compiled model, and its return codes. */
#include "net.h"
#include <stdio.h>

static char memory[NET_ARENA_BYTES + 2 * NET_ARENA_ALIGN];
static NET_INPUT_0_TYPE input[NET_INPUT_0_ELEMENTS];
static NET_OUTPUT_0_TYPE output[NET_OUTPUT_0_ELEMENTS];
static const int64_t dims[NET_INPUT_0_RANK] = NET_INPUT_0_DIMS;

int main(void) {
  const void *inputs[NET_NUM_INPUTS];
  void *outputs[NET_NUM_OUTPUTS];
  char *arena = memory;
  net_options options = {0, 0, 0};
  inputs[0] = input;
  outputs[0] = output;
  while ((uintptr_t)arena % NET_ARENA_ALIGN)
    ++arena;
  if (dims[3] != 8 || NET_OUTPUT_0_SCALE <= 0.0f)
    return 10;
  if (net_run(inputs, outputs, arena, &options) != 0)
    return 11;
  if (net_run(inputs, outputs, arena + 1, 0) != 2)
    return 12;
  if (net_run(inputs, outputs, 0, 0) != 1 || net_run(0, outputs, arena, 0) != 1)
    return 13;
  inputs[0] = 0;
  if (net_run(inputs, outputs, arena, 0) != 1)
    return 14;
  puts("ok");
  return 0;
}
