"""Windows and macOS, by what they lack: the framework, the commands, and those that cannot run."""

from __future__ import annotations

from pathlib import Path

import pytest

from .compat.program import run
from .templating.conftest import place as place  # the fixture

LAPTOP = Path(__file__).with_name("laptop.py")
SYSTEMS = ("macos", "windows")

_PROGRAM = """
import click
from edgeweb import Flask, flash, render_template, request, send_file, session
app = Flask(__name__)
app.secret_key = "k"

@app.route("/<int:number>", methods=["GET", "POST"])
def page(number):
    session["seen"] = number
    flash("once")
    return render_template("page.html", number=number, name=request.values.get("name"))

@app.get("/file")
def file():
    return send_file("app.py")

@app.cli.command()
def ask():
    client = app.test_client()
    page = client.post("/3", data={"name": "<ada>"})
    click.echo([page.status_code, page.text, "session" in page.headers["Set-Cookie"]])
    paths = "/file", "/static/a.txt", "/static/../app.py", "/no"
    click.echo([client.get(path).status_code for path in paths])
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A folder with a program."""
    # pytest's own folders are below a temporary one, and below that no cache is trusted.
    (tmp_path / "templates").mkdir()
    (tmp_path / "static").mkdir()
    (tmp_path / "app.py").write_text(_PROGRAM)
    (tmp_path / "static/a.txt").write_text("a")
    (tmp_path / "templates/page.html").write_text("<p>{{ number }} {{ name }}</p>")
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("system", SYSTEMS)
def test_the_framework_and_its_command_line(program: Path, system: str) -> None:
    done = run(["-P", LAPTOP, system, "-m", "edgeweb", "ask"], program)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["[200, '<p>3 &lt;ada&gt;</p>', True]", "[200, 200, 404, 404]"]
    done = run(["-P", LAPTOP, system, "-m", "edgeweb", "routes"], program)
    assert done.returncode == 0 and "/<int:number>" in done.stdout, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("system", SYSTEMS)
def test_every_module_of_the_framework_is_imported(program: Path, system: str) -> None:
    (program / "all.py").write_text(
        "import importlib, pathlib, edgeweb\n"
        "package = pathlib.Path(edgeweb.__path__[0])\n"
        "for path in sorted(package.rglob('*.py')):\n"
        "    parts = ('edgeweb', *path.relative_to(package).with_suffix('').parts)\n"
        "    if parts[1] not in ('device', 'server', 'commands', '__main__', '__init__')"
        " and parts[-1] not in ('__init__', 'pytest_plugin'):\n"
        "        importlib.import_module('.'.join(parts))\n"
    )
    done = run(["-P", LAPTOP, system, "all.py"], program)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_a_template_cache_without_locks_and_owners(program: Path) -> None:
    (program / "cache.py").write_text(
        "from edgeweb.templating import writing\n"
        "from edgeweb.templating.cachefile import CacheFile\n"
        "for stamp in ('first', 'second'):\n"
        "    writing.write('folder/cache', stamp, [], {})\n"
        "assert writing.update('folder/cache', 'second', {}) == 0\n"
        "print(CacheFile('folder/cache').stamp)\n"
    )
    done = run(["-P", LAPTOP, "windows", "cache.py"], program)
    assert (done.stdout, done.stderr) == ("second\n", "")
    assert [path.name for path in (program / "folder").iterdir()] == ["cache"]


@pytest.mark.slow
@pytest.mark.parametrize("system", SYSTEMS)
def test_templates_are_compiled(program: Path, place: Path, system: str) -> None:
    arguments = ("--app", "app:app", "--output", str(place / "cache"))
    done = run(["-P", LAPTOP, system, "-m", "edgeweb", "build", *arguments], program)
    assert done.returncode == 0 and "  1 templates" in done.stdout, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("system", SYSTEMS)
def test_doctor(program: Path, system: str) -> None:
    done = run(["-P", LAPTOP, system, "-m", "edgeweb", "doctor"], program)
    assert done.returncode == 0, done.stderr
    assert "A program that imports flask gets the real Flask" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("system", "command", "text"),
    [
        ("windows", "serve", "edgeweb serve needs Linux or macOS. Here, develop with 'edgeweb --app"),
        ("windows", "build", "edgeweb build: the device application needs Linux or macOS; name yours"),
        ("windows", "users", "edgeweb users needs Linux or macOS."),
        ("macos", "footprint", "edgeweb footprint needs Linux."),
    ],
)
def test_a_command_that_cannot_run_says_what_it_needs(
    program: Path, system: str, command: str, text: str
) -> None:
    done = run(["-P", LAPTOP, system, "-m", "edgeweb", command], program)
    assert (done.returncode, done.stdout) == (1, "") and done.stderr.startswith(text)
