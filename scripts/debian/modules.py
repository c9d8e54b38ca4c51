"""The Python modules that edgeweb needs: which come from Debian, and where the installed ones came from.

    modules.py packages PYPROJECT                 prints the Debian packages to install, one a line
    modules.py missing PYPROJECT LOCKED           prints the rows of a lock file to install
    modules.py origins PYPROJECT PREFIX INDEX     prints one line: what was installed from where

The last two run with the installed program's own Python. LOCKED is a file of scripts/lock. PREFIX is the
folder of that program; INDEX is the place that its modules came from, in words. With `--extra NAME` before
the action those of an extra of pyproject.toml are counted in; `missing` then takes a second lock file.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

#: Of these the package index has no wheels for 32-bit ARM, and a board has no compiler.
COMPILED = ("psutil", "markupsafe")

#: Where the modules of Debian's packages are.
DEBIAN = Path("/usr/lib/python3/dist-packages")


class Requirement(NamedTuple):
    """A module's name, its lowest version and, where there is one, the version that is too new."""

    name: str
    lowest: tuple[int, ...]
    below: tuple[int, ...]

    def allows(self, version: tuple[int, ...]) -> bool:
        return self.lowest <= version and (not self.below or version < self.below)


def numbers(version: str) -> tuple[int, ...]:
    """Return the numbers of a version, without Debian's epoch and revision and without zeros at the end.

    A version that Debian took back is written behind the one that it had: 8.2.0+really8.1.8.

    >>> numbers("1:3.1.0-2+deb13u1")
    (3, 1)
    """
    matched = re.match(r"\.?(?:\d+:)?(\d+(?:\.\d+)*)", version.rpartition("really")[2])
    found = [int(number) for number in matched[1].split(".")] if matched else []
    while found and not found[-1]:
        found.pop()
    return tuple(found)


def requirements(pyproject: Path, extras: Sequence[str] = ()) -> list[Requirement]:
    """Return what pyproject.toml asks for, and what its extras of these names do.

    Raises:
        ValueError: a requirement has another form than `name>=1.2` or `name>=1.2,<2`.
    """
    found = []
    project = tomllib.loads(pyproject.read_text())["project"]
    optional = (text for extra in extras for text in project["optional-dependencies"][extra])
    for text in (*project["dependencies"], *optional):
        matched = re.fullmatch(r"([\w-]+)>=([\d.]+)(?:,<([\d.]+))?", text)
        if matched is None:
            raise ValueError(f"{text!r} in {pyproject} is not of the form name>=1.2,<2")
        found.append(Requirement(matched[1], numbers(matched[2]), numbers(matched[3] or "")))
    return found


def candidates(names: list[str]) -> dict[str, str]:
    """Return the versions of the packages `python3-NAME` that apt would install, or has installed.

    Source: apt-cache(8), "policy".
    """
    command = ["apt-cache", "policy", *(f"python3-{name}" for name in names)]
    text = subprocess.run(
        command, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"}, capture_output=True, text=True, check=True
    ).stdout
    found = re.findall(r"^python3-(\S+):\n(?: .*\n)*?  Candidate: (\S+)$", text, re.MULTILINE)
    return {name: version for name, version in found if version != "(none)"}


def packages(needed: list[Requirement], offered: dict[str, str]) -> list[str]:
    """Return the Debian packages to take: compiled modules always, others where Debian's are new enough."""
    return [
        f"python3-{requirement.name}"
        for requirement in needed
        if requirement.name in COMPILED
        or (requirement.name in offered and requirement.allows(numbers(offered[requirement.name])))
    ]


def missing(needed: list[Requirement], *locked: Path) -> str:
    """Return the rows of lock files, with their hashes, for what this interpreter lacks or has too old.

    Raises:
        ValueError: no file has a row of a module that is missing, or one of a version that does not fit.
    """
    text = "".join(file.read_text() for file in locked)
    rows = {
        matched[1]: (numbers(matched[2]), matched[0])
        for matched in re.finditer(r"^([\w-]+)==(\S+)(?: \\\n +--hash=sha256:[0-9a-f]{64})+\n", text, re.M)
    }
    found = []
    for requirement in needed:
        try:
            if requirement.allows(numbers(metadata.version(requirement.name))):
                continue
        except metadata.PackageNotFoundError:
            pass
        version, row = rows.get(requirement.name, ((), ""))
        if not requirement.allows(version):
            raise ValueError(
                f"{locked[-1]} has no {requirement.name} that pyproject.toml allows: run scripts/lock"
            )
        found.append(row)
    return "".join(found)


def origins(needed: list[Requirement], prefix: Path, index: str) -> str:
    """Return a sentence for each place that the modules of this interpreter are in.

    For example: From Debian: python3-psutil 5.9.4. From the package index: click 8.4.2, blinker 1.9.0.
    """
    places: dict[str, list[str]] = {}
    for requirement in needed:
        distribution = metadata.distribution(requirement.name)
        folder = Path(str(distribution.locate_file(""))).absolute()
        if folder == DEBIAN:
            places.setdefault("Debian", []).append(f"python3-{requirement.name} {distribution.version}")
            continue
        place = index if folder.is_relative_to(prefix) else str(folder)
        places.setdefault(place, []).append(f"{requirement.name} {distribution.version}")
    return " ".join(f"From {place}: {', '.join(places[place])}." for place in sorted(places, key=str.lower))


def main() -> None:
    arguments, extras = sys.argv[1:], []
    while arguments[0] == "--extra":
        extras.append(arguments[1])
        del arguments[:2]
    action, pyproject, *rest = arguments
    needed = requirements(Path(pyproject), extras)
    if action == "packages":
        print("\n".join(packages(needed, candidates([requirement.name for requirement in needed]))))
    elif action == "missing":
        print(missing(needed, *map(Path, rest)), end="")
    elif action == "origins":
        print(origins(needed, Path(rest[0]), rest[1]))


if __name__ == "__main__":
    main()
