"""What a process loads that finds its templates ready, and what it does when it has to compile one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from .corpus import TEMPLATES
from .program import Program, build

ROOT = Path(__file__).parent.parent.parent
#: Jinja2's compiler with what it needs, what makes caches, and what is too heavy for a board.
NOT_NEEDED = {
    *("jinja2.compiler", "jinja2.parser", "jinja2.lexer", "jinja2.optimizer", "jinja2.idtracking"),
    *(
        "jinja2.visitor",
        "jinja2.debug",
        "jinja2._identifier",
        "jinja2.bccache",
        "jinja2.ext",
        "jinja2.sandbox",
    ),
    *("edgeweb.templating.build", "edgeweb.templating.compiling", "edgeweb.templating.writing"),
    *("edgeweb.templating.additions", "edgeweb.templating.strings", "edgeweb.commands.build"),
    *("hashlib", "_hashlib", "tempfile", "importlib.metadata", "inspect", "random", "ssl", "asyncio"),
}


def run(code: str, *arguments: str) -> Any:
    """Runs a program in a fresh interpreter; returns what it printed as JSON."""
    environment = {
        key: value
        for key, value in os.environ.items()
        if key not in ("TMPDIR", "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")
    }
    output = subprocess.check_output(
        [sys.executable, "-c", textwrap.dedent(code), *arguments], cwd=ROOT, env=environment, timeout=60
    )
    return json.loads(output)


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["sealed", "auto"])
def test_a_process_renders_without_the_compiler(program: Program, mode: str) -> None:
    for name in ("layout.html", "middle.html", "page.html", "part.html", "macros.html", "loops.html"):
        program.write(name, TEMPLATES[name].replace("continue", "set y = 1").replace("break", "set y = 2"))
    build(program.app())
    code = """
        import json, sys
        from pathlib import Path
        from edgeweb import Flask, render_template

        app = Flask("program", root_path=sys.argv[1])
        app.config["TEMPLATE_CACHE_MODE"] = sys.argv[2]

        @app.get("/")
        def page():
            values = {"items": ["a"], "numbers": {"b": 1}, "nested": [], "extra": {}, "layout_name": "x"}
            return render_template("page.html", **values) + render_template("loops.html", **values)

        environ = {
            "REQUEST_METHOD": "GET", "PATH_INFO": "/", "SERVER_NAME": "localhost", "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "localhost", "wsgi.url_scheme": "http",
            "wsgi.input": sys.stdin.buffer, "wsgi.errors": sys.stderr,
        }
        answers = []
        body = b"".join(app(environ, lambda status, headers: answers.append(status)))
        print(json.dumps([answers, len(body), sorted(sys.modules)]))
    """
    status, length, modules = run(code, str(program.folder), mode)
    assert (status, length > 100) == (["200 OK"], True)
    assert NOT_NEEDED.isdisjoint(modules)
    assert "jinja2.runtime" in modules and "edgeweb.templating.cache" in modules


def test_the_compiler_comes_with_the_first_template_that_needs_it(program: Program) -> None:
    """In many threads at once, by file and as text, while others render what is ready."""
    for number in range(8):
        program.write(f"ready{number}.html", f"{{{{ value }}}} ready {number}")
        program.write(
            f"late{number}.html", f"{{% for x in range(2) %}}{{{{ value }}}}{{% endfor %}} late {number}"
        )
    build(program.app(), exclude=["late*"])
    code = """
        import json, sys, threading
        from pathlib import Path
        from edgeweb import render_template, render_template_string
        from tests.templating.program import Program

        app = Program(Path(sys.argv[1])).app(TEMPLATE_CACHE_MODE="auto", TESTING=True)
        del sys.modules["edgeweb.templating.build"]  # which the tests' own module has imported
        with app.app_context():
            first = render_template("ready0.html", value=1)
        before = sorted(sys.modules)
        gate = threading.Barrier(24)
        pages = {}

        def work(number):
            gate.wait()
            with app.app_context():
                kind = number % 3
                if kind == 0:
                    pages[number] = render_template(f"late{number // 3}.html", value=2)
                elif kind == 1:
                    pages[number] = render_template(f"ready{number // 3}.html", value=2)
                else:
                    pages[number] = render_template_string("{{ value }} text " + str(number // 3), value=2)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(24)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        print(json.dumps([first, before, [pages.get(number) for number in range(24)], sorted(sys.modules)]))
    """
    first, before, pages, after = run(code, str(program.folder))
    assert first == "1 ready 0"
    compiler = {"jinja2.compiler", "jinja2.parser", "jinja2.lexer"}
    assert compiler.isdisjoint(before)
    assert pages == [
        page for number in range(8) for page in (f"22 late {number}", f"2 ready {number}", f"2 text {number}")
    ]
    assert compiler <= set(after)


@pytest.mark.slow
def test_templates_that_are_not_asked_for_take_no_memory(program: Program) -> None:
    """Memory after the first page, with one template in the program and with 400."""
    code = """
        import gc, json, sys, tracemalloc
        from pathlib import Path
        from edgeweb import render_template
        from edgeweb.commands import build  # all of it, so that nothing is imported later
        from tests.templating.program import Program

        app = Program(Path(sys.argv[1])).app(TEMPLATE_CACHE_MODE=sys.argv[2])
        # A first time in another program with its own cache: patterns, tables and the like are there then.
        warm = Program(Path(sys.argv[3])).app(TEMPLATE_CACHE_MODE=sys.argv[2])
        with warm.app_context():
            render_template("page0.html")
        gc.collect()
        tracemalloc.start()
        with app.app_context():
            render_template("page0.html")
        gc.collect()
        print(json.dumps(tracemalloc.get_traced_memory()[0]))
    """
    folders = []
    for count in (1, 400):
        part = Program(program.folder / f"of{count:03}")
        for number in range(count):
            part.write(f"page{number}.html", f"{{{{ {number} }}}}{{{{ value }}}}" * 20)
        build(part.app())
        folders.append(str(part.folder))
    for mode in ("sealed", "auto"):
        few, many = (run(code, folder, mode, folders[0]) for folder in folders)
        # Some figures are longer; two bytes for each of the others would be more.
        assert many - few < 2 * 399, (mode, few, many)
