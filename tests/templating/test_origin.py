"""Where a template comes from: folders, loaders and names, and what the cache makes of them."""

from __future__ import annotations

import shutil
import traceback
from pathlib import Path
from typing import Any

import jinja2
import pytest
from jinja2 import BaseLoader, ChoiceLoader, DictLoader, FileSystemLoader, TemplateNotFound

from edgeweb import Flask
from edgeweb.templating.cache import cache_path
from edgeweb.templating.environment import DispatchingJinjaLoader

from .program import Program, build, names_in, render


def test_a_tree_that_was_moved(program: Program, compiled: list[str], place: Path) -> None:
    program.write("page.html", "{{ 1 }}\n{{ fail() }}")
    program.write("page2.html", "{{ value }}", "shop/templates")
    build(program.app(("shop",)))
    moved = place / "moved"
    moved.mkdir()
    for name in ("templates", "shop", "__pycache__"):
        shutil.move(program.folder / name, moved / name)
    for mode in ("sealed", "auto"):
        app = Program(moved).app(("shop",), TEMPLATE_CACHE_MODE=mode)
        assert render(app, "page2.html", value=1) == "1"

        def fail() -> None:
            raise RuntimeError("fault")

        with pytest.raises(RuntimeError) as caught:
            render(app, "page.html", fail=fail)
        frames = [(frame.filename, frame.lineno, frame.line) for frame in traceback.extract_tb(caught.tb)]
        assert (str(moved / "templates" / "page.html"), 2, "{{ fail() }}") in frames
        assert app.jinja_env.get_template("page.html").filename == str(moved / "templates" / "page.html")
    assert compiled == []


def test_application_before_blueprints_in_the_order_of_registration(program: Program) -> None:
    program.write("all.html", "of the application")
    for name in ("first", "second"):
        program.write("all.html", f"of {name}", f"{name}/templates")
        program.write("both.html", f"of {name}", f"{name}/templates")
        program.write(f"{name}.html", f"of {name}", f"{name}/templates")
    build(program.app(("second", "first")))
    for mode in ("sealed", "auto", "dev"):
        app = program.app(("second", "first"), TEMPLATE_CACHE_MODE=mode)
        pages = [render(app, f"{name}.html") for name in ("all", "both", "first", "second")]
        assert pages == ["of the application", "of second", "of first", "of second"]
    # Another order than the cache was built with: the order that is there counts.
    app = program.app(("first", "second"), TEMPLATE_CACHE_MODE="sealed")
    assert render(app, "both.html") == "of first"


def test_nested_blueprints_of_the_same_name(program: Program) -> None:
    from edgeweb import Blueprint

    def app() -> Flask:
        app = program.app(TEMPLATE_CACHE_MODE="sealed")
        for parent in ("shop", "blog"):
            outer = Blueprint(parent, "program", root_path=str(program.folder / parent))
            inner = Blueprint(
                "admin",
                "program",
                root_path=str(program.folder / parent / "admin"),
                template_folder="templates",
            )
            outer.register_blueprint(inner)
            app.register_blueprint(outer)
        return app

    for parent in ("shop", "blog"):
        program.write(f"{parent}.html", f"of {parent}", f"{parent}/admin/templates")
        program.write("same.html", f"of {parent}", f"{parent}/admin/templates")
    build(app())
    assert [render(app(), f"{name}.html") for name in ("shop", "blog", "same")] == [
        "of shop",
        "of blog",
        "of shop",
    ]


def test_the_folders_of_one_loader(program: Program, compiled: list[str]) -> None:
    program.write("page.html", "of the theme", "theme")
    program.write("page.html", "own")
    program.write("own.html", "only own")

    def app(mode: str, loader: type[BaseLoader]) -> Flask:
        app = program.app(TEMPLATE_CACHE_MODE=mode)
        folders = [str(program.folder / name) for name in ("theme", "templates")]
        app.jinja_loader = (
            FileSystemLoader(folders)
            if loader is FileSystemLoader
            else ChoiceLoader(map(FileSystemLoader, folders))
        )
        return app

    for loader in (FileSystemLoader, ChoiceLoader):
        build(app("sealed", loader))
        for mode in ("sealed", "auto"):
            pages = [render(app(mode, loader), f"{name}.html") for name in ("page", "own")]
            assert pages == ["of the theme", "only own"]
        assert compiled == []
    (program.folder / "theme" / "page.html").unlink()
    assert render(app("auto", FileSystemLoader), "page.html") == "own"


def test_loaders_that_have_to_be_asked(program: Program, compiled: list[str]) -> None:
    texts = {"dict.html": "{{ value }} of a dict"}

    class Themed(FileSystemLoader):
        """May look anywhere."""

    program.write("themed.html", "{{ value }} of a theme")

    def app(mode: str) -> Flask:
        app = program.app(TEMPLATE_CACHE_MODE=mode)
        app.jinja_loader = ChoiceLoader([DictLoader(texts), Themed(str(program.folder / "templates"))])
        return app

    build(app("sealed"))
    for mode in ("sealed", "auto"):
        del compiled[:]
        pages = [render(app(mode), f"{name}.html", value=1) for name in ("dict", "themed")]
        assert (pages, compiled) == (["1 of a dict", "1 of a theme"], [])
    texts["dict.html"] = "{{ value }} of another"
    assert render(app("sealed"), "dict.html", value=1) == "1 of another"
    assert compiled == ["dict.html"]


def test_a_loader_of_the_applications_own_class(program: Program, compiled: list[str]) -> None:
    class Loader(DispatchingJinjaLoader):
        def get_source(self, environment: Any, template: str) -> Any:
            return f"own {template}", None, None

    class App(Flask):
        def create_global_jinja_loader(self) -> DispatchingJinjaLoader:
            return Loader(self)

    app = App("program", root_path=str(program.folder))
    assert render(app, "page.html") == "own page.html"
    assert compiled == []


def test_a_bytecode_cache_that_the_program_brings_along_is_the_one(
    program: Program, compiled: list[str]
) -> None:
    program.write("page.html", "{{ 1 }}")
    used = []

    class Cache(jinja2.BytecodeCache):
        def load_bytecode(self, bucket: Any) -> None:
            used.append(bucket.key)

        def dump_bytecode(self, bucket: Any) -> None:
            used.append(bucket.key)

    assert render(program.app(options={"bytecode_cache": Cache()}), "page.html") == "1"
    assert len(used) == 2
    assert compiled == []


@pytest.mark.parametrize("name", ["a//page.html", "./a/page.html", "a/./page.html"])
def test_roundabout_names(program: Program, compiled: list[str], name: str) -> None:
    """They find the file, as in Flask, and are not mixed up with its own name."""
    program.write("a/page.html", "{{ self._TemplateReference__context.name }}")
    path = build(program.app())
    for mode in ("sealed", "auto"):
        app = program.app(TEMPLATE_CACHE_MODE=mode)
        assert render(app, name) == name
        assert render(app, "a/page.html") == "a/page.html"
    assert compiled == [name, name]
    assert names_in(path) == {"a/page.html"}


@pytest.mark.parametrize(
    "name", ["../secret.html", "a/../../secret.html", "..", "\0", "templates", "x" * 5000, ""]
)
def test_names_that_are_not_there(program: Program, name: str) -> None:
    program.write("page.html", "page")
    (program.folder / "secret.html").write_text("secret")
    build(program.app())
    for mode in ("sealed", "auto"):
        with pytest.raises(TemplateNotFound):
            render(program.app(TEMPLATE_CACHE_MODE=mode), name)
    assert names_in(program.folder / "__pycache__" / Path(str(cache_path(program.app()))).name) == {
        "page.html"
    }


def test_an_encoding_of_its_own(program: Program, compiled: list[str]) -> None:
    program.write("page.html", "Grün\r\n".encode("latin-1"))

    def app(mode: str) -> Flask:
        app = program.app(TEMPLATE_CACHE_MODE=mode)
        app.jinja_loader = FileSystemLoader(str(program.folder / "templates"), encoding="latin-1")
        return app

    build(app("sealed"))
    assert [render(app(mode), "page.html") for mode in ("sealed", "auto", "dev")] == ["Grün"] * 3
    assert compiled == []
