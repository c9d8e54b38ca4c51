"""The Debian mirror that this machine's apt is set up with, for images and containers."""

from __future__ import annotations

import platform
import re
import subprocess
from urllib.parse import unquote


class NoMirror(Exception):
    """Apt has no source of this machine's own Debian release; the text says what to do."""


def url() -> str:
    """Return the base address of the mirror, without a slash at the end.

    It is the place of the first source of this machine's own release, so a proxy or a local mirror that apt
    uses serves every other release and processor as well.

    Raises:
        NoMirror: there is no apt here, or none of its sources is of this release.

    Source: apt-get(8), "indextargets".
    """
    codename = platform.freedesktop_os_release().get("VERSION_CODENAME", "")
    command = ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"]
    command += [f"Release: {codename}", "Component: main"]
    try:
        found = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    except (OSError, subprocess.CalledProcessError) as error:
        raise NoMirror(f"apt-get indextargets failed: {error}. Images need a Debian with apt.") from error
    if not found:
        raise NoMirror(
            f"apt has no source of {codename or 'this release'} main: add one to /etc/apt/sources.list"
        )
    return found[0].rstrip("/")


def source(release: str) -> str:
    """Return a line of sources.list for a Debian release, as in `deb http://mirror/debian trixie main`."""
    return f"deb {url()} {release} main"


def options() -> list[str]:
    """Return mmdebstrap's options for what this machine's apt is set up to accept.

    The index of Debian testing expires after a week. A mirror that stands still serves an older one; where
    apt is set up to accept it here, apt in a new root accepts it, too. Signatures are checked in either case.

    Source: apt.conf(5), "Acquire::Check-Valid-Until".
    """
    command = ["apt-config", "shell", "CHECKED", "Acquire::Check-Valid-Until/b"]
    setting = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return ['--aptopt=Acquire::Check-Valid-Until "false"'] if "false" in setting else []


#: What apt writes of a download that failed, whatever the reason: the address, then the server's answer.
_FAILED = re.compile(r"Failed to fetch (\S+)\s+(.*)")


def is_broken_download(errors: str) -> bool:
    """Return whether apt failed at a download, so that trying again with a fresh index may help."""
    return bool(_FAILED.search(errors)) or "Hash Sum mismatch" in errors


def missing_line(errors: str, where: str) -> str:
    """Return one line that names the packages that the mirror does not hold; empty where it holds them all.

    >>> missing_line("E: Failed to fetch http://m/libc6_2%2bb1_armel.deb  404  Not Found", "Debian 13 armel")
    'Debian 13 armel: the mirror does not hold 1 package that its index lists: libc6 2+b1'
    """
    paths = {address for address, answer in _FAILED.findall(errors) if answer.startswith("404")}
    # A file is called PACKAGE_VERSION_ARCHITECTURE.deb.
    missing = sorted(" ".join(unquote(path.rpartition("/")[2]).split("_")[:2]) for path in paths)
    if not missing:
        return ""
    number = f"{len(missing)} package{'s' if len(missing) > 1 else ''}"
    return f"{where}: the mirror does not hold {number} that its index lists: {', '.join(missing)}"
