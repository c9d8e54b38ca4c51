"""Written here: what stands in edgeweb and, word for word, in a package whose behaviour it has.

Behaviour, names and formats are Flask's, Werkzeug's and waitress's. Lines and sentences are our own. The
exceptions are listed with their reasons: texts that Flask's public suite matches as a whole, and lines that
PEP 3333 dictates. Parts of texts that the suite looks for are named beside the messages.

Lines count in runs of four and more, without signatures, imports, decorators and other short statements.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("flask", "werkzeug", "jinja2", "waitress", "itsdangerous", "click", "blinker")

#: File: how many lines may be the same, and why.
LINES = {
    "edgeweb/server/task.py": (8, "the WSGI environment and the use of exc_info, as PEP 3333 writes them"),
    "edgeweb/commands/warm.py": (4, "the WSGI environment, as PEP 3333 writes it"),
    "edgeweb/ctx/request.py": (3, "a request is made where none is given: two statements of the hot path"),
}
#: Sentence: who matches it.
SENTENCES = {
    "See https://flask.palletsprojects.com/blueprints/#templates": "Flask's suite, test_templating.py",
    "'static_folder' must be set to serve static_files.": "a public report that compares the messages",
    "Exception on {request.path} [{request.method}]": "Flask's suite, test_logging.py",
}

_RUN = 4
_LEAST = 3
# What a language or an interface dictates: parameters, headers of functions, plain assignments and the like.
_DICTATED = re.compile(
    r"""
      (def|class|except|@).* | \w+:\ .*, | \w+\.\w+ | [\w.]+\ =\ [\w.]+ | [\w.]+:\ t\.\w+.*  | return\ \w+
    | \w+\ =\ t\.TypeVar\(.*
    | (self|/|\w+|\*+\w*.*|\*), | [\])}].* | (else|try|finally): | pass | continue | raise | "[A-Z_]+":\ .*,
    """,
    re.VERBOSE,
)
_TEXTS = re.compile(r'"""(.*?)"""|(?<!\S)\#\s*(.+?)$|"((?:[^"\\\n]|\\.)*)"', re.DOTALL | re.MULTILINE)
_SHORTEST_SENTENCE = 46


def _lines(text: str) -> list[str]:
    lines = [" ".join(line.split()) for line in text.splitlines()]
    return [line for line in lines if len(line) > 3 and not line.startswith(("import ", "from ", "#"))]


def _runs(lines: list[str]) -> Iterator[tuple[str, ...]]:
    return zip(*(lines[start:] for start in range(_RUN)), strict=False)


def _sentences(text: str) -> Iterator[str]:
    for match in _TEXTS.finditer(text):
        for sentence in re.split(r"(?<=[.:])\s+", " ".join("".join(filter(None, match.groups())).split())):
            if len(sentence) >= _SHORTEST_SENTENCE:
                yield sentence


def _sources(folder: Path) -> dict[Path, str]:
    return {path: path.read_text(errors="replace") for path in sorted(folder.rglob("*.py"))}


@pytest.fixture(scope="module")
def theirs() -> list[str]:
    """The sources of the packages."""
    folders = [Path(str(spec.origin)).parent for name in PACKAGES if (spec := find_spec(name))]
    assert len(folders) == len(PACKAGES)
    return [text for folder in folders for text in _sources(folder).values()]


@pytest.fixture(scope="module")
def ours() -> dict[str, str]:
    return {path.relative_to(ROOT).as_posix(): text for path, text in _sources(ROOT / "edgeweb").items()}


def _same_lines(text: str, known: set[tuple[str, ...]]) -> list[str]:
    """The lines of a text that stand in runs which are known, without those that are dictated."""
    lines = _lines(text)
    same: set[int] = set()
    for start, run in enumerate(_runs(lines)):
        if run in known and sum(not _DICTATED.fullmatch(line) for line in run) >= _LEAST:
            same.update(range(start, start + _RUN))
    return [lines[number] for number in sorted(same) if not _DICTATED.fullmatch(lines[number])]


def test_lines_are_written_here(ours: dict[str, str], theirs: list[str]) -> None:
    known = {run for text in theirs for run in _runs(_lines(text))}
    same = {name: found for name, text in ours.items() if (found := _same_lines(text, known))}
    assert {name: lines for name, lines in same.items() if len(lines) > LINES.get(name, (0, ""))[0]} == {}


def test_sentences_are_written_here(ours: dict[str, str], theirs: list[str]) -> None:
    known = {sentence.lower() for text in theirs for sentence in _sentences(text)}
    same = {sentence for text in ours.values() for sentence in _sentences(text) if sentence.lower() in known}
    assert same <= SENTENCES.keys(), same


def test_exceptions_stay_few() -> None:
    assert sum(count for count, _ in LINES.values()) <= 80
    assert len(SENTENCES) <= 15


def test_a_copy_is_found(theirs: list[str]) -> None:
    """A passage of Flask, found in itself: the test above would see one."""
    text = next(text for text in theirs if "class SessionMixin" in text)
    assert len(_same_lines(text, set(_runs(_lines(text))))) > 50
    assert len(list(_sentences(text))) > 20
