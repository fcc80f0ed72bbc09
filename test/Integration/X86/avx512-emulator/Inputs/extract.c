/* Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
   SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */

/* Copies `from` with byte 4 as byte 3 is, then element 6 to to[6] and to[0]. */
void extract(unsigned short *to, const unsigned char *from) {
  __asm__ volatile("vmovdqu64 (%1), %%xmm16\n\t"
                   "vpinsrb $4, 3(%1), %%xmm16, %%xmm16\n\t"
                   "vmovdqu64 %%xmm16, (%0)\n\t"
                   "vpextrw $6, %%xmm16, 12(%0)\n\t"
                   "vpextrw $6, %%xmm16, (%0)"
                   :
                   : "r"(to), "r"(from)
                   : "xmm16", "memory");
}
