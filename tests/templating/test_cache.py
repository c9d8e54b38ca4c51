"""The three modes: what is read, what is looked at, what is compiled, and what is written."""

from __future__ import annotations

import logging
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from jinja2 import TemplateNotFound

from edgeweb import Flask
from edgeweb.templating import additions, cache, origin
from edgeweb.templating.cache import NotInCache, cache_path
from edgeweb.templating.cachefile import CacheFile

from .program import LONG_AGO_NS, Program, build, names_in, render
from .test_trust import NOBODY, as_root


@contextmanager
def nothing_is_looked_at(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Iterator[None]:
    """A look at anything in a template folder fails the test."""

    def guarded(real: Any) -> Any:
        def call(path: Any, *args: Any, **kwargs: Any) -> Any:
            if isinstance(path, str):
                assert "/templates/" not in f"{path}/", f"{real.__name__} of {path}"
            return real(path, *args, **kwargs)

        return call

    with monkeypatch.context() as patch:
        for module, name in ((os, "stat"), (os.path, "isfile"), (os.path, "isdir"), (os.path, "getmtime")):
            patch.setattr(module, name, guarded(getattr(module, name)))
        patch.setattr("builtins.open", guarded(open))
        yield


# --- which mode, which file ---------------------------------------------------------------------------------


def mode_of(app: Flask) -> str:
    return app.jinja_env.loader._cache_mode(app.jinja_env)  # type: ignore[union-attr, no-any-return]


def test_the_mode_where_nothing_is_said(program: Program) -> None:
    program.write("page.html", "x")
    assert mode_of(program.app()) == "auto"
    assert mode_of(program.app(DEBUG=True)) == "dev"
    assert mode_of(program.app(TEMPLATES_AUTO_RELOAD=True)) == "dev"
    assert mode_of(program.app(DEBUG=True, TEMPLATES_AUTO_RELOAD=False)) == "auto"
    shutil.rmtree(program.folder / "templates")
    assert mode_of(program.app()) == "sealed"
    program.write("page.html", "x", "shop/templates")
    assert mode_of(program.app(("shop",))) == "auto"


def test_debug_that_is_turned_on_later(program: Program) -> None:
    program.write("page.html", "x")
    app = program.app()
    assert mode_of(app) == "auto"
    app.debug = True
    assert mode_of(app) == "dev"


@pytest.mark.parametrize("mode", ["sealed", "auto", "dev"])
def test_the_mode_that_is_said(program: Program, mode: str) -> None:
    app = program.app(TEMPLATE_CACHE_MODE=mode, DEBUG=True)
    assert mode_of(app) == mode
    assert program.app(TEMPLATE_CACHE_MODE=mode).jinja_env.auto_reload == (mode == "dev")


def test_an_unknown_mode(program: Program) -> None:
    with pytest.raises(ValueError, match="TEMPLATE_CACHE_MODE is 'seald'; it can be 'sealed', 'auto', 'dev'"):
        mode_of(program.app(TEMPLATE_CACHE_MODE="seald"))


def test_the_keys_are_not_among_flasks_own() -> None:
    assert not [key for key in Flask.default_config if key.startswith("TEMPLATE_CACHE")]


def test_the_file(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, tag = str(program.folder), sys.implementation.cache_tag
    assert cache_path(program.app()) == f"{folder}/__pycache__/program.{tag}.templates"
    app = Flask("edgeweb.devi/ce", root_path=folder)
    assert cache_path(app) == f"{folder}/__pycache__/devi_ce.{tag}.templates"
    assert cache_path(program.app(TEMPLATE_CACHE="build/my.cache")) == f"{folder}/build/my.cache"
    assert cache_path(program.app(TEMPLATE_CACHE="/var/my.cache")) == "/var/my.cache"
    assert cache_path(program.app(TEMPLATE_CACHE=None)) is None
    monkeypatch.setattr(sys, "pycache_prefix", "/var/cache/python")
    assert cache_path(program.app()) == f"/var/cache/python{folder}/program.{tag}.templates"


def test_an_interpreter_that_keeps_no_code(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.implementation, "cache_tag", None)
    program.write("page.html", "{{ 1 }}")
    assert cache_path(program.app()) is None
    assert render(program.app(), "page.html") == "1"


# --- sealed -------------------------------------------------------------------------------------------------


def test_sealed_looks_at_no_template_folder(
    program: Program, compiled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    program.write("base.html", "<{% block body %}{% endblock %}>")
    program.write(
        "page.html", "{% extends 'base.html' %}{% block body %}{% include 'part.html' %}{% endblock %}"
    )
    program.write("part.html", "{{ value }}", "shop/templates")
    build(program.app(("shop",)))
    app = program.app(("shop",), TEMPLATE_CACHE_MODE="sealed")
    with nothing_is_looked_at(monkeypatch, program.folder):
        assert render(app, "page.html", value=1) == "<1>"
    assert compiled == []


def test_sealed_works_without_the_sources(program: Program, compiled: list[str]) -> None:
    program.write("page.html", "{{ value }}")
    build(program.app())
    shutil.rmtree(program.folder / "templates")
    assert render(program.app(), "page.html", value=1) == "1"
    assert compiled == []
    with pytest.raises(TemplateNotFound):
        render(program.app(), "other.html")


def test_sealed_does_not_see_a_change(program: Program) -> None:
    program.write("page.html", "old")
    build(program.app())
    program.write("page.html", "new")
    assert render(program.app(TEMPLATE_CACHE_MODE="sealed"), "page.html") == "old"


def test_sealed_compiles_what_came_later_with_one_warning(
    program: Program, compiled: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    program.write("page.html", "page")
    path = build(program.app())
    before = path.read_bytes()
    program.write("late.html", "late {{ value }}")
    app = program.app(TEMPLATE_CACHE_MODE="sealed")
    assert [render(app, "late.html", value=number) for number in (1, 2)] == ["late 1", "late 2"]
    assert compiled == ["late.html"]
    app.jinja_env.cache.clear()  # type: ignore[union-attr]
    render(app, "late.html")
    messages = [record.getMessage() for record in caplog.records]
    assert messages == [
        f"The sealed template cache {path} does not have 'late.html', which is compiled now."
        " Run edgeweb build where the application is installed."
    ]
    assert path.read_bytes() == before


def test_sealed_and_strict_does_not_compile(program: Program) -> None:
    program.write("page.html", "page")
    build(program.app(), strict=True)
    program.write("late.html", "late")
    app = program.app(TEMPLATE_CACHE_MODE="sealed")
    assert render(app, "page.html") == "page"
    with pytest.raises(NotInCache, match=r"does not have 'late.html'. Run edgeweb build"):
        render(app, "late.html")
    with pytest.raises(TemplateNotFound):
        render(app, "no.html")
    assert render(program.app(TEMPLATE_CACHE_MODE="auto"), "late.html") == "late"


def test_sealed_without_a_cache_says_so_once(program: Program, caplog: pytest.LogCaptureFixture) -> None:
    for name in ("one.html", "two.html"):
        program.write(name, name)
    app = program.app(TEMPLATE_CACHE_MODE="sealed")
    assert [render(app, name) for name in ("one.html", "two.html")] == ["one.html", "two.html"]
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert f"There is no template cache {cache_path(app)}" in record.getMessage()


def test_sealed_tells_why_a_cache_does_not_fit(program: Program, caplog: pytest.LogCaptureFixture) -> None:
    for name in ("one.html", "two.html"):
        program.write(name, name)
    build(program.app())
    app = program.app(TEMPLATE_CACHE_MODE="sealed", options={"trim_blocks": True})
    assert [render(app, name) for name in ("one.html", "two.html")] == ["one.html", "two.html"]
    (record,) = caplog.records
    assert "is for another program (trim_blocks: False became True)" in record.getMessage()


def test_sealed_asks_a_loader_that_the_cache_does_not_know(program: Program, compiled: list[str]) -> None:
    """A blueprint that was not registered when the cache was built keeps its place among the others."""
    program.write("page.html", "of early", "early/templates")
    program.write("page.html", "of late", "late/templates")
    build(program.app(("late",)))
    assert render(program.app(("late",), TEMPLATE_CACHE_MODE="sealed"), "page.html") == "of late"
    assert render(program.app(("early", "late"), TEMPLATE_CACHE_MODE="sealed"), "page.html") == "of early"


def test_sealed_with_another_folder_than_the_cache_was_built_for(program: Program) -> None:
    program.write("page.html", "own")
    program.write("page.html", "of the theme", "theme")
    build(program.app())
    app = program.app(TEMPLATE_CACHE_MODE="sealed")
    app.jinja_loader.searchpath.insert(0, str(program.folder / "theme"))  # type: ignore[union-attr]
    assert render(app, "page.html") == "of the theme"


# --- auto ---------------------------------------------------------------------------------------------------


def test_auto_uses_what_has_not_changed(program: Program, compiled: list[str]) -> None:
    program.write("page.html", "{{ value }}")
    build(program.app())
    assert render(program.app(), "page.html", value=1) == "1"
    assert compiled == []


def test_auto_does_not_read_a_source_with_the_same_size_and_time(
    program: Program, compiled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    program.write("page.html", "{{ value }}")
    build(program.app())
    monkeypatch.setattr(origin.Source, "data", lambda source: pytest.fail("read"))
    assert render(program.app(), "page.html", value=1) == "1"


@pytest.mark.parametrize(
    ("text", "mtime_ns", "expected"),
    [
        ("new {{ value }}", LONG_AGO_NS + 1, "new 1"),
        ("NEW {{ value }}", LONG_AGO_NS + 1, "NEW 1"),
        ("longer {{ value }}", LONG_AGO_NS, "longer 1"),
    ],
    ids=["time and size", "time", "size"],
)
def test_auto_compiles_what_has_changed(
    program: Program, compiled: list[str], text: str, mtime_ns: int, expected: str
) -> None:
    program.write("page.html", "old {{ value }}")
    build(program.app())
    program.write("page.html", text, mtime_ns=mtime_ns)
    assert render(program.app(), "page.html", value=1) == expected
    assert compiled == ["page.html"]
    # And keeps it, for the next process.
    assert render(program.app(), "page.html", value=1) == expected
    assert compiled == ["page.html"]


def test_auto_takes_the_same_content_at_another_time(
    program: Program, compiled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    program.write("page.html", "{{ value }}")
    build(program.app())
    program.write("page.html", "{{ value }}", mtime_ns=LONG_AGO_NS + 10**9)
    assert render(program.app(), "page.html", value=1) == "1"
    # The new time is noted: a third process need not read the source.
    monkeypatch.setattr(origin.Source, "data", lambda source: pytest.fail("read"))
    assert render(program.app(), "page.html", value=1) == "1"
    assert compiled == []


def test_a_source_that_is_too_fresh_is_told_by_its_content(program: Program, compiled: list[str]) -> None:
    """Within the grain of a file system's clock it can change and keep its time and size."""
    now = time.time_ns()
    program.write("page.html", "old", mtime_ns=now)
    build(program.app())
    program.write("page.html", "new", mtime_ns=now)
    assert render(program.app(), "page.html") == "new"


def test_auto_without_a_cache_makes_one(program: Program, compiled: list[str]) -> None:
    for name in ("one.html", "two.html"):
        program.write(name, name)
    assert render(program.app(), "one.html") == "one.html"
    path = program.folder / "__pycache__" / f"program.{sys.implementation.cache_tag}.templates"
    assert names_in(path) == {"one.html"}
    # It has not all of the application's templates, and does not say so.
    assert CacheFile(str(path)).origins == frozenset()
    assert render(program.app(TEMPLATE_CACHE_MODE="sealed"), "two.html") == "two.html"


@pytest.mark.parametrize("why", ["testing", "no bytecode", "None", "debug", "dev"])
def test_auto_writes_nothing_where_that_is_not_wanted(
    program: Program, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", why == "no bytecode")
    config: dict[str, dict[str, Any]] = {
        "testing": {"TESTING": True},
        "None": {"TEMPLATE_CACHE": None},
        "debug": {"DEBUG": True},
        "dev": {"TEMPLATE_CACHE_MODE": "dev"},
    }
    program.write("page.html", "{{ value }}")
    assert render(program.app(**config.get(why, {})), "page.html", value=1) == "1"
    assert os.listdir(program.folder) == ["templates"]


@as_root
def test_auto_in_a_read_only_tree(
    program: Program, compiled: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    """What is there is used, the rest is compiled in memory, and nobody is told off for it."""
    if not all(folder.stat().st_mode & 0o001 for folder in program.folder.parents):
        pytest.skip("another user cannot enter the folder of this checkout")
    for name in ("old.html", "same.html"):
        program.write(name, "old")
    path = build(program.app())
    before = path.read_bytes()
    program.write("old.html", "changed")
    os.seteuid(NOBODY)
    try:
        app = program.app()
        assert [render(app, name) for name in ("old.html", "same.html")] == ["changed", "old"]
    finally:
        os.seteuid(0)
    assert compiled == ["old.html"]
    assert (path.read_bytes(), os.listdir(path.parent), caplog.records) == (before, [path.name], [])


def test_auto_below_a_temporary_folder(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    if not any(folder.stat().st_mode & 0o002 for folder in tmp_path.parents):
        pytest.skip("the temporary folder of these tests is one that only we can write to")
    program = Program(tmp_path)
    program.write("page.html", "{{ value }}")
    assert render(program.app(), "page.html", value=1) == "1"
    assert os.listdir(tmp_path) == ["templates"]
    assert caplog.records == []


def test_auto_reads_what_another_process_has_built_meanwhile(program: Program, compiled: list[str]) -> None:
    for name in ("one.html", "two.html"):
        program.write(name, name)
    build(program.app())
    app = program.app()
    render(app, "one.html")
    program.write("two.html", "new")
    build(program.app())
    assert render(app, "two.html") == "new"
    assert compiled == []


def test_a_reloading_template_is_seen_to_change_in_auto(program: Program) -> None:
    program.write("page.html", "old")
    app = program.app(TEMPLATE_CACHE_MODE="auto", TEMPLATES_AUTO_RELOAD=True)
    build(program.app())
    assert render(app, "page.html") == "old"
    program.write("page.html", "changed")
    assert render(app, "page.html") == "changed"
    (program.folder / "templates" / "page.html").unlink()
    with pytest.raises(TemplateNotFound):
        render(app, "page.html")


def test_many_templates_are_written_in_few_batches(
    program: Program, compiled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    writes = []
    real = additions.update
    monkeypatch.setattr(additions, "update", lambda *args: writes.append(len(args[2])) or real(*args))
    for number in range(100):
        program.write(f"{number}.html", f"{number}")
    app = program.app()
    for number in range(100):
        render(app, f"{number}.html")
    path = cache_path(app)
    assert path is not None
    written = [sum(writes[: number + 1]) for number in range(len(writes))]
    assert sum(written) < 6 * 100 and len(writes) < 25
    app.jinja_env.loader.cache._additions.flush()  # type: ignore[union-attr]
    assert len(names_in(path)) == 100


def test_what_waits_is_written_when_the_application_goes(program: Program) -> None:
    import gc

    for number in range(7):
        program.write(f"{number}.html", f"{number}")
    app = program.app()
    for number in range(7):
        render(app, f"{number}.html")
    path = cache_path(app)
    assert path is not None and len(names_in(path)) < 7
    del app
    gc.collect()
    assert len(names_in(path)) == 7


def test_additions_wait_for_another_process_that_writes(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from .test_cachefile import entry

    busy = True

    def update(path: str, stamp: str, entries: dict[str, Any]) -> int:
        if busy:
            raise BlockingIOError
        written.extend(entries)
        return len(entries)

    written: list[str] = []
    monkeypatch.setattr(additions, "update", update)
    waiting = additions.Additions(str(place / "cache"))
    waiting.add("stamp", "one", entry(1))
    waiting.add("stamp", "two", entry(2))
    assert written == []
    busy = False
    waiting.flush()
    assert written == ["one", "two"]
    # Nothing of another environment's is mixed in, and what waits is bounded.
    busy = True
    waiting.add("stamp", "three", entry(3))
    waiting.add("another", "four", entry(4))
    monkeypatch.setattr(additions, "_MAX_WAITING", 1)
    busy = False
    waiting.flush()
    assert written == ["one", "two", "four"]
    busy = True
    waiting.add("another", "five", entry(5))
    busy = False
    waiting.flush()
    assert written == ["one", "two", "four"]


# --- dev ----------------------------------------------------------------------------------------------------


def test_dev_reads_sources_only(
    program: Program, compiled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    program.write("page.html", "old")
    build(program.app())
    monkeypatch.setattr(cache, "CacheFile", lambda path: pytest.fail("opened"))
    app = program.app(TEMPLATE_CACHE_MODE="dev")
    assert render(app, "page.html") == "old"
    program.write("page.html", "new", mtime_ns=LONG_AGO_NS + 10**9)
    assert render(app, "page.html") == "new"
    assert compiled == []  # by Jinja2 itself
