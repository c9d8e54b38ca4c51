"""`edgeweb build`: compile the templates where an application is installed, before a process needs them."""

from __future__ import annotations

import argparse
import os
import sys
import time
import typing as t
from collections.abc import Sequence

from ..app import Flask
from ..templating.build import Builder, NotBuildable
from ..templating.cache import cache_path
from ..templating.cachefile import CacheFile, Damaged
from ..templating.fingerprint import VersionUnknown
from ..templating.trust import Untrusted
from .application import AppError, load_app

DESCRIPTION = """\
Compile every template of an application and of its blueprints into one file, the template cache. A process
that finds its templates there starts faster, takes less memory, and never loads the compiler."""


def main(argv: Sequence[str]) -> int:
    """Run `edgeweb build ...`.

    Return 0 when the cache was written or, with --check, fits; 1 for a template that cannot be compiled or a
    cache that does not fit; 2 for a wrong command line. Faults go to stderr, a line each, with file and line.
    """
    options = make_parser().parse_args(argv)
    try:
        app = _app(options)
        path = os.path.abspath(options.output) if options.output else cache_path(app)
        if path is None:
            return _fail("the application sets TEMPLATE_CACHE to None; name a file with --output")
        # Extensions that an application adds to Jinja2 may use the current application.
        with app.app_context():
            builder = Builder(app, path, options.exclude)
            if options.list:
                return _list(builder)
            if options.check:
                return _check(builder, options.strict)
            code = _build(builder, options.strict)
        if code == 0 and path != cache_path(app):
            print(
                f'The application looks there when it is configured so: TEMPLATE_CACHE = "{path}"',
                file=sys.stderr,
            )
        return code
    except (AppError, NotBuildable, Untrusted, VersionUnknown, OSError) as error:
        return _fail(str(error))


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="edgeweb build", description=DESCRIPTION)
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--app", metavar="MODULE:APP", help='the application: "module:app" or "module:create_app()"'
    )
    which.add_argument("--device", action="store_true", help="this device's own application (the default)")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--check", action="store_true", help="write nothing; fail when the cache does not fit")
    what.add_argument(
        "--list", action="store_true", help="write nothing; list the templates and what the cache has"
    )
    parser.add_argument(
        "--output", metavar="FILE", help="the cache (default: TEMPLATE_CACHE, or beside the package)"
    )
    parser.add_argument(
        "--strict",
        action="store_true",
        help="let nothing be left out, and let a sealed process refuse a template that is not in the cache",
    )
    parser.add_argument(
        "--exclude",
        metavar="PATTERN",
        action="append",
        default=[],
        help="names of files in template folders that are no templates, like 'mail/*.txt'; may be repeated",
    )
    return parser


def _app(options: argparse.Namespace) -> Flask:
    if options.app:
        app = load_app(options.app)
    elif sys.platform == "win32":
        raise AppError("the device application needs Linux or macOS; name yours with --app MODULE:APP")
    else:
        from ..device import create_app

        app = create_app()
    if not isinstance(app, Flask):
        raise AppError(
            f"{options.app!r} is a {type(app).__name__}, not an edgeweb.Flask: name the application itself,"
            " not what is wrapped around it"
        )
    return app


def _fail(message: str) -> int:
    print(f"edgeweb build: {message}", file=sys.stderr)
    return 1


def _build(builder: Builder, strict: bool) -> int:
    before = time.perf_counter()
    bar = _Bar(len(builder))
    sizes = code_sizes = compiled = faults = 0
    for result in builder.compile():
        bar.clear()
        if result.fault:
            faults += 1
            print(result.fault, file=sys.stderr)
        elif result.note:
            faults += strict
            print(result.note, file=sys.stderr)
        else:
            compiled += 1
            sizes += result.size
            code_sizes += result.code_size
            times = f"{result.seconds * 1000:8.1f} ms"
            print(f"{result.size:9,} B {result.code_size:9,} B {times}  {result.label}", flush=True)
        bar.advance(result.label)
    bar.clear()
    for note in builder.unlisted:
        faults += strict
        print(f"{note}; they are compiled when they are asked for", file=sys.stderr)
    if faults:
        return _fail(f"{faults} {'fault' if faults == 1 else 'faults'}; no cache was written")
    size = builder.write(strict)
    seconds = time.perf_counter() - before
    print(f"{sizes:9,} B {code_sizes:9,} B {seconds * 1000:8.1f} ms  {compiled} templates")
    print(f"{builder.path}: {size:,} B")
    return 0


def _check(builder: Builder, strict: bool) -> int:
    try:
        file = CacheFile(builder.path)
    except FileNotFoundError:
        return _fail(f"there is no {builder.path}; build it")
    except Damaged as error:
        return _fail(f"{builder.path}: {error}; build it again")
    changes = list(builder.changes(file, strict))
    for change in changes:
        print(change, file=sys.stderr)
    if changes:
        return _fail(f"{builder.path} does not fit the application; build it again")
    print(f"{builder.path} fits: {file.entries} templates")
    return 0


def _list(builder: Builder) -> int:
    try:
        file = CacheFile(builder.path)
    except FileNotFoundError:
        file = None
    except Damaged as error:
        return _fail(f"{builder.path}: {error}; build it again")
    for label, state, entry in builder.states(file):
        sizes = f"{entry.size:9,} B {len(entry.code):9,} B" if entry else " " * 23
        print(f"{sizes}  {state:8} {label}")
    return 0


class _Bar:
    """A progress bar in the last line of a terminal; nothing without a terminal."""

    WIDTH = 30

    def __init__(self, total: int) -> None:
        self._total = total
        self._done = 0
        self._stream: t.TextIO | None = sys.stderr if total and sys.stderr.isatty() else None

    def advance(self, label: str) -> None:
        self._done += 1
        if self._stream:
            filled = self.WIDTH * self._done // self._total
            bar = "#" * filled + "." * (self.WIDTH - filled)
            # Without wrapping: of a second line the first part would not be cleared.
            self._stream.write(f"\x1b[?7l[{bar}] {self._done}/{self._total} {label}\x1b[?7h")
            self._stream.flush()

    def clear(self) -> None:
        if self._stream:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
