"""A small program with templates, in a folder of its own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from edgeweb import Blueprint, Flask
from edgeweb.templating.build import Builder
from edgeweb.templating.cache import cache_path
from edgeweb.templating.cachefile import CacheFile

#: Long enough ago that a file's time tells whether it has changed.
LONG_AGO_NS = 1_700_000_000 * 10**9


class Program:
    """`templates/` of an application, and `shop/templates/` of a blueprint."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(
        self, name: str, text: str | bytes, folder: str = "templates", mtime_ns: int = LONG_AGO_NS
    ) -> Path:
        """Writes a template, with a time that is the same each time unless it is given."""
        path = self.folder / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        os.utime(path, ns=(mtime_ns, mtime_ns))
        return path

    def app(
        self, blueprints: tuple[str, ...] = (), options: dict[str, Any] | None = None, **config: Any
    ) -> Flask:
        """The program as a new process would have it; `config` are configuration keys."""
        app = Flask("program", root_path=str(self.folder))
        app.config.update(config)
        app.jinja_options = options or {}
        for name in blueprints:
            path = self.folder / name
            app.register_blueprint(Blueprint(name, name, root_path=str(path), template_folder="templates"))
        return app


def build(app: Flask, strict: bool = False, **options: Any) -> Path:
    """Builds the cache of an application; returns its path. A template that is at fault fails the test."""
    path = cache_path(app)
    assert path is not None
    with app.app_context():
        builder = Builder(app, path, **options)
        assert [result.fault for result in builder.compile() if result.fault] == []
        builder.write(strict)
    return Path(path)


def render(app: Flask, name: str | list[str], /, **values: Any) -> str:
    """What a request for a page of this template gets."""
    from edgeweb import render_template

    with app.test_request_context():
        return render_template(name, **values)


def names_in(path: Path | str) -> set[str]:
    """The templates that a cache file has."""
    return {key.rpartition("\0")[2] for key, _ in CacheFile(str(path)).all()}
