"""The Debian mirror that this machine's apt is set up with: images and containers come from the same place."""

from __future__ import annotations

import platform
import subprocess


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
        raise NoMirror(f"apt has no source of {codename or 'this release'} main: add one to /etc/apt/sources.list")
    return found[0].rstrip("/")


def source(release: str) -> str:
    """Return a line of sources.list for a Debian release, as in `deb http://mirror/debian trixie main`."""
    return f"deb {url()} {release} main"
