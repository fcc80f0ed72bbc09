/* Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
   SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */

/* Stores element 6 of `from` to to[6] and to[0]. */
void extract(unsigned short *to, const unsigned short *from) {
  __asm__ volatile("vmovdqu64 %0, %%xmm16\n\tvpextrw $6, %%xmm16, 12(%1)\n\t"
                   "vpextrw $6, %%xmm16, (%1)"
                   :
                   : "m"(*(const char(*)[16])from), "r"(to)
                   : "xmm16", "memory");
}
