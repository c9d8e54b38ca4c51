"""Unpack wheels into a virtual environment, without pip: to begin alone takes pip minutes on a Pi Zero.

    wheels.py FOLDER LOCKED    unpack what LOCKED names by version and hash, and edgeweb, from FOLDER

It runs with the environment's own Python. Nothing is compiled. Exit code 1: a wheel is missing, has another
content, or is for another processor or Python.

Source: Python Packaging User Guide, "Binary distribution format" and "Entry points specification".
"""

from __future__ import annotations

import configparser
import hashlib
import platform
import re
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

#: What is made of an entry point `name = module:function [extra]`; the extra has no meaning any more.
_PROGRAM = """\
#!{python}
import sys

from {module} import {function}

sys.exit({function}())
"""


class WheelError(Exception):
    """A wheel that cannot be installed, with the reason."""


def find(folder: Path, name: str, version: str = "*") -> list[Path]:
    """Return a project's wheels, the likeliest for this machine last.

    Raises:
        WheelError: there is none.
    """
    # A file's name has _ for what a project's name has -.
    pattern = f"{name.replace('-', '_')}-{version}-*.whl"
    found = sorted(folder.glob(pattern), key=lambda wheel: (platform.machine() in wheel.name, wheel.name))
    if not found:
        raise WheelError(f"{folder} has no {pattern}: see --offline in --help")
    return found


def locked(folder: Path, text: str) -> list[Path]:
    """Return the wheels of the rows of a lock file, each with one of the hashes that stand there.

    Raises:
        WheelError: one is missing or has another hash.
    """
    found = []
    for name, version, hashes in re.findall(r"^([\w-]+)==(\S+)((?: \\\n +--hash=sha256:\w+)+)", text, re.M):
        wheel = find(folder, name, version)[-1]
        if hashlib.sha256(wheel.read_bytes()).hexdigest() not in re.findall(r"\w{64}", hashes):
            raise WheelError(f"{wheel} has none of the hashes in scripts/locked: download it again")
        found.append(wheel)
    return found


def unpack(wheel: Path, packages: Path, programs: Path) -> None:
    """Unpack a wheel, and make the programs that it declares.

    Args:
        wheel: The file.
        packages: The folder of modules, `site-packages`.
        programs: The folder of programs, `bin`.

    Raises:
        WheelError: it brings more than modules, such as headers, or modules that do not run here.
    """
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        if any(name.partition("/")[0].endswith(".data") for name in names):
            raise WheelError(f"{wheel} has more than modules: install it by pip")
        archive.extractall(packages)
        declared = configparser.ConfigParser(delimiters="=", interpolation=None)
        declared.optionxform = str  # type: ignore[assignment, method-assign]
        for name in names:
            if name.endswith(".dist-info/entry_points.txt"):
                declared.read_string(archive.read(name).decode())
    if not wheel.name.endswith("-none-any.whl"):
        # The tags in its name are one of many that fit; whether it is loaded says more.
        module = wheel.name.partition("-")[0]
        if subprocess.run([sys.executable, "-c", f"import {module}"], check=False).returncode:
            raise WheelError(f"{wheel} is for another processor or Python: install python3-{module}")
    if declared.has_section("console_scripts"):
        for name, place in declared["console_scripts"].items():
            module, _, function = place.partition("[")[0].strip().partition(":")
            program = programs / name
            program.write_text(_PROGRAM.format(python=sys.executable, module=module, function=function))
            program.chmod(0o755)


def main() -> int:
    folder, rows = Path(sys.argv[1]), Path(sys.argv[2]).read_text()
    try:
        wheels = [*locked(folder, rows), find(folder, "edgeweb")[-1]]
        for wheel in wheels:
            unpack(wheel, Path(sysconfig.get_path("purelib")), Path(sysconfig.get_path("scripts")))
    except WheelError as error:
        print(f"wheels: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
