"""The Debian releases that boards boot: data. A board is a release on a machine."""

from __future__ import annotations

from typing import NamedTuple

#: Modules in C, which the package index has no wheels of for 32-bit ARM: Debian's own, on every release.
COMPILED = ("python3-markupsafe", "python3-psutil")


class Release(NamedTuple):
    """One release of Debian.

    Attributes:
        codename: Its folder below `dists/` on a mirror.
        tag: Of its Python, in the names of compiled files.
        modules: The packages of Python modules that are as new as edgeweb needs, Flask's own among them; the
            others come as wheels.
        groups: What the script of the package udev makes, as no script runs here; 13 has them in sysusers.d.
    """

    number: str
    codename: str
    tag: str
    modules: tuple[str, ...] = COMPILED
    groups: tuple[str, ...] = ()

    @property
    def needs_wheels(self) -> bool:
        """Whether some of what edgeweb needs is too old in this release."""
        return self.modules == COMPILED


RELEASES = {
    release.number: release
    for release in (
        # The last one for ARMv6. Raspberry Pi OS "bookworm" has the same versions.
        Release("12", "bookworm", "cpython-311", groups=("input", "kvm", "render", "sgx")),
        Release(
            "13",
            "trixie",
            "cpython-313",
            (
                *COMPILED,
                *("python3-blinker", "python3-click", "python3-flask", "python3-itsdangerous"),
                *("python3-jinja2", "python3-waitress", "python3-werkzeug"),
            ),
        ),
    )
}
