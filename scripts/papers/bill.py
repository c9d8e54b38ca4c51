"""What a wheel or a Debian package consists of, read from the file itself and from the lock files.

A bill has no format yet: `cyclonedx_format` and `spdx_format` write it. It depends on nothing but the file
and the lock files, so that the same file gives the same bill anywhere.
"""

from __future__ import annotations

import email.message
import email.parser
import email.utils
import hashlib
import json
import re
import subprocess
import tarfile
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

LOCKED = Path(__file__).resolve().parents[1] / "locked"
#: The lock files of what a device runs; the others are of what builds.
LOCK_FILES = ("device.txt", "mqtt.txt")
#: The Debian release that the package is made for, as the qualifier `distro` of package URLs names it.
DISTRO = "debian-13"
VENDORED = "edgeweb/device/ui/static/vendored.json"
#: Where the Debian package has Debian's modules.
MODULES = "./usr/lib/python3/dist-packages/"

_LOCKED_ROW = re.compile(r"^([\w.-]+)==(\S+)((?: \\\n +--hash=sha256:[0-9a-f]{64})+)$", re.MULTILINE)
_RELATION = re.compile(r"([a-z0-9][a-z0-9.+-]+)(?::\w+)?\s*(?:\(([^)]+)\))?")

Relation = Literal["requires", "optional", "contains"]


class BillError(Exception):
    """There is no bill of this file; the text is the reason and the next step."""


class Part(NamedTuple):
    """One component of a bill."""

    name: str
    #: Package URL (purl). Source: ECMA-427.
    purl: str
    relation: Relation
    #: Empty where the device's own distribution chooses it.
    version: str = ""
    licence: str = ""
    #: The range that the package asks for, in the words of its own format: `(>= 3.1.3), (<< 3.2~)`.
    range: str = ""
    #: Of each of its files. A compiled module has one for each Python and processor.
    sha256: tuple[str, ...] = ()


class Bill(NamedTuple):
    """A package and its components."""

    file: str
    sha256: str
    name: str
    version: str
    licence: str
    description: str
    #: Name and address (empty: none) of who answers for the package.
    supplier: tuple[str, str]
    purl: str
    parts: tuple[Part, ...]

    def serial(self) -> uuid.UUID:
        """Return a number that is the same for the same content, and another one for any other."""
        content = json.dumps(self, sort_keys=True).encode()
        return uuid.uuid5(uuid.NAMESPACE_OID, hashlib.sha256(content).hexdigest())


class Pin(NamedTuple):
    """A row of a lock file."""

    version: str
    sha256: tuple[str, ...]


def read(path: Path, locked: Path = LOCKED) -> Bill:
    """Return the bill of a wheel or a Debian package; `locked` is the folder of the lock files.

    Raises:
        BillError: it is neither, it is damaged, or the lock files do not have what it needs.
    """
    readers = {".whl": _read_wheel, ".deb": _read_deb}
    if path.suffix not in readers:
        raise BillError(
            f"{path.name} is no wheel and no Debian package: give files that end in .whl or .deb."
        )
    try:
        return readers[path.suffix](path, read_pins(locked))
    except (OSError, ValueError, KeyError, tarfile.TarError, zipfile.BadZipFile) as error:
        raise BillError(f"{path.name} cannot be read: {error}. Build it again.") from error
    except subprocess.CalledProcessError as error:
        raise BillError(f"{path.name} cannot be read: {error.stderr.strip()}. Build it again.") from error


def read_pins(locked: Path) -> dict[str, Pin]:
    """Return the rows of the lock files, by the name of the module."""
    text = "".join((locked / name).read_text() for name in LOCK_FILES)
    return {
        canonicalize_name(name): Pin(version, tuple(re.findall("[0-9a-f]{64}", hashes)))
        for name, version, hashes in _LOCKED_ROW.findall(text)
    }


def _read_wheel(path: Path, pins: dict[str, Pin]) -> Bill:
    with zipfile.ZipFile(path) as archive:
        (name,) = [name for name in archive.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", name)]
        metadata = email.parser.BytesParser().parsebytes(archive.read(name))
        vendored = _vendored(archive.read(VENDORED))
    needed = sorted(
        _pinned(Requirement(text), pins, metadata["Name"]) for text in metadata.get_all("Requires-Dist", [])
    )
    purl = f"pkg:pypi/{canonicalize_name(metadata['Name'])}@{metadata['Version']}"
    supplier = metadata["Author"] or "", ""
    return _bill(path, metadata, metadata["Summary"], supplier, purl, (*needed, vendored))


def _pinned(requirement: Requirement, pins: dict[str, Pin], wanted_by: str) -> Part:
    """Return the part that a line `Requires-Dist` asks for, in the version that the lock file has."""
    name = canonicalize_name(requirement.name)
    optional = requirement.marker is not None and "extra" in str(requirement.marker)
    pin = pins.get(name)
    if pin is None:
        if not optional:
            raise BillError(f"scripts/locked has no {name}, which {wanted_by} needs: run scripts/lock.")
        return Part(name, f"pkg:pypi/{name}", "optional", range=str(requirement.specifier))
    if not requirement.specifier.contains(pin.version):
        raise BillError(
            f"scripts/locked has {name} {pin.version}, and {wanted_by} needs {requirement.specifier}: "
            "run scripts/lock."
        )
    return Part(
        name,
        f"pkg:pypi/{name}@{pin.version}",
        "optional" if optional else "requires",
        pin.version,
        range=str(requirement.specifier),
        sha256=pin.sha256,
    )


def _read_deb(path: Path, _: dict[str, Pin]) -> Bill:
    control = email.parser.Parser().parsestr(_dpkg_deb("--field", path).decode())
    files = dict(_members(path))
    (metadata,) = [content for name, content in files.items() if name.endswith(".dist-info/METADATA")]
    wheel = email.parser.BytesParser().parsebytes(metadata)
    if wheel["Version"] != control["Version"]:
        raise BillError(
            f"{path.name} has the modules of {wheel['Version']} as {control['Version']}. Build it again."
        )
    ranges: dict[tuple[Relation, str], list[str]] = {}
    fields: dict[str, Relation] = {
        "Pre-Depends": "requires",
        "Depends": "requires",
        "Recommends": "optional",
        "Suggests": "optional",
    }
    for field, relation in fields.items():
        for name, bound in _relations(control.get(field, "")):
            ranges.setdefault((relation, name), []).extend([f"({bound})"] if bound else [])
    needed = [
        Part(name, f"pkg:deb/debian/{name}?distro={DISTRO}", relation, range=", ".join(bounds))
        for (relation, name), bounds in sorted(ranges.items())
    ]
    purl = f"pkg:deb/edgeweb/{control['Package']}@{control['Version']}?arch={control['Architecture']}"
    # The first line; the others repeat it at length.
    description = control["Description"].splitlines()[0]
    supplier = email.utils.parseaddr(control["Maintainer"])
    return _bill(path, wheel, description, supplier, purl, (*needed, _vendored(files[MODULES + VENDORED])))


def _relations(field: str) -> Iterator[tuple[str, str]]:
    """Yield name and range of each package of a field such as `Depends`.

    >>> list(_relations("python3:any (>= 3.11), systemd"))
    [('python3', '>= 3.11'), ('systemd', '')]
    """
    for entry in filter(None, (part.strip() for part in field.split(","))):
        matched = _RELATION.fullmatch(entry)
        if matched is None:
            raise BillError(f"no component for {entry!r}: extend scripts/papers/bill.py.")
        yield matched[1], matched[2] or ""


def _members(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of the files of a Debian package that a bill is made of."""
    process = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", path], stdout=subprocess.PIPE)
    assert process.stdout is not None
    with process, tarfile.open(fileobj=process.stdout, mode="r|") as archive:
        for member in archive:
            if member.name.endswith((".dist-info/METADATA", VENDORED)):
                file = archive.extractfile(member)
                assert file is not None
                yield member.name, file.read()


def _dpkg_deb(*arguments: str | Path) -> bytes:
    return subprocess.run(["dpkg-deb", *arguments], capture_output=True, check=True).stdout


def _vendored(text: bytes) -> Part:
    """Return the part that the package carries inside: what draws the history of the dashboard."""
    found = json.loads(text)
    name, version = found["package"], found["version"]
    purl = f"pkg:{found['registry']}/{name}@{version}"
    # Of its three files the program: a hash belongs to one file.
    program = next(digest for file, digest in found["sha256"].items() if file.endswith(".js"))
    return Part(name, purl, "contains", version, found["licence"], sha256=(program,))


def _bill(
    path: Path,
    metadata: email.message.Message,
    description: str,
    supplier: tuple[str, str],
    purl: str,
    parts: tuple[Part, ...],
) -> Bill:
    return Bill(
        path.name,
        hashlib.sha256(path.read_bytes()).hexdigest(),
        metadata["Name"],
        metadata["Version"],
        metadata["License-Expression"],
        description,
        supplier,
        purl,
        parts,
    )
