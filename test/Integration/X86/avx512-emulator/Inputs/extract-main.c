/* Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
   SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */

#include "rt.h"

void extract(unsigned short *to, const unsigned char *from);

int main(void) {
  unsigned short from[8], to[8];
  for (int i = 0; i < 8; ++i) {
    from[i] = 0x1111 * (i + 1);
    to[i] = 0xaaaa;
  }
  extract(to, (const unsigned char *)from);
  for (int i = 0; i < 8; ++i) {
    printHex(to[i], 4);
    print(i < 7 ? " " : "\n");
  }
  return 0;
}
