"""Runs in a guest: mounts a file system whose server never answers, as a dead NFS server's, until SIGTERM.

usage: dead_mount.py FOLDER

Source: linux/fuse.h. The first request, INIT, is answered; before that the mount cannot be used.
"""

from __future__ import annotations

import ctypes
import os
import signal
import struct
import sys

_HEADER = struct.Struct("<IIQQIIII")  # struct fuse_in_header: length, opcode, unique, ...
_ANSWER = struct.Struct("<IiQ")  # struct fuse_out_header: length, error, unique
_INIT = 26
# struct fuse_init_out of 7.23: major, minor, read-ahead, flags, background, congestion, largest write, ...
_INIT_ANSWER = struct.pack("<IIIIHHIIHHI28x", 7, 31, 65536, 0, 12, 9, 4096, 1, 0, 0, 0)


def main() -> None:
    folder = sys.argv[1]
    libc = ctypes.CDLL(None, use_errno=True)
    device = os.open("/dev/fuse", os.O_RDWR)
    options = f"fd={device},rootmode=40755,user_id=0,group_id=0,allow_other"
    if libc.mount(b"dead", folder.encode(), b"fuse", 0, options.encode()):
        raise OSError(ctypes.get_errno(), "mount")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    while True:
        _, opcode, unique, *_ = _HEADER.unpack_from(os.read(device, 1 << 20))
        if opcode == _INIT:
            os.write(device, _ANSWER.pack(_ANSWER.size + len(_INIT_ANSWER), 0, unique) + _INIT_ANSWER)


main()
