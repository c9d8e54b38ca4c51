"""`edgeweb build`: as it is called, on a terminal and in a pipe."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from edgeweb.templating.cachefile import CacheFile
from tests.templating.conftest import place as place  # the fixture

ROOT = Path(__file__).parent.parent.parent
APP = """
from edgeweb import Blueprint, Flask

app = Flask(__name__)
shop = Blueprint("shop", __name__, template_folder="shop")
app.register_blueprint(shop)
app.add_template_filter(str.title, "own")


def create_app():
    return app


class Wrapped:
    def __call__(self, environ, start_response):
        return app(environ, start_response)


wrapped = Wrapped()
"""


class Folder:
    """A program in its own folder, and the command in that folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        (path / "greenhouse.py").write_text(APP)
        self.write("templates/page.html", "{{ 'x'|own }}\n")
        self.write("shop/basket.html", "{{ value }}\n")
        self.cache = path / "__pycache__" / f"greenhouse.{sys.implementation.cache_tag}.templates"
        self.environment = {
            **{
                key: value
                for key, value in os.environ.items()
                if key not in ("TMPDIR", "PYTHONPYCACHEPREFIX")
            },
            "PYTHONPATH": str(ROOT),
        }

    def write(self, name: str, text: str) -> None:
        file = self.path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "edgeweb", "build", *arguments]

    def build(self, *arguments: str, app: str = "greenhouse:app") -> subprocess.CompletedProcess[str]:
        which = ["--app", app] if app else []
        return subprocess.run(
            self.command(*which, *arguments),
            cwd=self.path,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.fixture
def folder(place: Path) -> Iterator[Folder]:
    return Folder(place)


def test_a_line_for_each_template(folder: Folder) -> None:
    run = folder.build()
    assert (run.returncode, run.stderr) == (0, "")
    *templates, total, file = run.stdout.splitlines()
    sizes_and_time = r" *[\d,]+ B +[\d,]+ B +\d+\.\d ms  "
    assert [re.sub(sizes_and_time, "", line) for line in templates] == ["app: page.html", "shop: basket.html"]
    assert re.fullmatch(sizes_and_time + "2 templates", total)
    assert file == f"{folder.cache}: {folder.cache.stat().st_size:,} B"
    assert CacheFile(str(folder.cache)).entries == 2


def test_a_factory(folder: Folder) -> None:
    assert folder.build(app="greenhouse:create_app()").returncode == 0
    assert folder.cache.exists()


def test_faults_are_told_with_file_and_line_and_nothing_is_written(folder: Folder) -> None:
    folder.write("templates/bad.html", "\n{% if %}")
    folder.write("shop/worse.html", "{{ 1|nope }}")
    run = folder.build()
    assert run.returncode == 1
    assert run.stderr.splitlines() == [
        f"{folder.path}/templates/bad.html:2: Expected an expression, got 'end of statement block'",
        f"{folder.path}/shop/worse.html:1: No filter named 'nope'.",
        "edgeweb build: 2 faults; no cache was written",
    ]
    assert not folder.cache.exists()


def test_a_fault_leaves_the_cache_that_was_there(folder: Folder) -> None:
    folder.build()
    before = folder.cache.read_bytes()
    folder.write("templates/bad.html", "{% if %}")
    assert folder.build().returncode == 1
    assert folder.cache.read_bytes() == before


def test_check(folder: Folder) -> None:
    run = folder.build("--check")
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr == f"edgeweb build: there is no {folder.cache}; build it\n"
    assert not folder.cache.exists()

    folder.build()
    before = folder.cache.read_bytes()
    run = folder.build("--check")
    assert (run.returncode, run.stdout, run.stderr) == (0, f"{folder.cache} fits: 2 templates\n", "")

    folder.write("templates/page.html", "changed")
    folder.write("templates/new.html", "new")
    run = folder.build("--check")
    assert run.returncode == 1
    assert run.stderr.splitlines() == [
        "app: new.html is missing",
        "app: page.html has changed",
        f"edgeweb build: {folder.cache} does not fit the application; build it again",
    ]
    assert folder.cache.read_bytes() == before

    os.truncate(folder.cache, 100)
    assert folder.build("--check").stderr.endswith("it is not complete; build it again\n")


def test_check_sees_a_change_of_the_program(folder: Folder) -> None:
    folder.build()
    with open(folder.path / "greenhouse.py", "a") as file:
        file.write("app.jinja_env.trim_blocks = True\n")
    run = folder.build("--check")
    assert run.returncode == 1
    assert run.stderr.startswith("trim_blocks: False became True\n")


def test_list(folder: Folder) -> None:
    run = folder.build("--list")
    assert run.returncode == 0
    lines = [" ".join(line.split()) for line in run.stdout.splitlines()]
    assert lines == ["missing app: page.html", "missing shop: basket.html"]
    folder.build()
    folder.write("templates/page.html", "changed")
    folder.write("templates/new.html", "new")
    (folder.path / "shop" / "basket.html").unlink()
    lines = [re.sub(r"^.* B +", "", line).strip() for line in folder.build("--list").stdout.splitlines()]
    assert lines == ["missing  app: new.html", "changed  app: page.html", "gone     shop: basket.html"]


@pytest.mark.slow
def test_strict(folder: Folder) -> None:
    folder.write("templates/logo.png", "")
    (folder.path / "templates" / "logo.png").write_bytes(b"\x89PNG\xff\xfe")
    run = folder.build()
    assert run.returncode == 0
    assert run.stderr.startswith(f"{folder.path}/templates/logo.png: not a template: ")
    assert not CacheFile(str(folder.cache)).strict

    run = folder.build("--strict")
    assert run.returncode == 1
    assert run.stderr.endswith("edgeweb build: 1 fault; no cache was written\n")
    run = folder.build("--strict", "--exclude", "*.png")
    assert (run.returncode, run.stderr) == (0, "")
    assert CacheFile(str(folder.cache)).strict
    assert folder.build("--check", "--exclude", "*.png").returncode == 1
    assert folder.build("--check", "--strict", "--exclude", "*.png").returncode == 0


def test_a_loader_that_cannot_list_its_templates(folder: Folder) -> None:
    with open(folder.path / "greenhouse.py", "a") as file:
        file.write(
            "from jinja2 import FunctionLoader\nshop.jinja_loader = FunctionLoader(lambda name: None)\n"
        )
    note = "blueprint shop: jinja2.loaders.FunctionLoader cannot list its templates"
    run = folder.build()
    assert (run.returncode, run.stderr) == (0, f"{note}; they are compiled when they are asked for\n")
    assert folder.build("--strict").returncode == 1


def test_another_file(folder: Folder) -> None:
    output = folder.path / "out" / "my.cache"
    run = folder.build("--output", "out/my.cache")
    assert run.returncode == 0
    assert f'TEMPLATE_CACHE = "{output}"' in run.stderr
    assert CacheFile(str(output)).entries == 2 and not folder.cache.exists()
    assert folder.build("--check", "--output", "out/my.cache").returncode == 0
    with open(folder.path / "greenhouse.py", "a") as file:
        file.write('app.config["TEMPLATE_CACHE"] = "out/my.cache"\n')
    assert folder.build("--check").returncode == 0


def test_a_program_that_wants_no_cache(folder: Folder) -> None:
    with open(folder.path / "greenhouse.py", "a") as file:
        file.write('app.config["TEMPLATE_CACHE"] = None\n')
    run = folder.build()
    assert (run.returncode, run.stdout) == (1, "")
    assert "name a file with --output" in run.stderr


def test_a_place_that_is_not_trusted(folder: Folder) -> None:
    folder.path.chmod(0o777)
    run = folder.build()
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr == (
        f"edgeweb build: everybody can write to {folder.path}, a temporary folder; choose another place\n"
    )


@pytest.mark.parametrize(
    ("app", "message"),
    [
        ("greenhouse", "names no application"),
        ("nowhere:app", "there is no module 'nowhere'"),
        ("greenhouse:nothing", "has no 'nothing'"),
        ("greenhouse:shop", "is a Blueprint, not a WSGI application"),
        ("greenhouse:wrapped", "is a Wrapped, not an edgeweb.Flask"),
    ],
)
def test_what_is_no_application(folder: Folder, app: str, message: str) -> None:
    run = folder.build(app=app)
    assert run.returncode == 1
    assert message in run.stderr and len(run.stderr.splitlines()) == 1


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [("--device",), ("--check", "--list"), ("--nonsense",), ("page.html",)])
def test_a_wrong_command_line(folder: Folder, arguments: tuple[str, ...]) -> None:
    run = folder.build(*arguments)
    assert run.returncode == 2
    assert "usage: edgeweb build" in run.stderr


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [(), ("--device",)])
def test_the_device_application(folder: Folder, arguments: tuple[str, ...]) -> None:
    run = folder.build("--output", "device.cache", *arguments, app="")
    assert run.returncode == 0
    names = {key.rpartition("\0")[2] for key, _ in CacheFile(str(folder.path / "device.cache")).all()}
    templates = ROOT / "edgeweb" / "device" / "ui" / "templates"
    assert names == {str(path.relative_to(templates)) for path in templates.rglob("*") if path.is_file()}


def test_a_bar_on_a_terminal(folder: Folder) -> None:
    """On the error stream, and gone in the end; nothing of it is in the lines for each template."""
    terminal, other = pty.openpty()
    process = subprocess.Popen(
        folder.command("--app", "greenhouse:app"),
        cwd=folder.path,
        env=folder.environment,
        stdout=subprocess.PIPE,
        stderr=other,
        text=True,
    )
    output, _ = process.communicate(timeout=60)
    os.close(other)
    shown = os.read(terminal, 65536).decode()
    os.close(terminal)
    assert process.returncode == 0
    assert "[###############...............] 1/2 app: page.html" in shown
    assert "[##############################] 2/2 shop: basket.html" in shown
    assert shown.endswith("\r\x1b[K")
    assert "\x1b" not in output and "[#" not in output
