"""The keys of `[vendor]`: who made the device, and what its maker has to publish. None is a setting.

Sources: RFC 9116 for `security.txt`; Regulation (EU) 2024/2847, Annex II, for the end of support.
"""

from __future__ import annotations

from .key import NOW, Key, table

#: Limits of the kind `matching`: the most texts, the pattern of one, and what one is.
_CONTACTS = (8, r"(?:mailto:|https://|tel:)[!-~]{1,250}", "addresses with mailto:, https:// or tel:")
_LINKS = (8, r"https://[!-~]{1,250}", "addresses with https://")
_KEYS = (8, r"(?:https://|dns:|openpgp4fpr:)[!-~]{1,250}", "addresses with https://, dns: or openpgp4fpr:")
#: Source: BCP 47, as far as languages of people need it.
_LANGUAGES = (16, r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,4}", "language tags such as en or pt-BR")

VENDOR = table(
    "vendor",
    Key(
        "contact",
        NOW,
        "matching",
        _CONTACTS,
        (),
        "Where to report a weakness, the best first, for /.well-known/security.txt; empty: there is none.",
    ),
    Key(
        "expires",
        NOW,
        "day",
        None,
        "",
        "Last day on which `contact` counts; it needs one, a year away at most.",
    ),
    Key("languages", NOW, "matching", _LANGUAGES, (), "Languages in which a report may be written."),
    Key("policy", NOW, "matching", _LINKS, (), "How reports of weaknesses are handled."),
    Key("acknowledgments", NOW, "matching", _LINKS, (), "Page that thanks those who reported one."),
    Key("encryption", NOW, "matching", _KEYS, (), "Key with which to encrypt a report."),
    Key("support_until", NOW, "day", None, "", "Last day of security updates, shown on the page About."),
    Key(
        "privacy",
        NOW,
        "lines",
        20_000,
        "",
        "What the device keeps of people, as a text that is linked from the page to sign in.",
    ),
)
