"""`edgeweb footprint`: steps, the heaviest imports, and what cannot be weighed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edgeweb.commands import footprint

PROGRAM = """
from edgeweb import Flask

app = Flask(__name__)


@app.get("/")
def page():
    return "<p>page</p>"


@app.get("/api/figures")
def figures():
    import colorsys
    return {"one": 1}


@app.get("/api/closed")
def closed():
    return {"error": "refused, and so no answer to weigh"}, 401


@app.get("/<name>")
def named(name):
    raise AssertionError("this has a variable, and is not asked for")
"""


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "program.py").write_text(PROGRAM)
    monkeypatch.chdir(tmp_path)
    return "program:app"


def test_steps_grow_from_the_bare_interpreter_to_the_page(program: str) -> None:
    found = footprint.measure(program)
    steps = found["steps"]
    assert [step["step"] for step in steps] == [
        "interpreter",
        "server",
        "framework",
        "application",
        "first JSON: GET /api/figures",
        "first page: GET /",
    ]
    sizes = [step["dirty"] for step in steps]
    assert sizes == sorted(sizes)
    assert all(step["rss"] > step["dirty"] for step in steps)


def test_an_import_is_blamed_on_the_module_that_asks_for_it(program: str) -> None:
    asked_by = {name: asker for name, _, asker in footprint.measure(program)["modules"]}
    assert asked_by["colorsys"] == "program"
    assert asked_by["edgeweb.server.channel"] == "edgeweb.server.runner"
    assert asked_by["program"] == "edgeweb.commands.application"


def test_the_table_has_the_ten_heaviest(program: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert footprint.main(["--app", program]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split()[0] == "interpreter"
    heading = next(number for number, line in enumerate(lines) if line.startswith("heaviest imports"))
    sizes = [int(line.split()[1].replace(",", "")) for line in lines[heading + 1 :]]
    assert len(sizes) == footprint.HEAVIEST
    assert sizes == sorted(sizes, reverse=True)


def test_a_page_from_source_says_what_spares_its_weight(
    program: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert footprint.main(["--app", program]) == 0
    assert "edgeweb build" not in capsys.readouterr().out
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text("<p>{{ 1 }}</p>")
    text = PROGRAM.replace('return "<p>page</p>"', 'return render_template("page.html")')
    (tmp_path / "program.py").write_text(text.replace("import Flask", "import Flask, render_template"))
    assert footprint.main(["--app", program]) == 0
    assert "`edgeweb build` spares that" in capsys.readouterr().out


def test_programs_get_json(program: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert footprint.main(["--app", program, "--json"]) == 0
    assert set(json.loads(capsys.readouterr().out)) == {"steps", "modules"}


@pytest.mark.slow
def test_the_device_s_application_is_weighed_by_default() -> None:
    steps = [step["step"] for step in footprint.measure()["steps"]]
    # Answers, not refusals: the device is closed to strangers.
    assert steps[-2:] == ["first JSON: GET /api/v1/status", "first page: GET /"]
    assert len(steps) == 6


def test_a_program_that_fails_is_code_1_with_its_own_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert footprint.main(["--app", "nowhere:app"]) == 1
    assert "no module 'nowhere'" in capsys.readouterr().err
