# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# The ROM of the emulated machine, in place of a BIOS: from the reset vector to
# 64-bit mode with everything the CPU has up to AVX-512 enabled, the program
# read from the first disk to IMAGE, and called there.
#
# Memory: the first 4 GB mapped one to one in 2 MB pages; page tables at TABLES,
# the stack grows down from IMAGE. The image starts with two words of 64 bits,
# the address of its entry and its size in sectors (see image.ld).

        .set    TABLES, 0x100000
        .set    IMAGE, 0x200000

        .code16
        .section .rom, "ax"
        cli
        cld
        lgdtl   %cs:(gdtr - reset + 0xfff0)
        movl    %cr0, %eax
        orl     $1, %eax                # protected mode
        movl    %eax, %cr0
        ljmpl   $0x08, $protectedMode

        .code32
protectedMode:
        movl    $0x10, %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    %eax, %ss
        movl    $TABLES, %edi           # one PML4, one PDPT, four PDs
        xorl    %eax, %eax
        movl    $(6 * 1024), %ecx
        rep stosl
        movl    $(TABLES + 0x1003), TABLES
        movl    $(TABLES + 0x1000), %edi
        movl    $(TABLES + 0x2003), %eax
        movl    $4, %ecx
1:      movl    %eax, (%edi)
        addl    $0x1000, %eax
        addl    $8, %edi
        loop    1b
        movl    $(TABLES + 0x2000), %edi
        movl    $0x83, %eax             # present, writable, 2 MB
1:      movl    %eax, (%edi)
        addl    $8, %edi
        addl    $0x200000, %eax
        jnc     1b
        movl    $0x40620, %eax          # PAE, OSFXSR, OSXMMEXCPT, OSXSAVE
        movl    %eax, %cr4
        movl    $TABLES, %eax
        movl    %eax, %cr3
        movl    $0xc0000080, %ecx       # EFER.LME
        rdmsr
        orl     $0x100, %eax
        wrmsr
        movl    $0x80000023, %eax       # paging, native x87 errors, no emulation
        movl    %eax, %cr0
        ljmpl   $0x18, $longMode

        .code64
longMode:
        movl    $0xd, %eax              # x87, SSE, AVX, AVX-512 as far as the
        xorl    %ecx, %ecx              # CPU has them
        cpuid
        andl    $0xe7, %eax
        xorl    %ecx, %ecx
        xorl    %edx, %edx
        xsetbv
        movl    $IMAGE, %esp
        movl    $IMAGE, %edi
        xorl    %ebx, %ebx              # the next sector
        movl    $1, %ebp                # the sectors there are, once known
nextBlock:
        movl    %ebp, %ecx              # at most 128 sectors by one command
        subl    %ebx, %ecx
        movl    $128, %eax
        cmpl    %eax, %ecx
        cmoval  %eax, %ecx
        movw    $0x1f2, %dx
        movb    %cl, %al
        outb    %al, %dx
        movl    %ebx, %eax              # 28 bits of sector address
        incl    %edx
        outb    %al, %dx
        shrl    $8, %eax
        incl    %edx
        outb    %al, %dx
        shrl    $8, %eax
        incl    %edx
        outb    %al, %dx
        movb    %ah, %al
        orb     $0xe0, %al
        incl    %edx
        outb    %al, %dx
        addl    %ecx, %ebx
        movl    %ecx, %esi
        movb    $0x20, %al              # READ SECTORS
        incl    %edx
        outb    %al, %dx
nextSector:
        movw    $0x1f7, %dx
1:      inb     %dx, %al                # wait while busy, then for data
        testb   $0x80, %al
        jnz     1b
        testb   $0x21, %al
        jnz     shutDown
        testb   $0x08, %al
        jz      1b
        movw    $0x1f0, %dx
        movl    $128, %ecx
        rep insl
        decl    %esi
        jnz     nextSector
        movl    IMAGE + 8, %ebp
        cmpl    %ebp, %ebx
        jb      nextBlock
        call    *IMAGE

shutDown:                               # without an exit record: a failure
        leaq    word(%rip), %rsi
        movl    $8, %ecx
        movw    $0x8900, %dx
        rep outsb
1:      hlt
        jmp     1b
word:   .ascii  "Shutdown"

        .balign 8
gdt:    .quad   0
        .quad   0x00cf9a000000ffff      # 0x08: 32-bit code
        .quad   0x00cf92000000ffff      # 0x10: data
        .quad   0x00af9a000000ffff      # 0x18: 64-bit code
gdtr:   .word   gdtr - gdt - 1
        .long   gdt

        .org    0xfff0
        .code16
reset:  ljmpw   $0xf000, $0             # the ROM's copy below 1 MB
        .balign 16, 0
