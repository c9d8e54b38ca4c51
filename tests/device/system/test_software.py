"""What apt says of edgeweb, as Debian 12 (apt 2.6) and 13 (apt 3.0) print it, and what is made of it."""

from __future__ import annotations

import doctest
import os
from pathlib import Path

import pytest

from edgeweb.device.system import software
from edgeweb.device.system.command import CommandError
from edgeweb.device.system.software import (
    FOLDER,
    MAX_CHANGELOG,
    STATUS,
    Software,
    Update,
    is_security,
    parse_policy,
)

from ..packaged import NEWER, RELEASES, Apt, packaged, place

SECURITY = b"""edgeweb:
  Installed: 1.0.0
  Candidate: 1.2.0
  Version table:
     1.2.0 500
        500 file:/srv/r stable-security/main amd64 Packages
     1.1.0 500
        500 file:/srv/r stable/main amd64 Packages
 *** 1.0.0 500
        500 file:/srv/r stable/main amd64 Packages
        100 /var/lib/dpkg/status
"""
#: With `Pin: version 1.0.0` and `Pin-Priority: 1001`.
PINNED_BELOW = b"""edgeweb:
  Installed: 1.1.0
  Candidate: 1.0.0
  Version table:
     1.2.0 500
        500 file:/srv/r stable-security/main amd64 Packages
 *** 1.1.0 500
        500 file:/srv/r stable/main amd64 Packages
        100 /var/lib/dpkg/status
     1.0.0 1001
        500 file:/srv/r stable/main amd64 Packages
"""
PINNED = PINNED_BELOW.replace(b"Installed: 1.1.0", b"Installed: 1.0.0")
NOT_INSTALLED = b"""edgeweb:
  Installed: (none)
  Candidate: 1.1.0
  Version table:
     1.1.0 500
        500 file:/srv/r stable/main amd64 Packages
"""
NOT_PUBLISHED = b"""edgeweb:
  Installed: 1.0.0
  Candidate: 1.0.0
  Version table:
 *** 1.0.0 100
        100 /var/lib/dpkg/status
"""
GERMAN = b"""edgeweb:
  Installiert:           (keine)
  Installationskandidat: 1:1.1.0
  Versionstabelle:
     1:1.1.0 500
        500 http://packages.example.org stable/main armhf Packages
"""


@pytest.mark.parametrize(
    ("output", "newer"),
    [
        (NEWER, "1.1.0"),
        (SECURITY, "1.2.0"),
        (PINNED_BELOW, ""),
        (PINNED, ""),
        (NOT_INSTALLED, ""),
        (NOT_PUBLISHED, ""),
        (GERMAN, ""),
        (GERMAN.replace(b"(keine)", b"1:1.0.0"), "1:1.1.0"),
        (b"", ""),
        (b"\xff\x00garbage: x\n  : \n  a\n *** \n     500\n", ""),
    ],
)
def test_a_newer_version(output: bytes, newer: str) -> None:
    found = parse_policy(output).newer
    assert (found.version if found else "") == newer


def test_the_table() -> None:
    policy = parse_policy(SECURITY)
    assert (policy.installed, policy.candidate) == ("1.0.0", "1.2.0")
    assert policy.versions == (
        ("1.2.0", ("stable-security",)),
        ("1.1.0", ("stable",)),
        ("1.0.0", ("stable",)),
    )
    many = b"".join(b"     %d.0 500\n" % number for number in range(1000))
    assert len(parse_policy(SECURITY + many).versions) == 64


@pytest.mark.parametrize(
    ("suites", "releases", "expected"),
    [
        (("trixie-security",), b"", True),
        (("trixie", "trixie-security"), b"", True),
        (("trixie",), b"", False),
        (("stable",), RELEASES % b"edgeweb", False),
        (("stable",), RELEASES % b"edgeweb-security", True),
        (("stable",), RELEASES % b"Debian-Security", True),
        # another repository's label does not count
        (("other",), RELEASES % b"edgeweb-security", False),
        ((), b"\xff\n     release \n 1 a b/c d e\n     release l", False),
    ],
)
def test_security_is_in_the_name_or_the_label(
    suites: tuple[str, ...], releases: bytes, expected: bool
) -> None:
    assert is_security(suites, releases) is expected


@pytest.fixture
def apt() -> Apt:
    return Apt()


@pytest.fixture
def device(tmp_path: Path, apt: Apt) -> Software:
    return packaged(tmp_path, apt)


def test_what_is_offered(device: Software, apt: Apt) -> None:
    found = device.find()
    assert (found.packaged, found.reason, found.offered, found.security) == (True, "", "1.1.0", False)
    assert (found.versions, found.fetched) == (("1.1.0", "1.0.0"), 1000)
    assert (found.installed, found.is_newer("1.1.0"), found.is_newer("1.0.0")) == ("1.0.0", True, False)
    apt.releases = RELEASES % b"edgeweb-security"
    assert not device.find().security, "kept"


def test_apt_is_asked_again_when_something_has_changed(device: Software, apt: Apt, tmp_path: Path) -> None:
    device.find()
    device.find()
    assert apt.calls == [["apt-cache", "policy", "edgeweb"], ["apt-cache", "policy"]]
    os.utime(tmp_path / "var/lib/apt/lists", (2000, 2000))
    apt.answer = SECURITY
    found = device.find()
    assert (found.offered, found.security, found.fetched) == ("1.2.0", True, 2000)
    assert apt.calls[2:] == [["apt-cache", "policy", "edgeweb"]], "its suite says it already"
    os.utime(tmp_path / "var/lib/dpkg/status", (2000, 2000))
    device.find()
    assert len(apt.calls) == 4


def test_an_answer_that_failed_is_not_kept(device: Software, apt: Apt, tmp_path: Path) -> None:
    def fail(arguments: list[str]) -> bytes:
        raise CommandError("apt-cache: no")

    broken = Software(fail, str(tmp_path), f"{tmp_path}/{FOLDER}")
    for _ in range(2):
        with pytest.raises(CommandError):
            broken.find()


def test_only_the_own_repository_is_read_where_there_is_one(
    device: Software, apt: Apt, tmp_path: Path
) -> None:
    place(tmp_path, "etc/apt/sources.list.d/edgeweb.sources")
    device.find()
    options = [word for word in apt.calls[0] if word.startswith("Dir::")]
    assert options == [
        "Dir::Etc::sourcelist=/etc/apt/sources.list.d/edgeweb.sources",
        "Dir::Etc::sourceparts=/dev/null",
        "Dir::Cache::pkgcache=",
        "Dir::Cache::srcpkgcache=",
    ]


def test_the_stamp_of_apts_timer_comes_first(device: Software, tmp_path: Path) -> None:
    place(tmp_path, "var/lib/apt/periodic/update-success-stamp")
    os.utime(tmp_path / "var/lib/apt/periodic/update-success-stamp", (3000, 3000))
    assert device.find().fetched == 3000


def test_what_offers_nothing_says_why(device: Software, apt: Apt, tmp_path: Path) -> None:
    checkout = Software(apt, str(tmp_path)).find()
    assert (checkout.packaged, checkout.reason, checkout.offered) == (False, "no-package", "")
    (tmp_path / "usr/lib/systemd/system/edgeweb-update.service").unlink()
    assert (device.find().reason, device.find().offered) == ("no-unit", "1.1.0")
    apt.calls.clear()
    (tmp_path / "usr/bin/apt-cache").unlink()
    assert (device.find().packaged, device.find().reason) == (True, "no-apt")
    (tmp_path / "var/lib/dpkg/info/edgeweb.list").unlink()
    assert device.find().reason == "no-package"
    assert apt.calls == []


def test_the_changelog_is_bounded_and_clean(device: Software, tmp_path: Path) -> None:
    assert device.changelog() == []
    place(tmp_path, "usr/share/doc/edgeweb/NEWS.md", "# 1.0\n\n- It is new. \x1b[31m\x00\n")
    assert device.changelog() == ["# 1.0", "", "- It is new. \ufffd"]
    place(tmp_path, "usr/share/doc/edgeweb/NEWS.md", "x\n" * MAX_CHANGELOG)
    assert len(device.changelog()) == MAX_CHANGELOG / 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Update()),
        ("step=installing\nfrom=1.0.0\nto=1.1.0\n", Update("installing", "", "", "1.0.0", "1.1.0")),
        (
            "step=done\nresult=restored\nreason=not-ready\nfrom=1.0.0\nto=1.1.0\n",
            Update("done", "restored", "not-ready", "1.0.0", "1.1.0"),
        ),
        ("step=<b>\nresult=x=y\nreason\n=\nfrom=\x1b[1m1\n", Update("", "", "", "1", "")),
    ],
)
def test_the_status_of_the_update(device: Software, tmp_path: Path, text: str, expected: Update) -> None:
    place(tmp_path, STATUS, text)
    assert device.update() == expected


def test_the_example() -> None:
    assert doctest.testmod(software).failed == 0
