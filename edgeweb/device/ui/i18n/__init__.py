"""The language of a page: what the person has chosen, else the browser's, from one catalogue a language."""

from __future__ import annotations

from importlib import import_module

from edgeweb import request

#: Code and own name; the first one is for everybody whose browser asks for none of them.
LANGUAGES = {"en": "English", "fr": "Français"}

COOKIE = "edgeweb_language"

#: Keys whose texts the script needs, too.
LIVE = "live."


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
        """What the script says, for the page to hand over."""
        return {key[len(LIVE) :]: text for key, text in self._texts.items() if key.startswith(LIVE)}


def catalogue(language: str) -> dict[str, str]:
    """All texts of a language. Raises `ModuleNotFoundError` for one that there is not."""
    # only the languages that somebody reads take memory
    texts: dict[str, str] = import_module(f".{language}", __name__).TEXTS
    return texts


def chosen() -> str:
    """The language of the current request."""
    kept: str = request.cookies.get(COOKIE, "")
    if kept in LANGUAGES:
        return kept
    return request.accept_languages.best_match(list(LANGUAGES)) or next(iter(LANGUAGES))
