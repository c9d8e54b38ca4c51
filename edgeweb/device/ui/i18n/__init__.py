"""The language of a page: the one that the person has chosen, else the browser's.

A language is one module here, named by its code. It has its own name (`NAME`), its texts with the forms of
numbers and dates (`texts`), and the rule of its plurals (`plural`). Texts and rule are loaded when a person
reads the language, and cost no memory before.

Where a text depends on a number, the number is its value `count`, and the text has a form for each category
of CLDR that the language distinguishes, behind its key: `factor.left.one`, `factor.left.other`. `plural`
chooses the form here, and `Intl.PluralRules` in the browser; a test compares them.

The device's own errors and reasons are in English, as the API and the log have them. Other languages have
their texts by the English ones (`reasons`), which are loaded when a person reads the first of them.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from edgeweb import request

from ...modules import module_names

#: For browsers that ask for none of the languages.
DEFAULT = "en"

#: Code: own name.
LANGUAGES: dict[str, str] = {
    code: import_module(f".{code}", __name__).NAME for code in module_names(__path__)
}

COOKIE = "edgeweb_language"

#: Prefixes of the keys whose texts the script needs as well. It knows them without the first.
LIVE = "live."
LIVE_TOO = ("day.", "sensor.")

_catalogues: dict[str, dict[str, str]] = {}
_plurals: dict[str, Callable[[int], str]] = {}
_reasons: dict[str, dict[str, str]] = {}


class Words:
    """The texts of one language: `words("channels.title")`.

    Values are put into a text as they are; the template escapes the whole. Raises `KeyError` for an unknown
    key: a page with a hole in it is worse than a test that fails.

    >>> Words("en")("live.offline", reason="no wire")
    'offline: no wire'
    >>> Words("en")("factor.left", count=1)
    '1 recovery code is left.'
    """

    __slots__ = ("_texts", "language")

    def __init__(self, language: str) -> None:
        self.language = language
        self._texts = catalogue(language)

    def __call__(self, key: str, /, **values: object) -> str:
        count = values.get("count")
        text = self._texts[f"{key}.{plural_of(self.language)(count)}" if isinstance(count, int) else key]
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", str(value))
        return text

    def reason(self, text: str) -> str:
        """Return an error or a reason of the device in this language; unchanged where it has no text for it.

        >>> Words("de").reason("led ACT does not answer: check the wiring and the supply of its chip")
        'led ACT antwortet nicht: Prüfen Sie Verkabelung und Stromversorgung des Chips'
        """
        for english, translation in reasons_of(self.language).items() if text else ():
            values = values_in(text, english)
            if values is not None:
                # a value may be a reason again: "... is offline: {reason}"
                return translation.format(*map(self.reason, values))
        return text

    def __contains__(self, key: str) -> bool:
        return key in self._texts

    def live(self) -> dict[str, str]:
        """Return the script's texts, for the page to hand over."""
        return {
            key.removeprefix(LIVE): text
            for key, text in self._texts.items()
            if key.startswith((LIVE, *LIVE_TOO))
        }


def catalogue(language: str) -> dict[str, str]:
    """Return all texts of a language. Raises `ModuleNotFoundError` for an unknown one."""
    if language not in _catalogues:
        module = import_module(f".{language}", __name__)
        _plurals[language] = module.plural()
        texts: dict[str, str] = module.texts()
        _catalogues[language] = texts
    return _catalogues[language]


def plural_of(language: str) -> Callable[[int], str]:
    """Return the rule of a language: the category of CLDR that a number has in it."""
    catalogue(language)
    return _plurals[language]


def reasons_of(language: str) -> dict[str, str]:
    """Return the texts of a language by the English reasons, the specific ones first; none for English."""
    if language not in _reasons:
        module = import_module(f".{language}", __name__)
        _reasons[language] = module.reasons() if hasattr(module, "reasons") else {}
    return _reasons[language]


def values_in(text: str, pattern: str) -> list[str] | None:
    """Return what stands in a text where the pattern has {}; None where it is another text.

    A regular expression for each pattern would take 1 KiB more of each.

    >>> values_in("led ACT is gone", "{} is gone"), values_in("led ACT is on", "{} is gone")
    (['led ACT'], None)
    """
    first, *parts = pattern.split("{}")
    if not parts:
        return [] if text == pattern else None
    if not text.startswith(first) or not text.endswith(parts[-1]):
        return None
    rest, values = text[len(first) : len(text) - len(parts[-1])], []
    for part in parts[:-1]:
        value, found, rest = rest.partition(part)
        if not value or not found:
            return None
        values.append(value)
    return [*values, rest] if rest else None


def chosen() -> str:
    """Return the language of the current request."""
    kept: str = request.cookies.get(COOKIE, "")
    if kept in LANGUAGES:
        return kept
    return request.accept_languages.best_match(list(LANGUAGES)) or DEFAULT
