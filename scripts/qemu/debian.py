"""Debian's packages: those that this machine needs for the work, and root file systems unpacked from them."""

from __future__ import annotations

import email.utils
import os
import re
import shutil
import subprocess
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from .. import mirror
from .progress import Fault, say
from .releases import Release

#: Program: the Debian package that has it.
PROGRAMS = {
    "qemu-system-aarch64": "qemu-system-arm",
    "qemu-img": "qemu-utils",
    "mmdebstrap": "mmdebstrap",
    "fdtput": "device-tree-compiler",
    "depmod": "kmod",
    "cpio": "cpio",
    "mke2fs": "e2fsprogs",
    "systemd-sysusers": "systemd",
    "setpriv": "util-linux",
}
_PATH = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))


def find(program: str, packages: Mapping[str, str] = PROGRAMS) -> str:
    """Return where a program is, also in the system folders, which are not on every path.

    Raises:
        Fault: it is missing; the text names its package, by `packages`.
    """
    found = shutil.which(program, path=_PATH)
    if found is None:
        raise Fault(f"{program} is missing: apt install {packages.get(program, program)}")
    return found


def missing_packages(programs: Mapping[str, str] = PROGRAMS) -> list[str]:
    """Return the Debian packages that have to be installed, for programs by name."""
    return sorted(
        {package for program, package in programs.items() if shutil.which(program, path=_PATH) is None}
    )


def install_missing(programs: Mapping[str, str] = PROGRAMS) -> None:
    """Install the packages of programs that are missing, where this process may.

    Raises:
        Fault: it may not, or apt fails; the text has the command.
    """
    packages = missing_packages(programs)
    if not packages:
        return
    command = "apt-get install -y -qq --no-install-recommends " + " ".join(packages)
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise Fault(f"programs are missing; as root: {command}")
    say(f"installing {' '.join(packages)}")
    for line in ("apt-get update -qq", command):
        done = subprocess.run(
            line.split(),
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise Fault(f"{line} failed:\n{done.stderr[-2000:]}")


def state(release: Release) -> str:
    """Return what a release is at now: its name, version and date. The packages change when these do.

    Raises:
        Fault: the mirror cannot be reached.
    """
    try:
        address = f"{mirror.url()}/dists/{release.codename}/InRelease"
        with urllib.request.urlopen(address, timeout=60) as answer:
            head = answer.read(4096).decode()
    except (OSError, mirror.NoMirror) as error:
        raise Fault(f"cannot reach Debian's mirror: {error}") from error
    fields = dict(re.findall(r"^(Version|Date): (.+)$", head, re.MULTILINE))
    return f"{release.codename} {fields.get('Version', '')} {fields['Date']}"


def date(state: str) -> int:
    """Return the date in what `state` returns, in seconds since 1970.

    >>> date("trixie 13.8 Sat, 18 Jul 2026 09:21:33 UTC")
    1784366493
    """
    text = re.sub(r"^.*?(?=\w{3}, )", "", state)
    return int(email.utils.parsedate_to_datetime(text).timestamp())


def unpack(folder: Path, release: Release, architecture: str, packages: tuple[str, ...]) -> None:
    """Unpack packages and all they depend on below `folder`, and run none of their scripts.

    So no binary of the other processor runs here, and it takes seconds where an emulated installation takes
    minutes. A download that breaks is tried once more, with a fresh index: a mirror that is being renewed has
    an index and packages of different days.

    Raises:
        Fault: it failed twice; packages that the mirror does not hold are named in one line.
    """
    try:
        command = [
            # Not --quiet: it keeps apt's reasons to itself, and names only the command that failed.
            find("mmdebstrap"),
            "--variant=extract",
            f"--architectures={architecture}",
            f"--include={','.join(packages)}",
            "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr",
            "--format=directory",
            # The indexes are large; a connection that breaks once should not end a build.
            "--aptopt=Acquire::Retries 5",
            release.codename,
            str(folder),
            mirror.source(release.codename),
        ]
    except mirror.NoMirror as error:
        raise Fault(str(error)) from error
    for last in (False, True):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if not done.returncode:
            return
        if not last and mirror.is_broken_download(done.stderr):
            say(f"Debian {release.number} {architecture}: a download broke; once more, with a fresh index")
            shutil.rmtree(folder, ignore_errors=True)
            command.insert(1, "--aptopt=Acquire::http::No-Cache true")
        else:
            break
    raise Fault(
        mirror.missing_line(done.stderr, f"Debian {release.number} {architecture}")
        or f"mmdebstrap for Debian {release.number} {architecture} failed:\n{done.stderr[-3000:]}"
    )


def command(folder: Path, program: str) -> list[str | Path]:
    """Return the beginning of a command: a program of another root for this machine's processor.

    Loader and libraries are that root's own, so those of this machine do not matter.
    """
    loader = next(folder.glob("usr/lib*/ld-linux-*.so.*"))
    libraries = ":".join(str(path) for path in (*folder.glob("usr/lib/*-linux-gnu"), folder / "usr/lib"))
    return [loader, "--library-path", libraries, folder / program]
