"""Write the bills of materials of a wheel and of a Debian package: what is in them, and what they need.

FILE.cdx.json is CycloneDX 1.6, FILE.spdx.json is SPDX 2.3. Each has the package with version, licence, hash
and package URL (purl); what a wheel needs, in the versions and with the hashes of scripts/locked; what a
Debian package needs, with the ranges of its control file; and what is bundled. Both are checked before they
are written. The same file gives the same bills, to the byte: their serial number is made of the content,
their date is SOURCE_DATE_EPOCH or, without it, the date of the commit.

Exit code 1: a file is no such package, or scripts/locked does not have what it needs.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from . import bill, cyclonedx_format, spdx_format

FORMATS = {".cdx.json": cyclonedx_format.write, ".spdx.json": spdx_format.write}


def write(path: Path, folder: Path, date: datetime) -> list[Path]:
    """Write the bills of a package into a folder, and return their paths.

    Raises:
        bill.BillError: there is none of this file.
    """
    found = bill.read(path)
    texts = {folder / f"{path.name}{ending}": make(found, date) for ending, make in FORMATS.items()}
    for target, text in texts.items():
        target.write_text(text)
    return list(texts)


def source_date() -> datetime:
    """Return the date of what is packaged: SOURCE_DATE_EPOCH, else that of the commit."""
    seconds = os.environ.get("SOURCE_DATE_EPOCH")
    if seconds is None:
        command = ["git", "log", "-1", "--format=%ct"]
        seconds = subprocess.check_output(command, cwd=Path(__file__).parent, text=True)
    return datetime.fromtimestamp(int(seconds), UTC)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="scripts/sbom", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a wheel or a Debian package")
    parser.add_argument("--output", type=Path, metavar="FOLDER", help="default: beside each file")
    options = parser.parse_args(arguments)
    date = source_date()
    try:
        for path in options.files:
            for written in write(path, options.output or path.parent, date):
                print(written)
    except (bill.BillError, OSError) as error:
        print(f"scripts/sbom: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
