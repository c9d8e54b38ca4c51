"""The keys of `[server.tls]`: what they are without a line, what they take, and who changes them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from edgeweb.device.config.errors import ProfileError
from edgeweb.device.config.profile import Profile
from edgeweb.device.config.settings import CHANGEABLE

MakeProfile = Callable[..., Profile]


def test_without_a_line_there_is_no_tls(make_profile: MakeProfile) -> None:
    assert make_profile()["server.tls"] == {"certificate": "", "key": "", "port": 8443, "http": "redirect"}


@pytest.mark.parametrize("line", [f'certificate = "{"a" * 4096}"', f'key = "{"a" * 4096}"', "port = 65535"])
def test_the_largest_values(make_profile: MakeProfile, line: str) -> None:
    make_profile(f"[server.tls]\n{line}\n")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f'certificate = "{"a" * 4097}"', "text of at most 4096 printable characters"),
        (f'key = "{"a" * 4097}"', "text of at most 4096 printable characters"),
        ("port = 65536", "a whole number from 0 to 65535"),
        ("port = -1", "a whole number from 0 to 65535"),
        ('http = "refuse"', "redirect"),
    ],
)
def test_faults(make_profile: MakeProfile, line: str, expected: str) -> None:
    with pytest.raises(ProfileError) as caught:
        make_profile(f"[server.tls]\n{line}\n")
    (fault,) = caught.value.faults
    assert fault.key == f"server.tls.{line.partition(' ')[0]}"
    assert expected in str(fault)


def test_none_is_a_setting() -> None:
    """Who is signed in must not choose whom browsers trust."""
    assert CHANGEABLE
    assert not [key for key in CHANGEABLE if key.startswith("server.tls")]
