"""The device's errors and reasons in other languages, which are found by the English ones."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

import edgeweb.device
from edgeweb.device.ui.i18n import DEFAULT, LANGUAGES, Words

DEVICE = Path(edgeweb.device.__file__).parent
OTHERS = sorted(LANGUAGES.keys() - {DEFAULT})

#: Where the device's errors and reasons come from.
ORIGINS = ("channels", "sensors", "system", "hardware", "access", "http", "storage", "mqtt", "operations.py")

#: Texts of SQLite, which the code does not have.
OF_SQLITE = (
    "database or disk is full",
    "disk I/O error",
    "unable to open database file",
    "attempt to write a readonly database",
    "database is locked",
)

#: Errors that only a program with a fault of its own can cause.
FOR_PROGRAMS = ("is not open", "not requested")

#: Texts that the device puts together of several ones.
WHOLE = (
    "/bin/blink ended with code 2: start it by hand as the user edgeweb to see why",
    "/bin/b ended with code 2, where 0 is on and 1 is off: start it by hand as the user edgeweb to see why",
    'Channel "lamp" is busy: it rests after a switch.',
    'Channel "lamp" stays off: another output of its group may be on.',
    'Channel "lamp" was on for its longest time: it goes off first, and on if you ask again.',
    '"Valve" is on. Switch it off first.',
    '"Valve" may be on. Switch it off first.',
)


def nodes() -> Iterator[ast.AST]:
    """All of the code that has reasons."""
    for name in ORIGINS:
        origin = DEVICE / name
        for file in origin.rglob("*.py") if origin.is_dir() else [origin]:
            if file.name == "outside.py":
                continue  # what it has to say of a package is for the one who writes that package
            yield from ast.walk(ast.parse(file.read_text()))


def text_of(node: ast.AST, value: str) -> str:
    """A text of the code, with `value` in place of each value; empty for other code."""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(one.value) if isinstance(one, ast.Constant) else value for one in node.values)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.sub(r"\{[^}]*\}", value, node.value)
    return ""


@pytest.mark.parametrize("language", OTHERS)
def test_the_texts_are_those_of_the_code(language: str) -> None:
    code = "\n".join(text_of(node, "{}") for node in nodes())
    code = "\n".join((code, *OF_SQLITE))
    texts = import_module(f"edgeweb.device.ui.i18n.{language}").reasons()
    for text, translation in texts.items():
        # the code may put a text together of several ones
        pieces = [piece.strip(' ".()') for piece in re.split(r"\{\}|: |, |\. ", text)]
        assert [piece for piece in pieces if piece not in code] == [], text
        values = {str(at) for at in range(text.count("{}"))}
        assert set(re.findall(r"\{(\d)\}", translation)) == values, text


@pytest.mark.parametrize("language", OTHERS)
def test_every_reason_has_a_text(language: str) -> None:
    names = (
        "DriverError",
        "ChannelOffline",
        "ChannelBusy",
        "Interlocked",
        "AccountError",
        "NotAllowed",
        "NoUpdate",
    )
    calls = [node for node in nodes() if isinstance(node, ast.Call) and node.args]
    raised = [text_of(call.args[0], "x") for call in calls if getattr(call.func, "id", "") in names]
    composed = ("x xx: start", 'Channel "x" x.', '"x" x. Switch')
    whole = [text for text in raised if text and not text.startswith(composed)]
    assert len(whole) > 15
    words = Words(language)
    missing = [text for text in (*whole, *WHOLE) if words.reason(text) == text]
    assert [text for text in missing if not text.endswith(FOR_PROGRAMS)] == []


def test_languages_have_the_same_reasons() -> None:
    found = [import_module(f"edgeweb.device.ui.i18n.{one}").reasons().keys() for one in OTHERS]
    assert all(keys == found[0] for keys in found)


def test_a_reason_within_an_error() -> None:
    text = 'Channel "led" is offline: its driver did not answer.'
    assert Words("en").reason(text) == text
    french = "Le canal «\u202fled\u202f» est hors ligne\u202f: son pilote n'a pas répondu."
    assert Words("fr").reason(text) == french
    assert Words("de").reason(text) == "Der Kanal „led“ ist offline: sein Treiber hat nicht geantwortet."
    assert Words("de").reason("of an unknown kind") == "of an unknown kind"
