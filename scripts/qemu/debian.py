"""Debian's packages: those that this machine needs for the work, and root file systems unpacked from them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import urllib.request
from pathlib import Path

from .boards import SUITE
from .progress import Fault, say

MIRROR = "http://deb.debian.org/debian"
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


def find(program: str) -> str:
    """Where a program is; the system folders count, too, which are not on everybody's path."""
    found = shutil.which(program, path=_PATH)
    if found is None:
        raise Fault(f"{program} is missing: apt install {PROGRAMS.get(program, program)}")
    return found


def missing_packages() -> list[str]:
    """The Debian packages that have to be installed before anything can be built or booted."""
    return sorted(
        {package for program, package in PROGRAMS.items() if shutil.which(program, path=_PATH) is None}
    )


def install_missing() -> None:
    """Installs what is missing, where this process may; else says what is missing."""
    packages = missing_packages()
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


def release() -> str:
    """What the suite is at now: its version and date. The packages change when these do.

    Raises:
        Fault: the mirror cannot be reached.
    """
    try:
        with urllib.request.urlopen(f"{MIRROR}/dists/{SUITE}/InRelease", timeout=60) as answer:
            head = answer.read(4096).decode()
    except OSError as error:
        raise Fault(f"cannot reach {MIRROR}: {error}") from error
    fields = dict(re.findall(r"^(Version|Date): (.+)$", head, re.MULTILINE))
    return f"{SUITE} {fields.get('Version', '')} {fields['Date']}"


def unpack(folder: Path, architecture: str, packages: tuple[str, ...]) -> None:
    """Unpacks packages and all they depend on below `folder`, and runs none of their scripts.

    So no binary of the other processor runs here, and it takes seconds where an emulated installation takes
    minutes.
    """
    command = [
        find("mmdebstrap"),
        "--quiet",
        "--variant=extract",
        f"--architectures={architecture}",
        f"--include={','.join(packages)}",
        "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr",
        "--format=directory",
        # The indexes are large; a connection that breaks once should not end a build.
        "--aptopt=Acquire::Retries 5",
        SUITE,
        str(folder),
        f"deb {MIRROR} {SUITE} main",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Fault(f"mmdebstrap for {architecture} failed:\n{done.stderr[-3000:]}")
