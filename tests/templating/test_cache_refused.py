"""Caches that are refused, with one line in the log, and then do no harm."""

from __future__ import annotations

import os

import pytest

from edgeweb.templating.cachefile import CacheFile

from .program import Program, build, render
from .test_trust import NOBODY


@pytest.mark.parametrize("mode", ["sealed", "auto"])
@pytest.mark.parametrize(
    "fault", ["mode", "folder", "owner", "damage", "cut", "other file", "folder in its place"]
)
def test_a_refused_cache_is_one_line_in_the_log(
    program: Program, compiled: list[str], caplog: pytest.LogCaptureFixture, fault: str, mode: str
) -> None:
    for name in ("one.html", "two.html"):
        program.write(name, name)
    path = build(program.app())
    if fault == "mode":
        path.chmod(0o666)
    elif fault == "folder":
        path.parent.chmod(0o777)
    elif fault == "owner":
        if os.geteuid() != 0:
            pytest.skip("only root can give a file to another user")
        os.chown(path, NOBODY, -1)
    elif fault == "damage":
        path.write_bytes(path.read_bytes().replace(b"jinja2: 3", b"jinja2: 2"))
    elif fault == "cut":
        os.truncate(path, path.stat().st_size - 1)
    elif fault == "other file":
        path.write_bytes(b"\x7fELF" * 1000)
    else:
        path.unlink()
        path.mkdir()
    app = program.app(TEMPLATE_CACHE_MODE=mode, TESTING=True)
    assert [render(app, name) for name in ("one.html", "two.html")] == ["one.html", "two.html"]
    assert compiled == ["one.html", "two.html"]
    (record,) = caplog.records
    assert f"The template cache {path} is not used: " in record.getMessage()


def test_code_that_is_damaged_is_compiled(program: Program, compiled: list[str]) -> None:
    program.write("page.html", "{{ value }}" * 20)
    path = build(program.app())
    data = bytearray(path.read_bytes())
    data[-30] ^= 1
    path.write_bytes(data)
    for mode in ("sealed", "auto"):
        app = program.app(TEMPLATE_CACHE_MODE=mode, TESTING=True)
        assert render(app, "page.html", value=1) == "1" * 20
    assert compiled == ["page.html"] * 2


def test_what_marshal_cannot_read_is_compiled(
    program: Program, compiled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check value is right, but the content is nothing that this version has written."""
    program.write("page.html", "{{ value }}")
    for code in (b"", b"c", b"\xff\xff", b"i\x07\0\0\0"):
        path = build(program.app())
        entries = {key: entry._replace(code=code) for key, entry in CacheFile(str(path)).all()}
        from edgeweb.templating.writing import update

        update(str(path), CacheFile(str(path)).stamp, entries)
        del compiled[:]
        assert render(program.app(TESTING=True), "page.html", value=1) == "1"
        assert compiled == ["page.html"]
