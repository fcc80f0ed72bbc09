"""Two samples for masked.mlir: scores from -4 to 4, the second half of them masked."""

import pathlib
import struct
import sys


def write(path, shape, values):
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}"
    header += " " * (-(len(header) + 11) % 64) + "\n"
    path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode()
                     + struct.pack(f"<{len(values)}f", *values))


folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True)
write(folder / "x.npy", (2, 4, 8), [i / 63 * 8 - 4 for i in range(64)])
write(folder / "mask.npy", (2, 1, 8), ([0.0] * 4 + [float(sys.argv[2])] * 4) * 2)
