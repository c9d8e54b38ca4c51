"""What `[vendor]` may say, and what is made of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from edgeweb.device.config.errors import ProfileError
from edgeweb.device.config.profile import Profile
from edgeweb.device.config.quantities import date_seconds
from edgeweb.device.config.vendor import notes, security_txt

MakeProfile = Callable[..., Profile]

VENDOR = """
[vendor]
contact = ["mailto:psirt@example.com", "https://example.com/report", "tel:+41-44-000-00-00"]
expires = 2027-06-30
languages = ["en", "de-CH"]
policy = "https://example.com/policy"
acknowledgments = "https://example.com/thanks"
encryption = ["openpgp4fpr:5f2de5521c63a801ab59ccb603d49de44b29100f"]
"""


def test_all_fields_of_the_file(make_profile: MakeProfile) -> None:
    assert security_txt(make_profile(VENDOR)["vendor"]).splitlines() == [
        "Contact: mailto:psirt@example.com",
        "Contact: https://example.com/report",
        "Contact: tel:+41-44-000-00-00",
        "Expires: 2027-06-30T23:59:59Z",
        "Encryption: openpgp4fpr:5f2de5521c63a801ab59ccb603d49de44b29100f",
        "Acknowledgments: https://example.com/thanks",
        "Policy: https://example.com/policy",
        "Preferred-Languages: en, de-CH",
    ]


def test_without_a_contact_there_is_no_file(make_profile: MakeProfile) -> None:
    assert security_txt(make_profile(VENDOR.replace("contact", "#"))["vendor"]) == ""


@pytest.mark.parametrize(
    ("line", "key", "expected"),
    [
        ('contact = "psirt@example.com"', "contact", "mailto:, https:// or tel:"),
        ('contact = "http://example.com"', "contact", "mailto:, https:// or tel:"),
        (r'contact = "mailto:a@example.com\nExpires: never"', "contact", "mailto:, https:// or tel:"),
        ('contact = "mailto:"', "contact", "mailto:, https:// or tel:"),
        ("contact = [1]", "contact", "mailto:, https:// or tel:"),
        ('contact = "mailto:a@example.com"', "expires", "because vendor.contact needs one"),
        ('expires = "2027-02-29"', "expires", "a day like"),
        ("expires = 2027-06-30T12:00:00Z", "expires", "a day like"),
        ("support_until = 2027", "support_until", "a day like"),
        ('languages = ["en_GB"]', "languages", "language tags"),
        ('policy = "mailto:a@example.com"', "policy", "https://"),
        ('encryption = "http://example.com"', "encryption", "https://, dns: or openpgp4fpr:"),
        (r'privacy = "a\u0007"', "privacy", "line breaks"),
        ("privacy = 1", "privacy", "line breaks"),
    ],
)
def test_faults_have_their_line(make_profile: MakeProfile, line: str, key: str, expected: str) -> None:
    with pytest.raises(ProfileError) as caught:
        make_profile(f"[vendor]\n{line}\n")
    fault = next(one for one in caught.value.faults if one.key == f"vendor.{key}")
    assert expected in str(fault)
    assert fault.line == (1 if "needs one" in expected else 2)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("1970-01-01T00:00:10Z", ""),
        ("2024-12-31T23:59:59Z", ""),
        ("2025-01-01T00:00:00Z", "vendor.expires = 2027-06-30 is more than a year away"),
        ("2026-06-29T23:59:58Z", "vendor.expires = 2027-06-30 is more than a year away"),
        ("2026-06-29T23:59:59Z", ""),
        ("2026-07-01T00:00:00Z", ""),
        ("2027-06-30T23:59:58Z", ""),
        ("2027-07-01T00:00:00Z", "vendor.expires = 2027-06-30 is past"),
    ],
)
def test_notes_of_the_date(make_profile: MakeProfile, now: str, expected: str) -> None:
    moment = date_seconds(now)
    assert moment is not None
    found = "".join(notes(make_profile(VENDOR)["vendor"], moment))
    assert found.startswith(expected) and bool(found) == bool(expected)
    assert list(notes(make_profile()["vendor"], moment)) == []


def test_a_text_of_several_lines(make_profile: MakeProfile) -> None:
    profile = make_profile('[vendor]\nprivacy = """\nFirst.\n\nÜber <b>uns</b>."""\n')
    assert profile["vendor.privacy"] == "First.\n\nÜber <b>uns</b>."
