#!/usr/bin/env python3
"""A disk whose guest does nothing but write numbers to it, one after the other, as fast as the disk takes them.

counting_disk.py make FILE: writes the disk, a raw image of 1 MiB, with the guest in its first sector.
counting_disk.py check FILE: whether a raw image has each number that its guest wrote, up to the highest; prints that.

The guest writes the number N into sector 8 + N % 256, all over. If one write is lost, or written by a VM that has stopped
meanwhile, the sector has a number that is too low. The number that it wrote last is in its memory at ADDRESS.
"""

import struct
import sys

ADDRESS = 0x7DF4

SECTOR = 512
FIRST = 8
SECTORS = 256

# For a BIOS, which loads it to 0x7c00 and gives it the number of the drive in %dl.
CODE = bytes.fromhex(
    "31c0"  # xor %ax,%ax
    "8ed8"  # mov %ax,%ds
    "8ec0"  # mov %ax,%es
    "8ed0"  # mov %ax,%ss
    "bc007c"  # mov $0x7c00,%sp
    "fc"  # cld
    "8816f07d"  # mov %dl,DRIVE
    # again:
    "66ff06f47d"  # incl NUMBER
    "66a1f47d"  # mov NUMBER,%eax
    "bf0080"  # mov $BUFFER,%di
    "b98000"  # mov $128,%cx
    "66f3ab"  # rep stosl
    "25ff00"  # and $(SECTORS - 1),%ax
    "83c008"  # add $FIRST,%ax
    "a3e87d"  # mov %ax,WHERE + 8
    "bee07d"  # mov $WHERE,%si
    "8a16f07d"  # mov DRIVE,%dl
    "b80043"  # mov $0x4300,%ax
    "cd13"  # int $0x13: write to the disk
    "73d7"  # jnc again
    # failed:
    "f4"  # hlt
    "ebfd"  # jmp failed
)
# Of the call to the BIOS: its own size, one sector, from the buffer at 0x8000, to a sector that the code puts in.
WHERE = struct.pack("<BBHHHQ", 16, 0, 1, 0x8000, 0, 0)


def make(path):
    boot = bytearray(SECTOR)
    boot[: len(CODE)] = CODE
    boot[0x1E0 : 0x1E0 + len(WHERE)] = WHERE
    boot[0x1FE:] = b"\x55\xaa"
    with open(path, "wb") as disk:
        disk.write(boot)
        disk.truncate(1 << 20)


def number(sector):
    """The number in all of a sector."""
    numbers = set(struct.unpack(f"<{SECTOR // 4}I", sector))
    if len(numbers) != 1:
        sys.exit(f"a sector has parts of several writes: {sorted(numbers)}")
    return numbers.pop()


def check(path):
    with open(path, "rb") as disk:
        disk.seek(FIRST * SECTOR)
        found = [number(disk.read(SECTOR)) for _ in range(SECTORS)]
    highest = max(found)
    for place, there in enumerate(found):
        # The highest number of this sector that is not above the highest of all.
        expected = highest - (highest - place) % SECTORS
        if there != max(expected, 0):
            sys.exit(f"sector {FIRST + place} has {there}, not {expected}; the highest number is {highest}")
    print(highest)


if __name__ == "__main__":
    {"make": make, "check": check}[sys.argv[1]](sys.argv[2])
