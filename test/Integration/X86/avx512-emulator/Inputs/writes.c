/* Writes BYTES bytes, in parts of every size up to a few sectors, and text. */

#include "rt.h"

static unsigned char byteAt(size_t i) { return (unsigned char)(i ^ i >> 8); }

int main(void) {
  static unsigned char part[1536];
  for (size_t done = 0, size = 0; done < BYTES; done += size) {
    size = (size + 97) % sizeof part + 1;
    if (size > BYTES - done)
      size = BYTES - done;
    for (size_t i = 0; i < size; ++i)
      part[i] = byteAt(done + i);
    writeBytes(part, size);
  }
  print("text");
  return 0;
}
