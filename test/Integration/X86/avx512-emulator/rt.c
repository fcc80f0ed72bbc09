/* Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
   SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */

#include "rt.h"

/* Laid out by image.ld and run-emulated. */
static const struct Image {
  uint64_t Entry, Sectors, Data, DataBytes;
} *const Image = (const struct Image *)0x200000;

enum { SectorBytes = 512 };

static _Noreturn void finish(int status, uint64_t bytes);

static void out(uint16_t port, uint8_t value) {
  __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static uint8_t in(uint16_t port) {
  uint8_t value;
  __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
  return value;
}

/* Bochs takes as long for a byte as for eight. */
void *memcpy(void *restrict to, const void *restrict from, size_t bytes) {
  void *at = to;
  size_t words = bytes / 8;
  bytes %= 8;
  __asm__ volatile("rep movsq"
                   : "+D"(at), "+S"(from), "+c"(words)
                   :
                   : "memory");
  __asm__ volatile("rep movsb"
                   : "+D"(at), "+S"(from), "+c"(bytes)
                   :
                   : "memory");
  return to;
}

void *memmove(void *to, const void *from, size_t bytes) {
  if ((uintptr_t)to - (uintptr_t)from >= bytes)
    return memcpy(to, from, bytes);
  char *last = (char *)to + bytes - 1;
  from = (const char *)from + bytes - 1;
  __asm__ volatile("std\n\trep movsb\n\tcld"
                   : "+D"(last), "+S"(from), "+c"(bytes)
                   :
                   : "memory");
  return to;
}

void *memset(void *to, int value, size_t bytes) {
  void *at = to;
  uint64_t eight = 0x0101010101010101 * (uint8_t)value;
  size_t words = bytes / 8;
  bytes %= 8;
  __asm__ volatile("rep stosq" : "+D"(at), "+c"(words) : "a"(eight) : "memory");
  __asm__ volatile("rep stosb" : "+D"(at), "+c"(bytes) : "a"(eight) : "memory");
  return to;
}

int memcmp(const void *a, const void *b, size_t bytes) {
  const unsigned char *x = a, *y = b;
  for (; bytes; --bytes, ++x, ++y)
    if (*x != *y)
      return *x - *y;
  return 0;
}

/* The parallel port, because Bochs writes what it gets to a file of its own,
   byte by byte, at once and unchanged. 0x0c keeps the printer selected. */
int putchar(int c) {
  out(0x378, (uint8_t)c);
  out(0x37a, 0x0d);
  out(0x37a, 0x0c);
  return (unsigned char)c;
}

void print(const char *text) {
  while (*text)
    putchar(*text++);
}

int puts(const char *text) {
  print(text);
  return putchar('\n');
}

void printHex(uint64_t value, int digits) {
  for (int i = 15; i >= 0; --i)
    if (i < digits || value >> (4 * i))
      putchar("0123456789abcdef"[value >> (4 * i) & 15]);
}

/* Bytes go to the disk behind the image, in sectors: the port would take a
   hundred times as long. */
static struct {
  uint64_t Bytes;
  uint8_t Last[SectorBytes]; /* that isn't full, or just was written */
} Written;

static void writeLastSector(void) {
  uint64_t sector = Image->Sectors + (Written.Bytes - 1) / SectorBytes;
  const void *from = Written.Last;
  size_t words = SectorBytes / 4;
  uint8_t status;
  out(0x1f2, 1);
  for (int i = 0; i < 3; ++i) /* 28 bits of sector address */
    out((uint16_t)(0x1f3 + i), (uint8_t)(sector >> (8 * i)));
  out(0x1f6, (uint8_t)(0xe0 | sector >> 24));
  out(0x1f7, 0x30); /* WRITE SECTORS */
  while ((status = in(0x1f7)) & 0x80)
    ; /* busy */
  if (status & 0x08)
    __asm__ volatile("rep outsl"
                     : "+S"(from), "+c"(words)
                     : "d"((uint16_t)0x1f0)
                     : "memory");
  while ((status = in(0x1f7)) & 0x80)
    ;
  if (words || status & 0x21) {
    puts("the disk is full");
    finish(70, 0);
  }
}

void writeBytes(const void *from, size_t bytes) {
  while (bytes) {
    size_t used = Written.Bytes % SectorBytes, part = SectorBytes - used;
    if (part > bytes)
      part = bytes;
    memcpy(Written.Last + used, from, part);
    Written.Bytes += part;
    from = (const char *)from + part;
    bytes -= part;
    if (used + part == SectorBytes)
      writeLastSector();
  }
}

/* The last bytes of the text are the record that run-emulated takes the status
   from, and how many bytes are on the disk; its absence means that the machine
   died. */
static _Noreturn void finish(int status, uint64_t bytes) {
  print("exit");
  for (int i = 0; i < 8; ++i)
    putchar((int)(bytes >> (8 * i)));
  putchar(status);
  for (const char *at = "Shutdown"; *at; ++at)
    out(0x8900, (uint8_t)*at);
  for (;;)
    __asm__ volatile("hlt");
}

void exit(int status) {
  if (Written.Bytes % SectorBytes)
    writeLastSector();
  finish(status, Written.Bytes);
}

const void *inputData(size_t *bytes) {
  *bytes = Image->DataBytes;
  return Image->DataBytes ? (const void *)Image->Data : NULL;
}

/* 32 entries of 16 bytes: vector and error code on the stack, then report. */
__asm__(".balign 16\n"
        "exceptionStubs:\n"
        ".set vector, 0\n"
        ".rept 32\n"
        ".balign 16\n"
        ".if !(0x60227d00 >> vector & 1)\n"
        "pushq $0\n" /* the CPU pushes no code for these */
        ".endif\n"
        "pushq $vector\n"
        "jmp exceptionCommon\n"
        ".set vector, vector + 1\n"
        ".endr\n"
        "exceptionCommon:\n"
        "popq %rdi\n"
        "popq %rsi\n"
        "popq %rdx\n"
        "andq $-16, %rsp\n"
        "call reportException\n");

__attribute__((used)) static void
reportException(uint64_t vector, uint64_t code, uint64_t address) {
  print("\nCPU exception ");
  printHex(vector, 2);
  print(vector == 6 ? " (invalid opcode), code " : ", code ");
  printHex(code, 1);
  print(", at ");
  printHex(address, 1);
  putchar('\n');
  exit(128 + (int)vector);
}

static void catchExceptions(void) {
  extern const char exceptionStubs[];
  static struct Gate {
    uint16_t Low, Selector, Flags, Middle;
    uint32_t High, Zero;
  } gates[32];
  for (int i = 0; i < 32; ++i) {
    uint64_t stub = (uint64_t)exceptionStubs + 16 * i;
    gates[i] = (struct Gate){
        (uint16_t)stub,         0x18, 0x8e00, (uint16_t)(stub >> 16),
        (uint32_t)(stub >> 32), 0};
  }
  struct __attribute__((packed)) {
    uint16_t Limit;
    const void *Base;
  } descriptor = {sizeof gates - 1, gates};
  __asm__ volatile("lidt %0" : : "m"(descriptor));
}

int main(void);

/* Called by boot.s on an aligned, empty stack. */
void rtStart(void) {
  catchExceptions();
  exit(main());
}
