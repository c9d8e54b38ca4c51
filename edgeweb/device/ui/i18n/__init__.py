"""The language of a page: the one that the person has chosen, else the browser's.

A language is one module here, named by its code, with its own name (`NAME`) and its texts. The texts of a
language are loaded when a person reads it.
"""

from __future__ import annotations

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

#: Prefix of the keys whose texts the script needs as well.
LIVE = "live."

_catalogues: dict[str, dict[str, str]] = {}


class Words:
    """The texts of one language: `words("channels.title")`.

    Values are put into a text as they are; the template escapes the whole. Raises `KeyError` for an unknown
    key: a page with a hole in it is worse than a test that fails.

    >>> Words("en")("live.stale", seconds=5)
    'stale for 5 s'
    """

    __slots__ = ("_texts", "language")

    def __init__(self, language: str) -> None:
        self.language = language
        self._texts = catalogue(language)

    def __call__(self, key: str, /, **values: object) -> str:
        text = self._texts[key]
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", str(value))
        return text

    def __contains__(self, key: str) -> bool:
        return key in self._texts

    def live(self) -> dict[str, str]:
        """Return the script's texts, for the page to hand over."""
        return {key[len(LIVE) :]: text for key, text in self._texts.items() if key.startswith(LIVE)}


def catalogue(language: str) -> dict[str, str]:
    """Return all texts of a language. Raises `ModuleNotFoundError` for an unknown one."""
    if language not in _catalogues:
        texts: dict[str, str] = import_module(f".{language}", __name__).texts()
        _catalogues[language] = texts
    return _catalogues[language]


def chosen() -> str:
    """Return the language of the current request."""
    kept: str = request.cookies.get(COOKIE, "")
    if kept in LANGUAGES:
        return kept
    return request.accept_languages.best_match(list(LANGUAGES)) or DEFAULT
