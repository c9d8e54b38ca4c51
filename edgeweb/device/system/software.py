"""edgeweb's own version, and a newer one that apt offers.

    $ apt-cache policy edgeweb
    edgeweb:
      Installed: 1.0.0
      Candidate: 1.2.0
      Version table:
         1.2.0 500
            500 file:/srv/r stable-security/main amd64 Packages
     *** 1.0.0 500
            500 file:/srv/r stable/main amd64 Packages
            100 /var/lib/dpkg/status

apt sorts the table, the newest first. Its words are in the language of the system, so lines are read by their
form: this needs no variable in the environment of the program.

What apt answers is kept until its lists or dpkg's status change. `edgeweb-update.service` changes them as
root (`systemd/setup/update`), and writes how far it is to `STATUS`.

Source: apt-cache(8), apt_preferences(5), deb-version(7).
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import NamedTuple

from .source import read_file
from .systemd import UPDATE_UNIT
from .text import clean

Run = Callable[[list[str]], bytes]

#: Why a device offers no update.
REASONS = ("", "no-apt", "no-package", "no-unit")

#: What the update does now, and how it ended. `systemd/setup/update` writes these words.
STEPS = ("", "fetching", "saving", "installing", "waiting", "restoring", "done")
RESULTS = ("", "updated", "restored", "refused", "failed")
#: Why it was refused, or went back.
CAUSES = (
    "",
    "nothing-newer",
    "no-package",
    "no-space",
    "no-way-back",
    "not-fetched",
    "other-packages",
    "not-installed",
    "not-ready",
    "power-cut",
)

STATUS = "run/edgeweb-update/status"
#: Where the Debian package has the modules.
FOLDER = "usr/lib/python3/dist-packages/edgeweb"
_APT = "usr/bin/apt-cache"
_LIST = "var/lib/dpkg/info/edgeweb.list"
_CHANGELOG = "usr/share/doc/edgeweb/NEWS.md"
_UNIT_FILE = f"usr/lib/systemd/system/{UPDATE_UNIT}"
#: When apt has fetched its lists: the file of its daily timer, else the folder of the lists.
_FETCHED = ("var/lib/apt/periodic/update-success-stamp", "var/lib/apt/lists")
#: An answer of apt counts while these have not changed.
_WATCHED = ("var/lib/apt/lists", "var/lib/dpkg/status")
#: A repository of edgeweb's own (`systemd/README.md`).
_SOURCES = "etc/apt/sources.list.d/edgeweb.sources"

#: Bytes of the changelog, and of the status, that are read.
MAX_CHANGELOG = 32 * 1024
_MAX_STATUS = 2048
#: Versions and sources of a table that are read.
_MAX_ROWS = 64
_MAX_VERSION = 100

_VERSION = re.compile(rb" (\*\*\*|   ) (\S+) -?\d+(?: .*)?")
_SOURCE = re.compile(rb" {7,}-?\d+ \S+ (\S+)/\S* \S+ \S+")
_RELEASE = re.compile(rb" *-?\d+ \S+ (\S+)/\S* \S+ \S+|     release (.*)")
_SECURITY = "-security"


class Version(NamedTuple):
    """One version that apt knows, with the suites that have it."""

    version: str
    suites: tuple[str, ...]


class Policy(NamedTuple):
    """The answer of `apt-cache policy`: what is installed, what apt would take, and all versions."""

    installed: str
    candidate: str
    versions: tuple[Version, ...]

    @property
    def newer(self) -> Version | None:
        """Return the version that apt would take, where it is above the installed one; else None."""
        for row in self.versions:
            if row.version == self.installed:
                break
            if row.version == self.candidate:
                return row if self.installed else None
        return None


class Update(NamedTuple):
    """The update that runs, or the last one since the machine has started."""

    step: str = ""
    result: str = ""
    reason: str = ""
    before: str = ""
    after: str = ""


class Found(NamedTuple):
    """What is installed and what is offered; `reason`, one of `REASONS`, says why nothing can be."""

    packaged: bool
    reason: str
    installed: str
    offered: str
    security: bool
    #: All versions that apt knows, the newest first.
    versions: tuple[str, ...]
    #: When apt has fetched its lists, in seconds of the epoch; None where it has not.
    fetched: float | None

    def is_newer(self, version: str) -> bool:
        """Return whether a version of the table stands above the installed one."""
        above = (
            self.versions[: self.versions.index(self.installed)] if self.installed in self.versions else ()
        )
        return version in above


def parse_policy(output: bytes) -> Policy:
    """Return what apt says of a package; empty where it knows none.

    >>> parse_policy(b"edgeweb:\\n  Installed: 1.0\\n  Candidate: 1.0\\n").installed
    '1.0'
    """
    named: list[str] = []
    rows: list[tuple[str, list[str]]] = []
    for line in output.splitlines():
        if found := _VERSION.fullmatch(line):
            rows.append((clean(found[2], _MAX_VERSION), []))
            if len(rows) == _MAX_ROWS:
                break
        elif found := _SOURCE.fullmatch(line):
            if rows and len(rows[-1][1]) < _MAX_ROWS:
                rows[-1][1].append(clean(found[1], _MAX_VERSION))
        elif line.startswith(b"  ") and len(named) < 2:
            version = line.partition(b":")[2].strip()
            # "(none)", in any language
            named.append("" if version.startswith(b"(") else clean(version, _MAX_VERSION))
    installed, candidate = (*named, "", "")[:2]
    return Policy(installed, candidate, tuple(Version(name, tuple(suites)) for name, suites in rows))


def is_security(suites: tuple[str, ...], releases: bytes = b"") -> bool:
    """Return whether one of these suites is of security updates, by its name, its alias or its label.

    `releases` is the output of `apt-cache policy` without a package, which has aliases and labels.
    """
    if any(suite.endswith(_SECURITY) for suite in suites):
        return True
    suite = ""
    for line in releases.splitlines():
        if (found := _RELEASE.fullmatch(line)) is None:
            continue
        if found[1] is not None:
            suite = clean(found[1])
        elif suite in suites:
            fields = dict(field.partition("=")[::2] for field in clean(found[2], 1000).split(","))
            if any(fields.get(key, "").lower().endswith(_SECURITY) for key in "aln"):
                return True
    return False


class Software:
    """What is installed and offered, below `root`. `program` is the folder of the package that runs.

    >>> Software(lambda arguments: b"", root="/nonexistent").find().reason
    'no-package'
    """

    def __init__(self, run: Run, root: str = "/", program: str = "") -> None:
        self._run = run
        self._root = root
        self._program = program or _own_folder()
        self._asked: tuple[object, Policy, bool] | None = None

    def find(self) -> Found:
        """Return what there is. Raises what `run` raises, and nothing else."""
        packaged = self._is_packaged()
        fetched = next((at for at in map(self._changed, _FETCHED) if at is not None), None)
        if not packaged or not self._has(_APT):
            return Found(packaged, "no-apt" if packaged else "no-package", "", "", False, (), fetched)
        policy, security = self._ask()
        newer = policy.newer
        versions = tuple(row.version for row in policy.versions)
        reason = "" if self._has(_UNIT_FILE) else "no-unit"
        offered = newer.version if newer else ""
        return Found(packaged, reason, policy.installed, offered, security, versions, fetched)

    def changelog(self) -> list[str]:
        """Return the changes of the installed version, lines of Markdown; none where the package has none."""
        return [clean(line, 400).rstrip() for line in self._read(_CHANGELOG, MAX_CHANGELOG).splitlines()]

    def update(self) -> Update:
        """Return the update that runs, or how the last one ended."""
        rows = (line.partition(b"=") for line in self._read(STATUS, _MAX_STATUS).splitlines())
        found = {key: clean(value, _MAX_VERSION) for key, _, value in rows}

        def word(key: bytes, words: tuple[str, ...]) -> str:
            return value if (value := found.get(key, "")) in words else ""

        return Update(
            word(b"step", STEPS),
            word(b"result", RESULTS),
            word(b"reason", CAUSES),
            found.get(b"from", ""),
            found.get(b"to", ""),
        )

    def _ask(self) -> tuple[Policy, bool]:
        """Return apt's answer, and whether what it offers is a security update."""
        state = tuple(map(self._changed, _WATCHED))
        if self._asked is None or self._asked[0] != state:
            command = ["apt-cache"]
            if self._has(_SOURCES):
                # Without the lists of all of Debian apt takes 10 MB and 0.03 s; with them, where its cache is
                # out of date, 50 MB and a second. That memory counts for this service.
                parts = ("Etc::sourcelist=/" + _SOURCES, "Etc::sourceparts=/dev/null")
                for option in (*parts, "Cache::pkgcache=", "Cache::srcpkgcache="):
                    command += ["-o", f"Dir::{option}"]
            policy, security = parse_policy(self._run([*command, "policy", "edgeweb"])), False
            if newer := policy.newer:
                security = is_security(newer.suites)
                if not security:
                    security = is_security(newer.suites, self._run([*command, "policy"]))
            self._asked = state, policy, security
        return self._asked[1:]

    def _is_packaged(self) -> bool:
        """Return whether the program that runs is the Debian package's, and not a checkout beside it."""
        return self._program == os.path.join(self._root, FOLDER) and self._has(_LIST)

    def _has(self, path: str) -> bool:
        return os.path.exists(os.path.join(self._root, path))

    def _changed(self, path: str) -> float | None:
        try:
            return os.stat(os.path.join(self._root, path)).st_mtime
        except OSError:
            return None

    def _read(self, path: str, longest: int) -> bytes:
        try:
            return read_file(os.path.join(self._root, path), longest)[:longest]
        except OSError:
            return b""


def _own_folder() -> str:
    """Return the folder of the package edgeweb: this file is three folders below."""
    path = os.path.abspath(__file__)
    for _ in range(3):
        path = os.path.dirname(path)
    return path
