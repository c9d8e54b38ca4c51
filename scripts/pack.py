#!/usr/bin/env python3
"""Pack the dashboard's style sheets, scripts and icons into edgeweb/device/ui/static/packed.

    scripts/pack.py

Every build of the package does it (build_hook.py), and so do scripts/serve and scripts/test; it needs no npm.
Each file becomes NAME.HASH.EXTENSION.gz: the address changes with the content, so browsers may keep it for
ever.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import os
import sys
from pathlib import Path

STATIC = Path(__file__).resolve().parents[1] / "edgeweb/device/ui/static"
#: The sheets of css/ that make dashboard.css, in this order: later rules win.
SHEETS = ("tokens", "base", "frame", "cards", "forms", "channels", "pages", "phone")
#: Scripts import one another by name, so those that are imported come first.
IMPORTED_FIRST = ("quantity.js",)


def sources(static: Path) -> dict[str, bytes]:
    """Return the content of every file to pack, by name, what others import first."""
    found = {
        path.name: path.read_bytes()
        for path in sorted(static.iterdir())
        if path.is_file() and path.suffix != ".json"
    }
    found["dashboard.css"] = b"".join((static / f"css/{name}.css").read_bytes() for name in SHEETS)
    first = {name: found[name] for name in IMPORTED_FIRST if name in found}
    return first | found


def pack(static: Path = STATIC) -> list[Path]:
    """Write `static`/packed, without what was packed before, and return its files.

    A file whose content is the same is left alone, so that a second run writes nothing.
    """
    folder = static / "packed"
    folder.mkdir(exist_ok=True)
    addresses: dict[str, str] = {}
    for name, source in sources(static).items():
        content = source
        for imported, address in addresses.items():
            content = content.replace(f'"./{imported}"'.encode(), f'"./{address}"'.encode())
        stem, _, extension = name.rpartition(".")
        addresses[name] = f"{stem}.{hashlib.sha256(content).hexdigest()[:10]}.{extension}"
        target = folder / f"{addresses[name]}.gz"
        if not target.exists():
            # Complete or absent: two tests or builds may pack at the same time.
            unfinished = folder / f".{target.name}.{os.getpid()}"
            unfinished.write_bytes(gzip.compress(content, 9, mtime=0))
            unfinished.replace(target)
    kept = {f"{address}.gz" for address in addresses.values()}
    for path in folder.iterdir():
        if path.name not in kept and not path.name.startswith("."):
            path.unlink(missing_ok=True)
    return sorted(folder / name for name in kept)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.parse_args()
    files = pack()
    print(f"{len(files)} files, {sum(path.stat().st_size for path in files)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
